/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy: ceilings per recipient class that no grant can exceed, and how
 * they meet with grants. Pure functions over values; safe from any thread.
 *
 * How grants meet: of all grants that cover a moment the smallest level
 * counts, sound only if all allow it, and a pixel only if the regions of all
 * of them show it. A grant that ended (revoked or run out) still bounds grants
 * that were given before its end: so revoking, or time that runs out, never
 * raises a level. A grant given afterwards is not bound by it. */
#pragma once

#include "level.h"
#include "picture.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DW_GRANT_MAX_REGIONS 4
#define DW_MAX_TERMS 32

/* The owner's consent. The zero grant covers nothing. Times are UTC
 * nanoseconds, windows include `from` and exclude `until`. */
typedef struct
{
  uint64_t sequence; /* of the ledger, from 1; grows with every entry */
  DwShareKey share;
  int64_t footage_from_ns, footage_until_ns;
  int64_t valid_from_ns, valid_until_ns;
  DwLevel level;
  bool has_audio;
  size_t n_regions; /* 0: the whole picture */
  DwPolygon regions[DW_GRANT_MAX_REGIONS];
  int64_t given_at_ns;
  uint64_t revoked_sequence; /* of the revoking entry; 0: not revoked */
  int64_t revoked_at_ns;
  bool is_damaged; /* the entry could not be read: until it is revoked and
                      granted anew it bounds its share to nothing, or every
                      share where camera or recipient are illegible */
} DwGrant;

/* Checks a grant by itself: names, windows that are not empty, a live grant's
 * footage within its validity, level, regions. Says what is wrong. */
DwStatus dw_grant_check (const DwGrant *grant, DwError *error);

typedef struct
{
  DwLevel max_live;
  DwLevel max_recorded;
  bool needs_case;
  bool needs_consent_hash;
  bool allows_audio;
} DwCeiling;

typedef struct
{
  DwCeiling ceilings[DW_N_CLASSES];
} DwPolicy;

/* The ceilings nothing can lift. Police: nothing live, a case number always,
 * recorded up to clear. Vendor: nothing live, the hash of a written consent
 * always, recorded up to masked. Household, neighbour: up to clear. Community,
 * public: up to masked. Audio off for all but household. */
void dw_policy_init (DwPolicy *policy);

/* Lowers `policy` by `other`, field by field: a ceiling of the configuration
 * can only take away. */
void dw_policy_meet (DwPolicy *policy, const DwPolicy *other);

/* A grant as the slot holds it: cut to what the reader needs. Deadlines are
 * BOOTTIME. A term covers from boot_from_ns until boot_until_ns; it bounds
 * those that name it in `bounded_by` from boot_bounds_ns on, and does not stop
 * when it ends. */
typedef struct
{
  uint64_t sequence;
  int64_t footage_from_ns, footage_until_ns;
  int64_t boot_from_ns;   /* 0: has begun */
  int64_t boot_until_ns;  /* 0: has ended, it only bounds */
  int64_t boot_bounds_ns; /* before boot_from_ns where the clock is in doubt */
  uint32_t bounded_by;    /* bit i: given before the end of terms[i] */
  DwLevel level;          /* the policy already met */
  bool has_audio;
  size_t n_regions;
  DwPolygon regions[DW_GRANT_MAX_REGIONS];
} DwTerm;

/* All that holds for one share. Zero: nothing. */
typedef struct
{
  size_t n_terms;
  DwTerm terms[DW_MAX_TERMS];
} DwTerms;

/* The two clocks read together, bounded so that setting the wall clock never
 * extends anything: `utc_earliest_ns` is the lowest time it may be now and
 * judges beginnings, `utc_latest_ns` the highest and judges ends. */
typedef struct
{
  int64_t boot_ns;
  int64_t utc_earliest_ns;
  int64_t utc_latest_ns;
} DwNow;

/* What is asked about one share. All of it is the caller's. */
typedef struct
{
  const DwPolicy *policy;
  const DwShareKey *share;
  const DwGrant *grants;
  size_t n_grants;
  DwNow now;
} DwQuestion;

/* The grants that cover the share under the policy, cut into terms. Grants of
 * other shares, and those of sequence 0, are passed over; one of this share
 * that is malformed bounds it to nothing. A grant begins when it was given at
 * the earliest. Whatever `policy` says is met with the built-in ceilings.
 * Always writes `out`; any doubt (a clock that is 0, DW_ERROR_INVALID; more
 * than DW_MAX_TERMS, DW_ERROR_LIMIT) gives no terms. `next_change_ns`, where
 * not NULL, gets the BOOTTIME of the next beginning or end, INT64_MAX for none.
 */
DwStatus dw_terms_compile (const DwQuestion *question, DwTerms *out,
                           int64_t *next_change_ns);

/* Why a verdict is what it is; 0 is the unspecific refusal. */
typedef enum
{
  DW_REASON_NONE = 0,     /* doubt: no slot, no clock, malformed */
  DW_REASON_NO_GRANT,     /* nobody consented to this share */
  DW_REASON_REVOKED,      /* there was a grant; it was revoked */
  DW_REASON_EXPIRED,      /* there was a grant; its time has run out */
  DW_REASON_NOT_YET,      /* a grant begins later */
  DW_REASON_FOOTAGE,      /* the scene is outside every footage window */
  DW_REASON_POLICY_LIVE,  /* this class never sees live */
  DW_REASON_POLICY_CASE,  /* this class needs a case number */
  DW_REASON_POLICY_HASH,  /* this class needs a written consent's hash */
  DW_REASON_POLICY_LEVEL, /* the ceiling is below the grant */
  DW_REASON_POLICY_CLASS, /* class unknown, or its ceiling is nothing */
  DW_REASON_LEASE,        /* nobody vouches for the ledger any more */
  DW_REASON_GRANTED,      /* exactly what the grants say */
  DW_REASON_BOUNDED,      /* less than the newest grant: others bound it */
} DwReason;

/* One sentence without names, such as "the grant was revoked". */
const char *dw_reason_text (DwReason reason);

/* What may be shown at one moment. Bit i of `terms`: terms[i] applies, and its
 * regions bound the picture. Zero: nothing. */
typedef struct
{
  DwLevel level;
  bool has_audio;
  uint32_t terms;
} DwVerdict;

/* Judges one moment of a share: `footage_ns` is when the scene happened (0:
 * not known, nothing), `boot_ns` is now. Always writes `out`. Never blocks,
 * allocates nothing. */
void dw_verdict_decide (const DwTerms *terms, int64_t footage_ns,
                        int64_t boot_ns, DwVerdict *out);

/* The same for what lasts, such as sound: it may be shown as a whole, or it is
 * nothing. A footage window that begins or ends within it makes it nothing. */
void dw_verdict_decide_span (const DwTerms *terms, int64_t footage_ns,
                             int64_t length_ns, int64_t boot_ns,
                             DwVerdict *out);

/* The same question asked for a person, with the reason: for `doorward show`.
 * `sequence` gets the grant that decides, 0 for none; may be NULL. */
DwReason dw_policy_explain (const DwQuestion *question, int64_t footage_ns,
                            DwVerdict *out, uint64_t *sequence);
