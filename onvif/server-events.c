/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event service: pull points. A pull that finds nothing is parked and
 * asked again when something was emitted, so that it costs no thread. */
#include "server-call.h"

#include "timebase.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T(text) dw_server_text (text)

#define PATH "/onvif/event/"
#define DEFAULT_LIFE_NS (60 * DW_SECOND_NS)
#define MAX_LIFE_NS (86400 * DW_SECOND_NS)
#define MAX_PULL_NS (60 * DW_SECOND_NS)
#define MAX_MESSAGES 32

#define EVENT_ACTION(name)                                                     \
  "http://www.onvif.org/ver10/events/wsdl/EventPortType/" name "Response"
#define PULL_ACTION(name)                                                      \
  "http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/" name         \
  "Response"
#define MANAGER_ACTION(name)                                                   \
  "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/" name "Response"
#define CONCRETE_SET                                                           \
  "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"

struct tev__Capabilities *
dw_server_event_capabilities (void)
{
  static char no[] = "false";
  static char yes[] = "true";
  static char none[] = "0";
  static char most[] = "16"; /* DW_HUB_SUBSCRIPTIONS */
  static struct tev__Capabilities capabilities
      = { .WSSubscriptionPolicySupport = no,
          .WSPullPointSupport = yes,
          .WSPausableSubscriptionManagerInterfaceSupport = no,
          .MaxNotificationProducers = none,
          .MaxPullPoints = most,
          .PersistentNotificationStorage = no };

  return &capabilities;
}

/* -- Times -------------------------------------------------------------- */

/* "12" or "0.5" at *text, by hand: strtod () obeys the locale. */
static bool
take_number (const char **text, int64_t *out_ns)
{
  const char *c = *text;
  int64_t scale_ns = DW_SECOND_NS;
  int64_t whole = 0;

  for (; isdigit ((unsigned char)*c); c++)
    {
      if (c - *text >= 9)
        return false;
      whole = whole * 10 + (*c - '0');
    }
  if (c == *text)
    return false;
  *out_ns = whole * DW_SECOND_NS;
  if (*c == '.')
    for (c++; isdigit ((unsigned char)*c); c++)
      {
        scale_ns /= 10;
        *out_ns += (*c - '0') * scale_ns;
      }
  *text = c;
  return true;
}

/* xs:duration without years and months, whose length nobody knows. More than
 * the longest life counts as that. */
static bool
parse_duration (const char *text, int64_t *out_ns)
{
  static const struct
  {
    char letter;
    bool is_time;
    int64_t seconds;
  } units[] = { { 'D', false, 86400 },
                { 'H', true, 3600 },
                { 'M', true, 60 },
                { 'S', true, 1 } };
  bool is_time = false;
  size_t next = 0; /* units come in this order, each once */

  *out_ns = 0;
  if (*text++ != 'P' || *text == 0)
    return false;
  while (*text)
    {
      int64_t number_ns;

      if (*text == 'T' && !is_time)
        {
          is_time = true;
          text++;
        }
      if (!take_number (&text, &number_ns))
        return false;
      while (next < 4
             && (units[next].letter != *text || units[next].is_time != is_time))
        next++;
      if (next == 4)
        return false;
      *out_ns += number_ns > MAX_LIFE_NS / units[next].seconds
                     ? MAX_LIFE_NS
                     : number_ns * units[next].seconds;
      next++;
      text++;
    }
  return true;
}

/* How long from now, for a relative or an absolute time. */
static bool
parse_life (const char *text, int64_t *out_ns)
{
  const int64_t utc_ns = dw_time_utc_ns ();
  int64_t end_ns = 0;

  while (isspace ((unsigned char)*text))
    text++;
  if (*text == 'P')
    {
      if (!parse_duration (text, out_ns))
        return false;
    }
  else
    {
      if (!isdigit ((unsigned char)*text)
          || dw_time_parse (text, utc_ns, &end_ns) != DW_OK)
        return false;
      *out_ns = end_ns - utc_ns;
    }
  if (*out_ns > MAX_LIFE_NS)
    *out_ns = MAX_LIFE_NS;
  return *out_ns > 0;
}

/* The wall-clock spelling of a moment of boot time. */
static char *
spell (int64_t boot_ns, char out[DW_TIME_TEXT])
{
  return dw_time_format (dw_time_utc_ns () + (boot_ns - dw_time_boot_ns ()),
                         out);
}

/* -- Which subscription ------------------------------------------------- */

static bool
take_id (const char *address, char id[DW_HUB_ID])
{
  const char *found = address ? strstr (address, PATH) : NULL;
  size_t size;

  id[0] = 0;
  if (found == NULL)
    return false;
  found += strlen (PATH);
  size = strspn (found, "0123456789abcdef");
  if (size == 0 || size >= DW_HUB_ID)
    return false;
  memcpy (id, found, size);
  id[size] = 0;
  return true;
}

/* From the path asked, or from wsa:To where a client sends everything to the
 * event service. */
