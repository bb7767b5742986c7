/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the foreground needs beyond an event's cells, because it protects
 * people: contrasts too faint for one cell are judged over a neighbourhood,
 * a body is covered whole although parts of it look like the scene behind
 * them, and what was covered stays so for a moment. */
#pragma once

#include "motion-background.h"

/* All arrays have a background's columns * rows entries. */
typedef struct
{
  void *memory;
  int n_cells;
  float *pooled; /* out: 1 is the threshold of a neighbourhood */
  float *scratch;
  float *covered_s; /* how long a cell stays foreground */
  int *stack;
  uint8_t *is_taken;
  uint8_t *is_dim; /* a cell alone misses contrasts that matter */
  float noise;     /* of a neighbourhood, in the noises of a cell */
  bool is_night;   /* much of the picture is dim: then all of it counts so */
  bool is_blind;   /* out: the noise may hide a person */
} DwWide;

DwStatus dw_wide_init (DwWide *wide, int columns, int rows);
void dw_wide_finish (DwWide *wide);
void dw_wide_forget (DwWide *wide);

/* Judges the neighbourhoods of the picture that `background` has judged. */
void dw_wide_judge (DwWide *wide, const DwBackground *background, float dt_s);

/* Grows each group of `foreground` to a rectangle around it, keeps what was
 * covered a moment ago, and has `background` learn slowly there. */
void dw_wide_cover (DwWide *wide, DwBackground *background, float dt_s,
                    uint8_t *foreground);
