/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pull point: subscribe, pull, renew, unsubscribe, whatever the device
 * makes of the standard. */
#include "client-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "text.h"
#include "timebase.h"

#define PORT_ACTION "http://www.onvif.org/ver10/events/wsdl/EventPortType/"
#define PULL_ACTION                                                            \
  "http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/"
#define MANAGER_ACTION                                                         \
  "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/"

/* Short, so that a slot that nobody gave back is free again soon. */
#define LIFETIME_MS 60000
#define MIN_LIFETIME_MS 10000
#define MAX_LIFETIME_MS 3600000

#define MESSAGE_LIMIT 32

/* Between pulls of a device that never waits. */
#define FIRST_FLOOR_MS 100
#define MAX_FLOOR_MS 1000

#define UNSUBSCRIBE_MS 2000

/* -- Lifetime ------------------------------------------------------------ */

/* "PT60S", or one minute from now by the device's clock. */
static void
write_termination (const DwOnvifClient *client, bool is_absolute,
                   char out[DW_TIME_TEXT])
{
  if (!is_absolute)
    {
      snprintf (out, DW_TIME_TEXT, "PT%dS", LIFETIME_MS / 1000);
      return;
    }
  dw_time_format (dw_time_utc_ns () + client->clock_offset_ns
                      + LIFETIME_MS * DW_MILLISECOND_NS,
                  out);
  memcpy (out + 19, "Z", sizeof "Z");
}

/* Both times are the device's own; impossible ones read as what was asked. */
static void
set_lifetime (DwPullPoint *pull, const char *now, const char *termination)
{
  int64_t from, to, lifetime_ms = LIFETIME_MS;

  if (now && termination && dw_time_parse (now, 0, &from) == DW_OK
      && dw_time_parse (termination, 0, &to) == DW_OK && to > from)
    lifetime_ms = (to - from) / DW_MILLISECOND_NS;
  if (lifetime_ms < MIN_LIFETIME_MS)
    lifetime_ms = MIN_LIFETIME_MS;
  if (lifetime_ms > MAX_LIFETIME_MS)
    lifetime_ms = MAX_LIFETIME_MS;
  pull->lifetime_ms = (uint32_t)lifetime_ms;
  pull->due_ns = dw_time_boot_ns () + lifetime_ms / 2 * DW_MILLISECOND_NS;
}

/* -- Subscribing --------------------------------------------------------- */

static void
forget (DwPullPoint *pull)
{
  for (size_t i = 0; i < pull->n_references; i++)
    free (pull->references[i]);
  pull->n_references = 0;
  pull->is_open = false;
}

/* Writes an element with what marks it as a reference parameter. */
static char *
write_reference (struct soap *soap, struct soap_dom_element *element)
{
  struct soap_dom_attribute *mark
      = soap_att (element, NULL, "wsa5:IsReferenceParameter");
  const char *text = NULL;
  bool failed;

  if (mark == NULL)
    return NULL;
  if (soap_att_text (mark, "true") == NULL)
    return NULL;
  soap->os = &text;
  failed = soap_begin_send (soap)
           || soap_out_xsd__anyType (soap, NULL, 0, element, NULL)
           || soap_end_send (soap);
  soap->os = NULL;
  return failed || text == NULL ? NULL : strdup (text);
}

static void
keep_references (DwOnvifClient *client,
                 const struct wsa5__ReferenceParametersType *from)
{
  DwPullPoint *pull = &client->pull;

  for (int i = 0; from && i < from->__size; i++)
    {
      char *text;

      if (pull->n_references == DW_MAX_REFERENCES)
        return;
      text = write_reference (client->soap, &from->__any[i]);
      if (text)
        pull->references[pull->n_references++] = text;
    }
}

