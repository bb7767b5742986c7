/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the processor can do, asked once by the caller of a core. */
#pragma once

typedef enum
{
  DW_CPU_C = 0,
  DW_CPU_SSE2 = 1 << 0,
  DW_CPU_AVX2 = 1 << 1,
  DW_CPU_NEON = 1 << 2,
} DwCpuFlags;

/* Flags of this machine as far as this build has kernels for them. */
unsigned dw_cpu_detect (void);

/* Reads a list such as "c", "sse2", "avx2", "neon" (what the environment
 * variable DW_SIMD holds; NULL or "" keeps `detected`) and returns the subset
 * of `detected` that it allows: "c" gives 0, "sse2" leaves AVX2 out. A word it
 * does not know gives `detected`. The caller reads the environment: a core
 * never does. */
unsigned dw_cpu_limit (unsigned detected, const char *text);
