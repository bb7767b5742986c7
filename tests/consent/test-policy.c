/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is shown of a share, and why: by table, then one by one. */
#include "dwtest.h"
#include "fixture.h"

#define CASE "ST/0123/26"
#define GIVEN (NOW_UTC - HOUR)

/* One class under the built-in ceilings, everything granted as asked. */
static const struct
{
  DwRecipientClass recipient_class;
  bool is_live;
  const char *case_number, *hash;
  DwLevel granted, shown;
  DwReason reason;
} ceiling_rows[] = {
  { DW_CLASS_HOUSEHOLD, true, "", "", DW_LEVEL_CLEAR, DW_LEVEL_CLEAR,
    DW_REASON_GRANTED },
  { DW_CLASS_HOUSEHOLD, false, "", "", DW_LEVEL_CLEAR, DW_LEVEL_CLEAR,
    DW_REASON_GRANTED },
  { DW_CLASS_NEIGHBOUR, true, "", "", DW_LEVEL_CLEAR, DW_LEVEL_CLEAR,
    DW_REASON_GRANTED },
  { DW_CLASS_NEIGHBOUR, false, "", "", DW_LEVEL_BLURRED, DW_LEVEL_BLURRED,
    DW_REASON_GRANTED },
  { DW_CLASS_COMMUNITY, true, "", "", DW_LEVEL_CLEAR, DW_LEVEL_MASKED,
    DW_REASON_POLICY_LEVEL },
  { DW_CLASS_COMMUNITY, false, "", "", DW_LEVEL_MASKED, DW_LEVEL_MASKED,
    DW_REASON_GRANTED },
  { DW_CLASS_POLICE, true, CASE, "", DW_LEVEL_CLEAR, DW_LEVEL_NOTHING,
    DW_REASON_POLICY_LIVE },
  { DW_CLASS_POLICE, true, "", "", DW_LEVEL_MASKED, DW_LEVEL_NOTHING,
    DW_REASON_POLICY_LIVE },
  { DW_CLASS_POLICE, false, "", "", DW_LEVEL_MASKED, DW_LEVEL_NOTHING,
    DW_REASON_POLICY_CASE },
  { DW_CLASS_POLICE, false, CASE, "", DW_LEVEL_CLEAR, DW_LEVEL_CLEAR,
    DW_REASON_GRANTED },
  { DW_CLASS_VENDOR, true, "", HASH, DW_LEVEL_MASKED, DW_LEVEL_NOTHING,
    DW_REASON_POLICY_LIVE },
  { DW_CLASS_VENDOR, false, "", "", DW_LEVEL_MASKED, DW_LEVEL_NOTHING,
    DW_REASON_POLICY_HASH },
  { DW_CLASS_VENDOR, false, CASE, "", DW_LEVEL_MASKED, DW_LEVEL_NOTHING,
    DW_REASON_POLICY_HASH },
  { DW_CLASS_VENDOR, false, "", HASH, DW_LEVEL_CLEAR, DW_LEVEL_MASKED,
    DW_REASON_POLICY_LEVEL },
  { DW_CLASS_PUBLIC, false, "", "", DW_LEVEL_BLURRED, DW_LEVEL_MASKED,
    DW_REASON_POLICY_LEVEL },
  { DW_CLASS_PUBLIC, true, "", "", DW_LEVEL_NOTHING, DW_LEVEL_NOTHING,
    DW_REASON_BOUNDED },
  { DW_CLASS_NONE, false, CASE, HASH, DW_LEVEL_CLEAR, DW_LEVEL_NOTHING,
    DW_REASON_POLICY_CLASS },
  { DW_N_CLASSES, false, CASE, HASH, DW_LEVEL_CLEAR, DW_LEVEL_NOTHING,
    DW_REASON_POLICY_CLASS },
};

#define compile(policy_, share_, grants_, n_grants_, now_, terms_, next_)      \
  dw_terms_compile (&(DwQuestion){ .policy = (policy_),                        \
                                   .share = (share_),                          \
                                   .grants = (grants_),                        \
                                   .n_grants = (n_grants_),                    \
                                   .now = *(now_) },                           \
                    (terms_), (next_))

static DwReason
explain (const DwShareKey *share, const DwGrant *grants, size_t n_grants,
         int64_t footage_ns, DwVerdict *verdict, uint64_t *sequence)
{
  DwPolicy policy;
  const DwQuestion question = { .policy = &policy,
                                .share = share,
                                .grants = grants,
                                .n_grants = n_grants,
                                .now = now_at (0) };

  dw_policy_init (&policy);
  return dw_policy_explain (&question, footage_ns, verdict, sequence);
}

