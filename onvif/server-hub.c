/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event hub: one lock, fixed rings, messages by value. A subscription's
 * name is random, because whoever knows it may end it. */
#include "server-hub.h"

#include "timebase.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  char id[DW_HUB_ID]; /* "": free */
  int64_t end_ns;
  char filter[DW_HUB_FILTER];
  DwHubMessage *queue; /* DW_HUB_QUEUE of them */
  size_t first, n_queued;
} Subscription;

struct DwHub
{
  pthread_mutex_t lock;
  Subscription subscriptions[DW_HUB_SUBSCRIPTIONS];
  DwHubMessage states[DW_HUB_PROPERTIES]; /* last of each topic and source */
  size_t n_states;
  DwHubMessage topics[DW_HUB_PROPERTIES]; /* an example of each */
  size_t n_topics;
};

/* "tns1:Device/tnsaxis:IO/Port": segments of name characters, each with at
 * most one of the prefixes that the answers declare. */
static bool
topic_is_valid (const char *topic)
{
  static const char name[]
      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
  const char *c = topic;

  if (c == NULL || strlen (c) >= DW_ONVIF_TEXT || strchr (c, ':') == NULL)
    return false;
  for (;;)
    {
      size_t n = strspn (c, name);

      if (c[n] == ':')
        {
          if (strncmp (c, "tns1:", 5) != 0 && strncmp (c, "tnsaxis:", 8) != 0
              && strncmp (c, "tnshik:", 7) != 0)
            return false;
          c += n + 1;
          n = strspn (c, name);
        }
      if (n == 0 || strchr ("0123456789-.", c[0]))
        return false;
      c += n;
      if (*c == 0)
        return true;
      if (*c != '/')
        return false;
      c++;
    }
}

/* The local name of the segment at *text; moves behind it and its slash. */
static size_t
next_segment (const char **text, const char *end, const char **name)
{
  const char *stop = *text;
  const char *start = *text;

  while (stop < end && *stop != '/')
    {
      if (*stop == ':')
        start = stop + 1;
      stop++;
    }
  *name = start;
  *text = stop < end ? stop + 1 : end;
  return (size_t)(stop - start);
}

/* One alternative of a topic expression against a topic. A last double slash
 * with a dot or a star takes everything below too; a star is any segment. */
static bool
path_matches (const char *path, const char *end, const char *topic)
{
  const char *topic_end = topic + strlen (topic);
  bool takes_below = false;

  if (end - path >= 3 && end[-3] == '/' && end[-2] == '/'
      && (end[-1] == '.' || end[-1] == '*'))
    {
      takes_below = true;
      end -= 3;
    }
  while (path < end)
    {
      const char *wanted;
      const char *given;
      size_t wanted_size;
      size_t given_size;

      if (topic == topic_end)
        return false;
      wanted_size = next_segment (&path, end, &wanted);
      given_size = next_segment (&topic, topic_end, &given);
      if (wanted_size == 1 && *wanted == '*')
        continue;
      if (wanted_size != given_size || memcmp (wanted, given, given_size) != 0)
        return false;
    }
  return takes_below || topic == topic_end;
}

static bool
filter_matches (const char *filter, const char *topic)
{
  const char *path = filter;

  if (filter[0] == 0)
    return true;
  for (;;)
    {
      const char *bar = strchr (path, '|');
      const char *end = bar ? bar : path + strlen (path);

      while (path < end && strchr (" \t\r\n", *path))
        path++;
      while (end > path && strchr (" \t\r\n", end[-1]))
        end--;
      if (path < end && path_matches (path, end, topic))
        return true;
      if (bar == NULL)
        return false;
      path = bar + 1;
    }
}

static void
release (Subscription *subscription)
{
  free (subscription->queue);
  memset (subscription, 0, sizeof *subscription);
}

/* Ends what is over; then the living one with this name, or NULL. */
static Subscription *
find (DwHub *hub, const char *id)
{
  const int64_t now_ns = dw_time_boot_ns ();
  Subscription *found = NULL;

  for (size_t i = 0; i < DW_HUB_SUBSCRIPTIONS; i++)
    {
      Subscription *subscription = &hub->subscriptions[i];

      if (subscription->id[0] == 0)
        continue;
      if (now_ns == 0 || now_ns >= subscription->end_ns)
        release (subscription);
      else if (id && strcmp (subscription->id, id) == 0)
        found = subscription;
    }
  return found;
}