static void
open_pull_point (DwOnvifClient *client,
                 const struct _tev__CreatePullPointSubscriptionResponse *answer)
{
  const struct wsa5__EndpointReferenceType *reference
      = answer->SubscriptionReference;
  DwPullPoint *pull = &client->pull;
  DwUrl advertised;

  set_lifetime (pull, answer->wsnt__CurrentTime, answer->wsnt__TerminationTime);
  dw_text_copy (pull->address, sizeof pull->address,
                reference ? reference->Address : "");
  /* An address that is empty or says no host is the event service's. */
  if (!dw_client_service_url (client, pull->address, &pull->url)
      || dw_url_parse (pull->address, "", &advertised) != DW_OK
      || (advertised.host[0] == '\0' && advertised.path[0] == '\0'))
    {
      pull->url = client->events;
      dw_url_format (&pull->url, pull->address);
    }
  else if (advertised.host[0] == '\0')
    dw_url_format (&pull->url, pull->address);
  if (reference)
    {
      keep_references (client, reference->ReferenceParameters);
      keep_references (client, reference->ReferenceProperties);
    }
  pull->is_open = true;
}

static DwStatus
create (DwOnvifClient *client, const char *termination, DwCancel *cancel,
        DwError *error)
{
  const struct _tev__CreatePullPointSubscription request
      = { .InitialTerminationTime = (char *)termination };
  char to[DW_ONVIF_URI];
  const DwCall call
      = { DW_CALL (tev, CreatePullPointSubscription),
          .url = &client->events,
          .action = PORT_ACTION "CreatePullPointSubscriptionRequest",
          .request = &request,
          .to = to,
          .cancel = cancel };
  DwXmlMessage reply;
  DwStatus status;

  dw_url_format (&client->events, to);
  status = dw_client_call (client, &call, &reply, error);
  if (status == DW_OK)
    open_pull_point (client, reply.body);
  return status;
}

static bool
is_only_a_fault (DwStatus status)
{
  return status == DW_ERROR_PROTOCOL || status == DW_ERROR_UNSUPPORTED;
}

static DwStatus
create_somehow (DwOnvifClient *client, DwCancel *cancel, DwError *error)
{
  DwPullPoint *pull = &client->pull;
  char termination[DW_TIME_TEXT];
  DwStatus status;

  write_termination (client, pull->is_time_absolute, termination);
  status = create (client, termination, cancel, error);
  if (is_only_a_fault (status) && !pull->is_time_absolute)
    {
      DwError second;

      write_termination (client, true, termination);
      if (create (client, termination, cancel, &second) == DW_OK)
        {
          pull->is_time_absolute = true;
          return DW_OK;
        }
    }
  if (is_only_a_fault (status) && !dw_cancel_is_raised (cancel)
      && create (client, NULL, cancel, NULL) == DW_OK)
    return DW_OK;
  return status;
}

/* So that the device tells the state of everything; not all know it. */
static DwStatus
synchronize (DwOnvifClient *client, DwCancel *cancel, DwError *error)
{
  const struct _tev__SetSynchronizationPoint request;
  const DwCall call = { DW_CALL (tev, SetSynchronizationPoint),
                        .url = &client->pull.url,
                        .action = PULL_ACTION "SetSynchronizationPointRequest",
                        .request = &request,
                        .to = client->pull.address,
                        .references = &client->pull,
                        .cancel = cancel };
  DwXmlMessage reply;
  DwStatus status = dw_client_call (client, &call, &reply, error);

  return status == DW_ERROR_CANCELLED || status == DW_ERROR_REFUSED ? status
                                                                    : DW_OK;
}

DwStatus
dw_onvif_client_subscribe (DwOnvifClient *client, DwCancel *cancel,
                           DwError *error)
{
  DwStatus status;

  if (client->events.host[0] == '\0')
    return dw_error_set (error, DW_ERROR_UNSUPPORTED, "%s offers no events",
                         client->device.host);
  dw_onvif_client_unsubscribe (client, NULL);
  client->pull.floor_ms = 0;
  status = create_somehow (client, cancel, error);
  if (status == DW_OK)
    status = synchronize (client, cancel, error);
  if (status != DW_OK)
    dw_onvif_client_unsubscribe (client, NULL);
  return status;
}

