/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AVX2: 32 bytes at a time. */
#include "redact-kernels.h"

#include "cpu.h"

#include <immintrin.h>

/* 16-bit lanes hold this many bytes of 255 before they overflow. */
#define LANE_ROUNDS 256

static uint64_t
sum (const uint8_t *bytes, int n)
{
  const __m256i zero = _mm256_setzero_si256 ();
  __m256i total = zero;
  uint64_t parts[4], result;
  int i = 0;

  for (; i + 32 <= n; i += 32)
    {
      __m256i v = _mm256_loadu_si256 ((const __m256i *)(bytes + i));

      total = _mm256_add_epi64 (total, _mm256_sad_epu8 (v, zero));
    }
  _mm256_storeu_si256 ((__m256i *)parts, total);
  result = parts[0] + parts[1] + parts[2] + parts[3];
  for (; i < n; i++)
    result += bytes[i];
  return result;
}

/* Lane l of `even` holds phase 2l mod 4, of `odd` the phase after it. */
static void
flush_lanes (__m256i even, __m256i odd, uint64_t sums[DW_N_PHASES])
{
  uint16_t lanes[2][16];

  _mm256_storeu_si256 ((__m256i *)lanes[0], even);
  _mm256_storeu_si256 ((__m256i *)lanes[1], odd);
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

  while (i + 32 <= n)
    {
      __m256i even = _mm256_setzero_si256 (), odd = even;

      for (int rounds = 0; rounds < LANE_ROUNDS && i + 32 <= n;
           rounds++, i += 32)
        {
          __m256i v = _mm256_loadu_si256 ((const __m256i *)(bytes + i));

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
