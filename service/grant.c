/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorward grant: writes the owner's consent into the ledger, and says what it
 * amounts to. */
#include "commands.h"
#include "recipient.h"
#include "timebase.h"
#include "verdict.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The command line as it stands. */
typedef struct
{
  DwShareWords share;
  const char *level, *from, *duration, *until, *footage;
  const char *config, *ledger;
  DwOptionTexts regions;
  bool has_audio, is_json;
} Words;

/* "2h" is what dw_time_parse () reads as "+2h". */
static bool
read_duration (const char *text, int64_t *out_ns)
{
  char offset[32];

  snprintf (offset, sizeof offset, "+%s", text);
  return strlen (text) < sizeof offset - 1 && text[0] >= '0' && text[0] <= '9'
         && dw_time_parse (offset, 0, out_ns) == DW_OK && *out_ns > 0;
}

/* Beginnings count from the earliest that it may be now and ends from the
 * latest: on a machine whose clock was set, "for 2h" are still two hours. */
static int
read_validity (const DwCommand *command, const Words *words, const DwNow *now,
               DwGrant *grant)
{
  int64_t duration_ns = 0;

  grant->valid_from_ns = now->utc_earliest_ns;
  if (words->from != NULL
      && dw_when_parse (words->from, now->utc_earliest_ns,
                        &grant->valid_from_ns)
             != DW_OK)
    return dw_cli_wrong_usage (command, "--from: '%s' is no time", words->from);
  if ((words->duration == NULL) == (words->until == NULL))
    return dw_cli_wrong_usage (command,
                               "for how long? Say either --for or --until");
  if (words->until != NULL)
    return dw_when_parse (words->until, now->utc_latest_ns,
                          &grant->valid_until_ns)
                   == DW_OK
               ? DW_EXIT_DONE
               : dw_cli_wrong_usage (command, "--until: '%s' is no time",
                                     words->until);
  if (!read_duration (words->duration, &duration_ns))
    return dw_cli_wrong_usage (
        command, "--for: '%s' is no duration such as 90s, 30m, 2h or 7d",
        words->duration);
  grant->valid_until_ns
      = (words->from ? grant->valid_from_ns : now->utc_latest_ns) + duration_ns;
  return DW_EXIT_DONE;
}

static int
read_footage (const DwCommand *command, const Words *words, const DwNow *now,
              DwGrant *grant)
{
  const char *dots = words->footage ? strstr (words->footage, "..") : NULL;
  char from[64];

  grant->footage_from_ns = grant->valid_from_ns;
  grant->footage_until_ns = grant->valid_until_ns;
  if (words->footage == NULL)
    return DW_EXIT_DONE;
  if (words->share.is_live)
    return dw_cli_wrong_usage (command, "either --live or --footage");
  if (dots != NULL && (size_t)(dots - words->footage) < sizeof from)
    {
      snprintf (from, sizeof from, "%.*s", (int)(dots - words->footage),
                words->footage);
      if (dw_when_parse (from, now->utc_earliest_ns, &grant->footage_from_ns)
              == DW_OK
          && dw_when_parse (dots + 2, now->utc_earliest_ns,
                            &grant->footage_until_ns)
                 == DW_OK)
        return DW_EXIT_DONE;
    }
  return dw_cli_wrong_usage (command,
                             "--footage: '%s' is not FROM..UNTIL, such as "
                             "19:00..20:00 or -2h..now",
                             words->footage);
}

/* "x,y x,y x,y", each from 0 to 1. */
static bool
read_region (const char *text, DwPolygon *out)
{
  memset (out, 0, sizeof *out);
  while (*text == ' ')
    text++;
  while (*text != '\0')
    {
      float place[2];

      if (out->n_points == DW_MAX_POLYGON_POINTS)
        return false;
      for (int i = 0; i < 2; i++)
        {
          char number[32], *end = NULL;
          const size_t length = strspn (text, "0123456789.");

          if (length == 0 || length >= sizeof number)
            return false;
          snprintf (number, sizeof number, "%.*s", (int)length, text);
          place[i] = strtof (number, &end);
          text += length;
          if (*end != '\0' || (i == 0 && *text++ != ','))
            return false;
        }
      out->points[out->n_points].x = place[0];
      out->points[out->n_points++].y = place[1];
      if (*text != ' ' && *text != '\0')
        return false;
      while (*text == ' ')
        text++;
    }
  return dw_polygon_is_valid (out);
}

