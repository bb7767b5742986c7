/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reference: what every other kernel must equal. */
#include "redact-kernels.h"

#include <stddef.h>

static uint64_t
sum (const uint8_t *bytes, int n)
{
  uint32_t total = 0;

  /* A row is at most 2^15 bytes, so 32 bits are enough. */
  for (int i = 0; i < n; i++)
    total += bytes[i];
  return total;
}

static void
sum_phases (const uint8_t *bytes, int n, uint64_t sums[DW_N_PHASES])
{
  uint32_t part[DW_N_PHASES] = { 0 };

  for (int i = 0; i + 3 < n; i += 4)
    for (int j = 0; j < DW_N_PHASES; j++)
      part[j] += bytes[i + j];
  for (int i = n & ~3; i < n; i++)
    part[i & 3] += bytes[i];
  for (int j = 0; j < DW_N_PHASES; j++)
    sums[j] += part[j];
}

const DwRedactKernels dw_redact_kernels_c = { "c", 0, sum, sum_phases };

/* Best first, the reference last. */
static const DwRedactKernels *const table[] = {
#if defined(__x86_64__)
  &dw_redact_kernels_avx2,
  &dw_redact_kernels_sse2,
#endif
  &dw_redact_kernels_c,
};

const DwRedactKernels *
dw_redact_kernels_choose (unsigned cpu_flags)
{
  const size_t last = sizeof table / sizeof table[0] - 1;

  for (size_t i = 0; i < last; i++)
    if ((table[i]->needs & cpu_flags) == table[i]->needs)
      return table[i];
  return table[last];
}
