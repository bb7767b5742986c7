/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sharesink: only frames with a clearance in force reach a file, an RTSP
 * server, an SRT listener or an HTTP server; bad locations are refused in
 * words. */
#include "gstclearancemeta.h"
#include "plugin.h"
#include "timebase.h"

#include "dwtest.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>
#include <gst/rtsp-server/rtsp-server.h>

#include <string.h>

#define N_FRAMES 60
#define HOUR_NS (3600 * DW_SECOND_NS)

/* A share whose epoch the test holds in its hand. */
typedef struct
{
  DwSlot *slot;
  guint64 share;
  guint marked;     /* frames to mark; those after stay unmarked */
  guint n_seen;     /* by the marking probe */
  guint bump_after; /* close and publish anew before this frame; 0: never */
  gchar *folder;
} Fixture;

static void
publish (Fixture *fixture)
{
  static const DwTerms nothing;

  dw_slot_publish (fixture->slot, &nothing, dw_time_boot_ns () + HOUR_NS,
                   INT64_MAX);
}

static void
fixture_init (Fixture *fixture)
{
  memset (fixture, 0, sizeof *fixture);
  gst_doorward_register (NULL);
  fixture->slot = dw_slot_new ();
  fixture->share = gst_consent_share_register (fixture->slot);
  fixture->marked = G_MAXUINT;
  fixture->folder = g_dir_make_tmp ("doorward-share-XXXXXX", NULL);
  publish (fixture);
}

static void
fixture_finish (Fixture *fixture)
{
  GDir *folder = g_dir_open (fixture->folder, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (folder)))
    {
      gchar *path = g_build_filename (fixture->folder, name, NULL);

      g_unlink (path);
      g_free (path);
    }
  g_dir_close (folder);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  gst_consent_share_unregister (fixture->share);
  dw_slot_unref (fixture->slot);
}

static GstPadProbeReturn
mark (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Fixture *fixture = data;
  GstBuffer *buffer;

  (void)pad;
  fixture->n_seen++;
  if (fixture->bump_after && fixture->n_seen == fixture->bump_after)
    publish (fixture);
  if (fixture->n_seen > fixture->marked)
    return GST_PAD_PROBE_OK;
  buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));
  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  gst_buffer_set_clearance (buffer, fixture->share,
                            dw_slot_epoch (fixture->slot, dw_time_boot_ns ()),
                            DW_LEVEL_CLEAR);
  return GST_PAD_PROBE_OK;
}

/* Every element named mark... marks what it passes on. */
static GstElement *
launch (Fixture *fixture, const gchar *description)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error);

  fail_unless (pipeline != NULL, "%s", error ? error->message : "");
  g_clear_error (&error);
  for (guint i = 0; i < 2; i++)
    {
      GstElement *element
          = gst_bin_get_by_name (GST_BIN (pipeline), i ? "mark1" : "mark0");
      GstPad *pad;

      if (element == NULL)
        continue;
      pad = gst_element_get_static_pad (element, "src");
      gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, mark, fixture, NULL);
      gst_object_unref (pad);
      gst_object_unref (element);
    }
  return pipeline;
}

static GstMessage *
run (GstElement *pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 40 * GST_SECOND,
                                        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  return message;
}

static void
expect_eos (GstElement *pipeline)
{
  GstMessage *message = run (pipeline);

  fail_unless (message != NULL, "neither end nor error came");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    {
      GError *error = NULL;
      gchar *debug = NULL;

      gst_message_parse_error (message, &error, &debug);
      fail ("%s (%s)", error->message, debug);
    }
  gst_message_unref (message);
  gst_object_unref (pipeline);
}

/* A file that cannot be played sends no frame and no end. */
static GstBusSyncReply
end_on_error (GstBus *bus, GstMessage *message, gpointer sink)
{
  GstPad *pad;

  (void)bus;
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return GST_BUS_PASS;
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_send_event (pad, gst_event_new_stream_start ("none"));
  gst_pad_send_event (pad, gst_event_new_eos ());
  gst_object_unref (pad);
  return GST_BUS_PASS;
}

