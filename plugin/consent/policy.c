/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ceilings, and how they meet. */
#include "grant.h"

static const DwCeiling built_in[DW_N_CLASSES] = {
  [DW_CLASS_HOUSEHOLD] = { .max_live = DW_LEVEL_CLEAR,
                           .max_recorded = DW_LEVEL_CLEAR,
                           .allows_audio = true },
  [DW_CLASS_NEIGHBOUR]
  = { .max_live = DW_LEVEL_CLEAR, .max_recorded = DW_LEVEL_CLEAR },
  [DW_CLASS_COMMUNITY]
  = { .max_live = DW_LEVEL_MASKED, .max_recorded = DW_LEVEL_MASKED },
  [DW_CLASS_POLICE] = { .max_recorded = DW_LEVEL_CLEAR, .needs_case = true },
  [DW_CLASS_VENDOR]
  = { .max_recorded = DW_LEVEL_MASKED, .needs_consent_hash = true },
  [DW_CLASS_PUBLIC]
  = { .max_live = DW_LEVEL_MASKED, .max_recorded = DW_LEVEL_MASKED },
};

static void
ceiling_meet (DwCeiling *ceiling, const DwCeiling *other)
{
  ceiling->max_live = dw_level_meet (ceiling->max_live, other->max_live);
  ceiling->max_recorded
      = dw_level_meet (ceiling->max_recorded, other->max_recorded);
  ceiling->needs_case = ceiling->needs_case || other->needs_case;
  ceiling->needs_consent_hash
      = ceiling->needs_consent_hash || other->needs_consent_hash;
  ceiling->allows_audio = ceiling->allows_audio && other->allows_audio;
}

void
dw_policy_init (DwPolicy *policy)
{
  for (size_t i = 0; i < DW_N_CLASSES; i++)
    policy->ceilings[i] = built_in[i];
}

void
dw_policy_meet (DwPolicy *policy, const DwPolicy *other)
{
  for (size_t i = 0; i < DW_N_CLASSES; i++)
    ceiling_meet (&policy->ceilings[i], &other->ceilings[i]);
}

DwCeiling
dw_policy_ceiling (const DwPolicy *policy, const DwShareKey *share)
{
  DwCeiling ceiling = { 0 };

  if ((unsigned)share->recipient_class < DW_N_CLASSES)
    {
      ceiling = built_in[share->recipient_class];
      ceiling_meet (&ceiling, &policy->ceilings[share->recipient_class]);
    }
  return ceiling;
}

DwReason
dw_ceiling_judge (const DwCeiling *ceiling, const DwShareKey *share)
{
  if (share->is_live && ceiling->max_live == DW_LEVEL_NOTHING)
    return ceiling->max_recorded == DW_LEVEL_NOTHING ? DW_REASON_POLICY_CLASS
                                                     : DW_REASON_POLICY_LIVE;
  if (!share->is_live && ceiling->max_recorded == DW_LEVEL_NOTHING)
    return DW_REASON_POLICY_CLASS;
  if (ceiling->needs_case && share->case_number[0] == '\0')
    return DW_REASON_POLICY_CASE;
  if (ceiling->needs_consent_hash && share->consent_hash[0] == '\0')
    return DW_REASON_POLICY_HASH;
  return DW_REASON_GRANTED;
}
