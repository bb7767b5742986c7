/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pixel loops for SSE2: psadbw sums eight differences in one step. */
#include "motion-kernels.h"

#include "cpu.h"

#include <emmintrin.h>

static inline __m128i
load (const uint8_t *p)
{
  return _mm_loadu_si128 ((const __m128i *)p);
}

/* Two cells: the sums lie in the low 16 bits of each half. */
static inline void
pool8_pair (const DwBand *band, int x, uint16_t *sum, uint16_t *gradient)
{
  const uint8_t *p = band->data + x;
  __m128i zero = _mm_setzero_si128 ();
  __m128i total = zero, steps = zero, row = load (p);

  for (int y = 0; y < band->n_rows; y++)
    {
      bool has_next = y + 1 < band->n_rows || band->has_below;
      __m128i next = has_next ? load (p + band->stride) : row;

      total = _mm_add_epi64 (total, _mm_sad_epu8 (row, zero));
      steps = _mm_add_epi64 (steps, _mm_sad_epu8 (row, load (p + 1)));
      steps = _mm_add_epi64 (steps, _mm_sad_epu8 (row, next));
      row = next;
      p += band->stride;
    }
  sum[0] = (uint16_t)_mm_extract_epi16 (total, 0);
  sum[1] = (uint16_t)_mm_extract_epi16 (total, 4);
  gradient[0] = (uint16_t)_mm_extract_epi16 (steps, 0);
  gradient[1] = (uint16_t)_mm_extract_epi16 (steps, 4);
}

/* A load one to the right of the last pixel would leave the row: the last
 * cells go to the reference. */
static void
pool8 (const DwBand *band, uint16_t *sum, uint16_t *gradient)
{
  int i = 0;

  for (; (i + 2) * 8 < band->width; i += 2)
    pool8_pair (band, i * 8, sum + i, gradient + i);
  dw_motion_pool_from (band, 8, i, sum, gradient);
}

/* Four cells. Only half of each eight bytes is summed at a time: first the
 * cells of even number, then the odd ones, moved to the upper 32 bits. */
static inline void
pool4_four (const DwBand *band, int x, uint16_t *sum, uint16_t *gradient)
{
  const uint8_t *p = band->data + x;
  __m128i zero = _mm_setzero_si128 ();
  __m128i even = _mm_set1_epi64x (0xffffffff);
  __m128i total[2] = { zero, zero }, steps[2] = { zero, zero };
  __m128i row = load (p);

  for (int y = 0; y < band->n_rows; y++)
    {
      bool has_next = y + 1 < band->n_rows || band->has_below;
      __m128i next = has_next ? load (p + band->stride) : row;
      __m128i side = load (p + 1);
      __m128i dx
          = _mm_or_si128 (_mm_subs_epu8 (row, side), _mm_subs_epu8 (side, row));
      __m128i dy
          = _mm_or_si128 (_mm_subs_epu8 (row, next), _mm_subs_epu8 (next, row));

      total[0] = _mm_add_epi64 (total[0],
                                _mm_sad_epu8 (_mm_and_si128 (row, even), zero));
      total[1] = _mm_add_epi64 (
          total[1], _mm_sad_epu8 (_mm_andnot_si128 (even, row), zero));
      steps[0] = _mm_add_epi64 (steps[0],
                                _mm_sad_epu8 (_mm_and_si128 (dx, even), zero));
      steps[1] = _mm_add_epi64 (
          steps[1], _mm_sad_epu8 (_mm_andnot_si128 (even, dx), zero));
      steps[0] = _mm_add_epi64 (steps[0],
                                _mm_sad_epu8 (_mm_and_si128 (dy, even), zero));
      steps[1] = _mm_add_epi64 (
          steps[1], _mm_sad_epu8 (_mm_andnot_si128 (even, dy), zero));
      row = next;
      p += band->stride;
    }
  for (int k = 0; k < 2; k++)
    {
      sum[k] = (uint16_t)_mm_extract_epi16 (total[k], 0);
      sum[k + 2] = (uint16_t)_mm_extract_epi16 (total[k], 4);
      gradient[k] = (uint16_t)_mm_extract_epi16 (steps[k], 0);
      gradient[k + 2] = (uint16_t)_mm_extract_epi16 (steps[k], 4);
    }
}

static void
pool4 (const DwBand *band, uint16_t *sum, uint16_t *gradient)
{
  int i = 0;

  for (; (i + 4) * 4 < band->width; i += 4)
    pool4_four (band, i * 4, sum + i, gradient + i);
  dw_motion_pool_from (band, 4, i, sum, gradient);
}

const DwMotionKernels dw_motion_kernels_sse2
    = { "sse2", DW_CPU_SSE2, pool8, pool4 };
