/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An RTSP server for the tests: plays a launch line to recorders, or takes what
 * a share sends and says how many packets came.
 *   rtsp-server PORT play  "( ... name=pay0 )"
 *   rtsp-server PORT record "( rtph264depay name=depay0 ! ... sink )"
 * Prints "ready PORT" when it listens and, recording, "received 50" once. */
#include "plugin.h"

#include <gst/app/gstappsink.h>
#include <gst/rtsp-server/rtsp-server.h>

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>

#define PATH "/front"
#define ENOUGH 50

static GstFlowReturn
on_sample (GstElement *sink, gpointer data)
{
  static gint n_received;
  GstSample *sample = gst_app_sink_pull_sample (GST_APP_SINK (sink));

  (void)data;
  if (sample == NULL)
    return GST_FLOW_EOS;
  gst_sample_unref (sample);
  if (g_atomic_int_add (&n_received, 1) + 1 == ENOUGH)
    {
      printf ("received %d\n", ENOUGH);
      fflush (stdout);
    }
  return GST_FLOW_OK;
}

static void
on_media (GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer data)
{
  GstElement *element = gst_rtsp_media_get_element (media);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (element), "sink");

  (void)factory;
  (void)data;
  if (sink)
    {
      g_signal_connect (sink, "new-sample", G_CALLBACK (on_sample), NULL);
      gst_object_unref (sink);
    }
  gst_object_unref (element);
}

static gboolean
on_stop (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  GstRTSPServer *server;
  GstRTSPMediaFactory *factory;
  GstRTSPMountPoints *mounts;
  GMainLoop *loop;
  guint source;

  gst_init (&argc, &argv);
  if (argc != 4)
    {
      fprintf (stderr, "usage: rtsp-server PORT play|record LAUNCH\n");
      return 2;
    }
  gst_doorward_register (NULL);
  loop = g_main_loop_new (NULL, FALSE);
  server = gst_rtsp_server_new ();
  factory = gst_rtsp_media_factory_new ();
  mounts = gst_rtsp_server_get_mount_points (server);
  gst_rtsp_server_set_address (server, "127.0.0.1");
  gst_rtsp_server_set_service (server, argv[1]);
  gst_rtsp_media_factory_set_launch (factory, argv[3]);
  gst_rtsp_media_factory_set_shared (factory, TRUE);
  if (strcmp (argv[2], "record") == 0)
    gst_rtsp_media_factory_set_transport_mode (factory,
                                               GST_RTSP_TRANSPORT_MODE_RECORD);
  g_signal_connect (factory, "media-configure", G_CALLBACK (on_media), NULL);
  gst_rtsp_mount_points_add_factory (mounts, PATH, factory);
  g_object_unref (mounts);
  source = gst_rtsp_server_attach (server, NULL);
  if (source == 0)
    {
      fprintf (stderr, "rtsp-server: port %s is taken\n", argv[1]);
      return 1;
    }
  g_unix_signal_add (SIGTERM, on_stop, loop);
  g_unix_signal_add (SIGINT, on_stop, loop);
  printf ("ready %d\n", gst_rtsp_server_get_bound_port (server));
  fflush (stdout);
  g_main_loop_run (loop);
  g_source_remove (source);
  g_object_unref (server);
  g_main_loop_unref (loop);
  return 0;
}
