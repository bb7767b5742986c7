/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doubling waits with jitter. */
#include "backoff.h"

uint32_t
dw_backoff_next_ms (DwBackoff *backoff, uint32_t random)
{
  uint32_t limit = DW_BACKOFF_FIRST_MS * 2;
  uint32_t half;

  for (unsigned i = 0; i < backoff->n_failed && limit < DW_BACKOFF_MAX_MS; i++)
    limit *= 2;
  if (limit > DW_BACKOFF_MAX_MS)
    limit = DW_BACKOFF_MAX_MS;
  if (backoff->n_failed < UINT32_MAX)
    backoff->n_failed++;
  half = limit / 2;
  return half + random % (half + 1);
}

void
dw_backoff_reset (DwBackoff *backoff)
{
  backoff->n_failed = 0;
}
