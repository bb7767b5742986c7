/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The `doorward` program as its user meets it: what it prints, what it writes
 * down, and its exit codes. */
#include "dwtest.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>

#define MAX_ARGUMENTS 24
/* SHA-256 of "test". */
#define HASH "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

/* Central Europe's summer time, without a database of time zones. */
#define TIME_ZONE "CET-1CEST,M3.5.0,M10.5.0/3"

static gchar *folder, *ledger;
static gchar *out, *complaint;

static void
setup (void)
{
  folder = g_dir_make_tmp ("doorward-cli-XXXXXX", NULL);
  fail_unless (folder != NULL);
  ledger = g_build_filename (folder, "doorward", "ledger.db", NULL);
}

static void
remove_tree (const gchar *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const gchar *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      gchar *below = g_build_filename (path, name, NULL);

      remove_tree (below);
      g_free (below);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_remove (path);
}

static void
teardown (void)
{
  remove_tree (folder);
  g_free (folder);
  g_free (ledger);
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&complaint, g_free);
}

static gchar *
write_file (const gchar *name, const gchar *text)
{
  gchar *path = g_build_filename (folder, name, NULL);

  fail_unless (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* Runs it in a home of its own; `out` and `complaint` hold what it printed. */
static int
run (const gchar *command_line)
{
  gchar *program = g_build_filename (g_getenv ("DOORWARD_BUILD"), "service",
                                     "doorward", NULL);
  gchar **environment = g_get_environ ();
  gchar **words = NULL, **argv;
  GError *error = NULL;
  gint n_words = 0, status;

  /* GLib takes a line without words for an error. */
  fail_unless (
      command_line[0] == '\0'
          || g_shell_parse_argv (command_line, &n_words, &words, &error),
      "%s", error ? error->message : "");
  fail_unless (n_words < MAX_ARGUMENTS);
  argv = g_new0 (gchar *, n_words + 2);
  argv[0] = program;
  for (gint i = 0; i < n_words; i++)
    argv[i + 1] = words[i];
  environment = g_environ_setenv (environment, "XDG_DATA_HOME", folder, TRUE);
  environment = g_environ_setenv (environment, "XDG_CONFIG_HOME", folder, TRUE);
  environment = g_environ_setenv (environment, "TZ", TIME_ZONE, TRUE);
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&complaint, g_free);
  fail_unless (g_spawn_sync (folder, argv, environment, G_SPAWN_DEFAULT, NULL,
                             NULL, &out, &complaint, &status, &error),
               "%s", error ? error->message : "");
  g_strfreev (environment);
  g_strfreev (words);
  g_free (argv);
  g_free (program);
  fail_unless (WIFEXITED (status), "%s: killed", command_line);
  return WEXITSTATUS (status);
}

#define RUN(code, command_line)                                                \
  do                                                                           \
    {                                                                          \
      const int got = run (command_line);                                      \
      fail_unless (got == (code), "%s: exit code %d\n%s%s", command_line, got, \
                   out, complaint);                                            \
    }                                                                          \
  while (0)

#define SAYS(text)                                                             \
  fail_unless (strstr (out, text) != NULL, "'%s' is not in: %s", text, out)

#define COMPLAINS(text)                                                        \
  fail_unless (strstr (complaint, text) != NULL, "'%s' is not in: %s", text,   \
               complaint)

/* What `path` is in the JSON that was printed last, read by SQLite; NULL for
 * null. The document must be valid. g_free () it. */
static gchar *
json_at (const gchar *path)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *ask = NULL;
  gchar *value;

  fail_unless_equals_int (sqlite3_open (":memory:", &db), SQLITE_OK);
  fail_unless_equals_int (
      sqlite3_prepare_v2 (db, "SELECT json_extract (?1, ?2)", -1, &ask, NULL),
      SQLITE_OK);
  sqlite3_bind_text (ask, 1, out, -1, SQLITE_STATIC);
  sqlite3_bind_text (ask, 2, path, -1, SQLITE_STATIC);
  fail_unless (sqlite3_step (ask) == SQLITE_ROW, "%s: %s in %s", path,
               sqlite3_errmsg (db), out);
  value = g_strdup ((const gchar *)sqlite3_column_text (ask, 0));
  sqlite3_finalize (ask);
  sqlite3_close (db);
  return value;
}

static void
json_is (const gchar *path, const gchar *expected)
{
  gchar *value = json_at (path);

  fail_unless (g_strcmp0 (value, expected) == 0, "%s is %s, not %s", path,
               value, expected);
  g_free (value);
}

