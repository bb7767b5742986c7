/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another process of the owner: revokes what it is told to on its standard
 * input, and answers with the BOOTTIME at which the commit was durable.
 * Usage: ledger-helper LEDGER */
#include "ledger.h"
#include "timebase.h"

#include <inttypes.h>
#include <stdio.h>

int
main (int argc, char **argv)
{
  DwLedger *ledger = NULL;
  DwError error = { 0 };
  uint64_t sequence;

  if (argc != 2
      || dw_ledger_open (argv[1], DW_LEDGER_WRITE, &ledger, &error) != DW_OK)
    {
      fprintf (stderr, "ledger-helper: %s\n", error.text);
      return 1;
    }
  while (scanf ("%" SCNu64, &sequence) == 1)
    {
      if (dw_ledger_revoke (ledger, sequence, &error) != DW_OK)
        {
          fprintf (stderr, "ledger-helper: %s\n", error.text);
          break;
        }
      printf ("%" PRId64 "\n", dw_time_boot_ns ());
      fflush (stdout);
    }
  dw_ledger_close (ledger);
  return 0;
}
