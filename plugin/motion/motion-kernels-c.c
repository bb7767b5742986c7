/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pixel loops in plain C, plain and slow: the truth the other instruction
 * sets are held to; and the table that chooses among them. */
#include "motion-kernels.h"

#include <stdlib.h>

static void
pool_cell (const DwBand *band, int left, int right, uint16_t *sum,
           uint16_t *gradient)
{
  unsigned total = 0, steps = 0;

  for (int y = 0; y < band->n_rows; y++)
    {
      const uint8_t *row = band->data + y * band->stride;
      bool has_next = y + 1 < band->n_rows || band->has_below;
      const uint8_t *next = has_next ? row + band->stride : row;

      for (int x = left; x < right; x++)
        {
          int aside = x + 1 < band->width ? x + 1 : x;

          total += row[x];
          steps += (unsigned)abs (row[aside] - row[x]);
          steps += (unsigned)abs (next[x] - row[x]);
        }
    }
  *sum = (uint16_t)total;
  *gradient = (uint16_t)steps;
}

void
dw_motion_pool_from (const DwBand *band, int cell, int first, uint16_t *sum,
                     uint16_t *gradient)
{
  int n = (band->width + cell - 1) / cell;

  for (int i = first; i < n; i++)
    {
      int left = i * cell;
      int right = left + cell < band->width ? left + cell : band->width;

      pool_cell (band, left, right, &sum[i], &gradient[i]);
    }
}

static void
pool8 (const DwBand *band, uint16_t *sum, uint16_t *gradient)
{
  dw_motion_pool_from (band, 8, 0, sum, gradient);
}

static void
pool4 (const DwBand *band, uint16_t *sum, uint16_t *gradient)
{
  dw_motion_pool_from (band, 4, 0, sum, gradient);
}

const DwMotionKernels dw_motion_kernels_c = { "c", 0, pool8, pool4 };

static const DwMotionKernels *const all_kernels[] = {
#if defined(__x86_64__)
  &dw_motion_kernels_avx2,
  &dw_motion_kernels_sse2,
#elif defined(__aarch64__)
  &dw_motion_kernels_neon,
#endif
  &dw_motion_kernels_c,
};

const DwMotionKernels *const *
dw_motion_kernels_all (size_t *count)
{
  *count = sizeof all_kernels / sizeof all_kernels[0];
  return all_kernels;
}

const DwMotionKernels *
dw_motion_kernels_choose (unsigned cpu_flags)
{
  size_t n, i = 0;

  (void)dw_motion_kernels_all (&n);
  while (i + 1 < n && (all_kernels[i]->needs & ~cpu_flags) != 0)
    i++;
  return all_kernels[i];
}