static void
find_id (const DwServerCall *call, char id[DW_HUB_ID])
{
  const struct SOAP_ENV__Header *header = call->soap->header;

  if (!take_id (call->http->head->path, id))
    take_id (header ? header->wsa5__To : NULL, id);
}

static bool
unknown (DwServerCall *call)
{
  return dw_server_fault (call, "ter:InvalidArgVal",
                          "wsrf-rw:ResourceUnknownFault",
                          "This subscription has ended or never was.");
}

/* -- Operations --------------------------------------------------------- */

static bool
get_service_capabilities (DwServerCall *call)
{
  struct _tev__GetServiceCapabilitiesResponse response
      = { .Capabilities = dw_server_event_capabilities () };

  return dw_server_reply (call, &response);
}

/* Several expressions are alternatives. */
static bool
read_filter (DwServerCall *call, const struct wsnt__FilterType *filter,
             char out[DW_HUB_FILTER])
{
  size_t used = 0;

  out[0] = 0;
  if (filter == NULL)
    return true;
  if (filter->__sizeMessageContent > 0)
    return dw_server_fault (call, "ter:InvalidArgVal",
                            "wsnt:InvalidMessageContentExpressionFault",
                            "Only topics can be filtered.");
  for (int i = 0; i < filter->__sizeTopicExpression; i++)
    {
      const char *text = filter->TopicExpression[i].__item;
      int n;

      if (text == NULL)
        continue;
      n = snprintf (out + used, DW_HUB_FILTER - used, "%s%s", used ? "|" : "",
                    text);
      if (n < 0 || (size_t)n >= DW_HUB_FILTER - used)
        return dw_server_fault (call, "ter:InvalidArgVal",
                                "wsnt:InvalidTopicExpressionFault",
                                "The filter is too long.");
      used += (size_t)n;
    }
  return true;
}

static bool
create_pull_point (DwServerCall *call)
{
  const struct _tev__CreatePullPointSubscription *request = call->request;
  const int64_t now_ns = dw_time_boot_ns ();
  int64_t life_ns = DEFAULT_LIFE_NS;
  char filter[DW_HUB_FILTER];
  char id[DW_HUB_ID];
  char path[sizeof "event/" + DW_HUB_ID];
  char address[DW_ONVIF_URI], now_text[DW_TIME_TEXT], end_text[DW_TIME_TEXT];
  struct wsa5__EndpointReferenceType reference = { .Address = address };
  struct _tev__CreatePullPointSubscriptionResponse response
      = { .SubscriptionReference = &reference };
  DwStatus status;

  if (request->InitialTerminationTime
      && !parse_life (request->InitialTerminationTime, &life_ns))
    return dw_server_fault (call, "ter:InvalidArgVal",
                            "wsnt:UnacceptableInitialTerminationTimeFault",
                            "The termination time is malformed or over.");
  if (!read_filter (call, request->Filter, filter))
    return false;
  status = dw_hub_subscribe (call->state->hub, filter, now_ns + life_ns, id);
  if (status == DW_ERROR_LIMIT)
    {
      dw_server_fault (call, "ter:Action", "wsnt:SubscribeCreationFailedFault",
                       "All 16 subscriptions are taken.");
      call->fault.is_receivers = true;
      return false;
    }
  if (status != DW_OK)
    return false;
  snprintf (path, sizeof path, "event/%s", id);
  dw_server_service (call, path, address);
  response.wsnt__CurrentTime = spell (now_ns, now_text);
  response.wsnt__TerminationTime = spell (now_ns + life_ns, end_text);
  if (dw_server_reply (call, &response))
    return true;
  dw_hub_unsubscribe (call->state->hub, id);
  return false;
}

typedef struct
{
  struct wsnt__TopicExpressionType topic;
  struct _wsnt__Message holder;
  struct tt__Message message;
  struct tt__ItemList source, data;
  struct tt__SimpleItem source_item, data_item;
  char time_text[DW_TIME_TEXT];
} Notification;

static void
fill_notification (const DwHubMessage *from, Notification *part,
                   struct wsnt__NotificationMessageHolderType *out)
{
  static const char *const operations[] = { NULL, "Initialized", "Changed" };

  memset (part, 0, sizeof *part);
  memset (out, 0, sizeof *out);
  part->topic
      = (struct wsnt__TopicExpressionType){ T (from->topic), T (CONCRETE_SET) };
  part->source_item = (struct tt__SimpleItem){ T (from->source_name),
                                               T (from->source_value) };
  part->data_item
      = (struct tt__SimpleItem){ T (from->data_name), T (from->data_value) };
  part->source
      = (struct tt__ItemList){ from->source_name[0] != 0, &part->source_item };
  part->data
      = (struct tt__ItemList){ from->data_name[0] != 0, &part->data_item };
  part->message = (struct tt__Message){
    .UtcTime = dw_time_format (from->utc_ns, part->time_text),
    .PropertyOperation = T (operations[from->operation]),
    .Source = &part->source,
    .Data = &part->data
  };
  part->holder.tt__Message = &part->message;
  out->Topic = &part->topic;
  out->Message = &part->holder;
}