static void
enqueue (Subscription *subscription, const DwHubMessage *message)
{
  if (!filter_matches (subscription->filter, message->topic))
    return;
  if (subscription->n_queued == DW_HUB_QUEUE)
    {
      subscription->first = (subscription->first + 1) % DW_HUB_QUEUE;
      subscription->n_queued--;
    }
  subscription
      ->queue[(subscription->first + subscription->n_queued++) % DW_HUB_QUEUE]
      = *message;
}

static void
enqueue_states (const DwHub *hub, Subscription *subscription)
{
  for (size_t i = 0; i < hub->n_states; i++)
    {
      DwHubMessage message = hub->states[i];

      message.operation = DW_HUB_INITIALIZED;
      enqueue (subscription, &message);
    }
}

/* The oldest state is forgotten when there are too many. */
static void
remember_state (DwHub *hub, const DwHubMessage *message)
{
  for (size_t i = 0; i < hub->n_states; i++)
    {
      DwHubMessage *state = &hub->states[i];

      if (strcmp (state->topic, message->topic) == 0
          && strcmp (state->source_name, message->source_name) == 0
          && strcmp (state->source_value, message->source_value) == 0)
        {
          *state = *message;
          return;
        }
    }
  if (hub->n_states == DW_HUB_PROPERTIES)
    memmove (hub->states, hub->states + 1,
             --hub->n_states * sizeof hub->states[0]);
  hub->states[hub->n_states++] = *message;
}

static void
remember_topic (DwHub *hub, const DwHubMessage *message)
{
  for (size_t i = 0; i < hub->n_topics; i++)
    if (strcmp (hub->topics[i].topic, message->topic) == 0)
      return;
  if (hub->n_topics < DW_HUB_PROPERTIES)
    hub->topics[hub->n_topics++] = *message;
}

static bool
copy_text (char out[DW_ONVIF_TEXT], const char *text)
{
  const size_t size = text ? strlen (text) : 0;

  if (size >= DW_ONVIF_TEXT)
    return false;
  /* Control characters have no spelling in XML 1.0. */
  for (size_t i = 0; i < size; i++)
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
      return false;
  if (size > 0)
    memcpy (out, text, size);
  out[size] = 0;
  return true;
}

DwStatus
dw_hub_new (DwHub **out)
{
  DwHub *hub = calloc (1, sizeof *hub);

  *out = hub;
  if (hub == NULL)
    return DW_ERROR_NO_MEMORY;
  pthread_mutex_init (&hub->lock, NULL);
  return DW_OK;
}

void
dw_hub_free (DwHub *hub)
{
  if (hub == NULL)
    return;
  for (size_t i = 0; i < DW_HUB_SUBSCRIPTIONS; i++)
    release (&hub->subscriptions[i]);
  pthread_mutex_destroy (&hub->lock);
  free (hub);
}

static DwStatus
make_message (const DwOnvifServerEvent *event, DwHubMessage *out)
{
  *out = (DwHubMessage){ .operation
                         = event->is_property ? DW_HUB_CHANGED : DW_HUB_PULSE,
                         .utc_ns = dw_time_utc_ns () };
  if (!topic_is_valid (event->topic) || !copy_text (out->topic, event->topic)
      || !copy_text (out->source_name, event->source_name)
      || !copy_text (out->source_value, event->source_value)
      || !copy_text (out->data_name, event->data_name)
      || !copy_text (out->data_value, event->data_value))
    return DW_ERROR_INVALID;
  return DW_OK;
}

DwStatus
dw_hub_declare (DwHub *hub, const DwOnvifServerEvent *event)
{
  DwHubMessage message;
  const DwStatus status = make_message (event, &message);

  if (status != DW_OK)
    return status;
  pthread_mutex_lock (&hub->lock);
  remember_topic (hub, &message);
  pthread_mutex_unlock (&hub->lock);
  return DW_OK;
}

DwStatus
dw_hub_emit (DwHub *hub, const DwOnvifServerEvent *event)
{
  DwHubMessage message;
  const DwStatus status = make_message (event, &message);

  if (status != DW_OK)
    return status;
  pthread_mutex_lock (&hub->lock);
  find (hub, NULL);
  remember_topic (hub, &message);
  if (event->is_property)
    remember_state (hub, &message);
  for (size_t i = 0; i < DW_HUB_SUBSCRIPTIONS; i++)
    if (hub->subscriptions[i].id[0])
      enqueue (&hub->subscriptions[i], &message);
  pthread_mutex_unlock (&hub->lock);
  return DW_OK;
}