GST_START_TEST (each_class_sees_what_its_ceiling_allows)
{
  DwShareKey share = share_of_anna ();
  DwNow now = now_at (0);
  DwVerdict verdict;
  DwGrant grant;
  DwReason reason;

  share.recipient_class = ceiling_rows[__i__].recipient_class;
  share.is_live = ceiling_rows[__i__].is_live;
  g_strlcpy (share.case_number, ceiling_rows[__i__].case_number,
             sizeof share.case_number);
  g_strlcpy (share.consent_hash, ceiling_rows[__i__].hash,
             sizeof share.consent_hash);
  grant = grant_for (&share, 1, ceiling_rows[__i__].granted);
  verdict = verdict_of (&share, &grant, 1, &now, NOW_UTC);
  fail_unless_equals_int (verdict.level, ceiling_rows[__i__].shown);
  reason = explain (&share, &grant, 1, NOW_UTC, &verdict, NULL);
  fail_unless_equals_int (verdict.level, ceiling_rows[__i__].shown);
  fail_unless_equals_int (reason, ceiling_rows[__i__].reason);
}
GST_END_TEST;

/* One change to a grant that otherwise shows all: nothing is shown. */
typedef void (*Change) (DwGrant *grant);
#define CHANGE(name, statement)                                                \
  static void name (DwGrant *grant)                                            \
  {                                                                            \
    statement;                                                                 \
  }
CHANGE (is_zero, memset (grant, 0, sizeof *grant))
CHANGE (has_no_sequence, grant->sequence = 0)
CHANGE (is_for_another_camera, strcpy (grant->share.camera, "back"))
CHANGE (is_for_another_recipient, strcpy (grant->share.recipient, "ann"))
CHANGE (is_for_another_class, grant->share.recipient_class = DW_CLASS_HOUSEHOLD)
CHANGE (is_for_a_purpose, strcpy (grant->share.purpose, "visit"))
CHANGE (is_for_a_case, strcpy (grant->share.case_number, CASE))
CHANGE (is_for_a_written_consent, strcpy (grant->share.consent_hash, HASH))
CHANGE (is_for_live, grant->share.is_live = true)
CHANGE (has_run_out, grant->valid_until_ns = NOW_UTC)
CHANGE (begins_later, grant->valid_from_ns = NOW_UTC + 1)
CHANGE (was_given_later, grant->given_at_ns = NOW_UTC + 1)
CHANGE (was_revoked, grant->revoked_sequence = 2)
CHANGE (is_of_earlier_footage, grant->footage_until_ns = NOW_UTC)
CHANGE (is_of_later_footage, grant->footage_from_ns = NOW_UTC + 1)
CHANGE (shows_nothing, grant->level = DW_LEVEL_NOTHING)
CHANGE (has_an_unknown_level, grant->level = (DwLevel)4)
CHANGE (has_too_many_regions, grant->n_regions = DW_GRANT_MAX_REGIONS + 1)
CHANGE (has_an_empty_region, grant->n_regions = 1)
CHANGE (is_damaged, grant->is_damaged = true)
CHANGE (was_revoked_before_it_was_given,
        (grant->sequence = 5, grant->revoked_sequence = 3))
CHANGE (ends_before_it_begins, grant->valid_from_ns = grant->valid_until_ns)
CHANGE (has_empty_footage, grant->footage_until_ns = grant->footage_from_ns)
CHANGE (has_no_camera, grant->share.camera[0] = '\0')
CHANGE (has_an_illegible_recipient, grant->share.recipient[0] = '\n')
CHANGE (has_an_unended_name, memset (grant->share.camera, 'a', DW_TEXT_LENGTH))
CHANGE (has_a_short_hash, strcpy (grant->share.consent_hash, "9f86"))
CHANGE (begins_in_the_void, grant->valid_from_ns = INT64_MIN)

