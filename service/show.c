/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorward show: what a recipient would be shown of a camera now, and why. */
#include "commands.h"
#include "recipient.h"
#include "timebase.h"
#include "verdict.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SHARES 64

typedef struct
{
  DwShareWords share;
  const char *at, *config, *ledger;
  bool is_recorded, is_json;
} Words;

/* What is known when the question is asked. */
typedef struct
{
  DwGrant *grants;
  size_t n_grants;
  DwNow now;
} Known;

static bool
same_share (const DwShareKey *a, const DwShareKey *b)
{
  return strcmp (a->camera, b->camera) == 0
         && strcmp (a->recipient, b->recipient) == 0
         && a->recipient_class == b->recipient_class
         && strcmp (a->purpose, b->purpose) == 0
         && strcmp (a->case_number, b->case_number) == 0
         && strcmp (a->consent_hash, b->consent_hash) == 0
         && a->is_live == b->is_live;
}

static bool
is_asked_exactly (const Words *words)
{
  return words->share.is_live || words->is_recorded || words->share.purpose
         || words->share.case_number || words->share.consent_file
         || words->share.recipient_class;
}

/* The shares that were ever granted to this recipient of this camera; where
 * there is none, the one that was asked for. */
static size_t
list_shares (const Words *words, const Known *known, const DwShareKey *asked,
             DwShareKey shares[MAX_SHARES])
{
  size_t n_shares = 0;

  for (size_t i = 0; i < known->n_grants && !is_asked_exactly (words); i++)
    {
      const DwShareKey *share = &known->grants[i].share;
      bool is_new = !known->grants[i].is_damaged && n_shares < MAX_SHARES
                    && strcmp (share->camera, asked->camera) == 0
                    && strcmp (share->recipient, asked->recipient) == 0;

      for (size_t k = 0; k < n_shares && is_new; k++)
        is_new = !same_share (share, &shares[k]);
      if (is_new)
        shares[n_shares++] = *share;
    }
  if (n_shares == 0)
    shares[n_shares++] = *asked;
  return n_shares;
}

static int
read_known (const DwCommand *command, const DwHome *home, const Words *words,
            Known *out)
{
  DwStatus status;
  DwError error;
  DwLedger *ledger = dw_home_ledger (command, home, words->ledger,
                                     DW_LEDGER_READ, &status, &error);

  memset (out, 0, sizeof *out);
  if (ledger == NULL && status != DW_ERROR_NOT_FOUND)
    return DW_EXIT_REFUSED;
  if (ledger == NULL)
    {
      /* Nothing was ever granted; the clocks only date the question. */
      out->now.boot_ns = dw_time_boot_ns ();
      out->now.utc_earliest_ns = out->now.utc_latest_ns = dw_time_utc_ns ();
      return DW_EXIT_DONE;
    }
  status
      = dw_ledger_grants (ledger, NULL, &out->grants, &out->n_grants, &error);
  if (status == DW_OK)
    status = dw_ledger_now (ledger, &out->now, &error);
  dw_ledger_close (ledger);
  return status == DW_OK ? DW_EXIT_DONE
                         : dw_cli_refuse (command, "%s", error.text);
}

static void
answer (const DwHome *home, const Words *words, const Known *known,
        const DwShareKey *asked, int64_t footage_ns)
{
  DwShareKey shares[MAX_SHARES];
  const size_t n_shares = list_shares (words, known, asked, shares);
  DwQuestion question = { .policy = &home->config.policy,
                          .grants = known->grants,
                          .n_grants = known->n_grants,
                          .now = known->now };
  DwJson json = { .out = stdout };

  if (words->is_json)
    dw_json_begin_array (&json, NULL);
  for (size_t i = 0; i < n_shares; i++)
    {
      char sentence[DW_SENTENCE];
      DwAnswer found;

      question.share = &shares[i];
      dw_answer_find (&question, footage_ns, &found);
      if (words->is_json)
        {
          dw_json_begin_object (&json, NULL);
          dw_answer_write (&json, &found);
          dw_json_end_object (&json);
        }
      else
        {
          dw_answer_say (&found, sentence, sizeof sentence);
          puts (sentence);
        }
    }
  if (words->is_json)
    dw_json_end_array (&json);
}

/* Without --class, an earlier grant says of which class the recipient is as
 * well as the configuration does. */
static void
fill_class (const DwHome *home, const Known *known, DwShareWords *words)
{
  if (words->recipient_class != NULL
      || dw_config_recipient (&home->config, words->recipient) != NULL)
    return;
  for (size_t i = 0; i < known->n_grants; i++)
    if (!known->grants[i].is_damaged
        && strcmp (known->grants[i].share.recipient, words->recipient) == 0)
      words->recipient_class
          = dw_class_text (known->grants[i].share.recipient_class);
}

static int
show (const DwCommand *command, const DwHome *home, Words *words)
{
  DwShareWords asked_words = words->share;
  DwShareKey asked;
  int64_t footage_ns = 0;
  Known known;
  int code = read_known (command, home, words, &known);

  if (code == DW_EXIT_DONE && words->at != NULL
      && dw_when_parse (words->at, known.now.utc_earliest_ns, &footage_ns)
             != DW_OK)
    code = dw_cli_wrong_usage (command, "--at: '%s' is no time", words->at);
  fill_class (home, &known, &asked_words);
  if (code == DW_EXIT_DONE
      && dw_share_resolve (command, home, &asked_words, &asked, &code))
    {
      answer (home, words, &known, &asked, footage_ns);
      code = dw_cli_finish (command, DW_EXIT_DONE);
    }
  free (known.grants);
  return code;
}

int
dw_command_show (const DwCommand *command, int argc, char **argv)
{
  Words words = { 0 };
  const DwOption options[] = {
    { .help = "Which share; without any of these, each that was ever granted" },
    { .name = "live",
      .help = "the live picture",
      .flag = &words.share.is_live },
    { .name = "recorded", .help = "recordings", .flag = &words.is_recorded },
    DW_SHARE_OPTIONS (words.share),
    { .name = "at",
      .value = "TIME",
      .help = "footage of then; default: of now, or for\n"
              "recordings where the newest grant begins",
      .text = &words.at },
    { .help = "Where" },
    DW_PLACE_OPTIONS (words.config, words.ledger),
    { .name = "json", .help = "answer as JSON", .flag = &words.is_json },
  };
  const DwSyntax syntax = {
    .usage = "CAMERA RECIPIENT [OPTION...]",
    .about = "Says in one sentence a share what RECIPIENT would be shown of "
             "CAMERA now, and why.\nAnswering is success (exit code 0), also "
             "when the answer is nothing.\n",
    .n_min = 2,
    .n_max = 2,
    .options = options,
    .n_options = sizeof options / sizeof *options,
  };
  DwArguments arguments;
  int code;
  DwHome *home;

  if (!dw_cli_parse (command, &syntax, argc, argv, &arguments))
    return arguments.code;
  if (words.share.is_live && words.is_recorded)
    return dw_cli_wrong_usage (command, "either --live or --recorded");
  words.share.camera = arguments.texts[0];
  words.share.recipient = arguments.texts[1];
  home = dw_home_open (command, words.config, &code);
  if (home == NULL)
    return code;
  code = show (command, home, &words);
  dw_home_free (home);
  return code;
}
