/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attempts, one after the other, until somebody says stop. */
#include "gstdoorbellsession.h"

#include "backoff.h"

#include <string.h>

#define TICK_US (G_USEC_PER_SEC / 4)
#define DISCOVERY_MS 2000
/* rtspsrc's own time before it goes from UDP to TCP. */
#define UDP_FALLBACK_US (5 * G_USEC_PER_SEC)

struct _GstDoorbellSession
{
  GstBin *owner;
  GstDoorbellSettings settings;
  const GstDoorbellSessionFuncs *funcs;
  gpointer user_data;
  DwCancel *cancel;
  GThread *thread;

  /* Of the control thread. */
  DwBackoff backoff;
  guint attempt; /* since the last data */
  gint64 started_us;
  gboolean was_connected; /* ever */
  DwOnvifMatch match;     /* the discovered one; endpoint "" before */
  gboolean must_probe;
  gchar *listened; /* location of the listener */
  GstDoorbellListener *listener;

  GMutex lock;
  GCond changed;
  gboolean is_stopping;
  gboolean is_playing;
  gboolean has_data;
  gboolean is_lost;
  DwError lost;
};

static const gchar *
user_of (const GstDoorbellSession *self)
{
  const gchar *user = self->settings.user_id;

  return user && user[0] ? user : self->settings.location.user;
}

static const gchar *
password_of (const GstDoorbellSession *self)
{
  const gchar *password = self->settings.user_pw;

  return password && password[0] ? password : self->settings.location.password;
}

static void
report (GstDoorbellSession *self, GstDoorbellConnectionState state,
        guint retry_in_ms, const gchar *text)
{
  const GstDoorbellConnection connection = {
    .state = state,
    .attempt = self->attempt,
    .retry_in_ms = retry_in_ms,
    .text = text,
  };

  self->funcs->listener.connection (&connection, self->user_data);
}

static gboolean
is_stopping (GstDoorbellSession *self)
{
  gboolean result;

  g_mutex_lock (&self->lock);
  result = self->is_stopping;
  g_mutex_unlock (&self->lock);
  return result;
}

/* -- Finding the stream ------------------------------------------------- */

/* The first answer counts, or the doorbell that was used before. */
static void
on_match (const DwOnvifMatch *match, gpointer user_data)
{
  GstDoorbellSession *self = user_data;

  if (match->is_gone)
    return;
  if (self->match.endpoint[0] == '\0'
      || strcmp (self->match.endpoint, match->endpoint) == 0)
    self->match = *match;
}

/* Where the device service is: as given, as found before, or as it is found
 * now because the old address does not answer any more. */
static DwStatus
find_device (GstDoorbellSession *self, const gchar **out, DwError *error)
{
  const gboolean is_known = self->match.endpoint[0] != '\0';
  DwStatus status = DW_OK;

  *out = self->settings.location.uri;
  if (self->settings.location.kind != DW_LOCATION_DISCOVER)
    return DW_OK;
  if (!is_known || self->must_probe)
    {
      const DwOnvifProbe probe = {
        .interfaces = self->settings.interfaces,
        .wait_ms = DISCOVERY_MS,
        .stop_at_first = !is_known,
      };

      status = dw_onvif_probe (&probe, self->cancel, on_match, self, error);
    }
  *out = self->match.xaddr;
  if (status == DW_OK && self->match.endpoint[0] == '\0')
    status = dw_error_set (error, DW_ERROR_NOT_FOUND, "No doorbell answered.");
  return self->match.endpoint[0] && status == DW_ERROR_NOT_FOUND ? DW_OK
                                                                 : status;
}

static DwStatus
choose_profile (GstDoorbellSession *self, DwOnvifClient *client,
                DwOnvifProfile *out, DwError *error)
{
  DwOnvifProfiles profiles;
  const DwOnvifProfile *chosen;
  DwStatus status
      = dw_onvif_client_profiles (client, self->cancel, &profiles, error);
  GString *names;

  if (status != DW_OK)
    return status;
  chosen = dw_onvif_profile_choose (&profiles, self->settings.profile);
  if (chosen)
    {
      *out = *chosen;
      return DW_OK;
    }
  names = g_string_new (NULL);
  for (gsize i = 0; i < profiles.n_profiles; i++)
    g_string_append_printf (names, "%s%s (%s)", i ? ", " : "",
                            profiles.profiles[i].token,
                            profiles.profiles[i].name);
  dw_error_set (error, DW_ERROR_INVALID,
                "The doorbell has no profile '%s'; it has: %s.",
                self->settings.profile ? self->settings.profile : "main",
                names->len ? names->str : "none");
  g_string_free (names, TRUE);
  return DW_ERROR_INVALID;
}

static void
tell_name (GstDoorbellSession *self, const DwOnvifDevice *device)
{
  const gchar *name = self->match.name;

  if (name[0] == '\0')
    name = device->model[0] ? device->model : self->settings.location.host;
  self->funcs->name (name, self->user_data);
}

/* The bell is heard from the moment on that the password is known to be good,
 * whether there is a picture or not. */
