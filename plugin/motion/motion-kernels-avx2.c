/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pixel loops for AVX2. Compiled with its own flags: nothing here runs
 * before the table has asked the processor. */
#include "motion-kernels.h"

#include "cpu.h"

#include <immintrin.h>

static inline __m256i
load (const uint8_t *p)
{
  return _mm256_loadu_si256 ((const __m256i *)p);
}

/* The low 16 bits of the four 64-bit lanes, one after another. */
static inline void
store_four (uint16_t *out, __m256i lanes)
{
  __m128i low = _mm256_castsi256_si128 (lanes);
  __m128i high = _mm256_extracti128_si256 (lanes, 1);
  __m128i both = _mm_packus_epi32 (_mm_shuffle_epi32 (low, 0x08),
                                   _mm_shuffle_epi32 (high, 0x08));

  both = _mm_shuffle_epi32 (both, 0x08);
  _mm_storel_epi64 ((__m128i *)out, both);
}

static inline void
pool8_four (const DwBand *band, int x, uint16_t *sum, uint16_t *gradient)
{
  const uint8_t *p = band->data + x;
  __m256i zero = _mm256_setzero_si256 ();
  __m256i total = zero, steps = zero, row = load (p);

  for (int y = 0; y < band->n_rows; y++)
    {
      bool has_next = y + 1 < band->n_rows || band->has_below;
      __m256i next = has_next ? load (p + band->stride) : row;

      total = _mm256_add_epi64 (total, _mm256_sad_epu8 (row, zero));
      steps = _mm256_add_epi64 (steps, _mm256_sad_epu8 (row, load (p + 1)));
      steps = _mm256_add_epi64 (steps, _mm256_sad_epu8 (row, next));
      row = next;
      p += band->stride;
    }
  store_four (sum, total);
  store_four (gradient, steps);
}

static void
pool8 (const DwBand *band, uint16_t *sum, uint16_t *gradient)
{
  int i = 0;

  for (; (i + 4) * 8 < band->width; i += 4)
    pool8_four (band, i * 8, sum + i, gradient + i);
  dw_motion_pool_from (band, 8, i, sum, gradient);
}

/* Sums of four neighbouring bytes, added to eight 32-bit counters. */
static inline __m256i
add_fours (__m256i counters, __m256i bytes)
{
  __m256i pairs = _mm256_maddubs_epi16 (bytes, _mm256_set1_epi8 (1));

  return _mm256_add_epi32 (counters,
                           _mm256_madd_epi16 (pairs, _mm256_set1_epi16 (1)));
}

static inline __m256i
difference (__m256i a, __m256i b)
{
  return _mm256_or_si256 (_mm256_subs_epu8 (a, b), _mm256_subs_epu8 (b, a));
}

static inline void
store_eight (uint16_t *out, __m256i counters)
{
  __m128i low = _mm256_castsi256_si128 (counters);
  __m128i high = _mm256_extracti128_si256 (counters, 1);

  _mm_storeu_si128 ((__m128i *)out, _mm_packus_epi32 (low, high));
}

static inline void
pool4_eight (const DwBand *band, int x, uint16_t *sum, uint16_t *gradient)
{
  const uint8_t *p = band->data + x;
  __m256i zero = _mm256_setzero_si256 ();
  __m256i total = zero, steps = zero, row = load (p);

  for (int y = 0; y < band->n_rows; y++)
    {
      bool has_next = y + 1 < band->n_rows || band->has_below;
      __m256i next = has_next ? load (p + band->stride) : row;

      total = add_fours (total, row);
      steps = add_fours (steps, difference (row, load (p + 1)));
      steps = add_fours (steps, difference (row, next));
      row = next;
      p += band->stride;
    }
  store_eight (sum, total);
  store_eight (gradient, steps);
}

static void
pool4 (const DwBand *band, uint16_t *sum, uint16_t *gradient)
{
  int i = 0;

  for (; (i + 8) * 4 < band->width; i += 8)
    pool4_eight (band, i * 4, sum + i, gradient + i);
  dw_motion_pool_from (band, 4, i, sum, gradient);
}

const DwMotionKernels dw_motion_kernels_avx2
    = { "avx2", DW_CPU_AVX2, pool8, pool4 };