/* Decoded frames of a stream of a file; 0 where it cannot be played. */
static guint
count_frames (const gchar *path, const gchar *pad)
{
  gchar *description = g_strdup_printf (
      "filesrc location=\"%s\" ! qtdemux name=d d.%s ! queue ! decodebin ! "
      "appsink name=sink sync=false",
      path, pad);
  GstElement *pipeline = gst_parse_launch (description, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstSample *sample;
  GstBus *bus;
  guint n = 0;

  bus = gst_element_get_bus (pipeline);
  gst_bus_set_sync_handler (bus, end_on_error, sink, NULL);
  gst_object_unref (bus);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while ((sample
          = gst_app_sink_try_pull_sample (GST_APP_SINK (sink), 5 * GST_SECOND)))
    {
      n++;
      gst_sample_unref (sample);
    }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (description);
  return n;
}

static gchar *
share_to_file (Fixture *fixture, const gchar *source, const gchar *name)
{
  gchar *path = g_build_filename (fixture->folder, name, NULL);
  gchar *description
      = g_strdup_printf ("%s ! sharesink location=\"%s\"", source, path);

  expect_eos (launch (fixture, description));
  g_free (description);
  return path;
}

#define RAW                                                                    \
  "videotestsrc num-buffers=60 pattern=ball ! "                                \
  "video/x-raw,width=160,height=120,framerate=15/1 ! identity name=mark0"
#define JPEG                                                                   \
  "videotestsrc num-buffers=60 ! "                                             \
  "video/x-raw,width=160,height=120,framerate=15/1 ! jpegenc ! "               \
  "identity name=mark0"

GST_START_TEST (cleared_frames_reach_the_file)
{
  Fixture fixture;
  gchar *path;

  fixture_init (&fixture);
  path = share_to_file (&fixture, RAW, "raw.mp4");
  fail_unless_equals_int (count_frames (path, "video_0"), N_FRAMES);
  g_free (path);
  fixture_finish (&fixture);
}
GST_END_TEST;

GST_START_TEST (jpeg_is_not_encoded_again)
{
  Fixture fixture;
  gchar *path;

  fixture_init (&fixture);
  path = share_to_file (&fixture, JPEG, "jpeg.mov");
  fail_unless_equals_int (count_frames (path, "video_0"), N_FRAMES);
  g_free (path);
  fixture_finish (&fixture);
}
GST_END_TEST;

GST_START_TEST (jpeg_becomes_h264_where_mp4_is_asked_for)
{
  Fixture fixture;
  gchar *path;

  fixture_init (&fixture);
  path = share_to_file (&fixture, JPEG, "jpeg.mp4");
  fail_unless_equals_int (count_frames (path, "video_0"), N_FRAMES);
  g_free (path);
  fixture_finish (&fixture);
}
GST_END_TEST;

GST_START_TEST (frames_without_a_clearance_reach_no_file)
{
  Fixture fixture;
  gchar *path;

  fixture_init (&fixture);
  fixture.marked = 0;
  path = share_to_file (&fixture, RAW, "closed.mp4");
  fail_unless_equals_int (count_frames (path, "video_0"), 0);
  g_free (path);
  fixture_finish (&fixture);
}
GST_END_TEST;

/* The muxer holds up to a second back: those 14 frames of the old epoch must
 * not come out after the new one began. */
GST_START_TEST (a_new_epoch_recalls_what_the_muxer_holds)
{
  Fixture fixture;
  gchar *path;
  guint n;

  fixture_init (&fixture);
  fixture.bump_after = 45;
  path = share_to_file (&fixture, RAW, "recalled.mp4");
  n = count_frames (path, "video_0");
  fail_unless (n >= 16 && n <= N_FRAMES, "%u frames", n);
  fail_unless (fixture.n_seen == N_FRAMES);
  g_free (path);
  fixture_finish (&fixture);
}
GST_END_TEST;

GST_START_TEST (sound_and_picture_share_one_file)
{
  Fixture fixture;
  gchar *path, *description;

  fixture_init (&fixture);
  path = g_build_filename (fixture.folder, "both.mp4", NULL);
  description = g_strdup_printf (
      "sharesink name=s location=\"%s\" " RAW " ! queue ! s.video "
      "audiotestsrc num-buffers=86 samplesperbuffer=1024 ! "
      "audio/x-raw,rate=22050,channels=1 ! identity name=mark1 ! queue ! "
      "s.audio",
      path);
  expect_eos (launch (&fixture, description));
  fail_unless_equals_int (count_frames (path, "video_0"), N_FRAMES);
  fail_unless (count_frames (path, "audio_0") > 50);
  g_free (description);
  g_free (path);
  fixture_finish (&fixture);
}
GST_END_TEST;

GST_START_TEST (bad_locations_are_refused_in_words)
{
  static const struct
  {
    const gchar *location, *words;
  } table[] = {
    { NULL, "set location" },
    { "", "set location" },
    { "share.avi", ".mp4" },
    { "file:///tmp/share.mkv", ".mp4" },
    { "nosuch://host/", "nosuch" },
    { "/nowhere/at/all/share.mp4", "/nowhere/at/all/share.mp4" },
  };
  Fixture fixture;

  fixture_init (&fixture);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      GstElement *pipeline = launch (&fixture, RAW " ! sharesink name=s");
      GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "s");
      GstMessage *message;
      GError *error = NULL;

      g_object_set (sink, "location", table[i].location, NULL);
      message = run (pipeline);
      fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR);
      gst_message_parse_error (message, &error, NULL);
      fail_unless (strstr (error->message, table[i].words) != NULL, "%s: %s",
                   table[i].location, error->message);
      g_error_free (error);
      gst_message_unref (message);
      gst_object_unref (sink);
      gst_object_unref (pipeline);
    }
  fixture_finish (&fixture);
}
GST_END_TEST;