static void
start_listener (GstDoorbellSession *self, const gchar *location)
{
  if (self->listener && g_strcmp0 (self->listened, location) == 0)
    return;
  gst_doorbell_listener_free (self->listener);
  g_free (self->listened);
  self->listened = g_strdup (location);
  self->listener
      = gst_doorbell_listener_new (location, user_of (self), password_of (self),
                                   &self->funcs->listener, self->user_data);
}

static DwStatus
ask_device (GstDoorbellSession *self, const gchar *location,
            gchar uri[DW_ONVIF_URI], DwError *error)
{
  const DwOnvifSettings settings = {
    .location = location,
    .user = user_of (self),
    .password = password_of (self),
  };
  DwOnvifClient *client = NULL;
  DwOnvifDevice device;
  DwOnvifProfile profile;
  DwStatus status = dw_onvif_client_new (&settings, &client, error);

  if (status == DW_OK)
    status = dw_onvif_client_connect (client, self->cancel, &device, error);
  self->must_probe = status != DW_OK;
  if (status == DW_OK)
    {
      tell_name (self, &device);
      start_listener (self, location);
      status = choose_profile (self, client, &profile, error);
    }
  if (status == DW_OK)
    status = dw_onvif_client_stream_uri (client, profile.token, self->cancel,
                                         uri, error);
  dw_onvif_client_free (client);
  return status;
}

static DwStatus
find_stream (GstDoorbellSession *self, gchar uri[DW_ONVIF_URI], DwError *error)
{
  const DwLocation *location = &self->settings.location;
  const gchar *device;
  DwStatus status;

  if (location->kind == DW_LOCATION_RTSP)
    {
      self->funcs->name (location->host, self->user_data);
      g_strlcpy (uri, location->uri, DW_ONVIF_URI);
      return DW_OK;
    }
  status = find_device (self, &device, error);
  return status == DW_OK ? ask_device (self, device, uri, error) : status;
}

/* -- Holding the stream ------------------------------------------------- */

static void
set_lost (GstDoorbellSession *self, DwStatus status, const gchar *text)
{
  if (self->is_lost)
    return;
  self->is_lost = TRUE;
  dw_error_set (&self->lost, status, "%s", text);
  g_cond_broadcast (&self->changed);
}

/* Under the lock: true when the camera has been silent for too long. `quiet`
 * holds since when it could have sent something. */
static gboolean
is_stalled (GstDoorbellSession *self, gint64 idle_us, gint64 *quiet_since_us)
{
  const gint64 now = g_get_monotonic_time ();
  const gint64 limit = (gint64)self->settings.stall_timeout_ms * 1000;
  gint64 quiet;

  if (!self->is_playing)
    *quiet_since_us = now;
  quiet = now - *quiet_since_us;
  if (idle_us >= 0)
    quiet = MIN (quiet, idle_us);
  else
    quiet -= UDP_FALLBACK_US;
  return limit > 0 && quiet > limit;
}

static void
note_connected (GstDoorbellSession *self)
{
  report (self, GST_DOORBELL_CONNECTED, 0, "The doorbell's stream comes in.");
  self->was_connected = TRUE;
  self->attempt = 0;
  dw_backoff_reset (&self->backoff);
}

/* Until the connection is lost or the session stops. */
static DwStatus
hold_stream (GstDoorbellSession *self, GstDoorbellStream *stream,
             DwError *error)
{
  gint64 quiet_since_us = g_get_monotonic_time ();
  gboolean is_connected = FALSE;

  g_mutex_lock (&self->lock);
  while (!self->is_stopping && !self->is_lost)
    {
      const gboolean is_news = self->has_data && !is_connected;
      gint64 idle_us;

      g_cond_wait_until (&self->changed, &self->lock,
                         g_get_monotonic_time () + (is_news ? 0 : TICK_US));
      g_mutex_unlock (&self->lock);
      if (is_news)
        note_connected (self);
      is_connected |= is_news;
      gst_doorbell_stream_sync (stream);
      idle_us = self->funcs->idle_us (self->user_data);
      g_mutex_lock (&self->lock);
      if (is_stalled (self, idle_us, &quiet_since_us))
        set_lost (self, DW_ERROR_TIMEOUT, "The doorbell sends nothing more.");
    }
  *error = self->lost;
  if (self->is_stopping)
    error->status = DW_ERROR_CANCELLED;
  g_mutex_unlock (&self->lock);
  return error->status;
}

static DwStatus
play_stream (GstDoorbellSession *self, const gchar *uri, DwError *error)
{
  const GstDoorbellStreamSettings settings = {
    .uri = uri,
    .user_id = user_of (self),
    .user_pw = password_of (self),
    .latency_ms = self->settings.latency_ms,
    .protocols = self->settings.protocols,
  };
  GstDoorbellStream *stream;
  DwStatus status;

  g_mutex_lock (&self->lock);
  self->has_data = FALSE;
  self->is_lost = FALSE;
  memset (&self->lost, 0, sizeof self->lost);
  g_mutex_unlock (&self->lock);
  self->funcs->begin (self->user_data);
  stream = gst_doorbell_stream_new (self->owner, &settings,
                                    &self->funcs->stream, self->user_data);
  if (stream == NULL)
    return dw_error_set (error, DW_ERROR_UNSUPPORTED,
                         "The element rtspsrc is not installed.");
  status = hold_stream (self, stream, error);
  gst_doorbell_stream_free (stream);
  return status;
}

