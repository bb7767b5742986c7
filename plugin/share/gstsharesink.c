/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * SECTION:element-sharesink
 * @title: sharesink
 * @short_description: writes or sends a share, behind a gate
 *
 * The end of a share: encoder, #consentgate, muxer, where the muxer holds
 * frames back a second gate, and the sink that the location asks for:
 *
 * | location                | how                                            |
 * | ----------------------- | ---------------------------------------------- |
 * | `FILE.mp4`, `file://`   | fragmented MP4                                 |
 * | `FILE.mov`              | fragmented QuickTime, which can hold JPEG      |
 * | `http://`, `https://`   | fragmented MP4 by one POST, certificate checked |
 * | `rtsp://`, `rtsps://`   | RTSP RECORD                                    |
 * | `srt://`                | MPEG-TS over SRT                               |
 * | any other URI           | MPEG-TS to the sink that handles it            |
 *
 * Only what a #consentfilter upstream has cleared, and still may be shown,
 * passes. Raw video becomes H.264, raw audio AAC; JPEG stays as it is in
 * QuickTime and RTSP.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -e doorbellsrc location=onvif://192.0.2.7 name=bell \
 *   bell.video ! decodebin ! videoconvert ! doorbellmotion \
 *   ! consentfilter camera=front recipient=anna recipient-class=neighbour \
 *   ! sharesink location=share.mp4
 * ]|
 */
#include "gstsharesink.h"

#include "gstsharetarget.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (share_sink_debug);
#define GST_CAT_DEFAULT share_sink_debug

#define DEFAULT_BITRATE 2048
#define MIN_BITRATE 32
#define MAX_BITRATE 100000
#define KEY_UNIT_SECONDS 2
/* Most elements between entry and gate, and the NULL that ends them. */
#define CHAIN 6

enum
{
  PROP_0,
  PROP_LOCATION,
  PROP_BITRATE,
  PROP_STATS,
};

/* One stream: entry (its caps decide) -> encoder, parser -> gate -> muxer. */
typedef struct
{
  GstShareSink *sink;
  GstPad *ghost;
  GstElement *entry;
  GstElement *gate;
  gboolean is_video;
  gboolean is_built; /* the part between entry and gate; streaming thread */
} Stream;

struct _GstShareSink
{
  GstBin parent;

  gchar *location;       /* object lock */
  guint bitrate;         /* object lock */
  GstShareTarget target; /* elements in the bin from READY on; state changes */
  GstElement *second_gate; /* NULL where there is none */
  GPtrArray *streams;      /* of Stream, object lock */
};

G_DEFINE_TYPE_WITH_CODE (GstShareSink, gst_share_sink, GST_TYPE_BIN,
                         GST_DEBUG_CATEGORY_INIT (share_sink_debug, "sharesink",
                                                  0, "Share sink"))

#define VIDEO_CAPS "video/x-raw(ANY); image/jpeg; video/x-h264; video/x-h265"
#define AUDIO_CAPS "audio/x-raw(ANY); audio/mpeg, mpegversion=(int)4"

static GstStaticPadTemplate video_template = GST_STATIC_PAD_TEMPLATE (
    "video", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (VIDEO_CAPS));
static GstStaticPadTemplate audio_template = GST_STATIC_PAD_TEMPLATE (
    "audio", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (AUDIO_CAPS));

/* Adds the elements to the bin, links them in a row, and starts them. Takes
 * the floating references; NULL ends the list. FALSE leaves the state of the
 * bin as it was apart from the elements, which an error then takes down. */
static gboolean
add_chain (GstShareSink *self, GstElement *from, GstElement *const *chain,
           GstElement *to)
{
  GstElement *last = from;

  for (gsize i = 0; chain[i]; i++)
    gst_bin_add (GST_BIN (self), chain[i]);
  for (gsize i = 0; chain[i]; i++)
    {
      if (!gst_element_link (last, chain[i]))
        return FALSE;
      last = chain[i];
    }
  if (!gst_element_link (last, to))
    return FALSE;
  for (gsize i = 0; chain[i]; i++)
    if (!gst_element_sync_state_with_parent (chain[i]))
      return FALSE;
  return TRUE;
}

