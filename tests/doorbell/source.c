/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorbellsrc against a doorbell on loopback: streams, bell, loss and return,
 * refusals. */
#include "dwtest.h"

#include "camera.h"
#include "plugin.h"
#include "stage.h"

#define SINKS                                                                  \
  " name=door door.video ! queue ! fakesink async=false "                      \
  "door.audio ! queue ! fakesink async=false"
#define VIDEO_SINK " name=door door.video ! queue ! fakesink async=false"

static gchar *
error_text (GstMessage *message)
{
  GError *error = NULL;
  gchar *debug = NULL;
  gchar *text;

  fail_unless (message != NULL, "no error was posted");
  gst_message_parse_error (message, &error, &debug);
  text = g_strdup_printf ("%s %s", error->message, debug ? debug : "");
  g_error_free (error);
  g_free (debug);
  gst_message_unref (message);
  return text;
}

static void
expect_message (GstMessage *message)
{
  fail_unless (message != NULL, "the message did not come");
  gst_message_unref (message);
}

/* -- Streams ------------------------------------------------------------ */

GST_START_TEST (both_streams_of_a_camera_without_onvif_come_encoded)
{
  const CameraOptions options = { .has_audio = TRUE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_rtsp_uri (camera);
  Stage stage;
  GstPad *pad;
  GstCaps *caps;

  stage_init (&stage, "doorbellsrc location=%s" SINKS, uri);
  stage_play (&stage);
  stage_flow (&stage, 20);
  fail_unless (g_atomic_int_get (&stage.n_buffers[1]) > 0);
  fail_unless_equals_int (stage.n_no_more_pads, 1);
  fail_unless_equals_int (stage.n_backwards, 0);
  fail_unless (ABS (stage.utc_error_us) < 3 * G_USEC_PER_SEC);
  pad = gst_element_get_static_pad (stage.door, "video");
  caps = gst_pad_get_current_caps (pad);
  fail_unless (gst_structure_has_name (gst_caps_get_structure (caps, 0),
                                       "video/x-h264"));
  gst_caps_unref (caps);
  gst_object_unref (pad);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

GST_START_TEST (motion_jpeg_comes_as_jpeg)
{
  const CameraOptions options = { .is_jpeg = TRUE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_onvif_uri (camera);
  Stage stage;

  stage_init (&stage,
              "doorbellsrc location=%s name=door door.video ! image/jpeg ! "
              "queue ! jpegdec ! fakesink async=false",
              uri);
  stage_play (&stage);
  stage_flow (&stage, 10);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

GST_START_TEST (an_mp4_file_is_written_without_a_parser_of_ones_own)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_onvif_uri (camera);
  Stage stage;
  GstMessage *message;

  stage_init (&stage,
              "doorbellsrc location=%s name=door mp4mux name=m ! fakesink "
              "async=false door.video ! queue ! m.video_0",
              uri);
  stage_play (&stage);
  stage_flow (&stage, 15);
  fail_unless (gst_element_send_event (stage.pipeline, gst_event_new_eos ()));
  message = stage_wait_type (&stage, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

static void
play_with (const gchar *player)
{
  const CameraOptions options
      = { .user = "bell", .password = "p@ss", .has_audio = TRUE };
  Camera *camera = camera_new (&options);
  GstElement *pipeline = gst_element_factory_make (player, NULL);
  GstElement *video = gst_element_factory_make ("fakesink", NULL);
  GstElement *audio = gst_element_factory_make ("fakesink", NULL);
  gchar *uri = g_strdup_printf ("onvif://bell:p%%40ss@127.0.0.1:%u",
                                camera_onvif_port (camera));
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  GstSample *sample = NULL;
  gint64 end;

  g_object_set (pipeline, "uri", uri, "video-sink", video, "audio-sink", audio,
                NULL);
  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
               != GST_STATE_CHANGE_FAILURE);
  message = gst_bus_timed_pop_filtered (
      bus, 20 * GST_SECOND, GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ASYNC_DONE);
  gst_message_unref (message);
  end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  while (sample == NULL && g_get_monotonic_time () < end)
    {
      g_usleep (5000);
      g_object_get (video, "last-sample", &sample, NULL);
    }
  fail_unless (sample != NULL);
  gst_sample_unref (sample);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  camera_free (camera);
  g_free (uri);
}

GST_START_TEST (playbin_plays_an_onvif_uri)
{
  play_with ("playbin");
}

GST_END_TEST

GST_START_TEST (playbin3_plays_an_onvif_uri)
{
  play_with ("playbin3");
}

GST_END_TEST

/* -- The bell ----------------------------------------------------------- */

GST_START_TEST (a_press_is_a_message_and_an_event_in_the_stream)
{
  const CameraOptions options = { .has_audio = TRUE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_onvif_uri (camera);
  Stage stage;
  GstMessage *message;
  const GstStructure *structure;
  gboolean is_active = FALSE;
  gint64 time = 0;

  stage_init (&stage, "doorbellsrc location=%s camera=gate" SINKS, uri);
  stage_play (&stage);
  expect_message (
      stage_wait_element (&stage, "doorbell-connection", "part", "events"));
  stage_flow (&stage, 5);
  camera_ring (camera, TRUE);
  message = stage_wait_element (&stage, "doorbell", "kind", "press");
  fail_unless (message != NULL, "no press");
  structure = gst_message_get_structure (message);
  fail_unless (gst_structure_get_boolean (structure, "active", &is_active));
  fail_unless (is_active);
  fail_unless (gst_structure_get_int64 (structure, "time", &time));
  fail_unless (ABS (time / 1000 - g_get_real_time ()) < 5 * G_USEC_PER_SEC);
  fail_unless_equals_string (gst_structure_get_string (structure, "camera"),
                             "gate");
  fail_unless_equals_string (gst_structure_get_string (structure, "topic"),
                             "tns1:RuleEngine/MyRuleDetector/Visitor");
  fail_unless_equals_string (gst_structure_get_string (structure, "source"),
                             "000");
  gst_message_unref (message);
  stage_flow (&stage, 10);
  fail_unless_equals_int (g_atomic_int_get (&stage.n_events), 2);
  camera_ring (camera, FALSE);
  message = stage_wait_element (&stage, "doorbell", "kind", "press");
  fail_unless (message != NULL, "no end of the press");
  gst_structure_get_boolean (gst_message_get_structure (message), "active",
                             &is_active);
  fail_if (is_active);
  gst_message_unref (message);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

/* The state that the device remembers is no ring. */
GST_START_TEST (a_press_of_the_past_does_not_ring)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_onvif_uri (camera);
  Stage stage;

  camera_ring (camera, TRUE);
  stage_init (&stage, "doorbellsrc location=%s" VIDEO_SINK, uri);
  stage_play (&stage);
  expect_message (
      stage_wait_element (&stage, "doorbell-connection", "part", "events"));
  stage_flow (&stage, 25);
  fail_unless_equals_int (stage_count (&stage, GST_MESSAGE_ELEMENT, "doorbell"),
                          0);
  fail_unless_equals_int (g_atomic_int_get (&stage.n_events), 0);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

GST_START_TEST (a_press_before_the_pads_is_kept_for_the_stream)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_onvif_uri (camera);
  Stage stage;

  stage_init (&stage, "doorbellsrc location=%s" VIDEO_SINK, uri);
  /* A live camera sends nothing before PLAYING: no pad is there yet. */
  gst_element_set_state (stage.pipeline, GST_STATE_PAUSED);
  expect_message (
      stage_wait_element (&stage, "doorbell-connection", "part", "events"));
  camera_ring (camera, TRUE);
  expect_message (stage_wait_element (&stage, "doorbell", "kind", "press"));
  fail_unless_equals_int (g_atomic_int_get (&stage.n_buffers[0]), 0);
  fail_unless_equals_int (g_atomic_int_get (&stage.n_events), 0);
  stage_play (&stage);
  stage_flow (&stage, 2);
  fail_unless_equals_int (g_atomic_int_get (&stage.n_events), 1);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

/* -- Loss and return ---------------------------------------------------- */

GST_START_TEST (a_camera_that_comes_back_goes_on_in_the_same_stream)
{
  CameraOptions options = { .has_audio = TRUE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_onvif_uri (camera);
  Stage stage;
  GstClockTime before;

  options.rtsp_port = camera_rtsp_port (camera);
  options.onvif_port = camera_onvif_port (camera);
  stage_init (&stage, "doorbellsrc location=%s" SINKS, uri);
  stage_play (&stage);
  stage_flow (&stage, 20);
  camera_free (camera);
  expect_message (
      stage_wait_element (&stage, "doorbell-connection", "state", "lost"));
  before = stage.last[0];
  camera = camera_new (&options);
  stage_flow (&stage, 20);
  fail_unless_equals_int (stage.n_pads, 2);
  fail_unless_equals_int (stage.n_removed, 0);
  fail_unless_equals_int (stage.n_no_more_pads, 1);
  fail_unless_equals_int (stage.n_backwards, 0);
  fail_unless (stage.n_disconts >= 2);
  fail_unless (stage.last[0] > before);
  fail_unless (ABS (stage.utc_error_us) < 3 * G_USEC_PER_SEC);
  camera_ring (camera, FALSE);
  fail_unless_equals_int (stage_count (&stage, GST_MESSAGE_ERROR, NULL), 0);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

GST_START_TEST (a_camera_that_falls_silent_is_called_again)
{
  const CameraOptions options = { .has_audio = TRUE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_rtsp_uri (camera);
  Stage stage;

  stage_init (&stage, "doorbellsrc location=%s stall-timeout=800" SINKS, uri);
  stage_play (&stage);
  stage_flow (&stage, 20);
  camera_set_silent (camera, TRUE);
  expect_message (
      stage_wait_element (&stage, "doorbell-connection", "state", "lost"));
  camera_set_silent (camera, FALSE);
  stage_flow (&stage, 20);
  fail_unless_equals_int (stage.n_backwards, 0);
  fail_unless (camera_n_clients (camera) >= 2);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

GST_START_TEST (with_retry_off_a_loss_is_an_error)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_rtsp_uri (camera);
  Stage stage;

  stage_init (&stage, "doorbellsrc location=%s retry=false" VIDEO_SINK, uri);
  stage_play (&stage);
  stage_flow (&stage, 5);
  camera_free (camera);
  g_free (error_text (stage_wait_type (&stage, GST_MESSAGE_ERROR)));
  stage_finish (&stage);
  g_free (uri);
}

GST_END_TEST

GST_START_TEST (an_unreachable_doorbell_is_an_error_after_the_timeout)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_onvif_uri (camera);
  const gint64 start = g_get_monotonic_time ();
  Stage stage;
  gchar *text;

  camera_free (camera); /* nobody listens on its port now */
  stage_init (&stage, "doorbellsrc location=%s timeout=1200" VIDEO_SINK, uri);
  stage_play (&stage);
  text = error_text (stage_wait_type (&stage, GST_MESSAGE_ERROR));
  fail_unless (strstr (text, "127.0.0.1") != NULL, "%s", text);
  fail_unless (g_get_monotonic_time () - start >= 1200 * 1000);
  g_free (text);
  stage_finish (&stage);
  g_free (uri);
}

GST_END_TEST

/* -- Passwords ---------------------------------------------------------- */

static void
expect_refusal (const CameraOptions *options, gboolean is_onvif)
{
  Camera *camera = camera_new (options);
  gchar *uri = is_onvif ? camera_onvif_uri (camera) : camera_rtsp_uri (camera);
  Stage stage;
  gchar *text;
  gint n_clients;

  stage_init (&stage,
              "doorbellsrc location=%s user-id=bell user-pw=hunter2" VIDEO_SINK,
              uri);
  stage_play (&stage);
  text = error_text (stage_wait_type (&stage, GST_MESSAGE_ERROR));
  fail_unless (strstr (text, "refused") != NULL, "%s", text);
  fail_unless (strstr (text, "hunter2") == NULL, "%s", text);
  g_free (text);
  n_clients = camera_n_clients (camera);
  /* Longer than the first wait before a new attempt. */
  fail_unless (gst_bus_timed_pop_filtered (stage.bus, 1500 * GST_MSECOND,
                                           GST_MESSAGE_ERROR)
               == NULL);
  fail_unless_equals_int (camera_n_clients (camera), n_clients);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_START_TEST (a_wrong_password_is_told_once_and_not_tried_again)
{
  const CameraOptions options = { .user = "bell", .password = "right" };

  expect_refusal (&options, TRUE);
}

GST_END_TEST

GST_START_TEST (a_wrong_password_of_the_stream_is_told_once)
{
  const CameraOptions onvif
      = { .user = "bell", .password = "hunter2", .rtsp_password = "right" };
  const CameraOptions rtsp = { .user = "bell", .password = "right" };

  expect_refusal (&onvif, TRUE);
  expect_refusal (&rtsp, FALSE);
}

GST_END_TEST

GST_START_TEST (an_unknown_profile_is_an_error_that_names_those_there_are)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_onvif_uri (camera);
  Stage stage;
  gchar *text;

  stage_init (&stage, "doorbellsrc location=%s profile=garden" VIDEO_SINK, uri);
  stage_play (&stage);
  text = error_text (stage_wait_type (&stage, GST_MESSAGE_ERROR));
  fail_unless (strstr (text, "garden") && strstr (text, "MainStream"), "%s",
               text);
  g_free (text);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

/* -- The guard ---------------------------------------------------------- */

GST_START_TEST (a_delayed_link_to_an_appsink_gives_an_error_and_no_buffer)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_rtsp_uri (camera);
  Stage stage;
  gchar *text;

  stage_init (&stage,
              "doorbellsrc location=%s name=door door.video ! queue ! appsink "
              "name=out async=false",
              uri);
  stage_play (&stage);
  text = error_text (stage_wait_type (&stage, GST_MESSAGE_ERROR));
  fail_unless (strstr (text, "door.video ! ") && strstr (text, "out (appsink)")
                   && strstr (text, "consentgate"),
               "%s", text);
  g_free (text);
  expect_message (
      stage_wait_element (&stage, "doorbell-connection", "state", "connected"));
  g_usleep (300 * 1000);
  fail_unless_equals_int (g_atomic_int_get (&stage.n_buffers[0]), 0);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

GST_START_TEST (a_way_out_vetoes_playing)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_rtsp_uri (camera);
  Stage stage;
  GstElement *sink;
  gint n_before;

  stage_init (&stage,
              "doorbellsrc location=%s name=door door.video ! tee name=t "
              "allow-not-linked=true ! queue ! fakesink async=false",
              uri);
  stage_play (&stage);
  stage_flow (&stage, 5);
  gst_element_set_state (stage.pipeline, GST_STATE_PAUSED);
  sink = gst_parse_bin_from_description ("queue ! udpsink async=false", TRUE,
                                         NULL);
  gst_bin_add (GST_BIN (stage.pipeline), sink);
  {
    GstElement *tee = gst_bin_get_by_name (GST_BIN (stage.pipeline), "t");

    fail_unless (gst_element_link (tee, sink));
    gst_object_unref (tee);
  }
  gst_element_sync_state_with_parent (sink);
  n_before = g_atomic_int_get (&stage.n_buffers[0]);
  fail_unless (gst_element_set_state (stage.pipeline, GST_STATE_PLAYING)
               == GST_STATE_CHANGE_FAILURE);
  g_free (error_text (stage_wait_type (&stage, GST_MESSAGE_ERROR)));
  fail_unless_equals_int (g_atomic_int_get (&stage.n_buffers[0]), n_before);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

GST_START_TEST (a_branch_made_while_playing_closes_the_source)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_rtsp_uri (camera);
  Stage stage;
  GstElement *sink, *tee;
  gint n_before;

  stage_init (&stage,
              "doorbellsrc location=%s name=door door.video ! tee name=t "
              "allow-not-linked=true ! queue ! fakesink async=false",
              uri);
  stage_play (&stage);
  stage_flow (&stage, 5);
  sink = gst_parse_bin_from_description ("queue ! appsink async=false", TRUE,
                                         NULL);
  tee = gst_bin_get_by_name (GST_BIN (stage.pipeline), "t");
  gst_bin_add (GST_BIN (stage.pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  /* A late switch does not help either. */
  g_object_set (stage.door, "enforce", 0, NULL);
  fail_unless (gst_element_link (tee, sink));
  gst_object_unref (tee);
  g_free (error_text (stage_wait_type (&stage, GST_MESSAGE_ERROR)));
  n_before = g_atomic_int_get (&stage.n_buffers[0]);
  g_usleep (400 * 1000);
  /* One may have been on its way when the door was shut. */
  fail_unless (g_atomic_int_get (&stage.n_buffers[0]) <= n_before + 1);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

GST_START_TEST (files_are_a_way_out_only_when_all_is_enforced)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_rtsp_uri (camera);
  Stage stage;

  stage_init (&stage,
              "doorbellsrc location=%s enforce=all name=door door.video ! "
              "queue ! filesink async=false location=/dev/null",
              uri);
  stage_play (&stage);
  g_free (error_text (stage_wait_type (&stage, GST_MESSAGE_ERROR)));
  fail_unless_equals_int (g_atomic_int_get (&stage.n_buffers[0]), 0);
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

static Suite *
source_suite (void)
{
  Suite *suite = suite_create ("doorbell-source");
  TCase *tcase = tcase_create ("loopback");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 90);
  tcase_add_test (tcase, both_streams_of_a_camera_without_onvif_come_encoded);
  tcase_add_test (tcase, motion_jpeg_comes_as_jpeg);
  tcase_add_test (tcase, an_mp4_file_is_written_without_a_parser_of_ones_own);
  tcase_add_test (tcase, playbin_plays_an_onvif_uri);
  tcase_add_test (tcase, playbin3_plays_an_onvif_uri);
  tcase_add_test (tcase, a_press_is_a_message_and_an_event_in_the_stream);
  tcase_add_test (tcase, a_press_of_the_past_does_not_ring);
  tcase_add_test (tcase, a_press_before_the_pads_is_kept_for_the_stream);
  tcase_add_test (tcase, a_camera_that_comes_back_goes_on_in_the_same_stream);
  tcase_add_test (tcase, a_camera_that_falls_silent_is_called_again);
  tcase_add_test (tcase, with_retry_off_a_loss_is_an_error);
  tcase_add_test (tcase, an_unreachable_doorbell_is_an_error_after_the_timeout);
  tcase_add_test (tcase, a_wrong_password_is_told_once_and_not_tried_again);
  tcase_add_test (tcase, a_wrong_password_of_the_stream_is_told_once);
  tcase_add_test (tcase,
                  an_unknown_profile_is_an_error_that_names_those_there_are);
  tcase_add_test (tcase,
                  a_delayed_link_to_an_appsink_gives_an_error_and_no_buffer);
  tcase_add_test (tcase, a_way_out_vetoes_playing);
  tcase_add_test (tcase, a_branch_made_while_playing_closes_the_source);
  tcase_add_test (tcase, files_are_a_way_out_only_when_all_is_enforced);
  return suite;
}

GST_CHECK_MAIN (source)