GST_START_TEST (states_can_be_changed_at_any_pace)
{
  Fixture fixture;
  gchar *path, *description;
  GstElement *pipeline;

  fixture_init (&fixture);
  path = g_build_filename (fixture.folder, "stress.mp4", NULL);
  description = g_strdup_printf (
      "videotestsrc ! video/x-raw,width=32,height=32 ! identity name=mark0 ! "
      "sharesink location=\"%s\"",
      path);
  pipeline = launch (&fixture, description);
  for (guint i = 0; i < 25; i++)
    {
      gst_element_set_state (pipeline, GST_STATE_PLAYING);
      if (i % 2)
        gst_element_get_state (pipeline, NULL, NULL, 5 * GST_SECOND);
      gst_element_set_state (pipeline,
                             i % 3 ? GST_STATE_NULL : GST_STATE_PAUSED);
    }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_free (description);
  g_free (path);
  fixture_finish (&fixture);
}
GST_END_TEST;

/* Counts what an SRT listener or RTSP server hands on. */
static GstFlowReturn
count_sample (GstElement *sink, gpointer data)
{
  GstSample *sample = gst_app_sink_pull_sample (GST_APP_SINK (sink));

  if (sample)
    {
      g_atomic_int_inc ((gint *)data);
      gst_sample_unref (sample);
    }
  return GST_FLOW_OK;
}

static gboolean
wait_for_count (gint *count, gint wanted)
{
  gint64 end = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;

  while (g_atomic_int_get (count) < wanted && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (2000);
    }
  return g_atomic_int_get (count) >= wanted;
}

static void
on_record_media (GstRTSPMediaFactory *factory, GstRTSPMedia *media,
                 gpointer data)
{
  GstElement *element = gst_rtsp_media_get_element (media);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (element), "sink");

  (void)factory;
  g_signal_connect (sink, "new-sample", G_CALLBACK (count_sample), data);
  gst_object_unref (sink);
  gst_object_unref (element);
}

static GstRTSPServer *
record_server (gint *count, guint *source)
{
  GstRTSPServer *server = gst_rtsp_server_new ();
  GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new ();
  GstRTSPMountPoints *mounts = gst_rtsp_server_get_mount_points (server);

  gst_rtsp_server_set_address (server, "127.0.0.1");
  gst_rtsp_server_set_service (server, "0");
  gst_rtsp_media_factory_set_transport_mode (factory,
                                             GST_RTSP_TRANSPORT_MODE_RECORD);
  gst_rtsp_media_factory_set_launch (
      factory, "( rtph264depay name=depay0 ! appsink name=sink sync=false "
               "emit-signals=true )");
  g_signal_connect (factory, "media-configure", G_CALLBACK (on_record_media),
                    count);
  gst_rtsp_mount_points_add_factory (mounts, "/front", factory);
  g_object_unref (mounts);
  *source = gst_rtsp_server_attach (server, NULL);
  return server;
}

GST_START_TEST (an_rtsp_server_receives_the_share)
{
  Fixture fixture;
  gint count = 0;
  guint source = 0;
  GstRTSPServer *server;
  gchar *description;
  GstElement *pipeline;

  if (!gst_registry_check_feature_version (gst_registry_get (),
                                           "rtspclientsink", 1, 0, 0))
    {
      printf ("SKIP: rtspclientsink is not installed\n");
      return;
    }
  fixture_init (&fixture);
  server = record_server (&count, &source);
  description = g_strdup_printf (
      "videotestsrc is-live=true ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! identity name=mark0 "
      "! sharesink location=rtsp://127.0.0.1:%d/front",
      gst_rtsp_server_get_bound_port (server));
  pipeline = launch (&fixture, description);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fail_unless (wait_for_count (&count, 20), "%d frames", count);
  /* A new epoch flushes what is on its way, and the stream goes on. */
  publish (&fixture);
  fail_unless (wait_for_count (&count, g_atomic_int_get (&count) + 30),
               "the stream ended with the epoch: %d frames", count);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_free (description);
  g_source_remove (source);
  g_object_unref (server);
  fixture_finish (&fixture);
}
GST_END_TEST;

