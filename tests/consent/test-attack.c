/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways around consent that came to mind: what misleads the mask, what rides
 * along, and what reaches the share's side before the gate has judged. */
#include "attacktest.h"

static gboolean
remove_each (GstBuffer *buffer, GstMeta **meta, gpointer data)
{
  (void)buffer;
  (void)data;
  *meta = NULL;
  return TRUE;
}

/* What Ann sees, masked, of a visitor behind `launch`. */
static GstBuffer *
seen_behind (const gchar *launch, guint32 seed)
{
  TestLedger ledger = test_ledger_new ();
  DwGrant grant = test_grant (DW_LEVEL_MASKED);
  gchar *text = g_strdup_printf ("%s ! consentfilter ledger=%s camera=front "
                                 "recipient=ann recipient-class=household",
                                 launch, ledger.path);
  GstHarness *h;
  GstBuffer *out;

  test_ledger_add (&ledger, &grant);
  h = gst_harness_new_parse (text);
  gst_harness_set_src_caps (
      h, test_video_caps (GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT));
  out = gst_harness_push_and_pull (h, visitor (seed));
  fail_unless (out != NULL, "nothing behind %s", launch);
  fail_unless_equals_int (test_level_of (out), DW_LEVEL_MASKED);
  gst_harness_teardown (h);
  test_ledger_free (&ledger);
  g_free (text);
  return out;
}

static void
check_hidden_behind (const gchar *launch)
{
  GstBuffer *one = seen_behind (launch, 1);
  GstBuffer *other = seen_behind (launch, 2);

  fail_unless (test_same_bytes (one, other), "seen behind %s", launch);
  gst_buffer_unref (one);
  gst_buffer_unref (other);
}