static const Change changes[] = {
  is_zero,
  has_no_sequence,
  is_for_another_camera,
  is_for_another_recipient,
  is_for_another_class,
  is_for_a_purpose,
  is_for_a_case,
  is_for_a_written_consent,
  is_for_live,
  has_run_out,
  begins_later,
  was_given_later,
  was_revoked,
  is_of_earlier_footage,
  is_of_later_footage,
  shows_nothing,
  has_an_unknown_level,
  has_too_many_regions,
  has_an_empty_region,
  is_damaged,
  was_revoked_before_it_was_given,
  ends_before_it_begins,
  has_empty_footage,
  has_no_camera,
  has_an_illegible_recipient,
  has_an_unended_name,
  has_a_short_hash,
  begins_in_the_void,
};

GST_START_TEST (a_grant_that_does_not_cover_exactly_this_shows_nothing)
{
  DwShareKey share = share_of_anna ();
  DwGrant grant = grant_for (&share, 1, DW_LEVEL_CLEAR);
  DwNow now = now_at (0);

  fail_unless_equals_int (verdict_of (&share, &grant, 1, &now, NOW_UTC).level,
                          DW_LEVEL_CLEAR);
  changes[__i__](&grant);
  fail_unless_equals_int (verdict_of (&share, &grant, 1, &now, NOW_UTC).level,
                          DW_LEVEL_NOTHING);
}
GST_END_TEST;

GST_START_TEST (windows_include_their_beginning_and_exclude_their_end)
{
  DwShareKey share = share_of_anna ();
  DwGrant grant = grant_for (&share, 1, DW_LEVEL_CLEAR);
  DwNow opening = now_at (-HOUR), last = now_at (HOUR - 1);
  DwNow before = now_at (-HOUR - 1), after = now_at (HOUR);

#define SHOWN(moment, footage)                                                 \
  verdict_of (&share, &grant, 1, &(moment), (footage)).level
  /* The machine was not yet started an hour ago. */
  opening.boot_ns = before.boot_ns = 1;
  fail_unless_equals_int (SHOWN (opening, NOW_UTC), DW_LEVEL_CLEAR);
  fail_unless_equals_int (SHOWN (last, NOW_UTC), DW_LEVEL_CLEAR);
  fail_unless_equals_int (SHOWN (before, NOW_UTC), DW_LEVEL_NOTHING);
  fail_unless_equals_int (SHOWN (after, NOW_UTC), DW_LEVEL_NOTHING);
  fail_unless_equals_int (SHOWN (last, NOW_UTC - HOUR), DW_LEVEL_CLEAR);
  fail_unless_equals_int (SHOWN (last, NOW_UTC + HOUR - 1), DW_LEVEL_CLEAR);
  fail_unless_equals_int (SHOWN (last, NOW_UTC - HOUR - 1), DW_LEVEL_NOTHING);
  fail_unless_equals_int (SHOWN (last, NOW_UTC + HOUR), DW_LEVEL_NOTHING);
#undef SHOWN
}
GST_END_TEST;

GST_START_TEST (without_a_clock_or_a_footage_time_nothing_is_shown)
{
  DwShareKey share = share_of_anna ();
  DwGrant grant = grant_for (&share, 1, DW_LEVEL_CLEAR);
  DwNow no_boot = now_at (0), no_utc = now_at (0), crossed = now_at (0);
  DwNow now = now_at (0);

  no_boot.boot_ns = 0;
  no_utc.utc_earliest_ns = 0;
  crossed.utc_earliest_ns = crossed.utc_latest_ns + 1;
  fail_unless_equals_int (
      verdict_of (&share, &grant, 1, &no_boot, NOW_UTC).level, 0);
  fail_unless_equals_int (
      verdict_of (&share, &grant, 1, &no_utc, NOW_UTC).level, 0);
  fail_unless_equals_int (
      verdict_of (&share, &grant, 1, &crossed, NOW_UTC).level, 0);
  fail_unless_equals_int (verdict_of (&share, &grant, 1, &now, 0).level, 0);
  fail_unless_equals_int (verdict_of (&share, &grant, 1, &now, -1).level, 0);
}
GST_END_TEST;

GST_START_TEST (ends_are_judged_by_the_latest_and_beginnings_by_the_earliest)
{
  DwShareKey share = share_of_anna ();
  DwGrant grant = grant_for (&share, 1, DW_LEVEL_CLEAR);
  DwNow now = now_at (0);
  DwPolicy policy;
  DwTerms terms;
  int64_t next = 0;

  dw_policy_init (&policy);
  now.utc_latest_ns = NOW_UTC + HOUR / 2;
  now.utc_earliest_ns = NOW_UTC - 2 * HOUR;
  compile (&policy, &share, &grant, 1, &now, &terms, &next);
  fail_unless_equals_int (terms.n_terms, 1);
  fail_unless_equals_int64 (terms.terms[0].boot_from_ns, NOW_BOOT + HOUR);
  fail_unless_equals_int64 (terms.terms[0].boot_until_ns, NOW_BOOT + HOUR / 2);
  fail_unless_equals_int64 (next, NOW_BOOT + HOUR / 2);
}
GST_END_TEST;

