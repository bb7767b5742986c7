/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorbellmotion in a harness: every format, events, what it refuses, and
 * closed whenever it is not sure. */
#include "dwtest.h"

#include "gstforegroundmeta.h"
#include "plugin.h"
#include "porch.h"

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#define RATE 10

static GstHarness *
harness_new (const gchar *caps)
{
  GstHarness *h;

  gst_doorward_register (NULL);
  h = gst_harness_new ("doorbellmotion");
  gst_harness_set_src_caps_str (h, caps);
  return h;
}

static GstBus *
watch (GstHarness *h)
{
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (h->element, bus);
  return bus;
}

static void
unwatch (GstHarness *h, GstBus *bus)
{
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
}

/* The next doorbell-motion message's structure, or NULL. The message is kept
 * alive by *out. */
static const GstStructure *
next_event (GstBus *bus, GstMessage **out)
{
  while ((*out = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT)))
    {
      const GstStructure *s = gst_message_get_structure (*out);

      if (gst_structure_has_name (s, "doorbell-motion"))
        return s;
      gst_message_unref (*out);
    }
  return NULL;
}

static guint
count_events (GstBus *bus, const gchar *state)
{
  GstMessage *message;
  const GstStructure *s;
  guint n = 0;

  while ((s = next_event (bus, &message)))
    {
      n += g_strcmp0 (gst_structure_get_string (s, "state"), state) == 0;
      gst_message_unref (message);
    }
  return n;
}

static GstVideoInfo
info_of (const gchar *text)
{
  GstCaps *caps = gst_caps_from_string (text);
  GstVideoInfo info;

  fail_unless (gst_video_info_from_caps (&info, caps));
  gst_caps_unref (caps);
  return info;
}

static GstBuffer *
push_frame (GstHarness *h, const GstVideoInfo *info, guint n, Porch *porch)
{
  GstBuffer *buffer = porch_draw (porch, info);

  GST_BUFFER_PTS (buffer) = n * GST_SECOND / RATE;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / RATE;
  return gst_harness_push_and_pull (h, buffer);
}

/* Pushes frames from..to (exclusive); a walker from the left when asked. */
static void
play (GstHarness *h, const GstVideoInfo *info, guint from, guint to,
      gboolean has_walker)
{
  Porch porch = { .seed = 7 };

  for (guint n = from; n < to; n++)
    {
      porch.noise_seed = n;
      porch.walker = has_walker;
      porch.walker_x = 0.05 + 0.03 * (n - from);
      gst_buffer_unref (push_frame (h, info, n, &porch));
    }
}

static const gchar *const formats[]
    = { "I420", "YV12", "NV12", "NV21", "GRAY8", "YUY2", "UYVY" };

GST_START_TEST (walker_makes_one_event_in_every_format)
{
  gchar *text = g_strdup_printf (
      "video/x-raw,format=%s,width=322,height=242,framerate=10/1",
      formats[__i__]);
  GstHarness *h = harness_new (text);
  GstVideoInfo info = info_of (text);
  GstBus *bus = watch (h);
  GstMessage *message;
  const GstStructure *s;
  guint id, other;

  play (h, &info, 0, 20, FALSE);
  fail_unless (next_event (bus, &message) == NULL);
  play (h, &info, 20, 45, TRUE);
  s = next_event (bus, &message);
  fail_unless (s != NULL, "no event in %s", formats[__i__]);
  assert_equals_string (gst_structure_get_string (s, "state"), "begin");
  fail_unless (gst_structure_get_uint (s, "id", &id));
  gst_message_unref (message);
  assert_equals_int (count_events (bus, "end"), 0);
  play (h, &info, 45, 75, FALSE);
  s = next_event (bus, &message);
  while (s && g_strcmp0 (gst_structure_get_string (s, "state"), "end") != 0)
    {
      gst_message_unref (message);
      s = next_event (bus, &message);
    }
  fail_unless (s != NULL, "no end in %s", formats[__i__]);
  fail_unless (gst_structure_get_uint (s, "id", &other) && other == id);
  gst_message_unref (message);
  unwatch (h, bus);
  gst_harness_teardown (h);
  g_free (text);
}
GST_END_TEST

#define GREY "video/x-raw,format=GRAY8,width=320,height=240,framerate=10/1"

