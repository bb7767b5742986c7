/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The car: it comes down the lane towards the house, nose first, so that its
 * plate can be read, and passes to the right. Front and flank are drawn in
 * perspective from a profile in metres. */
#include "scene-paint.h"

#include <math.h>

#define CAR_X 2.55
#define CAR_HALF 0.88
#define CAR_LENGTH 4.1
#define FAR_D 60.0
#define NEAR_D 1.5

double
dw_car_enters (double ring_s)
{
  return ring_s - 0.6;
}

double
dw_car_leaves (double ring_s)
{
  return ring_s + 5.2;
}

/* Brakes before the bend: most of the time goes to the last metres, where the
 * plate is large. */
double
dw_car_distance (double ring_s, double second)
{
  static const struct
  {
    double at, log_d;
  } way[] = { { 0.0, 4.09 }, { 1.2, 2.77 }, { 2.2, 2.08 }, { 3.3, 1.65 },
              { 4.4, 1.30 }, { 5.1, 0.85 }, { 5.8, 0.30 } };
  double t = second - dw_car_enters (ring_s);
  size_t i = 1;

  if (t <= 0)
    return FAR_D;
  while (i < sizeof way / sizeof *way - 1 && t > way[i].at)
    i++;
  t = fmin ((t - way[i - 1].at) / (way[i].at - way[i - 1].at), 1);
  return fmax (exp (dw_mix (way[i - 1].log_d, way[i].log_d, t)), NEAR_D);
}

typedef struct
{
  uint32_t paint, dark;
  char plate[10];
} Looks;

static Looks
looks (uint32_t seed)
{
  static const uint32_t paints[][2] = {
    { 0xb3262e, 0x6f151b }, { 0x2d5fa4, 0x183560 }, { 0xe0b23c, 0x94701a },
    { 0x3f7d5a, 0x234a34 }, { 0xd9dde0, 0x8d9296 }, { 0x3a3f46, 0x1e2126 },
  };
  static const char letters[] = "ABCDEHKLMNPRTVWX";
  DwDice dice = dw_dice (seed, 0xca7);
  unsigned paint = dw_dice_pick (&dice, 6);
  Looks out = { paints[paint][0], paints[paint][1], "" };

  for (int i = 0; i < 7; i++)
    out.plate[i] = i < 2 ? letters[dw_dice_pick (&dice, sizeof letters - 1)]
                         : (char)('0' + dw_dice_pick (&dice, 10));
  out.plate[2] = ' ';
  return out;
}

static void
path_flank (DwBrush *brush, double d, const double (*profile)[2], size_t n)
{
  DwSpot spots[16];

  for (size_t i = 0; i < n; i++)
    spots[i] = dw_project (CAR_X - CAR_HALF, profile[i][1], d + profile[i][0]);
  dw_path_spots (brush, spots, n);
}

static void
paint_wheel (DwBrush *brush, double d, double z)
{
  static const struct
  {
    double radius;
    uint32_t rgb;
  } rings[] = { { 0.33, 0x16171a }, { 0.21, 0xa8adb2 }, { 0.07, 0x4c5157 } };

  for (size_t ring = 0; ring < 3; ring++)
    {
      DwSpot spots[24];

      for (int i = 0; i < 24; i++)
        {
          double a = i * 3.14159265358979 / 12;

          spots[i] = dw_project (CAR_X - CAR_HALF - 0.01,
                                 0.33 + rings[ring].radius * sin (a),
                                 d + z + rings[ring].radius * cos (a));
        }
      dw_path_spots (brush, spots, 24);
      dw_brush_colour (brush, rings[ring].rgb, 0.3, 1);
      cairo_fill (brush->cr);
    }
}

