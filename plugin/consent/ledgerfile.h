/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file below the ledger: that it is the owner's alone, and still the same
 * one. Not for callers of the core. */
#pragma once

#include "status.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* Database, write-ahead log, shared memory. */
#define DW_LEDGER_N_FILES 3

typedef struct
{
  char paths[DW_LEDGER_N_FILES][PATH_MAX];
  dev_t devices[DW_LEDGER_N_FILES];
  ino_t inodes[DW_LEDGER_N_FILES];
} DwLedgerFile;

/* Names the files and refuses a database that is a link, not a plain file,
 * another user's, or that others may write to, also by its folder. A missing
 * one is DW_ERROR_NOT_FOUND, with the names set. */
DwStatus dw_ledger_file_open (const char *path, DwLedgerFile *out,
                              DwError *error);

/* A new database is made beside its place, so that no half of it is ever seen
 * there: begin makes the folders (0700) and an empty file (0600) and names it
 * in `making`; end puts it in place, unless another process was faster, and
 * removes `making` (also when `is_made` is false). */
DwStatus dw_ledger_file_begin (const DwLedgerFile *file, DwLedgerFile *making,
                               DwError *error);
DwStatus dw_ledger_file_end (const DwLedgerFile *file,
                             const DwLedgerFile *making, bool is_made,
                             DwError *error);

/* After SQLite has opened it: the database is still the one that was looked
 * at, and the other two files are remembered with it. */
DwStatus dw_ledger_file_follow (DwLedgerFile *file, DwError *error);

/* DW_ERROR_NOT_FOUND or DW_ERROR_IO when another process has removed or
 * replaced one of them: what is committed elsewhere would not be seen. */
DwStatus dw_ledger_file_verify (const DwLedgerFile *file, DwError *error);
