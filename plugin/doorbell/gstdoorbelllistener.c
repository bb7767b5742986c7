/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that waits for the bell. */
#include "gstdoorbelllistener.h"

#include "backoff.h"

#define DEADLINE_MS 2000
#define PULL_MS 20000

struct _GstDoorbellListener
{
  gchar *location, *user, *password;
  const GstDoorbellListenerFuncs *funcs;
  gpointer user_data;
  DwCancel *cancel;
  GThread *thread;
  DwBackoff backoff;
};

static void
report (GstDoorbellListener *self, GstDoorbellConnectionState state,
        guint retry_in_ms, const gchar *text)
{
  const GstDoorbellConnection connection = {
    .state = state,
    .is_events = TRUE,
    .attempt = self->backoff.n_failed,
    .retry_in_ms = retry_in_ms,
    .text = text,
  };

  if (!dw_cancel_is_raised (self->cancel))
    self->funcs->connection (&connection, self->user_data);
}

static void
on_event (const DwOnvifEvent *event, gpointer user_data)
{
  GstDoorbellListener *self = user_data;

  self->funcs->event (event, self->user_data);
}

static DwStatus
subscribe (GstDoorbellListener *self, DwOnvifClient *client, DwError *error)
{
  DwOnvifDevice device;
  DwStatus status
      = dw_onvif_client_connect (client, self->cancel, &device, error);

  if (status == DW_OK)
    status = dw_onvif_client_subscribe (client, self->cancel, error);
  return status;
}

/* One subscription from its beginning to its end. */
static DwStatus
listen_once (GstDoorbellListener *self, DwError *error)
{
  const DwOnvifSettings settings = {
    .location = self->location,
    .user = self->user,
    .password = self->password,
    .deadline_ms = DEADLINE_MS,
  };
  DwOnvifClient *client = NULL;
  DwStatus status = dw_onvif_client_new (&settings, &client, error);
  DwError ignored;

  if (status == DW_OK)
    status = subscribe (self, client, error);
  if (status == DW_OK)
    {
      dw_backoff_reset (&self->backoff);
      report (self, GST_DOORBELL_CONNECTED, 0,
              "The doorbell's events come in.");
    }
  while (status == DW_OK)
    status = dw_onvif_client_pull (client, PULL_MS, self->cancel, on_event,
                                   self, error);
  /* The device has few slots: give ours back, but do not wait for one that
   * does not answer. */
  if (client && (status == DW_ERROR_CANCELLED || status == DW_ERROR_PROTOCOL))
    dw_onvif_client_unsubscribe (client, &ignored);
  dw_onvif_client_free (client);
  return status;
}

static gpointer
listen (gpointer data)
{
  GstDoorbellListener *self = data;

  for (;;)
    {
      DwError error = { DW_OK, "" };
      const DwStatus status = listen_once (self, &error);
      guint wait_ms;

      if (status == DW_ERROR_CANCELLED)
        break;
      if (status == DW_ERROR_REFUSED || status == DW_ERROR_UNSUPPORTED
          || status == DW_ERROR_INVALID)
        {
          report (self, GST_DOORBELL_FAILED, 0, error.text);
          break;
        }
      wait_ms = dw_backoff_next_ms (&self->backoff, g_random_int ());
      report (self, GST_DOORBELL_WAITING, wait_ms, error.text);
      if (dw_cancel_wait (self->cancel, wait_ms) != DW_OK)
        break;
    }
  return NULL;
}

static void
free_fields (GstDoorbellListener *self)
{
  dw_cancel_free (self->cancel);
  g_free (self->location);
  g_free (self->user);
  g_free (self->password);
  g_free (self);
}

GstDoorbellListener *
gst_doorbell_listener_new (const gchar *location, const gchar *user,
                           const gchar *password,
                           const GstDoorbellListenerFuncs *funcs,
                           gpointer user_data)
{
  GstDoorbellListener *self = g_new0 (GstDoorbellListener, 1);

  self->location = g_strdup (location);
  self->user = g_strdup (user);
  self->password = g_strdup (password);
  self->funcs = funcs;
  self->user_data = user_data;
  self->cancel = dw_cancel_new ();
  if (self->cancel)
    self->thread = g_thread_try_new ("doorbell-events", listen, self, NULL);
  if (self->thread == NULL)
    g_clear_pointer (&self, free_fields);
  return self;
}

void
gst_doorbell_listener_free (GstDoorbellListener *listener)
{
  if (listener == NULL)
    return;
  dw_cancel_raise (listener->cancel);
  g_thread_join (listener->thread);
  free_fields (listener);
}
