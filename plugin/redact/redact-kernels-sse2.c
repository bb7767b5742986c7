/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SSE2: 16 bytes at a time. */
#include "redact-kernels.h"

#include "cpu.h"

#include <emmintrin.h>

/* 16-bit lanes hold this many bytes of 255 before they overflow. */
#define LANE_ROUNDS 256

static uint64_t
sum (const uint8_t *bytes, int n)
{
  const __m128i zero = _mm_setzero_si128 ();
  __m128i total = zero;
  uint64_t parts[2], result;
  int i = 0;

  for (; i + 16 <= n; i += 16)
    {
      __m128i v = _mm_loadu_si128 ((const __m128i *)(bytes + i));

      total = _mm_add_epi64 (total, _mm_sad_epu8 (v, zero));
    }
  _mm_storeu_si128 ((__m128i *)parts, total);
  result = parts[0] + parts[1];
  for (; i < n; i++)
    result += bytes[i];
  return result;
}

/* Lane l of `even` holds phase 2l mod 4, of `odd` the phase after it. */
static void
flush_lanes (__m128i even, __m128i odd, uint64_t sums[DW_N_PHASES])
{
  uint16_t lanes[2][8];

  _mm_storeu_si128 ((__m128i *)lanes[0], even);
  _mm_storeu_si128 ((__m128i *)lanes[1], odd);
  for (int l = 0; l < 8; l++)
    {
      sums[l % 2 * 2] += lanes[0][l];
      sums[l % 2 * 2 + 1] += lanes[1][l];
    }
}

static void
sum_phases (const uint8_t *bytes, int n, uint64_t sums[DW_N_PHASES])
{
  const __m128i low = _mm_set1_epi16 (0x00ff);
  int i = 0;

  while (i + 16 <= n)
    {
      __m128i even = _mm_setzero_si128 (), odd = even;

      for (int rounds = 0; rounds < LANE_ROUNDS && i + 16 <= n;
           rounds++, i += 16)
        {
          __m128i v = _mm_loadu_si128 ((const __m128i *)(bytes + i));

          even = _mm_add_epi16 (even, _mm_and_si128 (v, low));
          odd = _mm_add_epi16 (odd, _mm_srli_epi16 (v, 8));
        }
      flush_lanes (even, odd, sums);
    }
  for (; i < n; i++)
    sums[i & 3] += bytes[i];
}

const DwRedactKernels dw_redact_kernels_sse2
    = { "sse2", DW_CPU_SSE2, sum, sum_phases };
