/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filter over time: grants that come and go, what rides along, settings,
 * states. */
#include "filtertest.h"
#include "gstforegroundmeta.h"

GST_START_TEST (missing_ledger_shows_nothing_and_a_new_one_is_found)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
  g_autofree gchar *path
      = g_build_filename (self.ledger.folder, "later.db", NULL);
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);

  gst_element_set_state (self.filter, GST_STATE_READY);
  g_object_set (self.filter, "ledger", path, NULL);
  gst_harness_play (self.h);
  test_set_i420 (&self);
  fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_NOTHING);
  dw_ledger_close (self.ledger.ledger);
  fail_unless_equals_int (
      dw_ledger_open (path, DW_LEDGER_WRITE, &self.ledger.ledger, NULL), DW_OK);
  test_ledger_add (&self.ledger, &grant);
  test_wait_for_level (&self, DW_LEVEL_CLEAR);
  test_filter_free (&self);
}
GST_END_TEST

/* The file is gone: whoever still has it open vouches for nothing. */
GST_START_TEST (ledger_that_vanishes_closes_the_share)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);

  test_set_i420 (&self);
  fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_CLEAR);
  fail_unless_equals_int (g_remove (self.ledger.path), 0);
  test_wait_for_level (&self, DW_LEVEL_NOTHING);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (revocation_takes_effect_and_a_later_grant_too)
{
  TestFilter self = test_filter_new (DW_LEVEL_NOTHING, NULL);
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);
  guint64 sequence = test_ledger_add (&self.ledger, &grant);

  test_set_i420 (&self);
  test_wait_for_level (&self, DW_LEVEL_CLEAR);
  test_ledger_revoke (&self.ledger, sequence);
  test_wait_for_level (&self, DW_LEVEL_NOTHING);
  grant = test_grant (DW_LEVEL_MASKED);
  test_ledger_add (&self.ledger, &grant);
  test_wait_for_level (&self, DW_LEVEL_MASKED);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (new_epoch_asks_the_encoder_for_a_key_unit_first)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
  guint n_asked = 0;
  GstEvent *event;
  DwGrant grant = test_grant (DW_LEVEL_MASKED);

  test_set_i420 (&self);
  fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_CLEAR);
  test_ledger_add (&self.ledger, &grant);
  test_wait_for_level (&self, DW_LEVEL_MASKED);
  while ((event = gst_harness_try_pull_event (self.h)))
    {
      n_asked += gst_video_event_is_force_key_unit (event) ? 1 : 0;
      gst_event_unref (event);
    }
  fail_unless_equals_int (n_asked, 1);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (grants_for_others_show_nothing)
{
  const struct
  {
    const gchar *property, *value;
  } rows[] = {
    { "recipient", "bob" },
    { "camera", "garden" },
    { "purpose", "other" },
    { "case-number", "A-1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TestFilter self = test_filter_new (DW_LEVEL_CLEAR, rows[i].property,
                                         rows[i].value, NULL);

      test_set_i420 (&self);
      fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_NOTHING);
      test_filter_free (&self);
    }
}
GST_END_TEST

