/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One pipeline decodes the file whoever watches, so that every client, the
 * snapshot and the schedule of presses share one moment of it. It loops by
 * segment seeks, which leave no gap; what cannot seek starts again at its
 * end. */
#include "player.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#define OPEN_TIMEOUT (15 * GST_SECOND)

struct DwSimPlayer
{
  GstElement *pipeline, *video_sink;
  gint rate; /* of the sound that is wanted, 0: none */
  gboolean has_audio, can_seek;
  gboolean has_ended; /* played through before it was shown */
  GstClockTime last;  /* running time of the last picture */
  GstVideoInfo info;
  guint watch;
  GMutex lock;
  GList *videos, *audios; /* appsrcs */
  GstSample *present;
};

/* When `sample` is shown, by the system clock. */
static GstClockTime
moment_of (DwSimPlayer *player, GstSample *sample)
{
  GstClockTime at = gst_segment_to_running_time (
      gst_sample_get_segment (sample), GST_FORMAT_TIME,
      GST_BUFFER_PTS (gst_sample_get_buffer (sample)));

  if (!GST_CLOCK_TIME_IS_VALID (at))
    return at;
  return at + gst_element_get_base_time (player->pipeline);
}

/* All pipelines run by the system clock: a moment here is a moment there. */
static void
hand_out (GstSample *sample, GstClockTime at, GList *sources)
{
  for (GList *link = sources; link; link = link->next)
    {
      GstElement *source = link->data;
      GstClockTime base = gst_element_get_base_time (source);
      GstBuffer *copy;

      if (GST_STATE (source) != GST_STATE_PLAYING || at < base)
        continue;
      copy = gst_buffer_copy (gst_sample_get_buffer (sample));
      GST_BUFFER_PTS (copy) = at - base;
      GST_BUFFER_DTS (copy) = GST_CLOCK_TIME_NONE;
      gst_app_src_set_caps (GST_APP_SRC (source), gst_sample_get_caps (sample));
      gst_app_src_push_buffer (GST_APP_SRC (source), copy);
    }
}

static GstFlowReturn
on_picture (GstAppSink *sink, gpointer data)
{
  DwSimPlayer *player = data;
  GstSample *sample = gst_app_sink_pull_sample (sink);
  GstClockTime at;

  if (sample == NULL)
    return GST_FLOW_OK;
  g_mutex_lock (&player->lock);
  at = moment_of (player, sample);
  /* Where a file ends and begins again two pictures may share a moment. */
  if (GST_CLOCK_TIME_IS_VALID (at) && at > player->last)
    {
      player->last = at;
      hand_out (sample, at, player->videos);
      g_clear_pointer (&player->present, gst_sample_unref);
      player->present = g_steal_pointer (&sample);
    }
  g_mutex_unlock (&player->lock);
  g_clear_pointer (&sample, gst_sample_unref);
  return GST_FLOW_OK;
}

static GstFlowReturn
on_sound (GstAppSink *sink, gpointer data)
{
  DwSimPlayer *player = data;
  GstSample *sample = gst_app_sink_pull_sample (sink);
  GstClockTime at;

  if (sample == NULL)
    return GST_FLOW_OK;
  g_mutex_lock (&player->lock);
  at = moment_of (player, sample);
  if (GST_CLOCK_TIME_IS_VALID (at))
    hand_out (sample, at, player->audios);
  g_mutex_unlock (&player->lock);
  gst_sample_unref (sample);
  return GST_FLOW_OK;
}

static void
listen_to (GstElement *sink, GstFlowReturn (*func) (GstAppSink *, gpointer),
           DwSimPlayer *player)
{
  GstAppSinkCallbacks callbacks = { .new_sample = func };

  g_object_set (sink, "sync", TRUE, "max-buffers", 4, NULL);
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, player, NULL);
}

static void
add_audio (DwSimPlayer *player, GstPad *pad)
{
  g_autofree gchar *launch = g_strdup_printf (
      "queue ! audioconvert ! audioresample ! "
      "audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=%d ! "
      "appsink name=sound",
      player->rate);
  GstElement *branch = gst_parse_bin_from_description (launch, TRUE, NULL);
  GstElement *sink;
  GstPad *into;

  if (branch == NULL)
    return;
  sink = gst_bin_get_by_name (GST_BIN (branch), "sound");
  listen_to (sink, on_sound, player);
  gst_object_unref (sink);
  gst_bin_add (GST_BIN (player->pipeline), branch);
  into = gst_element_get_static_pad (branch, "sink");
  player->has_audio = GST_PAD_LINK_SUCCESSFUL (gst_pad_link (pad, into));
  gst_object_unref (into);
  gst_element_sync_state_with_parent (branch);
}

