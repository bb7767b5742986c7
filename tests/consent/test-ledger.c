/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ledger: what is written is there, only what is well-formed counts, and
 * nothing but the owner's own file is believed. */
#include "ledgerfixture.h"

#include "entry.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static LedgerFixture fixture;

static void
setup (void)
{
  ledger_fixture_init (&fixture);
}

static void
teardown (void)
{
  ledger_fixture_finish (&fixture);
}

static void
make_ledger_with_a_grant (void)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);

  fail_unless_equals_uint64 (add_grant (ledger, &fixture, DW_LEVEL_CLEAR), 1);
  dw_ledger_close (ledger);
}

GST_START_TEST (a_grant_is_read_as_it_was_written)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwGrant grant = grant_now (&fixture.share, DW_LEVEL_MASKED);
  DwGrant *grants = NULL;
  size_t n_grants = 0;
  uint64_t sequence = 0;

  grant.share.recipient_class = DW_CLASS_VENDOR;
  strcpy (grant.share.purpose, "repair");
  strcpy (grant.share.case_number, "RMA 12/3");
  strcpy (grant.share.consent_hash, HASH);
  grant.has_audio = true;
  grant.n_regions = DW_GRANT_MAX_REGIONS;
  for (size_t i = 0; i < DW_GRANT_MAX_REGIONS; i++)
    grant.regions[i]
        = (DwPolygon){ .n_points = 3,
                       .points = { { 0, 0 }, { 1, 0.25f }, { 0.123456f, 1 } } };
  fail_unless_equals_int (
      dw_ledger_grant (ledger, &fixture.policy, &grant, &sequence, NULL),
      DW_OK);
  dw_ledger_close (ledger);

  ledger = open_ledger (&fixture, DW_LEDGER_READ);
  fail_unless_equals_int (
      dw_ledger_grants (ledger, &grant.share, &grants, &n_grants, NULL), DW_OK);
  fail_unless_equals_int (n_grants, 1);
  fail_unless_equals_uint64 (grants[0].sequence, sequence);
  fail_unless (ABS (grants[0].given_at_ns - dw_time_utc_ns ()) < HOUR);
  fail_if (grants[0].is_damaged);
  fail_unless_equals_int64 (grants[0].valid_until_ns, grant.valid_until_ns);
  fail_unless_equals_int64 (grants[0].footage_from_ns, grant.footage_from_ns);
  fail_unless_equals_int (grants[0].level, DW_LEVEL_MASKED);
  fail_unless (grants[0].has_audio);
  fail_unless_equals_int (grants[0].n_regions, DW_GRANT_MAX_REGIONS);
  fail_unless (ABS (grants[0].regions[3].points[2].x - 0.123456f) < 1e-6f);
  fail_unless_equals_string (grants[0].share.case_number, "RMA 12/3");
  fail_unless_equals_string (grants[0].share.consent_hash, HASH);
  free (grants);
  /* Of another share there is none. */
  fail_unless_equals_int (
      dw_ledger_grants (ledger, &fixture.share, &grants, &n_grants, NULL),
      DW_OK);
  fail_unless_equals_int (n_grants, 0);
  free (grants);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (the_ledger_is_made_for_the_owner_alone)
{
  LedgerFixture deep = fixture;
  struct stat status;
  gchar *folder = g_build_filename (fixture.folder, "a", "b", NULL);

  deep.path = g_build_filename (folder, "ledger.db", NULL);
  dw_ledger_close (open_ledger (&deep, DW_LEDGER_WRITE));
  fail_unless (stat (deep.path, &status) == 0);
  fail_unless_equals_int (status.st_mode & 07777, 0600);
  fail_unless (stat (folder, &status) == 0);
  fail_unless_equals_int (status.st_mode & 07777, 0700);
  g_remove (deep.path);
  g_rmdir (folder);
  g_free (folder);
  g_free (deep.path);
}
GST_END_TEST;

