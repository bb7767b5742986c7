/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorbellsrc up and down: at any moment, against hosts that stall, and with
 * nothing left behind. Locations and secrets at the element. */
#include "dwtest.h"

#include "camera.h"
#include "plugin.h"
#include "stage.h"

#include <gio/gio.h>

/* What the first pipelines of a process leave for good (thread pools, the
 * registry's files) is made before the counting begins. */
#define WARM_UPS 3

static void
wait_for_count (guint (*count) (void), guint most, const gchar *what)
{
  const gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (count () > most && g_get_monotonic_time () < end)
    g_usleep (20 * 1000);
  fail_unless (count () <= most, "%s: %u instead of %u", what, count (), most);
}

GST_START_TEST (up_and_down_at_random_moments_leaves_nothing_behind)
{
  const CameraOptions options = { .has_audio = TRUE };
  Camera *camera = camera_new (&options);
  gchar *onvif = camera_onvif_uri (camera);
  gchar *rtsp = camera_rtsp_uri (camera);
  guint n_descriptors = 0, n_threads = 0;

  for (gint i = 0; i < 24; i++)
    {
      Stage stage;

      stage_init (&stage,
                  "doorbellsrc location=%s name=door door. ! queue ! "
                  "fakesink async=false",
                  i % 3 ? onvif : rtsp);
      stage_play (&stage);
      if (i < WARM_UPS)
        stage_flow (&stage, 3);
      else
        g_usleep ((gulong)g_random_int_range (0, 250) * 1000);
      if (i % 4 == 0)
        gst_element_set_state (stage.pipeline, GST_STATE_PAUSED);
      stage_finish (&stage);
      if (i == WARM_UPS)
        {
          g_usleep (500 * 1000);
          n_descriptors = count_descriptors () + 4;
          n_threads = count_threads () + 4;
        }
    }
  wait_for_count (count_descriptors, n_descriptors, "descriptors");
  wait_for_count (count_threads, n_threads, "threads");
  camera_free (camera);
  g_free (onvif);
  g_free (rtsp);
}

GST_END_TEST

/* The same element again: pads go and come back. */
GST_START_TEST (an_element_can_be_used_again)
{
  const CameraOptions options = { .has_audio = FALSE };
  Camera *camera = camera_new (&options);
  gchar *uri = camera_onvif_uri (camera);
  Stage stage;

  stage_init (&stage, "doorbellsrc location=%s name=door", uri);
  for (gint i = 1; i <= 3; i++)
    {
      stage.last[0] = 0;
      stage_play (&stage);
      stage_flow (&stage, 5);
      fail_unless_equals_int (stage.n_pads, i);
      gst_element_set_state (stage.pipeline,
                             i % 2 ? GST_STATE_READY : GST_STATE_NULL);
      fail_unless_equals_int (stage.n_removed, i);
    }
  stage_finish (&stage);
  camera_free (camera);
  g_free (uri);
}

GST_END_TEST

/* Takes connections and never answers. */
static void
expect_quick_end (const gchar *scheme, const gchar *path)
{
  GSocket *silent = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, NULL);
  GInetAddress *loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  GSocketAddress *address = g_inet_socket_address_new (loopback, 0);
  GSocketAddress *bound;
  gint64 start;
  Stage stage;

  fail_unless (g_socket_bind (silent, address, FALSE, NULL));
  fail_unless (g_socket_listen (silent, NULL));
  bound = g_socket_get_local_address (silent, NULL);
  stage_init (
      &stage, "doorbellsrc name=door location=%s://127.0.0.1:%u%s", scheme,
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)), path);
  stage_play (&stage);
  /* The connection has come in: it waits for an answer now. */
  fail_unless (g_socket_condition_timed_wait (silent, G_IO_IN,
                                              10 * G_USEC_PER_SEC, NULL, NULL));
  start = g_get_monotonic_time ();
  stage_finish (&stage);
  fail_unless (g_get_monotonic_time () - start < 3 * G_USEC_PER_SEC,
               "%s took %d ms", scheme,
               (gint)((g_get_monotonic_time () - start) / 1000));
  g_object_unref (bound);
  g_object_unref (address);
  g_object_unref (loopback);
  g_object_unref (silent);
}

