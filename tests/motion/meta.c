/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the foreground meta survives and what it must not, with the real
 * elements. */
#include "dwtest.h"

#include "gstforegroundmeta.h"

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#define CAPS "video/x-raw,format=I420,width=320,height=240,framerate=10/1"
#define SIZE (320 * 240 * 3 / 2)

static GstBuffer *
buffer_new (gint meta_width)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, SIZE, NULL);
  GBytes *cells = g_bytes_new_take (g_malloc0 (80 * 60), 80 * 60);

  gst_buffer_memset (buffer, 0, 90, SIZE);
  GST_BUFFER_PTS (buffer) = 0;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 10;
  gst_buffer_add_foreground_meta (
      buffer, &(GstForegroundGrid){ meta_width, 240, 80, 60, 4 }, TRUE, cells);
  g_bytes_unref (cells);
  return buffer;
}

/* Through `launch`; NULL caps leave the output free. */
static GstBuffer *
through (const gchar *launch, const gchar *out_caps, gint meta_width)
{
  GstHarness *h = gst_harness_new_parse (launch);
  GstBuffer *out;

  gst_harness_set_src_caps_str (h, CAPS);
  if (out_caps)
    gst_harness_set_sink_caps_str (h, out_caps);
  gst_harness_push (h, buffer_new (meta_width));
  gst_harness_push_event (h, gst_event_new_eos ());
  out = gst_harness_pull (h);
  fail_unless (out != NULL, "nothing came out of %s", launch);
  gst_harness_teardown (h);
  return out;
}

static void
check_kept (const gchar *launch, const gchar *caps, gint width, gint height)
{
  GstBuffer *out = through (launch, caps, 320);
  GstForegroundMeta *meta = gst_buffer_get_foreground_meta (out);

  fail_unless (meta != NULL, "lost in %s", launch);
  assert_equals_int (meta->width, width);
  assert_equals_int (meta->height, height);
  assert_equals_int (meta->source_width, 320);
  assert_equals_int (meta->source_height, 240);
  assert_equals_int (meta->columns, 80);
  assert_equals_int (meta->cell_size, 4);
  fail_unless (meta->is_learned);
  assert_equals_int (g_bytes_get_size (meta->cells), 80 * 60);
  gst_buffer_unref (out);
}

static void
check_lost (const gchar *launch, const gchar *caps, gint meta_width)
{
  GstBuffer *out = through (launch, caps, meta_width);

  fail_unless (gst_buffer_get_foreground_meta (out) == NULL, "kept in %s",
               launch);
  gst_buffer_unref (out);
}

GST_START_TEST (conversion_keeps_it)
{
  check_kept ("videoconvert",
              "video/x-raw,format=NV12,width=320,height=240,framerate=10/1",
              320, 240);
  check_kept ("videorate", NULL, 320, 240);
  check_kept ("queue", NULL, 320, 240);
}
GST_END_TEST

GST_START_TEST (scaling_keeps_it_at_the_new_size)
{
  check_kept ("videoscale",
              "video/x-raw,format=I420,width=640,height=480,framerate=10/1",
              640, 480);
  check_kept ("videoconvert ! videoscale ! videoconvert",
              "video/x-raw,format=YUY2,width=162,height=122,framerate=10/1",
              162, 122);
}
GST_END_TEST

GST_START_TEST (scaling_loses_one_of_another_size)
{
  check_lost ("videoscale",
              "video/x-raw,format=I420,width=640,height=480,framerate=10/1",
              300);
}
GST_END_TEST

GST_START_TEST (moving_pixels_loses_it)
{
  check_lost ("videoflip video-direction=horiz", NULL, 320);
  check_lost ("videoflip video-direction=90r", NULL, 320);
  check_lost ("videocrop left=32", NULL, 320);
}
GST_END_TEST

GST_START_TEST (part_of_a_buffer_has_none)
{
  GstBuffer *whole = buffer_new (320);
  GstBuffer *part
      = gst_buffer_copy_region (whole, GST_BUFFER_COPY_ALL, 0, SIZE / 2);
  GstBuffer *copy = gst_buffer_copy_deep (whole);

  fail_unless (gst_buffer_get_foreground_meta (part) == NULL);
  fail_unless (gst_buffer_get_foreground_meta (copy) != NULL);
  gst_buffer_unref (part);
  gst_buffer_unref (copy);
  gst_buffer_unref (whole);
}
GST_END_TEST

static Suite *
meta_suite (void)
{
  Suite *suite = suite_create ("foreground meta");
  TCase *tcase = tcase_create ("meta");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, conversion_keeps_it);
  tcase_add_test (tcase, scaling_keeps_it_at_the_new_size);
  tcase_add_test (tcase, scaling_loses_one_of_another_size);
  tcase_add_test (tcase, moving_pixels_loses_it);
  tcase_add_test (tcase, part_of_a_buffer_has_none);
  return suite;
}

GST_CHECK_MAIN (meta)