GST_START_TEST (reading_makes_no_ledger)
{
  DwError error;

  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_READ, &error),
                          DW_ERROR_NOT_FOUND);
  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_WATCH, &error),
                          DW_ERROR_NOT_FOUND);
  fail_if (g_file_test (fixture.path, G_FILE_TEST_EXISTS));
}
GST_END_TEST;

GST_START_TEST (a_name_that_sqlite_knows_is_still_a_file)
{
  gchar *before = g_get_current_dir ();
  DwLedger *ledger = NULL;

  fail_unless (g_chdir (fixture.folder) == 0);
  fail_unless_equals_int (
      dw_ledger_open (":memory:", DW_LEDGER_WRITE, &ledger, NULL), DW_OK);
  fail_unless (g_file_test (":memory:", G_FILE_TEST_IS_REGULAR));
  dw_ledger_close (ledger);
  fail_unless (g_chdir (before) == 0);
  g_free (before);
}
GST_END_TEST;

GST_START_TEST (a_revoked_grant_shows_nothing_and_twice_is_once)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  uint64_t sequence = add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
  DwGrant *grants = NULL;
  size_t n_grants;
  DwError error;

  fail_unless_equals_int (level_now (ledger, &fixture), DW_LEVEL_CLEAR);
  fail_unless_equals_int (dw_ledger_revoke (ledger, sequence, NULL), DW_OK);
  fail_unless_equals_int (level_now (ledger, &fixture), DW_LEVEL_NOTHING);
  fail_unless_equals_int (dw_ledger_revoke (ledger, sequence, NULL), DW_OK);
  dw_ledger_grants (ledger, NULL, &grants, &n_grants, NULL);
  fail_unless_equals_uint64 (grants[0].revoked_sequence, 2);
  fail_unless (grants[0].revoked_at_ns >= grants[0].given_at_ns);
  free (grants);
  /* Entry 2 is no grant, entry 3 is not there. */
  fail_unless_equals_int (dw_ledger_revoke (ledger, 2, &error),
                          DW_ERROR_NOT_FOUND);
  fail_unless_equals_int (dw_ledger_revoke (ledger, 3, &error),
                          DW_ERROR_NOT_FOUND);
  fail_unless_equals_int (dw_ledger_revoke (ledger, UINT64_MAX, &error),
                          DW_ERROR_NOT_FOUND);
  fail_unless_equals_uint64 (add_grant (ledger, &fixture, DW_LEVEL_CLEAR), 3);
  fail_unless_equals_int (level_now (ledger, &fixture), DW_LEVEL_CLEAR);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (a_grant_that_could_never_show_anything_is_refused)
{
  static const struct
  {
    DwRecipientClass recipient_class;
    bool is_live;
    DwLevel level;
    const char *says;
  } rows[] = {
    { DW_CLASS_POLICE, true, DW_LEVEL_CLEAR, "never sees live" },
    { DW_CLASS_POLICE, false, DW_LEVEL_CLEAR, "case number" },
    { DW_CLASS_VENDOR, false, DW_LEVEL_MASKED, "written consent" },
    { DW_CLASS_NEIGHBOUR, false, DW_LEVEL_NOTHING, "nothing" },
  };
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwGrant *grants;
  size_t n_grants;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      DwGrant grant = grant_now (&fixture.share, rows[i].level);
      uint64_t sequence = 9;
      DwError error;

      grant.share.recipient_class = rows[i].recipient_class;
      grant.share.is_live = rows[i].is_live;
      fail_unless_equals_int (
          dw_ledger_grant (ledger, &fixture.policy, &grant, &sequence, &error),
          DW_ERROR_REFUSED);
      fail_unless_equals_uint64 (sequence, 0);
      fail_unless (strstr (error.text, rows[i].says) != NULL, "%s", error.text);
    }
  dw_ledger_grants (ledger, NULL, &grants, &n_grants, NULL);
  fail_unless_equals_int (n_grants, 0);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (a_malformed_grant_is_not_written)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  const DwGrant good = grant_now (&fixture.share, DW_LEVEL_CLEAR);
  DwGrant bad[7] = { good, good, good, good, good, good, good };

  bad[0].share.camera[0] = '\0';
  bad[1].share.recipient[1] = '"';
  bad[2].valid_until_ns = bad[2].valid_from_ns;
  bad[3].footage_from_ns = 0;
  bad[4].n_regions = 1;
  bad[5].level = (DwLevel)9;
  /* An area that a millionth of the picture cannot hold. */
  bad[6].n_regions = 1;
  bad[6].regions[0]
      = (DwPolygon){ .n_points = 3,
                     .points = { { 0, 0 }, { 1, 0 }, { 1, 4e-7f } } };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      uint64_t sequence;
      DwError error;
      DwStatus status = dw_ledger_grant (ledger, &fixture.policy, &bad[i],
                                         &sequence, &error);

      fail_unless (status == DW_ERROR_INVALID, "row %zu: %s", i, error.text);
    }
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (a_grant_that_has_run_out_is_refused)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwGrant grant = grant_now (&fixture.share, DW_LEVEL_CLEAR);
  DwError error;

  grant.valid_until_ns = grant.valid_from_ns + 1;
  fail_unless_equals_int (
      dw_ledger_grant (ledger, &fixture.policy, &grant, NULL, &error),
      DW_ERROR_REFUSED);
  fail_unless (strstr (error.text, "run out") != NULL, "%s", error.text);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (only_a_writer_writes)
{
  DwGrant grant = grant_now (&fixture.share, DW_LEVEL_CLEAR);

  make_ledger_with_a_grant ();
  for (int mode = DW_LEDGER_READ; mode <= DW_LEDGER_WATCH; mode++)
    {
      DwLedger *ledger = open_ledger (&fixture, (DwLedgerMode)mode);

      fail_unless_equals_int (
          dw_ledger_grant (ledger, &fixture.policy, &grant, NULL, NULL),
          DW_ERROR_REFUSED);
      fail_unless_equals_int (dw_ledger_revoke (ledger, 1, NULL),
                              DW_ERROR_REFUSED);
      fail_unless_equals_int (level_now (ledger, &fixture), DW_LEVEL_CLEAR);
      dw_ledger_close (ledger);
    }
}
GST_END_TEST;