GST_START_TEST (ending_while_a_host_stalls_is_quick)
{
  guint n_descriptors, n_threads;

  expect_quick_end ("onvif", "");
  expect_quick_end ("rtsp", "/main");
  n_descriptors = count_descriptors ();
  n_threads = count_threads ();
  for (gint i = 0; i < 4; i++)
    {
      expect_quick_end ("onvif", "");
      expect_quick_end ("rtsp", "/main");
    }
  wait_for_count (count_descriptors, n_descriptors, "descriptors");
  wait_for_count (count_threads, n_threads, "threads");
}

GST_END_TEST

GST_START_TEST (ending_while_looking_for_a_doorbell_is_quick)
{
  Stage stage;
  gint64 start;
  GstMessage *message;

  stage_init (&stage, "doorbellsrc name=door location=onvif:// interfaces=lo");
  stage_play (&stage);
  message = stage_wait_element (&stage, "doorbell-connection", "state",
                                "connecting");
  fail_unless (message != NULL);
  gst_message_unref (message);
  start = g_get_monotonic_time ();
  stage_finish (&stage);
  fail_unless (g_get_monotonic_time () - start < G_USEC_PER_SEC);
}

GST_END_TEST

/* -- Locations at the element ------------------------------------------- */

GST_START_TEST (onvif_uris_are_handled_and_keep_their_secrets)
{
  GError *error = NULL;
  GstElement *door = gst_element_make_from_uri (
      GST_URI_SRC, "onvif://bell:hunter2@192.0.2.7:8080", "door", &error);
  gchar *uri, *text;

  fail_unless (door != NULL && error == NULL);
  fail_unless_equals_string (G_OBJECT_TYPE_NAME (door), "GstDoorbellSrc");
  uri = gst_uri_handler_get_uri (GST_URI_HANDLER (door));
  fail_unless_equals_string (uri, "onvif://192.0.2.7:8080");
  g_free (uri);
  g_object_get (door, "user-pw", &text, NULL);
  fail_unless (text == NULL);
  g_object_set (door, "user-pw", "hunter2", NULL);
  g_object_get (door, "user-pw", &text, NULL);
  fail_unless (text != NULL && strstr (text, "hunter2") == NULL);
  g_free (text);
  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (door),
                                    "onvif://u:hunter2@do or", &error));
  fail_unless (g_error_matches (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI));
  fail_unless (strstr (error->message, "hunter2") == NULL);
  g_clear_error (&error);
  gst_object_unref (door);
}

GST_END_TEST

GST_START_TEST (a_wrong_location_finds_no_other_doorbell)
{
  Stage stage;
  GstMessage *message;

  stage_init (&stage, "doorbellsrc name=door");
  g_object_set (stage.door, "location", "gopher://door", NULL);
  fail_unless (gst_element_set_state (stage.pipeline, GST_STATE_PLAYING)
               == GST_STATE_CHANGE_FAILURE);
  message = stage_wait_type (&stage, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  stage_finish (&stage);
}

GST_END_TEST

GST_START_TEST (a_location_in_use_cannot_be_changed)
{
  Stage stage;
  GError *error = NULL;

  stage_init (&stage, "doorbellsrc name=door location=onvif://127.0.0.1:9");
  stage_play (&stage);
  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (stage.door),
                                    "onvif://192.0.2.8", &error));
  fail_unless (g_error_matches (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE));
  g_clear_error (&error);
  stage_finish (&stage);
}

GST_END_TEST

static Suite *
states_suite (void)
{
  Suite *suite = suite_create ("doorbell-states");
  TCase *tcase = tcase_create ("states");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 90);
  tcase_add_test (tcase, up_and_down_at_random_moments_leaves_nothing_behind);
  tcase_add_test (tcase, an_element_can_be_used_again);
  tcase_add_test (tcase, ending_while_a_host_stalls_is_quick);
  tcase_add_test (tcase, ending_while_looking_for_a_doorbell_is_quick);
  tcase_add_test (tcase, onvif_uris_are_handled_and_keep_their_secrets);
  tcase_add_test (tcase, a_wrong_location_finds_no_other_doorbell);
  tcase_add_test (tcase, a_location_in_use_cannot_be_changed);
  return suite;
}

GST_CHECK_MAIN (states)