GST_START_TEST (the_next_change_is_the_next_beginning_or_end)
{
  DwShareKey share = share_of_anna ();
  DwGrant grants[] = { grant_for (&share, 1, DW_LEVEL_CLEAR),
                       grant_for (&share, 2, DW_LEVEL_MASKED) };
  DwNow now = now_at (0);
  DwPolicy policy;
  DwTerms terms;
  int64_t next = 0;

  dw_policy_init (&policy);
  grants[1].valid_from_ns = NOW_UTC + HOUR / 4;
  compile (&policy, &share, grants, 2, &now, &terms, &next);
  fail_unless_equals_int64 (next, NOW_BOOT + HOUR / 4);
  now = now_at (HOUR / 2);
  compile (&policy, &share, grants, 2, &now, &terms, &next);
  fail_unless_equals_int64 (next, NOW_BOOT + HOUR);
  now = now_at (HOUR);
  compile (&policy, &share, grants, 2, &now, &terms, &next);
  fail_unless_equals_int64 (next, INT64_MAX);
}
GST_END_TEST;

GST_START_TEST (extreme_times_saturate)
{
  DwShareKey share = share_of_anna ();
  DwGrant grant = grant_for (&share, 1, DW_LEVEL_CLEAR);
  DwNow now = { INT64_MAX - 1, 1, INT64_MAX };
  DwPolicy policy;
  DwTerms terms;
  int64_t next;

  dw_policy_init (&policy);
  grant.footage_from_ns = grant.valid_from_ns = 1;
  grant.footage_until_ns = grant.valid_until_ns = INT64_MAX;
  grant.given_at_ns = INT64_MIN;
  compile (&policy, &share, &grant, 1, &now, &terms, &next);
  fail_unless_equals_int (terms.n_terms, 0);
  now.utc_latest_ns = 1;
  compile (&policy, &share, &grant, 1, &now, &terms, &next);
  fail_unless_equals_int64 (terms.terms[0].boot_until_ns, INT64_MAX);
  now = (DwNow){ 1, 1, INT64_MAX - 1 };
  compile (&policy, &share, &grant, 1, &now, &terms, &next);
  fail_unless_equals_int64 (next, 2);
}
GST_END_TEST;

GST_START_TEST (of_grants_that_overlap_the_smallest_level_counts)
{
  DwShareKey share = share_of_anna ();
  DwGrant grants[] = { grant_for (&share, 1, DW_LEVEL_CLEAR),
                       grant_for (&share, 2, DW_LEVEL_MASKED) };
  DwNow now = now_at (0);
  DwVerdict verdict;
  uint64_t sequence;

  grants[1].footage_from_ns = NOW_UTC;
  fail_unless_equals_int (verdict_of (&share, grants, 2, &now, NOW_UTC).level,
                          DW_LEVEL_MASKED);
  fail_unless_equals_int (
      verdict_of (&share, grants, 2, &now, NOW_UTC - 1).level, DW_LEVEL_CLEAR);
  /* The newest says masked: that is what is shown. */
  fail_unless_equals_int (
      explain (&share, grants, 2, NOW_UTC, &verdict, &sequence),
      DW_REASON_GRANTED);
  fail_unless_equals_uint64 (sequence, 2);
  grants[0].level = DW_LEVEL_MASKED;
  grants[1].level = DW_LEVEL_CLEAR;
  fail_unless_equals_int (
      explain (&share, grants, 2, NOW_UTC, &verdict, &sequence),
      DW_REASON_BOUNDED);
  fail_unless_equals_uint64 (sequence, 1);
}
GST_END_TEST;