/* -- Attempts ----------------------------------------------------------- */

static DwStatus
attempt (GstDoorbellSession *self, DwError *error)
{
  gchar uri[DW_ONVIF_URI] = "";
  DwStatus status;

  self->attempt++;
  report (self, GST_DOORBELL_CONNECTING, 0, "Connecting to the doorbell.");
  status = find_stream (self, uri, error);
  if (status == DW_OK)
    status = play_stream (self, uri, error);
  if (self->attempt == 0 && self->was_connected && !is_stopping (self))
    report (self, GST_DOORBELL_LOST, 0, error->text);
  return status;
}

static gint64
time_left_us (const GstDoorbellSession *self)
{
  if (self->was_connected || self->settings.timeout_ms == 0)
    return G_MAXINT64;
  return self->started_us + (gint64)self->settings.timeout_ms * 1000
         - g_get_monotonic_time ();
}

/* A wrong password is never tried twice: devices lock the account. */
static gboolean
is_final (const GstDoorbellSession *self, DwStatus status)
{
  return status == DW_ERROR_REFUSED || status == DW_ERROR_INVALID
         || (status == DW_ERROR_UNSUPPORTED && !self->was_connected)
         || !self->settings.retry || time_left_us (self) <= 0;
}

static void
wait_before_next (GstDoorbellSession *self, const gchar *text)
{
  const guint wait_ms = dw_backoff_next_ms (&self->backoff, g_random_int ());
  const gint64 wait_us = MIN ((gint64)wait_ms * 1000, time_left_us (self));
  const gint64 end = g_get_monotonic_time () + wait_us;

  report (self, GST_DOORBELL_WAITING, (guint)(wait_us / 1000), text);
  g_mutex_lock (&self->lock);
  while (!self->is_stopping && g_get_monotonic_time () < end)
    g_cond_wait_until (&self->changed, &self->lock, end);
  g_mutex_unlock (&self->lock);
}

static gpointer
run (gpointer data)
{
  GstDoorbellSession *self = data;

  self->started_us = g_get_monotonic_time ();
  while (!is_stopping (self))
    {
      DwError error = { DW_OK, "" };
      const DwStatus status = attempt (self, &error);

      if (is_stopping (self))
        break;
      if (is_final (self, status))
        {
          report (self, GST_DOORBELL_FAILED, 0, error.text);
          self->funcs->fail (status, error.text, self->user_data);
          break;
        }
      wait_before_next (self, error.text);
    }
  gst_doorbell_listener_free (self->listener);
  self->listener = NULL;
  return NULL;
}

static void
free_fields (GstDoorbellSession *self)
{
  dw_cancel_free (self->cancel);
  gst_doorbell_settings_clear (&self->settings);
  g_free (self->listened);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

GstDoorbellSession *
gst_doorbell_session_new (GstBin *owner, const GstDoorbellSettings *settings,
                          const GstDoorbellSessionFuncs *funcs,
                          gpointer user_data)
{
  GstDoorbellSession *self = g_new0 (GstDoorbellSession, 1);

  self->owner = owner;
  self->funcs = funcs;
  self->user_data = user_data;
  gst_doorbell_settings_copy (settings, &self->settings);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->cancel = dw_cancel_new ();
  if (self->cancel == NULL)
    g_clear_pointer (&self, free_fields);
  return self;
}

gboolean
gst_doorbell_session_start (GstDoorbellSession *session)
{
  session->thread = g_thread_try_new ("doorbell-control", run, session, NULL);
  return session->thread != NULL;
}

void
gst_doorbell_session_stop (GstDoorbellSession *session)
{
  g_mutex_lock (&session->lock);
  session->is_stopping = TRUE;
  g_cond_broadcast (&session->changed);
  g_mutex_unlock (&session->lock);
  dw_cancel_raise (session->cancel);
}

void
gst_doorbell_session_free (GstDoorbellSession *session)
{
  if (session == NULL)
    return;
  gst_doorbell_session_stop (session);
  if (session->thread)
    g_thread_join (session->thread);
  free_fields (session);
}

void
gst_doorbell_session_data (GstDoorbellSession *session)
{
  g_mutex_lock (&session->lock);
  session->has_data = TRUE;
  g_cond_broadcast (&session->changed);
  g_mutex_unlock (&session->lock);
}

void
gst_doorbell_session_lost (GstDoorbellSession *session, DwStatus status,
                           const gchar *text)
{
  g_mutex_lock (&session->lock);
  set_lost (session, status, text);
  g_mutex_unlock (&session->lock);
}

void
gst_doorbell_session_set_playing (GstDoorbellSession *session,
                                  gboolean is_playing)
{
  g_mutex_lock (&session->lock);
  session->is_playing = is_playing;
  g_cond_broadcast (&session->changed);
  g_mutex_unlock (&session->lock);
}
