/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens the ledger's database so that nothing but a ledger is believed: the
 * application's number, the version, every table and trigger word for word, and
 * SQLite's own check of all pages. */
#include "ledgerdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APPLICATION_ID 0x44574c47 /* "DWLG" */
#define VERSION 1

/* A writer waits for another one; a watcher rather closes its share. */
#define WRITER_PATIENCE_MS 5000
#define READER_PATIENCE_MS 100

/* `body` is canonical (entry.h): the bytes a signature would be made over. */
static const struct
{
  const char *name, *sql;
} schema[] = {
  { "entries", "CREATE TABLE entries ("
               "sequence INTEGER PRIMARY KEY, "
               "kind TEXT NOT NULL, "
               "utc_ns INTEGER NOT NULL, "
               "boot_id TEXT NOT NULL, "
               "boot_ns INTEGER NOT NULL, "
               "body TEXT NOT NULL) STRICT" },
  { "entries_in_order",
    "CREATE TRIGGER entries_in_order BEFORE INSERT ON entries "
    "WHEN new.sequence IS NOT "
    "(SELECT ifnull (max (sequence), 0) + 1 FROM entries) "
    "BEGIN SELECT raise (ABORT, 'entries are numbered without a gap'); END" },
  { "entries_stay",
    "CREATE TRIGGER entries_stay BEFORE DELETE ON entries "
    "BEGIN SELECT raise (ABORT, 'entries are only ever added'); END" },
  { "entries_are_kept",
    "CREATE TRIGGER entries_are_kept BEFORE UPDATE ON entries "
    "BEGIN SELECT raise (ABORT, 'entries are only ever added'); END" },
  { "clock", "CREATE TABLE clock ("
             "id INTEGER PRIMARY KEY CHECK (id = 1), "
             "utc_ns INTEGER NOT NULL, "
             "boot_id TEXT NOT NULL, "
             "boot_ns INTEGER NOT NULL) STRICT" },
  { "clock_stays", "CREATE TRIGGER clock_stays BEFORE DELETE ON clock "
                   "BEGIN SELECT raise (ABORT, 'the clock stays'); END" },
  { "clock_only_rises",
    "CREATE TRIGGER clock_only_rises BEFORE UPDATE ON clock "
    "WHEN new.utc_ns < old.utc_ns "
    "BEGIN SELECT raise (ABORT, 'the clock only rises'); END" },
};

#define N_OBJECTS (sizeof schema / sizeof *schema)

