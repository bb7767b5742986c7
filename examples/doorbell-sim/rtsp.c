/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gst-rtsp-server with two shared mounts: however many watch, one encoder a
 * mount, and nothing is drawn while nobody does. */
#include "rtsp.h"
#include "painter.h"
#include "player.h"

#include <gst/app/gstappsrc.h>
#include <gst/rtsp-server/rtsp-server.h>

#define ROLE "viewer"

struct DwSimRtsp
{
  const DwSimWorld *world;
  GstRTSPServer *server;
  GSocket *socket;
  gint port;
  guint source, cleaner;
};

/* Bits a second that look good for this many pixels a second. */
static gint
bitrate_kbit (gint width, gint height, gdouble fps)
{
  return CLAMP ((gint)(width * (gdouble)height * fps * 0.18 / 1000), 64, 20000);
}

static gchar *
describe_video (const DwSimWorld *world, gboolean is_sub)
{
  const DwSimOptions *o = world->options;
  gdouble fps = (gdouble)o->fps_n / o->fps_d;
  gint width, height;
  const gchar *fit = world->player ? "videoconvert ! videoscale ! " : "";
  g_autofree gchar *caps = NULL;

  dw_sim_world_size (world, is_sub, &width, &height);
  caps = g_strdup_printf ("video/x-raw,format=I420,width=%d,height=%d,"
                          "pixel-aspect-ratio=1/1",
                          width, height);
  if (o->codec == DW_SIM_MJPEG)
    return g_strdup_printf ("appsrc name=video ! %s%s ! jpegenc quality=85 ! "
                            "rtpjpegpay name=pay0 pt=26",
                            fit, caps);
  return g_strdup_printf ("appsrc name=video ! %s%s ! x264enc tune=zerolatency "
                          "speed-preset=superfast bitrate=%d key-int-max=%d ! "
                          "video/x-h264,profile=main ! h264parse ! "
                          "rtph264pay name=pay0 pt=96 config-interval=-1",
                          fit, caps, bitrate_kbit (width, height, fps),
                          MAX ((gint)(fps + 0.5), 1));
}

static gboolean
is_here (const gchar *element)
{
  GstElementFactory *factory = gst_element_factory_find (element);

  if (factory)
    gst_object_unref (factory);
  return factory != NULL;
}

static gchar *
describe (const DwSimWorld *world, gboolean is_sub)
{
  g_autofree gchar *video = describe_video (world, is_sub);
  const gchar *aac = is_here ("avenc_aac") ? "avenc_aac" : "voaacenc";

  switch (world->options->audio)
    {
    case DW_SIM_AAC:
      return g_strdup_printf ("( %s appsrc name=audio ! audioconvert ! %s "
                              "bitrate=64000 ! aacparse ! "
                              "rtpmp4gpay name=pay1 pt=97 )",
                              video, aac);
    case DW_SIM_PCMU:
      return g_strdup_printf ("( %s appsrc name=audio ! audioconvert ! "
                              "mulawenc ! rtppcmupay name=pay1 pt=0 )",
                              video);
    case DW_SIM_SILENT:
      break;
    }
  return g_strdup_printf ("( %s )", video);
}

static void
set_up_source (GstElement *source)
{
  if (source)
    g_object_set (source, "is-live", TRUE, "format", GST_FORMAT_TIME, "block",
                  FALSE, "max-bytes", (guint64)0, "max-buffers", (guint64)8,
                  "leaky-type", GST_APP_LEAKY_TYPE_DOWNSTREAM, "min-latency",
                  (gint64)(50 * GST_MSECOND), NULL);
}

/* What feeds one running media. */
typedef struct
{
  DwSimPainter *painter;
  DwSimPlayer *player;
  GstElement *video, *audio;
} Feed;

static void
feed_free (gpointer data)
{
  Feed *feed = data;

  if (feed->player)
    dw_sim_player_detach (feed->player, feed->video, feed->audio);
  dw_sim_painter_free (feed->painter);
  g_clear_pointer (&feed->video, gst_object_unref);
  g_clear_pointer (&feed->audio, gst_object_unref);
  g_free (feed);
}

static void
on_unprepared (GstRTSPMedia *media, G_GNUC_UNUSED gpointer data)
{
  g_object_set_data (G_OBJECT (media), "feed", NULL);
}

static void
on_media (GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer data)
{
  const DwSimWorld *world = data;
  gboolean is_sub
      = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (factory), "is-sub"));
  GstElement *bin = gst_rtsp_media_get_element (media);
  Feed *feed = g_new0 (Feed, 1);
  gboolean file_sounds
      = world->player && dw_sim_player_has_audio (world->player);

  feed->video = gst_bin_get_by_name (GST_BIN (bin), "video");
  feed->audio = gst_bin_get_by_name (GST_BIN (bin), "audio");
  set_up_source (feed->video);
  set_up_source (feed->audio);
  if (world->player)
    {
      feed->player = world->player;
      dw_sim_player_attach (world->player, feed->video,
                            file_sounds ? feed->audio : NULL);
    }
  feed->painter = dw_sim_painter_new (
      world, is_sub, world->player ? NULL : feed->video,
      file_sounds ? NULL : feed->audio, is_sub ? NULL : world->truth);
  g_object_set_data_full (G_OBJECT (media), "feed", feed, feed_free);
  g_signal_connect (media, "unprepared", G_CALLBACK (on_unprepared), NULL);
  gst_object_unref (bin);
}

