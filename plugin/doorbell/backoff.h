/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long to wait before the next attempt to reach a device: doubling, with
 * jitter so that many recorders do not return to it in step. */
#pragma once

#include <stdint.h>

#define DW_BACKOFF_FIRST_MS 500
#define DW_BACKOFF_MAX_MS 30000

/* The zero value has made no attempt. */
typedef struct
{
  unsigned n_failed; /* attempts since the last success */
} DwBackoff;

/* The wait before the next attempt: between a half and the whole of
 * min (FIRST * 2^(n+1), MAX), picked by `random` (any 32 bits of the caller's).
 * The first is at least FIRST, no wait exceeds MAX. Counts the attempt. */
uint32_t dw_backoff_next_ms (DwBackoff *backoff, uint32_t random);

/* The device was reached. */
void dw_backoff_reset (DwBackoff *backoff);
