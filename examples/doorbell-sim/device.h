/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The doorbell as an ONVIF device: profiles, snapshot, ring button, events. */
#pragma once

#include "snapshot.h"
#include "vendor.h"

typedef struct DwSimDevice DwSimDevice;

/* Asked on a thread of the server when somebody POSTs to /ring. */
typedef void (*DwSimRingFunc) (gpointer data);

/* `rtsp_port` is where the streams are. Says Hello unless hidden. */
DwSimDevice *dw_sim_device_new (const DwSimWorld *world, gint rtsp_port,
                                DwSimSnapshot *snapshot, DwSimRingFunc ring,
                                gpointer data, GError **error);
void dw_sim_device_free (DwSimDevice *device);

gint dw_sim_device_port (DwSimDevice *device);

/* The press in the vendor's words; FALSE when the vendor sends no end of it.
 * Any thread. */
gboolean dw_sim_device_press (DwSimDevice *device, gboolean is_on);
void dw_sim_device_motion (DwSimDevice *device, gboolean is_on);
