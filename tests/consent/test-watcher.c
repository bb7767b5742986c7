/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the ledger to the slot: how soon a share opens and closes, and that it
 * closes whenever nobody can vouch for it. */
#include "ledgerfixture.h"

#include "watcher.h"

#include <dirent.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_REVOCATIONS 50
/* Far above what is expected, for a machine that does other things too. */
#define LIMIT_NS (200 * DW_MILLISECOND_NS)
#define PATIENCE_NS (20 * DW_SECOND_NS)

static LedgerFixture fixture;
static DwSlot *slot;
static DwSlotCopy copy;

static void
setup (void)
{
  ledger_fixture_init (&fixture);
  slot = dw_slot_new ();
  memset (&copy, 0, sizeof copy);
}

static void
teardown (void)
{
  dw_slot_unref (slot);
  ledger_fixture_finish (&fixture);
}

static DwWatcher *
watch (void)
{
  DwWatcher *watcher = NULL;

  fail_unless_equals_int (dw_watcher_new (fixture.path, &fixture.policy,
                                          &fixture.share, slot, &watcher, NULL),
                          DW_OK);
  return watcher;
}

/* What a frame filmed now would get. */
static DwLevel
shown (void)
{
  const int64_t boot_ns = dw_time_boot_ns ();
  DwVerdict verdict;

  dw_slot_read (slot, boot_ns, &copy);
  dw_verdict_decide (&copy.terms, dw_time_utc_ns (), boot_ns, &verdict);
  return verdict.level;
}

static bool
is_closed (void)
{
  return dw_slot_epoch (slot, dw_time_boot_ns ()) & 1;
}

