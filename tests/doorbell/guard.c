/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard, and every way around it that came to mind. The guarded element
 * is an ordinary source: nothing here knows a camera. */
#include "dwtest.h"

#include "gstdoorbellguard.h"
#include "plugin.h"

#include <gst/app/gstappsink.h>

typedef enum
{
  CLEAN = 0, /* under network and all */
  FILE_ONLY, /* clean under network, refused under all */
  REFUSED,   /* under both */
} Expected;

typedef struct
{
  const gchar *launch; /* behind "fakesrc name=door ! " */
  Expected expected;
} Row;

static const Row rows[] = {
  { "fakesink", CLEAN },
  { "fakevideosink", CLEAN },
  { "autovideosink", CLEAN },
  { "fpsdisplaysink", CLEAN },
  { "autoaudiosink", CLEAN },
  { "queue", CLEAN },
  { "decodebin", CLEAN },
  { "tee name=t ! queue ! fakesink t. ! queue ! fakevideosink", CLEAN },
  { "consentgate ! udpsink", CLEAN },
  { "x264enc ! consentgate ! rtph264pay ! udpsink", CLEAN },
  { "consentgate ! tee name=t ! appsink t. ! udpsink", CLEAN },
  { "( identity ! consentgate ! identity ) ! udpsink", CLEAN },
  { "sharesink", CLEAN },
  { "filesink location=/tmp/doorbell-guard.bin", FILE_ONLY },
  { "x264enc ! mp4mux ! filesink location=/tmp/doorbell-guard.mp4", FILE_ONLY },
  { "multifilesink location=/tmp/doorbell-guard%d.bin", FILE_ONLY },
  { "filesink location=/dev/null", FILE_ONLY },
  { "filesink location=/proc/self/fd/1", REFUSED },
  { "filesink location=/dev/tty", REFUSED },
  { "fdsink", REFUSED },
  { "udpsink", REFUSED },
  { "multiudpsink", REFUSED },
  { "tcpclientsink", REFUSED },
  { "tcpserversink", REFUSED },
  { "multifdsink", REFUSED },
  { "rtmpsink location=rtmp://192.0.2.1/x", REFUSED },
  { "rtmp2sink", REFUSED },
  { "srtsink", REFUSED },
  { "souphttpclientsink location=http://192.0.2.1/", REFUSED },
  { "curlhttpsink", REFUSED },
  { "rtspclientsink location=rtsp://192.0.2.1/x", REFUSED },
  { "hlssink2", REFUSED },
  { "appsink", REFUSED },
  { "proxysink", REFUSED },
  { "shmsink socket-path=/tmp/doorbell-guard.sock", REFUSED },
  { "intervideosink", REFUSED },
  { "interaudiosink", REFUSED },
  { "gdkpixbufsink", REFUSED },
  { "v4l2sink", REFUSED },
  { "pulsesink server=192.0.2.1", REFUSED },
  { "pulsesink server=unix:/run/doorbell-guard", CLEAN },
  { "pipewiresink", REFUSED },
  { "adder ! consentgate ! udpsink", REFUSED },
  { "audiomixer ! consentgate ! udpsink", CLEAN },
  { "rtph264pay ! fakesink", REFUSED },
  { "gdppay ! fakesink", REFUSED },
  { "identity ! identity ! identity ! appsink", REFUSED },
  { "valve drop=true ! appsink", REFUSED },
  { "tee name=t ! fakesink t. ! queue ! appsink", REFUSED },
  { "tee name=t ! consentgate ! appsink t. ! appsink", REFUSED },
  { "queue ! ( queue ! ( queue ! appsink ) )", REFUSED },
  { "( queue ) ! ( identity ) ! udpsink", REFUSED },
  { "identity name=consentgate ! udpsink", REFUSED },
  { "fakesink name=consentgate", CLEAN },
  { "funnel ! appsink", REFUSED },
  { "input-selector ! appsink", REFUSED },
  { "output-selector name=o ! fakesink o. ! appsink", REFUSED },
  { "r.send_rtp_sink_0 rtpbin name=r", REFUSED },
};

