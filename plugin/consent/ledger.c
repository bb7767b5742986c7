/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds grants and revocations, and reads them back with the same care. */
#include "ledger.h"

#include "entry.h"
#include "grant.h"
#include "ledgerdb.h"
#include "timebase.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KIND_GRANT "grant"
#define KIND_REVOKE "revoke"

/* Left empty where the kernel does not tell: then no time of another process
 * is counted on, which errs on the side of closed. */
static void
read_boot_id (char out[DW_BOOT_ID_SIZE])
{
  int descriptor
      = open ("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  ssize_t n_read;

  memset (out, 0, DW_BOOT_ID_SIZE);
  if (descriptor < 0)
    return;
  n_read = read (descriptor, out, DW_BOOT_ID_SIZE - 1);
  close (descriptor);
  if (n_read < 0)
    n_read = 0;
  out[strcspn (out, "\n")] = '\0';
}

DwStatus
dw_ledger_open (const char *path, DwLedgerMode mode, DwLedger **out,
                DwError *error)
{
  DwLedger *ledger = calloc (1, sizeof *ledger);
  DwStatus status;
  DwNow now;

  *out = NULL;
  if (ledger == NULL)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "out of memory");
  ledger->mode = mode;
  read_boot_id (ledger->boot_id);
  status = dw_ledger_file_open (path, &ledger->file, error);
  if (status == DW_ERROR_NOT_FOUND && mode == DW_LEDGER_WRITE)
    {
      if (error != NULL)
        *error = (DwError){ 0 };
      status = dw_ledger_db_make (&ledger->file, error);
      if (status == DW_OK)
        status = dw_ledger_file_open (path, &ledger->file, error);
    }
  if (status == DW_OK)
    status = dw_ledger_db_open (ledger, error);
  if (status == DW_OK)
    status = dw_ledger_file_follow (&ledger->file, error);
  if (status == DW_OK)
    status = dw_ledger_now (ledger, &now, error);
  if (status != DW_OK)
    {
      dw_ledger_close (ledger);
      return status;
    }
  *out = ledger;
  return DW_OK;
}

void
dw_ledger_close (DwLedger *ledger)
{
  if (ledger == NULL)
    return;
  sqlite3_finalize (ledger->ask_version);
  sqlite3_close (ledger->db);
  free (ledger);
}

DwStatus
dw_ledger_version (DwLedger *ledger, uint64_t *out, DwError *error)
{
  DwStatus status = dw_ledger_file_verify (&ledger->file, error);

  *out = 0;
  return status == DW_OK ? dw_ledger_db_version (ledger, out, error) : status;
}

static DwStatus
next_sequence (DwLedger *ledger, uint64_t *out, DwError *error)
{
  sqlite3_stmt *statement = NULL;
  DwStatus status = dw_ledger_db_prepare (
      ledger, "SELECT ifnull (max (sequence), 0) + 1 FROM entries", &statement,
      error);

  *out = 0;
  if (status == DW_OK && sqlite3_step (statement) == SQLITE_ROW)
    *out = (uint64_t)sqlite3_column_int64 (statement, 0);
  else if (status == DW_OK)
    status = dw_ledger_db_fail (ledger, "cannot read the ledger", error);
  sqlite3_finalize (statement);
  return status;
}

