/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold of every policy and every set of grants: nothing that takes
 * away (a restriction, a revocation, an end, lost information) ever shows more.
 * Random ones from a small world, so that they collide often. The seed is
 * printed; DW_TEST_SEED repeats a run, DW_TEST_ROUNDS lengthens it. */
#include "dwtest.h"
#include "fixture.h"

#define MAX_GRANTS 7
#define MIN_ROUNDS 100000
#define TICK (HOUR / 8)

typedef struct
{
  DwPolicy policy;
  DwShareKey share;
  size_t n_grants;
  DwGrant grants[MAX_GRANTS];
  DwNow now;
  int64_t footage_ns;
} World;

/* What somebody gets to see of a world: the level at a few points of the
 * picture, and the sound. */
typedef struct
{
  DwLevel levels[4];
  bool has_audio;
} Sight;

static GRand *source;

static int
below (int n)
{
  return (int)g_rand_int_range (source, 0, n);
}

/* The first hours around now, in steps that often coincide. */
static int64_t
random_time (void)
{
  return NOW_UTC + (below (17) - 8) * TICK;
}

static DwPolygon
random_region (void)
{
  static const DwPolygon halves[] = {
    { 4, { { 0, 0 }, { 0.5f, 0 }, { 0.5f, 1 }, { 0, 1 } } },
    { 4, { { 0.5f, 0 }, { 1, 0 }, { 1, 1 }, { 0.5f, 1 } } },
    { 4, { { 0, 0 }, { 1, 0 }, { 1, 0.5f }, { 0, 0.5f } } },
  };

  return halves[below (G_N_ELEMENTS (halves))];
}

static DwShareKey
random_share (void)
{
  DwShareKey share = share_of_anna ();

  share.recipient_class = below (3)
                              ? DW_CLASS_NEIGHBOUR
                              : (DwRecipientClass)below (DW_N_CLASSES + 1);
  share.is_live = below (3) == 0;
  if (below (3) == 0)
    strcpy (share.case_number, "C1");
  if (below (3) == 0)
    strcpy (share.consent_hash, HASH);
  return share;
}

static DwGrant
random_grant (const DwShareKey *share, uint64_t sequence, int64_t given_at_ns)
{
  DwGrant grant = grant_for (share, sequence, (DwLevel)below (4));

  if (below (6) == 0)
    grant.share = random_share ();
  grant.given_at_ns = given_at_ns;
  grant.valid_from_ns = random_time ();
  grant.valid_until_ns = grant.valid_from_ns + (1 + below (12)) * TICK;
  grant.footage_from_ns = random_time ();
  grant.footage_until_ns = grant.footage_from_ns + (1 + below (12)) * TICK;
  grant.has_audio = below (2);
  grant.n_regions = (size_t)below (3) / 2;
  for (size_t i = 0; i < grant.n_regions; i++)
    grant.regions[i] = random_region ();
  grant.is_damaged = below (50) == 0;
  return grant;
}

static DwPolicy
random_policy (void)
{
  DwPolicy policy;

  for (size_t i = 0; i < DW_N_CLASSES; i++)
    policy.ceilings[i]
        = (DwCeiling){ .max_live = (DwLevel)(3 - below (6) / 3),
                       .max_recorded = (DwLevel)(3 - below (6) / 3),
                       .needs_case = below (6) == 0,
                       .needs_consent_hash = below (6) == 0,
                       .allows_audio = below (4) != 0 };
  return policy;
}

/* A history: grants and revocations in the order of their sequence, all of
 * them written before now. */
static World
random_world (void)
{
  World world = { .policy = random_policy (), .share = random_share () };
  const int n_entries = 1 + below (9);
  int64_t time_ns = NOW_UTC - 9 * TICK;

  for (int i = 1; i <= n_entries; i++)
    {
      time_ns += below (3) * TICK / 2;
      if (time_ns > NOW_UTC)
        time_ns = NOW_UTC;
      if (world.n_grants > 0 && below (4) == 0)
        {
          DwGrant *grant = &world.grants[below ((int)world.n_grants)];

          if (grant->revoked_sequence == 0)
            {
              grant->revoked_sequence = (uint64_t)i;
              grant->revoked_at_ns = time_ns;
            }
        }
      else if (world.n_grants < MAX_GRANTS)
        world.grants[world.n_grants++]
            = random_grant (&world.share, (uint64_t)i, time_ns);
    }
  world.now = now_at (0);
  world.footage_ns = random_time ();
  return world;
}

