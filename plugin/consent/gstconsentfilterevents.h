/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may travel beside the buffers of a share: facts of time and format,
 * rebuilt from their known fields. Tags (they hold thumbnails), tables of
 * contents, collections, messages and everything custom stay behind. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* TRUE for a downstream event that carries nothing but time, format and the
 * state of the stream. */
gboolean gst_consent_event_is_plain (const GstEvent *event);

/* The caps with the fields of their media type that describe the format. */
GstCaps *gst_consent_caps_plain (const GstCaps *caps);

/* Takes `event`; returns the same fact without anything that rides along, or
 * NULL when it may not pass. `share` names the stream. CAPS are not treated
 * here. */
GstEvent *gst_consent_event_rebuild (GstEvent *event, guint64 share);

/* TRUE for a query that may cross between a share and the private side. */
gboolean gst_consent_query_is_plain (const GstQuery *query);

G_END_DECLS