GST_START_TEST (sound_and_pixels_need_every_grant)
{
  DwShareKey share = share_of_anna ();
  DwGrant grants[2];
  DwNow now = now_at (0);
  DwVerdict verdict;
  uint64_t sequence;

  share.recipient_class = DW_CLASS_HOUSEHOLD;
  grants[0] = grant_for (&share, 1, DW_LEVEL_CLEAR);
  grants[1] = grant_for (&share, 2, DW_LEVEL_CLEAR);
  grants[0].has_audio = grants[1].has_audio = true;
  verdict = verdict_of (&share, grants, 2, &now, NOW_UTC);
  fail_unless (verdict.has_audio);
  fail_unless_equals_int (verdict.terms, 3);
  grants[0].has_audio = false;
  fail_if (verdict_of (&share, grants, 2, &now, NOW_UTC).has_audio);
  fail_unless_equals_int (
      explain (&share, grants, 2, NOW_UTC, &verdict, &sequence),
      DW_REASON_BOUNDED);
  fail_unless_equals_uint64 (sequence, 1);
}
GST_END_TEST;

GST_START_TEST (a_ceiling_without_sound_is_said)
{
  DwShareKey share = share_of_anna ();
  DwGrant grant = grant_for (&share, 1, DW_LEVEL_CLEAR);
  DwVerdict verdict;

  grant.has_audio = true;
  fail_unless_equals_int (explain (&share, &grant, 1, NOW_UTC, &verdict, NULL),
                          DW_REASON_POLICY_LEVEL);
  fail_if (verdict.has_audio);
  fail_unless_equals_int (verdict.level, DW_LEVEL_CLEAR);
}
GST_END_TEST;

GST_START_TEST (a_revoked_grant_still_bounds_the_older_one_in_its_window)
{
  DwShareKey share = share_of_anna ();
  DwGrant grants[] = { grant_for (&share, 1, DW_LEVEL_CLEAR),
                       grant_for (&share, 2, DW_LEVEL_MASKED) };
  DwNow now = now_at (0);
  DwVerdict verdict;
  uint64_t sequence;

  grants[1].footage_from_ns = NOW_UTC;
  grants[1].n_regions = 1;
  grants[1].regions[0]
      = (DwPolygon){ .n_points = 3,
                     .points = { { 0, 0 }, { 1, 0 }, { 0, 1 } } };
  grants[1].revoked_sequence = 3;
  verdict = verdict_of (&share, grants, 2, &now, NOW_UTC);
  fail_unless_equals_int (verdict.level, DW_LEVEL_MASKED);
  fail_unless_equals_int (verdict.terms, 3);
  fail_unless_equals_int (
      verdict_of (&share, grants, 2, &now, NOW_UTC - 1).level, DW_LEVEL_CLEAR);
  fail_unless_equals_int (
      explain (&share, grants, 2, NOW_UTC, &verdict, &sequence),
      DW_REASON_BOUNDED);
  fail_unless_equals_uint64 (sequence, 2);
}
GST_END_TEST;

GST_START_TEST (a_grant_given_after_an_end_is_free_of_what_ended)
{
  DwShareKey share = share_of_anna ();
  DwGrant grants[] = { grant_for (&share, 1, DW_LEVEL_MASKED),
                       grant_for (&share, 3, DW_LEVEL_CLEAR) };
  DwNow now = now_at (0);

  grants[0].revoked_sequence = 2;
  fail_unless_equals_int (verdict_of (&share, grants, 2, &now, NOW_UTC).level,
                          DW_LEVEL_CLEAR);
  grants[0].revoked_sequence = 0;
  grants[0].valid_until_ns = NOW_UTC - HOUR / 2;
  grants[1].given_at_ns = NOW_UTC - HOUR / 2;
  fail_unless_equals_int (verdict_of (&share, grants, 2, &now, NOW_UTC).level,
                          DW_LEVEL_CLEAR);
  /* One nanosecond before that end: given while it held. */
  grants[1].given_at_ns--;
  fail_unless_equals_int (verdict_of (&share, grants, 2, &now, NOW_UTC).level,
                          DW_LEVEL_MASKED);
}
GST_END_TEST;

GST_START_TEST (what_bounded_a_bound_outlives_it)
{
  DwShareKey share = share_of_anna ();
  /* 1 clear; 2 masked, revoked by 3; 4 clear, given while 1 held. */
  DwGrant grants[] = { grant_for (&share, 1, DW_LEVEL_CLEAR),
                       grant_for (&share, 2, DW_LEVEL_MASKED),
                       grant_for (&share, 4, DW_LEVEL_CLEAR) };
  DwNow now = now_at (0);

  grants[1].revoked_sequence = 3;
  fail_unless_equals_int (verdict_of (&share, grants, 3, &now, NOW_UTC).level,
                          DW_LEVEL_MASKED);
  grants[0].revoked_sequence = 5;
  fail_unless_equals_int (verdict_of (&share, grants, 3, &now, NOW_UTC).level,
                          DW_LEVEL_MASKED);
}
GST_END_TEST;

