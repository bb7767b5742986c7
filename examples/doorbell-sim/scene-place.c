/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What never moves: sky, hills, the neighbour's house with its window, the
 * garden, the lane and the porch floor. Drawn once a scene. */
#include "scene-paint.h"

#include <math.h>

#define PI 3.14159265358979
#define N_DASHES 9  /* of the lane, each half as far again as the last */
#define N_SLABS 11  /* of the path, two stones each */
#define N_POSTS 106 /* of the fence, the farthest first */

static void
paint_glow (DwBrush *brush, double x, double y, double radius, uint32_t rgb,
            double alpha)
{
  cairo_pattern_t *glow = cairo_pattern_create_radial (x, y, 0, x, y, radius);

  dw_brush_plain_stop (glow, 0, rgb, alpha);
  dw_brush_plain_stop (glow, 0.4, rgb, alpha * 0.4);
  dw_brush_plain_stop (glow, 1, rgb, 0);
  cairo_arc (brush->cr, x, y, radius, 0, 2 * PI);
  dw_brush_fill (brush, glow);
}

static void
paint_stars (DwBrush *brush, DwDice *dice)
{
  for (int i = 0; i < 130; i++)
    {
      double x = dw_dice_roll (dice, 0, STAGE_WIDTH);
      double y = dw_dice_roll (dice, 36, HORIZON - 40);

      cairo_arc (brush->cr, x, y, dw_dice_roll (dice, 0.5, 1.5), 0, 2 * PI);
      dw_brush_plain (brush, 0xf4f1e2, dw_dice_roll (dice, 0.2, 0.9));
      cairo_fill (brush->cr);
    }
  paint_glow (brush, 600, 104, 120, 0xcfd8f0, 0.35);
  cairo_arc (brush->cr, 600, 104, 24, 0, 2 * PI);
  dw_brush_plain (brush, 0xf3efdc, 1);
  cairo_fill (brush->cr);
  cairo_arc (brush->cr, 592, 99, 5, 0, 2 * PI);
  dw_brush_plain (brush, 0xd6d0b8, 0.8);
  cairo_fill (brush->cr);
  cairo_arc (brush->cr, 606, 112, 4, 0, 2 * PI);
  cairo_fill (brush->cr);
}

static void
paint_clouds (DwBrush *brush, DwDice *dice)
{
  for (int cloud = 0; cloud < 5; cloud++)
    {
      double x = 420 + 165 * cloud + dw_dice_roll (dice, -50, 50);
      double y = dw_dice_roll (dice, 62, 190), size = 1.25 - y / 260;

      for (int puff = 0; puff < 9; puff++)
        {
          double px = x + size * dw_dice_roll (dice, -78, 78);
          double py = y + size * dw_dice_roll (dice, -14, 8);
          double r = size * dw_dice_roll (dice, 20, 46);
          cairo_pattern_t *soft
              = cairo_pattern_create_radial (px, py - r / 3, 0, px, py, r);

          dw_brush_plain_stop (soft, 0, 0xffffff, 0.55);
          dw_brush_plain_stop (soft, 0.6, 0xfdf6ec, 0.25);
          dw_brush_plain_stop (soft, 1, 0xf6eadc, 0);
          cairo_arc (brush->cr, px, py, r, 0, 2 * PI);
          dw_brush_fill (brush, soft);
        }
    }
}

static void
paint_sky (DwBrush *brush, DwDice *dice)
{
  cairo_pattern_t *sky = cairo_pattern_create_linear (0, 0, 0, HORIZON);

  dw_brush_plain_stop (sky, 0, brush->is_night ? 0x060a1a : 0x5fa3dc, 1);
  dw_brush_plain_stop (sky, 0.6, brush->is_night ? 0x141c3c : 0xa9d0ea, 1);
  dw_brush_plain_stop (sky, 1, brush->is_night ? 0x3a3654 : 0xf7e6c8, 1);
  cairo_rectangle (brush->cr, 0, 0, STAGE_WIDTH, HORIZON + 4);
  dw_brush_fill (brush, sky);
  if (brush->is_night)
    paint_stars (brush, dice);
  else
    paint_clouds (brush, dice);
}