static void
on_pad (G_GNUC_UNUSED GstElement *decode, GstPad *pad, gpointer data)
{
  DwSimPlayer *player = data;
  GstCaps *caps = gst_pad_get_current_caps (pad);
  const gchar *kind
      = caps ? gst_structure_get_name (gst_caps_get_structure (caps, 0)) : "";

  if (g_str_has_prefix (kind, "video/"))
    {
      GstElement *queue
          = gst_bin_get_by_name (GST_BIN (player->pipeline), "pictures");
      GstPad *into = gst_element_get_static_pad (queue, "sink");

      if (!gst_pad_is_linked (into))
        gst_pad_link (pad, into);
      gst_object_unref (into);
      gst_object_unref (queue);
    }
  else if (g_str_has_prefix (kind, "audio/") && player->rate
           && !player->has_audio)
    add_audio (player, pad);
  gst_clear_caps (&caps);
}

static void
rewind_to_start (DwSimPlayer *player, GstSeekFlags flags)
{
  gst_element_seek (player->pipeline, 1.0, GST_FORMAT_TIME,
                    flags | GST_SEEK_FLAG_SEGMENT, GST_SEEK_TYPE_SET, 0,
                    GST_SEEK_TYPE_NONE, -1);
}

static gboolean
on_message (G_GNUC_UNUSED GstBus *bus, GstMessage *message, gpointer data)
{
  DwSimPlayer *player = data;
  GError *error = NULL;

  switch (GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_SEGMENT_DONE:
      rewind_to_start (player, GST_SEEK_FLAG_NONE);
      break;
    case GST_MESSAGE_EOS:
      gst_element_set_state (player->pipeline, GST_STATE_READY);
      gst_element_set_state (player->pipeline, GST_STATE_PLAYING);
      break;
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, NULL);
      g_printerr ("doorbell-sim: the video stopped: %s\n", error->message);
      g_clear_error (&error);
      break;
    default:
      break;
    }
  return G_SOURCE_CONTINUE;
}

/* A short file can be through before it is shown: then its end is noted for
 * later. */
static gboolean
wait_for_picture (DwSimPlayer *player, GError **error)
{
  const GstMessageType kinds = GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR
                               | GST_MESSAGE_EOS | GST_MESSAGE_SEGMENT_DONE;
  GstBus *bus = gst_element_get_bus (player->pipeline);
  GstMessageType kind = GST_MESSAGE_SEGMENT_DONE;

  player->has_ended = FALSE;
  while (kind == GST_MESSAGE_SEGMENT_DONE)
    {
      GstMessage *message
          = gst_bus_timed_pop_filtered (bus, OPEN_TIMEOUT, kinds);

      kind = message ? GST_MESSAGE_TYPE (message) : GST_MESSAGE_UNKNOWN;
      player->has_ended |= kind == GST_MESSAGE_SEGMENT_DONE;
      if (kind == GST_MESSAGE_ERROR)
        gst_message_parse_error (message, error, NULL);
      gst_clear_message (&message);
    }
  if (kind != GST_MESSAGE_ASYNC_DONE && kind != GST_MESSAGE_ERROR)
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
                 "no picture in it");
  gst_object_unref (bus);
  return kind == GST_MESSAGE_ASYNC_DONE;
}

static gboolean
learn_picture (DwSimPlayer *player, GError **error)
{
  GstSample *sample
      = gst_app_sink_try_pull_preroll (GST_APP_SINK (player->video_sink), 0);
  gboolean is_good = sample
                     && gst_video_info_from_caps (&player->info,
                                                  gst_sample_get_caps (sample));

  g_clear_pointer (&sample, gst_sample_unref);
  if (!is_good)
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
                 "no picture in it");
  return is_good;
}

static gboolean
build (DwSimPlayer *player, const DwSimOptions *o, GError **error)
{
  g_autofree gchar *rate
      = o->has_fps ? g_strdup_printf (",framerate=%d/%d", o->fps_n, o->fps_d)
                   : g_strdup ("");
  g_autofree gchar *launch = g_strdup_printf (
      "filesrc name=file ! decodebin name=decode "
      "queue name=pictures max-size-buffers=4 ! videoconvert ! %s "
      "video/x-raw,format=I420%s ! appsink name=picture",
      o->has_fps ? "videorate !" : "", rate);
  GError *problem = NULL;
  GstElement *file, *decode;

  /* A pipeline may come back in spite of an error: half of it. */
  player->pipeline = gst_parse_launch (launch, &problem);
  if (problem)
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  file = gst_bin_get_by_name (GST_BIN (player->pipeline), "file");
  g_object_set (file, "location", o->video, NULL);
  gst_object_unref (file);
  decode = gst_bin_get_by_name (GST_BIN (player->pipeline), "decode");
  g_signal_connect (decode, "pad-added", G_CALLBACK (on_pad), player);
  gst_object_unref (decode);
  player->video_sink
      = gst_bin_get_by_name (GST_BIN (player->pipeline), "picture");
  listen_to (player->video_sink, on_picture, player);
  return TRUE;
}

