/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clearance meta and the table of shares. */
#include "sharetest.h"

GST_START_TEST (buffer_without_mark_has_no_clearance)
{
  GstBuffer *buffer = gst_buffer_new ();

  fail_unless (gst_buffer_get_clearance (buffer) == NULL);
  gst_buffer_unref (buffer);
}
GST_END_TEST

GST_START_TEST (setting_twice_keeps_only_the_last)
{
  GstBuffer *buffer = gst_buffer_new ();
  const GstClearanceMeta *mark;

  gst_buffer_set_clearance (buffer, 7, 2, DW_LEVEL_CLEAR);
  gst_buffer_set_clearance (buffer, 7, 4, DW_LEVEL_MASKED);
  mark = gst_buffer_get_clearance (buffer);
  fail_unless (mark != NULL);
  fail_unless_equals_uint64 (mark->share, 7);
  fail_unless_equals_uint64 (mark->epoch, 4);
  fail_unless_equals_int (mark->level, DW_LEVEL_MASKED);
  fail_unless_equals_int (
      gst_buffer_get_n_meta (buffer, GST_CLEARANCE_META_API_TYPE), 1);
  gst_buffer_unref (buffer);
}
GST_END_TEST

GST_START_TEST (copies_and_regions_keep_the_mark)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 16, NULL);
  GstBuffer *copy, *region;

  gst_buffer_set_clearance (buffer, 7, 4, DW_LEVEL_BLURRED);
  copy = gst_buffer_copy_deep (buffer);
  region = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL, 4, 8);
  fail_unless_equals_uint64 (gst_buffer_get_clearance (copy)->epoch, 4);
  fail_unless_equals_uint64 (gst_buffer_get_clearance (region)->share, 7);
  fail_unless_equals_int (gst_buffer_get_clearance (region)->level,
                          DW_LEVEL_BLURRED);
  gst_buffer_unref (region);
  gst_buffer_unref (copy);
  gst_buffer_unref (buffer);
}
GST_END_TEST

GST_START_TEST (marks_that_differ_are_no_clearance)
{
  GstBuffer *one = gst_buffer_new_allocate (NULL, 4, NULL);
  GstBuffer *same = gst_buffer_new_allocate (NULL, 4, NULL);
  GstBuffer *other = gst_buffer_new_allocate (NULL, 4, NULL);

  gst_buffer_set_clearance (one, 7, 4, DW_LEVEL_CLEAR);
  gst_buffer_set_clearance (same, 7, 4, DW_LEVEL_CLEAR);
  gst_buffer_set_clearance (other, 7, 6, DW_LEVEL_CLEAR);
  gst_buffer_copy_into (one, same, GST_BUFFER_COPY_META, 0, (gsize)-1);
  fail_unless (gst_buffer_get_clearance (one) != NULL);
  gst_buffer_copy_into (one, other, GST_BUFFER_COPY_META, 0, (gsize)-1);
  fail_unless (gst_buffer_get_clearance (one) == NULL);
  gst_buffer_unref (one);
  gst_buffer_unref (same);
  gst_buffer_unref (other);
}
GST_END_TEST

GST_START_TEST (mark_follows_a_frame_through_conversion)
{
  GstHarness *h
      = gst_harness_new_parse ("videoconvert ! videoscale ! capsfilter "
                               "caps=video/x-raw,format=NV12,width=32");
  GstBuffer *in = gst_buffer_new_allocate (NULL, 16 * 16 * 3 / 2, NULL);
  GstBuffer *out;

  gst_harness_set_src_caps_str (
      h, "video/x-raw,format=I420,width=16,height=16,framerate=25/1");
  gst_buffer_memset (in, 0, 16, 16 * 16 * 3 / 2);
  gst_buffer_set_clearance (in, 9, 2, DW_LEVEL_CLEAR);
  out = gst_harness_push_and_pull (h, in);
  fail_unless (out != NULL);
  fail_unless (gst_buffer_get_clearance (out) != NULL);
  fail_unless_equals_uint64 (gst_buffer_get_clearance (out)->share, 9);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (share_is_found_until_it_is_unregistered)
{
  DwSlot *slot = dw_slot_new ();
  guint64 one = gst_consent_share_register (slot);
  guint64 two = gst_consent_share_register (slot);
  DwSlot *found = gst_consent_share_find (one);

  fail_unless (one != 0 && two != 0 && one != two);
  fail_unless (found == slot);
  dw_slot_unref (found);
  fail_unless (gst_consent_share_find (0) == NULL);
  gst_consent_share_unregister (one);
  fail_unless (gst_consent_share_find (one) == NULL);
  found = gst_consent_share_find (two);
  fail_unless (found == slot);
  dw_slot_unref (found);
  gst_consent_share_unregister (two);
  dw_slot_unref (slot);
}
GST_END_TEST

static Suite *
clearance_suite (void)
{
  Suite *suite = suite_create ("clearance");
  TCase *tcase = tcase_create ("all");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, buffer_without_mark_has_no_clearance);
  tcase_add_test (tcase, setting_twice_keeps_only_the_last);
  tcase_add_test (tcase, copies_and_regions_keep_the_mark);
  tcase_add_test (tcase, marks_that_differ_are_no_clearance);
  tcase_add_test (tcase, mark_follows_a_frame_through_conversion);
  tcase_add_test (tcase, share_is_found_until_it_is_unregistered);
  return suite;
}

GST_CHECK_MAIN (clearance);
