/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What doorbellsrc says on the bus and in the stream: the two structures,
 * documented field by field in doorbellsrc's SECTION. */
#pragma once

#include "onvif.h"

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_DOORBELL_EVENT_NAME "doorbell"
#define GST_DOORBELL_CONNECTION_NAME "doorbell-connection"

typedef enum
{
  GST_DOORBELL_CONNECTING = 0,
  GST_DOORBELL_CONNECTED,
  GST_DOORBELL_LOST,
  GST_DOORBELL_WAITING,
  GST_DOORBELL_FAILED,
} GstDoorbellConnectionState;

typedef struct
{
  GstDoorbellConnectionState state;
  gboolean is_events; /* the event subscription, not the stream */
  guint attempt;
  guint retry_in_ms; /* 0: at once, or never */
  const gchar *text; /* a sentence */
} GstDoorbellConnection;

/* Both are owned by the caller. */
GstStructure *gst_doorbell_event_structure (const DwOnvifEvent *event,
                                            const gchar *camera);
GstStructure *
gst_doorbell_connection_structure (const GstDoorbellConnection *connection,
                                   const gchar *camera);

/* What each source of a doorbell was last: a set of those that are active.
 * One thread at a time. */
GHashTable *gst_doorbell_states_new (void);

/* Notes the event. False for what is no news: a state told at the begin of a
 * subscription that was known, and a press remembered by the device, which
 * would ring long after. */
gboolean gst_doorbell_states_note (GHashTable *states,
                                   const DwOnvifEvent *event);

G_END_DECLS