static void
mount (DwSimRtsp *rtsp, GstRTSPMountPoints *mounts, const gchar *path,
       gboolean is_sub)
{
  GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new ();
  GstClock *clock = gst_system_clock_obtain ();
  g_autofree gchar *launch = describe (rtsp->world, is_sub);

  gst_rtsp_media_factory_set_launch (factory, launch);
  gst_rtsp_media_factory_set_shared (factory, TRUE);
  gst_rtsp_media_factory_set_clock (factory, clock);
  gst_rtsp_media_factory_add_role (
      factory, ROLE, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
      GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
  g_object_set_data (G_OBJECT (factory), "is-sub", GINT_TO_POINTER (is_sub));
  g_signal_connect (factory, "media-configure", G_CALLBACK (on_media),
                    (gpointer)rtsp->world);
  gst_rtsp_mount_points_add_factory (mounts, path, factory);
  gst_object_unref (clock);
}

/* Passwords by digest only: they never cross the wire. */
static void
ask_for_passwords (DwSimRtsp *rtsp)
{
  const DwSimOptions *o = rtsp->world->options;
  GstRTSPAuth *auth = gst_rtsp_auth_new ();
  GstRTSPToken *token = gst_rtsp_token_new (GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE,
                                            G_TYPE_STRING, ROLE, NULL);

  gst_rtsp_auth_set_supported_methods (auth, GST_RTSP_AUTH_DIGEST);
  gst_rtsp_auth_set_realm (auth, "doorbell");
  for (guint i = 0; o->users[i]; i++)
    gst_rtsp_auth_add_digest (auth, o->users[i], o->passwords[i], token);
  gst_rtsp_server_set_auth (rtsp->server, auth);
  gst_rtsp_token_unref (token);
  g_object_unref (auth);
}

static gboolean
clean_sessions (gpointer data)
{
  GstRTSPSessionPool *pool = gst_rtsp_server_get_session_pool (data);

  gst_rtsp_session_pool_cleanup (pool);
  g_object_unref (pool);
  return G_SOURCE_CONTINUE;
}

/* The server's own attach keeps the reason of a failure and a port that the
 * kernel chose to itself; so the socket is held here. */
static gboolean
listen_for_clients (DwSimRtsp *rtsp, GError **error)
{
  GSocketAddress *address;
  GSource *source;

  rtsp->socket = gst_rtsp_server_create_socket (rtsp->server, NULL, error);
  if (rtsp->socket == NULL)
    return FALSE;
  address = g_socket_get_local_address (rtsp->socket, error);
  if (address == NULL)
    return FALSE;
  rtsp->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  g_object_unref (address);
  source = g_socket_create_source (rtsp->socket, G_IO_IN, NULL);
  g_source_set_callback (source,
                         (GSourceFunc)(void (*) (void))gst_rtsp_server_io_func,
                         rtsp->server, NULL);
  rtsp->source = g_source_attach (source, NULL);
  g_source_unref (source);
  return TRUE;
}

DwSimRtsp *
dw_sim_rtsp_new (const DwSimWorld *world, GError **error)
{
  const DwSimOptions *o = world->options;
  DwSimRtsp *rtsp = g_new0 (DwSimRtsp, 1);
  g_autofree gchar *service = g_strdup_printf ("%d", o->rtsp_port);
  GstRTSPMountPoints *mounts;

  rtsp->world = world;
  rtsp->server = gst_rtsp_server_new ();
  gst_rtsp_server_set_address (rtsp->server, o->bind);
  gst_rtsp_server_set_service (rtsp->server, service);
  mounts = gst_rtsp_server_get_mount_points (rtsp->server);
  mount (rtsp, mounts, "/main", FALSE);
  mount (rtsp, mounts, "/sub", TRUE);
  g_object_unref (mounts);
  if (o->users && o->users[0])
    ask_for_passwords (rtsp);
  if (!listen_for_clients (rtsp, error))
    {
      dw_sim_rtsp_free (rtsp);
      return NULL;
    }
  rtsp->cleaner = g_timeout_add_seconds (5, clean_sessions, rtsp->server);
  return rtsp;
}

static GstRTSPFilterResult
drop_client (G_GNUC_UNUSED GstRTSPServer *server,
             G_GNUC_UNUSED GstRTSPClient *client, G_GNUC_UNUSED gpointer data)
{
  return GST_RTSP_FILTER_REMOVE;
}

void
dw_sim_rtsp_free (DwSimRtsp *rtsp)
{
  if (rtsp == NULL)
    return;
  if (rtsp->source)
    g_source_remove (rtsp->source);
  if (rtsp->cleaner)
    g_source_remove (rtsp->cleaner);
  gst_rtsp_server_client_filter (rtsp->server, drop_client, NULL);
  g_clear_object (&rtsp->socket);
  g_object_unref (rtsp->server);
  g_free (rtsp);
}

gint
dw_sim_rtsp_port (DwSimRtsp *rtsp)
{
  return rtsp->port;
}
