/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts the grants of one share into terms, and judges a moment by them.
 *
 * A grant that is in force covers. Any grant, in force or ended, bounds those
 * given before its end; and so on along the chain, because what bounds a grant
 * must outlive it where that grant bounds another. The verdict is the meet of
 * all terms reached from those that cover the moment. */
#include "grant.h"

#include <string.h>

/* A grant as it counts here: a damaged one stands for "nothing, always". */
typedef struct
{
  const DwGrant *grant;
  uint64_t sequence;
  uint64_t revoked_sequence; /* UINT64_MAX: not revoked */
  int64_t footage_from_ns, footage_until_ns;
  int64_t from_ns, until_ns; /* UTC */
  int64_t given_at_ns;
  DwLevel level;
  bool has_audio;
  size_t n_regions;
} Fact;

/* The terms while they are gathered: facts[i] is what terms[i] is cut from. */
typedef struct
{
  const DwQuestion *question;
  DwCeiling ceiling;
  size_t n_facts;
  Fact facts[DW_MAX_TERMS];
} Gathering;

static int64_t
add_saturated (int64_t a, int64_t b)
{
  if (b > 0 && a > INT64_MAX - b)
    return INT64_MAX;
  if (b < 0 && a < INT64_MIN - b)
    return INT64_MIN;
  return a + b;
}

static int64_t
subtract_saturated (int64_t a, int64_t b)
{
  if (b > 0 && a < INT64_MIN + b)
    return INT64_MIN;
  if (b < 0 && a > INT64_MAX + b)
    return INT64_MAX;
  return a - b;
}

static int64_t
later (int64_t a, int64_t b)
{
  return a > b ? a : b;
}

static Fact
fact_of (const DwGrant *grant, const DwCeiling *ceiling, bool is_live)
{
  Fact fact = { .grant = grant,
                .sequence = grant->sequence,
                .revoked_sequence = UINT64_MAX,
                .given_at_ns = grant->given_at_ns };

  if (grant->revoked_sequence > grant->sequence)
    fact.revoked_sequence = grant->revoked_sequence;
  if (grant->is_damaged || dw_grant_check (grant, NULL) != DW_OK)
    {
      fact.footage_from_ns = INT64_MIN;
      fact.footage_until_ns = INT64_MAX;
      fact.from_ns = INT64_MIN;
      fact.until_ns = INT64_MAX;
      fact.given_at_ns = INT64_MIN;
      return fact;
    }
  fact.footage_from_ns = grant->footage_from_ns;
  fact.footage_until_ns = grant->footage_until_ns;
  fact.from_ns = later (grant->valid_from_ns, grant->given_at_ns);
  fact.until_ns = grant->valid_until_ns;
  fact.level = dw_level_meet (grant->level, is_live ? ceiling->max_live
                                                    : ceiling->max_recorded);
  fact.has_audio = grant->has_audio && ceiling->allows_audio;
  fact.n_regions = grant->n_regions;
  return fact;
}

static bool
has_ended (const Fact *fact, const DwNow *now)
{
  return fact->revoked_sequence != UINT64_MAX
         || fact->until_ns <= now->utc_latest_ns;
}

static bool
footage_overlaps (const Fact *a, const Fact *b)
{
  return a->footage_from_ns < b->footage_until_ns
         && b->footage_from_ns < a->footage_until_ns;
}

/* True when `fact` was given before the end of `bound`, whenever that is. */
static bool
is_bounded_by (const Fact *fact, const Fact *bound)
{
  if (fact->sequence > bound->revoked_sequence)
    return false;
  return fact->sequence <= bound->sequence
         || fact->given_at_ns < bound->until_ns;
}

/* True when whatever the ended `fact` bounds, the ended `other` bounds at
 * least as low and as long, and reaches every link that `fact` does. */
static bool
makes_redundant (const Fact *other, const Fact *fact)
{
  return other->footage_from_ns <= fact->footage_from_ns
         && other->footage_until_ns >= fact->footage_until_ns
         && other->from_ns <= fact->from_ns && other->until_ns >= fact->until_ns
         && other->sequence <= fact->sequence
         && other->given_at_ns <= fact->given_at_ns
         && other->revoked_sequence >= fact->revoked_sequence
         && other->level <= fact->level
         && (fact->has_audio || !other->has_audio)
         && (other->level == DW_LEVEL_NOTHING
             || dw_regions_are_same (other->grant->regions, other->n_regions,
                                     fact->grant->regions, fact->n_regions));
}

