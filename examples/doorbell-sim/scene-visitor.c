/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The visitor: he comes out from behind the hedge, walks up the path, rings,
 * waits, and leaves. Drawn in metres, feet at the origin, y down; the head is
 * in scene-head.c. */
#include "scene-visitor.h"

#include <math.h>

#define PI 3.14159265358979

/* Stations of the way: behind the hedge, the garden gate, the bell. */
static const double way[3][2]
    = { { -2.5, 7.7 }, { -0.95, 7.45 }, { -0.30, 1.28 } };
#define GATE 0.22 /* of the way */

double
dw_visitor_enters (double ring_s)
{
  return ring_s - fmin (4.0, ring_s - DW_SCENE_EMPTY_S);
}

double
dw_visitor_leaves (double ring_s)
{
  return ring_s + 8.6;
}

static void
place (double u, DwPose *pose)
{
  int leg = u < GATE ? 0 : 1;
  double t = leg == 0 ? u / GATE : (u - GATE) / (1 - GATE);

  pose->x = dw_mix (way[leg][0], way[leg + 1][0], t);
  pose->d = dw_mix (way[leg][1], way[leg + 1][1], t);
  pose->stride = u * 8;
}

DwPose
dw_visitor_pose (double ring_s, double second)
{
  DwPose pose = { 0 };
  double enters = dw_visitor_enters (ring_s);
  double arrives = ring_s - fmin (0.7, 0.4 * (ring_s - enters));
  double turns = ring_s + 4.3, leaves = dw_visitor_leaves (ring_s);
  double u, phase = fmod (second, 3.1);

  if (second < turns)
    {
      u = (second - enters) / (arrives - enters);
      u = u < 0 ? 0 : u > 1 ? 1 : u;
      u = 1 - pow (1 - u, 1.35);
      pose.turn = 0.36 * (1 - dw_ramp (GATE - 0.1, GATE + 0.1, u));
      pose.walking = 1 - dw_ramp (0.9, 1, u);
    }
  else
    {
      u = 1
          - fmin (1, fmax (0, (second - turns - 0.5) / (leaves - turns - 0.5)));
      u = pow (u, 0.85);
      pose.turn = -dw_ramp (0, 0.7, second - turns);
      pose.turn += 0.36 * (1 - dw_ramp (GATE - 0.1, GATE + 0.1, u));
      pose.walking = 1 - dw_ramp (0.93, 1, u);
    }
  place (u, &pose);
  pose.reach = dw_ramp (ring_s - 0.5, ring_s - 0.1, second)
               * (1 - dw_ramp (ring_s + 0.6, ring_s + 1.3, second));
  pose.smile = dw_ramp (ring_s - 0.8, ring_s + 0.2, second);
  pose.blink = phase < 0.15 ? 1 - fabs (phase - 0.075) / 0.075 : 0;
  pose.sway = 0.008 * sin (second * 1.7) * (1 - pose.walking);
  return pose;
}

DwWearer
dw_wearer (uint32_t seed)
{
  static const uint32_t skins[][2] = { { 0xf3cdb0, 0xd79f7d },
                                       { 0xe6b48c, 0xc08658 },
                                       { 0xc68b5e, 0x9a6238 },
                                       { 0x8d5a3a, 0x633a22 },
                                       { 0xf7d9c4, 0xe0aa8e } };
  static const uint32_t hairs[]
      = { 0x2a1d17, 0x5a3a22, 0x8c5a2c, 0xc99a55, 0x1b1b20, 0x8d8d90 };
  static const uint32_t coats[][2]
      = { { 0x2f6f8f, 0x1c4860 }, { 0xb5532f, 0x7a331a },
          { 0x4d6b3c, 0x2f4525 }, { 0x6a4a86, 0x432c59 },
          { 0xc99a2e, 0x8e6817 }, { 0x39455a, 0x222a39 } };
  static const uint32_t scarves[]
      = { 0xe8d9b5, 0xc0392b, 0x2e86ab, 0xe0a030, 0x7fb069 };
  DwDice dice = dw_dice (seed, 0x715);
  DwWearer out;
  unsigned skin = dw_dice_pick (&dice, 5), coat = dw_dice_pick (&dice, 6);

  out.skin = skins[skin][0];
  out.skin_dark = skins[skin][1];
  out.coat = coats[coat][0];
  out.coat_dark = coats[coat][1];
  out.hair = hairs[dw_dice_pick (&dice, 6)];
  out.scarf = scarves[dw_dice_pick (&dice, 5)];
  out.head = (DwHeadwear)dw_dice_pick (&dice, 4);
  out.has_beard = dw_dice_pick (&dice, 3) == 0 && out.head != DW_HEAD_LONG;
  out.has_glasses = dw_dice_pick (&dice, 3) == 0;
  out.has_parcel = dw_dice_pick (&dice, 2) == 0;
  out.trousers = dw_dice_pick (&dice, 2) ? 0x3c4757 : 0x5b4a3a;
  return out;
}