GST_START_TEST (a_damaged_grant_closes_its_share_until_revoked_and_renewed)
{
  DwShareKey share = share_of_anna ();
  DwGrant grants[] = { grant_for (&share, 1, DW_LEVEL_CLEAR),
                       grant_for (&share, 2, DW_LEVEL_CLEAR),
                       grant_for (&share, 4, DW_LEVEL_CLEAR) };
  DwNow now = now_at (0);
  DwVerdict verdict;
  uint64_t sequence;

  grants[1].is_damaged = true;
  grants[1].share.recipient[0] = '\0';
  fail_unless_equals_int (verdict_of (&share, grants, 2, &now, NOW_UTC).level,
                          DW_LEVEL_NOTHING);
  fail_unless_equals_int (
      explain (&share, grants, 2, NOW_UTC, &verdict, &sequence),
      DW_REASON_NONE);
  fail_unless_equals_uint64 (sequence, 2);
  grants[1].revoked_sequence = 3;
  fail_unless_equals_int (verdict_of (&share, grants, 2, &now, NOW_UTC).level,
                          DW_LEVEL_NOTHING);
  grants[0].revoked_sequence = 3;
  fail_unless_equals_int (verdict_of (&share, grants, 3, &now, NOW_UTC).level,
                          DW_LEVEL_CLEAR);
  grants[1].revoked_sequence = 0;
  strcpy (grants[1].share.camera, "back");
  fail_unless_equals_int (verdict_of (&share, grants, 3, &now, NOW_UTC).level,
                          DW_LEVEL_CLEAR);
}
GST_END_TEST;

GST_START_TEST (more_terms_than_there_is_room_for_show_nothing)
{
  DwShareKey share = share_of_anna ();
  DwGrant grants[DW_MAX_TERMS + 1];
  DwNow now = now_at (0);
  DwPolicy policy;
  DwTerms terms;

  dw_policy_init (&policy);
  for (size_t i = 0; i < G_N_ELEMENTS (grants); i++)
    grants[i] = grant_for (&share, i + 1, DW_LEVEL_CLEAR);
  fail_unless_equals_int (
      compile (&policy, &share, grants, DW_MAX_TERMS, &now, &terms, NULL),
      DW_OK);
  fail_unless_equals_int (terms.n_terms, DW_MAX_TERMS);
  fail_unless_equals_int (
      compile (&policy, &share, grants, DW_MAX_TERMS + 1, &now, &terms, NULL),
      DW_ERROR_LIMIT);
  fail_unless_equals_int (terms.n_terms, 0);
  /* Ended ones that say the same are one term. */
  for (size_t i = 1; i < G_N_ELEMENTS (grants); i++)
    grants[i].revoked_sequence = 100;
  fail_unless_equals_int (
      compile (&policy, &share, grants, DW_MAX_TERMS + 1, &now, &terms, NULL),
      DW_OK);
  fail_unless_equals_int (terms.n_terms, 2);
}
GST_END_TEST;

GST_START_TEST (the_configuration_can_only_lower_the_ceilings)
{
  DwPolicy policy, all, built_in;
  DwShareKey share = share_of_anna ();
  DwNow now = now_at (0);
  DwGrant grant;
  DwTerms terms;

  memset (&all, 0, sizeof all);
  for (size_t i = 0; i < DW_N_CLASSES; i++)
    all.ceilings[i] = (DwCeiling){ .max_live = DW_LEVEL_CLEAR,
                                   .max_recorded = DW_LEVEL_CLEAR,
                                   .allows_audio = true };
  dw_policy_init (&policy);
  dw_policy_init (&built_in);
  dw_policy_meet (&policy, &all);
  for (size_t i = 0; i < DW_N_CLASSES; i++)
    fail_unless (memcmp (&policy.ceilings[i], &built_in.ceilings[i],
                         sizeof policy.ceilings[i])
                 == 0);
  /* Nor is a policy that forgot them believed. */
  share.recipient_class = DW_CLASS_POLICE;
  share.is_live = true;
  grant = grant_for (&share, 1, DW_LEVEL_CLEAR);
  compile (&all, &share, &grant, 1, &now, &terms, NULL);
  fail_unless_equals_int (terms.n_terms, 0);
  memset (&all, 0, sizeof all);
  dw_policy_meet (&policy, &all);
  for (size_t i = 0; i < DW_N_CLASSES; i++)
    fail_unless_equals_int (policy.ceilings[i].max_recorded, DW_LEVEL_NOTHING);
}
GST_END_TEST;

