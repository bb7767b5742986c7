/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between values and words. */
#include "words.h"

#include "timebase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Local time of exactly these fields; mktime () alone would normalise a 30th
 * of February or an hour that summer time skips. */
static DwStatus
local_time (const struct tm *fields, int64_t *out_ns)
{
  struct tm again = *fields;
  time_t seconds;

  again.tm_isdst = -1;
  seconds = mktime (&again);
  if (seconds <= 0 || again.tm_year != fields->tm_year
      || again.tm_mon != fields->tm_mon || again.tm_mday != fields->tm_mday
      || again.tm_hour != fields->tm_hour || again.tm_min != fields->tm_min
      || again.tm_sec != fields->tm_sec)
    return DW_ERROR_INVALID;
  *out_ns = (int64_t)seconds * DW_SECOND_NS;
  return DW_OK;
}

/* True when `text` is written like `pattern`, where 0 stands for any digit;
 * the numbers go to `out` in their order. */
static bool
matches (const char *text, const char *pattern, int *out)
{
  int n = -1;
  bool was_digit = false;

  for (; *pattern != '\0'; pattern++, text++)
    {
      const bool is_digit = *pattern == '0';

      if (is_digit ? *text < '0' || *text > '9' : *text != *pattern)
        return false;
      if (is_digit && !was_digit)
        out[++n] = 0;
      if (is_digit)
        out[n] = out[n] * 10 + (*text - '0');
      was_digit = is_digit;
    }
  return *text == '\0';
}

DwStatus
dw_when_parse (const char *text, int64_t now_ns, int64_t *out_ns)
{
  const time_t now_seconds = (time_t)(now_ns / DW_SECOND_NS);
  int n[6] = { 0 };
  struct tm fields;

  if (dw_time_parse (text, now_ns, out_ns) == DW_OK)
    return DW_OK;
  if (localtime_r (&now_seconds, &fields) == NULL)
    return DW_ERROR_INVALID;
  if (matches (text, "00:00", n + 3) || matches (text, "00:00:00", n + 3))
    {
      n[0] = fields.tm_year + 1900;
      n[1] = fields.tm_mon + 1;
      n[2] = fields.tm_mday;
    }
  else if (!matches (text, "0000-00-00 00:00", n)
           && !matches (text, "0000-00-00T00:00", n)
           && !matches (text, "0000-00-00 00:00:00", n)
           && !matches (text, "0000-00-00T00:00:00", n))
    return DW_ERROR_INVALID;
  fields = (struct tm){ .tm_year = n[0] - 1900,
                        .tm_mon = n[1] - 1,
                        .tm_mday = n[2],
                        .tm_hour = n[3],
                        .tm_min = n[4],
                        .tm_sec = n[5] };
  return n[0] > 2200 ? DW_ERROR_INVALID : local_time (&fields, out_ns);
}

char *
dw_when_format (int64_t utc_ns, char out[DW_WHEN_TEXT])
{
  const time_t seconds = (time_t)(utc_ns / DW_SECOND_NS);
  struct tm fields;

  if (localtime_r (&seconds, &fields) == NULL
      || strftime (out, DW_WHEN_TEXT, "%Y-%m-%d %H:%M:%S", &fields) == 0)
    snprintf (out, DW_WHEN_TEXT, "?");
  return out;
}