static DwStatus
subscribe (DwHub *hub, Subscription *subscription, const char *filter,
           int64_t end_ns)
{
  unsigned char random[16];

  if (subscription == NULL)
    return DW_ERROR_LIMIT;
  if (filter && strlen (filter) >= sizeof subscription->filter)
    return DW_ERROR_INVALID;
  subscription->queue = calloc (DW_HUB_QUEUE, sizeof *subscription->queue);
  if (subscription->queue == NULL || RAND_bytes (random, sizeof random) != 1)
    {
      release (subscription);
      return DW_ERROR_NO_MEMORY;
    }
  for (size_t i = 0; i < sizeof random; i++)
    snprintf (subscription->id + 2 * i, 3, "%02x", random[i]);
  snprintf (subscription->filter, sizeof subscription->filter, "%s",
            filter ? filter : "");
  subscription->end_ns = end_ns;
  enqueue_states (hub, subscription);
  return DW_OK;
}

DwStatus
dw_hub_subscribe (DwHub *hub, const char *filter, int64_t end_ns,
                  char id[DW_HUB_ID])
{
  Subscription *free_one = NULL;
  DwStatus status;

  id[0] = 0;
  pthread_mutex_lock (&hub->lock);
  find (hub, NULL);
  for (size_t i = 0; i < DW_HUB_SUBSCRIPTIONS && free_one == NULL; i++)
    if (hub->subscriptions[i].id[0] == 0)
      free_one = &hub->subscriptions[i];
  status = subscribe (hub, free_one, filter, end_ns);
  if (status == DW_OK)
    memcpy (id, free_one->id, DW_HUB_ID);
  pthread_mutex_unlock (&hub->lock);
  return status;
}

DwStatus
dw_hub_pull (DwHub *hub, const char *id, DwHubMessage *out, size_t max,
             size_t *n_out, int64_t *end_ns)
{
  Subscription *subscription;

  *n_out = 0;
  *end_ns = 0;
  pthread_mutex_lock (&hub->lock);
  subscription = find (hub, id);
  if (subscription)
    {
      while (*n_out < max && subscription->n_queued > 0)
        {
          out[(*n_out)++] = subscription->queue[subscription->first];
          subscription->first = (subscription->first + 1) % DW_HUB_QUEUE;
          subscription->n_queued--;
        }
      *end_ns = subscription->end_ns;
    }
  pthread_mutex_unlock (&hub->lock);
  return subscription ? DW_OK : DW_ERROR_NOT_FOUND;
}

DwStatus
dw_hub_renew (DwHub *hub, const char *id, int64_t end_ns, bool only_later)
{
  Subscription *subscription;

  pthread_mutex_lock (&hub->lock);
  subscription = find (hub, id);
  if (subscription && (!only_later || end_ns > subscription->end_ns))
    subscription->end_ns = end_ns;
  pthread_mutex_unlock (&hub->lock);
  return subscription ? DW_OK : DW_ERROR_NOT_FOUND;
}

DwStatus
dw_hub_unsubscribe (DwHub *hub, const char *id)
{
  Subscription *subscription;

  pthread_mutex_lock (&hub->lock);
  subscription = find (hub, id);
  if (subscription)
    release (subscription);
  pthread_mutex_unlock (&hub->lock);
  return subscription ? DW_OK : DW_ERROR_NOT_FOUND;
}

DwStatus
dw_hub_synchronize (DwHub *hub, const char *id)
{
  Subscription *subscription;

  pthread_mutex_lock (&hub->lock);
  subscription = find (hub, id);
  if (subscription)
    enqueue_states (hub, subscription);
  pthread_mutex_unlock (&hub->lock);
  return subscription ? DW_OK : DW_ERROR_NOT_FOUND;
}

size_t
dw_hub_topics (DwHub *hub, DwHubMessage *out, size_t max)
{
  size_t n;

  pthread_mutex_lock (&hub->lock);
  n = hub->n_topics < max ? hub->n_topics : max;
  memcpy (out, hub->topics, n * sizeof *out);
  pthread_mutex_unlock (&hub->lock);
  return n;
}
