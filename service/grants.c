/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorward grants: what the ledger holds. */
#include "commands.h"
#include "recipient.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const char *config, *ledger;
  bool is_json, only_in_force;
} Words;

static bool
is_wanted (const DwGrant *grant, const DwNow *now, const Words *words)
{
  return !words->only_in_force
         || dw_grant_state (grant, now) == DW_GRANT_IN_FORCE;
}

static void
print_row (const DwGrant *grant, const DwNow *now)
{
  char when[DW_WHEN_TEXT], what[128], why[192];
  const DwGrantState state = dw_grant_state (grant, now);

  if (grant->is_damaged)
    {
      printf ("%5" PRIu64 "  %-9s  entry cannot be read: it bounds %s%s to "
              "nothing\n",
              grant->sequence, dw_grant_state_text (state),
              grant->share.recipient[0] ? "shares with " : "all shares",
              grant->share.recipient);
      return;
    }
  dw_share_say (&grant->share, what, sizeof what);
  dw_share_say_why (&grant->share, why, sizeof why);
  printf ("%5" PRIu64 "  %-9s  %-7s  %s  %s (%s): %s%s%s%s\n", grant->sequence,
          dw_grant_state_text (state), dw_level_text (grant->level),
          dw_when_format (state == DW_GRANT_WAITING   ? grant->valid_from_ns
                          : state == DW_GRANT_REVOKED ? grant->revoked_at_ns
                                                      : grant->valid_until_ns,
                          when),
          grant->share.recipient, dw_class_text (grant->share.recipient_class),
          what, grant->has_audio ? ", with sound" : "",
          grant->n_regions ? ", in regions" : "", why);
}

static void
print_table (const DwGrant *grants, size_t n_grants, const DwNow *now,
             const Words *words)
{
  size_t n_shown = 0;

  for (size_t i = 0; i < n_grants; i++)
    {
      if (!is_wanted (&grants[i], now, words))
        continue;
      if (n_shown++ == 0)
        puts ("   ID  STATE      LEVEL    FROM, UNTIL OR AT    WHO SEES WHAT");
      print_row (&grants[i], now);
    }
  if (n_shown == 0)
    puts (words->only_in_force ? "No grant is in force: nobody sees anything."
                               : "Nothing was granted: nobody sees anything.");
}

static void
print_json (const DwGrant *grants, size_t n_grants, const DwNow *now,
            const Words *words)
{
  DwJson json = { .out = stdout };

  dw_json_begin_array (&json, NULL);
  for (size_t i = 0; i < n_grants; i++)
    if (is_wanted (&grants[i], now, words))
      {
        dw_json_begin_object (&json, NULL);
        dw_grant_write (&json, &grants[i], now);
        dw_json_end_object (&json);
      }
  dw_json_end_array (&json);
}

static int
list (const DwCommand *command, const DwHome *home, const Words *words)
{
  DwGrant *grants = NULL;
  size_t n_grants = 0;
  DwNow now = { 0 };
  DwStatus status;
  DwError error;
  DwLedger *ledger = dw_home_ledger (command, home, words->ledger,
                                     DW_LEDGER_READ, &status, &error);

  /* No ledger yet: nothing was granted. */
  if (ledger == NULL && status != DW_ERROR_NOT_FOUND)
    return DW_EXIT_REFUSED;
  if (ledger != NULL)
    {
      status = dw_ledger_grants (ledger, NULL, &grants, &n_grants, &error);
      if (status == DW_OK)
        status = dw_ledger_now (ledger, &now, &error);
      dw_ledger_close (ledger);
      if (status != DW_OK)
        {
          free (grants);
          return dw_cli_refuse (command, "%s", error.text);
        }
    }
  if (words->is_json)
    print_json (grants, n_grants, &now, words);
  else
    print_table (grants, n_grants, &now, words);
  free (grants);
  return dw_cli_finish (command, DW_EXIT_DONE);
}

int
dw_command_grants (const DwCommand *command, int argc, char **argv)
{
  Words words = { 0 };
  const DwOption options[] = {
    { .name = "in-force",
      .help = "only what shows something now",
      .flag = &words.only_in_force },
    DW_PLACE_OPTIONS (words.config, words.ledger),
    { .name = "json", .help = "answer as JSON", .flag = &words.is_json },
  };
  const DwSyntax syntax = {
    .usage = "[OPTION...]",
    .about = "Lists all grants, oldest first: in force, not begun, ended, "
             "revoked.\n",
    .options = options,
    .n_options = sizeof options / sizeof *options,
  };
  DwArguments arguments;
  int code;
  DwHome *home;

  if (!dw_cli_parse (command, &syntax, argc, argv, &arguments))
    return arguments.code;
  home = dw_home_open (command, words.config, &code);
  if (home == NULL)
    return code;
  code = list (command, home, &words);
  dw_home_free (home);
  return code;
}
