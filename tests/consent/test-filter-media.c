/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filter on recordings, sound and JPEG pictures. */
#include "filtertest.h"
#include "jpegredact.h"

#define AUDIO_CAPS                                                             \
  "audio/x-raw,format=S16LE,rate=8000,channels=1,layout=interleaved"

/* A live grant does not cover a recording, whatever its time. */
GST_START_TEST (live_grant_is_not_for_recordings)
{
  gchar start[DW_TIME_TEXT];
  TestFilter self;

  dw_time_format (dw_time_utc_ns (), start);
  self = test_filter_new (DW_LEVEL_CLEAR, "live", FALSE, "footage-start", start,
                          "when-denied", 1, NULL);
  test_set_i420 (&self);
  fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_NOTHING);
  test_filter_free (&self);
}
GST_END_TEST

/* A filter for a recording that began at `start`, with a grant for the ten
 * seconds from then on. */
static TestFilter
recorded_filter (const gchar *start, gint when_denied)
{
  TestFilter self
      = test_filter_new (DW_LEVEL_NOTHING, "live", FALSE, "footage-start",
                         start, "when-denied", when_denied, NULL);
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);

  grant.share.is_live = false;
  fail_unless_equals_int (
      dw_time_parse ("2026-01-02T03:04:05Z", 0, &grant.footage_from_ns), DW_OK);
  grant.footage_until_ns = grant.footage_from_ns + 10 * DW_SECOND_NS;
  test_ledger_add (&self.ledger, &grant);
  gst_element_set_state (self.filter, GST_STATE_READY);
  gst_harness_play (self.h);
  test_set_i420 (&self);
  return self;
}

GST_START_TEST (recording_is_shown_within_its_window_only)
{
  TestFilter self = recorded_filter ("2026-01-02T03:04:03Z", 1);

  fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_NOTHING);
  fail_unless_equals_int (test_level_at (&self, 2 * GST_SECOND - 1),
                          DW_LEVEL_NOTHING);
  fail_unless_equals_int (test_level_at (&self, 2 * GST_SECOND),
                          DW_LEVEL_CLEAR);
  fail_unless_equals_int (test_level_at (&self, 12 * GST_SECOND - 1),
                          DW_LEVEL_CLEAR);
  fail_unless_equals_int (test_level_at (&self, 12 * GST_SECOND),
                          DW_LEVEL_NOTHING);
  fail_unless_equals_int (test_level_at (&self, GST_CLOCK_TIME_NONE),
                          DW_LEVEL_NOTHING);
  test_filter_free (&self);
}
GST_END_TEST

/* A seek starts running time again; the footage does not move. */
GST_START_TEST (seek_does_not_shift_the_footage)
{
  TestFilter self = recorded_filter ("2026-01-02T03:04:05Z", 1);
  GstSegment segment;

  fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_CLEAR);
  gst_harness_push_event (self.h, gst_event_new_flush_start ());
  gst_harness_push_event (self.h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = segment.position = 11 * GST_SECOND;
  gst_harness_push_event (self.h, gst_event_new_segment (&segment));
  fail_unless_equals_int (test_level_at (&self, 11 * GST_SECOND),
                          DW_LEVEL_NOTHING);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (recording_without_a_start_is_not_shown)
{
  TestFilter self = recorded_filter (NULL, 1);

  fail_unless_equals_int (test_level_at (&self, GST_SECOND), DW_LEVEL_NOTHING);
  test_filter_free (&self);
}
GST_END_TEST

static DwLevel
level_of_reference (TestFilter *self, const gchar *reference, gint64 time_ns)
{
  GstBuffer *buffer = test_picture (self, 0), *out;
  GstCaps *caps = gst_caps_from_string (reference);
  DwLevel level;

  gst_buffer_add_reference_timestamp_meta (buffer, caps, (guint64)time_ns,
                                           GST_CLOCK_TIME_NONE);
  gst_caps_unref (caps);
  out = test_filter_treat (self, buffer);
  level = test_level_of (out);
  fail_unless (gst_buffer_get_reference_timestamp_meta (out, NULL) == NULL);
  gst_buffer_unref (out);
  return level;
}

GST_START_TEST (reference_time_counts_more_than_the_position)
{
  TestFilter self = recorded_filter ("2026-01-02T03:04:05Z", 1);
  gint64 inside;

  dw_time_parse ("2026-01-02T03:04:06Z", 0, &inside);
  fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_CLEAR);
  fail_unless_equals_int (
      level_of_reference (&self, "timestamp/x-unix", inside), DW_LEVEL_CLEAR);
  fail_unless_equals_int (level_of_reference (&self, "timestamp/x-unix",
                                              inside + 3600 * DW_SECOND_NS),
                          DW_LEVEL_NOTHING);
  fail_unless_equals_int (
      level_of_reference (&self, "timestamp/x-ntp",
                          inside + INT64_C (2208988800) * DW_SECOND_NS),
      DW_LEVEL_CLEAR);
  fail_unless_equals_int (level_of_reference (&self, "timestamp/x-ntp", inside),
                          DW_LEVEL_NOTHING);
  fail_unless_equals_int (level_of_reference (&self, "timestamp/x-unix", 0),
                          DW_LEVEL_NOTHING);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (denied_recording_is_dropped_and_leaves_gaps)
{
  TestFilter self = recorded_filter ("2026-01-02T03:04:03Z", 0);
  gboolean has_gap = FALSE;
  GstBuffer *out;
  GstEvent *event;

  fail_unless_equals_int (gst_harness_push (self.h, test_picture (&self, 0)),
                          GST_FLOW_OK);
  fail_unless_equals_int (gst_harness_buffers_received (self.h), 0);
  while ((event = gst_harness_try_pull_event (self.h)))
    {
      has_gap |= GST_EVENT_TYPE (event) == GST_EVENT_GAP;
      gst_event_unref (event);
    }
  fail_unless (has_gap);
  out = test_filter_treat (&self, test_picture (&self, 3 * GST_SECOND));
  fail_unless (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_DISCONT));
  gst_buffer_unref (out);
  fail_unless_equals_uint64 (test_filter_stat (&self, "withheld"), 1);
  test_filter_free (&self);
}
GST_END_TEST