static void
count_call (const gchar *way, gpointer user_data)
{
  fail_unless (way != NULL && way[0] != '\0');
  g_atomic_int_inc ((gint *)user_data);
}

static void
count_buffer (GstElement *sink, GstBuffer *buffer, GstPad *pad,
              gpointer user_data)
{
  (void)sink;
  (void)buffer;
  (void)pad;
  g_atomic_int_inc ((gint *)user_data);
}

static GstElement *
launch (const gchar *text)
{
  GError *error = NULL;
  GstElement *pipeline
      = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);

  if (pipeline == NULL)
    printf ("SKIP: %s: %s\n", text, error->message);
  g_clear_error (&error);
  return pipeline;
}

static gboolean
is_clean (GstElement *pipeline, GstDoorbellEnforce enforce)
{
  GstElement *door = gst_bin_get_by_name (GST_BIN (pipeline), "door");
  gint calls = 0;
  GstDoorbellGuard *guard
      = gst_doorbell_guard_new (door, enforce, count_call, &calls);
  gchar *way = NULL;
  const gboolean result = gst_doorbell_guard_check (guard, &way);

  fail_unless (result == (way == NULL));
  fail_unless (result == !gst_doorbell_guard_is_closed (guard));
  fail_unless (way == NULL || g_str_has_prefix (way, "door.src ! "), "%s", way);
  fail_unless_equals_int (calls, 0);
  g_free (way);
  gst_doorbell_guard_free (guard);
  gst_object_unref (door);
  return result;
}

GST_START_TEST (ways_are_judged_by_the_table)
{
  gint n_judged = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gchar *text = g_strconcat ("fakesrc name=door ! ", rows[i].launch, NULL);
      GstElement *pipeline = launch (text);

      if (pipeline)
        {
          fail_unless (is_clean (pipeline, GST_DOORBELL_ENFORCE_NONE));
          fail_unless (is_clean (pipeline, GST_DOORBELL_ENFORCE_NETWORK)
                           == (rows[i].expected != REFUSED),
                       "network: %s", text);
          fail_unless (is_clean (pipeline, GST_DOORBELL_ENFORCE_ALL)
                           == (rows[i].expected == CLEAN),
                       "all: %s", text);
          gst_object_unref (pipeline);
          n_judged++;
        }
      g_free (text);
    }
  printf ("%d of %u ways judged\n", n_judged, (guint)G_N_ELEMENTS (rows));
  fail_unless (n_judged > (gint)G_N_ELEMENTS (rows) / 2);
}

GST_END_TEST

/* -- A pipeline that plays, and ways that are made meanwhile ------------ */

typedef struct
{
  GstElement *pipeline, *door, *tee;
  GstDoorbellGuard *guard;
  gint n_calls;
  gint n_leaked; /* buffers that reached an appsink */
  gint n_seen;   /* buffers that reached the allowed sink */
} Stage;

static void
stage_set_up (Stage *stage)
{
  gchar *way = NULL;
  GstElement *sink;

  memset (stage, 0, sizeof *stage);
  stage->pipeline
      = launch ("fakesrc name=door is-live=true do-timestamp=true sizetype=2 "
                "sizemax=64 datarate=200000 ! tee name=t allow-not-linked=true "
                "! queue ! fakesink name=good signal-handoffs=true sync=false");
  fail_unless (stage->pipeline != NULL);
  stage->door = gst_bin_get_by_name (GST_BIN (stage->pipeline), "door");
  stage->tee = gst_bin_get_by_name (GST_BIN (stage->pipeline), "t");
  sink = gst_bin_get_by_name (GST_BIN (stage->pipeline), "good");
  g_signal_connect (sink, "handoff", G_CALLBACK (count_buffer), &stage->n_seen);
  gst_object_unref (sink);
  stage->guard = gst_doorbell_guard_new (
      stage->door, GST_DOORBELL_ENFORCE_NETWORK, count_call, &stage->n_calls);
  fail_unless (gst_doorbell_guard_check (stage->guard, &way));
  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
}

