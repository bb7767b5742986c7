/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated doorbell's own world: a porch, a neighbour's window, a tree in
 * the wind, a visitor with a face who walks up and rings, a car with a number
 * plate. What a frame shows is a pure function of the settings and the time,
 * and the scene knows exactly which pixels it gave to whom. */
#pragma once

#include "picture.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DW_SCENE_MAX_WIDTH 7680
#define DW_SCENE_MAX_HEIGHT 4320

/* Nobody is to be seen for this long at the start of every visit, so that a
 * background can be learned. */
#define DW_SCENE_EMPTY_S 2.0
/* The visit that starts with the press ends within this. */
#define DW_SCENE_VISIT_S 9.0
#define DW_SCENE_MIN_RING_S 3.0

typedef struct
{
  int width, height; /* 1.. DW_SCENE_MAX_ */
  uint32_t seed;
  bool is_night;
  double ring_s;  /* the press, from the start of a visit; 0: nobody comes */
  double every_s; /* from visit to visit; 0: one visit only */
} DwSceneSettings;

/* -- Who is when where: no pixels -------------------------------------- */

typedef struct
{
  uint32_t visit;   /* counts from 0 */
  double second;    /* since this visit began */
  bool has_visitor; /* on his way, at the door or leaving */
  bool has_car;
  bool is_pressing; /* the finger is on the button */
} DwSceneMoment;

/* DW_ERROR_INVALID when the settings make no scene. */
DwStatus dw_scene_check (const DwSceneSettings *settings, DwError *error);

/* Time 0 is the start; before it nobody is there. */
DwSceneMoment dw_scene_moment (const DwSceneSettings *settings,
                               int64_t time_ns);

/* The first press at or after `time_ns`, -1 when there is none any more. */
int64_t dw_scene_next_press (const DwSceneSettings *settings, int64_t time_ns);

/* `n_samples` of mono sound from sample `first` on, each a pure function of
 * the settings and its number: wind, steps, the car, the chime at the press. */
void dw_scene_sound (const DwSceneSettings *settings, int rate, int64_t first,
                     int16_t *samples, size_t n_samples);

/* -- The picture -------------------------------------------------------- */

typedef enum
{
  DW_PART_VISITOR = 0,
  DW_PART_FACE, /* only while it looks this way */
  DW_PART_CAR,
  DW_PART_PLATE,
  DW_PART_SHADE,  /* shadows and headlights outside the bodies */
  DW_PART_WINDOW, /* the neighbour's: always there, a box only */
  DW_PART_TREE,   /* where leaves may move: always there, a box only */
  DW_N_PARTS,
} DwScenePart;

const char *dw_scene_part_text (DwScenePart part);

/* `length` pixels from (x, y) to the right. */
typedef struct
{
  int y, x, length;
} DwSceneRun;

/* What is to be seen of one part: covered pixels do not count. The box is the
 * smallest around the runs; empty when nothing is to be seen. */
typedef struct
{
  DwRect box;
  size_t n_runs;
  const DwSceneRun *runs; /* the scene's, until the next draw */
} DwSceneTruth;

typedef struct DwScene DwScene;

/* Draws what never moves. One scene belongs to one thread at a time. */
DwStatus dw_scene_new (const DwSceneSettings *settings, DwScene **out,
                       DwError *error);
void dw_scene_free (DwScene *scene);

/* Draws the moment `time_ns` as 32-bit BGRx into `plane`, whose width and
 * height must be those of the settings (in pixels; stride at least 4 * width).
 * `truth` may be NULL; the pixels are the same. */
DwStatus dw_scene_draw (DwScene *scene, int64_t time_ns, const DwPlane *plane,
                        DwSceneTruth truth[DW_N_PARTS]);

/* BGRx to I420, BT.601 with video range; chroma is the mean of up to four
 * pixels. `frame` must be valid and of the size of `plane`. */
void dw_scene_to_i420 (const DwPlane *plane, const DwFrame *frame);
