/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The `doorward` program: finds the sub-command and runs it. */
#include "commands.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static const DwCommand commands[] = {
  { "discover", "find doorbells on this network", dw_command_discover },
  { "check", "say what is wrong with a configuration file", dw_command_check },
  { "grant", "consent that somebody sees a camera", dw_command_grant },
  { "revoke", "take a consent back, at once", dw_command_revoke },
  { "grants", "list what was consented to", dw_command_grants },
  { "show", "what somebody would be shown now, and why", dw_command_show },
  { "demo", "the whole way once, on a simulated doorbell", dw_command_demo },
};

#define N_COMMANDS (sizeof commands / sizeof *commands)

static void
print_help (FILE *out)
{
  fputs ("Usage: doorward COMMAND [OPTION...]\n\n"
         "Your doorbell's picture reaches nobody without your consent.\n\n",
         out);
  for (size_t i = 0; i < N_COMMANDS; i++)
    fprintf (out, "  %-10s %s\n", commands[i].name, commands[i].help);
  fputs ("\n'doorward COMMAND --help' says more. All commands know --json.\n"
         "Exit codes: 0 done, 1 refused or failed, 2 wrong usage.\n",
         out);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  if (argc < 2)
    {
      print_help (stderr);
      return DW_EXIT_USAGE;
    }
  for (size_t i = 0; i < N_COMMANDS; i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return commands[i].run (&commands[i], argc - 1, argv + 1);
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0
      || strcmp (argv[1], "help") == 0)
    {
      print_help (stdout);
      return DW_EXIT_DONE;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      puts ("doorward " VERSION);
      return DW_EXIT_DONE;
    }
  fprintf (stderr, "doorward: there is no command '%s'\n\n", argv[1]);
  print_help (stderr);
  return DW_EXIT_USAGE;
}
