/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Camera, light, dice and the shapes that every painter uses. */
#include "scene-paint.h"

#include <math.h>
#include <string.h>

DwSpot
dw_project (double x, double h, double d)
{
  DwSpot spot = { STAGE_WIDTH / 2 + FOCAL * x / d,
                  HORIZON + FOCAL * (CAMERA_HEIGHT - h) / d };

  return spot;
}

/* SplitMix64 (Steele, Lea, Flood 2014): any seed gives a good sequence. */
static uint64_t
split_mix (uint64_t *state)
{
  uint64_t z = *state += UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

DwDice
dw_dice (uint32_t seed, uint32_t salt)
{
  DwDice dice = { (uint64_t)seed << 32 | salt };

  split_mix (&dice.state);
  return dice;
}

double
dw_dice_roll (DwDice *dice, double low, double high)
{
  double unit = (double)(split_mix (&dice->state) >> 11) * 0x1p-53;

  return low + (high - low) * unit;
}

unsigned
dw_dice_pick (DwDice *dice, unsigned n)
{
  return (unsigned)(split_mix (&dice->state) >> 33) % n;
}

double
dw_mix (double a, double b, double t)
{
  return a + (b - a) * t;
}

double
dw_ramp (double from, double to, double t)
{
  double u = (t - from) / (to - from);

  u = u < 0 ? 0 : u > 1 ? 1 : u;
  return u * u * (3 - 2 * u);
}

/* By day the colour as it is; by night a tenth of it, bluish, and what the
 * lamp adds. */
static void
light (bool is_night, uint32_t rgb, double lit, double out[3])
{
  static const double moon[3] = { 0.13, 0.17, 0.30 };
  static const double lamp[3] = { 0.86, 0.66, 0.42 };

  for (int i = 0; i < 3; i++)
    {
      double value = (rgb >> (16 - 8 * i) & 0xff) / 255.0;

      if (is_night)
        value *= moon[i] + lamp[i] * lit;
      out[i] = value;
    }
}

void
dw_brush_colour (DwBrush *brush, uint32_t rgb, double lit, double alpha)
{
  double c[3];

  light (brush->is_night, rgb, lit, c);
  cairo_set_source_rgba (brush->cr, c[0], c[1], c[2], alpha);
}

void
dw_brush_stop (DwBrush *brush, cairo_pattern_t *pattern, double offset,
               uint32_t rgb, double lit, double alpha)
{
  double c[3];

  light (brush->is_night, rgb, lit, c);
  cairo_pattern_add_color_stop_rgba (pattern, offset, c[0], c[1], c[2], alpha);
}

void
dw_brush_plain (DwBrush *brush, uint32_t rgb, double alpha)
{
  double c[3];

  light (false, rgb, 0, c);
  cairo_set_source_rgba (brush->cr, c[0], c[1], c[2], alpha);
}

void
dw_brush_plain_stop (cairo_pattern_t *pattern, double offset, uint32_t rgb,
                     double alpha)
{
  double c[3];

  light (false, rgb, 0, c);
  cairo_pattern_add_color_stop_rgba (pattern, offset, c[0], c[1], c[2], alpha);
}

void
dw_brush_fill (DwBrush *brush, cairo_pattern_t *pattern)
{
  cairo_set_source (brush->cr, pattern);
  cairo_pattern_destroy (pattern);
  cairo_fill (brush->cr);
}

void
dw_path_ellipse (DwBrush *brush, double x, double y, double rx, double ry)
{
  cairo_save (brush->cr);
  cairo_translate (brush->cr, x, y);
  cairo_scale (brush->cr, rx, ry);
  cairo_new_sub_path (brush->cr);
  cairo_arc (brush->cr, 0, 0, 1, 0, 2 * 3.14159265358979);
  cairo_close_path (brush->cr);
  cairo_restore (brush->cr);
}

void
dw_path_round (DwBrush *brush, double x, double y, double width, double height,
               double radius)
{
  const double quarter = 3.14159265358979 / 2;
  cairo_t *cr = brush->cr;
  double most = fmin (width, height) / 2, r = fmin (radius, most);

  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - r, y + r, r, -quarter, 0);
  cairo_arc (cr, x + width - r, y + height - r, r, 0, quarter);
  cairo_arc (cr, x + r, y + height - r, r, quarter, 2 * quarter);
  cairo_arc (cr, x + r, y + r, r, 2 * quarter, 3 * quarter);
  cairo_close_path (cr);
}

void
dw_path_spots (DwBrush *brush, const DwSpot *spots, size_t n_spots)
{
  cairo_new_sub_path (brush->cr);
  for (size_t i = 0; i < n_spots; i++)
    cairo_line_to (brush->cr, spots[i].x, spots[i].y);
  cairo_close_path (brush->cr);
}

/* Strokes on a grid 4 wide and 6 high, y down: pairs of digits are points, a
 * space lifts the pen. */
static const struct
{
  char letter;
  const char *strokes;
} glyphs[] = {
  { '0', "103041453616050110" },
  { '1', "112026 1636" },
  { '2', "01103041420646" },
  { '3', "01103041423323 334445361605" },
  { '4', "300444 3236" },
  { '5', "400002324345361605" },
  { '6', "4130100105163645443303" },
  { '7', "004016" },
  { '8', "103041423313020110 133344453616050413" },
  { '9', "0516364541301001021343" },
  { 'A', "0602204246 0444" },
  { 'B', "003041423303 334445360600" },
  { 'C', "4130100105163645" },
  { 'D', "00204244260600" },
  { 'E', "40000646 0333" },
  { 'H', "0006 4046 0343" },
  { 'K', "0006 400346" },
  { 'L', "000646" },
  { 'M', "0600234046" },
  { 'N', "06004640" },
  { 'P', "06003041423303" },
  { 'R', "06003041423303 2346" },
  { 'T', "0040 2026" },
  { 'V', "002640" },
  { 'W', "0016233640" },
  { 'X', "0046 4006" },
};

static void
path_glyph (cairo_t *cr, const char *strokes, double x, double y, double unit)
{
  bool is_down = false;

  while (strokes[0] != '\0')
    {
      if (*strokes == ' ')
        {
          is_down = false;
          strokes++;
        }
      if (is_down)
        cairo_line_to (cr, x + unit * (strokes[0] - '0'),
                       y + unit * (strokes[1] - '0'));
      else
        cairo_move_to (cr, x + unit * (strokes[0] - '0'),
                       y + unit * (strokes[1] - '0'));
      is_down = true;
      strokes += 2;
    }
}

double
dw_path_text (DwBrush *brush, const char *text, double x, double y,
              double height)
{
  double unit = height / 6, pen = x;

  for (; *text != '\0'; text++)
    {
      for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++)
        if (glyphs[i].letter == *text)
          path_glyph (brush->cr, glyphs[i].strokes, pen, y, unit);
      pen += unit * (*text == ' ' ? 3 : 6);
    }
  return pen - 2 * unit - x;
}