static const gchar *const command_names[]
    = { "discover", "check", "grant", "revoke", "grants", "show" };

GST_START_TEST (every_command_has_a_help_page)
{
  gchar *line = g_strdup_printf ("%s --help", command_names[__i__]), *usage;

  RUN (0, line);
  usage = g_strdup_printf ("Usage: doorward %s ", command_names[__i__]);
  fail_unless (g_str_has_prefix (out, usage));
  SAYS ("--json");
  fail_unless_equals_string (complaint, "");
  for (gchar **text = g_strsplit (out, "\n", -1); *text != NULL; text++)
    fail_unless (strlen (*text) <= 82, "too wide: %s", *text);
  RUN (0, "--help");
  SAYS (command_names[__i__]);
  g_free (line);
  g_free (usage);
}
GST_END_TEST;

static const gchar *const wrong_lines[] = {
  "",
  "frobnicate",
  "grant",
  "grant front",
  "grant front anna back --level clear --for 2h",
  "grant front anna --level clear --for 2h",
  "grant front anna --class neighbour --for 2h",
  "grant front anna --class neighbour --level clear",
  "grant front anna --class neighbour --level clear --for 2h --until +3h",
  "grant front anna --class friend --level clear --for 2h",
  "grant front anna --class neighbour --level naked --for 2h",
  "grant front anna --class neighbour --level clear --for",
  "grant front anna --class neighbour --level clear --for -2h",
  "grant front anna --class neighbour --level clear --for 0s",
  "grant front anna --class neighbour --level clear --for 2",
  "grant front anna --class neighbour --level clear --for 999999999d",
  "grant front anna --class neighbour --level clear --until tomorrow",
  "grant front anna --class neighbour --level clear --for 2h --from later",
  "grant front anna --class neighbour --level clear --for 2h --for 3h",
  "grant front anna --class neighbour --level clear --for 2h --footage -1h",
  "grant front anna --class neighbour --level clear --for 2h --footage x..now",
  "grant front anna --class neighbour --level clear --for 2h --live "
  "--footage -1h..now",
  "grant front anna --class neighbour --level clear --for 2h --footage "
  "'2026-03-29 02:30..2026-03-29 04:00'",
  "grant front anna --class neighbour --level clear --for 2h --footage "
  "'2026-02-30 02:30..2026-03-29 04:00'",
  "grant front anna --class neighbour --level clear --for 2h --region '0,0 "
  "1,1'",
  "grant front anna --class neighbour --level clear --for 2h --region "
  "'0,0 1,0 2,1'",
  "grant front anna --class neighbour --level clear --for 2h --region "
  "'0,0 1,0 nan,1'",
  "grant front anna --class neighbour --level clear --for 2h --region "
  "'0,0;1,0;1,1'",
  "grant front anna --class neighbour --level clear --for 2h --case ' 1'",
  "grant front anna --class neighbour --level clear --for 2h --purpose 'a b'",
  "grant 'fro nt' anna --class neighbour --level clear --for 2h",
  "grant front 'an/na' --class neighbour --level clear --for 2h",
  "grant front anna --level=",
  "grant front anna --bogus",
  "grant front anna -x",
  "revoke",
  "revoke one",
  "revoke -1",
  "revoke 0",
  "revoke 1x",
  "revoke 99999999999999999999",
  "revoke 1 2",
  "grants now",
  "show front",
  "show front anna",
  "show front anna --class neighbour --live --recorded",
  "show front anna --class neighbour --at sometime",
  "check one.yaml two.yaml",
  "check",
  "discover 192.0.2.1",
  "discover --wait never",
  "discover --wait nan",
  "discover --wait 1000",
};

GST_START_TEST (wrong_usage_is_said_and_leaves_no_trace)
{
  RUN (2, wrong_lines[__i__]);
  fail_unless_equals_string (out, "");
  fail_unless (strstr (complaint, "doorward") != NULL);
  fail_if (g_file_test (ledger, G_FILE_TEST_EXISTS));
}
GST_END_TEST;