/* No cancel: it is mostly called when everything else was told to stop, and
 * a slot that is not given back is missing to the next one. */
DwStatus
dw_onvif_client_unsubscribe (DwOnvifClient *client, DwError *error)
{
  const struct _wsnt__Unsubscribe request;
  const DwCall call = { DW_CALL (wsnt, Unsubscribe),
                        .url = &client->pull.url,
                        .action = MANAGER_ACTION "UnsubscribeRequest",
                        .request = &request,
                        .to = client->pull.address,
                        .references = &client->pull,
                        .deadline_ms = client->deadline_ms < UNSUBSCRIBE_MS
                                           ? client->deadline_ms
                                           : UNSUBSCRIBE_MS };
  DwXmlMessage reply;
  DwStatus status = DW_OK;

  if (client->pull.is_open)
    status = dw_client_call (client, &call, &reply, error);
  forget (&client->pull);
  /* Gone is gone, whoever ended it. */
  return is_only_a_fault (status) ? DW_OK : status;
}

/* -- Renewing ------------------------------------------------------------ */

static DwStatus
renew (DwOnvifClient *client, DwCancel *cancel, DwError *error)
{
  DwPullPoint *pull = &client->pull;
  char termination[DW_TIME_TEXT];
  const struct _wsnt__Renew request = { .TerminationTime = termination };
  const DwCall call = { DW_CALL (wsnt, Renew),
                        .url = &pull->url,
                        .action = MANAGER_ACTION "RenewRequest",
                        .request = &request,
                        .to = pull->address,
                        .references = pull,
                        .cancel = cancel };
  const struct _wsnt__RenewResponse *answer;
  DwXmlMessage reply;
  DwStatus status;

  write_termination (client, pull->is_time_absolute, termination);
  status = dw_client_call (client, &call, &reply, error);
  if (is_only_a_fault (status) && !pull->is_time_absolute)
    {
      write_termination (client, true, termination);
      status = dw_client_call (client, &call, &reply, error);
      pull->is_time_absolute = status == DW_OK;
    }
  if (status != DW_OK)
    return status;
  answer = reply.body;
  set_lifetime (pull, answer->CurrentTime, answer->TerminationTime);
  return DW_OK;
}

/* A device that cannot renew gets a new subscription each time. */
static DwStatus
renew_somehow (DwOnvifClient *client, DwCancel *cancel, DwError *error)
{
  DwStatus status = DW_ERROR_UNSUPPORTED;

  if (!client->pull.is_renew_refused)
    status = renew (client, cancel, error);
  if (!is_only_a_fault (status))
    return status;
  client->pull.is_renew_refused = true;
  return dw_onvif_client_subscribe (client, cancel, error);
}

/* -- Pulling ------------------------------------------------------------- */

typedef struct
{
  DwOnvifEventFunc func;
  void *user_data;
} Listener;

static void
tell_events (const DwOnvifClient *client,
             const struct _tev__PullMessagesResponse *answer,
             const Listener *listener)
{
  const DwEventContext context = { .rules = client->rules,
                                   .n_rules = client->n_rules,
                                   .arrival_ns = dw_time_utc_ns (),
                                   .clock_offset_ns = client->clock_offset_ns };

  for (int i = 0; i < answer->__sizeNotificationMessage; i++)
    {
      DwNotification notification;
      DwOnvifEvent event;

      if (!dw_convert_notification (&answer->wsnt__NotificationMessage[i],
                                    &notification))
        continue;
      dw_event_read (&notification, &context, &event);
      listener->func (&event, listener->user_data);
    }
}