/* Inserts one entry, and the time as the highest. In a transaction. */
static DwStatus
insert_entry (DwLedger *ledger, const char *kind, const char *body,
              uint64_t *sequence, DwError *error)
{
  DwLedgerTime time
      = { .boot_ns = dw_time_boot_ns (), .utc_ns = dw_time_utc_ns () };
  sqlite3_stmt *statement = NULL;
  DwStatus status;
  DwNow now;

  if (time.boot_ns <= 0 || time.utc_ns <= 0)
    return dw_error_set (error, DW_ERROR_IO, "a clock cannot be read");
  memcpy (time.boot_id, ledger->boot_id, sizeof time.boot_id);
  status = next_sequence (ledger, sequence, error);
  if (status == DW_OK)
    status = dw_ledger_db_prepare (
        ledger, "INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &statement, error);
  if (status != DW_OK)
    return status;
  sqlite3_bind_int64 (statement, 1, (sqlite3_int64)*sequence);
  sqlite3_bind_text (statement, 2, kind, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 3, time.utc_ns);
  sqlite3_bind_text (statement, 4, time.boot_id, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 5, time.boot_ns);
  sqlite3_bind_text (statement, 6, body, -1, SQLITE_STATIC);
  if (sqlite3_step (statement) != SQLITE_DONE)
    status = dw_ledger_db_fail (ledger, "cannot write the entry", error);
  sqlite3_finalize (statement);
  ledger->has_times = false;
  if (status == DW_OK)
    status = dw_ledger_now (ledger, &now, error);
  if (status != DW_OK)
    return status;
  time.utc_ns = now.utc_latest_ns;
  time.boot_ns = now.boot_ns;
  return dw_ledger_db_raise_time (ledger, &time, error);
}

static DwStatus
check_writable (const DwLedger *ledger, DwError *error)
{
  return ledger->mode == DW_LEDGER_WRITE
             ? dw_ledger_file_verify (&ledger->file, error)
             : dw_error_set (error, DW_ERROR_REFUSED,
                             "the ledger was opened for reading");
}

static DwStatus
end_transaction (DwLedger *ledger, DwStatus status, DwError *error)
{
  if (status == DW_OK)
    status = dw_ledger_db_run (ledger, "COMMIT", error);
  if (status != DW_OK)
    sqlite3_exec (ledger->db, "ROLLBACK", NULL, NULL, NULL);
  ledger->has_times = false;
  return status;
}

/* Whether the policy lets `grant` show anything, alone and at its best. */
static DwStatus
check_against_policy (const DwPolicy *policy, const DwGrant *grant,
                      DwError *error)
{
  const DwShareKey *share = &grant->share;
  const int64_t begin_ns = grant->valid_from_ns;
  const DwQuestion question = { .policy = policy,
                                .share = share,
                                .grants = grant,
                                .n_grants = 1,
                                .now = { 1, begin_ns, begin_ns } };
  int64_t footage_ns = grant->footage_from_ns;
  DwVerdict verdict;
  DwReason reason;

  if (share->is_live && begin_ns > footage_ns)
    footage_ns = begin_ns;
  reason = dw_policy_explain (&question, footage_ns, &verdict, NULL);
  if (verdict.level > DW_LEVEL_NOTHING)
    return DW_OK;
  if (grant->level == DW_LEVEL_NOTHING)
    return dw_error_set (error, DW_ERROR_REFUSED,
                         "a grant at level nothing shows nothing");
  return dw_error_set (error, DW_ERROR_REFUSED, "%s (class %s, %s)",
                       dw_reason_text (reason),
                       dw_class_text (share->recipient_class),
                       share->is_live ? "live" : "recordings");
}

static DwStatus
check_grant (DwLedger *ledger, const DwPolicy *policy, const DwGrant *grant,
             DwError *error)
{
  char latest[DW_TIME_TEXT];
  DwNow now = { 0 };
  DwStatus status = dw_grant_check (grant, error);

  if (status == DW_OK)
    status = check_against_policy (policy, grant, error);
  if (status == DW_OK)
    status = dw_ledger_now (ledger, &now, error);
  if (status == DW_OK && grant->valid_until_ns <= now.utc_latest_ns)
    status = dw_error_set (
        error, DW_ERROR_REFUSED,
        "the grant would have run out already: the latest time this ledger "
        "has seen is %s",
        dw_time_format (now.utc_latest_ns, latest));
  return status;
}

DwStatus
dw_ledger_grant (DwLedger *ledger, const DwPolicy *policy, const DwGrant *grant,
                 uint64_t *sequence, DwError *error)
{
  char body[DW_ENTRY_BODY_SIZE];
  DwGrant checked = *grant;
  uint64_t ignored;
  DwStatus status = check_writable (ledger, error);

  if (sequence == NULL)
    sequence = &ignored;
  *sequence = 0;
  checked.sequence = 1;
  checked.given_at_ns = 0;
  checked.revoked_sequence = 0;
  checked.revoked_at_ns = 0;
  checked.is_damaged = false;
  if (status == DW_OK)
    status = check_grant (ledger, policy, &checked, error);
  if (status == DW_OK)
    {
      /* What is too thin to be kept to a millionth would be read as damaged. */
      dw_entry_write_grant (&checked, body);
      if (dw_entry_read_grant (body, &checked) != DW_OK)
        status = dw_error_set (error, DW_ERROR_INVALID,
                               "a region is too small to be written down");
    }
  if (status == DW_OK)
    status = dw_ledger_db_run (ledger, "BEGIN IMMEDIATE", error);
  if (status != DW_OK)
    return status;
  status = insert_entry (ledger, KIND_GRANT, body, sequence, error);
  status = end_transaction (ledger, status, error);
  if (status != DW_OK)
    *sequence = 0;
  return status;
}

/* Whether an entry of this kind and sequence or body is there. */
static DwStatus
find_entry (DwLedger *ledger, const char *kind, uint64_t sequence,
            const char *body, bool *is_there, DwError *error)
{
  sqlite3_stmt *statement = NULL;
  DwStatus status = dw_ledger_db_prepare (
      ledger,
      body ? "SELECT 1 FROM entries WHERE kind = ?1 AND body = ?3 LIMIT 1"
           : "SELECT 1 FROM entries WHERE kind = ?1 AND sequence = ?2",
      &statement, error);
  int code;

  *is_there = false;
  if (status != DW_OK)
    return status;
  sqlite3_bind_text (statement, 1, kind, -1, SQLITE_STATIC);
  if (body != NULL)
    sqlite3_bind_text (statement, 3, body, -1, SQLITE_STATIC);
  else
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64)sequence);
  code = sqlite3_step (statement);
  *is_there = code == SQLITE_ROW;
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    status = dw_ledger_db_fail (ledger, "cannot read the ledger", error);
  sqlite3_finalize (statement);
  return status;
}

