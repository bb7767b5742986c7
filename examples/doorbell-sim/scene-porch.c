/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands before others: the hedge, and the porch around the camera; and
 * the tree, whose leaves move in the wind. */
#include "scene-paint.h"

#include <math.h>

#define PI 3.14159265358979

static void
paint_leaf (DwBrush *brush, double x, double y, double size, double angle)
{
  cairo_t *cr = brush->cr;

  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_rotate (cr, angle);
  cairo_move_to (cr, -size, 0);
  cairo_curve_to (cr, -size / 3, -size * 0.6, size / 3, -size * 0.6, size, 0);
  cairo_curve_to (cr, size / 3, size * 0.6, -size / 3, size * 0.6, -size, 0);
  cairo_restore (cr);
  cairo_fill (cr);
}

static void
paint_bush (DwBrush *brush, DwDice *dice, double left, double right, double top,
            double lit)
{
  static const uint32_t greens[] = { 0x2f5a2b, 0x3f7034, 0x52863f, 0x6b9d4d };
  DwSpot a = dw_project (left, 0, HEDGE_D),
         b = dw_project (right, top, HEDGE_D);
  int leaves = (int)((b.x - a.x) * (a.y - b.y) / 34);

  dw_path_round (brush, a.x, b.y, b.x - a.x, a.y - b.y + 4, 16);
  dw_brush_colour (brush, 0x2b5227, lit, 1);
  cairo_fill (brush->cr);
  for (int i = 0; i < leaves; i++)
    {
      double x = dw_dice_roll (dice, a.x + 3, b.x - 3);
      double t = dw_dice_roll (dice, 0, 1);
      unsigned shade = (unsigned)(3.99 * (1 - t) * dw_dice_roll (dice, 0, 1));

      dw_brush_colour (brush, greens[shade], lit, 0.95);
      paint_leaf (brush, x, dw_mix (b.y + 2, a.y - 2, t),
                  dw_dice_roll (dice, 4, 7), dw_dice_roll (dice, 0, PI));
    }
}

static void
paint_pillar (DwBrush *brush, double x)
{
  cairo_t *cr = brush->cr;
  DwSpot foot = dw_project (x, 0, HEDGE_D), top = dw_project (x, 1.25, HEDGE_D);
  double half = 0.19 * FOCAL / HEDGE_D;
  cairo_pattern_t *stone
      = cairo_pattern_create_linear (foot.x - half, 0, foot.x + half, 0);

  dw_brush_stop (brush, stone, 0, 0xd8d0c0, 0.08, 1);
  dw_brush_stop (brush, stone, 1, 0x9b9384, 0.06, 1);
  cairo_rectangle (cr, foot.x - half, top.y, 2 * half, foot.y - top.y + 4);
  dw_brush_fill (brush, stone);
  dw_path_round (brush, foot.x - half - 4, top.y - 7, 2 * half + 8, 9, 2);
  dw_brush_colour (brush, 0xe6dfd0, 0.08, 1);
  cairo_fill (cr);
  dw_path_ellipse (brush, foot.x, top.y - 15, 9, 9);
  cairo_fill (cr);
}

void
dw_paint_hedge (DwBrush *brush, uint32_t seed)
{
  DwDice dice = dw_dice (seed, 0x4ed9e);

  paint_bush (brush, &dice, -8.0, -1.95, 1.92, 0.05);
  paint_bush (brush, &dice, -0.1, 0.92, 0.95, 0.07);
  paint_pillar (brush, -1.80);
  paint_pillar (brush, -0.08);
}

static void
paint_post (DwBrush *brush, double x, double width)
{
  cairo_t *cr = brush->cr;
  cairo_pattern_t *wood = cairo_pattern_create_linear (x, 0, x + width, 0);

  dw_brush_stop (brush, wood, 0, 0xe9e3d6, 0.55, 1);
  dw_brush_stop (brush, wood, 0.55, 0xfaf6ec, 0.7, 1);
  dw_brush_stop (brush, wood, 1, 0xb9b1a2, 0.4, 1);
  cairo_rectangle (cr, x, 0, width, STAGE_HEIGHT);
  dw_brush_fill (brush, wood);
  cairo_set_line_width (cr, 2);
  dw_brush_colour (brush, 0x9c9484, 0.4, 0.6);
  for (int groove = 1; groove < 4; groove++)
    {
      cairo_move_to (cr, x + width * groove / 4, 62);
      cairo_line_to (cr, x + width * groove / 4, STAGE_HEIGHT);
      cairo_stroke (cr);
    }
}

