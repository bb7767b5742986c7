/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorbell-sim's RTSP side as a client sees it. */
#include "dwtest.h"
#include "scene.h"
#include "sim-process.h"

#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <string.h>

#define PATIENCE (30 * GST_SECOND)

typedef struct
{
  gint width, height;
  guint n_frames;
  gchar *codec;    /* caps name of what was received */
  gboolean differ; /* two frames were unlike: it lives */
  gchar *error;    /* NULL: none */
} Watched;

static void
watched_finish (Watched *watched)
{
  g_free (watched->codec);
  g_free (watched->error);
}

static gchar *
first_error (GstElement *pipeline, GstClockTime timeout)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message
      = gst_bus_timed_pop_filtered (bus, timeout, GST_MESSAGE_ERROR);
  GError *error = NULL;
  gchar *text = NULL;

  if (message)
    {
      gst_message_parse_error (message, &error, NULL);
      text = g_strdup (error->message);
      g_clear_error (&error);
      gst_message_unref (message);
    }
  gst_object_unref (bus);
  return text;
}

static guint64
digest (GstSample *sample)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  guint64 sum = 0;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (gsize i = 0; i < map.size; i++)
    sum = sum * 31 + map.data[i];
  gst_buffer_unmap (buffer, &map);
  return sum;
}

static void
on_codec (G_GNUC_UNUSED GstElement *source, GstPad *pad, gpointer data)
{
  Watched *watched = data;
  GstCaps *caps = gst_pad_get_current_caps (pad);
  const GstStructure *s = gst_caps_get_structure (caps, 0);

  if (g_strcmp0 (gst_structure_get_string (s, "media"), "video") == 0)
    watched->codec = g_strdup (gst_structure_get_string (s, "encoding-name"));
  gst_caps_unref (caps);
}

static void
take_frames (GstElement *sink, guint n_frames, Watched *watched)
{
  guint64 first = 0;

  while (watched->n_frames < n_frames)
    {
      GstSample *sample
          = gst_app_sink_try_pull_sample (GST_APP_SINK (sink), PATIENCE);
      GstVideoInfo info;

      if (sample == NULL)
        return;
      fail_unless (
          gst_video_info_from_caps (&info, gst_sample_get_caps (sample)));
      watched->width = info.width;
      watched->height = info.height;
      if (watched->n_frames++ == 0)
        first = digest (sample);
      else
        watched->differ |= digest (sample) != first;
      gst_sample_unref (sample);
    }
}

/* Watches `uri` until n_frames have been decoded, or an error. */
static void
watch (const gchar *uri, const gchar *user, const gchar *password,
       guint n_frames, Watched *watched)
{
  GstElement *pipeline = gst_parse_launch (
      "rtspsrc name=s latency=0 protocols=tcp "
      "s. ! application/x-rtp,media=video ! decodebin ! videoconvert ! "
      "video/x-raw,format=I420 ! appsink name=v sync=false",
      NULL);
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "s");
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "v");

  memset (watched, 0, sizeof *watched);
  g_object_set (source, "location", uri, "user-id", user, "user-pw", password,
                NULL);
  g_signal_connect (source, "pad-added", G_CALLBACK (on_codec), watched);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  if (n_frames == 0)
    watched->error = first_error (pipeline, PATIENCE);
  else
    take_frames (sink, n_frames, watched);
  if (watched->error == NULL)
    watched->error = first_error (pipeline, 0);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (source);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
}

static void
check_stream (const gchar *uri, const gchar *codec, gint width, gint height)
{
  Watched watched;

  watch (uri, NULL, NULL, 12, &watched);
  fail_unless (watched.n_frames == 12, "%s: %u frames, %s", uri,
               watched.n_frames, watched.error ? watched.error : "no error");
  fail_unless_equals_string (watched.codec, codec);
  fail_unless_equals_int (watched.width, width);
  fail_unless_equals_int (watched.height, height);
  fail_unless (watched.differ, "%s shows a still picture", uri);
  watched_finish (&watched);
}

