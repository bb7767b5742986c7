/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loops over pixels, once per instruction set. The C ones are the truth;
 * every other one gives the same bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The pixel rows of one row of cells: at most as many as a cell is high.
 * With `has_below` one more row follows in memory and may be read. */
typedef struct
{
  const uint8_t *data;
  ptrdiff_t stride;
  int width;
  int n_rows;
  bool has_below;
} DwBand;

/* Writes, for each cell of the band, the sum of its pixels and the sum of
 * |p(x+1,y) - p(x,y)| + |p(x,y+1) - p(x,y)| over them; a neighbour outside the
 * picture (or outside the band without `has_below`) adds nothing. The last
 * cell may be cut. At most 8 * 8 * 2 * 255 = 32640. */
typedef void (*DwPoolFunction) (const DwBand *band, uint16_t *sum,
                                uint16_t *gradient);

typedef struct
{
  const char *name;
  unsigned needs; /* DwCpuFlags; 0 for C */
  DwPoolFunction pool8, pool4;
} DwMotionKernels;

/* Best first, the C reference last; `*count` of them. */
const DwMotionKernels *const *dw_motion_kernels_all (size_t *count);

/* The best one that `cpu_flags` allows. */
const DwMotionKernels *dw_motion_kernels_choose (unsigned cpu_flags);

extern const DwMotionKernels dw_motion_kernels_c;
#if defined(__x86_64__)
extern const DwMotionKernels dw_motion_kernels_sse2;
extern const DwMotionKernels dw_motion_kernels_avx2;
#elif defined(__aarch64__)
extern const DwMotionKernels dw_motion_kernels_neon;
#endif

/* The reference from a cell on: what the others call for tails. */
void dw_motion_pool_from (const DwBand *band, int cell, int first,
                          uint16_t *sum, uint16_t *gradient);
