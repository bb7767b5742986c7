/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gst-rtsp-server on a thread of its own beside the ONVIF server. */
#include "camera.h"

#include "onvif.h"

#include <gst/check/gstcheck.h>
#include <gst/rtsp-server/rtsp-server.h>

#define VIDEO                                                                  \
  "videotestsrc is-live=true ! video/x-raw,width=160,height=120,"              \
  "framerate=25/1 ! valve name=video-valve "
#define H264                                                                   \
  "! x264enc tune=zerolatency key-int-max=12 speed-preset=ultrafast "          \
  "! rtph264pay name=pay0 pt=96 config-interval=1 "
#define JPEG "! video/x-raw,format=I420 ! jpegenc ! rtpjpegpay name=pay0 pt=26 "
#define AUDIO                                                                  \
  "audiotestsrc is-live=true samplesperbuffer=160 ! "                          \
  "audio/x-raw,rate=8000,channels=1 ! valve name=audio-valve ! mulawenc ! "    \
  "rtppcmupay name=pay1 pt=0 "

struct Camera
{
  GstRTSPServer *rtsp;
  DwOnvifServer *onvif;
  GMainContext *context;
  GMainLoop *loop;
  GSource *source;
  GThread *thread;
  guint rtsp_port;
  gint n_clients;

  GMutex lock;
  GstElement *pipeline; /* of the media that was set up last */
};

static gpointer
serve (gpointer data)
{
  Camera *camera = data;

  g_main_context_push_thread_default (camera->context);
  g_main_loop_run (camera->loop);
  g_main_context_pop_thread_default (camera->context);
  return NULL;
}

static void
on_client (GstRTSPServer *server, GstRTSPClient *client, Camera *camera)
{
  (void)server;
  (void)client;
  g_atomic_int_inc (&camera->n_clients);
}

static void
on_media (GstRTSPMediaFactory *factory, GstRTSPMedia *media, Camera *camera)
{
  (void)factory;
  g_mutex_lock (&camera->lock);
  g_clear_object (&camera->pipeline);
  camera->pipeline = gst_rtsp_media_get_element (media);
  g_mutex_unlock (&camera->lock);
}