static DwStatus
gather (Gathering *gathering, const Fact *fact)
{
  if (gathering->n_facts == DW_MAX_TERMS)
    return DW_ERROR_LIMIT;
  gathering->facts[gathering->n_facts++] = *fact;
  return DW_OK;
}

static DwStatus
gather_unended (Gathering *gathering)
{
  DwStatus status = DW_OK;

  for (size_t i = 0; i < gathering->question->n_grants && status == DW_OK; i++)
    {
      Fact fact;

      if (!dw_grant_concerns (&gathering->question->grants[i],
                              gathering->question->share))
        continue;
      fact = fact_of (&gathering->question->grants[i], &gathering->ceiling,
                      gathering->question->share->is_live);
      if (!has_ended (&fact, &gathering->question->now))
        status = gather (gathering, &fact);
    }
  return status;
}

static bool
is_worth_gathering (const Gathering *gathering, const Fact *fact)
{
  for (size_t i = 0; i < gathering->n_facts; i++)
    {
      const Fact *other = &gathering->facts[i];

      if (other->grant == fact->grant)
        return false;
      if (has_ended (other, &gathering->question->now)
          && makes_redundant (other, fact))
        return false;
    }
  return true;
}

/* Ended grants that bound facts[index]. */
static DwStatus
gather_bounds (Gathering *gathering, size_t index)
{
  const Fact fact = gathering->facts[index];
  DwStatus status = DW_OK;

  for (size_t i = 0; i < gathering->question->n_grants && status == DW_OK; i++)
    {
      Fact bound;

      if (!dw_grant_concerns (&gathering->question->grants[i],
                              gathering->question->share))
        continue;
      bound = fact_of (&gathering->question->grants[i], &gathering->ceiling,
                       gathering->question->share->is_live);
      if (has_ended (&bound, &gathering->question->now)
          && is_bounded_by (&fact, &bound) && footage_overlaps (&fact, &bound)
          && is_worth_gathering (gathering, &bound))
        status = gather (gathering, &bound);
    }
  return status;
}

/* A UTC time on BOOTTIME, seen from a moment at which it is `utc_ns`. */
static int64_t
boot_time_of (const DwNow *now, int64_t time_ns, int64_t utc_ns)
{
  return add_saturated (now->boot_ns, subtract_saturated (time_ns, utc_ns));
}

static void
cut_term (const Gathering *gathering, size_t index, DwTerm *term)
{
  const Fact *fact = &gathering->facts[index];
  const DwNow *now = &gathering->question->now;

  term->sequence = fact->sequence;
  term->footage_from_ns = fact->footage_from_ns;
  term->footage_until_ns = fact->footage_until_ns;
  if (fact->from_ns > now->utc_earliest_ns)
    term->boot_from_ns
        = boot_time_of (now, fact->from_ns, now->utc_earliest_ns);
  if (fact->from_ns > now->utc_latest_ns)
    term->boot_bounds_ns
        = boot_time_of (now, fact->from_ns, now->utc_latest_ns);
  if (!has_ended (fact, now))
    term->boot_until_ns
        = boot_time_of (now, fact->until_ns, now->utc_latest_ns);
  for (size_t i = 0; i < gathering->n_facts; i++)
    if (i != index && is_bounded_by (fact, &gathering->facts[i]))
      term->bounded_by |= UINT32_C (1) << i;
  term->level = fact->level;
  term->has_audio = fact->has_audio;
  term->n_regions = fact->n_regions;
  memcpy (term->regions, fact->grant->regions,
          fact->n_regions * sizeof *term->regions);
}

static int64_t
next_change (const DwTerms *terms, int64_t boot_ns)
{
  int64_t next = INT64_MAX;

  for (size_t i = 0; i < terms->n_terms; i++)
    {
      const int64_t times[]
          = { terms->terms[i].boot_from_ns, terms->terms[i].boot_until_ns,
              terms->terms[i].boot_bounds_ns };

      for (size_t k = 0; k < sizeof times / sizeof *times; k++)
        if (times[k] > boot_ns && times[k] < next)
          next = times[k];
    }
  return next;
}

