/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds and loads what the commands work on. */
#include "home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *
look_up (const char *name)
{
  return getenv (name);
}

/* $VARIABLE/ENDING, else ~/FALLBACK/ENDING; "" where neither is known. */
static void
user_path (const char *variable, const char *fallback, const char *ending,
           char *out, size_t size)
{
  const char *folder = getenv (variable), *home = getenv ("HOME");

  out[0] = '\0';
  /* The XDG base directory specification: a relative path is ignored. */
  if (folder != NULL && folder[0] == '/')
    snprintf (out, size, "%s/%s", folder, ending);
  else if (home != NULL && home[0] != '\0')
    snprintf (out, size, "%s/%s/%s", home, fallback, ending);
}

void
dw_home_find_config (const char *path, char *out, size_t size)
{
  const char *from_environment = getenv ("DOORWARD_CONFIG");

  if (path == NULL && from_environment != NULL && from_environment[0] != '\0')
    path = from_environment;
  snprintf (out, size, "%s", path ? path : "doorward.yaml");
  if (path != NULL || access (out, F_OK) == 0)
    return;
  user_path ("XDG_CONFIG_HOME", ".config", "doorward/doorward.yaml", out, size);
  if (out[0] != '\0' && access (out, F_OK) != 0)
    out[0] = '\0';
}

static void
print_diagnostics (const char *path, const DwDiagnostics *diagnostics)
{
  const size_t room = sizeof diagnostics->errors / sizeof *diagnostics->errors;
  char line[1024];

  for (size_t i = 0; i < diagnostics->n_errors && i < room; i++)
    {
      dw_diagnostic_format (path, &diagnostics->errors[i], line, sizeof line);
      fprintf (stderr, "%s\n", line);
    }
}

DwHome *
dw_home_open (const DwCommand *command, const char *path, int *code)
{
  DwHome *home = calloc (1, sizeof *home);
  DwDiagnostics *diagnostics = calloc (1, sizeof *diagnostics);
  DwStatus status = DW_OK;

  if (home == NULL || diagnostics == NULL)
    {
      free (home);
      free (diagnostics);
      *code = dw_cli_refuse (command, "out of memory");
      return NULL;
    }
  dw_home_find_config (path, home->path, sizeof home->path);
  if (home->path[0] == '\0')
    dw_config_init (&home->config);
  else
    status = dw_config_load (home->path, look_up, &home->config, diagnostics);
  if (status != DW_OK)
    {
      print_diagnostics (home->path, diagnostics);
      *code = dw_cli_refuse (command, "the configuration cannot be used");
      dw_home_free (home);
      home = NULL;
    }
  free (diagnostics);
  return home;
}

void
dw_home_free (DwHome *home)
{
  if (home == NULL)
    return;
  dw_config_wipe (&home->config);
  free (home);
}

DwLedger *
dw_home_ledger (const DwCommand *command, const DwHome *home, const char *path,
                DwLedgerMode mode, DwStatus *status, DwError *error)
{
  char place[4096];
  DwLedger *ledger = NULL;

  *error = (DwError){ 0 };
  if (path == NULL && home != NULL && home->config.ledger[0] != '\0')
    path = home->config.ledger;
  if (path == NULL)
    {
      user_path ("XDG_DATA_HOME", ".local/share", "doorward/ledger.db", place,
                 sizeof place);
      path = place;
    }
  *status = path[0] == '\0'
                ? dw_error_set (error, DW_ERROR_INVALID,
                                "where is the ledger? HOME is not set; say "
                                "--ledger FILE")
                : dw_ledger_open (path, mode, &ledger, error);
  if (*status != DW_OK && *status != DW_ERROR_NOT_FOUND)
    dw_cli_refuse (command, "%s", error->text);
  return ledger;
}