static DwQuestion
question_of (const World *world)
{
  return (DwQuestion){ .policy = &world->policy,
                       .share = &world->share,
                       .grants = world->grants,
                       .n_grants = world->n_grants,
                       .now = world->now };
}

static Sight
see (const World *world, int64_t later_ns)
{
  static const DwPoint points[4] = {
    { 0.25f, 0.25f }, { 0.75f, 0.25f }, { 0.25f, 0.75f }, { 0.75f, 0.75f }
  };
  const DwQuestion question = question_of (world);
  Sight sight = { .has_audio = false };
  DwVerdict verdict;
  DwTerms terms;

  dw_terms_compile (&question, &terms, NULL);
  dw_verdict_decide (&terms, world->footage_ns, world->now.boot_ns + later_ns,
                     &verdict);
  sight.has_audio = verdict.has_audio;
  for (int k = 0; k < 4; k++)
    {
      sight.levels[k] = verdict.level;
      for (size_t i = 0; i < terms.n_terms; i++)
        {
          bool is_inside = terms.terms[i].n_regions == 0;

          if (!(verdict.terms & (UINT32_C (1) << i)))
            continue;
          for (size_t r = 0; r < terms.terms[i].n_regions; r++)
            is_inside |= dw_polygon_contains (&terms.terms[i].regions[r],
                                              points[k].x, points[k].y);
          if (!is_inside)
            sight.levels[k] = DW_LEVEL_NOTHING;
        }
    }
  return sight;
}

static bool
shows_more (const Sight *after, const Sight *before)
{
  for (int k = 0; k < 4; k++)
    if (after->levels[k] > before->levels[k])
      return true;
  return after->has_audio && !before->has_audio;
}

static bool
shows_anything (const Sight *sight)
{
  for (int k = 0; k < 4; k++)
    if (sight->levels[k] > DW_LEVEL_NOTHING)
      return true;
  return sight->has_audio;
}

/* Each takes something away from a world. False when there was nothing. */
typedef bool (*TakeAway) (World *world);

static bool
revoke_one (World *world)
{
  DwGrant *grant = &world->grants[below ((int)world->n_grants)];

  if (grant->revoked_sequence != 0)
    return false;
  grant->revoked_sequence = 100;
  grant->revoked_at_ns = NOW_UTC;
  return true;
}

static bool
lower_a_ceiling (World *world)
{
  DwPolicy other = random_policy ();

  dw_policy_meet (&world->policy, &other);
  return true;
}

static bool
lower_a_grant (World *world)
{
  DwGrant *grant = &world->grants[below ((int)world->n_grants)];

  grant->level = dw_level_meet (grant->level, (DwLevel)below (4));
  grant->has_audio = grant->has_audio && below (2);
  if (grant->n_regions == 0 && below (2))
    grant->regions[grant->n_regions++] = random_region ();
  return true;
}

/* Where something is shown already, one more grant is one more bound. */
static bool
add_a_grant (World *world)
{
  const Sight sight = see (world, 0);

  if (!shows_anything (&sight) || world->n_grants == MAX_GRANTS)
    return false;
  world->grants[world->n_grants++] = random_grant (&world->share, 99, NOW_UTC);
  return true;
}

static bool
damage_a_grant (World *world)
{
  DwGrant *grant = &world->grants[below ((int)world->n_grants)];

  switch (below (10))
    {
    case 0:
      grant->share.recipient[0] = '\0';
      break;
    case 1:
      grant->share.camera[0] = '\0';
      break;
    case 2:
      grant->share.recipient_class = DW_CLASS_NONE;
      break;
    case 3:
      grant->level = (DwLevel)below (200) + 4;
      break;
    case 4:
      grant->valid_from_ns = 0;
      break;
    case 5:
      grant->valid_until_ns = INT64_MIN;
      break;
    case 6:
      grant->footage_until_ns = 0;
      break;
    case 7:
      grant->n_regions = 1;
      grant->regions[0].n_points = 2;
      break;
    case 8:
      grant->share.purpose[0] = '\n';
      break;
    default:
      grant->is_damaged = true;
    }
  return true;
}

