/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtspsrc and what turns its packets into the camera's encoded frames. */
#include "gstdoorbellstream.h"

#include <string.h>

#define CONNECTION_NAME "connection"

GST_DEBUG_CATEGORY_STATIC (gst_doorbell_stream_debug);
#define GST_CAT_DEFAULT gst_doorbell_stream_debug

struct _GstDoorbellStream
{
  GstBin *owner;
  GstElement *bin; /* a ref */
  const GstDoorbellStreamFuncs *funcs;
  gpointer user_data;

  /* Held while a pad is handed on: the streams come from threads of their own,
   * and who links by pad-added, gst-launch for one, takes one at a time. */
  GMutex expose_lock;

  GMutex lock;
  gboolean has_video, has_audio; /* selected in the session description */
  guint n_exposed;               /* pads handed on, or given up */
  gboolean is_complete;          /* rtspsrc says that no more pads come */
  gboolean has_shown_video;      /* its pad was handed on */
  GstPad *early_audio;           /* a ref; waits for the picture's pad */
  gulong early_probe;            /* holds its data back */
};

static const gchar *
kind_of_caps (const GstCaps *caps)
{
  const GstStructure *structure = caps && gst_caps_get_size (caps)
                                      ? gst_caps_get_structure (caps, 0)
                                      : NULL;
  const gchar *media
      = structure ? gst_structure_get_string (structure, "media") : NULL;

  if (g_strcmp0 (media, "video") == 0)
    return "video";
  return g_strcmp0 (media, "audio") == 0 ? "audio" : NULL;
}

/* What gives whole frames with their caps; NULL where the depayloader does. */
static const gchar *
parser_of_caps (const GstCaps *caps)
{
  static const struct
  {
    const gchar *encoding, *parser;
  } table[] = {
    { "H264", "h264parse" },          { "H265", "h265parse" },
    { "MP4V-ES", "mpeg4videoparse" }, { "MPEG4-GENERIC", "aacparse" },
    { "MP4A-LATM", "aacparse" },      { "MPA", "mpegaudioparse" },
    { "OPUS", "opusparse" },
  };
  const gchar *encoding = gst_structure_get_string (
      gst_caps_get_structure (caps, 0), "encoding-name");

  for (gsize i = 0; encoding && i < G_N_ELEMENTS (table); i++)
    if (g_ascii_strcasecmp (encoding, table[i].encoding) == 0)
      return table[i].parser;
  return NULL;
}

static GstElement *
make_depayloader (const GstCaps *caps)
{
  GList *all = gst_element_factory_list_get_elements (
      GST_ELEMENT_FACTORY_TYPE_DEPAYLOADER, GST_RANK_MARGINAL);
  GList *fitting
      = gst_element_factory_list_filter (all, caps, GST_PAD_SINK, FALSE);
  GstElement *element = NULL;

  fitting = g_list_sort (fitting,
                         (GCompareFunc)gst_plugin_feature_rank_compare_func);
  if (fitting)
    element = gst_element_factory_create (fitting->data, NULL);
  gst_plugin_feature_list_free (fitting);
  gst_plugin_feature_list_free (all);
  return element;
}

/* Links pad ! depayloader ! parser within the bin; returns the last source
 * pad, NULL when no element for the encoding is installed. */
static GstPad *
plug_chain (GstDoorbellStream *self, GstPad *pad, const GstCaps *caps)
{
  GstElement *depay = make_depayloader (caps);
  const gchar *name = parser_of_caps (caps);
  GstElement *parser = name ? gst_element_factory_make (name, NULL) : NULL;
  GstPad *sink;
  gboolean is_linked;

  if (depay == NULL)
    {
      if (parser)
        gst_object_unref (parser);
      return NULL;
    }
  gst_bin_add (GST_BIN (self->bin), depay);
  if (parser)
    {
      /* A client that starts late, or a decoder that was reset, needs the
       * parameter sets again. */
      if (g_object_class_find_property (G_OBJECT_GET_CLASS (parser),
                                        "config-interval"))
        g_object_set (parser, "config-interval", -1, NULL);
      gst_bin_add (GST_BIN (self->bin), parser);
      gst_element_link (depay, parser);
      gst_element_sync_state_with_parent (parser);
    }
  gst_element_sync_state_with_parent (depay);
  sink = gst_element_get_static_pad (depay, "sink");
  is_linked = GST_PAD_LINK_SUCCESSFUL (gst_pad_link (pad, sink));
  gst_object_unref (sink);
  if (!is_linked)
    return NULL;
  return gst_element_get_static_pad (parser ? parser : depay, "src");
}

