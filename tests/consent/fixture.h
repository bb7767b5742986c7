/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grants and moments that the tests of consent start from. */
#pragma once

#include "policy.h"
#include "timebase.h"

#include <string.h>

/* 2026-11-23T20:00:00Z, an hour after the machine was started. */
#define NOW_UTC INT64_C (1795464000000000000)
#define NOW_BOOT (3600 * DW_SECOND_NS)
#define HOUR (3600 * DW_SECOND_NS)

#define HASH "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static inline DwNow
now_at (int64_t later_ns)
{
  return (DwNow){ .boot_ns = NOW_BOOT + later_ns,
                  .utc_earliest_ns = NOW_UTC + later_ns,
                  .utc_latest_ns = NOW_UTC + later_ns };
}

/* Anna, a neighbour, sees recordings of the front door. */
static inline DwShareKey
share_of_anna (void)
{
  return (DwShareKey){ .camera = "front",
                       .recipient = "anna",
                       .recipient_class = DW_CLASS_NEIGHBOUR };
}

/* In force from an hour ago for two hours, for footage of that time. */
static inline DwGrant
grant_for (const DwShareKey *share, uint64_t sequence, DwLevel level)
{
  return (DwGrant){ .sequence = sequence,
                    .share = *share,
                    .footage_from_ns = NOW_UTC - HOUR,
                    .footage_until_ns = NOW_UTC + HOUR,
                    .valid_from_ns = NOW_UTC - HOUR,
                    .valid_until_ns = NOW_UTC + HOUR,
                    .level = level,
                    .given_at_ns = NOW_UTC - HOUR };
}

static inline DwVerdict
verdict_of (const DwShareKey *share, const DwGrant *grants, size_t n_grants,
            const DwNow *now, int64_t footage_ns)
{
  DwPolicy policy;
  const DwQuestion question = { .policy = &policy,
                                .share = share,
                                .grants = grants,
                                .n_grants = n_grants,
                                .now = *now };
  DwTerms terms;
  DwVerdict verdict;

  dw_policy_init (&policy);
  dw_terms_compile (&question, &terms, NULL);
  dw_verdict_decide (&terms, footage_ns, now->boot_ns, &verdict);
  return verdict;
}
