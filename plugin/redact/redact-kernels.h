/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one loop of raw redaction that is worth an instruction set: sums of
 * bytes for the mean colour. Filling is left to memset and memcpy. */
#pragma once

#include <stdint.h>

#define DW_N_PHASES 4

typedef struct
{
  const char *name;
  unsigned needs; /* DwCpuFlags */

  /* Sum of n bytes. */
  uint64_t (*sum) (const uint8_t *bytes, int n);

  /* Adds byte i to sums[i % 4]; n is a multiple of 2. */
  void (*sum_phases) (const uint8_t *bytes, int n, uint64_t sums[DW_N_PHASES]);
} DwRedactKernels;

extern const DwRedactKernels dw_redact_kernels_c;
#if defined(__x86_64__)
extern const DwRedactKernels dw_redact_kernels_sse2;
extern const DwRedactKernels dw_redact_kernels_avx2;
#endif

/* The best that `cpu_flags` allows; the reference for 0. */
const DwRedactKernels *dw_redact_kernels_choose (unsigned cpu_flags);
