/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate on single frames: what passes, what does not, and what it calls
 * back when the epoch changes. */
#include "plugin.h"
#include "sharetest.h"

#include <gst/video/video.h>

#define JPEG_CAPS "image/jpeg,width=16,height=16,framerate=25/1"
#define H264_CAPS                                                              \
  "video/x-h264,stream-format=byte-stream,alignment=au,width=16,height=16"

typedef struct
{
  TestShare share;
  GstHarness *h;
} Fixture;

static Fixture
set_up (const gchar *launch, const gchar *caps)
{
  Fixture self = { .share = test_share_new () };

  self.h = gst_harness_new_parse (launch);
  gst_harness_set_src_caps_str (self.h, caps);
  return self;
}

static void
tear_down (Fixture *self)
{
  gst_harness_teardown (self->h);
  test_share_free (&self->share);
}

static GstBuffer *
frame (const Fixture *self, guint64 epoch, guint number, gboolean is_delta)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 8, NULL);

  gst_buffer_memset (buffer, 0, (guint8)number, 8);
  GST_BUFFER_PTS (buffer) = number * GST_SECOND / 25;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 25;
  if (is_delta)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (epoch != 0)
    gst_buffer_set_clearance (buffer, self->share.id, epoch, DW_LEVEL_CLEAR);
  return buffer;
}

static void
push (Fixture *self, GstBuffer *buffer)
{
  fail_unless_equals_int (gst_harness_push (self->h, buffer), GST_FLOW_OK);
}