GST_START_TEST (rows_can_only_be_added)
{
  static const char *const refused[] = {
    "UPDATE entries SET body = 'x'",
    "DELETE FROM entries",
    "INSERT OR REPLACE INTO entries SELECT * FROM entries",
    ("INSERT INTO entries SELECT 7, kind, utc_ns, boot_id, boot_ns, body "
     "FROM entries"),
    "UPDATE clock SET utc_ns = 1",
    "DELETE FROM clock",
  };

  make_ledger_with_a_grant ();
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    fail_unless (run_sql (fixture.path, refused[i]) == SQLITE_CONSTRAINT, "%s",
                 refused[i]);
}
GST_END_TEST;

GST_START_TEST (what_is_no_ledger_is_refused_and_left_alone)
{
  static const char text[] = "not a database, but long enough to be read as "
                             "one by whoever looks at its first page only, "
                             "which is a hundred bytes of header.";
  gchar *before = NULL, *after = NULL;
  gsize before_size, after_size;
  DwError error;

  g_file_set_contents (fixture.path, text, -1, NULL);
  g_chmod (fixture.path, 0600);
  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_WRITE, &error),
                          DW_ERROR_INVALID);
  fail_unless (strstr (error.text, "is not a ledger") != NULL);
  g_remove (fixture.path);

  g_file_set_contents (fixture.path, "", 0, NULL);
  g_chmod (fixture.path, 0600);
  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_WRITE, &error),
                          DW_ERROR_INVALID);
  g_remove (fixture.path);

  run_sql (fixture.path, "CREATE TABLE photos (id INTEGER)");
  g_file_get_contents (fixture.path, &before, &before_size, NULL);
  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_WRITE, &error),
                          DW_ERROR_INVALID);
  fail_unless (strstr (error.text, "is not a ledger") != NULL);
  g_file_get_contents (fixture.path, &after, &after_size, NULL);
  fail_unless (before_size == after_size
               && memcmp (before, after, after_size) == 0);
  g_free (before);
  g_free (after);
}
GST_END_TEST;

