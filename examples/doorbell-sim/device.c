/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What onvif.h's server is told, and what it asks. */
#include "device.h"

#include "onvif.h"

#include <gio/gio.h>
#include <string.h>

#define MOTION_TOPIC "tns1:VideoSource/MotionAlarm"

struct DwSimDevice
{
  const DwSimWorld *world;
  const DwSimVendor *vendor;
  DwSimSnapshot *snapshot;
  DwSimRingFunc ring;
  gpointer ring_data;
  DwOnvifServer *server;
  DwOnvifServerProfile profiles[2];
  DwOnvifUser *users;
  gchar *serial, *mac;
};

static void
answer_text (DwOnvifHttp *http, int status, const gchar *text)
{
  http->status = status;
  http->content_type = "text/plain; charset=utf-8";
  http->body = strdup (text);
  http->body_size = http->body ? strlen (text) : 0;
}

static gboolean
path_is (const gchar *path, const gchar *wanted)
{
  gsize length = strlen (wanted);

  return strncmp (path, wanted, length) == 0
         && (path[length] == '\0' || path[length] == '?');
}

static void
answer_snapshot (DwSimDevice *device, DwOnvifHttp *http)
{
  gboolean is_sub = strstr (http->path, "profile=sub") != NULL;
  gsize size = 0;

  http->body = dw_sim_snapshot_take (device->snapshot, is_sub, &size);
  http->body_size = size;
  http->status = http->body ? 200 : 503;
  http->content_type = "image/jpeg";
}

static void
on_http (DwOnvifHttp *http, void *data)
{
  DwSimDevice *device = data;
  gboolean is_post = strcmp (http->method, "POST") == 0;

  if (path_is (http->path, "/ring") && is_post)
    {
      device->ring (device->ring_data);
      answer_text (http, 200, "rung\n");
    }
  else if (path_is (http->path, "/ring"))
    answer_text (http, 405, "POST here to ring\n");
  else if (path_is (http->path, "/snapshot.jpg") && !is_post)
    answer_snapshot (device, http);
}

static void
describe_profile (DwSimDevice *device, gboolean is_sub, gint rtsp_port)
{
  const DwSimOptions *o = device->world->options;
  const gchar *name = is_sub ? "sub" : "main";
  DwOnvifServerProfile *out = &device->profiles[is_sub ? 1 : 0];

  g_strlcpy (out->profile.token, name, sizeof out->profile.token);
  g_strlcpy (out->profile.name, name, sizeof out->profile.name);
  g_strlcpy (out->profile.codec, o->codec == DW_SIM_MJPEG ? "JPEG" : "H264",
             sizeof out->profile.codec);
  dw_sim_world_size (device->world, is_sub, &out->profile.width,
                     &out->profile.height);
  out->profile.rate = (float)o->fps_n / (float)o->fps_d;
  g_strlcpy (out->profile.audio_codec,
             o->audio == DW_SIM_AAC    ? "AAC"
             : o->audio == DW_SIM_PCMU ? "G711"
                                       : "",
             sizeof out->profile.audio_codec);
  /* The server puts the address that was asked in the place of 0.0.0.0. */
  g_snprintf (out->stream_uri, sizeof out->stream_uri, "rtsp://%s:%d/%s",
              o->host ? o->host : o->bind, rtsp_port, name);
  g_snprintf (out->snapshot_uri, sizeof out->snapshot_uri,
              "/snapshot.jpg?profile=%s", name);
}

static guint
copy_users (DwSimDevice *device)
{
  const DwSimOptions *o = device->world->options;
  guint n_users = o->users ? g_strv_length (o->users) : 0;

  device->users = g_new0 (DwOnvifUser, n_users + 1);
  for (guint i = 0; i < n_users; i++)
    {
      g_strlcpy (device->users[i].user, o->users[i], DW_ONVIF_TEXT);
      g_strlcpy (device->users[i].password, o->passwords[i], DW_ONVIF_TEXT);
    }
  return n_users;
}