GST_START_TEST (nothing_rides_along_with_a_clear_frame)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
  GBytes *cells = g_bytes_new_static ("\0\0\0\0", 4);
  GstBuffer *private_frame = gst_buffer_new ();
  GstBuffer *in, *out;
  gpointer state = NULL;
  GstMeta *meta;

  test_set_i420 (&self);
  in = test_picture (&self, 0);
  gst_buffer_add_video_region_of_interest_meta (in, "face", 1, 1, 8, 8);
  gst_buffer_add_foreground_meta (in, &(GstForegroundGrid){ 64, 48, 2, 2, 32 },
                                  TRUE, cells);
  gst_buffer_add_video_time_code_meta_full (in, 25, 1, NULL, 0, 1, 2, 3, 4, 0);
  gst_buffer_add_video_caption_meta (in, GST_VIDEO_CAPTION_TYPE_CEA608_RAW,
                                     (const guint8 *)"ab", 2);
  gst_buffer_add_parent_buffer_meta (in, private_frame);
  GST_BUFFER_OFFSET (in) = 1234;
  out = test_filter_treat (&self, in);
  while ((meta = gst_buffer_iterate_meta (out, &state)))
    fail_unless (meta->info->api == GST_VIDEO_META_API_TYPE
                 || meta->info->api == GST_CLEARANCE_META_API_TYPE);
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (out), GST_BUFFER_OFFSET_NONE);
  gst_buffer_unref (out);
  gst_buffer_unref (private_frame);
  g_bytes_unref (cells);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (no_event_carries_anything_but_time_and_format)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
  const gchar *id = NULL;
  GstEvent *event;
  GstCaps *caps;

  gst_harness_set_src_caps_str (
      self.h, "video/x-raw,format=I420,width=64,height=48,framerate=25/1,"
              "thumbnail=(string)face");
  fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_CLEAR);
  gst_harness_push_event (
      self.h, gst_event_new_tag (gst_tag_list_new (GST_TAG_TITLE, "x", NULL)));
  gst_harness_push_event (
      self.h, gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
                                    gst_structure_new_empty ("doorbell")));
  gst_harness_push_event (
      self.h, gst_event_new_sink_message (
                  "x", gst_message_new_application (
                           NULL, gst_structure_new_empty ("doorbell"))));
  while ((event = gst_harness_try_pull_event (self.h)))
    {
      if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
        {
          gst_event_parse_stream_start (event, &id);
          fail_unless (g_str_has_prefix (id, "share-"));
        }
      else if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS)
        {
          gst_event_parse_caps (event, &caps);
          fail_if (gst_structure_has_field (gst_caps_get_structure (caps, 0),
                                            "thumbnail"));
        }
      else
        fail_unless (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT, "got %s",
                     GST_EVENT_TYPE_NAME (event));
      gst_event_unref (event);
    }
  fail_unless (id != NULL);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (untreatable_buffers_warn_once_and_are_withheld)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
  GstMessage *message;

  test_set_i420 (&self);
  for (guint i = 0; i < 3; i++)
    {
      GstBuffer *out
          = test_filter_treat (&self, gst_buffer_new_allocate (NULL, 7, NULL));

      fail_unless_equals_int (test_level_of (out), DW_LEVEL_NOTHING);
      fail_unless_equals_int (gst_buffer_get_size (out), 64 * 48 * 3 / 2);
      gst_buffer_unref (out);
    }
  message = gst_bus_pop_filtered (self.bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (self.bus, GST_MESSAGE_WARNING) == NULL);
  fail_unless_equals_uint64 (test_filter_stat (&self, "errors"), 3);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (change_of_verdict_is_told_once)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
  const GstStructure *structure;
  GstMessage *message;
  guint64 share = 0;

  test_set_i420 (&self);
  test_level_at (&self, 0);
  test_level_at (&self, 0);
  message = gst_bus_pop_filtered (self.bus, GST_MESSAGE_ELEMENT);
  fail_unless (message != NULL);
  structure = gst_message_get_structure (message);
  fail_unless (gst_structure_has_name (structure, "doorward-verdict"));
  fail_unless_equals_string (gst_structure_get_string (structure, "camera"),
                             "front");
  fail_unless_equals_string (gst_structure_get_string (structure, "level"),
                             "clear");
  fail_unless (gst_structure_get_uint64 (structure, "share-id", &share));
  fail_unless (share != 0);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (self.bus, GST_MESSAGE_ELEMENT) == NULL);
  test_filter_free (&self);
}
GST_END_TEST

static void
expect_refused (const gchar *property, const gchar *value)
{
  GstElement *filter = gst_element_factory_make ("consentfilter", NULL);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;

  gst_element_set_bus (filter, bus);
  g_object_set (filter, "camera", "front", "recipient", "ann",
                "recipient-class", DW_CLASS_HOUSEHOLD, NULL);
  gst_util_set_object_arg (G_OBJECT (filter), property, value);
  fail_unless_equals_int (gst_element_set_state (filter, GST_STATE_PLAYING),
                          GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "%s=%s gave no error", property, value);
  gst_message_unref (message);
  gst_element_set_state (filter, GST_STATE_NULL);
  gst_element_set_bus (filter, NULL);
  gst_object_unref (bus);
  gst_object_unref (filter);
}

GST_START_TEST (settings_that_are_wrong_are_an_error)
{
  expect_refused ("camera", "");
  expect_refused ("recipient", "a b");
  expect_refused ("recipient-class", "none");
  expect_refused ("private-zones", "0,0 1,1");
  expect_refused ("private-zones", "0,0 2,0 1,1");
  expect_refused ("private-zones", "nonsense");
  expect_refused ("footage-start", "yesterday");
  expect_refused ("config", "/nonexistent/doorward.yaml");
}
GST_END_TEST

