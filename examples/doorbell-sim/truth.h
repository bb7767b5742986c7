/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The truth of a frame as one line of JSON. */
#pragma once

#include "scene.h"

#include <stdio.h>

typedef struct
{
  int64_t index;  /* of the frame since the start of the scene */
  int64_t pts_ns; /* scene time */
  int64_t utc_ns; /* 0: not shown live */
  int width, height;
} DwTruthFrame;

/* {"index", "pts", "utc", "size": [w, h], "visit", "pressing", and for each
 * part {"box": [x, y, w, h], "mask": [y, x, length, ...]} or null}. False when
 * the file cannot be written. */
bool dw_truth_write (FILE *file, const DwTruthFrame *frame,
                     const DwSceneMoment *moment,
                     const DwSceneTruth truth[DW_N_PARTS]);