static void
ask_for_password (Camera *camera, GstRTSPMediaFactory *factory,
                  const gchar *user, const gchar *password)
{
  GstRTSPAuth *auth = gst_rtsp_auth_new ();
  GstRTSPToken *token = gst_rtsp_token_new (GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE,
                                            G_TYPE_STRING, "viewer", NULL);

  gst_rtsp_auth_set_supported_methods (auth, GST_RTSP_AUTH_DIGEST);
  gst_rtsp_auth_add_digest (auth, user, password, token);
  gst_rtsp_token_unref (token);
  gst_rtsp_server_set_auth (camera->rtsp, auth);
  g_object_unref (auth);
  gst_rtsp_media_factory_add_role (
      factory, "viewer", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN,
      TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
}

static void
start_rtsp (Camera *camera, const CameraOptions *options)
{
  GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new ();
  GstRTSPMountPoints *mounts;
  guint source_id;
  gint port;
  gchar *launch = g_strconcat ("( " VIDEO, options->is_jpeg ? JPEG : H264,
                               options->has_audio ? AUDIO : "", ")", NULL);
  gchar *service = g_strdup_printf ("%u", options->rtsp_port);
  const gchar *password
      = options->rtsp_password ? options->rtsp_password : options->password;

  camera->rtsp = gst_rtsp_server_new ();
  gst_rtsp_server_set_address (camera->rtsp, "127.0.0.1");
  gst_rtsp_server_set_service (camera->rtsp, service);
  gst_rtsp_media_factory_set_launch (factory, launch);
  gst_rtsp_media_factory_set_shared (factory, TRUE);
  g_signal_connect (factory, "media-configure", G_CALLBACK (on_media), camera);
  g_signal_connect (camera->rtsp, "client-connected", G_CALLBACK (on_client),
                    camera);
  if (options->user)
    ask_for_password (camera, factory, options->user, password);
  mounts = gst_rtsp_server_get_mount_points (camera->rtsp);
  gst_rtsp_mount_points_add_factory (mounts, "/main", factory);
  g_object_unref (mounts);
  g_free (launch);
  g_free (service);

  camera->context = g_main_context_new ();
  camera->loop = g_main_loop_new (camera->context, FALSE);
  source_id = gst_rtsp_server_attach (camera->rtsp, camera->context);
  fail_unless (source_id != 0, "no port for the RTSP server");
  camera->source = g_source_ref (
      g_main_context_find_source_by_id (camera->context, source_id));
  port = gst_rtsp_server_get_bound_port (camera->rtsp);
  fail_unless (port > 0, "port %d", port);
  camera->rtsp_port = (guint)port;
  camera->thread = g_thread_new ("camera", serve, camera);
}

static void
start_onvif (Camera *camera, const CameraOptions *options)
{
  const DwOnvifUser users[] = { { "", "" } };
  DwOnvifUser user = users[0];
  DwOnvifServerProfile profile = {
    .profile = { .token = "main",
                 .name = "MainStream",
                 .codec = "H264",
                 .width = 160,
                 .height = 120,
                 .rate = 25 },
  };
  DwOnvifServerSettings settings = {
    .bind_address = "127.0.0.1",
    .port = (uint16_t)options->onvif_port,
    .interfaces = "lo",
    .is_discoverable = options->is_discoverable,
    .name = "Front",
    .manufacturer = "Doorward",
    .model = "Test Doorbell",
    .firmware = "1",
    .serial = "0001",
    .n_profiles = 1,
    .profiles = &profile,
  };
  gchar *uri = camera_rtsp_uri (camera);
  DwError error = { DW_OK, "" };

  g_strlcpy (profile.stream_uri, uri, sizeof profile.stream_uri);
  if (options->is_jpeg)
    g_strlcpy (profile.profile.codec, "JPEG", sizeof profile.profile.codec);
  if (options->user)
    {
      g_strlcpy (user.user, options->user, sizeof user.user);
      g_strlcpy (user.password, options->password, sizeof user.password);
      settings.n_users = 1;
      settings.users = &user;
    }
  dw_onvif_server_new (&settings, &camera->onvif, &error);
  fail_unless (camera->onvif != NULL, "%s", error.text);
  g_free (uri);
}

Camera *
camera_new (const CameraOptions *options)
{
  Camera *camera = g_new0 (Camera, 1);

  g_mutex_init (&camera->lock);
  start_rtsp (camera, options);
  start_onvif (camera, options);
  return camera;
}

static GstRTSPFilterResult
remove_client (GstRTSPServer *server, GstRTSPClient *client, gpointer data)
{
  (void)server;
  (void)data;
  gst_rtsp_client_close (client);
  return GST_RTSP_FILTER_REMOVE;
}

void
camera_free (Camera *camera)
{
  dw_onvif_server_free (camera->onvif);
  g_source_destroy (camera->source);
  gst_rtsp_server_client_filter (camera->rtsp, remove_client, NULL);
  g_main_loop_quit (camera->loop);
  g_thread_join (camera->thread);
  g_clear_object (&camera->pipeline);
  g_source_unref (camera->source);
  g_main_loop_unref (camera->loop);
  g_main_context_unref (camera->context);
  g_object_unref (camera->rtsp);
  g_mutex_clear (&camera->lock);
  g_free (camera);
}

guint
camera_rtsp_port (const Camera *camera)
{
  return camera->rtsp_port;
}

guint
camera_onvif_port (const Camera *camera)
{
  return dw_onvif_server_port (camera->onvif);
}

gchar *
camera_onvif_uri (const Camera *camera)
{
  return g_strdup_printf ("onvif://127.0.0.1:%u", camera_onvif_port (camera));
}

gchar *
camera_rtsp_uri (const Camera *camera)
{
  return g_strdup_printf ("rtsp://127.0.0.1:%u/main", camera->rtsp_port);
}

void
camera_ring (Camera *camera, gboolean is_active)
{
  const DwOnvifServerEvent event = {
    .topic = "tns1:RuleEngine/MyRuleDetector/Visitor",
    .source_name = "Source",
    .source_value = "000",
    .data_name = "State",
    .data_value = is_active ? "true" : "false",
    .is_property = true,
  };

  fail_unless (dw_onvif_server_emit (camera->onvif, &event) == DW_OK);
}

void
camera_set_silent (Camera *camera, gboolean is_silent)
{
  static const gchar *const names[] = { "video-valve", "audio-valve" };

  g_mutex_lock (&camera->lock);
  for (gsize i = 0; camera->pipeline && i < G_N_ELEMENTS (names); i++)
    {
      GstElement *valve
          = gst_bin_get_by_name (GST_BIN (camera->pipeline), names[i]);

      if (valve == NULL)
        continue;
      g_object_set (valve, "drop", is_silent, NULL);
      gst_object_unref (valve);
    }
  g_mutex_unlock (&camera->lock);
}

gint
camera_n_clients (Camera *camera)
{
  return g_atomic_int_get (&camera->n_clients);
}

static guint
count_entries (const gchar *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  fail_unless (dir != NULL);
  while (g_dir_read_name (dir))
    n++;
  g_dir_close (dir);
  return n;
}

guint
count_descriptors (void)
{
  return count_entries ("/proc/self/fd");
}

guint
count_threads (void)
{
  return count_entries ("/proc/self/task");
}
