/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What time it may be, at the earliest and at the latest.
 *
 * Latest: the wall clock, but never below the highest time the ledger has
 * seen, counted on by BOOTTIME within one boot. Earliest: the wall clock, but
 * never above the newest entry of this boot (or the opening of the ledger)
 * counted on likewise. Both clocks run at the same rate, steps apart, so on a
 * machine whose wall clock is never set the two are the same. */
#include "ledgerdb.h"

#include "timebase.h"

#include <string.h>

/* Seldom: each one is a write, and only says how far a clock may be set back
 * unnoticed while the machine is off. */
#define STORE_EVERY_NS (300 * DW_SECOND_NS)

static DwStatus
read_time (DwLedger *ledger, const char *sql, DwLedgerTime *out, DwError *error)
{
  sqlite3_stmt *statement = NULL;
  DwStatus status = dw_ledger_db_prepare (ledger, sql, &statement, error);
  int code;

  memset (out, 0, sizeof *out);
  if (status != DW_OK)
    return status;
  code = sqlite3_step (statement);
  if (code == SQLITE_ROW)
    {
      out->utc_ns = sqlite3_column_int64 (statement, 0);
      dw_ledger_db_text (statement, 1, out->boot_id, sizeof out->boot_id);
      out->boot_ns = sqlite3_column_int64 (statement, 2);
    }
  else if (code != SQLITE_DONE)
    status = dw_ledger_db_fail (ledger, "cannot read the ledger", error);
  sqlite3_finalize (statement);
  return status;
}

static DwStatus
refresh_times (DwLedger *ledger, DwError *error)
{
  uint64_t version;
  DwStatus status = dw_ledger_db_version (ledger, &version, error);

  if (status != DW_OK
      || (ledger->has_times && version == ledger->times_version))
    return status;
  status = read_time (ledger, "SELECT utc_ns, boot_id, boot_ns FROM clock",
                      &ledger->highest, error);
  if (status == DW_OK)
    status = read_time (ledger,
                        "SELECT utc_ns, boot_id, boot_ns FROM entries "
                        "ORDER BY sequence DESC LIMIT 1",
                        &ledger->newest_entry, error);
  ledger->has_times = status == DW_OK;
  ledger->times_version = version;
  return status;
}

/* True when `time` was written in this boot, so that BOOTTIME counts on. */
static bool
is_of_this_boot (const DwLedger *ledger, const DwLedgerTime *time,
                 int64_t boot_ns)
{
  return ledger->boot_id[0] != '\0'
         && strcmp (time->boot_id, ledger->boot_id) == 0 && time->boot_ns > 0
         && time->boot_ns <= boot_ns;
}

static int64_t
count_on (int64_t utc_ns, int64_t since_boot_ns, int64_t boot_ns)
{
  const int64_t passed = boot_ns - since_boot_ns;

  return utc_ns > INT64_MAX - passed ? INT64_MAX : utc_ns + passed;
}

static int64_t
latest_time (DwLedger *ledger, int64_t wall_ns, int64_t boot_ns)
{
  int64_t latest = wall_ns, stored = ledger->highest.utc_ns, seen;

  if (is_of_this_boot (ledger, &ledger->highest, boot_ns))
    stored = count_on (stored, ledger->highest.boot_ns, boot_ns);
  if (stored > latest)
    latest = stored;
  seen = count_on (ledger->seen_utc_ns, ledger->seen_boot_ns, boot_ns);
  if (seen > latest)
    latest = seen;
  ledger->seen_utc_ns = latest;
  ledger->seen_boot_ns = boot_ns;
  return latest;
}

static int64_t
earliest_time (const DwLedger *ledger, int64_t wall_ns, int64_t boot_ns)
{
  const DwLedgerTime *entry = &ledger->newest_entry;
  int64_t counted
      = is_of_this_boot (ledger, entry, boot_ns)
            ? count_on (entry->utc_ns, entry->boot_ns, boot_ns)
            : count_on (ledger->opened_utc_ns, ledger->opened_boot_ns, boot_ns);

  return counted < wall_ns ? counted : wall_ns;
}

static DwStatus
store_time (DwLedger *ledger, const DwNow *now, DwError *error)
{
  const DwLedgerTime *highest = &ledger->highest;
  DwLedgerTime time = { .utc_ns = now->utc_latest_ns, .boot_ns = now->boot_ns };
  DwStatus status;

  if (ledger->mode == DW_LEDGER_READ)
    return DW_OK;
  if (is_of_this_boot (ledger, highest, now->boot_ns)
      && now->boot_ns - highest->boot_ns < STORE_EVERY_NS
      && count_on (highest->utc_ns, highest->boot_ns, now->boot_ns)
             > now->utc_latest_ns - DW_SECOND_NS)
    return DW_OK;
  memcpy (time.boot_id, ledger->boot_id, sizeof time.boot_id);
  status = dw_ledger_db_raise_time (ledger, &time, error);
  ledger->has_times = false;
  /* A writer holds the ledger: what it commits stores the time as well. */
  return status == DW_ERROR_TIMEOUT ? DW_OK : status;
}

DwStatus
dw_ledger_now (DwLedger *ledger, DwNow *out, DwError *error)
{
  const int64_t boot_ns = dw_time_boot_ns ();
  const int64_t wall_ns = dw_time_utc_ns ();
  DwNow now = { .boot_ns = boot_ns };
  DwStatus status;

  memset (out, 0, sizeof *out);
  if (boot_ns <= 0 || wall_ns <= 0)
    return dw_error_set (error, DW_ERROR_IO, "a clock cannot be read");
  status = refresh_times (ledger, error);
  if (status != DW_OK)
    return status;
  if (ledger->opened_boot_ns == 0)
    {
      ledger->opened_utc_ns = ledger->seen_utc_ns = wall_ns;
      ledger->opened_boot_ns = ledger->seen_boot_ns = boot_ns;
    }
  now.utc_latest_ns = latest_time (ledger, wall_ns, boot_ns);
  now.utc_earliest_ns = earliest_time (ledger, wall_ns, boot_ns);
  status = store_time (ledger, &now, error);
  if (status == DW_OK)
    *out = now;
  return status;
}