static guint64
stat_of (Fixture *self, const gchar *name)
{
  GstElement *gate = gst_harness_find_element (self->h, "consentgate");
  GstStructure *stats = NULL;
  guint64 value = 0;

  g_object_get (gate, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  gst_structure_free (stats);
  gst_object_unref (gate);
  return value;
}

static void
expect_passed (Fixture *self, guint n)
{
  fail_unless_equals_int (gst_harness_buffers_received (self->h), n);
  fail_unless_equals_uint64 (stat_of (self, "passed"), n);
}

GST_START_TEST (buffer_of_the_epoch_in_force_passes_untouched)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  GstBuffer *in = frame (&self, test_share_epoch (&self.share), 3, FALSE);
  GstBuffer *out = gst_harness_push_and_pull (self.h, gst_buffer_ref (in));

  fail_unless (out == in);
  gst_buffer_unref (out);
  gst_buffer_unref (in);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (buffer_without_clearance_is_dropped)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);

  push (&self, frame (&self, 0, 0, FALSE));
  expect_passed (&self, 0);
  fail_unless_equals_uint64 (stat_of (&self, "withheld-unmarked"), 1);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (forged_share_is_dropped)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  GstBuffer *buffer = frame (&self, 0, 0, FALSE);

  gst_buffer_set_clearance (buffer, self.share.id + 1,
                            test_share_epoch (&self.share), DW_LEVEL_CLEAR);
  push (&self, buffer);
  buffer = frame (&self, 0, 1, FALSE);
  gst_buffer_set_clearance (buffer, 0, test_share_epoch (&self.share),
                            DW_LEVEL_CLEAR);
  push (&self, buffer);
  expect_passed (&self, 0);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (future_and_past_epochs_are_dropped)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  guint64 now = test_share_epoch (&self.share);

  push (&self, frame (&self, now + 2, 0, FALSE));
  push (&self, frame (&self, now - 1, 1, FALSE));
  expect_passed (&self, 0);
  fail_unless_equals_uint64 (stat_of (&self, "withheld-stale"), 2);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (unregistered_share_is_dropped)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  guint64 now = test_share_epoch (&self.share);

  push (&self, frame (&self, now, 0, FALSE));
  gst_consent_share_unregister (self.share.id);
  push (&self, frame (&self, now, 1, FALSE));
  expect_passed (&self, 1);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (closed_slot_lets_only_its_own_cards_through)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  guint64 before = test_share_epoch (&self.share);

  dw_slot_close (self.share.slot);
  push (&self, frame (&self, before, 0, FALSE));
  expect_passed (&self, 0);
  push (&self, frame (&self, test_share_epoch (&self.share), 1, FALSE));
  expect_passed (&self, 1);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (no_caps_lets_nothing_through)
{
  Fixture self = set_up ("consentgate", "application/x-unheard-of");

  push (&self, frame (&self, test_share_epoch (&self.share), 0, FALSE));
  expect_passed (&self, 0);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (new_epoch_starts_at_a_key_unit_only)
{
  Fixture self = set_up ("consentgate", H264_CAPS);
  guint64 epoch = test_share_epoch (&self.share);

  push (&self, frame (&self, epoch, 0, FALSE));
  push (&self, frame (&self, epoch, 1, TRUE));
  epoch = test_share_publish (&self.share);
  push (&self, frame (&self, epoch, 2, TRUE));
  push (&self, frame (&self, epoch, 3, TRUE));
  expect_passed (&self, 2);
  push (&self, frame (&self, epoch, 4, FALSE));
  push (&self, frame (&self, epoch, 5, TRUE));
  expect_passed (&self, 4);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (missing_key_unit_is_asked_for_once)
{
  Fixture self = set_up ("consentgate", H264_CAPS);
  guint64 epoch = test_share_epoch (&self.share);
  guint n_asked = 0;
  GstEvent *event;

  push (&self, frame (&self, epoch, 0, TRUE));
  push (&self, frame (&self, epoch, 1, TRUE));
  while ((event = gst_harness_try_pull_upstream_event (self.h)))
    {
      n_asked += gst_video_event_is_force_key_unit (event) ? 1 : 0;
      gst_event_unref (event);
    }
  fail_unless_equals_int (n_asked, 1);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (frames_shown_before_the_key_unit_are_dropped)
{
  Fixture self = set_up ("consentgate", H264_CAPS);
  guint64 epoch = test_share_publish (&self.share);

  push (&self, frame (&self, epoch, 7, FALSE));
  push (&self, frame (&self, epoch, 5, TRUE));
  push (&self, frame (&self, epoch, 6, TRUE));
  push (&self, frame (&self, epoch, 8, TRUE));
  expect_passed (&self, 2);
  tear_down (&self);
}
GST_END_TEST

/* The second frame is lost; what leans on it must not pass either. */
GST_START_TEST (frame_behind_a_lost_one_is_dropped)
{
  Fixture self = set_up ("consentgate", H264_CAPS);
  guint64 epoch = test_share_epoch (&self.share);

  push (&self, frame (&self, epoch, 0, FALSE));
  push (&self, frame (&self, epoch - 2, 1, TRUE));
  push (&self, frame (&self, epoch, 2, TRUE));
  expect_passed (&self, 1);
  push (&self, frame (&self, 0, 3, TRUE));
  push (&self, frame (&self, epoch, 4, FALSE));
  push (&self, frame (&self, 0, 5, TRUE));
  push (&self, frame (&self, epoch, 6, TRUE));
  expect_passed (&self, 2);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (coded_sound_leaves_out_what_overlaps_the_change)
{
  Fixture self = set_up ("consentgate", "audio/x-opus,channels=1,rate=48000");
  guint64 epoch = test_share_epoch (&self.share);

  push (&self, frame (&self, epoch, 0, FALSE));
  expect_passed (&self, 1);
  epoch = test_share_publish (&self.share);
  for (guint i = 1; i < 7; i++)
    push (&self, frame (&self, epoch, i, FALSE));
  expect_passed (&self, 3);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (lists_are_judged_buffer_by_buffer)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  GstPad *pad = gst_element_get_static_pad (self.h->element, "sink");
  guint64 epoch = test_share_epoch (&self.share);
  GstBufferList *list = gst_buffer_list_new ();

  gst_buffer_list_add (list, frame (&self, epoch, 0, FALSE));
  gst_buffer_list_add (list, frame (&self, 0, 1, FALSE));
  gst_buffer_list_add (list, frame (&self, epoch - 2, 2, FALSE));
  gst_buffer_list_add (list, frame (&self, epoch, 3, FALSE));
  fail_unless_equals_int (gst_pad_push_list (self.h->srcpad, list),
                          GST_FLOW_OK);
  expect_passed (&self, 2);
  list = gst_buffer_list_new ();
  gst_buffer_list_add (list, frame (&self, 0, 4, FALSE));
  fail_unless_equals_int (gst_pad_push_list (self.h->srcpad, list),
                          GST_FLOW_OK);
  expect_passed (&self, 2);
  gst_object_unref (pad);
  tear_down (&self);
}
GST_END_TEST

/* Pulls events until one of `type`. */
static GstEvent *
wait_for_event (Fixture *self, GstEventType type)
{
  GstEvent *event;

  while ((event = gst_harness_pull_event (self->h)))
    {
      if (GST_EVENT_TYPE (event) == type)
        return event;
      gst_event_unref (event);
    }
  fail ("no %s came", gst_event_type_get_name (type));
  return NULL;
}

GST_START_TEST (timer_calls_back_while_nothing_flows)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  gboolean reset_time = TRUE;
  GstEvent *event;

  push (&self, frame (&self, test_share_epoch (&self.share), 0, FALSE));
  test_share_publish (&self.share);
  gst_event_unref (wait_for_event (&self, GST_EVENT_FLUSH_START));
  event = wait_for_event (&self, GST_EVENT_FLUSH_STOP);
  gst_event_parse_flush_stop (event, &reset_time);
  fail_if (reset_time);
  gst_event_unref (event);
  push (&self, frame (&self, test_share_epoch (&self.share), 1, FALSE));
  gst_event_unref (wait_for_event (&self, GST_EVENT_SEGMENT));
  expect_passed (&self, 2);
  fail_unless_equals_uint64 (stat_of (&self, "flushes"), 1);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (lease_that_runs_out_is_noticed_by_the_timer)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  DwTerms *terms = g_new0 (DwTerms, 1);
  guint64 epoch;

  dw_slot_publish (self.share.slot, terms,
                   dw_time_boot_ns () + 100 * DW_MILLISECOND_NS, INT64_MAX);
  epoch = test_share_epoch (&self.share);
  push (&self, frame (&self, epoch, 0, FALSE));
  gst_event_unref (wait_for_event (&self, GST_EVENT_FLUSH_START));
  gst_event_unref (wait_for_event (&self, GST_EVENT_FLUSH_STOP));
  push (&self, frame (&self, epoch, 1, FALSE));
  expect_passed (&self, 1);
  g_free (terms);
  tear_down (&self);
}
GST_END_TEST

static gpointer
push_in_thread (gpointer data)
{
  Fixture *self = data;
  GstBuffer *buffer = frame (self, test_share_epoch (&self->share), 1, FALSE);

  GST_BUFFER_PTS (buffer) = GST_SECOND * 3600;
  return GINT_TO_POINTER (gst_harness_push (self->h, buffer));
}

GST_START_TEST (thread_that_is_blocked_downstream_comes_back_without_error)
{
  Fixture self = set_up ("consentgate ! identity sync=true", JPEG_CAPS);
  GThread *thread;

  gst_harness_use_testclock (self.h);
  thread = g_thread_new ("blocked", push_in_thread, &self);
  fail_unless (gst_harness_wait_for_clock_id_waits (self.h, 1, 30));
  test_share_publish (&self.share);
  fail_unless_equals_int (GPOINTER_TO_INT (g_thread_join (thread)),
                          GST_FLOW_OK);
  fail_unless_equals_int (gst_harness_buffers_received (self.h), 0);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (queue_gives_up_what_it_holds)
{
  Fixture self = set_up ("consentgate ! queue ! identity sync=true", JPEG_CAPS);
  guint64 epoch = test_share_epoch (&self.share);

  gst_harness_use_testclock (self.h);
  for (guint i = 1; i <= 10; i++)
    push (&self, frame (&self, epoch, i, FALSE));
  fail_unless (gst_harness_wait_for_clock_id_waits (self.h, 1, 30));
  epoch = test_share_publish (&self.share);
  gst_event_unref (wait_for_event (&self, GST_EVENT_FLUSH_STOP));
  push (&self, frame (&self, epoch, 11, FALSE));
  fail_unless (gst_harness_wait_for_clock_id_waits (self.h, 1, 30));
  fail_unless (gst_harness_crank_single_clock_wait (self.h));
  {
    GstBuffer *out = gst_harness_pull (self.h);

    fail_unless (out != NULL);
    fail_unless_equals_uint64 (gst_buffer_get_clearance (out)->epoch, epoch);
    gst_buffer_unref (out);
  }
  fail_unless_equals_int (gst_harness_buffers_received (self.h), 1);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (flush_can_be_turned_off)
{
  Fixture self = set_up ("consentgate flush=false", H264_CAPS);
  guint64 epoch = test_share_epoch (&self.share);

  push (&self, frame (&self, epoch, 0, FALSE));
  epoch = test_share_publish (&self.share);
  push (&self, frame (&self, epoch - 2, 1, TRUE));
  push (&self, frame (&self, epoch, 2, TRUE));
  push (&self, frame (&self, epoch, 3, FALSE));
  expect_passed (&self, 2);
  fail_unless_equals_uint64 (stat_of (&self, "flushes"), 0);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (end_of_stream_survives_the_flush)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);

  push (&self, frame (&self, test_share_epoch (&self.share), 0, FALSE));
  fail_unless (gst_harness_push_event (self.h, gst_event_new_eos ()));
  gst_event_unref (wait_for_event (&self, GST_EVENT_EOS));
  test_share_publish (&self.share);
  gst_event_unref (wait_for_event (&self, GST_EVENT_FLUSH_STOP));
  gst_event_unref (wait_for_event (&self, GST_EVENT_EOS));
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (flush_from_upstream_starts_anew)
{
  Fixture self = set_up ("consentgate", H264_CAPS);
  guint64 epoch = test_share_epoch (&self.share);
  GstSegment segment;

  push (&self, frame (&self, epoch, 9, FALSE));
  gst_harness_push_event (self.h, gst_event_new_flush_start ());
  fail_unless_equals_int (
      gst_harness_push (self.h, frame (&self, epoch, 10, TRUE)),
      GST_FLOW_FLUSHING);
  gst_harness_push_event (self.h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (self.h, gst_event_new_segment (&segment));
  push (&self, frame (&self, epoch, 0, TRUE));
  expect_passed (&self, 1);
  push (&self, frame (&self, epoch, 1, FALSE));
  expect_passed (&self, 2);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (tags_and_custom_events_stay_behind)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  GstEvent *event;

  push (&self, frame (&self, test_share_epoch (&self.share), 0, FALSE));
  gst_harness_push_event (self.h, gst_event_new_tag (gst_tag_list_new (
                                      GST_TAG_TITLE, "private", NULL)));
  gst_harness_push_event (
      self.h, gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
                                    gst_structure_new_empty ("doorbell")));
  while ((event = gst_harness_try_pull_event (self.h)))
    {
      fail_if (GST_EVENT_TYPE (event) == GST_EVENT_TAG);
      fail_if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM);
      gst_event_unref (event);
    }
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (withheld_frame_leaves_a_gap)
{
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  GstClockTime begin, duration;
  GstEvent *event;

  push (&self, frame (&self, 0, 5, FALSE));
  event = wait_for_event (&self, GST_EVENT_GAP);
  gst_event_parse_gap (event, &begin, &duration);
  fail_unless_equals_uint64 (begin, 5 * GST_SECOND / 25);
  fail_unless_equals_uint64 (duration, GST_SECOND / 25);
  gst_event_unref (event);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (container_that_cannot_be_judged_is_dropped_with_one_warning)
{
  GstBus *bus = gst_bus_new ();
  Fixture self = set_up ("consentgate", "video/x-matroska");
  GstMessage *message;

  gst_element_set_bus (self.h->element, bus);
  push (&self, frame (&self, test_share_epoch (&self.share), 0, FALSE));
  push (&self, frame (&self, test_share_epoch (&self.share), 1, FALSE));
  expect_passed (&self, 0);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  gst_element_set_bus (self.h->element, NULL);
  tear_down (&self);
  gst_object_unref (bus);
}
GST_END_TEST

GST_START_TEST (buffer_that_passed_no_filter_raises_one_alarm)
{
  GstBus *bus = gst_bus_new ();
  Fixture self = set_up ("consentgate", JPEG_CAPS);
  GstMessage *message;

  gst_element_set_bus (self.h->element, bus);
  push (&self, frame (&self, test_share_epoch (&self.share), 0, FALSE));
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT) == NULL);
  push (&self, frame (&self, 0, 1, FALSE));
  push (&self, frame (&self, 0, 2, FALSE));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
  fail_unless (message != NULL);
  fail_unless (gst_message_has_name (message, "doorward-unmarked"));
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT) == NULL);
  gst_element_set_bus (self.h->element, NULL);
  tear_down (&self);
  gst_object_unref (bus);
}
GST_END_TEST

GST_START_TEST (states_may_change_at_any_time)
{
  Fixture self = { .share = test_share_new () };

  /* Not in a bin: its ghost pad closes before the gate hears of it, and may
   * swallow the end of a flush. */
  self.h = gst_harness_new ("consentgate");
  gst_harness_set_src_caps_str (self.h, JPEG_CAPS);
  for (guint i = 0; i < 200; i++)
    {
      push (&self, frame (&self, test_share_epoch (&self.share), i, FALSE));
      if (i % 3 == 0)
        test_share_publish (&self.share);
      if (i % 5 == 0)
        {
          gst_element_set_state (self.h->element, GST_STATE_READY);
          gst_harness_play (self.h);
          gst_harness_set_src_caps_str (self.h, JPEG_CAPS);
        }
    }
  tear_down (&self);
}
GST_END_TEST

static void
add_judging (TCase *tcase)
{
  tcase_add_test (tcase, buffer_of_the_epoch_in_force_passes_untouched);
  tcase_add_test (tcase, buffer_without_clearance_is_dropped);
  tcase_add_test (tcase, forged_share_is_dropped);
  tcase_add_test (tcase, future_and_past_epochs_are_dropped);
  tcase_add_test (tcase, unregistered_share_is_dropped);
  tcase_add_test (tcase, closed_slot_lets_only_its_own_cards_through);
  tcase_add_test (tcase, no_caps_lets_nothing_through);
  tcase_add_test (tcase, new_epoch_starts_at_a_key_unit_only);
  tcase_add_test (tcase, missing_key_unit_is_asked_for_once);
  tcase_add_test (tcase, frames_shown_before_the_key_unit_are_dropped);
  tcase_add_test (tcase, frame_behind_a_lost_one_is_dropped);
  tcase_add_test (tcase, coded_sound_leaves_out_what_overlaps_the_change);
  tcase_add_test (tcase, lists_are_judged_buffer_by_buffer);
}

static Suite *
gate_suite (void)
{
  Suite *suite = suite_create ("gate");
  TCase *tcase = tcase_create ("all");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  add_judging (tcase);
  tcase_add_test (tcase, timer_calls_back_while_nothing_flows);
  tcase_add_test (tcase, lease_that_runs_out_is_noticed_by_the_timer);
  tcase_add_test (tcase,
                  thread_that_is_blocked_downstream_comes_back_without_error);
  tcase_add_test (tcase, queue_gives_up_what_it_holds);
  tcase_add_test (tcase, flush_can_be_turned_off);
  tcase_add_test (tcase, end_of_stream_survives_the_flush);
  tcase_add_test (tcase, flush_from_upstream_starts_anew);
  tcase_add_test (tcase, tags_and_custom_events_stay_behind);
  tcase_add_test (tcase, withheld_frame_leaves_a_gap);
  tcase_add_test (tcase,
                  container_that_cannot_be_judged_is_dropped_with_one_warning);
  tcase_add_test (tcase, buffer_that_passed_no_filter_raises_one_alarm);
  tcase_add_test (tcase, states_may_change_at_any_time);
  return suite;
}

GST_CHECK_MAIN (gate);
