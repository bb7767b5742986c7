/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hears a doorbell's events on a thread of its own: subscribes, pulls, and
 * subscribes anew with a growing wait when the device was gone. */
#pragma once

#include "gstdoorbellmessage.h"

G_BEGIN_DECLS

typedef struct
{
  void (*event) (const DwOnvifEvent *event, gpointer user_data);
  void (*connection) (const GstDoorbellConnection *connection,
                      gpointer user_data);
} GstDoorbellListenerFuncs;

typedef struct _GstDoorbellListener GstDoorbellListener;

/* Copies location, user and password; `funcs` is borrowed for life, called on
 * the listener's thread. NULL when no thread or descriptor could be had. */
GstDoorbellListener *gst_doorbell_listener_new (
    const gchar *location, const gchar *user, const gchar *password,
    const GstDoorbellListenerFuncs *funcs, gpointer user_data);

/* Ends within the deadline of one call, 2 s; at once when the device answers.
 * Not on the listener's thread. NULL is accepted. */
void gst_doorbell_listener_free (GstDoorbellListener *listener);

G_END_DECLS
