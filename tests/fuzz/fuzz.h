/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One fuzz target is one function; libFuzzer or the replay calls it. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What must hold whatever the input; a sanitizer reports where. */
#define FUZZ_ASSERT(condition)                                                 \
  do                                                                           \
    {                                                                          \
      if (!(condition))                                                        \
        abort ();                                                              \
    }                                                                          \
  while (0)

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
