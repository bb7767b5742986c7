/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gst-rtsp-server with two shared mounts: however many watch, one encoder a
 * mount, and nothing is drawn while nobody does. */
#include "rtsp.h"
#include "painter.h"
#include "player.h"

#include <gst/app/gstappsrc.h>
#include <gst/rtsp-server/rtsp-server.h>

#define ROLE "viewer"

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

/* The media that run. A client's thread may let go of its media after the
 * server has ended: then nothing of the world may be touched any more, so the
 * list outlives the server and says so. */
typedef struct
{
  GMutex lock;
  GList *running; /* Feed */
  gboolean has_ended;
} Feeds;

/* What feeds one running media. */
typedef struct
{
  Feeds *feeds;
  DwSimPainter *painter;
  DwSimPlayer *player;
  GstElement *video, *audio;
} Feed;

static void
feeds_finish (gpointer data)
{
  Feeds *feeds = data;

  g_mutex_clear (&feeds->lock);
}

static void
feed_stop (Feed *feed)
{
  if (feed->player)
    dw_sim_player_detach (feed->player, feed->video, feed->audio);
  feed->player = NULL;
  g_clear_pointer (&feed->painter, dw_sim_painter_free);
}

static void
feed_free (gpointer data)
{
  Feed *feed = data;
  Feeds *feeds = feed->feeds;

  g_mutex_lock (&feeds->lock);
  feeds->running = g_list_remove (feeds->running, feed);
  feed_stop (feed);
  g_mutex_unlock (&feeds->lock);
  g_atomic_rc_box_release_full (feeds, feeds_finish);
  g_clear_pointer (&feed->video, gst_object_unref);
  g_clear_pointer (&feed->audio, gst_object_unref);
  g_free (feed);
}

static void
feeds_end (Feeds *feeds)
{
  g_mutex_lock (&feeds->lock);
  feeds->has_ended = TRUE;
  for (GList *link = feeds->running; link; link = link->next)
    feed_stop (link->data);
  g_mutex_unlock (&feeds->lock);
  g_atomic_rc_box_release_full (feeds, feeds_finish);
}

static void
feed_start (Feed *feed, const DwSimWorld *world, gboolean is_sub)
{
  gboolean file_sounds
      = world->player && dw_sim_player_has_audio (world->player);

  if (world->player)
    {
      feed->player = world->player;
      dw_sim_player_attach (world->player, feed->video,
                            file_sounds ? feed->audio : NULL);
    }
  feed->painter = dw_sim_painter_new (
      world, is_sub, world->player ? NULL : feed->video,
      file_sounds ? NULL : feed->audio, is_sub ? NULL : world->truth);
}

static void
on_unprepared (GstRTSPMedia *media, G_GNUC_UNUSED gpointer data)
{
  g_object_set_data (G_OBJECT (media), "feed", NULL);
}

/* One of the two mounts, with what its media need. */
typedef struct
{
  const DwSimWorld *world;
  Feeds *feeds;
  gboolean is_sub;
} Mount;

static void
mount_free (gpointer data, G_GNUC_UNUSED GClosure *closure)
{
  Mount *mount = data;

  g_atomic_rc_box_release_full (mount->feeds, feeds_finish);
  g_free (mount);
}

static void
on_media (G_GNUC_UNUSED GstRTSPMediaFactory *factory, GstRTSPMedia *media,
          gpointer data)
{
  const Mount *mount = data;
  GstElement *bin = gst_rtsp_media_get_element (media);
  Feed *feed = g_new0 (Feed, 1);

  feed->feeds = g_atomic_rc_box_acquire (mount->feeds);
  feed->video = gst_bin_get_by_name (GST_BIN (bin), "video");
  feed->audio = gst_bin_get_by_name (GST_BIN (bin), "audio");
  set_up_source (feed->video);
  set_up_source (feed->audio);
  g_mutex_lock (&feed->feeds->lock);
  if (!feed->feeds->has_ended)
    feed_start (feed, mount->world, mount->is_sub);
  feed->feeds->running = g_list_prepend (feed->feeds->running, feed);
  g_mutex_unlock (&feed->feeds->lock);
  g_object_set_data_full (G_OBJECT (media), "feed", feed, feed_free);
  g_signal_connect (media, "unprepared", G_CALLBACK (on_unprepared), NULL);
  gst_object_unref (bin);
}

struct DwSimRtsp
{
  const DwSimWorld *world;
  GstRTSPServer *server;
  Feeds *feeds;
  GSocket *socket;
  gint port;
  guint source, cleaner;
};

static void
add_mount (DwSimRtsp *rtsp, GstRTSPMountPoints *mounts, const gchar *path,
           gboolean is_sub)
{
  GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new ();
  GstClock *clock = gst_system_clock_obtain ();
  g_autofree gchar *launch = describe (rtsp->world, is_sub);
  Mount *mount = g_new0 (Mount, 1);

  mount->world = rtsp->world;
  mount->feeds = g_atomic_rc_box_acquire (rtsp->feeds);
  mount->is_sub = is_sub;
  gst_rtsp_media_factory_set_launch (factory, launch);
  gst_rtsp_media_factory_set_shared (factory, TRUE);
  gst_rtsp_media_factory_set_clock (factory, clock);
  gst_rtsp_media_factory_add_role (
      factory, ROLE, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
      GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
  g_signal_connect_data (factory, "media-configure", G_CALLBACK (on_media),
                         mount, mount_free, (GConnectFlags)0);
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
  rtsp->feeds = g_atomic_rc_box_new0 (Feeds);
  g_mutex_init (&rtsp->feeds->lock);
  rtsp->server = gst_rtsp_server_new ();
  gst_rtsp_server_set_address (rtsp->server, o->bind);
  gst_rtsp_server_set_service (rtsp->server, service);
  mounts = gst_rtsp_server_get_mount_points (rtsp->server);
  add_mount (rtsp, mounts, "/main", FALSE);
  add_mount (rtsp, mounts, "/sub", TRUE);
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
  feeds_end (rtsp->feeds);
  g_clear_object (&rtsp->socket);
  g_object_unref (rtsp->server);
  g_free (rtsp);
}

gint
dw_sim_rtsp_port (DwSimRtsp *rtsp)
{
  return rtsp->port;
}
