/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The visitor's head: a face that a person knows again, and that somebody has
 * a right not to see. */
#include "scene-visitor.h"

#include <math.h>

#define PI 3.14159265358979

static void
paint_neck (DwBrush *brush, const DwWearer *wearer, double lit)
{
  cairo_t *cr = brush->cr;

  dw_path_round (brush, -0.045, -1.56, 0.09, 0.14, 0.03);
  dw_brush_colour (brush, wearer->skin_dark, lit, 1);
  cairo_fill (cr);
  dw_path_round (brush, -0.095, -1.505, 0.19, 0.085, 0.04);
  dw_brush_colour (brush, wearer->scarf, lit, 1);
  cairo_fill (cr);
  cairo_set_line_width (cr, 0.006);
  dw_brush_colour (brush, wearer->scarf, lit * 0.6, 1);
  for (int i = 0; i < 2; i++)
    {
      cairo_move_to (cr, -0.085, -1.475 + 0.022 * i);
      cairo_curve_to (cr, -0.03, -1.455 + 0.022 * i, 0.03, -1.455 + 0.022 * i,
                      0.085, -1.478 + 0.022 * i);
      dw_brush_plain (brush, 0x000000, 0.16);
      cairo_stroke (cr);
    }
}

static void
paint_skull (DwBrush *brush, const DwWearer *wearer, double lit)
{
  cairo_t *cr = brush->cr;
  cairo_pattern_t *pattern
      = cairo_pattern_create_radial (-0.03, -0.04, 0.02, 0, 0, 0.14);

  dw_brush_stop (brush, pattern, 0, wearer->skin, lit * 1.1, 1);
  dw_brush_stop (brush, pattern, 0.55, wearer->skin, lit, 1);
  dw_brush_stop (brush, pattern, 1, wearer->skin_dark, lit, 1);
  cairo_move_to (cr, 0, -HEAD_RY);
  cairo_curve_to (cr, 0.06, -HEAD_RY, HEAD_RX, -0.07, HEAD_RX, -0.01);
  cairo_curve_to (cr, HEAD_RX, 0.05, 0.055, HEAD_RY, 0, HEAD_RY);
  cairo_curve_to (cr, -0.055, HEAD_RY, -HEAD_RX, 0.05, -HEAD_RX, -0.01);
  cairo_curve_to (cr, -HEAD_RX, -0.07, -0.06, -HEAD_RY, 0, -HEAD_RY);
  cairo_close_path (cr);
  dw_brush_fill (brush, pattern);
}

static void
paint_ears (DwBrush *brush, const DwWearer *wearer, double shift, double lit)
{
  for (int side = -1; side <= 1; side += 2)
    {
      dw_path_ellipse (brush, side * HEAD_RX - shift * 0.4, 0.0, 0.014, 0.026);
      dw_brush_colour (brush, wearer->skin_dark, lit, 1);
      cairo_fill (brush->cr);
    }
}

static void
paint_eye (DwBrush *brush, const DwWearer *wearer, double x, double blink,
           double lit)
{
  cairo_t *cr = brush->cr;
  double open = 0.0105 * (1 - blink) + 0.0012;

  dw_path_ellipse (brush, x, -0.012, 0.0185, open);
  dw_brush_colour (brush, 0xfbfaf6, fmin (1, lit * 1.1), 1);
  cairo_fill_preserve (cr);
  cairo_save (cr);
  cairo_clip (cr);
  dw_path_ellipse (brush, x + 0.001, -0.012, 0.0088, 0.0088);
  dw_brush_colour (brush, 0x4a6a58, lit, 1);
  cairo_fill (cr);
  dw_path_ellipse (brush, x + 0.001, -0.012, 0.0045, 0.0045);
  dw_brush_plain (brush, 0x0b0b0d, 1);
  cairo_fill (cr);
  dw_path_ellipse (brush, x - 0.002, -0.0155, 0.0019, 0.0019);
  dw_brush_plain (brush, 0xffffff, 0.9);
  cairo_fill (cr);
  cairo_restore (cr);
  cairo_set_line_width (cr, 0.0035);
  cairo_move_to (cr, x - 0.0195, -0.011);
  cairo_curve_to (cr, x - 0.009, -0.016 - open, x + 0.009, -0.016 - open,
                  x + 0.0195, -0.011);
  dw_brush_colour (brush, 0x2a1c16, lit, 0.9);
  cairo_stroke (cr);
  cairo_set_line_width (cr, 0.0065);
  cairo_move_to (cr, x - 0.021, -0.036);
  cairo_curve_to (cr, x - 0.01, -0.045, x + 0.01, -0.045, x + 0.021, -0.037);
  dw_brush_colour (brush, wearer->hair, lit, 0.95);
  cairo_stroke (cr);
}