static void
expose_chain (GstDoorbellStream *self, GstPad *end, const gchar *kind)
{
  GstPad *ghost = gst_ghost_pad_new (kind, end);
  GstPad *sink;

  gst_pad_set_active (ghost, TRUE);
  gst_element_add_pad (self->bin, ghost);
  sink = self->funcs->get_sink (kind, self->user_data);
  if (sink == NULL)
    return;
  if (GST_PAD_LINK_FAILED (
          gst_pad_link_full (ghost, sink, GST_PAD_LINK_CHECK_NOTHING)))
    GST_WARNING_OBJECT (self->bin, "cannot link the %s stream", kind);
  gst_object_unref (sink);
}

/* rtspsrc adds its pads from several threads, and says that no more come
 * perhaps before the last of them is out: whoever comes second says it here. */
static void
tell_no_more_pads (GstDoorbellStream *self, gboolean is_pad)
{
  gboolean is_now;

  g_mutex_lock (&self->lock);
  if (is_pad)
    self->n_exposed++;
  else
    self->is_complete = TRUE;
  is_now = self->is_complete
           && self->n_exposed >= (guint)self->has_video + self->has_audio;
  if (is_now)
    self->is_complete = FALSE;
  g_mutex_unlock (&self->lock);
  if (is_now)
    self->funcs->no_more_pads (self->user_data);
}

static void
hand_on (GstDoorbellStream *self, GstPad *pad)
{
  GstCaps *caps = gst_pad_get_current_caps (pad);
  const gchar *kind = kind_of_caps (caps);
  GstPad *end = kind ? plug_chain (self, pad, caps) : NULL;

  if (end)
    {
      g_mutex_lock (&self->expose_lock);
      expose_chain (self, end, kind);
      g_mutex_unlock (&self->expose_lock);
      gst_object_unref (end);
    }
  else
    GST_ELEMENT_WARNING (self->bin, STREAM, CODEC_NOT_FOUND,
                         ("No element here can take the camera's %s stream.",
                          kind ? kind : "other"),
                         ("%" GST_PTR_FORMAT, caps));
  gst_caps_replace (&caps, NULL);
  tell_no_more_pads (self, TRUE);
}

static GstPadProbeReturn
hold_back (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  (void)pad;
  (void)info;
  (void)user_data;
  return GST_PAD_PROBE_OK;
}

/* True when the pad is sound that came before the picture of its session: it
 * is kept, its data with it. */
static gboolean
is_kept_for_later (GstDoorbellStream *self, GstPad *pad, const gchar *kind)
{
  gboolean is_early;

  g_mutex_lock (&self->lock);
  is_early = g_strcmp0 (kind, "audio") == 0 && self->has_video
             && !self->has_shown_video;
  if (is_early)
    {
      self->early_audio = gst_object_ref (pad);
      self->early_probe = gst_pad_add_probe (
          pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM, hold_back, NULL, NULL);
    }
  g_mutex_unlock (&self->lock);
  return is_early;
}

/* The picture's pad comes first: "doorbellsrc ! decodebin" takes the first. */
static void
on_pad_added (GstElement *rtspsrc, GstPad *pad, GstDoorbellStream *self)
{
  GstCaps *caps = gst_pad_get_current_caps (pad);
  const gchar *kind = kind_of_caps (caps);
  gboolean is_video = g_strcmp0 (kind, "video") == 0;
  GstPad *early;

  (void)rtspsrc;
  if (is_kept_for_later (self, pad, kind))
    {
      gst_caps_replace (&caps, NULL);
      return;
    }
  gst_caps_replace (&caps, NULL);
  hand_on (self, pad);
  if (!is_video)
    return;
  g_mutex_lock (&self->lock);
  self->has_shown_video = TRUE;
  early = g_steal_pointer (&self->early_audio);
  g_mutex_unlock (&self->lock);
  if (early)
    {
      hand_on (self, early);
      gst_pad_remove_probe (early, self->early_probe);
      gst_object_unref (early);
    }
}

static void
on_no_more_pads (GstElement *rtspsrc, GstDoorbellStream *self)
{
  (void)rtspsrc;
  tell_no_more_pads (self, FALSE);
}

/* Setting up a stream that nobody takes would cost the camera an encoder. */
static gboolean
on_select_stream (GstElement *rtspsrc, guint index, GstCaps *caps,
                  GstDoorbellStream *self)
{
  const gchar *kind = kind_of_caps (caps);
  gboolean *has = NULL;
  gboolean is_wanted;

  (void)rtspsrc;
  (void)index;
  if (g_strcmp0 (kind, "video") == 0)
    has = &self->has_video;
  else if (g_strcmp0 (kind, "audio") == 0)
    has = &self->has_audio;
  if (has == NULL)
    return FALSE;
  g_mutex_lock (&self->lock);
  is_wanted = !*has;
  *has = TRUE;
  g_mutex_unlock (&self->lock);
  return is_wanted;
}

