/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The coefficients of one picture under a mask, seen as MCUs: what shares a
 * piece of chroma is hidden together. Private to the JPEG redactor. */
#pragma once

#include "mask.h"

#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>

typedef struct
{
  j_decompress_ptr source;
  jvirt_barray_ptr *arrays;
  const DwMask *mask;
  int mcu_width, mcu_height; /* pixels */
  int columns, rows;         /* MCUs */
} DwJpegBlocks;

/* Borrows everything; the mask has the picture's size. */
void dw_jpeg_blocks_init (DwJpegBlocks *blocks, j_decompress_ptr source,
                          jvirt_barray_ptr *arrays, const DwMask *mask);

/* Applies the mask to the coefficients. libjpeg may leave by its error exit. */
void dw_jpeg_blocks_redact (const DwJpegBlocks *blocks);

/* False when a coefficient is one that no 8-bit picture has, and for which the
 * standard tables have no code: libjpeg would write it as noise. */
bool dw_jpeg_blocks_are_codable (const DwJpegBlocks *blocks);
