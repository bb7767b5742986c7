/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict slot: epochs, lease, and readers beside a writer. */
#include "dwtest.h"
#include "slot.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define SECOND INT64_C (1000000000)
#define N_READERS 3
#define N_PUBLISHED 20000

static DwTerms
terms_of (size_t n_terms, uint64_t mark)
{
  DwTerms terms;

  memset (&terms, 0, sizeof terms);
  terms.n_terms = n_terms;
  for (size_t i = 0; i < n_terms; i++)
    {
      terms.terms[i].sequence = mark;
      terms.terms[i].footage_from_ns = (int64_t)mark;
      terms.terms[i].regions[DW_GRANT_MAX_REGIONS - 1].n_points = (int)mark;
    }
  return terms;
}

GST_START_TEST (a_new_slot_is_closed)
{
  DwSlot *slot = dw_slot_new ();
  DwSlotCopy copy = { 0 };

  fail_unless_equals_uint64 (dw_slot_epoch (slot, SECOND), 1);
  fail_unless_equals_uint64 (dw_slot_read (slot, SECOND, &copy), 1);
  fail_unless_equals_uint64 (copy.epoch, 1);
  fail_unless_equals_int (copy.terms.n_terms, 0);
  fail_if (dw_slot_renew (slot, SECOND, 9 * SECOND));
  fail_unless_equals_uint64 (dw_slot_epoch (slot, SECOND), 1);
  dw_slot_unref (slot);
}
GST_END_TEST;

GST_START_TEST (what_is_published_is_read)
{
  DwSlot *slot = dw_slot_new ();
  DwTerms terms = terms_of (DW_MAX_TERMS, 7);
  DwSlotCopy copy = { 0 };

  dw_slot_publish (slot, &terms, 2 * SECOND, INT64_MAX);
  fail_unless_equals_uint64 (dw_slot_read (slot, SECOND, &copy), 2);
  fail_unless (memcmp (&copy.terms, &terms, sizeof terms) == 0);
  fail_unless_equals_uint64 (dw_slot_epoch (slot, SECOND), 2);
  dw_slot_unref (slot);
}
GST_END_TEST;

GST_START_TEST (each_publishing_takes_a_new_even_epoch)
{
  DwSlot *slot = dw_slot_new ();
  DwTerms terms = terms_of (1, 7);
  DwSlotCopy copy = { 0 };
  uint64_t last = 0;

  for (int i = 0; i < 5; i++)
    {
      uint64_t epoch;

      dw_slot_publish (slot, &terms, 2 * SECOND, INT64_MAX);
      epoch = dw_slot_read (slot, SECOND, &copy);
      fail_unless_equals_uint64 (epoch & 1, 0);
      fail_unless (epoch >= last + 2);
      last = epoch;
      if (i % 2)
        dw_slot_close (slot);
    }
  dw_slot_unref (slot);
}
GST_END_TEST;

GST_START_TEST (a_lease_that_runs_out_closes_and_stays_run_out)
{
  DwSlot *slot = dw_slot_new ();
  DwTerms terms = terms_of (1, 7);
  DwSlotCopy copy = { 0 };

  dw_slot_publish (slot, &terms, 2 * SECOND, INT64_MAX);
  fail_unless (dw_slot_renew (slot, SECOND, 3 * SECOND));
  fail_unless_equals_uint64 (dw_slot_read (slot, 3 * SECOND - 1, &copy), 2);
  fail_unless_equals_int (copy.terms.n_terms, 1);
  fail_unless_equals_uint64 (dw_slot_read (slot, 3 * SECOND, &copy), 3);
  fail_unless_equals_int (copy.terms.n_terms, 0);
  fail_if (dw_slot_renew (slot, 3 * SECOND, 9 * SECOND));

  dw_slot_publish (slot, &terms, 9 * SECOND, INT64_MAX);
  fail_unless_equals_uint64 (dw_slot_read (slot, 3 * SECOND, &copy), 4);
  dw_slot_unref (slot);
}
GST_END_TEST;

GST_START_TEST (a_lease_a_reader_found_run_out_is_not_renewed_from_the_past)
{
  DwSlot *slot = dw_slot_new ();
  DwTerms terms = terms_of (1, 7);

  dw_slot_publish (slot, &terms, 2 * SECOND, INT64_MAX);
  fail_unless_equals_uint64 (dw_slot_epoch (slot, 2 * SECOND), 3);
  /* The writer read its clock before, and was stopped until now. */
  fail_if (dw_slot_renew (slot, 2 * SECOND - 1, 9 * SECOND));
  fail_unless_equals_uint64 (dw_slot_epoch (slot, 2 * SECOND), 3);
  dw_slot_unref (slot);
}
GST_END_TEST;