/* A port that was free a moment ago. */
static guint
free_port (GSocketType type)
{
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, type,
                                  G_SOCKET_PROTOCOL_DEFAULT, NULL);
  GInetAddress *loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  GSocketAddress *address = g_inet_socket_address_new (loopback, 0);
  GSocketAddress *bound;
  guint port;

  g_socket_bind (socket, address, FALSE, NULL);
  bound = g_socket_get_local_address (socket, NULL);
  port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  g_object_unref (bound);
  g_object_unref (address);
  g_object_unref (loopback);
  g_object_unref (socket);
  return port;
}

GST_START_TEST (an_srt_listener_receives_the_share)
{
  Fixture fixture;
  gint count = 0;
  guint port = free_port (G_SOCKET_TYPE_DATAGRAM);
  gchar *listen, *description;
  GstElement *listener, *pipeline, *sink;

  if (!gst_registry_check_feature_version (gst_registry_get (), "srtsink", 1, 0,
                                           0))
    {
      printf ("SKIP: srtsink is not installed\n");
      return;
    }
  fixture_init (&fixture);
  listen = g_strdup_printf ("srtsrc uri=srt://127.0.0.1:%u?mode=listener ! "
                            "tsdemux ! h264parse ! appsink name=sink "
                            "sync=false emit-signals=true",
                            port);
  listener = gst_parse_launch (listen, NULL);
  sink = gst_bin_get_by_name (GST_BIN (listener), "sink");
  g_signal_connect (sink, "new-sample", G_CALLBACK (count_sample), &count);
  gst_element_set_state (listener, GST_STATE_PLAYING);
  description = g_strdup_printf (
      "videotestsrc is-live=true ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! identity name=mark0 "
      "! sharesink location=srt://127.0.0.1:%u",
      port);
  pipeline = launch (&fixture, description);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fail_unless (wait_for_count (&count, 20), "%d frames", count);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_element_set_state (listener, GST_STATE_NULL);
  gst_object_unref (sink);
  gst_object_unref (listener);
  gst_object_unref (pipeline);
  g_free (listen);
  g_free (description);
  fixture_finish (&fixture);
}
GST_END_TEST;

static gchar *
read_line (GDataInputStream *lines)
{
  gchar *line = g_data_input_stream_read_line_utf8 (lines, NULL, NULL, NULL);

  fail_unless (line != NULL, "the HTTP server said nothing");
  return line;
}

GST_START_TEST (an_http_server_receives_the_share)
{
  Fixture fixture;
  gchar *program = g_build_filename (g_getenv ("DOORWARD_SOURCE"), "tests",
                                     "share", "http-server.py", NULL);
  GSubprocess *server;
  GDataInputStream *lines;
  gchar *ready, *got, *description;
  guint n_bytes = 0;

  if (!gst_registry_check_feature_version (gst_registry_get (), "curlhttpsink",
                                           1, 0, 0))
    {
      printf ("SKIP: curlhttpsink is not installed\n");
      g_free (program);
      return;
    }
  fixture_init (&fixture);
  server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, "python3",
                             program, NULL);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));
  ready = read_line (lines);
  description = g_strdup_printf (
      RAW " ! sharesink location=http://127.0.0.1:%s/front.mp4",
      ready + strlen ("ready "));
  expect_eos (launch (&fixture, description));
  got = read_line (lines);
  fail_unless (sscanf (got, "POST /front.mp4 %u", &n_bytes) == 1, "%s", got);
  fail_unless (n_bytes > 4000, "%s", got);
  fail_unless (strstr (got, "video/") != NULL, "%s", got);
  g_subprocess_wait (server, NULL, NULL);
  g_free (ready);
  g_free (got);
  g_free (description);
  g_object_unref (lines);
  g_object_unref (server);
  g_free (program);
  fixture_finish (&fixture);
}
GST_END_TEST;

static Suite *
sharesink_suite (void)
{
  Suite *suite = suite_create ("sharesink");
  TCase *tc = tcase_create ("sharesink");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, cleared_frames_reach_the_file);
  tcase_add_test (tc, jpeg_is_not_encoded_again);
  tcase_add_test (tc, jpeg_becomes_h264_where_mp4_is_asked_for);
  tcase_add_test (tc, frames_without_a_clearance_reach_no_file);
  tcase_add_test (tc, a_new_epoch_recalls_what_the_muxer_holds);
  tcase_add_test (tc, sound_and_picture_share_one_file);
  tcase_add_test (tc, bad_locations_are_refused_in_words);
  tcase_add_test (tc, states_can_be_changed_at_any_pace);
  tcase_add_test (tc, an_rtsp_server_receives_the_share);
  tcase_add_test (tc, an_srt_listener_receives_the_share);
  tcase_add_test (tc, an_http_server_receives_the_share);
  return suite;
}

GST_CHECK_MAIN (sharesink);
