/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The owner's private copy: doorbellsrc into an MP4, until some seconds after
 * the press. Nothing is encoded again. */
#include "demo.h"

#include "timebase.h"

#include <string.h>

#define AFTER_PRESS_S 6
#define START_TIMEOUT_S 30

typedef struct
{
  Demo *demo;
  GstElement *pipeline;
  GstElement *muxer;
  GPtrArray *inlets;         /* of GstPad: where streams enter; lock */
  gint64 first_frame_utc_ns; /* atomic by the pad's thread, then read */
  GMutex lock;
} Recorder;

static GstPadProbeReturn
on_first_frame (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Recorder *recorder = data;

  (void)pad;
  (void)info;
  g_mutex_lock (&recorder->lock);
  recorder->first_frame_utc_ns = dw_time_utc_ns ();
  g_mutex_unlock (&recorder->lock);
  return GST_PAD_PROBE_REMOVE;
}

static gint64
first_frame (Recorder *recorder)
{
  gint64 utc_ns;

  g_mutex_lock (&recorder->lock);
  utc_ns = recorder->first_frame_utc_ns;
  g_mutex_unlock (&recorder->lock);
  return utc_ns;
}

/* How a stream gets into the MP4; what MP4 cannot hold is encoded as AAC. */
static const gchar *
chain_for (const GstCaps *caps, gboolean *is_video)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  const gchar *name = gst_structure_get_name (structure);
  gint version = 0;

  *is_video
      = g_str_has_prefix (name, "video/") || g_str_has_prefix (name, "image/");
  if (g_str_equal (name, "video/x-h264"))
    return "queue ! h264parse";
  if (g_str_equal (name, "video/x-h265"))
    return "queue ! h265parse";
  if (*is_video)
    return "queue";
  gst_structure_get_int (structure, "mpegversion", &version);
  if (g_str_equal (name, "audio/mpeg") && version == 4)
    return "queue ! aacparse";
  return "queue ! decodebin ! audioconvert ! audioresample ! avenc_aac "
         "! aacparse";
}

/* A stream's place at the muxer is asked for before anything flows: once it has
 * begun it takes no more. What stands before it depends on the caps. */
typedef struct
{
  Recorder *recorder;
  GstPad *muxer_pad;
} Stream;

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  gst_object_unref (stream->muxer_pad);
  g_free (stream);
}

static void
link_stream (Stream *stream, GstPad *pad, const GstCaps *caps)
{
  Recorder *recorder = stream->recorder;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstPad) src = NULL;
  GstElement *chain;
  gboolean is_video;

  chain = gst_parse_bin_from_description (chain_for (caps, &is_video), TRUE,
                                          &error);
  if (chain == NULL)
    {
      GST_ELEMENT_ERROR (recorder->pipeline, CORE, MISSING_PLUGIN,
                         ("%s", error->message), (NULL));
      return;
    }
  gst_bin_add (GST_BIN (recorder->pipeline), chain);
  sink = gst_element_get_static_pad (chain, "sink");
  src = gst_element_get_static_pad (chain, "src");
  gst_pad_link (src, stream->muxer_pad);
  if (is_video)
    gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, on_first_frame,
                       recorder, NULL);
  gst_element_sync_state_with_parent (chain);
  gst_pad_link (pad, sink);
  g_mutex_lock (&recorder->lock);
  g_ptr_array_add (recorder->inlets, g_steal_pointer (&sink));
  g_mutex_unlock (&recorder->lock);
}

static GstPadProbeReturn
on_caps (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  link_stream (data, pad, caps);
  return GST_PAD_PROBE_REMOVE;
}

/* Holds a stream at its first buffer until all of them are known. */
static GstPadProbeReturn
hold (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  (void)pad;
  (void)info;
  (void)data;
  return GST_PAD_PROBE_OK;
}