/* Asks like a busy pipeline, until it is so; returns the BOOTTIME of that. */
#define AWAIT(condition)                                                       \
  __extension__({                                                              \
    const int64_t begin_ns = dw_time_boot_ns ();                               \
    while (!(condition))                                                       \
      {                                                                        \
        fail_unless (dw_time_boot_ns () - begin_ns < PATIENCE_NS,              \
                     "in vain: " #condition);                                  \
        g_thread_yield ();                                                     \
      }                                                                        \
    dw_time_boot_ns ();                                                        \
  })

GST_START_TEST (a_share_with_a_grant_is_open_from_the_start)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwWatcher *watcher;
  DwError error;

  add_grant (ledger, &fixture, DW_LEVEL_BLURRED);
  watcher = watch ();
  fail_unless_equals_int (shown (), DW_LEVEL_BLURRED);
  fail_unless_equals_int (dw_watcher_status (watcher, &error), DW_OK);
  fail_unless_equals_string (error.text, "");
  dw_watcher_free (watcher);
  fail_unless (is_closed ());
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (without_a_ledger_the_share_waits_closed)
{
  DwWatcher *watcher = watch ();
  DwLedger *ledger;
  DwError error;

  fail_unless (is_closed ());
  fail_unless_equals_int (dw_watcher_status (watcher, &error),
                          DW_ERROR_NOT_FOUND);
  fail_unless (strstr (error.text, "no ledger") != NULL);
  fail_if (g_file_test (fixture.path, G_FILE_TEST_EXISTS));
  ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  AWAIT (!is_closed ());
  fail_unless_equals_int (shown (), DW_LEVEL_NOTHING);
  add_grant (ledger, &fixture, DW_LEVEL_MASKED);
  AWAIT (shown () == DW_LEVEL_MASKED);
  dw_ledger_close (ledger);
  dw_watcher_free (watcher);
}
GST_END_TEST;

typedef struct
{
  GPid pid;
  gint input;
  FILE *output;
} Helper;

static Helper
start_helper (void)
{
  gchar *program = g_build_filename (g_getenv ("DOORWARD_BUILD"), "tests",
                                     "consent", "ledger-helper", NULL);
  gchar *arguments[] = { program, fixture.path, NULL };
  GError *error = NULL;
  Helper helper;
  gint output;

  fail_unless (g_spawn_async_with_pipes (
                   NULL, arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                   &helper.pid, &helper.input, &output, NULL, &error),
               "%s", error ? error->message : "");
  helper.output = fdopen (output, "r");
  g_free (program);
  return helper;
}

static void
tell_helper (const Helper *helper, uint64_t sequence)
{
  gchar *line = g_strdup_printf ("%" G_GUINT64_FORMAT "\n", sequence);

  fail_unless (write (helper->input, line, strlen (line))
               == (ssize_t)strlen (line));
  g_free (line);
}

static int64_t
hear_helper (const Helper *helper)
{
  gint64 answer = 0;

  fail_unless (fscanf (helper->output, "%" G_GINT64_FORMAT, &answer) == 1);
  return answer;
}

static void
stop_helper (Helper *helper)
{
  close (helper->input);
  fclose (helper->output);
  waitpid (helper->pid, NULL, 0);
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  const int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

  return (one > other) - (one < other);
}

GST_START_TEST (another_process_revokes_within_a_frame)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwWatcher *watcher = watch ();
  Helper helper = start_helper ();
  int64_t latencies[N_REVOCATIONS];
  gint64 median;

  for (int i = 0; i < N_REVOCATIONS; i++)
    {
      uint64_t sequence = add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
      uint64_t epoch;
      int64_t closed_ns;

      AWAIT (shown () == DW_LEVEL_CLEAR);
      epoch = copy.epoch;
      tell_helper (&helper, sequence);
      closed_ns = AWAIT (shown () == DW_LEVEL_NOTHING);
      fail_unless (copy.epoch > epoch);
      latencies[i] = closed_ns - hear_helper (&helper);
      fail_unless (latencies[i] < LIMIT_NS,
                   "revocation %d: %" G_GINT64_FORMAT " ns after the commit", i,
                   latencies[i]);
    }
  qsort (latencies, N_REVOCATIONS, sizeof *latencies, compare_times);
  median = latencies[N_REVOCATIONS / 2];
  printf ("closed after the commit of another process, of %d: median %.2f ms, "
          "most %.2f ms\n",
          N_REVOCATIONS, (double)median / 1e6,
          (double)latencies[N_REVOCATIONS - 1] / 1e6);
  fail_unless (median < 33 * DW_MILLISECOND_NS);
  stop_helper (&helper);
  dw_watcher_free (watcher);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (a_grant_ends_on_boottime_to_the_moment)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwGrant grant = grant_now (&fixture.share, DW_LEVEL_CLEAR);
  DwWatcher *watcher;
  DwNow now;
  int64_t end_ns, open_ns = 0;

  dw_ledger_now (ledger, &now, NULL);
  grant.valid_until_ns = now.utc_latest_ns + 300 * DW_MILLISECOND_NS;
  end_ns = now.boot_ns + 300 * DW_MILLISECOND_NS;
  fail_unless_equals_int (
      dw_ledger_grant (ledger, &fixture.policy, &grant, NULL, NULL), DW_OK);
  watcher = watch ();
  fail_unless_equals_int (shown (), DW_LEVEL_CLEAR);
  for (int64_t boot_ns = 0; boot_ns < end_ns + 100 * DW_MILLISECOND_NS;)
    {
      /* The time before the question: a reader is never shown more late. */
      boot_ns = dw_time_boot_ns ();
      if (shown () > DW_LEVEL_NOTHING)
        open_ns = boot_ns;
      g_thread_yield ();
    }
  /* The two clocks are read one after the other. */
  fail_unless (open_ns < end_ns + 2 * DW_MILLISECOND_NS,
               "open %" G_GINT64_FORMAT " ns after the end", open_ns - end_ns);
  fail_unless (open_ns > end_ns - 50 * DW_MILLISECOND_NS);
  /* Vouched for again, with nothing to show. */
  AWAIT (!is_closed ());
  fail_unless_equals_int (shown (), DW_LEVEL_NOTHING);
  dw_watcher_free (watcher);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (a_grant_begins_by_itself)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwGrant grant = grant_now (&fixture.share, DW_LEVEL_CLEAR);
  DwWatcher *watcher;
  DwNow now;

  dw_ledger_now (ledger, &now, NULL);
  grant.valid_from_ns = now.utc_latest_ns + 200 * DW_MILLISECOND_NS;
  dw_ledger_grant (ledger, &fixture.policy, &grant, NULL, NULL);
  watcher = watch ();
  fail_unless (AWAIT (shown () == DW_LEVEL_CLEAR)
               >= now.boot_ns + 200 * DW_MILLISECOND_NS);
  dw_watcher_free (watcher);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (what_does_not_concern_the_share_leaves_its_epoch)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  LedgerFixture other = fixture;
  DwWatcher *watcher;
  uint64_t epoch;
  DwSlot *other_slot = dw_slot_new ();
  DwWatcher *other_watcher = NULL;
  DwSlotCopy other_copy = { 0 };

  add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
  watcher = watch ();
  fail_unless_equals_int (shown (), DW_LEVEL_CLEAR);
  epoch = copy.epoch;
  strcpy (other.share.recipient, "bob");
  dw_watcher_new (other.path, &other.policy, &other.share, other_slot,
                  &other_watcher, NULL);
  for (int i = 0; i < 10; i++)
    {
      add_grant (ledger, &other, DW_LEVEL_CLEAR);
      /* A second watcher has met it: so has the first, or is about to. */
      AWAIT (dw_slot_read (other_slot, dw_time_boot_ns (), &other_copy) % 2 == 0
             && other_copy.terms.n_terms == (size_t)i + 1);
    }
  dw_ledger_revoke (ledger, 1, NULL);
  AWAIT (shown () == DW_LEVEL_NOTHING);
  fail_unless_equals_uint64 (copy.epoch, epoch + 2);
  dw_watcher_free (other_watcher);
  dw_watcher_free (watcher);
  dw_slot_unref (other_slot);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (a_ledger_removed_closes_and_one_put_back_opens)
{
  static const char *const endings[] = { "", "-wal", "-shm" };
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwWatcher *watcher;
  DwError error;
  gchar *path = g_strconcat (fixture.path, endings[__i__], NULL);
  gchar *aside = g_strconcat (path, ".aside", NULL);

  add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
  watcher = watch ();
  fail_unless_equals_int (shown (), DW_LEVEL_CLEAR);
  fail_unless (g_rename (path, aside) == 0);
  AWAIT (is_closed () || shown () == DW_LEVEL_NOTHING);
  if (__i__ == 0)
    {
      AWAIT (dw_watcher_status (watcher, &error) == DW_ERROR_NOT_FOUND);
      fail_unless (g_rename (aside, path) == 0);
      AWAIT (shown () == DW_LEVEL_CLEAR);
    }
  dw_watcher_free (watcher);
  dw_ledger_close (ledger);
  g_free (path);
  g_free (aside);
}
GST_END_TEST;

GST_START_TEST (an_entry_deleted_by_hand_closes)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwWatcher *watcher;
  DwError error;

  add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
  add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
  watcher = watch ();
  fail_unless_equals_int (shown (), DW_LEVEL_CLEAR);
  edit_by_hand (fixture.path, "DELETE FROM entries WHERE sequence = 1");
  AWAIT (is_closed ());
  AWAIT (dw_watcher_status (watcher, &error) == DW_ERROR_INVALID);
  fail_unless (strstr (error.text, "entry 1 is missing") != NULL, "%s",
               error.text);
  dw_watcher_free (watcher);
  dw_ledger_close (ledger);
}
GST_END_TEST;