/* A limb of two straight pieces. */
static void
paint_limb (DwBrush *brush, const DwSpot joints[3], double width, uint32_t rgb,
            double lit)
{
  cairo_t *cr = brush->cr;

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, width);
  for (int i = 0; i < 3; i++)
    cairo_line_to (cr, joints[i].x, joints[i].y);
  dw_brush_colour (brush, rgb, lit, 1);
  cairo_stroke (cr);
}

/* Seen from the front a step is a leg that gets shorter and comes back. */
static void
paint_legs (DwBrush *brush, const DwWearer *wearer, const DwPose *pose,
            double lit)
{
  double spread = fabs (cos (pose->turn * PI)) * 0.5 + 0.5;

  for (int side = -1; side <= 1; side += 2)
    {
      double swing = sin (pose->stride * PI) * side * pose->walking;
      double lift = 0.10 * fmax (0, swing);
      double across = sin (pose->turn * PI) * swing * 0.28;
      DwSpot leg[3] = { { side * 0.085 * spread, -0.86 },
                        { side * 0.09 * spread + across / 2, -0.48 - lift / 2 },
                        { side * 0.095 * spread + across, -0.09 - lift } };

      paint_limb (brush, leg, 0.155, wearer->trousers, lit);
      dw_path_round (brush, leg[2].x - 0.065, leg[2].y - 0.01, 0.13, 0.10,
                     0.04);
      dw_brush_colour (brush, 0x2b221d, lit, 1);
      cairo_fill (brush->cr);
    }
}

static void
paint_coat (DwBrush *brush, const DwWearer *wearer, const DwPose *pose,
            double lit)
{
  cairo_t *cr = brush->cr;
  double slim = 0.78 + 0.22 * fabs (cos (pose->turn * PI));
  cairo_pattern_t *pattern = cairo_pattern_create_linear (-0.2, 0, 0.24, 0);

  dw_brush_stop (brush, pattern, 0, wearer->coat, lit, 1);
  dw_brush_stop (brush, pattern, 0.45, wearer->coat, lit * 1.1, 1);
  dw_brush_stop (brush, pattern, 1, wearer->coat_dark, lit, 1);
  cairo_save (cr);
  cairo_scale (cr, slim, 1);
  cairo_move_to (cr, -0.07, -1.47);
  cairo_curve_to (cr, -0.15, -1.45, -0.21, -1.44, -0.225, -1.36);
  cairo_curve_to (cr, -0.20, -1.15, -0.175, -1.05, -0.19, -0.80);
  cairo_curve_to (cr, -0.08, -0.77, 0.08, -0.77, 0.19, -0.80);
  cairo_curve_to (cr, 0.175, -1.05, 0.20, -1.15, 0.225, -1.36);
  cairo_curve_to (cr, 0.21, -1.44, 0.15, -1.45, 0.07, -1.47);
  cairo_close_path (cr);
  dw_brush_fill (brush, pattern);
  cairo_restore (cr);
  if (cos (pose->turn * PI) < 0.2)
    return;
  cairo_set_line_width (cr, 0.008);
  cairo_move_to (cr, 0.08 * sin (pose->turn * PI), -1.40);
  cairo_line_to (cr, 0.10 * sin (pose->turn * PI), -0.79);
  dw_brush_colour (brush, wearer->coat_dark, lit, 1);
  cairo_stroke (cr);
  for (int i = 0; i < 4; i++)
    {
      dw_path_ellipse (brush, 0.022 + 0.1 * sin (pose->turn * PI),
                       -1.30 + 0.14 * i, 0.010, 0.010);
      dw_brush_colour (brush, 0xe9dcc0, lit, 1);
      cairo_fill (cr);
    }
  for (int side = -1; side <= 1; side += 2)
    {
      cairo_move_to (cr, side * 0.07, -1.02);
      cairo_line_to (cr, side * 0.145, -1.05);
      dw_brush_colour (brush, wearer->coat_dark, lit, 1);
      cairo_stroke (cr);
    }
}