static void
on_pad (GstElement *source, GstPad *pad, gpointer data)
{
  Recorder *recorder = data;
  gboolean is_video = g_str_has_prefix (GST_PAD_NAME (pad), "video");
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  Stream *stream = g_new0 (Stream, 1);

  (void)source;
  stream->recorder = recorder;
  stream->muxer_pad = gst_element_request_pad_simple (
      recorder->muxer, is_video ? "video_%u" : "audio_%u");
  g_object_set_data_full (
      G_OBJECT (pad), "hold",
      GSIZE_TO_POINTER (gst_pad_add_probe (
          pad, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, hold, NULL,
          NULL)),
      NULL);
  g_object_set_data_full (G_OBJECT (pad), "stream", stream, stream_free);
  if (caps)
    link_stream (stream, pad, caps);
  else
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_caps,
                       stream, NULL);
}

static gboolean
let_go (GstElement *source, GstPad *pad, gpointer data)
{
  gsize probe = GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (pad), "hold"));

  (void)source;
  (void)data;
  if (probe)
    gst_pad_remove_probe (pad, probe);
  g_object_set_data (G_OBJECT (pad), "hold", NULL);
  return TRUE;
}

static void
on_all_pads (GstElement *source, gpointer data)
{
  gst_element_foreach_src_pad (source, let_go, data);
}

static gint64
message_time_ns (const GstStructure *structure)
{
  const GValue *value = gst_structure_get_value (structure, "time");

  if (value == NULL)
    return 0;
  if (G_VALUE_HOLDS_INT64 (value))
    return g_value_get_int64 (value);
  return G_VALUE_HOLDS_UINT64 (value) ? (gint64)g_value_get_uint64 (value) : 0;
}

static void
note_press (Recorder *recorder, const GstStructure *structure)
{
  DemoRecording *recording = &recorder->demo->recording;
  const gchar *kind = gst_structure_get_string (structure, "kind");
  gboolean is_active = FALSE;
  gint64 now = dw_time_utc_ns ();
  gint64 pressed = message_time_ns (structure);

  gst_structure_get_boolean (structure, "active", &is_active);
  if (recording->has_press || !is_active || g_strcmp0 (kind, "press") != 0)
    return;
  recording->has_press = TRUE;
  recording->press_latency_ms = (gdouble)(now - pressed) / DW_MILLISECOND_NS;
  if (first_frame (recorder))
    recording->press_at_s
        = (gdouble)(pressed - first_frame (recorder)) / DW_SECOND_NS;
}

/* FALSE on an error of the pipeline. TRUE with `*is_eos` at its end. */
static gboolean
handle_message (Recorder *recorder, GstMessage *message, gboolean *is_eos,
                GError **error)
{
  const GstStructure *structure = gst_message_get_structure (message);

  switch (GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_ERROR:
      demo_take_error (message, error);
      return FALSE;
    case GST_MESSAGE_EOS:
      *is_eos = TRUE;
      break;
    case GST_MESSAGE_ELEMENT:
      if (structure && gst_structure_has_name (structure, "doorbell"))
        note_press (recorder, structure);
      break;
    default:
      break;
    }
  return TRUE;
}

/* Runs until some seconds after the press, or until none came in time. */
static gboolean
run (Recorder *recorder, GstBus *bus, GError **error)
{
  Demo *demo = recorder->demo;
  const gint64 start = dw_time_boot_ns ();
  gint64 stop_at = 0;
  gboolean is_eos = FALSE;

  while (!is_eos)
    {
      g_autoptr (GstMessage) message
          = gst_bus_timed_pop (bus, 100 * GST_MSECOND);
      gint64 now = dw_time_boot_ns ();

      if (message && !handle_message (recorder, message, &is_eos, error))
        return FALSE;
      if (!first_frame (recorder)
          && now - start > START_TIMEOUT_S * DW_SECOND_NS)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       "%s sent no picture for %d s.", demo->device.uri,
                       START_TIMEOUT_S);
          return FALSE;
        }
      if (demo->recording.has_press && stop_at == 0)
        stop_at = now + AFTER_PRESS_S * DW_SECOND_NS;
      if (now - start > demo->options.wait_seconds * DW_SECOND_NS
          && stop_at == 0)
        stop_at = now;
      demo_progress (demo,
                     demo->recording.has_press
                         ? "Somebody rang: recording (%.0f s)"
                         : "Recording, waiting for the bell (%.0f s)",
                     (gdouble)(now - start) / DW_SECOND_NS);
      if (stop_at && now >= stop_at)
        break;
    }
  return TRUE;
}