GST_START_TEST (pixels_pass_untouched_and_uncopied)
{
  GstHarness *h = harness_new (GREY);
  GstVideoInfo info = info_of (GREY);
  Porch porch = { .seed = 3 };
  GstBuffer *in = porch_draw (&porch, &info), *out;
  GstMemory *memory = gst_buffer_peek_memory (in, 0);

  /* A second reference: the buffer is not writable and must be shared. */
  gst_buffer_ref (in);
  out = gst_harness_push_and_pull (h, in);
  fail_unless (out != in);
  fail_unless (gst_buffer_peek_memory (out, 0) == memory);
  fail_unless (gst_buffer_get_foreground_meta (in) == NULL);
  fail_unless (gst_buffer_get_foreground_meta (out) != NULL);
  gst_buffer_unref (in);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (until_learned_everything_is_foreground)
{
  GstHarness *h = harness_new (GREY);
  GstVideoInfo info = info_of (GREY);
  Porch porch = { .seed = 3 };

  for (guint n = 0; n < 15; n++)
    {
      GstBuffer *out = push_frame (h, &info, n, &porch);
      GstForegroundMeta *meta = gst_buffer_get_foreground_meta (out);
      gsize size, on = 0;
      const guint8 *cells;

      fail_unless (meta != NULL);
      cells = g_bytes_get_data (meta->cells, &size);
      assert_equals_int (meta->columns, 80);
      assert_equals_int (meta->rows, 60);
      assert_equals_int (size, 80 * 60);
      for (gsize i = 0; i < size; i++)
        on += cells[i];
      if (n < 9)
        {
          fail_if (meta->is_learned);
          assert_equals_int (on, size);
        }
      if (n > 11)
        {
          fail_unless (meta->is_learned);
          fail_unless (on < size / 20, "%zu of %zu", on, size);
        }
      porch.noise_seed = n;
      gst_buffer_unref (out);
    }
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (caps_it_cannot_see_are_refused)
{
  static const gchar *const refused[]
      = { "video/x-raw,format=RGB,width=320,height=240,framerate=10/1",
          "video/x-raw,format=GRAY8,width=8,height=8,framerate=10/1",
          "video/x-h264", "image/jpeg" };
  GstHarness *h;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 320 * 240 * 3, NULL);

  h = harness_new (refused[__i__]);
  gst_buffer_memset (buffer, 0, 0, 320 * 240 * 3);
  assert_equals_int (gst_harness_push (h, buffer), GST_FLOW_NOT_NEGOTIATED);
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (eos_ends_a_running_event)
{
  GstHarness *h = harness_new (GREY);
  GstVideoInfo info = info_of (GREY);
  GstBus *bus = watch (h);

  play (h, &info, 0, 20, FALSE);
  play (h, &info, 20, 40, TRUE);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  assert_equals_int (count_events (bus, "end"), 1);
  unwatch (h, bus);
  gst_harness_teardown (h);
}
GST_END_TEST

static gboolean
is_learned_after (GstHarness *h, const GstVideoInfo *info, guint n)
{
  Porch porch = { .seed = 7 };
  GstBuffer *out = push_frame (h, info, n, &porch);
  gboolean is_learned = gst_buffer_get_foreground_meta (out)->is_learned;

  gst_buffer_unref (out);
  return is_learned;
}

GST_START_TEST (flush_ends_the_event_and_learns_anew)
{
  GstHarness *h = harness_new (GREY);
  GstVideoInfo info = info_of (GREY);
  GstBus *bus = watch (h);
  GstSegment segment;

  play (h, &info, 0, 20, FALSE);
  play (h, &info, 20, 40, TRUE);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  assert_equals_int (count_events (bus, "end"), 1);
  fail_if (is_learned_after (h, &info, 0));
  unwatch (h, bus);
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (new_caps_learn_anew)
{
  static const gchar *other
      = "video/x-raw,format=GRAY8,width=640,height=480,framerate=10/1";
  GstHarness *h = harness_new (GREY);
  GstVideoInfo info = info_of (GREY);

  play (h, &info, 0, 20, FALSE);
  fail_unless (is_learned_after (h, &info, 20));
  info = info_of (other);
  gst_harness_set_src_caps_str (h, other);
  fail_if (is_learned_after (h, &info, 21));
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (stop_and_start_a_hundred_times)
{
  GstHarness *h = harness_new (GREY);
  GstVideoInfo info = info_of (GREY);

  for (guint i = 0; i < 100; i++)
    {
      gst_element_set_state (h->element, GST_STATE_NULL);
      gst_element_set_state (h->element, GST_STATE_PLAYING);
      gst_harness_set_src_caps_str (h, GREY);
      fail_if (is_learned_after (h, &info, i));
    }
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (wrong_zones_are_refused_whole)
{
  static const gchar *const wrong[] = { "door",
                                        "door:",
                                        "door:0,0 1,0",
                                        "door:0,0 1,0 1,2",
                                        ":0,0 1,0 1,1",
                                        "door:0,0 1,0 1,1;door:0,0 1,0 1,1",
                                        "door:0,0 1,0 1,1x",
                                        "door:0,0 1,0 1;",
                                        "door:0,0 1,0 1,0.20.3,0.4",
                                        "a:-1,0 1,0 1,1" };
  static const gchar *right = "door:0,0 1,0 1,1; path:0.5,0.5 1,.5 1,1";
  GstHarness *h = harness_new (GREY);
  GstBus *bus = watch (h);
  gchar *now;

  g_object_set (h->element, "zones", right, NULL);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      GstMessage *warning;

      g_object_set (h->element, "zones", wrong[i], NULL);
      warning = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
      fail_unless (warning != NULL, "taken: %s", wrong[i]);
      gst_message_unref (warning);
      g_object_get (h->element, "zones", &now, NULL);
      assert_equals_string (now, right);
      g_free (now);
    }
  unwatch (h, bus);
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (message_names_the_zone_that_is_touched)
{
  GstHarness *h = harness_new (GREY);
  GstVideoInfo info = info_of (GREY);
  GstBus *bus = watch (h);
  GstMessage *message;
  const GstStructure *s;
  const GValue *zones;

  g_object_set (h->element, "zones",
                "door:0,0.1 1,0.1 1,1 0,1;sky:0,0 1,0 1,0.05 0,0.05", NULL);
  play (h, &info, 0, 20, FALSE);
  play (h, &info, 20, 40, TRUE);
  s = next_event (bus, &message);
  fail_unless (s != NULL);
  zones = gst_structure_get_value (s, "zones");
  assert_equals_int (gst_value_array_get_size (zones), 1);
  assert_equals_string (
      g_value_get_string (gst_value_array_get_value (zones, 0)), "door");
  gst_message_unref (message);
  unwatch (h, bus);
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (confirmed_object_has_a_region_of_interest)
{
  GstHarness *h = harness_new (GREY);
  GstVideoInfo info = info_of (GREY);
  Porch porch = { .seed = 7, .walker = TRUE };
  GstVideoRegionOfInterestMeta *roi;
  GstBuffer *out;
  gint middle;

  play (h, &info, 0, 20, FALSE);
  play (h, &info, 20, 39, TRUE);
  porch.noise_seed = 39;
  porch.walker_x = 0.05 + 0.03 * 19;
  out = push_frame (h, &info, 39, &porch);
  roi = gst_buffer_get_video_region_of_interest_meta (out);
  fail_unless (roi != NULL);
  assert_equals_string (g_quark_to_string (roi->roi_type), "motion");
  middle = (gint)(roi->x + roi->w / 2);
  fail_unless (ABS (middle - porch_walker_middle (&porch, 320)) < 24);
  fail_unless (gst_video_region_of_interest_meta_get_param (roi, "motion")
               != NULL);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}
GST_END_TEST

#define JPEG "image/jpeg,width=320,height=240,framerate=10/1"

/* Porch pictures through a real encoder, pushed on by hand. */
static GstBuffer *
encode (GstHarness *encoder, const GstVideoInfo *info, guint n)
{
  Porch porch = { .seed = 7, .noise_seed = n };
  GstBuffer *raw = porch_draw (&porch, info), *jpeg;

  porch.walker = n >= 20 && n < 45;
  if (porch.walker)
    {
      gst_buffer_unref (raw);
      porch.walker_x = 0.05 + 0.03 * (n - 20);
      raw = porch_draw (&porch, info);
    }
  GST_BUFFER_PTS (raw) = n * GST_SECOND / RATE;
  GST_BUFFER_DURATION (raw) = GST_SECOND / RATE;
  jpeg = gst_harness_push_and_pull (encoder, raw);
  return jpeg;
}

GST_START_TEST (jpeg_passes_untouched_and_makes_an_event)
{
  GstHarness *h = harness_new (JPEG), *encoder;
  GstVideoInfo info = info_of (GREY);
  GstBus *bus = watch (h);
  guint begins = 0;

  encoder = gst_harness_new ("jpegenc");
  gst_harness_set_src_caps_str (encoder, GREY);
  for (guint n = 0; n < 60; n++)
    {
      GstBuffer *in = encode (encoder, &info, n), *out;
      GstMemory *memory = gst_buffer_peek_memory (in, 0);
      GstForegroundMeta *meta;

      out = gst_harness_push_and_pull (h, in);
      fail_unless (gst_buffer_peek_memory (out, 0) == memory);
      meta = gst_buffer_get_foreground_meta (out);
      fail_unless (meta != NULL);
      assert_equals_int (meta->width, 320);
      fail_unless (n < 12 || meta->is_learned);
      gst_buffer_unref (out);
    }
  begins = count_events (bus, "begin");
  assert_equals_int (begins, 1);
  gst_harness_teardown (encoder);
  unwatch (h, bus);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Cut in the middle: it passes, without a word on what is private, and the
 * warning comes once. */
GST_START_TEST (damaged_jpeg_has_no_meta_and_warns_once)
{
  GstHarness *h = harness_new (JPEG), *encoder;
  GstVideoInfo info = info_of (GREY);
  GstBus *bus = watch (h);
  GstMessage *warning;

  encoder = gst_harness_new ("jpegenc");
  gst_harness_set_src_caps_str (encoder, GREY);
  for (guint n = 0; n < 15; n++)
    {
      GstBuffer *in = encode (encoder, &info, n), *out;
      gboolean is_cut = n == 12 || n == 13;

      if (is_cut)
        {
          in = gst_buffer_make_writable (in);
          gst_buffer_resize (in, 0, (gssize)gst_buffer_get_size (in) / 2);
          /* What an earlier element said of it does not count. */
          {
            GBytes *cells = g_bytes_new_take (g_malloc0 (4800), 4800);

            gst_buffer_add_foreground_meta (
                in, &(GstForegroundGrid){ 320, 240, 80, 60, 4 }, TRUE, cells);
            g_bytes_unref (cells);
          }
        }
      out = gst_harness_push_and_pull (h, in);
      fail_unless ((gst_buffer_get_foreground_meta (out) == NULL) == is_cut);
      gst_buffer_unref (out);
    }
  warning = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (warning != NULL);
  gst_message_unref (warning);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  gst_harness_teardown (encoder);
  unwatch (h, bus);
  gst_harness_teardown (h);
}
GST_END_TEST

static Suite *
element_suite (void)
{
  Suite *suite = suite_create ("doorbellmotion");
  TCase *tcase = tcase_create ("element");

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, walker_makes_one_event_in_every_format, 0,
                       G_N_ELEMENTS (formats));
  tcase_add_test (tcase, pixels_pass_untouched_and_uncopied);
  tcase_add_test (tcase, until_learned_everything_is_foreground);
  tcase_add_loop_test (tcase, caps_it_cannot_see_are_refused, 0, 4);
  tcase_add_test (tcase, eos_ends_a_running_event);
  tcase_add_test (tcase, flush_ends_the_event_and_learns_anew);
  tcase_add_test (tcase, new_caps_learn_anew);
  tcase_add_test (tcase, stop_and_start_a_hundred_times);
  tcase_add_test (tcase, wrong_zones_are_refused_whole);
  tcase_add_test (tcase, message_names_the_zone_that_is_touched);
  tcase_add_test (tcase, jpeg_passes_untouched_and_makes_an_event);
  tcase_add_test (tcase, damaged_jpeg_has_no_meta_and_warns_once);
  tcase_add_test (tcase, confirmed_object_has_a_region_of_interest);
  return suite;
}

GST_CHECK_MAIN (element)