static void
paint_hills (DwBrush *brush, DwDice *dice)
{
  static const uint32_t colours[] = { 0xa3bcc0, 0x86a58c, 0x6a935c };

  for (int row = 0; row < 3; row++)
    {
      double height = 46 - 13 * row, phase = dw_dice_roll (dice, 0, 6);

      cairo_move_to (brush->cr, 0, HORIZON + 6);
      for (int x = 0; x <= 1280; x += 8)
        cairo_line_to (brush->cr, x,
                       HORIZON - height
                           + 9 * sin (x * 0.006 * (row + 1) + phase)
                           + (row == 2 ? 5 * sin (x * 0.11 + phase) : 0));
      cairo_line_to (brush->cr, STAGE_WIDTH, HORIZON + 6);
      cairo_close_path (brush->cr);
      dw_brush_colour (brush, colours[row], 0, 1);
      cairo_fill (brush->cr);
    }
}

static void
paint_ground (DwBrush *brush, DwDice *dice)
{
  cairo_t *cr = brush->cr;
  cairo_pattern_t *lawn
      = cairo_pattern_create_linear (0, HORIZON, 0, STAGE_HEIGHT);

  dw_brush_stop (brush, lawn, 0, 0x9dbb6a, 0, 1);
  dw_brush_stop (brush, lawn, 0.35, 0x78a551, 0.04, 1);
  dw_brush_stop (brush, lawn, 1, 0x568a3c, 0.2, 1);
  cairo_rectangle (cr, 0, HORIZON, STAGE_WIDTH, STAGE_HEIGHT - HORIZON);
  dw_brush_fill (brush, lawn);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (int i = 0; i < 2600; i++)
    {
      double depth = dw_dice_roll (dice, 0, 1);
      double d = 2.0 / (0.06 + depth), size = 14 / d;
      double x = dw_dice_roll (dice, 0, STAGE_WIDTH);
      double y = dw_project (0, 0, d).y;

      cairo_set_line_width (cr, 0.7 + 1.2 / d);
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, x + dw_dice_roll (dice, -0.5, 0.5) * size,
                     y - size * dw_dice_roll (dice, 0.5, 1.2));
      dw_brush_colour (brush, i % 3 ? 0x4d7f35 : 0x9cc063, 0.1, 0.5);
      cairo_stroke (cr);
    }
}

/* A line on the ground, across the view, `d` away. */
typedef struct
{
  double left, right, d;
} Edge;

static void
path_strip (DwBrush *brush, Edge near, Edge far)
{
  DwSpot spots[4]
      = { dw_project (near.left, 0, near.d), dw_project (near.right, 0, near.d),
          dw_project (far.right, 0, far.d), dw_project (far.left, 0, far.d) };

  dw_path_spots (brush, spots, 4);
}

static void
paint_lane (DwBrush *brush)
{
  cairo_t *cr = brush->cr;
  cairo_pattern_t *tar
      = cairo_pattern_create_linear (0, HORIZON, 0, STAGE_HEIGHT);

  path_strip (brush, (Edge){ 1.05, 4.35, 1.2 }, (Edge){ 1.05, 4.35, 400 });
  dw_brush_colour (brush, 0xc9c2b2, 0.1, 1);
  cairo_fill (cr);
  dw_brush_stop (brush, tar, 0, 0x9c9a98, 0, 1);
  dw_brush_stop (brush, tar, 0.3, 0x74757a, 0.04, 1);
  dw_brush_stop (brush, tar, 1, 0x5d5f66, 0.18, 1);
  path_strip (brush, (Edge){ 1.25, 4.15, 1.2 }, (Edge){ 1.25, 4.15, 400 });
  dw_brush_fill (brush, tar);
  dw_brush_colour (brush, 0xf1ecd8, 0.1, 0.85);
  for (int dash = 0; dash < N_DASHES; dash++)
    {
      double d = 1.6 * pow (1.5, dash);

      path_strip (brush, (Edge){ 2.66, 2.74, d },
                  (Edge){ 2.66, 2.74, d * 1.25 });
      cairo_fill (cr);
    }
}

static void
paint_path (DwBrush *brush, DwDice *dice)
{
  path_strip (brush, (Edge){ -1.0, 0.35, 2.2 }, (Edge){ -1.45, -0.35, 7.4 });
  dw_brush_colour (brush, 0x8d8268, 0.15, 1);
  cairo_fill (brush->cr);
  for (int row = 0; row < N_SLABS; row++)
    {
      double d = 2.6 + 0.47 * row;
      double t = (d - 2.2) / 5.2, u = (d + 0.40 - 2.2) / 5.2;
      double l = dw_mix (-0.95, -1.40, t), r = dw_mix (0.30, -0.40, t);
      double l2 = dw_mix (-0.95, -1.40, u), r2 = dw_mix (0.30, -0.40, u);
      double split = dw_dice_roll (dice, 0.35, 0.65), lit = 0.55 / d;
      uint32_t rgb = dw_dice_pick (dice, 2) ? 0xcfc3a6 : 0xbfb498;

      path_strip (brush, (Edge){ l, dw_mix (l, r, split) - 0.02, d },
                  (Edge){ l2, dw_mix (l2, r2, split) - 0.02, d + 0.40 });
      dw_brush_colour (brush, rgb, lit, 1);
      cairo_fill (brush->cr);
      path_strip (brush, (Edge){ dw_mix (l, r, split) + 0.02, r, d },
                  (Edge){ dw_mix (l2, r2, split) + 0.02, r2, d + 0.40 });
      dw_brush_colour (brush, rgb - 0x0a0a08, lit, 1);
      cairo_fill (brush->cr);
    }
}