static bool
doubt_the_clock (World *world)
{
  switch (below (5))
    {
    case 0:
      world->now.boot_ns = 0;
      break;
    case 1:
      world->now.utc_earliest_ns = 0;
      break;
    case 2:
      world->now.utc_latest_ns = 0;
      break;
    case 3:
      world->now.utc_earliest_ns -= below (20) * TICK;
      break;
    default:
      world->now.utc_latest_ns += below (20) * TICK;
    }
  return true;
}

static bool
forget_the_footage_time (World *world)
{
  world->footage_ns = 0;
  return true;
}

static bool
forget_who_asks (World *world)
{
  switch (below (4))
    {
    case 0:
      world->share.camera[0] = '\0';
      break;
    case 1:
      world->share.recipient[0] = '\0';
      break;
    case 2:
      world->share.recipient_class = DW_CLASS_NONE;
      break;
    default:
      world->share.purpose[0] = ' ';
    }
  return true;
}

static const struct
{
  const char *name;
  TakeAway take_away;
} properties[] = {
  { "revoking", revoke_one },
  { "a lower ceiling", lower_a_ceiling },
  { "a lower grant", lower_a_grant },
  { "one more grant", add_a_grant },
  { "a damaged grant", damage_a_grant },
  { "a doubtful clock", doubt_the_clock },
  { "an unknown footage time", forget_the_footage_time },
  { "an unknown share", forget_who_asks },
};

static guint32
seed_of_this_run (void)
{
  const gchar *text = g_getenv ("DW_TEST_SEED");
  guint32 seed
      = text ? (guint32)g_ascii_strtoull (text, NULL, 10) : g_random_int ();

  printf ("DW_TEST_SEED=%u\n", seed);
  return seed;
}

static int
rounds_of_this_run (void)
{
  const gchar *text = g_getenv ("DW_TEST_ROUNDS");
  gint64 rounds = text ? g_ascii_strtoll (text, NULL, 10) : 0;

  return (int)CLAMP (rounds, MIN_ROUNDS, 1000000000);
}

GST_START_TEST (nothing_that_takes_away_shows_more)
{
  const guint32 seed = seed_of_this_run ();
  const int n_rounds = rounds_of_this_run ();
  int n_tried = 0, n_shown = 0, n_less = 0;

  source = g_rand_new_with_seed (seed);
  for (int round = 0; round < n_rounds; round++)
    {
      World before = random_world (), after = before;
      Sight first_sight, then_sight;

      if (!properties[__i__].take_away (&after))
        continue;
      first_sight = see (&before, 0);
      then_sight = see (&after, 0);
      fail_if (shows_more (&then_sight, &first_sight),
               "%s shows more: seed %u, round %d", properties[__i__].name, seed,
               round);
      n_tried++;
      n_shown += shows_anything (&first_sight);
      n_less += shows_more (&first_sight, &then_sight);
    }
  printf ("%s: %d worlds, %d showed something, %d then less\n",
          properties[__i__].name, n_tried, n_shown, n_less);
  fail_unless (n_shown > n_rounds / 100 && n_less > 0,
               "the worlds prove nothing: %d shown, %d less", n_shown, n_less);
  g_rand_free (source);
}
GST_END_TEST;

static bool
begins_within (const World *world, int64_t from_ns, int64_t until_ns)
{
  for (size_t i = 0; i < world->n_grants; i++)
    {
      int64_t begin_ns
          = MAX (world->grants[i].valid_from_ns, world->grants[i].given_at_ns);

      if (begin_ns > from_ns && begin_ns <= until_ns)
        return true;
    }
  return false;
}