static void
stage_tear_down (Stage *stage)
{
  gst_element_set_state (stage->pipeline, GST_STATE_NULL);
  gst_doorbell_guard_free (stage->guard);
  gst_object_unref (stage->tee);
  gst_object_unref (stage->door);
  gst_object_unref (stage->pipeline);
}

/* Waits until the allowed branch has seen `n` more buffers. */
static void
stage_flow (Stage *stage, gint n)
{
  const gint until = g_atomic_int_get (&stage->n_seen) + n;
  const gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (g_atomic_int_get (&stage->n_seen) < until)
    {
      fail_unless (g_get_monotonic_time () < end, "nothing flows");
      g_usleep (1000);
    }
}

static GstPadProbeReturn
count_leak (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  (void)pad;
  (void)info;
  g_atomic_int_inc ((gint *)user_data);
  return GST_PAD_PROBE_OK;
}

static GstElement *
make_forbidden (Stage *stage)
{
  GstElement *sink = gst_element_factory_make ("appsink", NULL);
  GstPad *pad = gst_element_get_static_pad (sink, "sink");

  g_object_set (sink, "async", FALSE, "sync", FALSE, "drop", TRUE,
                "max-buffers", 1, NULL);
  gst_pad_add_probe (pad,
                     GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
                     count_leak, &stage->n_leaked, NULL);
  gst_object_unref (pad);
  return sink;
}

static void
expect_refused (Stage *stage)
{
  stage_flow (stage, 20);
  fail_unless_equals_int (g_atomic_int_get (&stage->n_calls), 1);
  fail_unless_equals_int (g_atomic_int_get (&stage->n_leaked), 0);
  fail_unless (gst_doorbell_guard_is_closed (stage->guard));
}

GST_START_TEST (a_late_branch_of_a_tee_gets_nothing)
{
  Stage stage;
  GstElement *queue = gst_element_factory_make ("queue", NULL);
  GstElement *sink;

  stage_set_up (&stage);
  sink = make_forbidden (&stage);
  stage_flow (&stage, 5);
  gst_bin_add_many (GST_BIN (stage.pipeline), queue, sink, NULL);
  fail_unless (gst_element_link (queue, sink));
  gst_element_sync_state_with_parent (sink);
  gst_element_sync_state_with_parent (queue);
  fail_unless_equals_int (stage.n_calls, 0);
  fail_unless (gst_element_link (stage.tee, queue));
  expect_refused (&stage);
  stage_tear_down (&stage);
}

GST_END_TEST

GST_START_TEST (a_way_that_is_finished_at_its_far_end_gets_nothing)
{
  Stage stage;
  GstElement *queue = gst_element_factory_make ("queue", NULL);
  GstElement *sink;

  stage_set_up (&stage);
  sink = make_forbidden (&stage);
  g_object_set (queue, "leaky", 2, NULL);
  gst_bin_add_many (GST_BIN (stage.pipeline), queue, sink, NULL);
  gst_element_sync_state_with_parent (queue);
  fail_unless (gst_element_link (stage.tee, queue));
  fail_unless_equals_int (stage.n_calls, 0);
  gst_element_sync_state_with_parent (sink);
  fail_unless (gst_element_link (queue, sink));
  expect_refused (&stage);
  stage_tear_down (&stage);
}

GST_END_TEST