static void
paint_flank (DwBrush *brush, double d, const Looks *look)
{
  static const double body[][2]
      = { { 0, 0.30 },    { 0, 0.72 },   { 0.1, 0.84 },
          { 1.15, 0.96 }, { 1.9, 1.44 }, { 3.2, 1.46 },
          { 3.9, 1.05 },  { 4.1, 0.95 }, { 4.1, 0.30 } };
  static const double glass[][2]
      = { { 1.32, 0.98 }, { 1.95, 1.37 }, { 3.1, 1.39 }, { 3.6, 1.05 } };
  DwSpot sill = dw_project (CAR_X, 0.2, d), roof = dw_project (CAR_X, 1.5, d);
  cairo_pattern_t *pattern = cairo_pattern_create_linear (0, roof.y, 0, sill.y);

  dw_brush_stop (brush, pattern, 0, look->paint, 0.25, 1);
  dw_brush_stop (brush, pattern, 1, look->dark, 0.2, 1);
  path_flank (brush, d, body, 9);
  cairo_set_source (brush->cr, pattern);
  cairo_pattern_destroy (pattern);
  cairo_fill_preserve (brush->cr);
  /* A little wider, so that no seam shows what is behind the car. */
  cairo_set_line_width (brush->cr, 0.03 * FOCAL / d);
  cairo_set_line_join (brush->cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (brush->cr);
  path_flank (brush, d, glass, 4);
  dw_brush_colour (brush, 0x2b3a47, 0.3, 1);
  cairo_fill (brush->cr);
  paint_wheel (brush, d, 3.35);
  paint_wheel (brush, d, 0.8);
}

/* Hood and windscreen: quads across the car. */
static void
paint_across (DwBrush *brush, double d, const double edge[2][2],
              const double inset[2], uint32_t near, uint32_t far)
{
  DwSpot quad[4] = {
    dw_project (CAR_X - CAR_HALF + inset[0], edge[0][1], d + edge[0][0]),
    dw_project (CAR_X + CAR_HALF - inset[0], edge[0][1], d + edge[0][0]),
    dw_project (CAR_X + CAR_HALF - inset[1], edge[1][1], d + edge[1][0]),
    dw_project (CAR_X - CAR_HALF + inset[1], edge[1][1], d + edge[1][0]),
  };
  cairo_pattern_t *pattern
      = cairo_pattern_create_linear (0, quad[0].y, 0, quad[2].y);

  dw_brush_stop (brush, pattern, 0, near, 0.35, 1);
  dw_brush_stop (brush, pattern, 1, far, 0.25, 1);
  dw_path_spots (brush, quad, 4);
  dw_brush_fill (brush, pattern);
}

static void
paint_top (DwBrush *brush, double d, const Looks *look)
{
  static const double hood[2][2] = { { 0.02, 0.80 }, { 1.15, 0.96 } };
  static const double pillars[2][2] = { { 1.12, 0.95 }, { 1.9, 1.445 } };
  static const double screen[2][2] = { { 1.16, 0.975 }, { 1.86, 1.41 } };
  static const double roof[2][2] = { { 1.9, 1.44 }, { 2.6, 1.50 } };
  static const double none[2] = { 0.0, 0.0 }, some[2] = { 0.06, 0.10 };

  paint_across (brush, d, roof, none, look->paint, look->dark);
  paint_across (brush, d, pillars, none, look->dark, look->paint);
  paint_across (brush, d, screen, some, 0x33475a, 0x9fc0d8);
  paint_across (brush, d, hood, none, look->paint, look->paint);
}

static void
paint_lamp (DwBrush *brush, double x)
{
  cairo_pattern_t *pattern
      = cairo_pattern_create_radial (x, -0.64, 0.01, x, -0.64, 0.16);

  dw_path_round (brush, x - 0.15, -0.73, 0.30, 0.17, 0.07);
  if (brush->is_night)
    {
      dw_brush_plain_stop (pattern, 0, 0xffffff, 1);
      dw_brush_plain_stop (pattern, 1, 0xffe9b0, 1);
    }
  else
    {
      dw_brush_plain_stop (pattern, 0, 0xffffff, 1);
      dw_brush_plain_stop (pattern, 1, 0xb9c6d0, 1);
    }
  dw_brush_fill (brush, pattern);
}

/* The origin is on the ground below the middle of the nose, one unit is a
 * metre, y points down. */
static void
to_nose (DwBrush *brush, double d)
{
  DwSpot foot = dw_project (CAR_X, 0, d);

  cairo_translate (brush->cr, foot.x, foot.y);
  cairo_scale (brush->cr, FOCAL / d, FOCAL / d);
}

#define PLATE_WIDTH 0.66
#define PLATE_HEIGHT 0.17
#define PLATE_TOP (-0.44)

static void
paint_plate (DwBrush *brush, const char *text)
{
  cairo_t *cr = brush->cr;
  double lit = brush->is_night ? 0.75 : 1, height = 0.098, width;

  dw_path_round (brush, -PLATE_WIDTH / 2, PLATE_TOP, PLATE_WIDTH, PLATE_HEIGHT,
                 0.02);
  dw_brush_colour (brush, 0xfafaf2, lit, 1);
  cairo_fill_preserve (cr);
  cairo_set_line_width (cr, 0.012);
  dw_brush_colour (brush, 0x20242a, 0.3, 1);
  cairo_stroke (cr);
  cairo_set_line_width (cr, 0.019);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  width = dw_path_text (brush, text, 0, 0, height);
  cairo_new_path (cr);
  dw_path_text (brush, text, -width / 2,
                PLATE_TOP + (PLATE_HEIGHT - height) / 2, height);
  dw_brush_plain (brush, 0x14161c, 1);
  cairo_stroke (cr);
}

static void
paint_nose (DwBrush *brush, double d, const Looks *look)
{
  cairo_t *cr = brush->cr;
  cairo_pattern_t *pattern = cairo_pattern_create_linear (0, -0.85, 0, -0.2);

  cairo_save (cr);
  to_nose (brush, d);
  for (int side = -1; side <= 1; side += 2)
    {
      dw_path_round (brush, side * 0.72 - 0.11, -0.34, 0.22, 0.34, 0.05);
      dw_brush_colour (brush, 0x16171a, 0.3, 1);
      cairo_fill (cr);
    }
  dw_brush_stop (brush, pattern, 0, look->paint, 0.4, 1);
  dw_brush_stop (brush, pattern, 0.6, look->paint, 0.3, 1);
  dw_brush_stop (brush, pattern, 1, look->dark, 0.2, 1);
  dw_path_round (brush, -CAR_HALF, -0.80, 2 * CAR_HALF, 0.45, 0.02);
  dw_path_round (brush, -CAR_HALF, -0.84, 2 * CAR_HALF, 0.64, 0.13);
  dw_brush_fill (brush, pattern);
  dw_path_round (brush, -0.46, -0.70, 0.92, 0.16, 0.06);
  dw_brush_colour (brush, 0x191c20, 0.3, 1);
  cairo_fill (cr);
  dw_path_round (brush, -0.70, -0.27, 1.40, 0.07, 0.03);
  cairo_fill (cr);
  for (int bar = 0; bar < 3; bar++)
    {
      cairo_rectangle (cr, -0.43, -0.672 + 0.04 * bar, 0.86, 0.012);
      dw_brush_colour (brush, 0x8e969d, 0.4, 1);
      cairo_fill (cr);
    }
  paint_lamp (brush, -0.66);
  paint_lamp (brush, 0.66);
  paint_plate (brush, look->plate);
  cairo_restore (cr);
}

void
dw_paint_car (DwBrush *brush, uint32_t seed, double d)
{
  Looks look = looks (seed);

  paint_flank (brush, d, &look);
  paint_top (brush, d, &look);
  paint_nose (brush, d, &look);
}

void
dw_car_plate (DwBrush *brush, double d)
{
  cairo_save (brush->cr);
  to_nose (brush, d);
  dw_path_round (brush, -PLATE_WIDTH / 2 - 0.006, PLATE_TOP - 0.006,
                 PLATE_WIDTH + 0.012, PLATE_HEIGHT + 0.012, 0.026);
  cairo_restore (brush->cr);
}

void
dw_paint_car_shade (DwBrush *brush, double d)
{
  cairo_t *cr = brush->cr;
  DwSpot ground[4] = { dw_project (CAR_X - 1.0, 0, d - 0.15),
                       dw_project (CAR_X + 1.0, 0, d - 0.15),
                       dw_project (CAR_X + 1.0, 0, d + CAR_LENGTH),
                       dw_project (CAR_X - 1.1, 0, d + CAR_LENGTH) };

  dw_path_spots (brush, ground, 4);
  dw_brush_plain (brush, 0x0a0c10, brush->is_night ? 0.5 : 0.42);
  cairo_fill (cr);
  if (!brush->is_night)
    return;
  for (int side = -1; side <= 1; side += 2)
    {
      DwSpot lamp = dw_project (CAR_X + side * 0.66, 0.64, d);
      double radius = 0.7 * FOCAL / d;
      cairo_pattern_t *glow = cairo_pattern_create_radial (
          lamp.x, lamp.y, 0, lamp.x, lamp.y, radius);

      dw_brush_plain_stop (glow, 0, 0xfff2cf, 0.85);
      dw_brush_plain_stop (glow, 0.35, 0xffe2a0, 0.25);
      dw_brush_plain_stop (glow, 1, 0xffd890, 0);
      cairo_arc (cr, lamp.x, lamp.y, radius, 0, 2 * 3.14159265358979);
      dw_brush_fill (brush, glow);
    }
}
