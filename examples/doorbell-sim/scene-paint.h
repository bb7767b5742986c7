/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the painters of the scene share: one camera, one light, one dice.
 *
 * The stage is 1280 x 720 units, whatever the frame's size. The camera hangs
 * 1.4 m above the porch and looks level: a point `x` metres to the right, `h`
 * above the ground and `d` in front is seen at
 *   (640 + 640 x / d, HORIZON + 640 (1.4 - h) / d). */
#pragma once

#include "scene.h"

#include <cairo.h>

#define STAGE_WIDTH 1280.0
#define STAGE_HEIGHT 720.0
#define HORIZON 262.0
#define FOCAL 640.0
#define CAMERA_HEIGHT 1.4

typedef struct
{
  cairo_t *cr;
  bool is_night;
} DwBrush;

typedef struct
{
  double x, y;
} DwSpot;

typedef struct
{
  uint64_t state;
} DwDice;

DwSpot dw_project (double x, double h, double d);

/* A dice for one purpose: other `salt`, other numbers. */
DwDice dw_dice (uint32_t seed, uint32_t salt);
double dw_dice_roll (DwDice *dice, double low, double high);
unsigned dw_dice_pick (DwDice *dice, unsigned n);

double dw_mix (double a, double b, double t);
/* 0 below `from`, 1 above `to`, smooth between. */
double dw_ramp (double from, double to, double t);

/* The colour 0xRRGGBB in the light of the hour; `lit` (0..1) is how much of
 * the porch lamp falls on it. */
void dw_brush_colour (DwBrush *brush, uint32_t rgb, double lit, double alpha);
void dw_brush_stop (DwBrush *brush, cairo_pattern_t *pattern, double offset,
                    uint32_t rgb, double lit, double alpha);
/* The same without the light of the hour: lamps, sky, windows. */
void dw_brush_plain (DwBrush *brush, uint32_t rgb, double alpha);
void dw_brush_plain_stop (cairo_pattern_t *pattern, double offset, uint32_t rgb,
                          double alpha);

/* Fills the path with `pattern` and frees the pattern. */
void dw_brush_fill (DwBrush *brush, cairo_pattern_t *pattern);

void dw_path_ellipse (DwBrush *brush, double x, double y, double rx, double ry);
void dw_path_round (DwBrush *brush, double x, double y, double width,
                    double height, double radius);
void dw_path_spots (DwBrush *brush, const DwSpot *spots, size_t n_spots);
/* Digits and capitals in straight strokes, `height` high, from the left edge
 * of the first; returns the width of the text. No font is asked. */
double dw_path_text (DwBrush *brush, const char *text, double x, double y,
                     double height);

/* -- Painters, from far to near ---------------------------------------- */

typedef struct
{
  uint32_t seed;
  double ring_s;
} DwStory;

void dw_paint_place (DwBrush *brush, uint32_t seed);
/* The hedge beside the garden path, 7 m away: it hides who is behind it. */
void dw_paint_hedge (DwBrush *brush, uint32_t seed);
/* Posts, beam, lantern and flowers: in front of everybody. */
void dw_paint_porch (DwBrush *brush, uint32_t seed);
void dw_paint_tree (DwBrush *brush, uint32_t seed, double second);

#define HEDGE_D 7.0
#define WINDOW_X 176.0
#define WINDOW_Y 96.0
#define WINDOW_WIDTH 118.0
#define WINDOW_HEIGHT 84.0
#define TREE_X 780.0
#define TREE_Y 0.0
#define TREE_WIDTH 330.0
#define TREE_HEIGHT 320.0

/* Where the visitor is and what he does at `second` of his visit. */
typedef struct
{
  double x, d;    /* metres */
  double stride;  /* phase of the steps, in steps */
  double walking; /* 0 stands, 1 walks */
  double turn;    /* 0 looks here, 1 away; radians / pi */
  double reach;   /* 0..1: the arm goes to the button */
  double smile;
  double blink;
  double sway;
} DwPose;

DwPose dw_visitor_pose (double ring_s, double second);
void dw_paint_visitor (DwBrush *brush, uint32_t seed, const DwPose *pose);
/* The outline of the face, to be filled; false while it looks away. */
bool dw_visitor_face (DwBrush *brush, const DwPose *pose);
void dw_paint_visitor_shade (DwBrush *brush, const DwPose *pose);

/* The first and last moment of the visitor and the car within a visit. */
double dw_visitor_enters (double ring_s);
double dw_visitor_leaves (double ring_s);
double dw_car_enters (double ring_s);
double dw_car_leaves (double ring_s);

double dw_car_distance (double ring_s, double second);
void dw_paint_car (DwBrush *brush, uint32_t seed, double d);
void dw_car_plate (DwBrush *brush, double d);
void dw_paint_car_shade (DwBrush *brush, double d);