DwStatus
dw_terms_compile (const DwQuestion *question, DwTerms *out,
                  int64_t *next_change_ns)
{
  const DwNow *now = &question->now;
  Gathering gathering = { .question = question };
  DwStatus status;

  /* Whole, padding too: a slot copies it word by word. */
  memset (out, 0, sizeof *out);
  if (next_change_ns != NULL)
    *next_change_ns = INT64_MAX;
  if (now->boot_ns <= 0 || now->utc_earliest_ns <= 0
      || now->utc_latest_ns < now->utc_earliest_ns
      || !dw_share_key_is_valid (question->share))
    return DW_ERROR_INVALID;
  gathering.ceiling = dw_policy_ceiling (question->policy, question->share);
  if (dw_ceiling_judge (&gathering.ceiling, question->share)
      != DW_REASON_GRANTED)
    return DW_OK;

  status = gather_unended (&gathering);
  for (size_t i = 0; i < gathering.n_facts && status == DW_OK; i++)
    status = gather_bounds (&gathering, i);
  if (status != DW_OK)
    return status;
  for (size_t i = 0; i < gathering.n_facts; i++)
    cut_term (&gathering, i, &out->terms[i]);
  out->n_terms = gathering.n_facts;
  if (next_change_ns != NULL)
    *next_change_ns = next_change (out, now->boot_ns);
  return DW_OK;
}

static bool
covers_footage (const DwTerm *term, int64_t footage_ns)
{
  return footage_ns >= term->footage_from_ns
         && footage_ns < term->footage_until_ns;
}

/* Adds to `reached` what bounds its terms, until nothing more does. */
static uint32_t
follow_bounds (const DwTerms *terms, uint32_t reached, uint32_t able_to_bound)
{
  uint32_t before;

  do
    {
      before = reached;
      for (size_t i = 0; i < terms->n_terms; i++)
        if (reached & (UINT32_C (1) << i))
          reached |= terms->terms[i].bounded_by & able_to_bound;
    }
  while (reached != before);
  return reached;
}

void
dw_verdict_decide (const DwTerms *terms, int64_t footage_ns, int64_t boot_ns,
                   DwVerdict *out)
{
  DwVerdict verdict = { .level = DW_LEVEL_CLEAR, .has_audio = true };
  uint32_t able_to_bound = 0;

  *out = (DwVerdict){ 0 };
  if (footage_ns <= 0 || boot_ns <= 0 || terms->n_terms > DW_MAX_TERMS)
    return;
  for (size_t i = 0; i < terms->n_terms; i++)
    {
      const DwTerm *term = &terms->terms[i];

      if (!covers_footage (term, footage_ns))
        continue;
      if (boot_ns >= term->boot_bounds_ns)
        able_to_bound |= UINT32_C (1) << i;
      if (boot_ns >= term->boot_from_ns && boot_ns < term->boot_until_ns)
        verdict.terms |= UINT32_C (1) << i;
    }
  if (verdict.terms == 0)
    return;
  verdict.terms = follow_bounds (terms, verdict.terms, able_to_bound);
  for (size_t i = 0; i < terms->n_terms; i++)
    if (verdict.terms & (UINT32_C (1) << i))
      {
        verdict.level = dw_level_meet (verdict.level, terms->terms[i].level);
        verdict.has_audio = verdict.has_audio && terms->terms[i].has_audio;
      }
  if (verdict.level > DW_LEVEL_NOTHING)
    *out = verdict;
}

static bool
lies_within (int64_t time_ns, int64_t from_ns, int64_t until_ns)
{
  return time_ns > from_ns && time_ns < until_ns;
}

void
dw_verdict_decide_span (const DwTerms *terms, int64_t footage_ns,
                        int64_t length_ns, int64_t boot_ns, DwVerdict *out)
{
  int64_t end_ns;

  dw_verdict_decide (terms, footage_ns, boot_ns, out);
  if (out->level == DW_LEVEL_NOTHING)
    return;
  end_ns = add_saturated (footage_ns, length_ns);
  for (size_t i = 0; i < terms->n_terms; i++)
    if (length_ns < 0
        || lies_within (terms->terms[i].footage_from_ns, footage_ns, end_ns)
        || lies_within (terms->terms[i].footage_until_ns, footage_ns, end_ns))
      *out = (DwVerdict){ 0 };
}