static int stopped_pipe[2], go_pipe[2];

static void
stop_here (int signal_number)
{
  char byte = (char)signal_number;

  if (write (stopped_pipe[1], &byte, 1) != 1
      || read (go_pipe[0], &byte, 1) != 1)
    _exit (1);
}

/* The newest thread of this process. */
static pid_t
find_newest_thread (void)
{
  DIR *tasks = opendir ("/proc/self/task");
  struct dirent *entry;
  pid_t newest = 0;

  fail_unless (tasks != NULL);
  while ((entry = readdir (tasks)) != NULL)
    newest = MAX (newest, (pid_t)strtol (entry->d_name, NULL, 10));
  closedir (tasks);
  fail_unless (newest != getpid ());
  return newest;
}

GST_START_TEST (a_watcher_that_is_stopped_closes_by_its_lease)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  struct sigaction action = { .sa_handler = stop_here };
  DwWatcher *watcher;
  int64_t stopped_ns, closed_ns;
  uint64_t epoch;
  char byte = 0;

  add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
  watcher = watch ();
  fail_unless_equals_int (shown (), DW_LEVEL_CLEAR);
  epoch = copy.epoch;
  fail_unless (pipe (stopped_pipe) == 0 && pipe (go_pipe) == 0);
  fail_unless (sigaction (SIGUSR1, &action, NULL) == 0);
  fail_unless (syscall (SYS_tgkill, getpid (), find_newest_thread (), SIGUSR1)
               == 0);
  fail_unless (read (stopped_pipe[0], &byte, 1) == 1);
  stopped_ns = dw_time_boot_ns ();
  closed_ns = AWAIT (is_closed ());
  fail_unless (
      closed_ns - stopped_ns < DW_LEASE_MS * DW_MILLISECOND_NS + LIMIT_NS,
      "closed %" G_GINT64_FORMAT " ns after the stop", closed_ns - stopped_ns);
  fail_unless_equals_int (shown (), DW_LEVEL_NOTHING);
  /* What was committed meanwhile is what holds when it goes on. */
  fail_unless_equals_int (dw_ledger_revoke (ledger, 1, NULL), DW_OK);
  add_grant (ledger, &fixture, DW_LEVEL_MASKED);
  fail_unless (write (go_pipe[1], &byte, 1) == 1);
  AWAIT (!is_closed ());
  fail_unless_equals_int (shown (), DW_LEVEL_MASKED);
  fail_unless (copy.epoch >= epoch + 2);
  dw_watcher_free (watcher);
  dw_ledger_close (ledger);
}
GST_END_TEST;