static void
paint_mouth (DwBrush *brush, const DwWearer *wearer, double smile, double lit)
{
  cairo_t *cr = brush->cr;
  double corner = 0.058 - 0.008 * smile, low = 0.062 + 0.012 * smile;

  cairo_move_to (cr, -0.028, corner);
  cairo_curve_to (cr, -0.012, low - 0.003, 0.012, low - 0.003, 0.028, corner);
  cairo_curve_to (cr, 0.014, low + 0.012, -0.014, low + 0.012, -0.028, corner);
  cairo_close_path (cr);
  dw_brush_colour (brush, 0xb0504c, lit, 0.95);
  cairo_fill (cr);
  cairo_move_to (cr, -0.020, corner + 0.003);
  cairo_curve_to (cr, -0.010, low, 0.010, low, 0.020, corner + 0.003);
  cairo_curve_to (cr, 0.010, low + 0.005 * smile, -0.010, low + 0.005 * smile,
                  -0.020, corner + 0.003);
  cairo_close_path (cr);
  dw_brush_colour (brush, 0xfdf8f0, lit, smile);
  cairo_fill (cr);
  cairo_set_line_width (cr, 0.003);
  cairo_move_to (cr, -0.010, 0.034);
  cairo_curve_to (cr, -0.016, 0.030, -0.012, 0.020, -0.006, 0.000);
  cairo_move_to (cr, -0.010, 0.034);
  cairo_curve_to (cr, -0.004, 0.039, 0.006, 0.039, 0.012, 0.033);
  dw_brush_colour (brush, wearer->skin_dark, lit * 0.75, 1);
  cairo_stroke (cr);
}

static void
paint_beard (DwBrush *brush, const DwWearer *wearer, double lit)
{
  cairo_t *cr = brush->cr;

  cairo_move_to (cr, -HEAD_RX + 0.001, 0.005);
  cairo_curve_to (cr, -0.07, 0.035, -0.045, 0.045, -0.03, 0.046);
  cairo_curve_to (cr, -0.01, 0.040, 0.01, 0.040, 0.03, 0.046);
  cairo_curve_to (cr, 0.045, 0.045, 0.07, 0.035, HEAD_RX - 0.001, 0.005);
  cairo_curve_to (cr, HEAD_RX, 0.07, 0.06, HEAD_RY + 0.012, 0, HEAD_RY + 0.014);
  cairo_curve_to (cr, -0.06, HEAD_RY + 0.012, -HEAD_RX, 0.07, -HEAD_RX + 0.001,
                  0.005);
  cairo_close_path (cr);
  dw_brush_colour (brush, wearer->hair, lit, 0.92);
  cairo_fill (cr);
}

static void
paint_glasses (DwBrush *brush, double lit)
{
  cairo_t *cr = brush->cr;

  cairo_set_line_width (cr, 0.0045);
  dw_brush_colour (brush, 0x22252b, lit, 1);
  for (int side = -1; side <= 1; side += 2)
    {
      dw_path_round (brush, side * 0.034 - 0.026, -0.033, 0.052, 0.042, 0.016);
      cairo_stroke (cr);
    }
  cairo_move_to (cr, -0.008, -0.018);
  cairo_line_to (cr, 0.008, -0.018);
  cairo_stroke (cr);
}

static void
paint_face (DwBrush *brush, const DwWearer *wearer, const DwPose *pose,
            double lit)
{
  cairo_t *cr = brush->cr;

  for (int side = -1; side <= 1; side += 2)
    {
      dw_path_ellipse (brush, side * 0.046, 0.028, 0.020, 0.015);
      dw_brush_colour (brush, 0xe0705a, lit, 0.22);
      cairo_fill (cr);
      paint_eye (brush, wearer, side * 0.034, pose->blink, lit);
    }
  if (wearer->has_beard)
    paint_beard (brush, wearer, lit);
  paint_mouth (brush, wearer, pose->smile, lit);
  if (wearer->has_glasses)
    paint_glasses (brush, lit);
}