GST_START_TEST (mask_follows_whatever_moves_the_picture)
{
  static const gchar *const ways[] = {
    "identity",
    "videoscale ! capsfilter caps=video/x-raw,width=640,height=480",
    "videoscale ! "
    "capsfilter caps=video/x-raw,width=320,height=320,pixel-aspect-ratio=1/1",
    "videoscale ! "
    "capsfilter caps=video/x-raw,width=640,height=240,pixel-aspect-ratio=1/1",
    "videocrop bottom=64 top=56",
    "videoflip video-direction=horiz",
    "videoflip video-direction=180",
    "videobox left=-64 bottom=-64",
    "videobox right=160",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    check_hidden_behind (ways[i]);
}
GST_END_TEST

GST_START_TEST (motion_boxes_without_their_foreground_say_nothing)
{
  TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
  GstBuffer *out[2];
  GstVideoInfo info;

  test_filter_set_video (&self, &info, GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  for (guint i = 0; i < 2; i++)
    {
      GstBuffer *in = visitor (1);

      gst_buffer_memset (in, 0, (guint8)i, 64);
      gst_buffer_remove_meta (in,
                              (GstMeta *)gst_buffer_get_foreground_meta (in));
      out[i] = test_filter_treat (&self, in);
    }
  fail_unless (test_same_bytes (out[0], out[1]));
  gst_buffer_unref (out[0]);
  gst_buffer_unref (out[1]);
  test_filter_free (&self);
}
GST_END_TEST

/* One grant hides what is private in the whole picture, where nobody knows what
 * is; another one shows a region. Together they show no more than the first. */
GST_START_TEST (region_of_another_grant_lifts_no_mask)
{
  TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);
  GstBuffer *out[2];
  GstVideoInfo info;

  grant.n_regions = 1;
  grant.regions[0]
      = (DwPolygon){ 4, { { 0, 0 }, { 0.5f, 0 }, { 0.5f, 1 }, { 0, 1 } } };
  test_ledger_add (&self.ledger, &grant);
  gst_element_set_state (self.filter, GST_STATE_READY);
  gst_harness_play (self.h);
  test_filter_set_video (&self, &info, GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  for (guint i = 0; i < 2; i++)
    {
      GstBuffer *in = visitor (1 + i);

      gst_buffer_foreach_meta (in, remove_each, NULL);
      out[i] = test_filter_treat (&self, in);
      fail_unless_equals_int (test_level_of (out[i]), DW_LEVEL_MASKED);
    }
  fail_unless (test_same_bytes (out[0], out[1]));
  gst_buffer_unref (out[0]);
  gst_buffer_unref (out[1]);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (two_foregrounds_hide_everything)
{
  TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
  GstBuffer *out[2];
  GstVideoInfo info;

  test_filter_set_video (&self, &info, GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  for (guint i = 0; i < 2; i++)
    {
      GstBuffer *in = visitor (1);
      GBytes *cells = g_bytes_new_take (g_malloc0 (GRID_COLUMNS * GRID_ROWS),
                                        GRID_COLUMNS * GRID_ROWS);

      gst_buffer_memset (in, 0, (guint8)i, 64);
      gst_buffer_add_foreground_meta (
          in,
          &(GstForegroundGrid){ WIDTH, HEIGHT, GRID_COLUMNS, GRID_ROWS, 16 },
          TRUE, cells);
      g_bytes_unref (cells);
      out[i] = test_filter_treat (&self, in);
    }
  fail_unless (test_same_bytes (out[0], out[1]));
  gst_buffer_unref (out[0]);
  gst_buffer_unref (out[1]);
  test_filter_free (&self);
}
GST_END_TEST

/* A sink's own memory may be open to others: shmsink's is. */
GST_START_TEST (memory_of_the_sink_is_not_offered_through_a_gate)
{
  GstHarness *h = gst_harness_new ("consentgate");
  GstCaps *caps = test_video_caps (GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  GstQuery *query = gst_query_new_allocation (caps, TRUE);

  gst_harness_add_propose_allocation_meta (h, GST_VIDEO_META_API_TYPE, NULL);
  gst_harness_set_src_caps (h, gst_caps_ref (caps));
  fail_if (gst_pad_peer_query (h->srcpad, query));
  gst_query_unref (query);
  gst_caps_unref (caps);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Counts places where `text` stands in a buffer. */
static guint
count_text (GstBuffer *buffer, const gchar *text)
{
  gsize length = strlen (text);
  GstMapInfo map;
  guint n = 0;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (gsize at = 0; at + length <= map.size; at++)
    n += memcmp (map.data + at, text, length) == 0;
  gst_buffer_unmap (buffer, &map);
  return n;
}

static void
count_rider (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  guint *counts = data;

  (void)sink;
  (void)pad;
  counts[0]++;
  counts[1] += count_text (buffer, "visitor");
}

/* A private stream that no filter saw, muxed in front of `gate`: of its tags
 * the muxer makes boxes that need no clearance. Returns how often they came
 * out. */
static guint
riders_behind (const gchar *gate, guint *n_buffers)
{
  gchar *text = g_strconcat (
      "videotestsrc num-buffers=20 ! video/x-raw,width=16,height=16 ! jpegenc "
      "! taginject tags=\"title=visitor,comment=visitor\" ! qtmux "
      "fragment-duration=100 ! ",
      gate, "fakesink name=sink signal-handoffs=true sync=false", NULL);
  GstElement *pipeline = gst_parse_launch (text, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  guint counts[2] = { 0 };
  GstMessage *message;

  g_signal_connect (sink, "handoff", G_CALLBACK (count_rider), counts);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
                                        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (text);
  *n_buffers = counts[0];
  return counts[1];
}

GST_START_TEST (tags_do_not_ride_along_in_a_muxer_s_header)
{
  guint n_buffers;

  fail_unless (riders_behind ("", &n_buffers) > 0);
  fail_unless_equals_int (
      riders_behind ("consentgate flush=false ! ", &n_buffers), 0);
  fail_unless_equals_int (n_buffers, 2);
}
GST_END_TEST

/* Level of `seconds` of sound from a recording's position `at` on, of which ten
 * seconds from position 10 on were granted. */
static DwLevel
level_of_sound (guint at, guint seconds)
{
  TestFilter self
      = test_filter_new (DW_LEVEL_NOTHING, "live", FALSE, "footage-start",
                         "2026-01-02T03:04:00Z", "when-denied", 1, NULL);
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);
  GRand *rand = g_rand_new_with_seed (8);
  GstBuffer *in = test_noise (rand, 8000 * seconds), *out;
  DwLevel level;

  grant.share.is_live = false;
  grant.has_audio = true;
  dw_time_parse ("2026-01-02T03:04:10Z", 0, &grant.footage_from_ns);
  dw_time_parse ("2026-01-02T03:04:20Z", 0, &grant.footage_until_ns);
  test_ledger_add (&self.ledger, &grant);
  gst_element_set_state (self.filter, GST_STATE_READY);
  gst_harness_play (self.h);
  gst_harness_set_src_caps_str (self.h,
                                "audio/x-raw,format=U8,layout=interleaved,"
                                "rate=8000,channels=1");
  GST_BUFFER_PTS (in) = at * GST_SECOND;
  GST_BUFFER_DURATION (in) = GST_SECOND; /* a lie is no way around */
  out = test_filter_treat (&self, in);
  level = test_level_of (out);
  gst_buffer_unref (out);
  g_rand_free (rand);
  test_filter_free (&self);
  return level;
}

GST_START_TEST (sound_that_reaches_beyond_the_window_is_withheld_whole)
{
  fail_unless_equals_int (level_of_sound (10, 10), DW_LEVEL_CLEAR);
  fail_unless_equals_int (level_of_sound (12, 3), DW_LEVEL_CLEAR);
  fail_unless_equals_int (level_of_sound (9, 2), DW_LEVEL_NOTHING);
  fail_unless_equals_int (level_of_sound (10, 11), DW_LEVEL_NOTHING);
  fail_unless_equals_int (level_of_sound (19, 60), DW_LEVEL_NOTHING);
  fail_unless_equals_int (level_of_sound (20, 1), DW_LEVEL_NOTHING);
}
GST_END_TEST

/* Somebody is seen and lost; the caps come again, with another rate. */
GST_START_TEST (new_caps_do_not_lift_a_mask_that_is_held)
{
  TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
  GstBuffer *out[2];
  GstVideoInfo info;

  test_filter_set_video (&self, &info, GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  gst_buffer_unref (test_filter_treat (&self, visitor (1)));
  for (guint i = 0; i < 2; i++)
    {
      GBytes *nobody = g_bytes_new_take (g_malloc0 (GRID_COLUMNS * GRID_ROWS),
                                         GRID_COLUMNS * GRID_ROWS);
      GstCaps *caps = test_video_caps (GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
      GstBuffer *in = visitor (1 + i);

      gst_caps_set_simple (caps, "framerate", GST_TYPE_FRACTION, 10 + (gint)i,
                           1, NULL);
      gst_harness_set_src_caps (self.h, caps);
      gst_buffer_foreach_meta (in, remove_each, NULL);
      gst_buffer_add_foreground_meta (
          in,
          &(GstForegroundGrid){ WIDTH, HEIGHT, GRID_COLUMNS, GRID_ROWS, 16 },
          TRUE, nobody);
      g_bytes_unref (nobody);
      GST_BUFFER_PTS (in) = (1 + i) * 40 * GST_MSECOND;
      out[i] = test_filter_treat (&self, in);
    }
  fail_unless (test_same_bytes (out[0], out[1]));
  gst_buffer_unref (out[0]);
  gst_buffer_unref (out[1]);
  test_filter_free (&self);
}
GST_END_TEST

/* A live source may play what it has recorded: the stamp says when it was. */
GST_START_TEST (live_grant_does_not_open_an_archive_that_is_streamed)
{
  static const gint ages[] = { 86400, -86400, 61, -61, 1, 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (ages); i++)
    {
      TestFilter self = test_filter_new (DW_LEVEL_NOTHING, NULL);
      GstCaps *unix_caps = gst_caps_new_empty_simple ("timestamp/x-unix");
      DwGrant grant = test_grant (DW_LEVEL_CLEAR);
      GstBuffer *in = visitor (1), *out;
      GstVideoInfo info;

      grant.footage_from_ns -= 2 * 86400 * DW_SECOND_NS;
      grant.footage_until_ns += 2 * 86400 * DW_SECOND_NS;
      test_ledger_add (&self.ledger, &grant);
      gst_element_set_state (self.filter, GST_STATE_READY);
      gst_harness_play (self.h);
      test_filter_set_video (&self, &info, GST_VIDEO_FORMAT_I420, WIDTH,
                             HEIGHT);
      gst_buffer_add_reference_timestamp_meta (
          in, unix_caps, (guint64)(dw_time_utc_ns () - ages[i] * DW_SECOND_NS),
          GST_CLOCK_TIME_NONE);
      gst_caps_unref (unix_caps);
      out = test_filter_treat (&self, in);
      fail_unless_equals_int (test_level_of (out), ABS (ages[i]) > 60
                                                       ? DW_LEVEL_NOTHING
                                                       : DW_LEVEL_CLEAR);
      gst_buffer_unref (out);
      test_filter_free (&self);
    }
}
GST_END_TEST

static Suite *
attack_suite (void)
{
  Suite *suite = suite_create ("attack");
  TCase *tcase = tcase_create ("all");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 100);
  tcase_add_test (tcase, mask_follows_whatever_moves_the_picture);
  tcase_add_test (tcase, motion_boxes_without_their_foreground_say_nothing);
  tcase_add_test (tcase, region_of_another_grant_lifts_no_mask);
  tcase_add_test (tcase, two_foregrounds_hide_everything);
  tcase_add_test (tcase, memory_of_the_sink_is_not_offered_through_a_gate);
  tcase_add_test (tcase, tags_do_not_ride_along_in_a_muxer_s_header);
  tcase_add_test (tcase,
                  sound_that_reaches_beyond_the_window_is_withheld_whole);
  tcase_add_test (tcase, new_caps_do_not_lift_a_mask_that_is_held);
  tcase_add_test (tcase, live_grant_does_not_open_an_archive_that_is_streamed);
  return suite;
}

GST_CHECK_MAIN (attack);