static void
paint_fence (DwBrush *brush)
{
  cairo_t *cr = brush->cr;

  for (int rail = 0; rail < 2; rail++)
    {
      DwSpot rails[4] = { dw_project (4.6, 0.35 + 0.4 * rail, 3.8),
                          dw_project (4.6, 0.35 + 0.4 * rail, 60),
                          dw_project (4.6, 0.42 + 0.4 * rail, 60),
                          dw_project (4.6, 0.42 + 0.4 * rail, 3.8) };

      dw_path_spots (brush, rails, 4);
      dw_brush_colour (brush, 0xdcd8cc, 0.06, 1);
      cairo_fill (cr);
    }
  for (int post = 0; post < N_POSTS; post++)
    {
      double d = 40 - 0.34 * post;
      DwSpot foot = dw_project (4.58, 0, d), top = dw_project (4.58, 0.92, d);
      double half = 0.045 * FOCAL / d;

      cairo_move_to (cr, foot.x - half, foot.y);
      cairo_line_to (cr, top.x - half, top.y + half);
      cairo_line_to (cr, top.x, top.y - half);
      cairo_line_to (cr, top.x + half, top.y + half);
      cairo_line_to (cr, foot.x + half, foot.y);
      cairo_close_path (cr);
      dw_brush_colour (brush, 0xf7f4ea, 0.3 / d, 1);
      cairo_fill (cr);
    }
}

static void
paint_pane (DwBrush *brush, double x, double y, double width, double height)
{
  cairo_t *cr = brush->cr;
  cairo_pattern_t *glass
      = cairo_pattern_create_linear (x, y, x + width, y + height);

  cairo_rectangle (cr, x - 7, y - 7, width + 14, height + 14);
  dw_brush_colour (brush, 0xfbf8f0, 0.02, 1);
  cairo_fill (cr);
  dw_brush_plain_stop (glass, 0, brush->is_night ? 0xffd98a : 0x9fc3d6, 1);
  dw_brush_plain_stop (glass, 0.5, brush->is_night ? 0xffc765 : 0x5f8aa3, 1);
  dw_brush_plain_stop (glass, 1, brush->is_night ? 0xe09a3e : 0x466b82, 1);
  cairo_rectangle (cr, x, y, width, height);
  dw_brush_fill (brush, glass);
}

/* Somebody sits behind this window and was never asked. */
static void
paint_window (DwBrush *brush)
{
  cairo_t *cr = brush->cr;
  double x = WINDOW_X, y = WINDOW_Y, w = WINDOW_WIDTH, h = WINDOW_HEIGHT;

  paint_pane (brush, x, y, w, h);
  dw_brush_plain (brush, brush->is_night ? 0x5a3416 : 0x2c4353, 0.9);
  dw_path_ellipse (brush, x + 0.62 * w, y + 0.48 * h, 12, 14);
  cairo_fill (cr);
  dw_path_round (brush, x + 0.62 * w - 24, y + 0.66 * h, 48, 0.34 * h, 12);
  cairo_fill (cr);
  for (int side = 0; side < 2; side++)
    {
      double edge = side ? x + w : x, in = side ? -1 : 1;

      cairo_move_to (cr, edge, y);
      cairo_line_to (cr, edge + in * 30, y);
      cairo_curve_to (cr, edge + in * 26, y + 0.4 * h, edge + in * 12,
                      y + 0.6 * h, edge + in * 10, y + h);
      cairo_line_to (cr, edge, y + h);
      cairo_close_path (cr);
      dw_brush_plain (brush, brush->is_night ? 0xb5502e : 0xd9705a, 0.9);
      cairo_fill (cr);
    }
  dw_brush_colour (brush, 0xfbf8f0, 0.05, 1);
  cairo_rectangle (cr, x + w / 2 - 2.5, y, 5, h);
  cairo_rectangle (cr, x, y + 0.36 * h, w, 4);
  cairo_fill (cr);
  cairo_rectangle (cr, x - 12, y + h + 5, w + 24, 8);
  cairo_fill (cr);
}

