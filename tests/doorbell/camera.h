/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A doorbell for the tests: an RTSP server and an ONVIF device on loopback
 * that can be switched off and on, ring, and fall silent. */
#pragma once

#include <gst/gst.h>

typedef struct
{
  const gchar *user, *password; /* NULL: open */
  const gchar *rtsp_password;   /* NULL: `password` */
  gboolean is_jpeg;
  gboolean has_audio;
  gboolean is_discoverable; /* on the interface lo */
  guint rtsp_port;          /* 0: any; to come back on the same one */
  guint onvif_port;
} CameraOptions;

typedef struct Camera Camera;

Camera *camera_new (const CameraOptions *options);
void camera_free (Camera *camera);

guint camera_rtsp_port (const Camera *camera);
guint camera_onvif_port (const Camera *camera);

/* "onvif://127.0.0.1:PORT", "rtsp://127.0.0.1:PORT/main"; g_free () */
gchar *camera_onvif_uri (const Camera *camera);
gchar *camera_rtsp_uri (const Camera *camera);

/* In the manner of Reolink. */
void camera_ring (Camera *camera, gboolean is_active);

/* Nothing more is sent, connections stay. */
void camera_set_silent (Camera *camera, gboolean is_silent);

/* RTSP connections so far. */
gint camera_n_clients (Camera *camera);

/* How many descriptors and threads this process has. */
guint count_descriptors (void);
guint count_threads (void);