DwStatus
dw_ledger_db_fail (DwLedger *ledger, const char *what, DwError *error)
{
  const char *path = ledger->file.paths[0];
  const int code = sqlite3_errcode (ledger->db) & 0xff;

  switch (code)
    {
    case SQLITE_NOTADB:
      return dw_error_set (error, DW_ERROR_INVALID, "%s is not a ledger", path);
    case SQLITE_CORRUPT:
      return dw_error_set (error, DW_ERROR_INVALID,
                           "%s is damaged; restore a backup", path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return dw_error_set (error, DW_ERROR_TIMEOUT,
                           "%s: %s: another program holds the ledger", path,
                           what);
    case SQLITE_NOMEM:
      return dw_error_set (error, DW_ERROR_NO_MEMORY, "%s: out of memory",
                           what);
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return dw_error_set (error, DW_ERROR_REFUSED,
                           "%s: %s: it may not be written to", path, what);
    default:
      return dw_error_set (error, DW_ERROR_IO, "%s: %s: %s", path, what,
                           sqlite3_errmsg (ledger->db));
    }
}

DwStatus
dw_ledger_db_run (DwLedger *ledger, const char *sql, DwError *error)
{
  return sqlite3_exec (ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK
             ? DW_OK
             : dw_ledger_db_fail (ledger, "the ledger failed", error);
}

DwStatus
dw_ledger_db_prepare (DwLedger *ledger, const char *sql, sqlite3_stmt **out,
                      DwError *error)
{
  return sqlite3_prepare_v2 (ledger->db, sql, -1, out, NULL) == SQLITE_OK
             ? DW_OK
             : dw_ledger_db_fail (ledger, "cannot read the ledger", error);
}

void
dw_ledger_db_text (sqlite3_stmt *statement, int column, char *out, size_t size)
{
  const char *text = (const char *)sqlite3_column_text (statement, column);

  snprintf (out, size, "%s", text ? text : "");
}

/* The first column of the first row. `number` or `text` may be NULL. */
static DwStatus
ask (DwLedger *ledger, const char *sql, int64_t *number, char *text,
     size_t text_size, DwError *error)
{
  sqlite3_stmt *statement = NULL;
  DwStatus status = dw_ledger_db_prepare (ledger, sql, &statement, error);

  if (status != DW_OK)
    return status;
  if (sqlite3_step (statement) != SQLITE_ROW)
    status = dw_ledger_db_fail (ledger, "cannot read the ledger", error);
  else if (number != NULL)
    *number = sqlite3_column_int64 (statement, 0);
  else if (text != NULL)
    dw_ledger_db_text (statement, 0, text, text_size);
  sqlite3_finalize (statement);
  return status;
}

DwStatus
dw_ledger_db_version (DwLedger *ledger, uint64_t *out, DwError *error)
{
  DwStatus status = DW_OK;

  *out = 0;
  if (sqlite3_step (ledger->ask_version) == SQLITE_ROW)
    *out = (uint64_t)sqlite3_column_int64 (ledger->ask_version, 0);
  else
    status = dw_ledger_db_fail (ledger, "cannot read the ledger", error);
  sqlite3_reset (ledger->ask_version);
  return status;
}

DwStatus
dw_ledger_db_raise_time (DwLedger *ledger, const DwLedgerTime *time,
                         DwError *error)
{
  sqlite3_stmt *statement = NULL;
  DwStatus status = dw_ledger_db_prepare (
      ledger,
      "INSERT INTO clock (id, utc_ns, boot_id, boot_ns) VALUES (1, ?1, ?2, ?3) "
      "ON CONFLICT (id) DO UPDATE SET utc_ns = excluded.utc_ns, "
      "boot_id = excluded.boot_id, boot_ns = excluded.boot_ns "
      "WHERE excluded.utc_ns >= clock.utc_ns",
      &statement, error);

  if (status != DW_OK)
    return status;
  sqlite3_bind_int64 (statement, 1, time->utc_ns);
  sqlite3_bind_text (statement, 2, time->boot_id, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 3, time->boot_ns);
  if (sqlite3_step (statement) != SQLITE_DONE)
    status = dw_ledger_db_fail (ledger, "cannot store the time", error);
  sqlite3_finalize (statement);
  return status;
}

/* Every table and trigger as it was made, and nothing else that could act. */
static DwStatus
check_schema (DwLedger *ledger, DwError *error)
{
  sqlite3_stmt *statement = NULL;
  size_t n_found = 0, n_strange = 0;
  DwStatus status = dw_ledger_db_prepare (
      ledger, "SELECT name, sql FROM sqlite_schema", &statement, error);
  int code;

  if (status != DW_OK)
    return status;
  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      const char *name = (const char *)sqlite3_column_text (statement, 0);
      const char *sql = (const char *)sqlite3_column_text (statement, 1);
      bool is_known = false;

      for (size_t i = 0; i < N_OBJECTS && name != NULL && sql != NULL; i++)
        is_known |= strcmp (name, schema[i].name) == 0
                    && strcmp (sql, schema[i].sql) == 0;
      n_found += is_known;
      n_strange += !is_known;
    }
  if (code != SQLITE_DONE)
    status = dw_ledger_db_fail (ledger, "cannot read the ledger", error);
  else if (n_found != N_OBJECTS || n_strange != 0)
    status = dw_error_set (error, DW_ERROR_INVALID,
                           "%s: the ledger's tables were changed; restore a "
                           "backup",
                           ledger->file.paths[0]);
  sqlite3_finalize (statement);
  return status;
}

typedef struct
{
  int64_t application, version, n_objects;
} Identity;

static DwStatus
read_identity (DwLedger *ledger, Identity *out, DwError *error)
{
  DwStatus status;

  memset (out, 0, sizeof *out);
  status = ask (ledger, "SELECT count (*) FROM sqlite_schema", &out->n_objects,
                NULL, 0, error);
  if (status == DW_OK)
    status = ask (ledger, "PRAGMA application_id", &out->application, NULL, 0,
                  error);
  if (status == DW_OK)
    status = ask (ledger, "PRAGMA user_version", &out->version, NULL, 0, error);
  return status;
}

static DwStatus
check_identity (DwLedger *ledger, DwError *error)
{
  const char *path = ledger->file.paths[0];
  Identity identity;
  DwStatus status = read_identity (ledger, &identity, error);

  if (status != DW_OK)
    return status;
  if (identity.application != APPLICATION_ID || identity.version < VERSION)
    return dw_error_set (error, DW_ERROR_INVALID, "%s is not a ledger", path);
  if (identity.version > VERSION)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "%s was written by a newer Doorward (version %lld of "
                         "the ledger, this one knows %d)",
                         path, (long long)identity.version, VERSION);
  return DW_OK;
}