char *
dw_span_format (int64_t span_ns, char out[DW_WHEN_TEXT])
{
  static const struct
  {
    int64_t seconds;
    const char *name;
  } units[] = {
    { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" }
  };
  int64_t left = (span_ns + DW_SECOND_NS / 2) / DW_SECOND_NS;
  size_t length = 0;

  snprintf (out, DW_WHEN_TEXT, "%" PRId64 " ms", span_ns / DW_MILLISECOND_NS);
  for (size_t i = 0, n_said = 0; i < 4 && n_said < 2; i++)
    {
      const int64_t count = left / units[i].seconds;

      left %= units[i].seconds;
      /* The second unit is the one below the first. */
      if (n_said == 1)
        n_said = 2;
      if (count == 0)
        continue;
      length += (size_t)snprintf (out + length, DW_WHEN_TEXT - length,
                                  "%s%" PRId64 " %s%s", length ? " " : "",
                                  count, units[i].name, count == 1 ? "" : "s");
      if (n_said == 0)
        n_said = 1;
    }
  return out;
}

void
dw_share_say (const DwShareKey *share, char *out, size_t size)
{
  snprintf (out, size, "%s of camera %s",
            share->is_live ? "the live picture" : "recordings", share->camera);
}

void
dw_share_say_why (const DwShareKey *share, char *out, size_t size)
{
  snprintf (out, size, "%s%s%s%s", share->purpose[0] ? ", for " : "",
            share->purpose, share->case_number[0] ? ", case " : "",
            share->case_number);
}

DwGrantState
dw_grant_state (const DwGrant *grant, const DwNow *now)
{
  if (grant->revoked_sequence != 0)
    return DW_GRANT_REVOKED;
  if (grant->is_damaged)
    return DW_GRANT_DAMAGED;
  if (grant->valid_until_ns <= now->utc_latest_ns)
    return DW_GRANT_ENDED;
  if (grant->valid_from_ns > now->utc_earliest_ns)
    return DW_GRANT_WAITING;
  return DW_GRANT_IN_FORCE;
}

const char *
dw_grant_state_text (DwGrantState state)
{
  static const char *const texts[] = {
    [DW_GRANT_DAMAGED] = "damaged",   [DW_GRANT_REVOKED] = "revoked",
    [DW_GRANT_ENDED] = "ended",       [DW_GRANT_WAITING] = "not begun",
    [DW_GRANT_IN_FORCE] = "in force",
  };

  return texts[state];
}

const char *
dw_reason_word (DwReason reason)
{
  static const char *const words[] = {
    [DW_REASON_NONE] = "doubt",
    [DW_REASON_NO_GRANT] = "no-grant",
    [DW_REASON_REVOKED] = "revoked",
    [DW_REASON_EXPIRED] = "ended",
    [DW_REASON_NOT_YET] = "not-begun",
    [DW_REASON_FOOTAGE] = "outside-footage",
    [DW_REASON_POLICY_LIVE] = "never-live",
    [DW_REASON_POLICY_CASE] = "needs-case",
    [DW_REASON_POLICY_HASH] = "needs-written-consent",
    [DW_REASON_POLICY_LEVEL] = "ceiling",
    [DW_REASON_POLICY_CLASS] = "class-sees-nothing",
    [DW_REASON_LEASE] = "no-lease",
    [DW_REASON_GRANTED] = "granted",
    [DW_REASON_BOUNDED] = "bounded",
  };

  return (size_t)reason < sizeof words / sizeof *words ? words[reason]
                                                       : words[DW_REASON_NONE];
}

static void
write_regions (DwJson *json, const DwGrant *grant)
{
  dw_json_begin_array (json, "regions");
  for (size_t i = 0; i < grant->n_regions; i++)
    {
      dw_json_begin_array (json, NULL);
      for (int k = 0; k < grant->regions[i].n_points; k++)
        {
          dw_json_begin_array (json, NULL);
          dw_json_real (json, NULL, (double)grant->regions[i].points[k].x);
          dw_json_real (json, NULL, (double)grant->regions[i].points[k].y);
          dw_json_end_array (json);
        }
      dw_json_end_array (json);
    }
  dw_json_end_array (json);
}

void
dw_grant_write (DwJson *json, const DwGrant *grant, const DwNow *now)
{
  const DwShareKey *share = &grant->share;

  dw_json_number (json, "grant", (int64_t)grant->sequence);
  dw_json_text (json, "state",
                dw_grant_state_text (dw_grant_state (grant, now)));
  dw_json_text (json, "camera", share->camera);
  dw_json_text (json, "recipient", share->recipient);
  dw_json_text (json, "class", dw_class_text (share->recipient_class));
  dw_json_text (json, "purpose", share->purpose);
  dw_json_text (json, "case", share->case_number);
  dw_json_text (json, "consent_sha256", share->consent_hash);
  dw_json_bool (json, "live", share->is_live);
  dw_json_text (json, "level", dw_level_text (grant->level));
  dw_json_bool (json, "audio", grant->has_audio);
  write_regions (json, grant);
  dw_json_time (json, "footage_from", grant->footage_from_ns);
  dw_json_time (json, "footage_until", grant->footage_until_ns);
  dw_json_time (json, "valid_from", grant->valid_from_ns);
  dw_json_time (json, "valid_until", grant->valid_until_ns);
  dw_json_time (json, "given_at", grant->given_at_ns);
  dw_json_time (json, "revoked_at", grant->revoked_at_ns);
}
