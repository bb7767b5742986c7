/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ledger in a folder of its own, and ways to meddle with it from outside. */
#pragma once

#include "dwtest.h"
#include "fixture.h"
#include "ledger.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

typedef struct
{
  gchar *folder;
  gchar *path;
  DwPolicy policy;
  DwShareKey share;
} LedgerFixture;

static inline void
ledger_fixture_init (LedgerFixture *fixture)
{
  fixture->folder = g_dir_make_tmp ("doorward-ledger-XXXXXX", NULL);
  fail_unless (fixture->folder != NULL);
  fixture->path = g_build_filename (fixture->folder, "ledger.db", NULL);
  dw_policy_init (&fixture->policy);
  fixture->share = share_of_anna ();
}

static inline void
ledger_fixture_finish (LedgerFixture *fixture)
{
  GDir *dir = g_dir_open (fixture->folder, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      gchar *path = g_build_filename (fixture->folder, name, NULL);

      g_remove (path);
      g_free (path);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

/* In force from a minute ago for two hours of this machine's clock. */
static inline DwGrant
grant_now (const DwShareKey *share, DwLevel level)
{
  const int64_t now_ns = dw_time_utc_ns ();

  return (DwGrant){ .share = *share,
                    .footage_from_ns = now_ns - HOUR,
                    .footage_until_ns = now_ns + 2 * HOUR,
                    .valid_from_ns = now_ns - HOUR / 60,
                    .valid_until_ns = now_ns + 2 * HOUR,
                    .level = level };
}

static inline DwLedger *
open_ledger (const LedgerFixture *fixture, DwLedgerMode mode)
{
  DwLedger *ledger = NULL;
  DwError error = { 0 };
  DwStatus status = dw_ledger_open (fixture->path, mode, &ledger, &error);

  fail_unless (status == DW_OK, "%s", error.text);
  return ledger;
}

static inline uint64_t
add_grant (DwLedger *ledger, const LedgerFixture *fixture, DwLevel level)
{
  const DwGrant grant = grant_now (&fixture->share, level);
  uint64_t sequence = 0;
  DwError error = { 0 };
  DwStatus status
      = dw_ledger_grant (ledger, &fixture->policy, &grant, &sequence, &error);

  fail_unless (status == DW_OK, "%s", error.text);
  return sequence;
}

/* What the ledger shows Anna now. */
static inline DwLevel
level_now (DwLedger *ledger, const LedgerFixture *fixture)
{
  DwGrant *grants = NULL;
  size_t n_grants = 0;
  DwVerdict verdict;
  DwNow now;

  fail_unless_equals_int (
      dw_ledger_grants (ledger, &fixture->share, &grants, &n_grants, NULL),
      DW_OK);
  fail_unless_equals_int (dw_ledger_now (ledger, &now, NULL), DW_OK);
  verdict
      = verdict_of (&fixture->share, grants, n_grants, &now, dw_time_utc_ns ());
  free (grants);
  return verdict.level;
}

static inline int
run_sql (const gchar *path, const char *sql)
{
  sqlite3 *db = NULL;
  int code;

  fail_unless_equals_int (sqlite3_open (path, &db), SQLITE_OK);
  code = sqlite3_exec (db, sql, NULL, NULL, NULL);
  sqlite3_close (db);
  return code;
}

static inline int
append_trigger (void *data, int n_columns, char **values, char **names)
{
  GString **texts = data;

  g_assert (n_columns == 2 && names != NULL);
  g_string_append_printf (texts[0], "DROP TRIGGER %s;", values[0]);
  g_string_append_printf (texts[1], "%s;", values[1]);
  return 0;
}

/* As somebody does who knows SQLite: triggers off, edit, triggers back. */
static inline void
edit_by_hand (const gchar *path, const char *sql)
{
  GString *texts[2] = { g_string_new (NULL), g_string_new (NULL) };
  sqlite3 *db = NULL;
  gchar *all;

  fail_unless_equals_int (sqlite3_open (path, &db), SQLITE_OK);
  sqlite3_exec (db,
                "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
                append_trigger, texts, NULL);
  all = g_strconcat ("BEGIN;", texts[0]->str, sql, ";", texts[1]->str, "COMMIT",
                     NULL);
  fail_unless_equals_int (sqlite3_exec (db, all, NULL, NULL, NULL), SQLITE_OK);
  g_free (all);
  sqlite3_close (db);
  g_string_free (texts[0], TRUE);
  g_string_free (texts[1], TRUE);
}

/* Status and words of opening a ledger. */
static inline DwStatus
try_open (const LedgerFixture *fixture, DwLedgerMode mode, DwError *error)
{
  DwLedger *ledger = NULL;
  DwStatus status;

  *error = (DwError){ 0 };
  status = dw_ledger_open (fixture->path, mode, &ledger, error);
  fail_unless ((status == DW_OK) == (ledger != NULL));
  fail_unless ((status == DW_OK) == (error->text[0] == '\0'));
  dw_ledger_close (ledger);
  return status;
}