/* Two simulators on one machine must not look like one device: the serial
 * number comes from the ports, which cannot be the same. */
static void
make_identity (DwSimDevice *device, gint rtsp_port)
{
  guint32 seed = device->world->options->scene.seed;

  device->serial = g_strdup_printf ("DWSIM-%u-%d", seed, rtsp_port);
  device->mac
      = g_strdup_printf ("02:d0:%02x:%02x:%02x:%02x", seed >> 8 & 0xff,
                         seed & 0xff, rtsp_port >> 8 & 0xff, rtsp_port & 0xff);
}

/* Told to whoever subscribes, as Initialized, before anybody has rung. */
static void
set_initial_state (DwSimDevice *device)
{
  if (device->vendor->off)
    dw_sim_device_press (device, FALSE);
  dw_sim_device_motion (device, FALSE);
}

DwSimDevice *
dw_sim_device_new (const DwSimWorld *world, gint rtsp_port,
                   DwSimSnapshot *snapshot, DwSimRingFunc ring, gpointer data,
                   GError **error)
{
  const DwSimOptions *o = world->options;
  DwSimDevice *device = g_new0 (DwSimDevice, 1);
  gboolean is_local = g_str_has_prefix (o->bind, "127.");
  DwOnvifServerSettings settings = { .bind_address = o->bind,
                                     .port = (uint16_t)o->port,
                                     .host = o->host,
                                     .interfaces = o->interfaces,
                                     .is_discoverable = !o->is_hidden,
                                     .name = o->name,
                                     .firmware = PACKAGE_VERSION };
  DwError problem = { 0 };

  device->world = world;
  device->vendor = dw_sim_vendor (o->vendor);
  device->snapshot = snapshot;
  device->ring = ring;
  device->ring_data = data;
  make_identity (device, rtsp_port);
  describe_profile (device, FALSE, rtsp_port);
  describe_profile (device, TRUE, rtsp_port);
  if (settings.interfaces == NULL && is_local)
    settings.interfaces = "lo";
  settings.manufacturer = device->vendor->manufacturer;
  settings.model = device->vendor->model;
  settings.serial = device->serial;
  settings.mac = device->mac;
  settings.n_users = copy_users (device);
  settings.users = device->users;
  settings.n_profiles = 2;
  settings.profiles = device->profiles;
  settings.http = on_http;
  settings.http_data = device;
  if (dw_onvif_server_new (&settings, &device->server, &problem) != DW_OK)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", problem.text);
      dw_sim_device_free (device);
      return NULL;
    }
  set_initial_state (device);
  return device;
}

void
dw_sim_device_free (DwSimDevice *device)
{
  if (device == NULL)
    return;
  dw_onvif_server_free (device->server);
  g_free (device->users);
  g_free (device->serial);
  g_free (device->mac);
  g_free (device);
}

gint
dw_sim_device_port (DwSimDevice *device)
{
  return dw_onvif_server_port (device->server);
}

gboolean
dw_sim_device_press (DwSimDevice *device, gboolean is_on)
{
  const DwSimVendor *vendor = device->vendor;
  DwOnvifServerEvent event = { .topic = vendor->topic,
                               .source_name = vendor->source_name,
                               .source_value = vendor->source_value,
                               .data_name = vendor->data_name,
                               .data_value = is_on ? vendor->on : vendor->off,
                               .is_property = vendor->off != NULL };

  dw_onvif_server_emit (device->server, &event);
  return vendor->off != NULL;
}

void
dw_sim_device_motion (DwSimDevice *device, gboolean is_on)
{
  DwOnvifServerEvent event = { .topic = MOTION_TOPIC,
                               .source_name = "Source",
                               .source_value = "VideoSource_1",
                               .data_name = "State",
                               .data_value = is_on ? "true" : "false",
                               .is_property = true };

  dw_onvif_server_emit (device->server, &event);
}