/* Short GOPs and no look-ahead: what an encoder holds back is lost when a
 * share is called back, and a viewer waits for the next key unit. */
static GstElement *
make_video_encoder (GstShareSink *self, const GstCaps *caps, GError **error)
{
  static const gchar *const factories[] = { "x264enc", "openh264enc", NULL };
  GstElement *encoder = gst_share_make_first (factories, error);
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  gint rate = 0, per = 0;
  guint frames = 30 * KEY_UNIT_SECONDS, bitrate;

  if (encoder == NULL)
    return NULL;
  if (gst_structure_get_fraction (structure, "framerate", &rate, &per)
      && rate > 0 && per > 0)
    frames = (guint)CLAMP (KEY_UNIT_SECONDS * rate / per, 1, 600);
  GST_OBJECT_LOCK (self);
  bitrate = self->bitrate;
  GST_OBJECT_UNLOCK (self);
  if (g_str_has_prefix (GST_OBJECT_NAME (encoder), "x264"))
    {
      gst_util_set_object_arg (G_OBJECT (encoder), "tune", "zerolatency");
      gst_util_set_object_arg (G_OBJECT (encoder), "speed-preset", "veryfast");
      g_object_set (encoder, "bitrate", bitrate, "key-int-max", frames, NULL);
    }
  else
    g_object_set (encoder, "bitrate", bitrate * 1000, "gop-size", frames, NULL);
  return encoder;
}

/* What every decoder and browser plays. */
static GstElement *
make_i420 (void)
{
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);

  if (filter)
    gst_util_set_object_arg (G_OBJECT (filter), "caps",
                             "video/x-raw,format=I420");
  return filter;
}

/* What stands between entry and gate for these caps, as a list that ends with
 * NULL. FALSE and `error` when an element is missing. */
static gboolean
make_video_chain (GstShareSink *self, const GstCaps *caps,
                  GstElement *chain[CHAIN], GError **error)
{
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  gboolean is_jpeg = g_str_equal (name, "image/jpeg");
  gsize n = 0;

  if (is_jpeg && self->target.takes_jpeg)
    return TRUE;
  if (g_str_equal (name, "video/x-h265"))
    {
      chain[n++] = gst_element_factory_make ("h265parse", NULL);
      return chain[0] != NULL;
    }
  if (is_jpeg)
    chain[n++] = gst_element_factory_make ("jpegdec", NULL);
  if (is_jpeg || g_str_equal (name, "video/x-raw"))
    {
      chain[n++] = gst_element_factory_make ("videoconvert", NULL);
      chain[n++] = make_i420 ();
      chain[n] = make_video_encoder (self, caps, error);
      if (chain[n++] == NULL)
        return FALSE;
    }
  chain[n] = gst_element_factory_make ("h264parse", NULL);
  if (chain[n] == NULL)
    return FALSE;
  g_object_set (chain[n], "config-interval", -1, NULL);
  return TRUE;
}

static gboolean
make_audio_chain (const GstCaps *caps, GstElement *chain[CHAIN], GError **error)
{
  static const gchar *const factories[]
      = { "avenc_aac", "voaacenc", "fdkaacenc", NULL };
  gsize n = 0;

  if (g_str_equal (gst_structure_get_name (gst_caps_get_structure (caps, 0)),
                   "audio/x-raw"))
    {
      chain[n++] = gst_element_factory_make ("audioconvert", NULL);
      chain[n++] = gst_element_factory_make ("audioresample", NULL);
      chain[n] = gst_share_make_first (factories, error);
      if (chain[n++] == NULL)
        return FALSE;
    }
  chain[n] = gst_element_factory_make ("aacparse", NULL);
  return chain[n] != NULL;
}

static void
drop_chain (GstElement *chain[CHAIN])
{
  for (gsize i = 0; i < CHAIN; i++)
    if (chain[i] && GST_OBJECT_PARENT (chain[i]) == NULL)
      gst_object_unref (gst_object_ref_sink (chain[i]));
}