GST_START_TEST (h264_main_and_sub_play)
{
  DwTestSim sim;

  dw_test_sim_start (&sim, "--size 320x180 --audio none");
  check_stream (sim.main_uri, "H264", 320, 180);
  check_stream (sim.sub_uri, "H264", 160, 90);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

GST_START_TEST (mjpeg_main_and_sub_play)
{
  DwTestSim sim;

  dw_test_sim_start (&sim, "--size 320x184 --codec mjpeg");
  check_stream (sim.main_uri, "JPEG", 320, 184);
  check_stream (sim.sub_uri, "JPEG", 160, 96);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

GST_START_TEST (odd_and_tiny_sizes_are_rounded_up_and_play)
{
  DwTestSim sim;

  dw_test_sim_start (&sim, "--size 33x17 --fps 30 --audio none");
  check_stream (sim.main_uri, "H264", 34, 18);
  check_stream (sim.sub_uri, "H264", 18, 16);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

static void
check_sound (const gchar *uri, const gchar *codec)
{
  g_autofree gchar *launch = g_strdup_printf (
      "rtspsrc name=s latency=0 protocols=tcp location=%s "
      "s. ! application/x-rtp,media=audio,encoding-name=%s ! "
      "decodebin ! audioconvert ! audio/x-raw,format=S16LE ! "
      "appsink name=a sync=false",
      uri, codec);
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "a");
  gint n_samples = 0, loud = 0;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (; n_samples < 20; n_samples++)
    {
      GstSample *sample
          = gst_app_sink_try_pull_sample (GST_APP_SINK (sink), PATIENCE);

      fail_unless (sample != NULL, "no sound from %s", uri);
      loud += digest (sample) != 0;
      gst_sample_unref (sample);
    }
  fail_unless (loud > 0, "only silence from %s", uri);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
}

GST_START_TEST (sound_comes_as_aac_or_pcmu)
{
  DwTestSim sim;

  dw_test_sim_start (&sim, "--size 160x90");
  check_sound (sim.main_uri, "MPEG4-GENERIC");
  dw_test_sim_stop (&sim);
  dw_test_sim_start (&sim, "--size 160x90 --audio pcmu");
  check_sound (sim.sub_uri, "PCMU");
  dw_test_sim_stop (&sim);
}
GST_END_TEST

GST_START_TEST (stream_asks_for_the_password)
{
  DwTestSim sim;
  Watched watched;

  dw_test_sim_start (&sim,
                     "--size 160x90 --audio none --user ann --password s3cret "
                     "--user bob --password other");
  watch (sim.main_uri, NULL, NULL, 0, &watched);
  fail_unless (watched.error && strstr (watched.error, "nauthorized"), "%s",
               watched.error ? watched.error : "no error");
  watched_finish (&watched);
  watch (sim.main_uri, "ann", "other", 0, &watched);
  fail_unless (watched.error != NULL, "a wrong password was accepted");
  watched_finish (&watched);
  watch (sim.main_uri, "bob", "other", 3, &watched);
  fail_unless_equals_int (watched.n_frames, 3);
  watched_finish (&watched);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

GST_START_TEST (two_clients_share_one_picture_and_a_later_one_gets_it_too)
{
  DwTestSim sim;
  GstElement *first;

  dw_test_sim_start (&sim, "--size 160x90 --audio none");
  first = gst_parse_launch ("rtspsrc name=s latency=0 protocols=tcp ! "
                            "fakesink",
                            NULL);
  gst_child_proxy_set (GST_CHILD_PROXY (first), "s::location", sim.main_uri,
                       NULL);
  gst_element_set_state (first, GST_STATE_PLAYING);
  check_stream (sim.main_uri, "H264", 160, 90);
  gst_element_set_state (first, GST_STATE_NULL);
  gst_object_unref (first);
  check_stream (sim.main_uri, "H264", 160, 90);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

/* The client is a program of its own: what rtspsrc says when its server goes
 * away is not asked here. Its first bytes say that it watches. */
GST_START_TEST (it_ends_cleanly_while_somebody_watches)
{
  static const gchar *const codecs[] = { "h264", "mjpeg" };

  for (gsize i = 0; i < G_N_ELEMENTS (codecs); i++)
    {
      g_autofree gchar *options
          = g_strdup_printf ("--size 160x90 --codec %s", codecs[i]);
      g_autofree gchar *location = NULL;
      GSubprocessLauncher *launcher;
      GSubprocess *client;
      gchar byte;
      DwTestSim sim;

      dw_test_sim_start (&sim, options);
      location = g_strdup_printf ("location=%s", sim.main_uri);
      launcher = g_subprocess_launcher_new (
          G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
      /* A plain client, not one under the sanitizer of the plugin. */
      g_subprocess_launcher_unsetenv (launcher, "LD_PRELOAD");
      g_subprocess_launcher_unsetenv (launcher, "GST_PLUGIN_PATH");
      g_subprocess_launcher_unsetenv (launcher, "GST_REGISTRY");
      client = g_subprocess_launcher_spawn (
          launcher, NULL, "gst-launch-1.0", "-q", "rtspsrc", location,
          "latency=0", "protocols=tcp", "!", "application/x-rtp,media=video",
          "!", "fdsink", NULL);
      g_object_unref (launcher);
      fail_unless (client != NULL);
      fail_unless_equals_int (
          g_input_stream_read (g_subprocess_get_stdout_pipe (client), &byte, 1,
                               NULL, NULL),
          1);
      dw_test_sim_stop (&sim);
      g_subprocess_force_exit (client);
      g_subprocess_wait (client, NULL, NULL);
      g_object_unref (client);
    }
}
GST_END_TEST

/* Mean difference of the luma of `sample` from that of `expected`. */
static gdouble
luma_distance (GstSample *sample, const DwFrame *expected)
{
  GstVideoFrame frame;
  GstVideoInfo info;
  guint64 sum = 0;

  fail_unless (gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
               && gst_video_frame_map (&frame, &info,
                                       gst_sample_get_buffer (sample),
                                       GST_MAP_READ));
  fail_unless_equals_int (info.width, expected->width);
  fail_unless_equals_int (info.height, expected->height);
  for (gint y = 0; y < info.height; y++)
    {
      const guint8 *a = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0);
      const guint8 *b = expected->data[0] + (gsize)y * expected->stride[0];

      a += (gsize)y * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0);
      for (gint x = 0; x < info.width; x++)
        sum += (guint64)ABS (a[x] - b[x]);
    }
  gst_video_frame_unmap (&frame);
  return (gdouble)sum / (info.width * info.height);
}

/* The scene at `second`, as I420 in `memory`. */
static DwFrame
draw_scene (const DwSceneSettings *settings, gdouble second, guint8 *memory)
{
  gint w = settings->width, h = settings->height;
  DwPlane plane = { g_malloc ((gsize)w * h * 4), w * 4, w, h };
  DwFrame frame = { .format = DW_FORMAT_I420,
                    .width = w,
                    .height = h,
                    .data = { memory, memory + w * h, memory + w * h * 5 / 4 },
                    .stride = { w, w / 2, w / 2 } };
  DwScene *scene;

  fail_unless_equals_int (dw_scene_new (settings, &scene, NULL), DW_OK);
  dw_scene_draw (scene, (gint64)(second * 1e9), &plane, NULL);
  dw_scene_to_i420 (&plane, &frame);
  dw_scene_free (scene);
  g_free (plane.data);
  return frame;
}

/* The press is at 3 s: a client who comes before sees him at the door then,
 * and not at all in the empty scene. */
GST_START_TEST (stream_shows_the_scene_at_its_time)
{
  const DwSceneSettings settings
      = { .width = 320, .height = 180, .seed = 9, .ring_s = 3, .every_s = 0 };
  guint8 *memory = g_malloc (320 * 180 * 3);
  DwFrame empty = draw_scene (&settings, 0, memory);
  DwFrame press = draw_scene (&settings, 3, memory + 320 * 180 * 3 / 2);
  gdouble nearest_empty = 255, nearest_press = 255;
  gboolean is_in_order = FALSE;
  GstElement *pipeline, *sink;
  DwTestSim sim;

  dw_test_sim_start (&sim, "--size 320x180 --audio none --seed 9 --ring-at 3 "
                           "--every 0 --fps 10");
  pipeline = gst_parse_launch (
      "rtspsrc name=s latency=0 protocols=tcp ! decodebin ! videoconvert ! "
      "video/x-raw,format=I420 ! appsink name=v sync=false",
      NULL);
  gst_child_proxy_set (GST_CHILD_PROXY (pipeline), "s::location", sim.main_uri,
                       NULL);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "v");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (gint i = 0; i < 60 && nearest_press > 4; i++)
    {
      GstSample *sample
          = gst_app_sink_try_pull_sample (GST_APP_SINK (sink), PATIENCE);

      fail_unless (sample != NULL, "the stream ended");
      nearest_empty = MIN (nearest_empty, luma_distance (sample, &empty));
      nearest_press = luma_distance (sample, &press);
      is_in_order |= nearest_empty < 4 && nearest_press > 8;
      gst_sample_unref (sample);
    }
  fail_unless (nearest_press <= 4, "nearest to the press: %g", nearest_press);
  fail_unless (is_in_order, "nearest to the empty scene: %g", nearest_empty);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  dw_test_sim_stop (&sim);
  g_free (memory);
}
GST_END_TEST

/* A clip of 8 frames: more than one loop must come out. */
GST_START_TEST (video_file_loops_without_end)
{
  g_autofree gchar *folder = g_dir_make_tmp ("doorbell-sim-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "loop.mkv", NULL);
  g_autofree gchar *launch = g_strdup_printf (
      "videotestsrc num-buffers=8 pattern=ball ! "
      "video/x-raw,width=64,height=48,framerate=10/1 ! jpegenc ! "
      "matroskamux ! filesink location=%s",
      path);
  g_autofree gchar *options = g_strdup_printf ("--video %s", path);
  GstElement *writer = gst_parse_launch (launch, NULL);
  GstBus *bus = gst_element_get_bus (writer);
  DwTestSim sim;
  Watched watched;

  gst_element_set_state (writer, GST_STATE_PLAYING);
  gst_message_unref (
      gst_bus_timed_pop_filtered (bus, PATIENCE, GST_MESSAGE_EOS));
  gst_element_set_state (writer, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (writer);
  dw_test_sim_start (&sim, options);
  watch (sim.main_uri, NULL, NULL, 25, &watched);
  fail_unless_equals_int (watched.n_frames, 25);
  fail_unless_equals_int (watched.width, 64);
  watched_finish (&watched);
  dw_test_sim_stop (&sim);
  g_unlink (path);
  g_rmdir (folder);
}
GST_END_TEST

static Suite *
sim_streams_suite (void)
{
  Suite *suite = suite_create ("sim-streams");
  TCase *tests = tcase_create ("streams");

  suite_add_tcase (suite, tests);
  tcase_set_timeout (tests, 90);
  tcase_add_test (tests, h264_main_and_sub_play);
  tcase_add_test (tests, mjpeg_main_and_sub_play);
  tcase_add_test (tests, odd_and_tiny_sizes_are_rounded_up_and_play);
  tcase_add_test (tests, sound_comes_as_aac_or_pcmu);
  tcase_add_test (tests, stream_asks_for_the_password);
  tcase_add_test (tests,
                  two_clients_share_one_picture_and_a_later_one_gets_it_too);
  tcase_add_test (tests, it_ends_cleanly_while_somebody_watches);
  tcase_add_test (tests, stream_shows_the_scene_at_its_time);
  tcase_add_test (tests, video_file_loops_without_end);
  return suite;
}

GST_CHECK_MAIN (sim_streams)