static void
paint_neighbour (DwBrush *brush)
{
  cairo_t *cr = brush->cr;
  static const DwSpot roof[]
      = { { 74, 66 }, { 150, -40 }, { 392, -40 }, { 462, 66 } };

  cairo_rectangle (cr, 100, 60, 336, 330);
  dw_brush_colour (brush, 0xe8d6b4, 0.02, 1);
  cairo_fill (cr);
  cairo_set_line_width (cr, 1);
  dw_brush_colour (brush, 0xc8b48e, 0, 0.7);
  for (int row = 0; row < 26; row++)
    {
      cairo_move_to (cr, 100, 72 + 10 * row);
      cairo_line_to (cr, 436, 72 + 10 * row);
      cairo_stroke (cr);
    }
  dw_path_spots (brush, roof, 4);
  dw_brush_colour (brush, 0x9a4c3c, 0, 1);
  cairo_fill (cr);
  cairo_rectangle (cr, 74, 62, 388, 8);
  dw_brush_colour (brush, 0xf4efe2, 0.02, 1);
  cairo_fill (cr);
  paint_window (brush);
  paint_pane (brush, 346, 102, 58, 74);
  dw_brush_colour (brush, 0xfbf8f0, 0.05, 1);
  cairo_rectangle (cr, 373, 102, 4, 74);
  cairo_rectangle (cr, 346, 134, 58, 4);
  cairo_fill (cr);
}

static void
paint_cottage (DwBrush *brush)
{
  cairo_t *cr = brush->cr;
  static const DwSpot roof[]
      = { { 1042, 190 }, { 1092, 128 }, { 1290, 128 }, { 1300, 190 } };

  cairo_rectangle (cr, 1062, 186, 240, 110);
  dw_brush_colour (brush, 0xb9765a, 0, 1);
  cairo_fill (cr);
  dw_path_spots (brush, roof, 4);
  dw_brush_colour (brush, 0x5d5560, 0, 1);
  cairo_fill (cr);
  paint_pane (brush, 1100, 212, 34, 36);
  paint_pane (brush, 1176, 212, 34, 36);
}

static void
paint_floor (DwBrush *brush, DwDice *dice)
{
  cairo_t *cr = brush->cr;
  double edge = dw_project (0, 0, 2.5).y;

  cairo_rectangle (cr, 0, edge - 14, 850, STAGE_HEIGHT - edge + 14);
  dw_brush_colour (brush, 0x5e4732, 0.5, 1);
  cairo_fill (cr);
  for (int board = -9; board < 10; board++)
    {
      double left = board * 0.22, right = left + 0.21;
      uint32_t shade = dw_dice_pick (dice, 3) * 0x060504;

      if (dw_project (left, 0, 2.5).x > 850)
        break;
      path_strip (brush, (Edge){ left, fmin (right, 0.80), 1.2 },
                  (Edge){ left, fmin (right, 0.80), 2.5 });
      dw_brush_colour (brush, 0xb58a5e - shade, 0.62, 1);
      cairo_fill (cr);
    }
  path_strip (brush, (Edge){ -0.78, 0.22, 1.2 }, (Edge){ -0.72, 0.16, 2.3 });
  dw_brush_colour (brush, 0x6d5a48, 0.55, 1);
  cairo_fill (cr);
  path_strip (brush, (Edge){ -0.70, 0.14, 1.2 }, (Edge){ -0.66, 0.10, 2.24 });
  dw_brush_colour (brush, 0x8a7358, 0.6, 1);
  cairo_fill (cr);
  cairo_rectangle (cr, 0, edge - 14, 850, 14);
  dw_brush_colour (brush, 0x8c6a46, 0.5, 1);
  cairo_fill (cr);
}

void
dw_paint_place (DwBrush *brush, uint32_t seed)
{
  DwDice dice = dw_dice (seed, 0x91ace);

  paint_sky (brush, &dice);
  paint_hills (brush, &dice);
  paint_cottage (brush);
  paint_ground (brush, &dice);
  paint_neighbour (brush);
  paint_lane (brush);
  paint_fence (brush);
  paint_path (brush, &dice);
  dw_paint_hedge (brush, seed);
  paint_floor (brush, &dice);
  if (brush->is_night)
    paint_glow (brush, 1120, 640, 620, 0xffb45a, 0.10);
}
