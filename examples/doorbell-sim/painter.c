/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two threads a stream: one draws, one sounds. Frame n belongs to scene time
 * n / rate whoever watches and since when; a thread that is late leaves frames
 * out rather than let the picture lag. */
#include "painter.h"
#include "truth.h"

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#define SOUND_MS 40

struct DwSimPainter
{
  const DwSimWorld *world;
  GstElement *video, *audio;
  GThread *drawing, *sounding;
  DwScene *scene;
  GstVideoInfo info;
  guint8 *bgrx;
  FILE *truth;
  GMutex lock;
  GCond wake;
  gboolean has_ended;
};

/* False when the painter was freed meanwhile. */
static gboolean
wait_until (DwSimPainter *painter, gint64 scene_ns)
{
  gint64 until_us
      = (gint64)((painter->world->epoch + (GstClockTime)scene_ns) / 1000);
  gboolean goes_on;

  g_mutex_lock (&painter->lock);
  while (!painter->has_ended && g_get_monotonic_time () < until_us)
    g_cond_wait_until (&painter->wake, &painter->lock, until_us);
  goes_on = !painter->has_ended;
  g_mutex_unlock (&painter->lock);
  return goes_on;
}

/* Hands over `buffer` with the running time of `scene_ns`; what comes before
 * the pipeline runs is dropped, as by a camera that nobody watches. */
static void
push (DwSimPainter *painter, GstElement *source, GstBuffer *buffer,
      gint64 scene_ns, gint64 duration_ns)
{
  GstClockTime at = painter->world->epoch + (GstClockTime)scene_ns;
  GstClockTime base = gst_element_get_base_time (source);

  if (GST_STATE (source) != GST_STATE_PLAYING || at < base)
    {
      gst_buffer_unref (buffer);
      return;
    }
  GST_BUFFER_PTS (buffer) = at - base;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = (GstClockTime)duration_ns;
  gst_app_src_push_buffer (GST_APP_SRC (source), buffer);
}

static void
write_truth (DwSimPainter *painter, gint64 index, gint64 pts,
             const DwSceneTruth *truth)
{
  const DwSimWorld *world = painter->world;
  DwSceneSettings scene = world->options->scene;
  DwSceneMoment moment = dw_scene_moment (&scene, pts);
  DwTruthFrame frame = { index, pts, world->utc_epoch_ns + pts,
                         GST_VIDEO_INFO_WIDTH (&painter->info),
                         GST_VIDEO_INFO_HEIGHT (&painter->info) };

  if (!dw_truth_write (painter->truth, &frame, &moment, truth))
    GST_WARNING ("the truth file cannot be written");
  fflush (painter->truth);
}

static GstBuffer *
draw (DwSimPainter *painter, gint64 index, gint64 pts)
{
  GstVideoInfo *info = &painter->info;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, info->size, NULL);
  DwPlane plane = { painter->bgrx, info->width * 4, info->width, info->height };
  DwSceneTruth truth[DW_N_PARTS] = { 0 };
  DwFrame frame = { .format = DW_FORMAT_I420,
                    .width = info->width,
                    .height = info->height };
  GstVideoFrame map;

  if (dw_scene_draw (painter->scene, pts, &plane, painter->truth ? truth : NULL)
          != DW_OK
      || !gst_video_frame_map (&map, info, buffer, GST_MAP_WRITE))
    {
      gst_buffer_unref (buffer);
      return NULL;
    }
  for (guint i = 0; i < 3; i++)
    {
      frame.data[i] = GST_VIDEO_FRAME_PLANE_DATA (&map, i);
      frame.stride[i] = GST_VIDEO_FRAME_PLANE_STRIDE (&map, i);
    }
  dw_scene_to_i420 (&plane, &frame);
  gst_video_frame_unmap (&map);
  if (painter->truth)
    write_truth (painter, index, pts, truth);
  return buffer;
}

static gpointer
run_drawing (gpointer data)
{
  DwSimPainter *painter = data;
  const DwSimOptions *o = painter->world->options;
  guint64 n = (guint64)o->fps_n, d = (guint64)o->fps_d * GST_SECOND;
  gint64 index = -1;

  for (;;)
    {
      gint64 now = MAX (dw_sim_world_now (painter->world), 0), pts;
      GstBuffer *buffer;

      index = MAX (index + 1,
                   (gint64)gst_util_uint64_scale_ceil ((guint64)now, n, d) - 1);
      pts = (gint64)gst_util_uint64_scale ((guint64)index, d, n);
      if (!wait_until (painter, pts))
        return NULL;
      if (GST_STATE (painter->video) != GST_STATE_PLAYING)
        continue;
      buffer = draw (painter, index, pts);
      if (buffer)
        push (painter, painter->video, buffer, pts,
              (gint64)gst_util_uint64_scale (1, d, n));
    }
}

