/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One RTSP connection of doorbellsrc: rtspsrc, depayloaders and parsers in a
 * bin of their own, so that a lost connection is thrown away whole. The first
 * video and the first audio stream are taken. */
#pragma once

#include <gst/gst.h>
#include <gst/rtsp/gstrtsptransport.h>

G_BEGIN_DECLS

typedef struct
{
  const gchar *uri; /* without credentials */
  const gchar *user_id, *user_pw;
  guint latency_ms;
  GstRTSPLowerTrans protocols;
} GstDoorbellStreamSettings;

/* On streaming threads. */
typedef struct
{
  /* Gives the sink pad (a new ref) that takes "video" or "audio"; NULL: this
   * kind is not wanted. */
  GstPad *(*get_sink) (const gchar *kind, gpointer user_data);
  /* All streams are there. */
  void (*no_more_pads) (gpointer user_data);
} GstDoorbellStreamFuncs;

typedef struct _GstDoorbellStream GstDoorbellStream;

/* Adds the bin to `owner` and brings it to the owner's state. NULL when
 * rtspsrc is not installed. `funcs` is borrowed for life. */
GstDoorbellStream *gst_doorbell_stream_new (
    GstBin *owner, const GstDoorbellStreamSettings *settings,
    const GstDoorbellStreamFuncs *funcs, gpointer user_data);

/* Brings the connection to its owner's state again where a change of that
 * crossed with gst_doorbell_stream_new (). */
void gst_doorbell_stream_sync (GstDoorbellStream *stream);

/* Brings the bin to NULL and removes it. Not on a streaming thread. NULL is
 * accepted. */
void gst_doorbell_stream_free (GstDoorbellStream *stream);

/* True for a message's source that is part of a connection of `owner`. */
gboolean gst_doorbell_stream_has (GstBin *owner, GstObject *object);

G_END_DECLS