GST_START_TEST (the_reason_names_the_grant_that_decides)
{
  DwShareKey share = share_of_anna ();
  DwGrant grant = grant_for (&share, 9, DW_LEVEL_CLEAR);
  DwVerdict verdict;
  uint64_t sequence = 77;

#define REASON(footage)                                                        \
  explain (&share, &grant, 1, (footage), &verdict, &sequence)
  fail_unless_equals_int (
      explain (&share, NULL, 0, NOW_UTC, &verdict, &sequence),
      DW_REASON_NO_GRANT);
  fail_unless_equals_uint64 (sequence, 0);
  fail_unless_equals_int (REASON (0), DW_REASON_NONE);
  fail_unless_equals_int (REASON (NOW_UTC + HOUR), DW_REASON_FOOTAGE);
  fail_unless_equals_uint64 (sequence, 9);
  fail_unless_equals_int (REASON (NOW_UTC), DW_REASON_GRANTED);
  grant.valid_from_ns = NOW_UTC + 1;
  fail_unless_equals_int (REASON (NOW_UTC), DW_REASON_NOT_YET);
  grant.valid_from_ns = NOW_UTC - HOUR;
  grant.valid_until_ns = NOW_UTC;
  fail_unless_equals_int (REASON (NOW_UTC), DW_REASON_EXPIRED);
  grant.revoked_sequence = 10;
  fail_unless_equals_int (REASON (NOW_UTC), DW_REASON_REVOKED);
  fail_unless_equals_uint64 (sequence, 9);
#undef REASON
}
GST_END_TEST;

GST_START_TEST (every_reason_has_a_sentence_of_its_own)
{
  for (int i = DW_REASON_NONE; i <= DW_REASON_BOUNDED; i++)
    for (int k = DW_REASON_NONE; k < i; k++)
      fail_if (g_str_equal (dw_reason_text ((DwReason)i),
                            dw_reason_text ((DwReason)k)));
  fail_unless_equals_string (dw_reason_text ((DwReason)99),
                             dw_reason_text (DW_REASON_NONE));
}
GST_END_TEST;

static Suite *
policy_suite (void)
{
  Suite *suite = suite_create ("policy");
  TCase *tcase = tcase_create ("policy");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, each_class_sees_what_its_ceiling_allows, 0,
                       G_N_ELEMENTS (ceiling_rows));
  tcase_add_loop_test (tcase,
                       a_grant_that_does_not_cover_exactly_this_shows_nothing,
                       0, G_N_ELEMENTS (changes));
  tcase_add_test (tcase, windows_include_their_beginning_and_exclude_their_end);
  tcase_add_test (tcase, without_a_clock_or_a_footage_time_nothing_is_shown);
  tcase_add_test (tcase,
                  ends_are_judged_by_the_latest_and_beginnings_by_the_earliest);
  tcase_add_test (tcase, the_next_change_is_the_next_beginning_or_end);
  tcase_add_test (tcase, extreme_times_saturate);
  tcase_add_test (tcase, of_grants_that_overlap_the_smallest_level_counts);
  tcase_add_test (tcase, sound_and_pixels_need_every_grant);
  tcase_add_test (tcase, a_ceiling_without_sound_is_said);
  tcase_add_test (tcase,
                  a_revoked_grant_still_bounds_the_older_one_in_its_window);
  tcase_add_test (tcase, a_grant_given_after_an_end_is_free_of_what_ended);
  tcase_add_test (tcase, what_bounded_a_bound_outlives_it);
  tcase_add_test (tcase,
                  a_damaged_grant_closes_its_share_until_revoked_and_renewed);
  tcase_add_test (tcase, more_terms_than_there_is_room_for_show_nothing);
  tcase_add_test (tcase, the_configuration_can_only_lower_the_ceilings);
  tcase_add_test (tcase, the_reason_names_the_grant_that_decides);
  tcase_add_test (tcase, every_reason_has_a_sentence_of_its_own);
  return suite;
}

GST_CHECK_MAIN (policy);
