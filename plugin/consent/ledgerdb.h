/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ledger's database: its schema, and SQLite's answers in our words. Not for
 * callers of the core. */
#pragma once

#include "ledger.h"
#include "ledgerfile.h"

#include <sqlite3.h>

/* Room for /proc/sys/kernel/random/boot_id. */
#define DW_BOOT_ID_SIZE 40

/* A moment as the ledger writes it down. */
typedef struct
{
  int64_t utc_ns;
  int64_t boot_ns;
  char boot_id[DW_BOOT_ID_SIZE];
} DwLedgerTime;

struct DwLedger
{
  DwLedgerMode mode;
  DwLedgerFile file;
  sqlite3 *db;
  sqlite3_stmt *ask_version;
  char boot_id[DW_BOOT_ID_SIZE]; /* "" when not known: matches no other */

  /* Times, see ledgerclock.c; of version `times_version`. */
  bool has_times;
  uint64_t times_version;
  DwLedgerTime highest;
  DwLedgerTime newest_entry;
  int64_t opened_utc_ns, opened_boot_ns;
  int64_t seen_utc_ns, seen_boot_ns;
};

/* Makes an empty ledger in the place that `file` names. One that another
 * process puts there meanwhile stays. */
DwStatus dw_ledger_db_make (const DwLedgerFile *file, DwError *error);

/* Opens and checks the file of ledger->file. */
DwStatus dw_ledger_db_open (DwLedger *ledger, DwError *error);

/* What SQLite last said, in a sentence that begins with `what`. */
DwStatus dw_ledger_db_fail (DwLedger *ledger, const char *what, DwError *error);

/* One statement without a result. */
DwStatus dw_ledger_db_run (DwLedger *ledger, const char *sql, DwError *error);

/* A statement to step through; `*out` is the caller's to finalize. */
DwStatus dw_ledger_db_prepare (DwLedger *ledger, const char *sql,
                               sqlite3_stmt **out, DwError *error);

/* PRAGMA data_version, without a look at the files. */
DwStatus dw_ledger_db_version (DwLedger *ledger, uint64_t *out, DwError *error);

/* Stores `time` as the highest unless a higher one is there. */
DwStatus dw_ledger_db_raise_time (DwLedger *ledger, const DwLedgerTime *time,
                                  DwError *error);

/* Copies a column's text, cut to fit. */
void dw_ledger_db_text (sqlite3_stmt *statement, int column, char *out,
                        size_t size);