static gboolean
build_stream (Stream *stream, const GstCaps *caps)
{
  GstShareSink *self = stream->sink;
  GstElement *chain[CHAIN] = { NULL };
  g_autoptr (GError) error = NULL;
  gboolean ok = stream->is_video ? make_video_chain (self, caps, chain, &error)
                                 : make_audio_chain (caps, chain, &error);

  if (!ok)
    {
      GST_ELEMENT_ERROR (
          self, CORE, MISSING_PLUGIN,
          ("%s", error ? error->message : "A GStreamer plugin is missing."),
          ("%" GST_PTR_FORMAT, caps));
      drop_chain (chain);
      return FALSE;
    }
  if (!add_chain (self, stream->entry, chain, stream->gate))
    {
      GST_ELEMENT_ERROR (
          self, STREAM, FORMAT,
          ("This stream cannot be encoded for %s.", self->location),
          ("%" GST_PTR_FORMAT, caps));
      drop_chain (chain);
      return FALSE;
    }
  return TRUE;
}

/* The first caps decide what is built; nothing flows before. */
static GstPadProbeReturn
on_entry_event (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Stream *stream = data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstCaps *caps;

  (void)pad;
  if (stream->is_built || GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  if (!build_stream (stream, caps))
    return GST_PAD_PROBE_DROP;
  stream->is_built = TRUE;
  return GST_PAD_PROBE_OK;
}

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  gst_object_unref (stream->entry);
  g_clear_pointer (&stream->gate, gst_object_unref);
  g_free (stream);
}

/* Gives a stream its gate and its place at the muxer. */
static gboolean
connect_stream (GstShareSink *self, Stream *stream)
{
  const gchar *name
      = stream->is_video ? self->target.video_pad : self->target.audio_pad;
  g_autoptr (GstPad) muxer_pad = NULL;
  g_autoptr (GstPad) gate_pad = NULL;

  if (stream->gate)
    return TRUE;
  stream->gate = gst_element_factory_make ("consentgate", NULL);
  if (stream->gate == NULL)
    return FALSE;
  gst_object_ref_sink (stream->gate);
  g_object_set (stream->gate, "flush", self->target.flushes, NULL);
  gst_bin_add (GST_BIN (self), stream->gate);
  muxer_pad = gst_element_request_pad_simple (self->target.muxer, name);
  gate_pad = gst_element_get_static_pad (stream->gate, "src");
  return muxer_pad && gst_pad_link (gate_pad, muxer_pad) == GST_PAD_LINK_OK
         && gst_element_sync_state_with_parent (stream->gate);
}

static GstPad *
gst_share_sink_request_new_pad (GstElement *element, GstPadTemplate *templ,
                                const gchar *name, const GstCaps *caps)
{
  GstShareSink *self = GST_SHARE_SINK (element);
  const gchar *stream_name = GST_PAD_TEMPLATE_NAME_TEMPLATE (templ);
  g_autoptr (GstPad) existing
      = gst_element_get_static_pad (element, stream_name);
  g_autoptr (GstPad) entry_sink = NULL;
  g_autoptr (GstPad) entry_src = NULL;
  Stream *stream;

  (void)name;
  (void)caps;
  if (existing)
    return NULL;
  stream = g_new0 (Stream, 1);
  stream->sink = self;
  stream->is_video = g_str_equal (stream_name, "video");
  stream->entry = gst_element_factory_make ("identity", NULL);
  gst_object_ref_sink (stream->entry);
  gst_bin_add (GST_BIN (self), stream->entry);
  entry_sink = gst_element_get_static_pad (stream->entry, "sink");
  entry_src = gst_element_get_static_pad (stream->entry, "src");
  gst_pad_add_probe (entry_src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                     on_entry_event, stream, NULL);
  stream->ghost
      = gst_ghost_pad_new_from_template (stream_name, entry_sink, templ);
  GST_OBJECT_LOCK (self);
  g_ptr_array_add (self->streams, stream);
  GST_OBJECT_UNLOCK (self);
  gst_pad_set_active (stream->ghost, TRUE);
  gst_element_add_pad (element, stream->ghost);
  gst_element_sync_state_with_parent (stream->entry);
  if (self->target.muxer && !connect_stream (self, stream))
    GST_WARNING_OBJECT (self, "the muxer takes no %s", stream_name);
  return stream->ghost;
}

