/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the policy the way a person would. */
#include "verdict.h"

#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool
concerns (const DwGrant *grant, const DwShareKey *share)
{
  return !grant->is_damaged && strcmp (grant->share.camera, share->camera) == 0
         && strcmp (grant->share.recipient, share->recipient) == 0
         && grant->share.recipient_class == share->recipient_class
         && strcmp (grant->share.purpose, share->purpose) == 0
         && strcmp (grant->share.case_number, share->case_number) == 0
         && strcmp (grant->share.consent_hash, share->consent_hash) == 0
         && grant->share.is_live == share->is_live;
}

/* The newest that is in force, else the newest; NULL for none. */
static const DwGrant *
find_newest (const DwQuestion *question)
{
  const DwGrant *newest = NULL, *in_force = NULL;

  for (size_t i = 0; i < question->n_grants; i++)
    if (concerns (&question->grants[i], question->share))
      {
        newest = &question->grants[i];
        if (dw_grant_state (newest, &question->now) == DW_GRANT_IN_FORCE)
          in_force = newest;
      }
  return in_force ? in_force : newest;
}

static bool
has_regions (const DwQuestion *question, const DwVerdict *verdict)
{
  DwTerms terms;

  dw_terms_compile (question, &terms, NULL);
  for (size_t i = 0; i < terms.n_terms; i++)
    if ((verdict->terms & (UINT32_C (1) << i)) && terms.terms[i].n_regions > 0)
      return true;
  return false;
}

void
dw_answer_find (const DwQuestion *question, int64_t footage_ns, DwAnswer *out)
{
  const DwGrant *newest = find_newest (question);

  memset (out, 0, sizeof *out);
  out->share = *question->share;
  if (footage_ns == 0)
    {
      footage_ns = question->now.utc_earliest_ns;
      out->is_footage_now = true;
      if (!question->share->is_live && newest != NULL
          && (footage_ns < newest->footage_from_ns
              || footage_ns >= newest->footage_until_ns))
        {
          footage_ns = newest->footage_from_ns;
          out->is_footage_now = false;
        }
    }
  out->footage_ns = footage_ns;
  out->reason
      = dw_policy_explain (question, footage_ns, &out->verdict, &out->sequence);
  if (out->verdict.level > DW_LEVEL_NOTHING && newest != NULL)
    out->until_ns = newest->valid_until_ns;
  out->has_regions = has_regions (question, &out->verdict);
}

void
dw_answer_say (const DwAnswer *answer, char *out, size_t size)
{
  char what[128], why[192], footage[DW_WHEN_TEXT], until[DW_WHEN_TEXT];
  char when[64] = "", which[48] = "";
  const DwShareKey *share = &answer->share;
  const char *who = share->recipient;
  const char *class_text = dw_class_text (share->recipient_class);
  const char *because = dw_reason_text (answer->reason);

  dw_share_say (share, what, sizeof what);
  dw_share_say_why (share, why, sizeof why);
  if (!answer->is_footage_now)
    snprintf (when, sizeof when, " from %s",
              dw_when_format (answer->footage_ns, footage));
  if (answer->sequence != 0)
    snprintf (which, sizeof which, " (grant %" PRIu64 ")", answer->sequence);
  if (answer->verdict.level == DW_LEVEL_NOTHING)
    snprintf (out, size, "%s (%s) would see nothing of %s%s%s: %s%s.", who,
              class_text, what, when, why, because, which);
  else
    snprintf (out, size,
              "%s (%s) would see %s%s, %s%s, %s sound%s, until %s: %s%s.", who,
              class_text, what, when, dw_level_text (answer->verdict.level),
              answer->has_regions ? " in the granted regions" : "",
              answer->verdict.has_audio ? "with" : "without", why,
              dw_when_format (answer->until_ns, until), because, which);
}

void
dw_answer_write (DwJson *json, const DwAnswer *answer)
{
  const DwShareKey *share = &answer->share;

  dw_json_text (json, "camera", share->camera);
  dw_json_text (json, "recipient", share->recipient);
  dw_json_text (json, "class", dw_class_text (share->recipient_class));
  dw_json_text (json, "purpose", share->purpose);
  dw_json_text (json, "case", share->case_number);
  dw_json_text (json, "consent_sha256", share->consent_hash);
  dw_json_bool (json, "live", share->is_live);
  dw_json_time (json, "footage", answer->footage_ns);
  dw_json_text (json, "level", dw_level_text (answer->verdict.level));
  dw_json_bool (json, "audio", answer->verdict.has_audio);
  dw_json_bool (json, "regions", answer->has_regions);
  dw_json_time (json, "until", answer->until_ns);
  dw_json_text (json, "reason", dw_reason_word (answer->reason));
  dw_json_text (json, "because", dw_reason_text (answer->reason));
  if (answer->sequence != 0)
    dw_json_number (json, "grant", (int64_t)answer->sequence);
  else
    dw_json_text (json, "grant", NULL);
}