static void
paint_beam (DwBrush *brush)
{
  cairo_t *cr = brush->cr;
  cairo_pattern_t *wood = cairo_pattern_create_linear (0, 0, 0, 44);

  dw_brush_stop (brush, wood, 0, 0xd9d2c3, 0.45, 1);
  dw_brush_stop (brush, wood, 0.75, 0xf7f2e6, 0.65, 1);
  dw_brush_stop (brush, wood, 1, 0xa49b8a, 0.35, 1);
  cairo_rectangle (cr, 0, 0, STAGE_WIDTH, 44);
  dw_brush_fill (brush, wood);
  cairo_rectangle (cr, 0, 44, STAGE_WIDTH, 6);
  dw_brush_colour (brush, 0x857c6c, 0.3, 1);
  cairo_fill (cr);
}

static void
paint_lantern (DwBrush *brush, double x)
{
  cairo_t *cr = brush->cr;
  static const DwSpot cage[]
      = { { -24, 84 }, { 24, 84 }, { 18, 144 }, { -18, 144 } };
  static const DwSpot hat[] = { { 0, 60 }, { 30, 86 }, { -30, 86 } };

  cairo_save (cr);
  cairo_translate (cr, x, 0);
  cairo_rectangle (cr, -2, 48, 4, 16);
  dw_brush_colour (brush, 0x2a2a2e, 0.3, 1);
  cairo_fill (cr);
  dw_path_spots (brush, cage, 4);
  dw_brush_plain (brush, brush->is_night ? 0xffdf9e : 0xdfe6e4, 1);
  cairo_fill_preserve (cr);
  cairo_set_line_width (cr, 4);
  dw_brush_colour (brush, 0x2a2a2e, 0.3, 1);
  cairo_stroke (cr);
  dw_path_ellipse (brush, 0, 116, 8, 15);
  dw_brush_plain (brush, brush->is_night ? 0xffffff : 0xf6e9c0, 1);
  cairo_fill (cr);
  dw_brush_colour (brush, 0x2a2a2e, 0.3, 1);
  dw_path_spots (brush, hat, 3);
  cairo_fill (cr);
  cairo_rectangle (cr, -20, 142, 40, 6);
  cairo_fill (cr);
  if (brush->is_night)
    {
      cairo_pattern_t *glow
          = cairo_pattern_create_radial (0, 114, 6, 0, 114, 170);

      dw_brush_plain_stop (glow, 0, 0xffe2a8, 0.75);
      dw_brush_plain_stop (glow, 0.3, 0xffc96f, 0.25);
      dw_brush_plain_stop (glow, 1, 0xffb54a, 0);
      cairo_arc (cr, 0, 114, 170, 0, 2 * PI);
      dw_brush_fill (brush, glow);
    }
  cairo_restore (cr);
}

static void
paint_pot (DwBrush *brush, DwDice *dice, double x, double y)
{
  static const uint32_t petals[] = { 0xe4572e, 0xf3a712, 0xd94f8a, 0xf5f0e6 };
  cairo_t *cr = brush->cr;
  cairo_pattern_t *clay = cairo_pattern_create_linear (x - 60, 0, x + 60, 0);
  uint32_t petal = petals[dw_dice_pick (dice, 4)];

  for (int i = 0; i < 90; i++)
    {
      dw_brush_colour (brush, i % 2 ? 0x3f7a38 : 0x5f9c48, 0.5, 1);
      paint_leaf (brush, x + dw_dice_roll (dice, -70, 70),
                  y - dw_dice_roll (dice, 4, 74), dw_dice_roll (dice, 9, 17),
                  dw_dice_roll (dice, -2.4, -0.7));
    }
  for (int i = 0; i < 16; i++)
    {
      double fx = x + dw_dice_roll (dice, -62, 62);
      double fy = y - dw_dice_roll (dice, 28, 88);

      dw_brush_colour (brush, petal, 0.6, 1);
      for (int leaf = 0; leaf < 5; leaf++)
        {
          dw_path_ellipse (brush, fx + 6.5 * cos (leaf * 2 * PI / 5),
                           fy + 6.5 * sin (leaf * 2 * PI / 5), 5.5, 5.5);
          cairo_fill (cr);
        }
      dw_path_ellipse (brush, fx, fy, 4, 4);
      dw_brush_colour (brush, 0xf7d154, 0.6, 1);
      cairo_fill (cr);
    }
  dw_brush_stop (brush, clay, 0, 0xc9714a, 0.5, 1);
  dw_brush_stop (brush, clay, 0.4, 0xdb8a5f, 0.6, 1);
  dw_brush_stop (brush, clay, 1, 0x8f4a2e, 0.4, 1);
  cairo_move_to (cr, x - 62, y);
  cairo_line_to (cr, x + 62, y);
  cairo_line_to (cr, x + 44, y + 150);
  cairo_line_to (cr, x - 44, y + 150);
  cairo_close_path (cr);
  dw_brush_fill (brush, clay);
  dw_path_round (brush, x - 68, y - 12, 136, 26, 5);
  dw_brush_colour (brush, 0xc87a52, 0.55, 1);
  cairo_fill (cr);
}

