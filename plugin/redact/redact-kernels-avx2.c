/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AVX2: 32 bytes at a time, four times a round. */
#include "redact-kernels.h"

#include "cpu.h"

#include <immintrin.h>

/* 16-bit lanes hold this many rounds of 4 bytes of 255 before they overflow. */
#define LANE_ROUNDS 64

static __m256i
load (const uint8_t *bytes)
{
  return _mm256_loadu_si256 ((const __m256i *)(const void *)bytes);
}

static uint64_t
sum (const uint8_t *bytes, int n)
{
  const __m256i zero = _mm256_setzero_si256 ();
  __m256i totals[2] = { zero, zero };
  uint64_t parts[4], result = 0;
  int i = 0;

  for (; i + 128 <= n; i += 128)
    for (int j = 0; j < 4; j++)
      totals[j % 2] = _mm256_add_epi64 (
          totals[j % 2], _mm256_sad_epu8 (load (bytes + i + 32 * j), zero));
  _mm256_storeu_si256 ((__m256i *)(void *)parts,
                       _mm256_add_epi64 (totals[0], totals[1]));
  for (int l = 0; l < 4; l++)
    result += parts[l];
  for (; i < n; i++)
    result += bytes[i];
  return result;
}

/* Lane l of `even` holds phase 2l mod 4, of `odd` the phase after it. */
static void
flush_lanes (__m256i even, __m256i odd, uint64_t sums[DW_N_PHASES])
{
  uint16_t lanes[2][16];

  _mm256_storeu_si256 ((__m256i *)(void *)lanes[0], even);
  _mm256_storeu_si256 ((__m256i *)(void *)lanes[1], odd);
  for (int l = 0; l < 16; l++)
    {
      sums[l % 2 * 2] += lanes[0][l];
      sums[l % 2 * 2 + 1] += lanes[1][l];
    }
}

static void
sum_phases (const uint8_t *bytes, int n, uint64_t sums[DW_N_PHASES])
{
  const __m256i low = _mm256_set1_epi16 (0x00ff);
  int i = 0;

  while (i + 128 <= n)
    {
      __m256i even = _mm256_setzero_si256 (), odd = even;
      int end = i + LANE_ROUNDS * 128;

      for (end = end < n ? end : n; i + 128 <= end; i += 128)
        for (int j = 0; j < 4; j++)
          {
            __m256i v = load (bytes + i + 32 * j);

            even = _mm256_add_epi16 (even, _mm256_and_si256 (v, low));
            odd = _mm256_add_epi16 (odd, _mm256_srli_epi16 (v, 8));
          }
      flush_lanes (even, odd, sums);
    }
  for (; i < n; i++)
    sums[i & 3] += bytes[i];
}

const DwRedactKernels dw_redact_kernels_avx2
    = { "avx2", DW_CPU_AVX2, sum, sum_phases };