GST_START_TEST (a_share_that_cannot_be_named_stays_closed)
{
  DwLedger *ledger = open_ledger (&fixture, DW_LEDGER_WRITE);
  DwWatcher *watcher;

  add_grant (ledger, &fixture, DW_LEVEL_CLEAR);
  fixture.share.recipient[0] = '\0';
  watcher = watch ();
  fail_unless (is_closed ());
  fail_unless_equals_int (dw_watcher_status (watcher, NULL), DW_ERROR_INVALID);
  dw_watcher_free (watcher);
  dw_watcher_free (NULL);
  dw_ledger_close (ledger);
}
GST_END_TEST;

static Suite *
watcher_suite (void)
{
  Suite *suite = suite_create ("watcher");
  TCase *tcase = tcase_create ("watcher");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_set_timeout (tcase, 120);
  tcase_add_test (tcase, a_share_with_a_grant_is_open_from_the_start);
  tcase_add_test (tcase, without_a_ledger_the_share_waits_closed);
  tcase_add_test (tcase, another_process_revokes_within_a_frame);
  tcase_add_test (tcase, a_grant_ends_on_boottime_to_the_moment);
  tcase_add_test (tcase, a_grant_begins_by_itself);
  tcase_add_test (tcase, what_does_not_concern_the_share_leaves_its_epoch);
  tcase_add_loop_test (tcase, a_ledger_removed_closes_and_one_put_back_opens, 0,
                       3);
  tcase_add_test (tcase, an_entry_deleted_by_hand_closes);
  tcase_add_test (tcase, a_watcher_that_is_stopped_closes_by_its_lease);
  tcase_add_test (tcase, a_share_that_cannot_be_named_stays_closed);
  return suite;
}

GST_CHECK_MAIN (watcher);
