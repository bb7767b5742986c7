/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a home keeps its configuration and its ledger, and who is who there.
 */
#pragma once

#include "cli.h"
#include "configuration.h"
#include "ledger.h"

typedef struct
{
  char path[4096]; /* "" when there is no file: the built-in configuration */
  DwConfig config;
} DwHome;

/* `path` or, where it is NULL, the first of $DOORWARD_CONFIG, ./doorward.yaml,
 * and doorward/doorward.yaml of the user's configuration. A file that is wrong
 * is not used: its errors are printed, NULL is returned, and `*code` is the
 * exit code. Free with dw_home_free (). */
DwHome *dw_home_open (const DwCommand *command, const char *path, int *code);
void dw_home_free (DwHome *home);

/* The configuration file that would be used; "" for none. */
void dw_home_find_config (const char *path, char *out, size_t size);

/* Opens the ledger: `path`, else the configuration's, else the default place.
 * Says what is wrong itself; NULL with DW_ERROR_NOT_FOUND in `*status` is left
 * to the caller to say. */
DwLedger *dw_home_ledger (const DwCommand *command, const DwHome *home,
                          const char *path, DwLedgerMode mode, DwStatus *status,
                          DwError *error);