static gboolean
is_silent (GstBuffer *buffer)
{
  GstMapInfo map;
  gboolean is_zero = TRUE;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (gsize i = 0; i < map.size; i++)
    is_zero &= map.data[i] == 0;
  gst_buffer_unmap (buffer, &map);
  return is_zero;
}

static void
expect_sound (gboolean has_audio)
{
  TestFilter self = test_filter_new (DW_LEVEL_NOTHING, NULL);
  GRand *rand = g_rand_new_with_seed (7);
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);
  GstBuffer *in, *copy, *out;

  grant.has_audio = has_audio;
  test_ledger_add (&self.ledger, &grant);
  gst_element_set_state (self.filter, GST_STATE_READY);
  gst_harness_play (self.h);
  gst_harness_set_src_caps_str (self.h, AUDIO_CAPS);
  in = test_noise (rand, 320);
  copy = gst_buffer_copy_deep (in);
  out = test_filter_treat (&self, in);
  fail_unless_equals_int (gst_buffer_get_size (out), 320);
  fail_unless_equals_int (test_level_of (out),
                          has_audio ? DW_LEVEL_CLEAR : DW_LEVEL_NOTHING);
  fail_unless (has_audio ? test_same_bytes (out, copy) : is_silent (out));
  gst_buffer_unref (out);
  gst_buffer_unref (copy);
  g_rand_free (rand);
  test_filter_free (&self);
}

GST_START_TEST (sound_needs_a_grant_of_its_own)
{
  expect_sound (TRUE);
  expect_sound (FALSE);
}
GST_END_TEST

/* One silent buffer, so that an encoder can say what it makes, then gaps. */
GST_START_TEST (dropped_sound_leaves_one_silent_buffer)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, "when-denied", 2, NULL);
  GRand *rand = g_rand_new_with_seed (9);
  GstBuffer *out;

  gst_harness_set_src_caps_str (self.h, AUDIO_CAPS);
  out = test_filter_treat (&self, test_noise (rand, 320));
  fail_unless (is_silent (out));
  gst_buffer_unref (out);
  for (guint i = 0; i < 3; i++)
    fail_unless_equals_int (gst_harness_push (self.h, test_noise (rand, 320)),
                            GST_FLOW_OK);
  fail_unless_equals_int (gst_harness_buffers_received (self.h), 1);
  g_rand_free (rand);
  test_filter_free (&self);
}
GST_END_TEST