static gboolean
start (DwSimPlayer *player, GError **error)
{
  GstQuery *query = gst_query_new_seeking (GST_FORMAT_TIME);
  GstClock *clock = gst_system_clock_obtain ();
  GstBus *bus;

  gst_pipeline_use_clock (GST_PIPELINE (player->pipeline), clock);
  gst_object_unref (clock);
  gst_element_set_state (player->pipeline, GST_STATE_PAUSED);
  if (!wait_for_picture (player, error) || !learn_picture (player, error))
    {
      gst_query_unref (query);
      return FALSE;
    }
  if (gst_element_query (player->pipeline, query))
    gst_query_parse_seeking (query, NULL, &player->can_seek, NULL, NULL);
  gst_query_unref (query);
  if (player->can_seek)
    {
      rewind_to_start (player, GST_SEEK_FLAG_FLUSH);
      if (!wait_for_picture (player, error))
        return FALSE;
    }
  bus = gst_element_get_bus (player->pipeline);
  player->watch = gst_bus_add_watch (bus, on_message, player);
  gst_object_unref (bus);
  gst_element_set_state (player->pipeline, GST_STATE_PLAYING);
  gst_element_get_state (player->pipeline, NULL, NULL, OPEN_TIMEOUT);
  if (player->has_ended)
    rewind_to_start (player, GST_SEEK_FLAG_NONE);
  return TRUE;
}

DwSimPlayer *
dw_sim_player_new (const DwSimOptions *options, GError **error)
{
  DwSimPlayer *player = g_new0 (DwSimPlayer, 1);

  g_mutex_init (&player->lock);
  if (options->audio != DW_SIM_SILENT)
    player->rate = options->audio == DW_SIM_PCMU ? 8000 : 48000;
  if (build (player, options, error) && start (player, error))
    return player;
  g_prefix_error (error, "cannot play %s: ", options->video);
  dw_sim_player_free (player);
  return NULL;
}

void
dw_sim_player_free (DwSimPlayer *player)
{
  if (player == NULL)
    return;
  if (player->watch)
    g_source_remove (player->watch);
  if (player->pipeline)
    gst_element_set_state (player->pipeline, GST_STATE_NULL);
  g_clear_pointer (&player->video_sink, gst_object_unref);
  g_clear_pointer (&player->pipeline, gst_object_unref);
  g_clear_pointer (&player->present, gst_sample_unref);
  g_list_free_full (player->videos, gst_object_unref);
  g_list_free_full (player->audios, gst_object_unref);
  g_mutex_clear (&player->lock);
  g_free (player);
}

void
dw_sim_player_picture (DwSimPlayer *player, gint *width, gint *height,
                       gint *fps_n, gint *fps_d)
{
  *width = player->info.width;
  *height = player->info.height;
  *fps_n = player->info.fps_n;
  *fps_d = player->info.fps_d;
}

gdouble
dw_sim_player_seconds (DwSimPlayer *player)
{
  gint64 duration = 0;

  if (!gst_element_query_duration (player->pipeline, GST_FORMAT_TIME,
                                   &duration))
    return 0;
  return (gdouble)duration / (gdouble)GST_SECOND;
}

gboolean
dw_sim_player_has_audio (DwSimPlayer *player)
{
  return player->has_audio;
}

GstClockTime
dw_sim_player_epoch (DwSimPlayer *player)
{
  return gst_element_get_base_time (player->pipeline);
}

void
dw_sim_player_attach (DwSimPlayer *player, GstElement *video, GstElement *audio)
{
  g_mutex_lock (&player->lock);
  if (video)
    player->videos = g_list_prepend (player->videos, gst_object_ref (video));
  if (audio)
    player->audios = g_list_prepend (player->audios, gst_object_ref (audio));
  g_mutex_unlock (&player->lock);
}

static void
take_out (GList **list, GstElement *element)
{
  GList *link = element ? g_list_find (*list, element) : NULL;

  if (link == NULL)
    return;
  *list = g_list_delete_link (*list, link);
  gst_object_unref (element);
}

void
dw_sim_player_detach (DwSimPlayer *player, GstElement *video, GstElement *audio)
{
  g_mutex_lock (&player->lock);
  take_out (&player->videos, video);
  take_out (&player->audios, audio);
  g_mutex_unlock (&player->lock);
}

GstSample *
dw_sim_player_present (DwSimPlayer *player)
{
  GstSample *sample = NULL;

  g_mutex_lock (&player->lock);
  if (player->present)
    sample = gst_sample_ref (player->present);
  g_mutex_unlock (&player->lock);
  return sample;
}
