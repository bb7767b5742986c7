/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorward revoke: takes a grant back. */
#include "commands.h"
#include "recipient.h"
#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool
read_sequence (const char *text, uint64_t *out)
{
  char *end = NULL;

  errno = 0;
  *out = strtoull (text, &end, 10);
  return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0
         && *out > 0;
}

/* The grant as it stands; false when the ledger cannot be read. */
static bool
find_grant (DwLedger *ledger, uint64_t sequence, DwGrant *out, DwError *error)
{
  DwGrant *grants = NULL;
  size_t n_grants = 0;

  *out = (DwGrant){ 0 };
  if (dw_ledger_grants (ledger, NULL, &grants, &n_grants, error) != DW_OK)
    return false;
  for (size_t i = 0; i < n_grants; i++)
    if (grants[i].sequence == sequence)
      *out = grants[i];
  free (grants);
  return true;
}

static void
say_revoked (const DwGrant *grant, bool was_revoked)
{
  char what[128], why[192], when[DW_WHEN_TEXT];

  dw_share_say (&grant->share, what, sizeof what);
  dw_share_say_why (&grant->share, why, sizeof why);
  if (was_revoked)
    printf ("Grant %" PRIu64 " was revoked already, at %s.\n", grant->sequence,
            dw_when_format (grant->revoked_at_ns, when));
  else if (grant->is_damaged)
    printf ("Grant %" PRIu64 ", which cannot be read, is revoked.\n",
            grant->sequence);
  else
    printf ("Grant %" PRIu64 " is revoked: it shows %s nothing more of %s%s.\n",
            grant->sequence, grant->share.recipient, what, why);
}

static int
revoke (const DwCommand *command, DwLedger *ledger, uint64_t sequence,
        bool is_json)
{
  DwGrant before, after;
  DwError error = { 0 };
  DwNow now;

  /* A ledger that cannot be read must not keep anybody from revoking. */
  find_grant (ledger, sequence, &before, NULL);
  if (dw_ledger_revoke (ledger, sequence, &error) != DW_OK)
    return dw_cli_refuse (command, "%s", error.text);
  if (!find_grant (ledger, sequence, &after, &error)
      || dw_ledger_now (ledger, &now, &error) != DW_OK)
    return dw_cli_refuse (command, "grant %" PRIu64 " is revoked, but: %s",
                          sequence, error.text);
  if (is_json)
    {
      DwJson json = { .out = stdout };

      dw_json_begin_object (&json, NULL);
      dw_grant_write (&json, &after, &now);
      dw_json_bool (&json, "was_revoked", before.revoked_sequence != 0);
      dw_json_end_object (&json);
    }
  else
    say_revoked (&after, before.revoked_sequence != 0);
  return dw_cli_finish (command, DW_EXIT_DONE);
}

int
dw_command_revoke (const DwCommand *command, int argc, char **argv)
{
  const char *config = NULL, *ledger_path = NULL;
  bool is_json = false;
  const DwOption options[] = {
    DW_PLACE_OPTIONS (config, ledger_path),
    { .name = "json", .help = "answer as JSON", .flag = &is_json },
  };
  const DwSyntax syntax = {
    .usage = "ID [OPTION...]",
    .about = "Takes grant ID back, at once and for good; 'doorward grants' "
             "lists the IDs.\nShares that are running close within a frame. "
             "What it bounded stays bounded.\n",
    .n_min = 1,
    .n_max = 1,
    .options = options,
    .n_options = sizeof options / sizeof *options,
  };
  DwArguments arguments;
  int code;
  uint64_t sequence;
  DwLedger *ledger;
  DwStatus status;
  DwError error;
  DwHome *home;

  if (!dw_cli_parse (command, &syntax, argc, argv, &arguments))
    return arguments.code;
  if (!read_sequence (arguments.texts[0], &sequence))
    return dw_cli_wrong_usage (command, "'%s' is no grant's ID",
                               arguments.texts[0]);
  home = dw_home_open (command, config, &code);
  if (home == NULL)
    return code;
  /* Reading first: a revocation must not make an empty ledger. */
  ledger = dw_home_ledger (command, home, ledger_path, DW_LEDGER_READ, &status,
                           &error);
  dw_ledger_close (ledger);
  if (status == DW_OK)
    ledger = dw_home_ledger (command, home, ledger_path, DW_LEDGER_WRITE,
                             &status, &error);
  if (status == DW_ERROR_NOT_FOUND)
    dw_cli_refuse (command, "%s", error.text);
  code = DW_EXIT_REFUSED;
  if (status == DW_OK)
    {
      code = revoke (command, ledger, sequence, is_json);
      dw_ledger_close (ledger);
    }
  dw_home_free (home);
  return code;
}
