/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the empty scene looks like, cell by cell, and how far each cell of a
 * new picture is from it once the light that fell on all of them is taken out.
 *
 * Light is 64 log2 (mean + 12): a change of exposure or lighting becomes an
 * offset, 64 an octave. Texture is the same of the gradient that is left when
 * the camera's noise is taken out. A background is a few modes of the two. */
#pragma once

#include "status.h"

#include <stdbool.h>
#include <stdint.h>

#define DW_BACKGROUND_MODES 2 /* besides the first */
#define DW_BACKGROUND_BINS 8  /* of light, for tone curve and noise */

typedef struct
{
  float light, texture;
  float weight_s; /* how long it was seen */
  float seen_s;   /* when last */
  bool is_background;
} DwMode;

/* Who claims a cell, and with it how soon it may be learned. */
typedef enum
{
  DW_HELD_NOT = 0,
  DW_HELD_BLOB,  /* something of a size that matters */
  DW_HELD_MOVER, /* a confirmed object, or what it left behind */
} DwHeld;

/* All arrays have columns * rows entries and live in `memory`. */
typedef struct
{
  void *memory;
  int columns, rows, n_cells;

  int cell_size;          /* in: pixels a side */
  float *mean, *gradient; /* in: grey levels a pixel */
  uint8_t *held;          /* in: DwHeld, as the last frame's blobs say */

  float *narrow;      /* out: 1 is the threshold of an event's cell */
  float *wide;        /* out: 1 is the threshold of the foreground */
  uint8_t *is_active; /* out: 1 when it differs from the last picture */
  float *blink;       /* out: recent short visits of something else */
  float *excess;  /* out: light over the nearest mode, in 64ths of an octave */
  float *bg_mean; /* out: the background's grey level, a moment old */
  float *cell_noise;   /* out: of the light of each cell */
  uint8_t *is_covered; /* in: foreground, learned as slowly as a visitor */

  float *light, *texture, *previous, *residual, *local;
  float *bg_light, *bg_texture, *deviation, *novel_s, *blinked_s;
  float *per_light, *per_texture; /* 1 / threshold */
  DwMode (*modes)[DW_BACKGROUND_MODES];

  bool has_tone; /* else the light is the background's */
  float tone[DW_BACKGROUND_BINS];
  float last_tone[DW_BACKGROUND_BINS]; /* against the last picture */
  float noise[DW_BACKGROUND_BINS];
  float grey_noise; /* the same in grey levels, over the picture */
  float gradient_noise;
  float texture_floor; /* power below which texture says nothing */
  bool is_smooth;      /* cells are judged with their neighbours */
  float now_s;         /* since the scene was forgotten */
  unsigned n_pictures;
  float changed; /* out: share of the picture that differs */
} DwBackground;

DwStatus dw_background_init (DwBackground *background, int columns, int rows);
void dw_background_finish (DwBackground *background);

/* The next picture starts a new scene. */
void dw_background_forget (DwBackground *background);

/* Starts a new scene from the picture judged last. */
void dw_background_restart (DwBackground *background);

/* Judges the picture in `mean` and `gradient`, `dt_s` after the last one.
 * While `is_learning` everything is taken in. */
void dw_background_judge (DwBackground *background, float dt_s,
                          bool is_learning);

/* Leaves the judged picture out, but for what the next one needs of it. */
void dw_background_skip (DwBackground *background);

/* Takes the judged picture in, where `held` allows. */
void dw_background_learn (DwBackground *background, float dt_s,
                          bool is_learning);
