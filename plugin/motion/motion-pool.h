/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills a scene's mean and gradient from pixels. */
#pragma once

#include "motion-kernels.h"
#include "motion-background.h"
#include "picture.h"

/* Borrowed: a row of cells each for the sums, and cell_size + 1 rows of
 * `width` bytes for packed formats. */
typedef struct
{
  const DwMotionKernels *kernels;
  DwBackground *background;
  int width;
  uint16_t *sums, *gradients;
  uint8_t *luma;
} DwPool;

/* The picture has the size the scene was made for. */
void dw_pool_plane (const DwPool *pool, const DwPlane *luma);

/* The same for YUY2 and UYVY, through a buffer that stays in the cache. */
void dw_pool_packed (const DwPool *pool, const DwFrame *frame);
