/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attacks on whole pipelines: a recording that is called live, a revocation
 * while everything stands still. */
#include "filtertest.h"

static void
note_level (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  DwLevel *highest = data;

  (void)sink;
  (void)pad;
  *highest = MAX (*highest, test_level_of (buffer));
}

/* The highest level in which Ann sees what `source` makes, by a live grant. */
static DwLevel
level_of_source (const gchar *source)
{
  TestLedger ledger = test_ledger_new ();
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);
  gchar *text = g_strdup_printf (
      "%s num-buffers=5 ! video/x-raw,format=I420,width=64,height=48 ! "
      "consentfilter ledger=%s camera=front recipient=ann "
      "recipient-class=household ! fakesink name=sink signal-handoffs=true",
      source, ledger.path);
  DwLevel highest = DW_LEVEL_NOTHING;
  GstElement *pipeline, *sink;
  GstMessage *message;
  GstBus *bus;

  test_ledger_add (&ledger, &grant);
  pipeline = gst_parse_launch (text, NULL);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  bus = gst_element_get_bus (pipeline);
  g_signal_connect (sink, "handoff", G_CALLBACK (note_level), &highest);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
                                        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  test_ledger_free (&ledger);
  g_free (text);
  return highest;
}

GST_START_TEST (live_grant_does_not_open_a_recording_that_is_called_live)
{
  fail_unless_equals_int (level_of_source ("videotestsrc is-live=true"),
                          DW_LEVEL_CLEAR);
  fail_unless_equals_int (level_of_source ("videotestsrc"), DW_LEVEL_NOTHING);
}
GST_END_TEST

/* Buffers at the sink, and the highest level among them since the last reset.
 */
typedef struct
{
  GMutex lock;
  GCond cond;
  guint n;
  DwLevel highest;
} Watched;

static void
watch_level (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  Watched *watched = data;

  g_mutex_lock (&watched->lock);
  watched->n++;
  note_level (sink, buffer, pad, &watched->highest);
  g_cond_signal (&watched->cond);
  g_mutex_unlock (&watched->lock);
}

/* Until `n` buffers, one of them of `level` at least, have come. */
static void
wait_for_buffers (Watched *watched, guint n, DwLevel level)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  g_mutex_lock (&watched->lock);
  while (watched->n < n || watched->highest < level)
    fail_unless (g_cond_wait_until (&watched->cond, &watched->lock, deadline));
  g_mutex_unlock (&watched->lock);
}

static void
wait_for_a_flush (GstElement *gate)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  guint64 n_flushes = 0;

  while (n_flushes == 0)
    {
      GstStructure *stats = NULL;

      fail_unless (g_get_monotonic_time () < deadline);
      g_object_get (gate, "stats", &stats, NULL);
      gst_structure_get_uint64 (stats, "flushes", &n_flushes);
      gst_structure_free (stats);
      g_thread_yield ();
    }
}

GST_START_TEST (revoked_while_paused_is_not_shown_when_it_goes_on)
{
  Watched watched = { 0 };
  TestLedger ledger = test_ledger_new ();
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);
  guint64 sequence = test_ledger_add (&ledger, &grant);
  gchar *text = g_strdup_printf (
      "videotestsrc is-live=true ! video/x-raw,format=I420,width=64,height=48 "
      "! queue ! consentfilter ledger=%s camera=front recipient=ann "
      "recipient-class=household ! x264enc bframes=2 ! queue ! consentgate "
      "name=gate ! queue ! h264parse ! queue ! fakesink name=sink sync=true "
      "signal-handoffs=true",
      ledger.path);
  GstElement *pipeline = gst_parse_launch (text, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstElement *gate = gst_bin_get_by_name (GST_BIN (pipeline), "gate");

  g_mutex_init (&watched.lock);
  g_cond_init (&watched.cond);
  g_signal_connect (sink, "handoff", G_CALLBACK (watch_level), &watched);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for_buffers (&watched, 5, DW_LEVEL_CLEAR);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  test_ledger_revoke (&ledger, sequence);
  wait_for_a_flush (gate);
  g_mutex_lock (&watched.lock);
  watched.n = 0;
  watched.highest = DW_LEVEL_NOTHING;
  g_mutex_unlock (&watched.lock);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for_buffers (&watched, 10, DW_LEVEL_NOTHING);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless_equals_int (watched.highest, DW_LEVEL_NOTHING);
  gst_object_unref (gate);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_cond_clear (&watched.cond);
  g_mutex_clear (&watched.lock);
  test_ledger_free (&ledger);
  g_free (text);
}
GST_END_TEST

static Suite *
attack_stream_suite (void)
{
  Suite *suite = suite_create ("attack-stream");
  TCase *tcase = tcase_create ("all");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 100);
  tcase_add_test (tcase,
                  live_grant_does_not_open_a_recording_that_is_called_live);
  tcase_add_test (tcase, revoked_while_paused_is_not_shown_when_it_goes_on);
  return suite;
}

GST_CHECK_MAIN (attack_stream);