/* The queue before the relinked pad is full of frames of the time before. */
GST_START_TEST (a_relinked_pad_gets_nothing)
{
  Stage stage;
  GstElement *identity = gst_element_factory_make ("identity", NULL);
  GstElement *allowed = gst_element_factory_make ("fakesink", NULL);
  GstElement *sink;

  stage_set_up (&stage);
  sink = make_forbidden (&stage);
  g_object_set (allowed, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add_many (GST_BIN (stage.pipeline), identity, allowed, sink, NULL);
  fail_unless (gst_element_link (identity, allowed));
  gst_element_sync_state_with_parent (sink);
  gst_element_sync_state_with_parent (allowed);
  gst_element_sync_state_with_parent (identity);
  fail_unless (gst_element_link (stage.tee, identity));
  stage_flow (&stage, 10);
  fail_unless_equals_int (stage.n_calls, 0);
  gst_element_unlink (identity, allowed);
  fail_unless (gst_element_link (identity, sink));
  expect_refused (&stage);
  stage_tear_down (&stage);
}

GST_END_TEST

GST_START_TEST (a_ghost_pad_with_a_new_target_gets_nothing)
{
  Stage stage;
  GstElement *bin = gst_bin_new ("box");
  GstElement *inner = gst_bin_new ("inner");
  GstElement *allowed = gst_element_factory_make ("fakesink", NULL);
  GstElement *sink;
  GstPad *ghost, *pad;

  stage_set_up (&stage);
  sink = make_forbidden (&stage);
  g_object_set (allowed, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add (GST_BIN (inner), sink);
  gst_bin_add_many (GST_BIN (bin), allowed, inner, NULL);
  pad = gst_element_get_static_pad (allowed, "sink");
  ghost = gst_ghost_pad_new ("sink", pad);
  gst_object_unref (pad);
  gst_element_add_pad (bin, ghost);
  pad = gst_element_get_static_pad (sink, "sink");
  gst_element_add_pad (inner, gst_ghost_pad_new ("sink", pad));
  gst_object_unref (pad);
  gst_bin_add (GST_BIN (stage.pipeline), bin);
  gst_element_sync_state_with_parent (bin);
  fail_unless (gst_element_link (stage.tee, bin));
  stage_flow (&stage, 10);
  fail_unless_equals_int (stage.n_calls, 0);
  pad = gst_element_get_static_pad (inner, "sink");
  fail_unless (gst_ghost_pad_set_target (GST_GHOST_PAD (ghost), pad));
  gst_object_unref (pad);
  expect_refused (&stage);
  stage_tear_down (&stage);
}

GST_END_TEST

static void
link_to_forbidden (GstElement *element, GstPad *pad, gpointer user_data)
{
  Stage *stage = user_data;
  GstElement *sink = make_forbidden (stage);
  GstPad *target = gst_element_get_static_pad (sink, "sink");

  (void)element;
  gst_bin_add (GST_BIN (stage->pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  fail_unless (GST_PAD_LINK_SUCCESSFUL (gst_pad_link (pad, target)));
  gst_object_unref (target);
}

GST_START_TEST (a_pad_that_decodebin_adds_gets_nothing)
{
  Stage stage;
  GstElement *chain, *decode;

  memset (&stage, 0, sizeof stage);
  stage.pipeline
      = launch ("videotestsrc name=door is-live=true ! jpegenc ! tee name=t ! "
                "queue ! fakesink name=good signal-handoffs=true sync=false");
  stage.door = gst_bin_get_by_name (GST_BIN (stage.pipeline), "door");
  stage.tee = gst_bin_get_by_name (GST_BIN (stage.pipeline), "t");
  chain = gst_bin_get_by_name (GST_BIN (stage.pipeline), "good");
  g_signal_connect (chain, "handoff", G_CALLBACK (count_buffer), &stage.n_seen);
  gst_object_unref (chain);
  stage.guard = gst_doorbell_guard_new (
      stage.door, GST_DOORBELL_ENFORCE_NETWORK, count_call, &stage.n_calls);
  decode = gst_element_factory_make ("decodebin", NULL);
  g_signal_connect (decode, "pad-added", G_CALLBACK (link_to_forbidden),
                    &stage);
  gst_bin_add (GST_BIN (stage.pipeline), decode);
  fail_unless (gst_element_link (stage.tee, decode));
  gst_doorbell_guard_update (stage.guard);
  fail_unless_equals_int (stage.n_calls, 0);
  gst_element_set_state (stage.pipeline, GST_STATE_PLAYING);
  expect_refused (&stage);
  stage_tear_down (&stage);
}

GST_END_TEST

/* Other threads make and break ways as fast as they can. */
static gpointer
link_at_random (gpointer user_data)
{
  Stage *stage = user_data;

  for (gint i = 0; i < 150; i++)
    {
      GstElement *sink = make_forbidden (stage);
      GstPad *pad, *target = gst_element_get_static_pad (sink, "sink");

      gst_bin_add (GST_BIN (stage->pipeline), sink);
      gst_element_sync_state_with_parent (sink);
      pad = gst_element_request_pad_simple (stage->tee, "src_%u");
      fail_unless (GST_PAD_LINK_SUCCESSFUL (gst_pad_link (pad, target)));
      g_usleep ((gulong)g_random_int_range (0, 2000));
      gst_pad_unlink (pad, target);
      gst_element_release_request_pad (stage->tee, pad);
      gst_object_unref (pad);
      gst_object_unref (target);
      /* The pipeline may still be on its way to PLAYING with its children. */
      gst_element_set_locked_state (sink, TRUE);
      gst_element_set_state (sink, GST_STATE_NULL);
      gst_bin_remove (GST_BIN (stage->pipeline), sink);
    }
  return NULL;
}

GST_START_TEST (a_storm_of_links_lets_nothing_through)
{
  Stage stage;
  GThread *threads[2];

  stage_set_up (&stage);
  stage_flow (&stage, 5);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("linker", link_at_random, &stage);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  stage_flow (&stage, 10);
  fail_unless (g_atomic_int_get (&stage.n_calls) >= 1);
  fail_unless_equals_int (g_atomic_int_get (&stage.n_leaked), 0);
  stage_tear_down (&stage);
}

GST_END_TEST

/* The first handler of the tee's signal runs before the guard's: there the new
 * pad is linked, and buffers are waited for, before the guard has heard of it.
 */
static void
link_before_the_guard_hears (GstElement *tee, GstPad *pad, gpointer user_data)
{
  Stage *stage = user_data;
  GstElement *sink = make_forbidden (stage);
  GstPad *target = gst_element_get_static_pad (sink, "sink");

  (void)tee;
  gst_bin_add (GST_BIN (stage->pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  fail_unless (GST_PAD_LINK_SUCCESSFUL (gst_pad_link (pad, target)));
  gst_object_unref (target);
  stage_flow (stage, 20);
}

GST_START_TEST (a_pad_that_is_linked_before_its_signal_gets_nothing)
{
  Stage stage;
  GstPad *pad;
  gchar *way = NULL;

  stage_set_up (&stage);
  /* Connected before the guard's own: the guard begins anew. */
  gst_doorbell_guard_free (stage.guard);
  g_signal_connect (stage.tee, "pad-added",
                    G_CALLBACK (link_before_the_guard_hears), &stage);
  stage.guard = gst_doorbell_guard_new (
      stage.door, GST_DOORBELL_ENFORCE_NETWORK, count_call, &stage.n_calls);
  fail_unless (gst_doorbell_guard_check (stage.guard, &way));
  pad = gst_element_request_pad_simple (stage.tee, "src_%u");
  /* One buffer may have entered the tee before the pad was there. */
  fail_unless (g_atomic_int_get (&stage.n_leaked) <= 1, "%d", stage.n_leaked);
  fail_unless_equals_int (g_atomic_int_get (&stage.n_calls), 1);
  gst_object_unref (pad);
  stage_tear_down (&stage);
}

GST_END_TEST

GST_START_TEST (a_loop_ends_the_walk)
{
  GstElement *pipeline
      = launch ("fakesrc name=door ! funnel name=f ! tee name=t ! queue ! f. "
                "t. ! queue ! fakesink");

  fail_unless (pipeline != NULL);
  fail_unless (is_clean (pipeline, GST_DOORBELL_ENFORCE_ALL));
  gst_object_unref (pipeline);
}

GST_END_TEST

GST_START_TEST (streams_of_a_multiqueue_are_told_apart)
{
  GstElement *own = launch (
      "multiqueue name=m fakesrc name=door ! m.sink_0 m.src_0 ! fakesink "
      "fakesrc ! m.sink_1 m.src_1 ! appsink");
  GstElement *crossed
      = launch ("multiqueue name=m fakesrc ! m.sink_0 m.src_0 ! fakesink "
                "fakesrc name=door ! m.sink_1 m.src_1 ! appsink");

  fail_unless (own != NULL && crossed != NULL);
  fail_unless (is_clean (own, GST_DOORBELL_ENFORCE_ALL));
  fail_if (is_clean (crossed, GST_DOORBELL_ENFORCE_NETWORK));
  gst_object_unref (own);
  gst_object_unref (crossed);
}

GST_END_TEST

GST_START_TEST (a_way_that_was_taken_away_opens_at_the_next_check)
{
  Stage stage;
  GstElement *sink;
  gchar *way = NULL;

  stage_set_up (&stage);
  sink = make_forbidden (&stage);
  gst_bin_add (GST_BIN (stage.pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  fail_unless (gst_element_link (stage.tee, sink));
  expect_refused (&stage);
  /* The pipeline may still be on its way to PLAYING, and take it along. */
  gst_element_set_locked_state (sink, TRUE);
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_element_unlink (stage.tee, sink);
  gst_bin_remove (GST_BIN (stage.pipeline), sink);
  fail_unless (gst_doorbell_guard_is_closed (stage.guard));
  fail_unless (gst_doorbell_guard_check (stage.guard, &way));
  fail_if (gst_doorbell_guard_is_closed (stage.guard));
  stage_tear_down (&stage);
}

GST_END_TEST

GST_START_TEST (a_harness_counts_as_a_way_out)
{
  GstElement *door = gst_element_factory_make ("fakesrc", "door");
  GstPad *src = gst_element_get_static_pad (door, "src");
  GstPad *loose = gst_pad_new ("loose", GST_PAD_SINK);
  gint calls = 0;
  GstDoorbellGuard *guard = gst_doorbell_guard_new (
      door, GST_DOORBELL_ENFORCE_NETWORK, count_call, &calls);
  gchar *way = NULL;

  gst_pad_set_active (loose, TRUE);
  fail_unless (GST_PAD_LINK_SUCCESSFUL (gst_pad_link (src, loose)));
  fail_if (gst_doorbell_guard_check (guard, &way));
  g_free (way);
  gst_doorbell_guard_free (guard);
  gst_pad_unlink (src, loose);
  gst_object_unref (src);
  gst_object_unref (loose);
  gst_object_unref (door);
}

GST_END_TEST

static Suite *
guard_suite (void)
{
  Suite *suite = suite_create ("doorbell-guard");
  TCase *tcase = tcase_create ("ways");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 100);
  tcase_add_test (tcase, ways_are_judged_by_the_table);
  tcase_add_test (tcase, a_late_branch_of_a_tee_gets_nothing);
  tcase_add_test (tcase, a_way_that_is_finished_at_its_far_end_gets_nothing);
  tcase_add_test (tcase, a_relinked_pad_gets_nothing);
  tcase_add_test (tcase, a_ghost_pad_with_a_new_target_gets_nothing);
  tcase_add_test (tcase, a_pad_that_decodebin_adds_gets_nothing);
  tcase_add_test (tcase, a_storm_of_links_lets_nothing_through);
  tcase_add_test (tcase, a_pad_that_is_linked_before_its_signal_gets_nothing);
  tcase_add_test (tcase, a_loop_ends_the_walk);
  tcase_add_test (tcase, streams_of_a_multiqueue_are_told_apart);
  tcase_add_test (tcase, a_way_that_was_taken_away_opens_at_the_next_check);
  tcase_add_test (tcase, a_harness_counts_as_a_way_out);
  return suite;
}

GST_CHECK_MAIN (guard)