/* A hand that hangs, its back to us: palm, fingers, thumb towards `side`. */
static void
paint_hand (DwBrush *brush, const DwWearer *wearer, DwSpot at, int side,
            double size, double lit)
{
  cairo_t *cr = brush->cr;
  cairo_pattern_t *pattern = cairo_pattern_create_linear (
      at.x - size, at.y - size, at.x + size, at.y + 1.6 * size);

  dw_brush_stop (brush, pattern, 0, wearer->skin, lit * 1.1, 1);
  dw_brush_stop (brush, pattern, 1, wearer->skin_dark, lit, 1);
  dw_path_round (brush, at.x - 0.78 * size, at.y - 0.9 * size, 1.56 * size,
                 1.9 * size, 0.6 * size);
  for (int finger = 0; finger < 4; finger++)
    dw_path_round (brush, at.x - (0.78 - 0.39 * finger) * size,
                   at.y + 0.2 * size, 0.42 * size,
                   (finger == 0 || finger == 3 ? 1.25 : 1.5) * size,
                   0.2 * size);
  dw_path_round (brush, at.x - side * 0.95 * size - 0.2 * size,
                 at.y - 0.3 * size, 0.42 * size, 1.2 * size, 0.2 * size);
  dw_brush_fill (brush, pattern);
  cairo_set_line_width (cr, 0.10 * size);
  dw_brush_colour (brush, wearer->skin_dark, lit * 0.8, 0.8);
  for (int gap = 1; gap < 4; gap++)
    {
      cairo_move_to (cr, at.x - (0.78 - 0.39 * gap) * size, at.y + 0.65 * size);
      cairo_line_to (cr, at.x - (0.78 - 0.39 * gap) * size, at.y + 1.4 * size);
      cairo_stroke (cr);
    }
}

typedef struct
{
  double x, y, rx, ry;
} Oval;

static void
paint_knuckle (DwBrush *brush, const DwWearer *wearer, Oval at, double lit)
{
  cairo_pattern_t *pattern = cairo_pattern_create_radial (
      at.x - at.rx * 0.3, at.y - at.ry * 0.4, 0, at.x, at.y,
      at.rx > at.ry ? at.rx * 1.2 : at.ry * 1.2);

  dw_brush_stop (brush, pattern, 0, wearer->skin, lit * 1.15, 1);
  dw_brush_stop (brush, pattern, 0.6, wearer->skin, lit, 1);
  dw_brush_stop (brush, pattern, 1, wearer->skin_dark, lit, 1);
  dw_path_ellipse (brush, at.x, at.y, at.rx, at.ry);
  dw_brush_fill (brush, pattern);
}

/* A fist that comes towards the camera, the forefinger first: what is nearest
 * is largest and drawn last. */
static void
paint_pointing (DwBrush *brush, const DwWearer *wearer, DwSpot at, double lit)
{
  paint_knuckle (brush, wearer, (Oval){ at.x, at.y, 0.066, 0.062 }, lit * 0.9);
  paint_knuckle (brush, wearer,
                 (Oval){ at.x - 0.052, at.y - 0.002, 0.026, 0.042 }, lit);
  for (int finger = 0; finger < 3; finger++)
    paint_knuckle (brush, wearer,
                   (Oval){ at.x + 0.050 - 0.004 * finger,
                           at.y - 0.008 + 0.027 * finger, 0.027, 0.017 },
                   lit);
  paint_knuckle (brush, wearer,
                 (Oval){ at.x - 0.002, at.y - 0.040, 0.030, 0.034 }, lit);
  dw_path_round (brush, at.x - 0.014, at.y - 0.066, 0.026, 0.022, 0.010);
  dw_brush_colour (brush, 0xf6d7c8, lit, 0.8);
  cairo_fill (brush->cr);
}

static void
paint_parcel (DwBrush *brush, double lit)
{
  cairo_t *cr = brush->cr;
  cairo_pattern_t *pattern = cairo_pattern_create_linear (-0.3, 0, 0.02, 0);

  dw_brush_stop (brush, pattern, 0, 0xd2a56d, lit, 1);
  dw_brush_stop (brush, pattern, 1, 0xa87c48, lit, 1);
  dw_path_round (brush, -0.31, -1.17, 0.33, 0.25, 0.008);
  dw_brush_fill (brush, pattern);
  cairo_rectangle (cr, -0.165, -1.17, 0.04, 0.25);
  dw_brush_colour (brush, 0xe9d3a4, lit, 0.8);
  cairo_fill (cr);
  cairo_rectangle (cr, -0.09, -1.03, 0.085, 0.07);
  dw_brush_colour (brush, 0xf7f4ea, lit, 1);
  cairo_fill (cr);
}