void
dw_paint_porch (DwBrush *brush, uint32_t seed)
{
  DwDice dice = dw_dice (seed, 0x90c4);

  paint_post (brush, -6, 62);
  paint_post (brush, 1226, 62);
  paint_pot (brush, &dice, 138, 612);
  paint_beam (brush);
  paint_lantern (brush, 1164);
}

/* Wind: two slow waves, so that it never quite repeats within a visit. */
static double
wind (double second, double phase)
{
  return sin (1.9 * second + phase) + 0.6 * sin (3.1 * second + 1.7 * phase);
}

static void
paint_trunk (DwBrush *brush, double sway)
{
  static const double branches[][2]
      = { { 846, 128 }, { 905, 70 }, { 975, 66 }, { 1035, 132 } };
  cairo_t *cr = brush->cr;

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  dw_brush_colour (brush, 0x5b4030, 0.02, 1);
  cairo_move_to (cr, 930, 316);
  cairo_curve_to (cr, 936, 260, 934, 220, 938 + sway, 170);
  cairo_line_to (cr, 952 + sway, 170);
  cairo_curve_to (cr, 952, 220, 954, 260, 962, 316);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_set_line_width (cr, 7);
  for (size_t i = 0; i < 4; i++)
    {
      cairo_move_to (cr, 945 + sway, 190);
      cairo_line_to (cr, branches[i][0] + 2 * sway, branches[i][1]);
      cairo_stroke (cr);
    }
}

void
dw_paint_tree (DwBrush *brush, uint32_t seed, double second)
{
  static const uint32_t greens[]
      = { 0x35632c, 0x477a36, 0x5a9142, 0x74a850, 0x95bf62 };
  DwDice dice = dw_dice (seed, 0x73ee);
  double sway = 3.2 * wind (second, 0);

  cairo_save (brush->cr);
  cairo_rectangle (brush->cr, TREE_X, TREE_Y, TREE_WIDTH, TREE_HEIGHT);
  cairo_clip (brush->cr);
  paint_trunk (brush, sway);
  for (int i = 0; i < 260; i++)
    {
      double angle = dw_dice_roll (&dice, 0, 2 * PI);
      double radius = sqrt (dw_dice_roll (&dice, 0, 1));
      double x = 945 + 122 * radius * cos (angle);
      double y = 132 + 88 * radius * sin (angle);
      double high = (220 - y) / 180, phase = dw_dice_roll (&dice, 0, 6);
      double tint
          = 2.2 - 2.4 * radius * sin (angle) + dw_dice_roll (&dice, -1, 1);
      int green = tint < 0 ? 0 : tint > 4 ? 4 : (int)tint;

      x += high * 2.4 * sway + 2.5 * wind (1.6 * second, phase);
      y += 1.6 * wind (1.4 * second, phase + 1);
      dw_path_ellipse (brush, x, y, dw_dice_roll (&dice, 9, 19),
                       dw_dice_roll (&dice, 7, 14));
      dw_brush_colour (brush, greens[green], 0.03, 0.93);
      cairo_fill (brush->cr);
    }
  cairo_restore (brush->cr);
}