static DwStatus
revoke_in_transaction (DwLedger *ledger, uint64_t sequence, DwError *error)
{
  char body[DW_ENTRY_BODY_SIZE];
  bool is_grant = false, is_revoked = false;
  uint64_t entry;
  DwStatus status = DW_OK;

  if (sequence <= INT64_MAX)
    status = find_entry (ledger, KIND_GRANT, sequence, NULL, &is_grant, error);
  if (status != DW_OK)
    return status;
  if (!is_grant)
    return dw_error_set (error, DW_ERROR_NOT_FOUND,
                         "there is no grant %" PRIu64, sequence);
  dw_entry_write_revocation (sequence, body);
  status = find_entry (ledger, KIND_REVOKE, 0, body, &is_revoked, error);
  if (status != DW_OK || is_revoked)
    return status;
  return insert_entry (ledger, KIND_REVOKE, body, &entry, error);
}

DwStatus
dw_ledger_revoke (DwLedger *ledger, uint64_t sequence, DwError *error)
{
  DwStatus status = check_writable (ledger, error);

  if (status == DW_OK)
    status = dw_ledger_db_run (ledger, "BEGIN IMMEDIATE", error);
  if (status != DW_OK)
    return status;
  status = revoke_in_transaction (ledger, sequence, error);
  return end_transaction (ledger, status, error);
}

/* Grants while they are read. */
typedef struct
{
  const DwShareKey *share;
  DwGrant *grants;
  size_t n_grants, room;
} Reading;