static bool
pull_messages (DwServerCall *call)
{
  const struct _tev__PullMessages *request = call->request;
  DwHub *hub = call->state->hub;
  DwHubMessage messages[MAX_MESSAGES];
  Notification parts[MAX_MESSAGES];
  struct wsnt__NotificationMessageHolderType out[MAX_MESSAGES];
  char id[DW_HUB_ID], now_text[DW_TIME_TEXT], end_text[DW_TIME_TEXT];
  struct _tev__PullMessagesResponse response
      = { .wsnt__NotificationMessage = out };
  size_t max = request->MessageLimit > 0 ? (size_t)request->MessageLimit : 1;
  const int64_t now_ns = dw_time_boot_ns ();
  int64_t timeout_ns = 0;
  int64_t end_ns = 0;
  size_t n = 0;

  if (request->Timeout && !parse_duration (request->Timeout, &timeout_ns))
    return dw_server_fault (call, "ter:InvalidArgVal", NULL,
                            "The timeout is no duration.");
  if (timeout_ns > MAX_PULL_NS)
    timeout_ns = MAX_PULL_NS;
  if (max > MAX_MESSAGES)
    max = MAX_MESSAGES;
  find_id (call, id);
  /* The core specification: after the answer it lives for another timeout. */
  if (dw_hub_renew (hub, id, call->http->first_ns + 2 * timeout_ns, true)
          != DW_OK
      || dw_hub_pull (hub, id, messages, max, &n, &end_ns) != DW_OK)
    return unknown (call);
  if (n == 0 && now_ns < call->http->first_ns + timeout_ns
      && !call->http->is_last)
    {
      call->answer->park_until_ns = call->http->first_ns + timeout_ns;
      return true;
    }
  for (size_t i = 0; i < n; i++)
    fill_notification (&messages[i], &parts[i], &out[i]);
  response.__sizeNotificationMessage = (int)n;
  response.CurrentTime = spell (now_ns, now_text);
  response.TerminationTime = spell (end_ns, end_text);
  return dw_server_reply (call, &response);
}

static bool
renew (DwServerCall *call)
{
  const struct _wsnt__Renew *request = call->request;
  const int64_t now_ns = dw_time_boot_ns ();
  int64_t life_ns = DEFAULT_LIFE_NS;
  char id[DW_HUB_ID], now_text[DW_TIME_TEXT], end_text[DW_TIME_TEXT];
  struct _wsnt__RenewResponse response;

  find_id (call, id);
  if (request->TerminationTime
      && !parse_life (request->TerminationTime, &life_ns))
    return dw_server_fault (call, "ter:InvalidArgVal",
                            "wsnt:UnacceptableTerminationTimeFault",
                            "The termination time is malformed or over.");
  if (dw_hub_renew (call->state->hub, id, now_ns + life_ns, false) != DW_OK)
    return unknown (call);
  response = (struct _wsnt__RenewResponse){
    .TerminationTime = spell (now_ns + life_ns, end_text),
    .CurrentTime = spell (now_ns, now_text)
  };
  return dw_server_reply (call, &response);
}

static bool
unsubscribe (DwServerCall *call)
{
  static const struct _wsnt__UnsubscribeResponse nothing;
  char id[DW_HUB_ID];

  find_id (call, id);
  if (dw_hub_unsubscribe (call->state->hub, id) != DW_OK)
    return unknown (call);
  /* A pull that waits for it learns of its end. */
  dw_http_server_wake (call->http->server);
  return dw_server_reply (call, &nothing);
}

static bool
set_synchronization_point (DwServerCall *call)
{
  static const struct _tev__SetSynchronizationPointResponse nothing;
  char id[DW_HUB_ID];

  find_id (call, id);
  if (dw_hub_synchronize (call->state->hub, id) != DW_OK)
    return unknown (call);
  dw_http_server_wake (call->http->server);
  return dw_server_reply (call, &nothing);
}

const DwServerOperation dw_server_event_operations[] = {
  DW_OPERATION (tev, GetServiceCapabilities,
                EVENT_ACTION ("GetServiceCapabilities"), true,
                get_service_capabilities),
  DW_OPERATION (tev, GetEventProperties, EVENT_ACTION ("GetEventProperties"),
                false, dw_server_get_event_properties),
  DW_OPERATION (tev, CreatePullPointSubscription,
                EVENT_ACTION ("CreatePullPointSubscription"), false,
                create_pull_point),
  DW_OPERATION (tev, PullMessages, PULL_ACTION ("PullMessages"), false,
                pull_messages),
  DW_OPERATION (tev, SetSynchronizationPoint,
                PULL_ACTION ("SetSynchronizationPoint"), false,
                set_synchronization_point),
  DW_OPERATION (wsnt, Renew, MANAGER_ACTION ("Renew"), false, renew),
  DW_OPERATION (wsnt, Unsubscribe, MANAGER_ACTION ("Unsubscribe"), false,
                unsubscribe),
  { 0 },
};