/* What grows or sits on top, from brow to crown. */
static void
paint_top (DwBrush *brush, const DwWearer *wearer, double lit)
{
  cairo_t *cr = brush->cr;
  bool is_hat = wearer->head >= DW_HEAD_CAP;
  double brow = is_hat ? -0.055 : -0.05;

  cairo_move_to (cr, -HEAD_RX - 0.006, brow + (is_hat ? 0 : 0.035));
  cairo_curve_to (cr, -HEAD_RX - 0.012, -0.14, -0.04, -0.152, 0, -0.152);
  cairo_curve_to (cr, 0.04, -0.152, HEAD_RX + 0.012, -0.14, HEAD_RX + 0.006,
                  brow + (is_hat ? 0 : 0.035));
  if (is_hat)
    cairo_curve_to (cr, 0.04, brow - 0.016, -0.04, brow - 0.016,
                    -HEAD_RX - 0.006, brow);
  else
    {
      cairo_curve_to (cr, 0.072, -0.05, 0.06, -0.07, 0.03, -0.082);
      cairo_curve_to (cr, 0.0, -0.07, -0.04, -0.062, -0.062, -0.060);
      cairo_curve_to (cr, -0.074, -0.05, -0.078, -0.03, -HEAD_RX - 0.006,
                      -0.015);
    }
  cairo_close_path (cr);
  dw_brush_colour (brush, is_hat ? wearer->coat_dark : wearer->hair, lit, 1);
  cairo_fill (cr);
  if (wearer->head == DW_HEAD_CAP)
    {
      dw_path_ellipse (brush, 0, brow - 0.004, 0.082, 0.019);
      dw_brush_colour (brush, wearer->coat, lit * 0.8, 1);
      cairo_fill (cr);
    }
  else if (wearer->head == DW_HEAD_BEANIE)
    {
      dw_path_round (brush, -HEAD_RX - 0.012, brow - 0.034, 2 * HEAD_RX + 0.024,
                     0.04, 0.018);
      dw_brush_colour (brush, wearer->scarf, lit, 1);
      cairo_fill (cr);
      dw_path_ellipse (brush, 0, -0.158, 0.022, 0.02);
      cairo_fill (cr);
    }
}

static void
paint_long_hair (DwBrush *brush, const DwWearer *wearer, double lit)
{
  dw_path_round (brush, -HEAD_RX - 0.022, -0.13, 2 * HEAD_RX + 0.044, 0.31,
                 0.09);
  dw_brush_colour (brush, wearer->hair, lit * 0.85, 1);
  cairo_fill (brush->cr);
}

static void
paint_back (DwBrush *brush, const DwWearer *wearer, double lit)
{
  dw_path_ellipse (brush, 0, -0.03, HEAD_RX + 0.006, HEAD_RY);
  dw_brush_colour (brush, wearer->hair, lit, 1);
  cairo_fill (brush->cr);
  paint_top (brush, wearer, lit);
  if (wearer->head == DW_HEAD_LONG)
    paint_long_hair (brush, wearer, lit);
}

void
dw_paint_head (DwBrush *brush, const DwWearer *wearer, const DwPose *pose,
               double lit)
{
  cairo_t *cr = brush->cr;
  double facing = cos (pose->turn * PI);
  double shift = 0.045 * sin (pose->turn * PI);

  cairo_save (cr);
  if (facing > 0 && wearer->head == DW_HEAD_LONG)
    {
      cairo_save (cr);
      cairo_translate (cr, 0, -HEAD_HEIGHT);
      paint_long_hair (brush, wearer, lit);
      cairo_restore (cr);
    }
  paint_neck (brush, wearer, lit);
  cairo_translate (cr, 0, -HEAD_HEIGHT);
  paint_ears (brush, wearer, shift, lit);
  paint_skull (brush, wearer, lit);
  if (facing > 0.05)
    {
      cairo_save (cr);
      cairo_translate (cr, shift, 0);
      cairo_scale (cr, 0.55 + 0.45 * facing, 1);
      paint_face (brush, wearer, pose, lit);
      cairo_restore (cr);
      paint_top (brush, wearer, lit);
    }
  else
    paint_back (brush, wearer, lit);
  cairo_restore (cr);
}