static int
read_what (const DwCommand *command, const Words *words, DwGrant *grant)
{
  if (words->level == NULL)
    return dw_cli_wrong_usage (command, "say --level masked, blurred or clear");
  if (dw_level_parse (words->level, &grant->level) != DW_OK)
    return dw_cli_wrong_usage (command, "there is no level '%s'", words->level);
  grant->has_audio = words->has_audio;
  if (words->regions.n_texts > DW_GRANT_MAX_REGIONS)
    return dw_cli_wrong_usage (command, "at most %d regions",
                               DW_GRANT_MAX_REGIONS);
  for (; grant->n_regions < words->regions.n_texts; grant->n_regions++)
    if (!read_region (words->regions.texts[grant->n_regions],
                      &grant->regions[grant->n_regions]))
      return dw_cli_wrong_usage (
          command,
          "--region: '%s' is not \"x,y x,y x,y\" with x and y from 0 "
          "to 1 and an area",
          words->regions.texts[grant->n_regions]);
  return DW_EXIT_DONE;
}

static void
say_grant (const DwGrant *grant)
{
  char what[128], why[192], from[DW_WHEN_TEXT], until[DW_WHEN_TEXT];
  char span[DW_WHEN_TEXT];
  const DwShareKey *share = &grant->share;

  dw_share_say (share, what, sizeof what);
  dw_share_say_why (share, why, sizeof why);
  printf ("Grant %" PRIu64 ": %s (%s) sees %s, %s%s, %s sound%s, from %s until "
          "%s (%s).\n",
          grant->sequence, share->recipient,
          dw_class_text (share->recipient_class), what,
          dw_level_text (grant->level),
          grant->n_regions ? " in the granted regions" : "",
          grant->has_audio ? "with" : "without", why,
          dw_when_format (grant->valid_from_ns, from),
          dw_when_format (grant->valid_until_ns, until),
          dw_span_format (grant->valid_until_ns - grant->valid_from_ns, span));
  if (!share->is_live)
    printf ("It covers what was filmed from %s until %s.\n",
            dw_when_format (grant->footage_from_ns, from),
            dw_when_format (grant->footage_until_ns, until));
}

static void
say_bounds (const DwAnswer *answer)
{
  if (answer->reason == DW_REASON_POLICY_LEVEL)
    printf ("The ceiling of class %s bounds it: %s, %s sound.\n",
            dw_class_text (answer->share.recipient_class),
            dw_level_text (answer->verdict.level),
            answer->verdict.has_audio ? "with" : "without");
  if (answer->reason == DW_REASON_BOUNDED)
    printf ("Grant %" PRIu64 " bounds it: %s, %s sound, is all that is shown "
            "where they meet. To be free of it, revoke what is still in force "
            "and grant anew.\n",
            answer->sequence, dw_level_text (answer->verdict.level),
            answer->verdict.has_audio ? "with" : "without");
}

/* What the new grant comes to when it begins, among the others. */
static void
find_answer (const DwHome *home, const DwGrant *grant, const DwGrant *grants,
             size_t n_grants, const DwNow *now, DwAnswer *out)
{
  int64_t footage_ns = grant->footage_from_ns;
  DwQuestion question = { .policy = &home->config.policy,
                          .share = &grant->share,
                          .grants = grants,
                          .n_grants = n_grants,
                          .now = *now };

  if (question.now.utc_earliest_ns < grant->valid_from_ns)
    question.now.utc_earliest_ns = grant->valid_from_ns;
  if (question.now.utc_latest_ns < question.now.utc_earliest_ns)
    question.now.utc_latest_ns = question.now.utc_earliest_ns;
  if (grant->share.is_live && footage_ns < question.now.utc_earliest_ns)
    footage_ns = question.now.utc_earliest_ns;
  dw_answer_find (&question, footage_ns, out);
}

static void
print_json (const DwGrant *grant, const DwNow *now, const DwAnswer *answer)
{
  DwJson json = { .out = stdout };

  dw_json_begin_object (&json, NULL);
  dw_grant_write (&json, grant, now);
  dw_json_begin_object (&json, "shows");
  dw_answer_write (&json, answer);
  dw_json_end_object (&json);
  dw_json_end_object (&json);
}

/* Reads the grant back and says it. */
static int
report (const DwCommand *command, const DwHome *home, DwLedger *ledger,
        uint64_t sequence, bool is_json)
{
  const DwGrant *grant = NULL;
  DwGrant *grants = NULL;
  size_t n_grants = 0;
  DwError error = { 0 };
  DwAnswer answer;
  DwNow now;
  DwStatus status = dw_ledger_grants (ledger, NULL, &grants, &n_grants, &error);

  if (status == DW_OK)
    status = dw_ledger_now (ledger, &now, &error);
  for (size_t i = 0; i < n_grants && status == DW_OK; i++)
    if (grants[i].sequence == sequence)
      grant = &grants[i];
  if (grant == NULL)
    {
      free (grants);
      return dw_cli_refuse (
          command, "grant %" PRIu64 " is written, but cannot be read back: %s",
          sequence, error.text);
    }
  find_answer (home, grant, grants, n_grants, &now, &answer);
  if (is_json)
    print_json (grant, &now, &answer);
  else
    {
      say_grant (grant);
      say_bounds (&answer);
    }
  free (grants);
  return dw_cli_finish (command, DW_EXIT_DONE);
}

