/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shares, grants and times as people write and read them: in the local time
 * zone, in whole sentences. */
#pragma once

#include "json.h"
#include "policy.h"

#include <stddef.h>

#define DW_WHEN_TEXT 40
#define DW_SENTENCE 768

/* What dw_time_parse () reads, or without a zone the local time:
 * "YYYY-MM-DD HH:MM[:SS]" (or with a T), "HH:MM[:SS]" of today. A time that
 * the local clock skips is refused. */
DwStatus dw_when_parse (const char *text, int64_t now_ns, int64_t *out_ns);

/* "2026-11-23 20:15:00" of the local time. Returns `out`. */
char *dw_when_format (int64_t utc_ns, char out[DW_WHEN_TEXT]);

/* "2 hours 30 minutes". Returns `out`. */
char *dw_span_format (int64_t span_ns, char out[DW_WHEN_TEXT]);

/* "the live picture of camera front" or "recordings of camera front". */
void dw_share_say (const DwShareKey *share, char *out, size_t size);

/* ", for visit, case ST/1"; "" for neither. */
void dw_share_say_why (const DwShareKey *share, char *out, size_t size);

typedef enum
{
  DW_GRANT_DAMAGED = 0,
  DW_GRANT_REVOKED,
  DW_GRANT_ENDED,
  DW_GRANT_WAITING,
  DW_GRANT_IN_FORCE,
} DwGrantState;

DwGrantState dw_grant_state (const DwGrant *grant, const DwNow *now);
const char *dw_grant_state_text (DwGrantState state);

/* The members of a grant, into an object that is open. */
void dw_grant_write (DwJson *json, const DwGrant *grant, const DwNow *now);

/* "no-grant", "revoked", ...: a reason as a word for programs. */
const char *dw_reason_word (DwReason reason);