GST_START_TEST (a_consent_is_given_shown_and_taken_back)
{
  RUN (0, "show front anna --class neighbour");
  SAYS ("anna (neighbour) would see nothing of recordings of camera front: "
        "nobody consented to this share.\n");
  fail_if (g_file_test (ledger, G_FILE_TEST_EXISTS));
  RUN (0, "grants");
  SAYS ("nobody sees anything");

  RUN (0, "grant front anna --class neighbour --level masked --for 2h --live "
          "--purpose visit");
  SAYS ("Grant 1: anna (neighbour) sees the live picture of camera front, "
        "masked, without sound, for visit, from ");
  SAYS ("(2 hours).\n");
  fail_unless_equals_string (complaint, "");
  RUN (0, "show front anna");
  SAYS ("anna (neighbour) would see the live picture of camera front, masked, "
        "without sound, for visit, until ");
  SAYS ("the grant says so (grant 1).\n");
  /* Of anything else, nothing. */
  RUN (0, "show front anna --live");
  SAYS ("nobody consented");
  RUN (0, "show front anna --recorded --purpose visit");
  SAYS ("nobody consented");
  RUN (0, "grants");
  SAYS ("in force");

  RUN (0, "revoke 1");
  SAYS ("Grant 1 is revoked: it shows anna nothing more of the live picture "
        "of camera front, for visit.\n");
  RUN (0, "show front anna");
  SAYS ("would see nothing of");
  SAYS ("the grant was revoked (grant 1).\n");
  RUN (0, "revoke 1");
  SAYS ("was revoked already");
  RUN (0, "grants --in-force");
  SAYS ("No grant is in force");
  RUN (1, "revoke 2");
  COMPLAINS ("there is no grant 2");
}
GST_END_TEST;

GST_START_TEST (json_says_the_same_to_programs)
{
  RUN (0, "grant front anna --class neighbour --level clear --until "
          "2099-01-10T20:00Z --footage '2026-01-10 19:00..2026-07-10T20:00' "
          "--audio --region '0,0 1,0 1,0.5' --json");
  json_is ("$.grant", "1");
  json_is ("$.state", "in force");
  json_is ("$.class", "neighbour");
  json_is ("$.level", "clear");
  json_is ("$.live", "0");
  json_is ("$.audio", "1");
  json_is ("$.regions[0][2][1]", "0.5");
  json_is ("$.valid_until", "2099-01-10T20:00:00.000Z");
  /* An hour from UTC in winter, two in summer. */
  json_is ("$.footage_from", "2026-01-10T18:00:00.000Z");
  json_is ("$.footage_until", "2026-07-10T18:00:00.000Z");
  json_is ("$.revoked_at", NULL);
  json_is ("$.shows.level", "clear");
  json_is ("$.shows.audio", "0");
  json_is ("$.shows.reason", "ceiling");
  RUN (0, "show front anna --json");
  json_is ("$[0].level", "clear");
  json_is ("$[0].grant", "1");
  json_is ("$[0].footage", "2026-01-10T18:00:00.000Z");
  json_is ("$[1]", NULL);
  RUN (0, "show front anna --at 2026-01-10T17:59:59Z --json");
  json_is ("$[0].level", "nothing");
  json_is ("$[0].reason", "outside-footage");
  RUN (0, "revoke 1 --json");
  json_is ("$.state", "revoked");
  json_is ("$.was_revoked", "0");
  RUN (0, "revoke 1 --json");
  json_is ("$.was_revoked", "1");
  RUN (0, "grants --json");
  json_is ("$[0].state", "revoked");
  RUN (0, "grants --in-force --json");
  json_is ("$[0]", NULL);
}
GST_END_TEST;