static void
paint_arm (DwBrush *brush, const DwWearer *wearer, const DwPose *pose, int side,
           double lit)
{
  double slim = 0.55 + 0.45 * fabs (cos (pose->turn * PI));
  double swing = -sin (pose->stride * PI) * side * pose->walking;
  double reach = side > 0 ? pose->reach : 0;
  bool holds = side < 0 && wearer->has_parcel;
  DwSpot arm[3] = { { side * 0.183 * slim, -1.365 },
                    { side * 0.245 * slim, -1.12 },
                    { side * 0.248 * slim, -0.92 + 0.05 * swing } };
  cairo_t *cr = brush->cr;

  if (holds)
    {
      arm[2].x = -0.06 * slim;
      arm[2].y = -0.95;
    }
  arm[1].x = dw_mix (arm[1].x, 0.335, reach);
  arm[1].y = dw_mix (arm[1].y, -1.15, reach);
  arm[2].x = dw_mix (arm[2].x, 0.375, reach);
  arm[2].y = dw_mix (arm[2].y, -1.235, reach);
  arm[2].x += 0.13 * sin (pose->turn * PI) * swing;
  /* The dark edge parts the sleeve from the coat. */
  paint_limb (brush, arm, dw_mix (0.112, 0.128, reach), wearer->coat_dark, lit);
  cairo_save (cr);
  cairo_translate (cr, -0.006, -0.002);
  paint_limb (brush, arm, dw_mix (0.096, 0.112, reach), wearer->coat, lit);
  cairo_restore (cr);
  if (reach > 0.6)
    paint_pointing (brush, wearer, arm[2], lit);
  else
    paint_hand (brush, wearer, arm[2], side, 0.046, lit);
}

/* How much of the porch lamp reaches him. */
static double
lit_at (const DwPose *pose)
{
  return fmin (1.0, 0.12 + 1.15 / (pose->d * pose->d * 0.75));
}

static void
to_feet (DwBrush *brush, const DwPose *pose)
{
  DwSpot foot = dw_project (pose->x + pose->sway, 0, pose->d);
  double bob = 0.025 * fabs (cos (pose->stride * PI)) * pose->walking;

  cairo_translate (brush->cr, foot.x, foot.y);
  cairo_scale (brush->cr, FOCAL / pose->d, FOCAL / pose->d);
  cairo_translate (brush->cr, 0, -bob);
}

void
dw_paint_visitor (DwBrush *brush, uint32_t seed, const DwPose *pose)
{
  DwWearer wearer = dw_wearer (seed);
  double lit = lit_at (pose);
  bool is_front = cos (pose->turn * PI) > 0;

  cairo_save (brush->cr);
  to_feet (brush, pose);
  paint_legs (brush, &wearer, pose, lit);
  if (!is_front)
    {
      if (wearer.has_parcel)
        paint_parcel (brush, lit);
      paint_arm (brush, &wearer, pose, -1, lit);
      paint_arm (brush, &wearer, pose, 1, lit);
      paint_coat (brush, &wearer, pose, lit);
      dw_paint_head (brush, &wearer, pose, lit);
    }
  else
    {
      paint_coat (brush, &wearer, pose, lit);
      dw_paint_head (brush, &wearer, pose, lit);
      if (wearer.has_parcel)
        paint_parcel (brush, lit);
      paint_arm (brush, &wearer, pose, -1, lit);
      paint_arm (brush, &wearer, pose, 1, lit);
    }
  cairo_restore (brush->cr);
}

bool
dw_visitor_face (DwBrush *brush, const DwPose *pose)
{
  if (cos (pose->turn * PI) < 0.25)
    return false;
  cairo_save (brush->cr);
  to_feet (brush, pose);
  dw_path_ellipse (brush, 0, -HEAD_HEIGHT, HEAD_RX * 1.06, HEAD_RY * 1.04);
  cairo_restore (brush->cr);
  return true;
}

void
dw_paint_visitor_shade (DwBrush *brush, const DwPose *pose)
{
  DwSpot foot = dw_project (pose->x + 0.12, 0, pose->d);
  double unit = FOCAL / pose->d;
  cairo_pattern_t *pattern = cairo_pattern_create_radial (0, 0, 0.1, 0, 0, 1);

  cairo_save (brush->cr);
  cairo_translate (brush->cr, foot.x, foot.y);
  cairo_scale (brush->cr, 0.5 * unit, 0.13 * unit);
  dw_brush_plain_stop (pattern, 0, 0x0a0c10, 0.5);
  dw_brush_plain_stop (pattern, 1, 0x0a0c10, 0);
  cairo_arc (brush->cr, 0, 0, 1, 0, 2 * PI);
  dw_brush_fill (brush, pattern);
  cairo_restore (brush->cr);
}