GST_START_TEST (no_lease_reaches_beyond_the_next_change)
{
  DwSlot *slot = dw_slot_new ();
  DwTerms terms = terms_of (1, 7);

  dw_slot_publish (slot, &terms, 9 * SECOND, 2 * SECOND);
  fail_unless (dw_slot_renew (slot, SECOND, 9 * SECOND));
  fail_unless_equals_uint64 (dw_slot_epoch (slot, 2 * SECOND - 1), 2);
  fail_unless_equals_uint64 (dw_slot_epoch (slot, 2 * SECOND), 3);
  dw_slot_unref (slot);
}
GST_END_TEST;

GST_START_TEST (closing_holds_until_published_again)
{
  DwSlot *slot = dw_slot_new ();
  DwTerms terms = terms_of (1, 7);
  DwSlotCopy copy = { 0 };

  dw_slot_publish (slot, &terms, 9 * SECOND, INT64_MAX);
  dw_slot_read (slot, SECOND, &copy);
  dw_slot_close (slot);
  dw_slot_close (slot);
  fail_unless_equals_uint64 (dw_slot_read (slot, SECOND, &copy), 3);
  fail_unless_equals_int (copy.terms.n_terms, 0);
  fail_if (dw_slot_renew (slot, SECOND, 9 * SECOND));
  dw_slot_unref (slot);
}
GST_END_TEST;

GST_START_TEST (a_clock_that_cannot_be_read_sees_a_closed_slot)
{
  DwSlot *slot = dw_slot_new ();
  DwTerms terms = terms_of (1, 7);
  DwSlotCopy copy = { 0 };

  dw_slot_publish (slot, &terms, 9 * SECOND, INT64_MAX);
  fail_unless_equals_uint64 (dw_slot_read (slot, 0, &copy), 3);
  fail_unless_equals_int (copy.terms.n_terms, 0);
  fail_if (dw_slot_renew (slot, 0, 9 * SECOND));
  /* It was that reader's clock; others are not concerned. */
  fail_unless_equals_uint64 (dw_slot_epoch (slot, SECOND), 2);
  dw_slot_unref (slot);
}
GST_END_TEST;

GST_START_TEST (more_terms_than_there_is_room_for_are_none)
{
  DwSlot *slot = dw_slot_new ();
  DwTerms terms = terms_of (1, 7);
  DwSlotCopy copy = { 0 };

  terms.n_terms = DW_MAX_TERMS + 1;
  dw_slot_publish (slot, &terms, 9 * SECOND, INT64_MAX);
  dw_slot_read (slot, SECOND, &copy);
  fail_unless_equals_int (copy.terms.n_terms, 0);
  dw_slot_unref (slot);
}
GST_END_TEST;

typedef struct
{
  DwSlot *slot;
  atomic_bool is_done;
  atomic_uint n_open; /* copies that were read whole */
} Race;

static bool
copy_is_whole (const DwSlotCopy *copy)
{
  /* The writer publishes mark m under epoch 2 m, with 1 + m % 32 terms. */
  const uint64_t mark = copy->epoch / 2;

  if (copy->epoch & 1)
    return copy->terms.n_terms == 0;
  if (copy->terms.n_terms != 1 + mark % DW_MAX_TERMS)
    return false;
  for (size_t i = 0; i < copy->terms.n_terms; i++)
    {
      const DwTerm *term = &copy->terms.terms[i];

      if (term->sequence != mark || term->footage_from_ns != (int64_t)mark
          || term->regions[DW_GRANT_MAX_REGIONS - 1].n_points != (int)mark)
        return false;
    }
  return true;
}

static gpointer
read_until_done (gpointer data)
{
  Race *race = data;
  DwSlotCopy copy = { 0 };
  uint64_t last = 0;

  while (!atomic_load (&race->is_done))
    {
      uint64_t epoch = dw_slot_read (race->slot, SECOND, &copy);

      if (epoch != copy.epoch || epoch < last || !copy_is_whole (&copy))
        return GINT_TO_POINTER (FALSE);
      last = epoch;
      if (!(epoch & 1))
        atomic_fetch_add (&race->n_open, 1);
    }
  return GINT_TO_POINTER (TRUE);
}