static int
write_grant (const DwCommand *command, const DwHome *home, const Words *words)
{
  DwGrant grant = { 0 };
  DwLedger *ledger;
  DwStatus status;
  DwError error;
  DwNow now;
  uint64_t sequence = 0;
  int code;

  if (!dw_share_resolve (command, home, &words->share, &grant.share, &code))
    return code;
  code = read_what (command, words, &grant);
  if (code != DW_EXIT_DONE)
    return code;
  /* Before a ledger is made: words that are wrong must leave no trace. */
  now = (DwNow){ dw_time_boot_ns (), dw_time_utc_ns (), dw_time_utc_ns () };
  code = read_validity (command, words, &now, &grant);
  if (code == DW_EXIT_DONE)
    code = read_footage (command, words, &now, &grant);
  if (code != DW_EXIT_DONE)
    return code;
  ledger = dw_home_ledger (command, home, words->ledger, DW_LEDGER_WRITE,
                           &status, &error);
  if (ledger == NULL)
    return DW_EXIT_REFUSED;
  status = dw_ledger_now (ledger, &now, &error);
  if (status == DW_OK
      && (code = read_validity (command, words, &now, &grant)) == DW_EXIT_DONE)
    code = read_footage (command, words, &now, &grant);
  if (status == DW_OK && code == DW_EXIT_DONE)
    status = dw_ledger_grant (ledger, &home->config.policy, &grant, &sequence,
                              &error);
  if (status != DW_OK)
    code = dw_cli_refuse (command, "not granted: %s", error.text);
  else if (code == DW_EXIT_DONE)
    code = report (command, home, ledger, sequence, words->is_json);
  dw_ledger_close (ledger);
  return code;
}

int
dw_command_grant (const DwCommand *command, int argc, char **argv)
{
  Words words = { 0 };
  const DwOption options[] = {
    { .help = "What may be seen" },
    { .name = "level",
      .value = "LEVEL",
      .help = "masked: whatever moves is filled;\n"
              "blurred: hidden for looks only;\n"
              "clear: everything",
      .text = &words.level },
    { .name = "live",
      .help = "the live picture instead of recordings",
      .flag = &words.share.is_live },
    { .name = "footage",
      .value = "FROM..UNTIL",
      .help = "recordings of that time; default: of the\n"
              "time for which the grant is given",
      .text = &words.footage },
    { .name = "region",
      .value = "\"X,Y X,Y X,Y\"",
      .help = "only this part of the picture, from 0,0\n"
              "(upper left) to 1,1; up to four times",
      .texts = &words.regions },
    { .name = "audio", .help = "sound as well", .flag = &words.has_audio },
    { .help = "For how long" },
    { .name = "for",
      .value = "DURATION",
      .help = "90s, 30m, 2h, 7d",
      .text = &words.duration },
    { .name = "until",
      .value = "TIME",
      .help = "or until then",
      .text = &words.until },
    { .name = "from",
      .value = "TIME",
      .help = "not before then; default: now",
      .text = &words.from },
    { .help = "To whom and why" },
    DW_SHARE_OPTIONS (words.share),
    { .help = "Where" },
    DW_PLACE_OPTIONS (words.config, words.ledger),
    { .name = "json", .help = "answer as JSON", .flag = &words.is_json },
  };
  const DwSyntax syntax = {
    .usage = "CAMERA RECIPIENT --level LEVEL --for DURATION [OPTION...]",
    .about
    = "Consents that RECIPIENT sees what CAMERA films. It holds at once, ends "
      "by itself,\nand can be taken back with 'doorward revoke'.\n\n"
      "  doorward grant front anna --level masked --for 2h --live\n"
      "  doorward grant front anna --level clear --for 7d --footage -1h..now\n"
      "  doorward grant front police-north --class police --level clear "
      "--for 7d \\\n"
      "      --footage \"2026-11-23 19:00..2026-11-23 20:00\" --case "
      "ST/0123/26\n\n"
      "Of several grants the smallest counts. A grant bounds those given "
      "before its end\neven when it is revoked or has run out: taking back "
      "never shows more.\n\n"
      "TIME is \"2026-11-23 20:15\", 20:15 (today), +2h, -30m, now, or "
      "2026-11-23T19:15Z.\n",
    .n_min = 2,
    .n_max = 2,
    .options = options,
    .n_options = sizeof options / sizeof *options,
  };
  DwHome *home;
  DwArguments arguments;
  int code;

  if (!dw_cli_parse (command, &syntax, argc, argv, &arguments))
    return arguments.code;
  words.share.camera = arguments.texts[0];
  words.share.recipient = arguments.texts[1];
  home = dw_home_open (command, words.config, &code);
  if (home == NULL)
    return code;
  code = write_grant (command, home, &words);
  dw_home_free (home);
  return code;
}