/* A JPEG picture with a comment in it, made by jpegenc. */
static GstBuffer *
jpeg_picture (void)
{
  static const guint8 comment[]
      = { 0xff, 0xfe, 0, 8, 's', 'e', 'c', 'r', 'e', 't' };
  GstHarness *h = gst_harness_new ("jpegenc");
  GstBuffer *raw, *jpeg, *out;
  GRand *rand = g_rand_new_with_seed (8);

  gst_harness_set_src_caps_str (
      h, "video/x-raw,format=I420,width=64,height=48,framerate=25/1");
  raw = test_noise (rand, 64 * 48 * 3 / 2);
  jpeg = gst_harness_push_and_pull (h, raw);
  fail_unless (jpeg != NULL);
  out = gst_buffer_copy_region (jpeg, GST_BUFFER_COPY_MEMORY, 0, 2);
  gst_buffer_append (out, gst_buffer_new_memdup (comment, sizeof comment));
  gst_buffer_append (
      out, gst_buffer_copy_region (jpeg, GST_BUFFER_COPY_MEMORY, 2, (gsize)-1));
  GST_BUFFER_PTS (out) = 0;
  gst_buffer_unref (jpeg);
  g_rand_free (rand);
  gst_harness_teardown (h);
  return out;
}

static gboolean
has_bytes (GstBuffer *buffer, const gchar *text)
{
  GstMapInfo map;
  gboolean is_found = FALSE;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (gsize i = 0; i + strlen (text) <= map.size; i++)
    is_found |= memcmp (map.data + i, text, strlen (text)) == 0;
  gst_buffer_unmap (buffer, &map);
  return is_found;
}

static GstBuffer *
treat_jpeg (TestFilter *self, GstBuffer *jpeg)
{
  gst_harness_set_src_caps_str (self->h,
                                "image/jpeg,width=64,height=48,framerate=25/1");
  return test_filter_treat (self, jpeg);
}

static GstBuffer *
jpeg_card (void)
{
  DwJpegRedactor *redactor;
  const guint8 *data;
  GstBuffer *card;
  gsize size;

  fail_unless_equals_int (dw_jpeg_redactor_new (&redactor), DW_OK);
  fail_unless_equals_int (dw_jpeg_card (redactor, 64, 48, &data, &size), DW_OK);
  card = gst_buffer_new_memdup (data, size);
  dw_jpeg_redactor_free (redactor);
  return card;
}

GST_START_TEST (jpeg_is_shown_without_its_comments)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
  GstBuffer *in = jpeg_picture (), *out;
  gint width, height;
  GstMapInfo map;

  fail_unless (has_bytes (in, "secret"));
  out = treat_jpeg (&self, in);
  fail_unless_equals_int (test_level_of (out), DW_LEVEL_CLEAR);
  fail_if (has_bytes (out, "secret"));
  fail_unless (gst_buffer_map (out, &map, GST_MAP_READ));
  fail_unless_equals_int (dw_jpeg_size (map.data, map.size, &width, &height),
                          DW_OK);
  fail_unless_equals_int (width, 64);
  gst_buffer_unmap (out, &map);
  gst_buffer_unref (out);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (denied_or_damaged_jpeg_becomes_the_card)
{
  TestFilter self = test_filter_new (DW_LEVEL_NOTHING, NULL);
  GstBuffer *card = jpeg_card (), *in, *out;

  out = treat_jpeg (&self, jpeg_picture ());
  fail_unless_equals_int (test_level_of (out), DW_LEVEL_NOTHING);
  fail_unless (test_same_bytes (out, card));
  gst_buffer_unref (out);
  test_filter_free (&self);

  self = test_filter_new (DW_LEVEL_CLEAR, NULL);
  in = jpeg_picture ();
  gst_buffer_set_size (in, gst_buffer_get_size (in) / 2);
  out = treat_jpeg (&self, in);
  fail_unless_equals_int (test_level_of (out), DW_LEVEL_NOTHING);
  fail_unless (test_same_bytes (out, card));
  fail_unless_equals_uint64 (test_filter_stat (&self, "errors"), 1);
  gst_buffer_unref (out);
  gst_buffer_unref (card);
  test_filter_free (&self);
}
GST_END_TEST

static Suite *
filter_media_suite (void)
{
  Suite *suite = suite_create ("filter-media");
  TCase *tcase = tcase_create ("all");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, live_grant_is_not_for_recordings);
  tcase_add_test (tcase, recording_is_shown_within_its_window_only);
  tcase_add_test (tcase, seek_does_not_shift_the_footage);
  tcase_add_test (tcase, recording_without_a_start_is_not_shown);
  tcase_add_test (tcase, reference_time_counts_more_than_the_position);
  tcase_add_test (tcase, denied_recording_is_dropped_and_leaves_gaps);
  tcase_add_test (tcase, sound_needs_a_grant_of_its_own);
  tcase_add_test (tcase, dropped_sound_leaves_one_silent_buffer);
  tcase_add_test (tcase, jpeg_is_shown_without_its_comments);
  tcase_add_test (tcase, denied_or_damaged_jpeg_becomes_the_card);
  return suite;
}

GST_CHECK_MAIN (filter_media);