/* The muxer's side of the stream goes away with it, or the muxer would wait for
 * this stream for ever. */
static void
disconnect_stream (GstShareSink *self, Stream *stream)
{
  g_autoptr (GstPad) gate_pad = NULL;
  g_autoptr (GstPad) muxer_pad = NULL;

  if (stream->gate == NULL)
    return;
  gate_pad = gst_element_get_static_pad (stream->gate, "src");
  muxer_pad = gst_pad_get_peer (gate_pad);
  gst_element_set_locked_state (stream->gate, TRUE);
  gst_element_set_state (stream->gate, GST_STATE_NULL);
  if (muxer_pad)
    {
      gst_pad_unlink (gate_pad, muxer_pad);
      gst_element_release_request_pad (self->target.muxer, muxer_pad);
    }
  gst_bin_remove (GST_BIN (self), stream->gate);
}

static void
gst_share_sink_release_pad (GstElement *element, GstPad *pad)
{
  GstShareSink *self = GST_SHARE_SINK (element);
  Stream *stream = NULL;
  guint i;

  GST_OBJECT_LOCK (self);
  for (i = 0; i < self->streams->len && stream == NULL; i++)
    if (((Stream *)self->streams->pdata[i])->ghost == pad)
      stream = g_ptr_array_steal_index (self->streams, i);
  GST_OBJECT_UNLOCK (self);
  if (stream == NULL)
    return;
  gst_pad_set_active (pad, FALSE);
  gst_element_remove_pad (element, pad);
  disconnect_stream (self, stream);
  gst_element_set_locked_state (stream->entry, TRUE);
  gst_element_set_state (stream->entry, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self), stream->entry);
  stream_free (stream);
}

/* Muxer, second gate and sink for the location; then every stream asked for so
 * far gets its place. */
static gboolean
open_target (GstShareSink *self)
{
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (!gst_share_target_make (self->location, &self->target, &error))
    {
      GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", error->message),
                         (NULL));
      return FALSE;
    }
  gst_bin_add (GST_BIN (self), self->target.muxer);
  ok = TRUE;
  if (self->target.sink)
    {
      GstElement *last = self->target.muxer;

      gst_bin_add (GST_BIN (self), self->target.sink);
      if (self->target.has_second_gate)
        {
          self->second_gate = gst_element_factory_make ("consentgate", NULL);
          ok = self->second_gate != NULL;
          if (ok)
            g_object_set (self->second_gate, "flush", self->target.flushes,
                          NULL);
          if (ok)
            ok = gst_bin_add (GST_BIN (self), self->second_gate)
                 && gst_element_link (last, self->second_gate);
          last = self->second_gate;
        }
      ok = ok && gst_element_link (last, self->target.sink);
    }
  for (guint i = 0; ok && i < self->streams->len; i++)
    ok = connect_stream (self, self->streams->pdata[i]);
  if (!ok)
    GST_ELEMENT_ERROR (self, CORE, PAD,
                       ("%s cannot take these streams.", self->location),
                       (NULL));
  return ok;
}

static GstStateChangeReturn
gst_share_sink_change_state (GstElement *element, GstStateChange transition)
{
  GstShareSink *self = GST_SHARE_SINK (element);

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && self->target.muxer == NULL
      && !open_target (self))
    return GST_STATE_CHANGE_FAILURE;
  return GST_ELEMENT_CLASS (gst_share_sink_parent_class)
      ->change_state (element, transition);
}

