/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of doorbellsrc that stays while connections come and go: takes one
 * elementary stream from whatever connection is there and gives one unbroken
 * stream, in running time, with the footage time and the doorbell's events in
 * it. A private element, no factory.
 *
 * The stream gets one stream-start and one time segment from zero; the end of
 * a connection is swallowed, the first buffer of the next one is DISCONT. An
 * unlinked pad, or EOS from downstream, is not told to the camera. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_DOORBELL_OUTLET (gst_doorbell_outlet_get_type ())
G_DECLARE_FINAL_TYPE (GstDoorbellOutlet, gst_doorbell_outlet, GST,
                      DOORBELL_OUTLET, GstElement)

/* Called on the streaming thread: at the first buffer of a connection, and at
 * its end by the camera. */
typedef void (*GstDoorbellOutletFunc) (gboolean is_end, gpointer user_data);

GstDoorbellOutlet *gst_doorbell_outlet_new (const gchar *name,
                                            GstDoorbellOutletFunc func,
                                            gpointer user_data);

/* A new connection is about to be linked to the sink pad. */
void gst_doorbell_outlet_begin (GstDoorbellOutlet *outlet);

/* Keeps `event` (taken, serialized) for the place before the next buffer. Of
 * more than 64 the oldest is lost. Never blocks on the stream. */
void gst_doorbell_outlet_queue_event (GstDoorbellOutlet *outlet,
                                      GstEvent *event);

/* Closed: buffers are dropped, the camera notices nothing. */
void gst_doorbell_outlet_set_closed (GstDoorbellOutlet *outlet,
                                     gboolean is_closed);

/* Sends EOS downstream; what still comes is dropped. */
void gst_doorbell_outlet_end (GstDoorbellOutlet *outlet);

/* The last answer from downstream; an unlinked pad counts as GST_FLOW_OK. */
GstFlowReturn gst_doorbell_outlet_get_flow (GstDoorbellOutlet *outlet);

/* Monotonic microseconds since the camera sent something on this connection;
 * 0 while downstream holds the last buffer. -1: nothing came yet. */
gint64 gst_doorbell_outlet_get_idle_us (GstDoorbellOutlet *outlet);

G_END_DECLS