static DwStatus
check_pages (DwLedger *ledger, DwError *error)
{
  char answer[16] = "";
  DwStatus status = ask (ledger, "PRAGMA quick_check (1)", NULL, answer,
                         sizeof answer, error);

  if (status == DW_OK && strcmp (answer, "ok") != 0)
    status = dw_error_set (error, DW_ERROR_INVALID,
                           "%s is damaged; restore a backup",
                           ledger->file.paths[0]);
  return status;
}

static DwStatus
set_journal (DwLedger *ledger, const char *sql, DwError *error)
{
  char journal[16] = "";
  DwStatus status = ask (ledger, sql, NULL, journal, sizeof journal, error);

  if (status == DW_OK && strcmp (journal, "wal") != 0)
    status = dw_error_set (error, DW_ERROR_UNSUPPORTED,
                           "%s: the ledger needs write-ahead logging, which "
                           "this file system does not offer",
                           ledger->file.paths[0]);
  return status;
}

/* What a mode may do. The watcher's time is no promise to anybody: it need not
 * wait for the disk, which could take longer than its lease. */
static DwStatus
set_mode (DwLedger *ledger, DwError *error)
{
  static const char *const pragmas[] = {
    [DW_LEDGER_READ] = "PRAGMA query_only = ON",
    [DW_LEDGER_WATCH] = "PRAGMA synchronous = NORMAL",
    [DW_LEDGER_WRITE] = "PRAGMA synchronous = FULL",
  };

  return dw_ledger_db_run (ledger, pragmas[ledger->mode], error);
}

static DwStatus
connect (DwLedger *ledger, DwError *error)
{
  if (sqlite3_open_v2 (ledger->file.paths[0], &ledger->db,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
                           | SQLITE_OPEN_PRIVATECACHE,
                       NULL)
      != SQLITE_OK)
    return dw_ledger_db_fail (ledger, "cannot open the ledger", error);
  sqlite3_busy_timeout (ledger->db, ledger->mode == DW_LEDGER_WRITE
                                        ? WRITER_PATIENCE_MS
                                        : READER_PATIENCE_MS);
  sqlite3_db_config (ledger->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (ledger->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  return DW_OK;
}

static DwStatus
make_schema (DwLedger *ledger, DwError *error)
{
  char sql[128];
  DwStatus status = dw_ledger_db_run (ledger, "BEGIN IMMEDIATE", error);

  for (size_t i = 0; i < N_OBJECTS && status == DW_OK; i++)
    status = dw_ledger_db_run (ledger, schema[i].sql, error);
  snprintf (sql, sizeof sql,
            "PRAGMA application_id = %d; PRAGMA user_version = %d",
            APPLICATION_ID, VERSION);
  if (status == DW_OK)
    status = dw_ledger_db_run (ledger, sql, error);
  if (status == DW_OK)
    status = dw_ledger_db_run (ledger, "COMMIT", error);
  return status;
}

DwStatus
dw_ledger_db_make (const DwLedgerFile *file, DwError *error)
{
  DwLedger *making = calloc (1, sizeof *making);
  DwStatus status, put;

  if (making == NULL)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "out of memory");
  making->mode = DW_LEDGER_WRITE;
  status = dw_ledger_file_begin (file, &making->file, error);
  if (status != DW_OK)
    {
      free (making);
      return status;
    }
  status = connect (making, error);
  if (status == DW_OK)
    status = set_journal (making, "PRAGMA journal_mode = WAL", error);
  if (status == DW_OK)
    status = set_mode (making, error);
  if (status == DW_OK)
    status = make_schema (making, error);
  /* Folds the log into the file. */
  sqlite3_close (making->db);
  put = dw_ledger_file_end (file, &making->file, status == DW_OK,
                            status == DW_OK ? error : NULL);
  free (making);
  return status == DW_OK ? put : status;
}

DwStatus
dw_ledger_db_open (DwLedger *ledger, DwError *error)
{
  DwStatus status = connect (ledger, error);

  if (status == DW_OK)
    status = check_identity (ledger, error);
  if (status == DW_OK)
    status = set_journal (ledger, "PRAGMA journal_mode", error);
  if (status == DW_OK)
    status = check_schema (ledger, error);
  if (status == DW_OK)
    status = check_pages (ledger, error);
  if (status == DW_OK)
    status = set_mode (ledger, error);
  if (status == DW_OK)
    status = dw_ledger_db_prepare (ledger, "PRAGMA data_version",
                                   &ledger->ask_version, error);
  return status;
}
