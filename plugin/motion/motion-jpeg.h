/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cell means and gradients from the coefficients of a JPEG picture; no pixel
 * is ever made. */
#pragma once

#include "motion-background.h"

#include <stddef.h>

typedef struct DwMotionJpeg DwMotionJpeg;

/* NULL when memory ran out. */
DwMotionJpeg *dw_motion_jpeg_new (void);
void dw_motion_jpeg_free (DwMotionJpeg *jpeg);

typedef struct
{
  const uint8_t *data;
  size_t size;
  int width, height; /* what the picture must have */
  int cell_size;     /* 8: a block a cell; 4: a quarter of a block a cell */
} DwMotionJpegInput;

/* Fills background->mean and background->gradient. A picture of another size, a
 * progressive, arithmetic or lossless one, one without luma at full size:
 * DW_ERROR_UNSUPPORTED, before anything large is allocated; a damaged one:
 * DW_ERROR_INVALID. After an error the contents of the two are not defined. */
DwStatus dw_motion_jpeg_read (DwMotionJpeg *jpeg,
                              const DwMotionJpegInput *input,
                              DwBackground *background);