static void
set_source (GstElement *rtspsrc, const GstDoorbellStreamSettings *settings)
{
  GObjectClass *klass = G_OBJECT_GET_CLASS (rtspsrc);

  g_object_set (rtspsrc, "location", settings->uri, "latency",
                settings->latency_ms, "protocols", settings->protocols, NULL);
  if (settings->user_id && settings->user_id[0])
    g_object_set (rtspsrc, "user-id", settings->user_id, "user-pw",
                  settings->user_pw ? settings->user_pw : "", NULL);
  if (g_object_class_find_property (klass, "add-reference-timestamp-meta"))
    g_object_set (rtspsrc, "add-reference-timestamp-meta", TRUE, NULL);
}

GstDoorbellStream *
gst_doorbell_stream_new (GstBin *owner,
                         const GstDoorbellStreamSettings *settings,
                         const GstDoorbellStreamFuncs *funcs,
                         gpointer user_data)
{
  GstElement *rtspsrc = gst_element_factory_make ("rtspsrc", "rtspsrc");
  GstDoorbellStream *self;

  GST_DEBUG_CATEGORY_INIT (gst_doorbell_stream_debug, "doorbellstream", 0,
                           "doorbellsrc's connection");
  if (rtspsrc == NULL)
    return NULL;
  self = g_new0 (GstDoorbellStream, 1);
  g_mutex_init (&self->expose_lock);
  g_mutex_init (&self->lock);
  self->owner = owner;
  self->funcs = funcs;
  self->user_data = user_data;
  self->bin = gst_object_ref_sink (gst_bin_new (CONNECTION_NAME));
  set_source (rtspsrc, settings);
  gst_bin_add (GST_BIN (self->bin), rtspsrc);
  g_signal_connect (rtspsrc, "pad-added", G_CALLBACK (on_pad_added), self);
  g_signal_connect (rtspsrc, "no-more-pads", G_CALLBACK (on_no_more_pads),
                    self);
  g_signal_connect (rtspsrc, "select-stream", G_CALLBACK (on_select_stream),
                    self);
  gst_bin_add (owner, self->bin);
  gst_element_sync_state_with_parent (self->bin);
  return self;
}

void
gst_doorbell_stream_sync (GstDoorbellStream *stream)
{
  GstState wanted;

  GST_OBJECT_LOCK (stream->owner);
  wanted = GST_STATE_PENDING (stream->owner) == GST_STATE_VOID_PENDING
               ? GST_STATE (stream->owner)
               : GST_STATE_PENDING (stream->owner);
  GST_OBJECT_UNLOCK (stream->owner);
  if (GST_STATE_TARGET (stream->bin) != wanted)
    gst_element_sync_state_with_parent (stream->bin);
}

static void
stop_child (const GValue *item, gpointer user_data)
{
  (void)user_data;
  gst_element_set_state (g_value_get_object (item), GST_STATE_NULL);
}

void
gst_doorbell_stream_free (GstDoorbellStream *stream)
{
  GstIterator *children;

  if (stream == NULL)
    return;
  gst_element_set_locked_state (stream->bin, TRUE);
  gst_element_set_state (stream->bin, GST_STATE_NULL);
  /* A chain that was plugged while the bin was on its way down; no streaming
   * thread is left to plug another one. */
  children = gst_bin_iterate_elements (GST_BIN (stream->bin));
  while (gst_iterator_foreach (children, stop_child, NULL)
         == GST_ITERATOR_RESYNC)
    gst_iterator_resync (children);
  gst_iterator_free (children);
  gst_bin_remove (stream->owner, stream->bin);
  gst_object_unref (stream->bin);
  g_clear_pointer (&stream->early_audio, gst_object_unref);
  g_mutex_clear (&stream->expose_lock);
  g_mutex_clear (&stream->lock);
  g_free (stream);
}

gboolean
gst_doorbell_stream_has (GstBin *owner, GstObject *object)
{
  GstObject *at = object ? gst_object_ref (object) : NULL;
  gboolean is_part = FALSE;

  while (at && !is_part)
    {
      GstObject *parent = gst_object_get_parent (at);

      is_part = parent == GST_OBJECT (owner)
                && g_strcmp0 (GST_OBJECT_NAME (at), CONNECTION_NAME) == 0;
      gst_object_unref (at);
      at = parent;
    }
  g_clear_pointer (&at, gst_object_unref);
  return is_part;
}