GST_START_TEST (a_newer_or_changed_ledger_is_refused)
{
  static const struct
  {
    const char *sql, *says;
  } rows[] = {
    { "PRAGMA user_version = 2", "newer Doorward" },
    { "PRAGMA user_version = 1; DROP TRIGGER entries_stay", "were changed" },
    { "CREATE TRIGGER entries_stay BEFORE DELETE ON entries "
      "BEGIN SELECT 1; END",
      "were changed" },
  };
  DwError error;

  make_ledger_with_a_grant ();
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      fail_unless_equals_int (run_sql (fixture.path, rows[i].sql), SQLITE_OK);
      fail_unless_equals_int (try_open (&fixture, DW_LEDGER_READ, &error),
                              DW_ERROR_INVALID);
      fail_unless (strstr (error.text, rows[i].says) != NULL, "%s", error.text);
    }
}
GST_END_TEST;

GST_START_TEST (a_damaged_page_is_found)
{
  gchar *bytes = NULL;
  gsize size;
  DwError error;

  make_ledger_with_a_grant ();
  run_sql (fixture.path, "PRAGMA wal_checkpoint (TRUNCATE)");
  g_file_get_contents (fixture.path, &bytes, &size, NULL);
  fail_unless (size > 8192);
  memset (bytes + 4096, 0xa5, 512);
  g_file_set_contents (fixture.path, bytes, (gssize)size, NULL);
  g_chmod (fixture.path, 0600);
  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_READ, &error),
                          DW_ERROR_INVALID);
  fail_unless (strstr (error.text, "damaged") != NULL, "%s", error.text);
  g_free (bytes);
}
GST_END_TEST;

GST_START_TEST (links_and_files_of_others_are_refused)
{
  gchar *real = g_build_filename (fixture.folder, "real.db", NULL);
  DwError error;

  make_ledger_with_a_grant ();
  g_chmod (fixture.path, 0622);
  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_READ, &error),
                          DW_ERROR_REFUSED);
  fail_unless (strstr (error.text, "chmod 600") != NULL);
  g_chmod (fixture.path, 0600);
  g_chmod (fixture.folder, 0777);
  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_READ, &error),
                          DW_ERROR_REFUSED);
  g_chmod (fixture.folder, 0700);
  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_READ, &error), DW_OK);
  g_rename (fixture.path, real);
  fail_unless (symlink (real, fixture.path) == 0);
  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_WRITE, &error),
                          DW_ERROR_REFUSED);
  fail_unless (strstr (error.text, "link") != NULL);
  g_remove (fixture.path);
  g_mkdir (fixture.path, 0700);
  fail_unless_equals_int (try_open (&fixture, DW_LEDGER_WRITE, &error),
                          DW_ERROR_REFUSED);
  g_rmdir (fixture.path);
  g_free (real);
}
GST_END_TEST;