static gpointer
run_sounding (gpointer data)
{
  DwSimPainter *painter = data;
  const DwSimWorld *world = painter->world;
  gint rate = dw_sim_world_rate (world);
  gsize n_samples = (gsize)rate * SOUND_MS / 1000;
  gint64 chunk = MAX (dw_sim_world_now (world), 0) / (SOUND_MS * GST_MSECOND);

  for (;; chunk++)
    {
      gint64 pts = chunk * SOUND_MS * GST_MSECOND;
      gsize size = n_samples * sizeof (gint16);
      gint16 *samples;

      if (!wait_until (painter, pts))
        return NULL;
      samples = g_malloc (size);
      dw_scene_sound (&world->options->scene, rate, chunk * (gint64)n_samples,
                      samples, n_samples);
      push (painter, painter->audio, gst_buffer_new_wrapped (samples, size),
            pts, SOUND_MS * GST_MSECOND);
    }
}

static gboolean
start_drawing (DwSimPainter *painter, gboolean is_sub)
{
  DwSceneSettings settings = painter->world->options->scene;
  DwError error = { 0 };
  GstCaps *caps;

  dw_sim_world_size (painter->world, is_sub, &settings.width, &settings.height);
  if (dw_scene_new (&settings, &painter->scene, &error) != DW_OK)
    {
      GST_ERROR ("%s", error.text);
      return FALSE;
    }
  gst_video_info_set_format (&painter->info, GST_VIDEO_FORMAT_I420,
                             (guint)settings.width, (guint)settings.height);
  painter->info.fps_n = painter->world->options->fps_n;
  painter->info.fps_d = painter->world->options->fps_d;
  gst_video_colorimetry_from_string (&painter->info.colorimetry,
                                     GST_VIDEO_COLORIMETRY_BT601);
  painter->bgrx = g_malloc ((gsize)settings.width * settings.height * 4);
  caps = gst_video_info_to_caps (&painter->info);
  gst_app_src_set_caps (GST_APP_SRC (painter->video), caps);
  gst_caps_unref (caps);
  painter->drawing = g_thread_new ("scene", run_drawing, painter);
  return TRUE;
}

static void
start_sounding (DwSimPainter *painter)
{
  GstCaps *caps = gst_caps_new_simple (
      "audio/x-raw", "format", G_TYPE_STRING, "S16LE", "layout", G_TYPE_STRING,
      "interleaved", "channels", G_TYPE_INT, 1, "rate", G_TYPE_INT,
      dw_sim_world_rate (painter->world), NULL);

  gst_app_src_set_caps (GST_APP_SRC (painter->audio), caps);
  gst_caps_unref (caps);
  painter->sounding = g_thread_new ("sound", run_sounding, painter);
}

DwSimPainter *
dw_sim_painter_new (const DwSimWorld *world, gboolean is_sub, GstElement *video,
                    GstElement *audio, FILE *truth)
{
  DwSimPainter *painter = g_new0 (DwSimPainter, 1);

  painter->world = world;
  painter->truth = truth;
  g_mutex_init (&painter->lock);
  g_cond_init (&painter->wake);
  if (video)
    {
      painter->video = gst_object_ref (video);
      start_drawing (painter, is_sub);
    }
  if (audio)
    {
      painter->audio = gst_object_ref (audio);
      start_sounding (painter);
    }
  return painter;
}

void
dw_sim_painter_free (DwSimPainter *painter)
{
  if (painter == NULL)
    return;
  g_mutex_lock (&painter->lock);
  painter->has_ended = TRUE;
  g_cond_broadcast (&painter->wake);
  g_mutex_unlock (&painter->lock);
  g_clear_pointer (&painter->drawing, g_thread_join);
  g_clear_pointer (&painter->sounding, g_thread_join);
  g_clear_pointer (&painter->video, gst_object_unref);
  g_clear_pointer (&painter->audio, gst_object_unref);
  dw_scene_free (painter->scene);
  g_free (painter->bgrx);
  g_mutex_clear (&painter->lock);
  g_cond_clear (&painter->wake);
  g_free (painter);
}
