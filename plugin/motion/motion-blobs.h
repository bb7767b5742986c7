/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From cells to connected blobs. */
#pragma once

#include "motion-background.h"
#include "picture.h"
#include "status.h"

#define DW_MAX_BLOBS 256

typedef struct
{
  DwRect rect;    /* cells */
  float x, y;     /* middle of its cells */
  float peak;     /* highest score */
  float mean;     /* score of its cells */
  float activity; /* share of its cells that differ from the last picture */
  float blink;    /* mean */
  uint32_t zones; /* bits of the zones its cells lie in */
  int area;       /* cells */
} DwBlob;

typedef struct
{
  void *memory;
  int columns, rows;
  uint8_t *level;   /* 0 nothing, 1 above the low, 2 above the high threshold */
  uint16_t *labels; /* 0 none, i + 1: blobs[i] */
  int *stack;
  int n_blobs;
  DwBlob blobs[DW_MAX_BLOBS];
} DwBlobs;

DwStatus dw_blobs_init (DwBlobs *blobs, int columns, int rows);
void dw_blobs_finish (DwBlobs *blobs);

/* Groups cells whose narrow score times `gain` (an array, a cell each) is at
 * least 1, gaps of one cell closed, and keeps the groups that hold a strong
 * cell. `zones` has the zone bits of each cell. With more than DW_MAX_BLOBS
 * groups the rest stays unlabelled. */
void dw_blobs_find (DwBlobs *blobs, const DwBackground *background,
                    const float *gain, const uint16_t *zones);
