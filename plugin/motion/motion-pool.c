/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pixels to cells, a row of cells at a time. */
#include "motion-pool.h"

static void
store_row (const DwPool *pool, int row, int n_rows)
{
  DwBackground *background = pool->background;
  int last = background->columns - 1;
  int cut = pool->width - last * pool->background->cell_size;
  float *restrict mean
      = background->mean + (ptrdiff_t)row * background->columns;
  float *restrict gradient
      = background->gradient + (ptrdiff_t)row * background->columns;
  float share = 1.0f / (float)(pool->background->cell_size * n_rows);

  for (int x = 0; x < last; x++)
    {
      mean[x] = (float)pool->sums[x] * share;
      gradient[x] = (float)pool->gradients[x] * share;
    }
  share = 1.0f / (float)(cut * n_rows);
  mean[last] = (float)pool->sums[last] * share;
  gradient[last] = (float)pool->gradients[last] * share;
}

static void
pool_band (const DwPool *pool, const DwBand *band, int row)
{
  if (pool->background->cell_size == 8)
    pool->kernels->pool8 (band, pool->sums, pool->gradients);
  else
    pool->kernels->pool4 (band, pool->sums, pool->gradients);
  store_row (pool, row, band->n_rows);
}

void
dw_pool_plane (const DwPool *pool, const DwPlane *luma)
{
  for (int row = 0; row < pool->background->rows; row++)
    {
      int top = row * pool->background->cell_size;
      int left = luma->height - top;
      bool has_below = left > pool->background->cell_size;
      DwBand band
          = { luma->data + (ptrdiff_t)top * luma->stride, luma->stride,
              luma->width, has_below ? pool->background->cell_size : left,
              has_below };

      pool_band (pool, &band, row);
    }
}

/* The compiler makes of this what hand-written vectors would: measured. */
static void
unpack (const uint8_t *packed, uint8_t *luma, int width)
{
  for (int x = 0; x < width; x++)
    luma[x] = packed[2 * x];
}

/* Packed formats: a band at a time into a buffer that stays in the cache. */
void
dw_pool_packed (const DwPool *pool, const DwFrame *frame)
{
  int first = frame->format == DW_FORMAT_YUY2 ? 0 : 1;

  for (int row = 0; row < pool->background->rows; row++)
    {
      int top = row * pool->background->cell_size;
      int left = frame->height - top;
      bool has_below = left > pool->background->cell_size;
      int n = has_below ? pool->background->cell_size : left;
      DwBand band = { pool->luma, pool->width, pool->width, n, has_below };

      for (int y = 0; y < n + has_below; y++)
        unpack (frame->data[0] + (ptrdiff_t)(top + y) * frame->stride[0]
                    + first,
                pool->luma + (ptrdiff_t)y * pool->width, pool->width);
      pool_band (pool, &band, row);
    }
}
