/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict for a person: what would be shown, why, and which grant decides.
 */
#include "grant.h"

/* The question with the terms that answer it. */
typedef struct
{
  const DwQuestion *question;
  int64_t footage_ns;
  DwTerms terms;
} Inquiry;

const char *
dw_reason_text (DwReason reason)
{
  static const char *const texts[] = {
    [DW_REASON_NONE] = "it is not certain what was consented to",
    [DW_REASON_NO_GRANT] = "nobody consented to this share",
    [DW_REASON_REVOKED] = "the grant was revoked",
    [DW_REASON_EXPIRED] = "the grant has run out",
    [DW_REASON_NOT_YET] = "the grant has not begun yet",
    [DW_REASON_FOOTAGE] = "the scene is outside the footage that was granted",
    [DW_REASON_POLICY_LIVE] = "this class of recipient never sees live",
    [DW_REASON_POLICY_CASE] = "this class of recipient needs a case number",
    [DW_REASON_POLICY_HASH]
    = "this class of recipient needs the hash of a written consent",
    [DW_REASON_POLICY_LEVEL] = "the policy's ceiling is below the grant",
    [DW_REASON_POLICY_CLASS] = "the policy shows this class nothing",
    [DW_REASON_LEASE] = "nobody vouches for the ledger any more",
    [DW_REASON_GRANTED] = "the grant says so",
    [DW_REASON_BOUNDED] = "another grant bounds it",
  };

  return (size_t)reason < sizeof texts / sizeof *texts ? texts[reason]
                                                       : texts[DW_REASON_NONE];
}

static const DwGrant *
find_grant (const Inquiry *inquiry, uint64_t sequence)
{
  for (size_t i = 0; i < inquiry->question->n_grants; i++)
    if (inquiry->question->grants[i].sequence == sequence)
      return &inquiry->question->grants[i];
  return NULL;
}

static bool
is_in_force (const Inquiry *inquiry, const DwTerm *term)
{
  return inquiry->question->now.boot_ns >= term->boot_from_ns
         && inquiry->question->now.boot_ns < term->boot_until_ns;
}

static bool
covers_footage (const Inquiry *inquiry, const DwTerm *term)
{
  return inquiry->footage_ns >= term->footage_from_ns
         && inquiry->footage_ns < term->footage_until_ns;
}

/* The newest term in force, of those that cover the footage or of all. */
static const DwTerm *
newest_in_force (const Inquiry *inquiry, bool needs_footage)
{
  const DwTerm *newest = NULL;

  for (size_t i = 0; i < inquiry->terms.n_terms; i++)
    {
      const DwTerm *term = &inquiry->terms.terms[i];

      if (is_in_force (inquiry, term)
          && (!needs_footage || covers_footage (inquiry, term))
          && (newest == NULL || term->sequence > newest->sequence))
        newest = term;
    }
  return newest;
}

/* A term of the verdict that shows or lets hear less than `newest`. */
static const DwTerm *
find_bound (const Inquiry *inquiry, const DwVerdict *verdict,
            const DwTerm *newest)
{
  for (size_t i = 0; i < inquiry->terms.n_terms; i++)
    {
      const DwTerm *term = &inquiry->terms.terms[i];

      if (term == newest || !(verdict->terms & (UINT32_C (1) << i)))
        continue;
      if (verdict->level < newest->level
              ? term->level == verdict->level
              : term->n_regions > 0 || term->has_audio < newest->has_audio)
        return term;
    }
  return NULL;
}

static DwReason
explain_shown (const Inquiry *inquiry, const DwVerdict *verdict,
               uint64_t *sequence)
{
  const DwTerm *newest = newest_in_force (inquiry, true);
  const DwGrant *grant = newest ? find_grant (inquiry, newest->sequence) : NULL;
  const DwTerm *bound;

  if (grant == NULL)
    return DW_REASON_NONE;
  bound = find_bound (inquiry, verdict, newest);
  *sequence = bound ? bound->sequence : newest->sequence;
  if (bound != NULL)
    return DW_REASON_BOUNDED;
  /* The term has met the policy; the grant has not. */
  return newest->level < grant->level || newest->has_audio < grant->has_audio
             ? DW_REASON_POLICY_LEVEL
             : DW_REASON_GRANTED;
}

/* Why nothing is shown though a grant in force covers the moment. */
static DwReason
explain_bound_to_nothing (const Inquiry *inquiry, uint64_t *sequence)
{
  for (size_t i = 0; i < inquiry->terms.n_terms; i++)
    {
      const DwTerm *term = &inquiry->terms.terms[i];
      const DwGrant *grant = find_grant (inquiry, term->sequence);

      if (grant == NULL || term->level != DW_LEVEL_NOTHING
          || !covers_footage (inquiry, term))
        continue;
      *sequence = term->sequence;
      return grant->is_damaged || dw_grant_check (grant, NULL) != DW_OK
                 ? DW_REASON_NONE
                 : DW_REASON_BOUNDED;
    }
  return DW_REASON_NONE;
}

static DwReason
explain_nothing (const Inquiry *inquiry, uint64_t *sequence)
{
  const DwTerm *in_force = newest_in_force (inquiry, false);
  const DwGrant *newest = NULL;

  if (newest_in_force (inquiry, true) != NULL)
    return explain_bound_to_nothing (inquiry, sequence);
  if (in_force != NULL)
    {
      *sequence = in_force->sequence;
      return DW_REASON_FOOTAGE;
    }
  for (size_t i = 0; i < inquiry->question->n_grants; i++)
    if (dw_grant_concerns (&inquiry->question->grants[i],
                           inquiry->question->share)
        && (newest == NULL
            || inquiry->question->grants[i].sequence > newest->sequence))
      newest = &inquiry->question->grants[i];
  if (newest == NULL)
    return DW_REASON_NO_GRANT;
  *sequence = newest->sequence;
  if (newest->revoked_sequence != 0)
    return DW_REASON_REVOKED;
  return newest->valid_until_ns <= inquiry->question->now.utc_latest_ns
             ? DW_REASON_EXPIRED
             : DW_REASON_NOT_YET;
}

DwReason
dw_policy_explain (const DwQuestion *question, int64_t footage_ns,
                   DwVerdict *out, uint64_t *sequence)
{
  const DwCeiling ceiling
      = dw_policy_ceiling (question->policy, question->share);
  const DwReason reason = dw_ceiling_judge (&ceiling, question->share);
  Inquiry inquiry = { .question = question, .footage_ns = footage_ns };
  uint64_t ignored;

  if (sequence == NULL)
    sequence = &ignored;
  *sequence = 0;
  *out = (DwVerdict){ 0 };
  if (reason != DW_REASON_GRANTED)
    return reason;
  if (dw_terms_compile (question, &inquiry.terms, NULL) != DW_OK
      || footage_ns <= 0)
    return DW_REASON_NONE;
  dw_verdict_decide (&inquiry.terms, footage_ns, question->now.boot_ns, out);
  return out->level > DW_LEVEL_NOTHING ? explain_shown (&inquiry, out, sequence)
                                       : explain_nothing (&inquiry, sequence);
}