/* *n_events is how many notifications came. */
static DwStatus
pull_once (DwOnvifClient *client, uint32_t timeout_ms, DwCancel *cancel,
           const Listener *listener, int *n_events, DwError *error)
{
  char timeout[32];
  const struct _tev__PullMessages request
      = { .Timeout = timeout, .MessageLimit = MESSAGE_LIMIT };
  const DwCall call = { DW_CALL (tev, PullMessages),
                        .url = &client->pull.url,
                        .action = PULL_ACTION "PullMessagesRequest",
                        .request = &request,
                        .to = client->pull.address,
                        .references = &client->pull,
                        .cancel = cancel,
                        .deadline_ms = timeout_ms + client->deadline_ms };
  const struct _tev__PullMessagesResponse *answer;
  DwXmlMessage reply;
  DwStatus status;

  /* Whole seconds where it can be: not everybody reads fractions. */
  snprintf (timeout, sizeof timeout, timeout_ms % 1000 ? "PT%u.%03uS" : "PT%uS",
            timeout_ms / 1000, timeout_ms % 1000);
  *n_events = 0;
  status = dw_client_call (client, &call, &reply, error);
  if (status != DW_OK)
    return status;
  answer = reply.body;
  *n_events = answer->__sizeNotificationMessage;
  tell_events (client, answer, listener);
  return DW_OK;
}

/* Grows while the device answers at once with nothing; a device that waits as
 * it was asked to has none. */
static void
adapt_floor (DwPullPoint *pull, int n_events, int64_t took_ms,
             uint32_t timeout_ms)
{
  if (took_ms >= timeout_ms / 2 || took_ms >= MAX_FLOOR_MS)
    pull->floor_ms = 0;
  else if (n_events == 0)
    pull->floor_ms = pull->floor_ms == 0 ? FIRST_FLOOR_MS : pull->floor_ms * 2;
  if (pull->floor_ms > MAX_FLOOR_MS)
    pull->floor_ms = MAX_FLOOR_MS;
}

/* How long one PullMessages may take: not past the next renewal. */
static uint32_t
limit_timeout (const DwPullPoint *pull, uint32_t timeout_ms)
{
  int64_t left_ms = (pull->due_ns - dw_time_boot_ns ()) / DW_MILLISECOND_NS;

  if (left_ms < 1000)
    left_ms = 1000;
  return timeout_ms < left_ms ? timeout_ms : (uint32_t)left_ms;
}

static DwStatus
say_cancelled (const DwOnvifClient *client, DwError *error)
{
  return dw_error_set (error, DW_ERROR_CANCELLED,
                       "the call to %s was cancelled", client->device.host);
}

DwStatus
dw_onvif_client_pull (DwOnvifClient *client, uint32_t timeout_ms,
                      DwCancel *cancel, DwOnvifEventFunc func, void *user_data,
                      DwError *error)
{
  const Listener listener = { func, user_data };
  DwPullPoint *pull = &client->pull;
  DwStatus status = DW_OK;
  int64_t began;
  int n_events;

  if (!pull->is_open)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "nobody subscribed to the events of %s",
                         client->device.host);
  if (dw_time_boot_ns () >= pull->due_ns)
    status = renew_somehow (client, cancel, error);
  if (status != DW_OK)
    return status;
  if (pull->floor_ms > 0 && dw_cancel_wait (cancel, pull->floor_ms) != DW_OK)
    return say_cancelled (client, error);
  timeout_ms = limit_timeout (pull, timeout_ms);
  began = dw_time_boot_ns ();
  status = pull_once (client, timeout_ms, cancel, &listener, &n_events, error);
  if (is_only_a_fault (status))
    {
      /* The subscription may have ended with another's, or by a restart. */
      status = dw_onvif_client_subscribe (client, cancel, error);
      if (status == DW_OK)
        status = pull_once (client, timeout_ms, cancel, &listener, &n_events,
                            error);
    }
  if (status == DW_OK)
    adapt_floor (pull, n_events,
                 (dw_time_boot_ns () - began) / DW_MILLISECOND_NS, timeout_ms);
  return status;
}