static GstPadProbeReturn
drop (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  (void)pad;
  (void)info;
  (void)data;
  return GST_PAD_PROBE_DROP;
}

/* doorbellsrc would take an end of its streams for a lost camera and connect
 * anew, so each stream ends behind it. */
static void
end_streams (Recorder *recorder)
{
  g_autoptr (GPtrArray) inlets = NULL;

  g_mutex_lock (&recorder->lock);
  inlets = g_steal_pointer (&recorder->inlets);
  recorder->inlets = g_ptr_array_new_with_free_func (gst_object_unref);
  g_mutex_unlock (&recorder->lock);
  for (guint i = 0; i < inlets->len; i++)
    {
      GstPad *inlet = inlets->pdata[i];

      gst_pad_add_probe (
          inlet, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
          drop, NULL, NULL);
      gst_pad_send_event (inlet, gst_event_new_eos ());
    }
}

/* So that the file is whole. */
static gboolean
finish_file (Recorder *recorder, GstBus *bus, GError **error)
{
  gboolean is_eos = FALSE;

  end_streams (recorder);
  while (!is_eos)
    {
      g_autoptr (GstMessage) message = gst_bus_timed_pop (bus, 10 * GST_SECOND);

      if (message == NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       "The recording did not end in time.");
          return FALSE;
        }
      if (!handle_message (recorder, message, &is_eos, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
build (Recorder *recorder, GError **error)
{
  Demo *demo = recorder->demo;
  GstElement *source = gst_element_factory_make ("doorbellsrc", NULL);
  GstElement *muxer = gst_element_factory_make ("mp4mux", NULL);
  GstElement *sink = gst_element_factory_make ("filesink", NULL);

  recorder->pipeline = gst_pipeline_new ("private");
  if (source == NULL || muxer == NULL || sink == NULL)
    {
      g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
                   "doorbellsrc, mp4mux and filesink are needed; packages.txt "
                   "names their packages.");
      g_clear_pointer (&source, gst_object_unref);
      g_clear_pointer (&muxer, gst_object_unref);
      g_clear_pointer (&sink, gst_object_unref);
      return FALSE;
    }
  g_object_set (source, "location", demo->device.uri, "camera", DEMO_CAMERA,
                "user-id", demo->device.user, "user-pw", demo->device.password,
                NULL);
  g_object_set (sink, "location", demo->recording.path, NULL);
  gst_bin_add_many (GST_BIN (recorder->pipeline), source, muxer, sink, NULL);
  recorder->muxer = muxer;
  g_signal_connect (source, "pad-added", G_CALLBACK (on_pad), recorder);
  g_signal_connect (source, "no-more-pads", G_CALLBACK (on_all_pads), NULL);
  return gst_element_link (muxer, sink);
}

gboolean
demo_record (Demo *demo, GError **error)
{
  Recorder recorder = { .demo = demo };
  g_autoptr (GstBus) bus = NULL;
  gboolean ok;

  g_mutex_init (&recorder.lock);
  recorder.inlets = g_ptr_array_new_with_free_func (gst_object_unref);
  demo->recording.path
      = g_build_filename (demo->options.out, "private.mp4", NULL);
  ok = build (&recorder, error);
  if (ok)
    {
      bus = gst_element_get_bus (recorder.pipeline);
      gst_element_set_state (recorder.pipeline, GST_STATE_PLAYING);
      ok = run (&recorder, bus, error) && finish_file (&recorder, bus, error);
      gst_element_set_state (recorder.pipeline, GST_STATE_NULL);
    }
  demo->recording.start_utc_ns = first_frame (&recorder);
  gst_object_unref (recorder.pipeline);
  g_ptr_array_unref (recorder.inlets);
  g_mutex_clear (&recorder.lock);
  return ok;
}