GST_START_TEST (a_row_edited_by_hand_shows_nothing)
{
  static const char *const edits[] = {
    "replace (body, '\"live\":false', '\"live\": false')",
    "replace (body, '\"clear\"', '\"Clear\"')",
    "replace (body, '\"audio\":false', '\"audio\":1')",
    "replace (body, '\"valid\":[', '\"valid\":[0')",
    "replace (body, '\"valid\":[', '\"valid\":[-')",
    "replace (body, ']', '9999999999]')",
    "replace (body, '\"regions\":[]', '\"regions\":[[[0,0],[1,1]]]')",
    "replace (body, '\"regions\":[]', '\"regions\":[]')  || ' '",
    "replace (body, '\"camera\"', '\"Camera\"')",
    "replace (body, '\"purpose\":\"\"', '\"purpose\":\"a\\u0062\"')",
    "replace (body, 'neighbour', 'household ')",
    "substr (body, 1, length (body) - 1)",
    "''",
    "'{}'",
    "body || body",
  };
  DwLedger *ledger;

  make_ledger_with_a_grant ();
  ledger = open_ledger (&fixture, DW_LEDGER_READ);
  fail_unless_equals_int (level_now (ledger, &fixture), DW_LEVEL_CLEAR);
  edit_by_hand (fixture.path, "CREATE TABLE kept AS SELECT body FROM entries");
  for (size_t i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      gchar *sql = g_strdup_printf (
          "UPDATE entries SET body = (SELECT body FROM kept);"
          "UPDATE entries SET body = %s",
          edits[i]);

      edit_by_hand (fixture.path, sql);
      fail_unless (level_now (ledger, &fixture) == DW_LEVEL_NOTHING, "%s",
                   edits[i]);
      g_free (sql);
    }
  edit_by_hand (fixture.path,
                "UPDATE entries SET body = (SELECT body FROM kept)");
  fail_unless_equals_int (level_now (ledger, &fixture), DW_LEVEL_CLEAR);
  edit_by_hand (fixture.path, "UPDATE entries SET utc_ns = 0");
  fail_unless_equals_int (level_now (ledger, &fixture), DW_LEVEL_NOTHING);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (an_entry_missing_or_illegible_denies_all)
{
  static const char *const edits[] = {
    "DELETE FROM entries WHERE sequence = 1",
    "DELETE FROM entries WHERE sequence = 2",
    "UPDATE entries SET body = '{\"grant\":01}' WHERE sequence = 2",
    "UPDATE entries SET body = '{\"grant\":2}' WHERE sequence = 2",
    "UPDATE entries SET body = '{\"grant\":0}' WHERE sequence = 2",
    "UPDATE entries SET kind = 'forgive' WHERE sequence = 2",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
      DwGrant *grants = NULL;
      size_t n_grants = 1;
      DwError error;

      add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
      fail_unless_equals_int (dw_ledger_revoke (ledger, 1, NULL), DW_OK);
      add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
      edit_by_hand (fixture.path, edits[i]);
      fail_unless (dw_ledger_grants (ledger, NULL, &grants, &n_grants, &error)
                       == DW_ERROR_INVALID,
                   "%s", edits[i]);
      fail_unless (grants == NULL && n_grants == 0);
      dw_ledger_close (ledger);
      teardown ();
      setup ();
    }
}
GST_END_TEST;

GST_START_TEST (the_version_changes_when_somebody_else_commits)
{
  DwLedger *ours = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwLedger *theirs = open_ledger (&fixture, DW_LEDGER_WRITE);
  uint64_t one, same, other;

  fail_unless_equals_int (dw_ledger_version (ours, &one, NULL), DW_OK);
  fail_unless_equals_int (dw_ledger_version (ours, &same, NULL), DW_OK);
  fail_unless_equals_uint64 (one, same);
  add_grant (theirs, &fixture, DW_LEVEL_CLEAR);
  fail_unless_equals_int (dw_ledger_version (ours, &other, NULL), DW_OK);
  fail_if (one == other);
  dw_ledger_close (ours);
  dw_ledger_close (theirs);
}
GST_END_TEST;

GST_START_TEST (a_file_removed_or_replaced_in_use_is_noticed)
{
  static const char *const endings[] = { "", "-wal", "-shm" };

  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      gchar *path = g_strconcat (fixture.path, endings[i], NULL);
      gchar *aside = g_strconcat (path, ".aside", NULL);
      DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
      uint64_t version;

      fail_unless_equals_int (dw_ledger_version (ledger, &version, NULL),
                              DW_OK);
      fail_unless (g_rename (path, aside) == 0);
      fail_unless_equals_int (dw_ledger_version (ledger, &version, NULL),
                              DW_ERROR_NOT_FOUND);
      fail_unless_equals_int (dw_ledger_revoke (ledger, 1, NULL),
                              DW_ERROR_NOT_FOUND);
      g_file_set_contents (path, "", 0, NULL);
      fail_unless_equals_int (dw_ledger_version (ledger, &version, NULL),
                              DW_ERROR_IO);
      fail_unless (g_rename (aside, path) == 0);
      fail_unless_equals_int (dw_ledger_version (ledger, &version, NULL),
                              DW_OK);
      dw_ledger_close (ledger);
      g_free (path);
      g_free (aside);
    }
}
GST_END_TEST;