GST_START_TEST (what_the_ceilings_forbid_is_refused)
{
  static const struct
  {
    const gchar *line, *says;
  } rows[] = {
    { "grant front nord --class police --level masked --for 2h --live --case 1",
      "never sees live" },
    { "grant front nord --class police --level masked --for 2h",
      "needs a case number" },
    { "grant front maker --class vendor --level masked --for 2h",
      "hash of a written consent" },
    { "grant front anna --class neighbour --level nothing --for 2h",
      "shows nothing" },
    { "grant front anna --class neighbour --level clear --until -1h",
      "end after it begins" },
    { "grant front anna --class neighbour --level clear --for 2h --footage "
      "now..-1h",
      "footage window must end" },
    { "grant front maker --class vendor --level masked --for 2h "
      "--consent-file nosuch.pdf",
      "nosuch.pdf" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      RUN (1, rows[i].line);
      COMPLAINS (rows[i].says);
      fail_unless_equals_string (out, "");
    }
  RUN (0, "grants --json");
  json_is ("$[0]", NULL);
}
GST_END_TEST;

GST_START_TEST (a_written_consent_is_kept_as_its_hash)
{
  g_free (write_file ("consent.txt", "test"));
  g_free (write_file ("other.txt", "tesu"));
  g_free (write_file ("empty.txt", ""));
  RUN (1, "grant front maker --class vendor --level masked --for 2h "
          "--consent-file empty.txt");
  COMPLAINS ("empty");
  RUN (0, "grant front maker --class vendor --level masked --for 2h "
          "--consent-file consent.txt --json");
  json_is ("$.consent_sha256", HASH);
  json_is ("$.shows.level", "masked");
  RUN (0, "show front maker --consent-file consent.txt --json");
  json_is ("$[0].level", "masked");
  RUN (0, "show front maker --consent-file other.txt --json");
  json_is ("$[0].reason", "no-grant");
  RUN (0, "show front maker --recorded --json");
  json_is ("$[0].reason", "needs-written-consent");
}
GST_END_TEST;

GST_START_TEST (an_older_grant_that_bounds_is_named)
{
  RUN (0, "grant front anna --class neighbour --level masked --for 2h --live");
  RUN (0, "grant front anna --class neighbour --level clear --for 1h --live");
  SAYS ("Grant 1 bounds it: masked, without sound");
  RUN (0, "revoke 1");
  RUN (0, "show front anna --json");
  json_is ("$[0].level", "masked");
  json_is ("$[0].reason", "bounded");
  json_is ("$[0].grant", "1");
  RUN (0, "revoke 2");
  RUN (0, "grant front anna --class neighbour --level clear --for 1h --live");
  fail_unless (strstr (out, "bounds it") == NULL, "%s", out);
  RUN (0, "show front anna --json");
  json_is ("$[0].level", "clear");
}
GST_END_TEST;

GST_START_TEST (a_grant_that_begins_later_waits)
{
  RUN (0, "grant front anna --class neighbour --level clear --from +1h --for "
          "30m --live --json");
  json_is ("$.state", "not begun");
  json_is ("$.shows.level", "clear");
  RUN (0, "show front anna");
  SAYS ("the grant has not begun yet (grant 1)");
}
GST_END_TEST;

static const gchar configuration[] = "cameras:\n"
                                     "  front:\n"
                                     "    location: onvif://192.0.2.7\n"
                                     "recipients:\n"
                                     "  anna:\n"
                                     "    class: neighbour\n"
                                     "  nord:\n"
                                     "    class: police\n"
                                     "policy:\n"
                                     "  neighbour:\n"
                                     "    live: masked\n";

GST_START_TEST (the_configuration_says_who_is_who_and_what_is_too_much)
{
  g_free (write_file ("doorward.yaml", configuration));
  RUN (0, "grant front anna --level clear --for 2h --live");
  SAYS ("anna (neighbour)");
  SAYS ("The ceiling of class neighbour bounds it: masked");
  RUN (0, "show front anna --live --json");
  json_is ("$[0].level", "masked");
  RUN (2, "grant front bob --level clear --for 2h");
  COMPLAINS ("who is 'bob'?");
  RUN (1, "grant fornt anna --level clear --for 2h");
  COMPLAINS ("no camera 'fornt'");
  RUN (1, "grant front anna --class household --level clear --for 2h");
  COMPLAINS ("of class neighbour, not household");
  RUN (1, "grant front nord --level clear --for 2h --live --case 1");
}
GST_END_TEST;

GST_START_TEST (a_wrong_configuration_is_never_half_used)
{
  gchar *path = write_file ("wrong.yaml", "cameras:\n  front:\n"
                                          "    locatoin: onvif://192.0.2.7\n");

  RUN (1, "grant front anna --class neighbour --level clear --for 2h "
          "--config wrong.yaml");
  COMPLAINS ("wrong.yaml:3:5: cameras.front.locatoin");
  COMPLAINS ("the configuration cannot be used");
  fail_if (g_file_test (ledger, G_FILE_TEST_EXISTS));
  RUN (1, "check wrong.yaml");
  SAYS ("wrong.yaml:3:5: cameras.front.locatoin");
  RUN (1, "check wrong.yaml --json");
  json_is ("$.right", "0");
  json_is ("$.errors[0].line", "3");
  json_is ("$.errors[0].key", "cameras.front.locatoin");
  RUN (1, "grants --config nosuch.yaml");
  COMPLAINS ("nosuch.yaml");
  g_free (path);
}
GST_END_TEST;

GST_START_TEST (a_right_configuration_is_counted)
{
  g_free (write_file ("doorward.yaml", configuration));
  RUN (0, "check doorward.yaml");
  SAYS ("doorward.yaml is right: 1 camera, 2 recipients.\n");
  RUN (0, "check --json");
  json_is ("$.right", "1");
  json_is ("$.cameras", "1");
  json_is ("$.recipients", "2");
  RUN (1, "check nosuch.yaml");
  SAYS ("nosuch.yaml");
}
GST_END_TEST;

GST_START_TEST (the_ledger_is_where_it_was_said_to_be)
{
  gchar *own = g_build_filename (folder, "own.db", NULL);
  gchar *configured = g_build_filename (folder, "home.db", NULL);

  RUN (0, "grant front anna --class neighbour --level clear --for 2h");
  fail_unless (g_file_test (ledger, G_FILE_TEST_EXISTS));
  g_free (write_file ("home.yaml", "ledger: home.db\n"));
  RUN (0, "grant front anna --class neighbour --level clear --for 2h "
          "--config home.yaml");
  fail_unless (g_file_test (configured, G_FILE_TEST_EXISTS));
  RUN (0, "grant front anna --class neighbour --level clear --for 2h "
          "--config home.yaml --ledger own.db");
  fail_unless (g_file_test (own, G_FILE_TEST_EXISTS));
  RUN (0, "grants --ledger own.db --json");
  json_is ("$[0].grant", "1");
  json_is ("$[1]", NULL);
  g_free (own);
  g_free (configured);
}
GST_END_TEST;

GST_START_TEST (a_file_that_is_no_ledger_is_refused_by_all)
{
  static const gchar *const lines[] = {
    "grant front anna --class neighbour --level clear --for 2h --ledger no.db",
    "revoke 1 --ledger no.db",
    "grants --ledger no.db",
    "show front anna --class neighbour --ledger no.db",
  };
  gchar *path = write_file ("no.db", "This is a text, and no ledger at all.");

  g_chmod (path, 0600);
  for (size_t i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      RUN (1, lines[i]);
      COMPLAINS ("is not a ledger");
      fail_unless_equals_string (out, "");
    }
  g_free (path);
}
GST_END_TEST;

GST_START_TEST (an_answer_that_cannot_be_written_is_a_failure)
{
  gchar *program = g_build_filename (g_getenv ("DOORWARD_BUILD"), "service",
                                     "doorward", NULL);
  gchar *line
      = g_strdup_printf ("sh -c \"'%s' check --help >/dev/full\"", program);
  gint status = 0;

  fail_unless (g_spawn_command_line_sync (line, NULL, NULL, &status, NULL));
  fail_unless_equals_int (WEXITSTATUS (status), 1);
  g_free (line);
  g_free (program);
}
GST_END_TEST;

GST_START_TEST (discovery_on_no_network_is_an_error)
{
  RUN (1, "discover --interface nosuch0 --wait 0.1");
  fail_unless_equals_string (out, "");
  COMPLAINS ("network interface");
}
GST_END_TEST;

static Suite *
cli_suite (void)
{
  Suite *suite = suite_create ("cli");
  TCase *tcase = tcase_create ("cli");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, every_command_has_a_help_page, 0,
                       G_N_ELEMENTS (command_names));
  tcase_add_loop_test (tcase, wrong_usage_is_said_and_leaves_no_trace, 0,
                       G_N_ELEMENTS (wrong_lines));
  tcase_add_test (tcase, a_consent_is_given_shown_and_taken_back);
  tcase_add_test (tcase, json_says_the_same_to_programs);
  tcase_add_test (tcase, what_the_ceilings_forbid_is_refused);
  tcase_add_test (tcase, a_written_consent_is_kept_as_its_hash);
  tcase_add_test (tcase, an_older_grant_that_bounds_is_named);
  tcase_add_test (tcase, a_grant_that_begins_later_waits);
  tcase_add_test (tcase,
                  the_configuration_says_who_is_who_and_what_is_too_much);
  tcase_add_test (tcase, a_wrong_configuration_is_never_half_used);
  tcase_add_test (tcase, a_right_configuration_is_counted);
  tcase_add_test (tcase, the_ledger_is_where_it_was_said_to_be);
  tcase_add_test (tcase, a_file_that_is_no_ledger_is_refused_by_all);
  tcase_add_test (tcase, an_answer_that_cannot_be_written_is_a_failure);
  tcase_add_test (tcase, discovery_on_no_network_is_an_error);
  return suite;
}

GST_CHECK_MAIN (cli);