static DwStatus
keep_grant (Reading *reading, const DwGrant *grant)
{
  if (reading->share != NULL && !dw_grant_concerns (grant, reading->share))
    return DW_OK;
  if (reading->n_grants == reading->room)
    {
      size_t room = reading->room ? reading->room * 2 : 16;
      DwGrant *grants = realloc (reading->grants, room * sizeof *grants);

      if (grants == NULL)
        return DW_ERROR_NO_MEMORY;
      reading->grants = grants;
      reading->room = room;
    }
  reading->grants[reading->n_grants++] = *grant;
  return DW_OK;
}

/* The first revocation counts. */
static void
mark_revoked (Reading *reading, uint64_t grant, uint64_t sequence,
              int64_t utc_ns)
{
  size_t low = 0, high = reading->n_grants;

  while (low < high)
    {
      size_t middle = low + (high - low) / 2;

      if (reading->grants[middle].sequence < grant)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < reading->n_grants && reading->grants[low].sequence == grant
      && reading->grants[low].revoked_sequence == 0)
    {
      reading->grants[low].revoked_sequence = sequence;
      reading->grants[low].revoked_at_ns = utc_ns;
    }
}

static DwStatus
read_entry (DwLedger *ledger, sqlite3_stmt *row, uint64_t expected,
            Reading *reading, DwError *error)
{
  const uint64_t sequence = (uint64_t)sqlite3_column_int64 (row, 0);
  const char *kind = (const char *)sqlite3_column_text (row, 1);
  const int64_t utc_ns = sqlite3_column_int64 (row, 2);
  const char *body = (const char *)sqlite3_column_text (row, 3);
  uint64_t revoked;
  DwGrant grant;

  if (sequence != expected)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "%s: entry %" PRIu64 " is missing; restore a backup",
                         ledger->file.paths[0], expected);
  if (kind != NULL && body != NULL && strcmp (kind, KIND_GRANT) == 0)
    {
      dw_entry_read_grant (body, &grant);
      grant.is_damaged = grant.is_damaged || utc_ns <= 0;
      grant.sequence = sequence;
      grant.given_at_ns = utc_ns;
      if (keep_grant (reading, &grant) == DW_OK)
        return DW_OK;
      return dw_error_set (error, DW_ERROR_NO_MEMORY, "out of memory");
    }
  if (kind != NULL && body != NULL && strcmp (kind, KIND_REVOKE) == 0
      && dw_entry_read_revocation (body, &revoked) == DW_OK
      && revoked < sequence)
    {
      mark_revoked (reading, revoked, sequence, utc_ns);
      return DW_OK;
    }
  return dw_error_set (error, DW_ERROR_INVALID,
                       "%s: entry %" PRIu64 " cannot be read; restore a backup",
                       ledger->file.paths[0], sequence);
}

DwStatus
dw_ledger_grants (DwLedger *ledger, const DwShareKey *share, DwGrant **out,
                  size_t *n_out, DwError *error)
{
  Reading reading = { .share = share };
  sqlite3_stmt *row = NULL;
  uint64_t expected = 1;
  int code = SQLITE_DONE;
  DwStatus status = dw_ledger_db_prepare (
      ledger,
      "SELECT sequence, kind, utc_ns, body FROM entries "
      "ORDER BY sequence",
      &row, error);

  *out = NULL;
  *n_out = 0;
  while (status == DW_OK && (code = sqlite3_step (row)) == SQLITE_ROW)
    status = read_entry (ledger, row, expected++, &reading, error);
  if (status == DW_OK && code != SQLITE_DONE)
    status = dw_ledger_db_fail (ledger, "cannot read the ledger", error);
  sqlite3_finalize (row);
  if (status != DW_OK)
    {
      free (reading.grants);
      return status;
    }
  *out = reading.grants;
  *n_out = reading.n_grants;
  return DW_OK;
}
