/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which kernels may run. */
#include "cpu.h"

#include <stddef.h>
#include <string.h>

unsigned
dw_cpu_detect (void)
{
  unsigned flags = DW_CPU_C;

#if defined(__x86_64__)
  flags |= DW_CPU_SSE2;
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx2"))
    flags |= DW_CPU_AVX2;
#elif defined(__aarch64__)
  flags |= DW_CPU_NEON;
#endif
  return flags;
}

unsigned
dw_cpu_limit (unsigned detected, const char *text)
{
  if (text == NULL || *text == '\0')
    return detected;
  if (strcmp (text, "c") == 0)
    return DW_CPU_C;
  if (strcmp (text, "sse2") == 0)
    return detected & DW_CPU_SSE2;
  if (strcmp (text, "neon") == 0)
    return detected & DW_CPU_NEON;
  return detected;
}