GST_START_TEST (a_writer_does_not_hold_up_a_reader)
{
  DwLedger *ledger;
  sqlite3 *db = NULL;

  make_ledger_with_a_grant ();
  ledger = open_ledger (&fixture, DW_LEDGER_READ);
  sqlite3_open (fixture.path, &db);
  fail_unless_equals_int (
      sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  fail_unless_equals_int (level_now (ledger, &fixture), DW_LEVEL_CLEAR);
  sqlite3_close (db);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (a_wall_clock_set_back_is_found_after_a_restart)
{
  DwLedger *ledger;
  DwNow now, later;
  gchar *sql;
  int64_t seen_ns = dw_time_utc_ns () + 3 * HOUR;

  make_ledger_with_a_grant ();
  /* Another boot has seen a time three hours from now. */
  sql = g_strdup_printf ("UPDATE clock SET boot_id = 'other', utc_ns = "
                         "%" G_GINT64_FORMAT,
                         seen_ns);
  fail_unless_equals_int (run_sql (fixture.path, sql), SQLITE_OK);
  g_free (sql);
  ledger = open_ledger (&fixture, DW_LEDGER_READ);
  fail_unless_equals_int (dw_ledger_now (ledger, &now, NULL), DW_OK);
  fail_unless (now.utc_latest_ns >= seen_ns);
  fail_unless (now.utc_earliest_ns < seen_ns - 2 * HOUR);
  /* The grant of two hours has run out. */
  fail_unless_equals_int (level_now (ledger, &fixture), DW_LEVEL_NOTHING);
  dw_ledger_close (ledger);
  /* A watcher stores it for this boot; from then on BOOTTIME counts on. */
  dw_ledger_close (open_ledger (&fixture, DW_LEDGER_WATCH));
  ledger = open_ledger (&fixture, DW_LEDGER_READ);
  fail_unless_equals_int (dw_ledger_now (ledger, &later, NULL), DW_OK);
  fail_unless (later.utc_latest_ns - now.utc_latest_ns > 0);
  fail_unless (later.utc_latest_ns - now.utc_latest_ns
               <= later.boot_ns - now.boot_ns);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (a_wall_clock_set_forward_begins_nothing)
{
  DwLedger *ledger;
  DwNow now;
  gchar *sql;

  make_ledger_with_a_grant ();
  /* As if the clock had jumped an hour since that entry was written. */
  sql = g_strdup_printf ("UPDATE entries SET utc_ns = utc_ns - "
                         "%" G_GINT64_FORMAT,
                         HOUR);
  edit_by_hand (fixture.path, sql);
  g_free (sql);
  ledger = open_ledger (&fixture, DW_LEDGER_READ);
  fail_unless_equals_int (dw_ledger_now (ledger, &now, NULL), DW_OK);
  fail_unless (ABS (now.utc_latest_ns - now.utc_earliest_ns - HOUR)
               < DW_SECOND_NS);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (both_clocks_agree_while_nobody_sets_them)
{
  DwLedger *ledger;
  DwNow now;

  make_ledger_with_a_grant ();
  ledger = open_ledger (&fixture, DW_LEDGER_READ);
  for (int i = 0; i < 1000; i++)
    {
      fail_unless_equals_int (dw_ledger_now (ledger, &now, NULL), DW_OK);
      fail_unless (now.utc_earliest_ns <= now.utc_latest_ns);
      fail_unless (now.utc_latest_ns - now.utc_earliest_ns < DW_SECOND_NS);
    }
  dw_ledger_close (ledger);
}
GST_END_TEST;

static gpointer
add_fifty (gpointer data)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);

  for (int i = 0; i < 50; i++)
    add_grant (ledger, &fixture, DW_LEVEL_MASKED);
  dw_ledger_close (ledger);
  return data;
}

GST_START_TEST (writers_beside_each_other_lose_nothing)
{
  GThread *threads[3];
  DwLedger *ledger;
  DwGrant *grants;
  size_t n_grants;

  for (int i = 0; i < 3; i++)
    threads[i] = g_thread_new ("writer", add_fifty, NULL);
  for (int i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  ledger = open_ledger (&fixture, DW_LEDGER_READ);
  fail_unless_equals_int (
      dw_ledger_grants (ledger, NULL, &grants, &n_grants, NULL), DW_OK);
  fail_unless_equals_int (n_grants, 150);
  for (size_t i = 0; i < n_grants; i++)
    fail_unless_equals_uint64 (grants[i].sequence, i + 1);
  free (grants);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (a_full_disk_grants_nothing_and_loses_nothing)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwGrant grant = grant_now (&fixture.share, DW_LEVEL_CLEAR);
  gchar *log = g_strconcat (fixture.path, "-wal", NULL);
  struct rlimit before, full;
  struct stat status;
  uint64_t sequence = 9;
  DwError error = { 0 };

  add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
  /* No file may grow from here on: what a full disk looks like. */
  fail_unless (stat (log, &status) == 0);
  fail_unless (getrlimit (RLIMIT_FSIZE, &before) == 0);
  full = before;
  full.rlim_cur = (rlim_t)status.st_size;
  signal (SIGXFSZ, SIG_IGN);
  fail_unless (setrlimit (RLIMIT_FSIZE, &full) == 0);
  fail_unless_equals_int (
      dw_ledger_grant (ledger, &fixture.policy, &grant, &sequence, &error),
      DW_ERROR_IO);
  fail_unless_equals_uint64 (sequence, 0);
  fail_unless (dw_ledger_revoke (ledger, 1, NULL) != DW_OK);
  fail_unless_equals_int (level_now (ledger, &fixture), DW_LEVEL_CLEAR);
  fail_unless (setrlimit (RLIMIT_FSIZE, &before) == 0);
  fail_unless_equals_int (dw_ledger_revoke (ledger, 1, NULL), DW_OK);
  fail_unless_equals_uint64 (add_grant (ledger, &fixture, DW_LEVEL_CLEAR), 3);
  dw_ledger_close (ledger);
  g_free (log);
}
GST_END_TEST;

/* Grants until it is killed; tells each one after it was acknowledged. */
static void
grant_for_ever (int pipe_end)
{
  DwLedger *ledger = NULL;

  if (dw_ledger_open (fixture.path, DW_LEDGER_WRITE, &ledger, NULL) != DW_OK)
    _exit (1);
  for (;;)
    {
      DwGrant grant = grant_now (&fixture.share, DW_LEVEL_MASKED);
      uint64_t sequence;

      if (dw_ledger_grant (ledger, &fixture.policy, &grant, &sequence, NULL)
              != DW_OK
          || write (pipe_end, &sequence, sizeof sequence) != sizeof sequence)
        _exit (1);
    }
}

GST_START_TEST (what_was_acknowledged_outlives_a_kill)
{
  uint64_t acknowledged = 0, sequence;

  for (int round = 0; round < 20; round++)
    {
      int ends[2];
      DwLedger *ledger;
      DwGrant *grants;
      size_t n_grants;
      pid_t child;

      fail_unless (pipe (ends) == 0);
      child = fork ();
      if (child == 0)
        grant_for_ever (ends[1]);
      close (ends[1]);
      for (int i = 0; i < 1 + round % 5; i++)
        {
          fail_unless (read (ends[0], &sequence, sizeof sequence)
                       == sizeof sequence);
          acknowledged = sequence;
        }
      kill (child, SIGKILL);
      while (read (ends[0], &sequence, sizeof sequence) == sizeof sequence)
        acknowledged = sequence;
      waitpid (child, NULL, 0);
      close (ends[0]);
      ledger = open_ledger (&fixture, DW_LEDGER_READ);
      fail_unless_equals_int (
          dw_ledger_grants (ledger, NULL, &grants, &n_grants, NULL), DW_OK);
      fail_unless (n_grants >= acknowledged);
      free (grants);
      dw_ledger_close (ledger);
    }
}
GST_END_TEST;

GST_START_TEST (no_change_of_a_body_is_read_as_something_else)
{
  DwGrant grant = grant_for (&fixture.share, 0, DW_LEVEL_CLEAR), read;
  char body[DW_ENTRY_BODY_SIZE], again[DW_ENTRY_BODY_SIZE];
  GRand *random = g_rand_new_with_seed (7);
  size_t n_read = 0;

  grant.n_regions = 1;
  grant.regions[0]
      = (DwPolygon){ .n_points = 3,
                     .points = { { 0, 0 }, { 1, 0 }, { 0.5f, 1 } } };
  for (int i = 0; i < 50000; i++)
    {
      dw_entry_write_grant (&grant, body);
      body[g_rand_int_range (random, 0, (gint)strlen (body))]
          = (char)g_rand_int_range (random, 1, 256);
      if (dw_entry_read_grant (body, &read) != DW_OK)
        {
          fail_unless (read.is_damaged && read.level == DW_LEVEL_NOTHING);
          continue;
        }
      dw_entry_write_grant (&read, again);
      fail_unless_equals_string (again, body);
      n_read++;
    }
  /* A digit for a digit, a letter of a name: those are other grants. */
  fail_unless (n_read > 100 && n_read < 25000);
  g_rand_free (random);
}
GST_END_TEST;

static Suite *
ledger_suite (void)
{
  Suite *suite = suite_create ("ledger");
  TCase *tcase = tcase_create ("ledger");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, a_grant_is_read_as_it_was_written);
  tcase_add_test (tcase, the_ledger_is_made_for_the_owner_alone);
  tcase_add_test (tcase, reading_makes_no_ledger);
  tcase_add_test (tcase, a_name_that_sqlite_knows_is_still_a_file);
  tcase_add_test (tcase, a_revoked_grant_shows_nothing_and_twice_is_once);
  tcase_add_test (tcase, a_grant_that_could_never_show_anything_is_refused);
  tcase_add_test (tcase, a_malformed_grant_is_not_written);
  tcase_add_test (tcase, a_grant_that_has_run_out_is_refused);
  tcase_add_test (tcase, only_a_writer_writes);
  tcase_add_test (tcase, rows_can_only_be_added);
  tcase_add_test (tcase, what_is_no_ledger_is_refused_and_left_alone);
  tcase_add_test (tcase, a_newer_or_changed_ledger_is_refused);
  tcase_add_test (tcase, a_damaged_page_is_found);
  tcase_add_test (tcase, links_and_files_of_others_are_refused);
  tcase_add_test (tcase, a_row_edited_by_hand_shows_nothing);
  tcase_add_test (tcase, an_entry_missing_or_illegible_denies_all);
  tcase_add_test (tcase, the_version_changes_when_somebody_else_commits);
  tcase_add_test (tcase, a_file_removed_or_replaced_in_use_is_noticed);
  tcase_add_test (tcase, a_writer_does_not_hold_up_a_reader);
  tcase_add_test (tcase, a_wall_clock_set_back_is_found_after_a_restart);
  tcase_add_test (tcase, a_wall_clock_set_forward_begins_nothing);
  tcase_add_test (tcase, both_clocks_agree_while_nobody_sets_them);
  tcase_add_test (tcase, writers_beside_each_other_lose_nothing);
  tcase_add_test (tcase, a_full_disk_grants_nothing_and_loses_nothing);
  tcase_add_test (tcase, what_was_acknowledged_outlives_a_kill);
  tcase_add_test (tcase, no_change_of_a_body_is_read_as_something_else);
  return suite;
}

GST_CHECK_MAIN (ledger);
