/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a share would show, as a sentence and as JSON. */
#pragma once

#include "json.h"
#include "ledger.h"

/* An answer of dw_policy_explain () with what it was asked about. */
typedef struct
{
  DwShareKey share;
  DwVerdict verdict;
  DwReason reason;
  uint64_t sequence; /* the grant that decides */
  int64_t footage_ns;
  bool is_footage_now;
  bool has_regions;
  int64_t until_ns; /* end of the newest grant in force, 0 for none */
} DwAnswer;

/* Asks for `footage_ns`; 0 chooses: now, or for recordings the beginning of
 * what the newest grant covers. */
void dw_answer_find (const DwQuestion *question, int64_t footage_ns,
                     DwAnswer *out);

/* "anna (neighbour) would now see camera front live, masked, without sound,
 * until ...: the grant says so (grant 3)." */
void dw_answer_say (const DwAnswer *answer, char *out, size_t size);

/* Its members, into an object that is open. */
void dw_answer_write (DwJson *json, const DwAnswer *answer);