GST_START_TEST (readers_beside_a_writer_see_whole_terms_or_none)
{
  Race race = { .slot = dw_slot_new () };
  GThread *readers[N_READERS];

  for (int i = 0; i < N_READERS; i++)
    readers[i] = g_thread_new ("reader", read_until_done, &race);
  /* On, until the readers have met many open epochs: not by luck of timing. */
  for (uint64_t mark = 1;
       mark <= N_PUBLISHED || atomic_load (&race.n_open) < 1000; mark++)
    {
      DwTerms terms = terms_of (1 + mark % DW_MAX_TERMS, mark);

      dw_slot_publish (race.slot, &terms, 9 * SECOND, INT64_MAX);
      dw_slot_renew (race.slot, SECOND, 10 * SECOND);
      if (mark % 64 == 0)
        g_thread_yield ();
    }
  atomic_store (&race.is_done, true);
  for (int i = 0; i < N_READERS; i++)
    fail_unless (GPOINTER_TO_INT (g_thread_join (readers[i])),
                 "reader %d saw torn terms", i);
  dw_slot_unref (race.slot);
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

static void *
publish_until_done (void *data)
{
  Race *race = data;
  DwTerms terms = terms_of (DW_MAX_TERMS, 7);

  while (!atomic_load (&race->is_done))
    dw_slot_publish (race->slot, &terms, 9 * SECOND, INT64_MAX);
  return NULL;
}

GST_START_TEST (a_writer_stopped_while_writing_leaves_the_slot_closed)
{
  Race race = { .slot = dw_slot_new () };
  struct sigaction action = { .sa_handler = stop_here };
  DwSlotCopy copy = { 0 };
  bool was_inside = false;
  pthread_t writer;
  char byte = 0;

  fail_unless (pipe (stopped_pipe) == 0 && pipe (go_pipe) == 0);
  fail_unless (sigaction (SIGUSR1, &action, NULL) == 0);
  fail_unless (pthread_create (&writer, NULL, publish_until_done, &race) == 0);
  /* A writer that does nothing else is soon met inside a write. */
  for (int i = 0; i < 10000 && !was_inside; i++)
    {
      pthread_kill (writer, SIGUSR1);
      fail_unless (read (stopped_pipe[0], &byte, 1) == 1);
      dw_slot_read (race.slot, SECOND, &copy);
      was_inside = copy.epoch > 1 && (copy.epoch & 1);
      for (int k = 0; k < 100 && was_inside; k++)
        {
          fail_unless_equals_uint64 (dw_slot_read (race.slot, SECOND, &copy),
                                     copy.epoch);
          fail_unless (dw_slot_epoch (race.slot, SECOND) & 1);
          fail_unless_equals_int (copy.terms.n_terms, 0);
        }
      fail_unless (write (go_pipe[1], &byte, 1) == 1);
    }
  atomic_store (&race.is_done, true);
  pthread_join (writer, NULL);
  fail_unless (was_inside, "the writer was never met inside a write");
  /* It lived on: the share opens again. */
  fail_unless_equals_uint64 (dw_slot_read (race.slot, SECOND, &copy) & 1, 0);
  dw_slot_unref (race.slot);
}
GST_END_TEST;

static Suite *
slot_suite (void)
{
  Suite *suite = suite_create ("slot");
  TCase *tcase = tcase_create ("slot");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, a_new_slot_is_closed);
  tcase_add_test (tcase, what_is_published_is_read);
  tcase_add_test (tcase, each_publishing_takes_a_new_even_epoch);
  tcase_add_test (tcase, a_lease_that_runs_out_closes_and_stays_run_out);
  tcase_add_test (tcase,
                  a_lease_a_reader_found_run_out_is_not_renewed_from_the_past);
  tcase_add_test (tcase, no_lease_reaches_beyond_the_next_change);
  tcase_add_test (tcase, closing_holds_until_published_again);
  tcase_add_test (tcase, a_clock_that_cannot_be_read_sees_a_closed_slot);
  tcase_add_test (tcase, more_terms_than_there_is_room_for_are_none);
  tcase_add_test (tcase, readers_beside_a_writer_see_whole_terms_or_none);
  tcase_add_test (tcase, a_writer_stopped_while_writing_leaves_the_slot_closed);
  return suite;
}

GST_CHECK_MAIN (slot);