GST_START_TEST (configuration_gives_class_and_private_zones)
{
  TestFilter self = test_filter_new (DW_LEVEL_NOTHING, NULL);
  g_autofree gchar *path
      = g_build_filename (self.ledger.folder, "doorward.yaml", NULL);
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);
  guint8 pixel = 0;
  GstBuffer *out;

  fail_unless (g_file_set_contents (
      path,
      "cameras:\n  front:\n    location: onvif://192.0.2.7\n"
      "    private-zones:\n      - [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]]\n"
      "recipients:\n  ann:\n    class: household\n",
      -1, NULL));
  test_ledger_add (&self.ledger, &grant);
  gst_element_set_state (self.filter, GST_STATE_READY);
  g_object_set (self.filter, "config", path, "recipient-class", DW_CLASS_NONE,
                NULL);
  gst_harness_play (self.h);
  test_set_i420 (&self);
  out = test_filter_treat (&self, test_picture (&self, 0));
  fail_unless_equals_int (test_level_of (out), DW_LEVEL_CLEAR);
  gst_buffer_extract (out, 64 + 1, &pixel, 1);
  fail_unless_equals_int (pixel, 16);
  gst_buffer_unref (out);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (other_formats_are_refused)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);

  gst_harness_set_src_caps_str (
      self.h, "video/x-raw,format=RGB,width=64,height=48,framerate=25/1");
  fail_unless_equals_int (gst_harness_push (self.h, test_picture (&self, 0)),
                          GST_FLOW_NOT_NEGOTIATED);
  fail_unless_equals_int (gst_harness_buffers_received (self.h), 0);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (end_and_flush_pass_and_the_stream_goes_on)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
  GstSegment segment;

  test_set_i420 (&self);
  fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_CLEAR);
  fail_unless (gst_harness_push_event (self.h, gst_event_new_flush_start ()));
  fail_unless_equals_int (gst_harness_push (self.h, test_picture (&self, 0)),
                          GST_FLOW_FLUSHING);
  fail_unless (
      gst_harness_push_event (self.h, gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (
      gst_harness_push_event (self.h, gst_event_new_segment (&segment)));
  fail_unless_equals_int (test_level_at (&self, 0), DW_LEVEL_CLEAR);
  fail_unless (gst_harness_push_event (self.h, gst_event_new_eos ()));
  fail_unless_equals_int (gst_harness_push (self.h, test_picture (&self, 0)),
                          GST_FLOW_EOS);
  test_filter_free (&self);
}
GST_END_TEST

/* A restart starts closed and opens by itself; the share keeps its number. */
GST_START_TEST (restart_keeps_the_share_and_grows_the_epoch)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
  guint64 share = 0, again = 0, epoch = 0;

  g_object_get (self.filter, "share-id", &share, NULL);
  for (guint i = 0; i < 20; i++)
    {
      GstBuffer *out;

      test_set_i420 (&self);
      out = test_filter_treat (&self, test_picture (&self, 0));
      fail_unless (gst_buffer_get_clearance (out)->epoch > epoch);
      epoch = gst_buffer_get_clearance (out)->epoch;
      gst_buffer_unref (out);
      gst_element_set_state (self.filter,
                             i % 2 ? GST_STATE_NULL : GST_STATE_READY);
      {
        DwSlot *slot = gst_consent_share_find (share);

        fail_unless (slot != NULL);
        fail_unless (dw_slot_epoch (slot, dw_time_boot_ns ()) % 2 == 1);
        dw_slot_unref (slot);
      }
      gst_harness_play (self.h);
    }
  g_object_get (self.filter, "share-id", &again, NULL);
  fail_unless_equals_uint64 (share, again);
  test_filter_free (&self);
}
GST_END_TEST

static Suite *
filter_stream_suite (void)
{
  Suite *suite = suite_create ("filter-stream");
  TCase *tcase = tcase_create ("all");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, missing_ledger_shows_nothing_and_a_new_one_is_found);
  tcase_add_test (tcase, ledger_that_vanishes_closes_the_share);
  tcase_add_test (tcase, revocation_takes_effect_and_a_later_grant_too);
  tcase_add_test (tcase, new_epoch_asks_the_encoder_for_a_key_unit_first);
  tcase_add_test (tcase, grants_for_others_show_nothing);
  tcase_add_test (tcase, nothing_rides_along_with_a_clear_frame);
  tcase_add_test (tcase, no_event_carries_anything_but_time_and_format);
  tcase_add_test (tcase, untreatable_buffers_warn_once_and_are_withheld);
  tcase_add_test (tcase, change_of_verdict_is_told_once);
  tcase_add_test (tcase, settings_that_are_wrong_are_an_error);
  tcase_add_test (tcase, configuration_gives_class_and_private_zones);
  tcase_add_test (tcase, other_formats_are_refused);
  tcase_add_test (tcase, end_and_flush_pass_and_the_stream_goes_on);
  tcase_add_test (tcase, restart_keeps_the_share_and_grows_the_epoch);
  return suite;
}

GST_CHECK_MAIN (filter_stream);