/* The counters of all gates, added up: what left, what was held back. */
static GstStructure *
collect_stats (GstShareSink *self)
{
  GstStructure *all = gst_structure_new_empty ("sharesink-stats");

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->streams->len; i++)
    {
      Stream *stream = self->streams->pdata[i];
      g_autoptr (GstStructure) stats = NULL;

      if (stream->gate == NULL)
        continue;
      g_object_get (stream->gate, "stats", &stats, NULL);
      if (stats)
        gst_structure_set (all, stream->is_video ? "video" : "audio",
                           GST_TYPE_STRUCTURE, stats, NULL);
    }
  if (self->second_gate)
    {
      g_autoptr (GstStructure) stats = NULL;

      g_object_get (self->second_gate, "stats", &stats, NULL);
      if (stats)
        gst_structure_set (all, "muxed", GST_TYPE_STRUCTURE, stats, NULL);
    }
  GST_OBJECT_UNLOCK (self);
  return all;
}

static void
gst_share_sink_set_property (GObject *object, guint id, const GValue *value,
                             GParamSpec *spec)
{
  GstShareSink *self = GST_SHARE_SINK (object);

  GST_OBJECT_LOCK (self);
  switch (id)
    {
    case PROP_LOCATION:
      /* The target was made of the old one. */
      if (self->target.muxer)
        g_warning ("sharesink: the location cannot be changed any more");
      else
        {
          g_free (self->location);
          self->location = g_value_dup_string (value);
        }
      break;
    case PROP_BITRATE:
      self->bitrate = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_share_sink_get_property (GObject *object, guint id, GValue *value,
                             GParamSpec *spec)
{
  GstShareSink *self = GST_SHARE_SINK (object);

  if (id == PROP_STATS)
    {
      g_value_take_boxed (value, collect_stats (self));
      return;
    }
  GST_OBJECT_LOCK (self);
  switch (id)
    {
    case PROP_LOCATION:
      g_value_set_string (value, self->location);
      break;
    case PROP_BITRATE:
      g_value_set_uint (value, self->bitrate);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_share_sink_finalize (GObject *object)
{
  GstShareSink *self = GST_SHARE_SINK (object);

  g_free (self->location);
  g_ptr_array_unref (self->streams);
  G_OBJECT_CLASS (gst_share_sink_parent_class)->finalize (object);
}

static void
gst_share_sink_class_init (GstShareSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_share_sink_set_property;
  object_class->get_property = gst_share_sink_get_property;
  object_class->finalize = gst_share_sink_finalize;
  element_class->request_new_pad = gst_share_sink_request_new_pad;
  element_class->release_pad = gst_share_sink_release_pad;
  element_class->change_state = gst_share_sink_change_state;

  /**
   * sharesink:location:
   *
   * Where the share goes: a file name that ends in .mp4 or .mov, or a URI.
   */
  g_object_class_install_property (
      object_class, PROP_LOCATION,
      g_param_spec_string (
          "location", "Location",
          "FILE.mp4, FILE.mov, rtsp://, srt://, http:// or any "
          "URI",
          NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  /**
   * sharesink:bitrate:
   *
   * What the video encoder aims at, in kbit/s.
   */
  g_object_class_install_property (
      object_class, PROP_BITRATE,
      g_param_spec_uint ("bitrate", "Bitrate", "Video bitrate in kbit/s",
                         MIN_BITRATE, MAX_BITRATE, DEFAULT_BITRATE,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                             | GST_PARAM_MUTABLE_READY));
  /**
   * sharesink:stats:
   *
   * The "stats" of each gate inside: fields "video", "audio", and "muxed" for
   * the gate behind the muxer.
   */
  g_object_class_install_property (
      object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Stats", "Counters of the gates",
                          GST_TYPE_STRUCTURE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_add_static_pad_template (element_class, &video_template);
  gst_element_class_add_static_pad_template (element_class, &audio_template);
  gst_element_class_set_static_metadata (
      element_class, "Share sink", "Sink/Video/Audio",
      "Writes or sends a share; a gate lets through only what consent covers",
      "Doorward");
}

static void
gst_share_sink_init (GstShareSink *self)
{
  self->bitrate = DEFAULT_BITRATE;
  self->streams = g_ptr_array_new_with_free_func (stream_free);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK);
}

GST_ELEMENT_REGISTER_DEFINE (sharesink, "sharesink", GST_RANK_NONE,
                             GST_TYPE_SHARE_SINK)