GST_START_TEST (an_end_that_passes_shows_no_more)
{
  const guint32 seed = seed_of_this_run ();
  const int n_rounds = rounds_of_this_run ();
  int n_tried = 0, n_less = 0;

  source = g_rand_new_with_seed (seed);
  for (int round = 0; round < n_rounds; round++)
    {
      const int64_t later_ns = (1 + below (10)) * TICK;
      World world = random_world (), later = world;
      Sight now_sight, same_terms, new_terms;

      later.now = now_at (later_ns);
      now_sight = see (&world, 0);
      same_terms = see (&world, later_ns);
      new_terms = see (&later, 0);
      /* Terms cut before an end say after it what new ones say. */
      fail_if (shows_more (&same_terms, &new_terms)
                   || shows_more (&new_terms, &same_terms),
               "old terms differ: seed %u, round %d", seed, round);
      if (begins_within (&world, NOW_UTC, NOW_UTC + later_ns))
        continue;
      fail_if (shows_more (&new_terms, &now_sight),
               "an end shows more: seed %u, round %d", seed, round);
      n_tried++;
      n_less += shows_more (&now_sight, &new_terms);
    }
  printf ("an end: %d worlds, %d then less\n", n_tried, n_less);
  fail_unless (n_less > n_rounds / 1000, "the worlds prove nothing");
  g_rand_free (source);
}
GST_END_TEST;

GST_START_TEST (no_world_shows_what_the_built_in_ceilings_forbid)
{
  const guint32 seed = seed_of_this_run ();
  const int n_rounds = rounds_of_this_run ();
  int n_shown = 0;

  source = g_rand_new_with_seed (seed);
  for (int round = 0; round < n_rounds; round++)
    {
      World world = random_world ();
      const DwShareKey *share = &world.share;
      const bool is_police = share->recipient_class == DW_CLASS_POLICE;
      const bool is_vendor = share->recipient_class == DW_CLASS_VENDOR;
      Sight sight = see (&world, 0);

      if (!shows_anything (&sight))
        continue;
      n_shown += is_police || is_vendor;
      fail_if ((is_police || is_vendor) && share->is_live);
      fail_if (is_police && share->case_number[0] == '\0');
      fail_if (is_vendor && share->consent_hash[0] == '\0');
      fail_if (sight.has_audio && share->recipient_class != DW_CLASS_HOUSEHOLD);
    }
  fail_unless (n_shown > n_rounds / 1000, "only %d such shares", n_shown);
  g_rand_free (source);
}
GST_END_TEST;

GST_START_TEST (the_reason_and_the_verdict_never_disagree)
{
  const guint32 seed = seed_of_this_run ();

  source = g_rand_new_with_seed (seed);
  for (int round = 0; round < MIN_ROUNDS; round++)
    {
      World world = random_world ();
      Sight sight = see (&world, 0);
      DwVerdict verdict;
      uint64_t sequence;
      const DwQuestion question = question_of (&world);
      DwReason reason = dw_policy_explain (&question, world.footage_ns,
                                           &verdict, &sequence);
      bool can_show = reason == DW_REASON_GRANTED || reason == DW_REASON_BOUNDED
                      || reason == DW_REASON_POLICY_LEVEL;

      fail_if (shows_anything (&sight) && !can_show, "seed %u, round %d", seed,
               round);
      fail_if (verdict.level > DW_LEVEL_NOTHING && sequence == 0);
      fail_if (reason == DW_REASON_GRANTED
               && verdict.level == DW_LEVEL_NOTHING);
    }
  g_rand_free (source);
}
GST_END_TEST;

static Suite *
policy_properties_suite (void)
{
  Suite *suite = suite_create ("policy-properties");
  TCase *tcase = tcase_create ("policy-properties");

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 300);
  tcase_add_loop_test (tcase, nothing_that_takes_away_shows_more, 0,
                       G_N_ELEMENTS (properties));
  tcase_add_test (tcase, an_end_that_passes_shows_no_more);
  tcase_add_test (tcase, no_world_shows_what_the_built_in_ceilings_forbid);
  tcase_add_test (tcase, the_reason_and_the_verdict_never_disagree);
  return suite;
}

GST_CHECK_MAIN (policy_properties);
