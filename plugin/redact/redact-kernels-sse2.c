/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SSE2: 16 bytes at a time, four times a round. */
#include "redact-kernels.h"

#include "cpu.h"

#include <emmintrin.h>

/* 16-bit lanes hold this many rounds of 4 bytes of 255 before they overflow. */
#define LANE_ROUNDS 64

static __m128i
load (const uint8_t *bytes)
{
  return _mm_loadu_si128 ((const __m128i *)(const void *)bytes);
}

static uint64_t
sum (const uint8_t *bytes, int n)
{
  const __m128i zero = _mm_setzero_si128 ();
  __m128i totals[2] = { zero, zero };
  uint64_t parts[2], result = 0;
  int i = 0;

  for (; i + 64 <= n; i += 64)
    for (int j = 0; j < 4; j++)
      totals[j % 2] = _mm_add_epi64 (
          totals[j % 2], _mm_sad_epu8 (load (bytes + i + 16 * j), zero));
  _mm_storeu_si128 ((__m128i *)(void *)parts,
                    _mm_add_epi64 (totals[0], totals[1]));
  for (int l = 0; l < 2; l++)
    result += parts[l];
  for (; i < n; i++)
    result += bytes[i];
  return result;
}

/* Lane l of `even` holds phase 2l mod 4, of `odd` the phase after it. */
static void
flush_lanes (__m128i even, __m128i odd, uint64_t sums[DW_N_PHASES])
{
  uint16_t lanes[2][8];

  _mm_storeu_si128 ((__m128i *)(void *)lanes[0], even);
  _mm_storeu_si128 ((__m128i *)(void *)lanes[1], odd);
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

  while (i + 64 <= n)
    {
      __m128i even = _mm_setzero_si128 (), odd = even;
      int end = i + LANE_ROUNDS * 64;

      for (end = end < n ? end : n; i + 64 <= end; i += 64)
        for (int j = 0; j < 4; j++)
          {
            __m128i v = load (bytes + i + 16 * j);

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
