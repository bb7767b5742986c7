/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which devices are there: asks again and again, and listens for Hello and
 * Bye in between, on a thread of its own. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "discovery.h"
#include "text.h"
#include "timebase.h"

#define MIN_INTERVAL_MS 200
#define DEFAULT_INTERVAL_MS 10000

/* A device that left these many questions unanswered is gone. */
#define MAX_MISSED 3

typedef struct
{
  DwOnvifMatch match;
  unsigned n_missed;
} Device;

struct DwOnvifWatch
{
  pthread_t thread;
  DwCancel *cancel;
  DwDiscoveryCodec *codec;
  char *interfaces; /* NULL: every one */
  uint32_t interval_ms;
  DwOnvifMatchFunc func;
  void *user_data;

  DwSearch search;
  size_t n_devices;
  Device devices[DW_SEARCH_MAX_DEVICES];
  char datagram[DW_SEARCH_DATAGRAM];
  DwDiscovery message;
};

/* -- Devices ------------------------------------------------------------- */

static Device *
find_device (DwOnvifWatch *watch, const char *endpoint)
{
  for (size_t i = 0; i < watch->n_devices; i++)
    if (strcmp (watch->devices[i].match.endpoint, endpoint) == 0)
      return &watch->devices[i];
  return NULL;
}

static void
see_device (DwOnvifWatch *watch, const DwOnvifMatch *match)
{
  Device *device = find_device (watch, match->endpoint);

  if (device == NULL)
    {
      if (watch->n_devices == DW_SEARCH_MAX_DEVICES)
        return;
      device = &watch->devices[watch->n_devices++];
      device->match = *match;
      device->n_missed = 0;
      watch->func (match, watch->user_data);
      return;
    }
  device->n_missed = 0;
  /* The same device answers on several cards: only another service address
   * is news. */
  if (strcmp (device->match.xaddr, match->xaddr) == 0)
    return;
  device->match = *match;
  watch->func (match, watch->user_data);
}

static void
lose_device (DwOnvifWatch *watch, Device *device)
{
  DwOnvifMatch gone = { .is_gone = true };

  dw_text_keep (gone.endpoint, sizeof gone.endpoint, device->match.endpoint);
  *device = watch->devices[--watch->n_devices];
  watch->func (&gone, watch->user_data);
}

/* A new question: everybody owes an answer. */
static void
count_missed (DwOnvifWatch *watch)
{
  for (size_t i = watch->n_devices; i-- > 0;)
    if (++watch->devices[i].n_missed > MAX_MISSED)
      lose_device (watch, &watch->devices[i]);
}

/* -- Messages ------------------------------------------------------------ */

/* True when a device said hello without saying where: ask at once. */
static bool
take_message (DwOnvifWatch *watch)
{
  const DwDiscovery *message = &watch->message;
  bool is_vague = false;

  if (message->kind == DW_DISCOVERY_MATCHES
      && !dw_search_is_answer (&watch->search, message))
    return false;
  for (size_t i = 0; i < message->n_matches; i++)
    {
      const DwOnvifMatch *match = &message->matches[i];
      Device *device = find_device (watch, match->endpoint);

      if (match->is_gone && device)
        lose_device (watch, device);
      else if (!match->is_gone && match->xaddr[0])
        see_device (watch, match);
      else if (!match->is_gone)
        is_vague = true;
    }
  return is_vague;
}

/* Until the interval is over (DW_ERROR_TIMEOUT), or a device wants to be
 * asked (DW_OK). */
static DwStatus
listen_for (DwOnvifWatch *watch, const DwDiscoverySockets *sockets)
{
  DwWait wait = dw_wait_new (watch->cancel, watch->interval_ms);

  for (;;)
    {
      char sender[64];
      size_t size;
      DwStatus status
          = dw_discovery_receive (sockets, &wait, watch->datagram,
                                  sizeof watch->datagram, &size, sender);

      if (status != DW_OK)
        return status;
      if (dw_discovery_read (watch->codec, watch->datagram, size, sender,
                             &watch->message)
              == DW_OK
          && take_message (watch))
        return DW_OK;
    }
}

static void *
run (void *data)
{
  DwOnvifWatch *watch = data;
  DwStatus status = DW_OK;

  while (status != DW_ERROR_CANCELLED)
    {
      /* Opened anew each time: cards come and go. */
      DwDiscoverySockets sockets = { .n_sockets = 0 };

      if (dw_discovery_open_senders (watch->interfaces, &sockets, NULL) != DW_OK
          || dw_discovery_open_listeners (watch->interfaces, &sockets, NULL)
                 != DW_OK
          || dw_search_start (&watch->search, watch->codec) != DW_OK)
        status = dw_cancel_wait (watch->cancel, watch->interval_ms);
      else
        {
          count_missed (watch);
          dw_search_send (&watch->search, &sockets);
          status = listen_for (watch, &sockets);
          /* A flood of vague greetings is no reason for a flood of
           * questions. */
          if (status == DW_OK)
            status = dw_cancel_wait (watch->cancel, MIN_INTERVAL_MS);
          else if (status == DW_ERROR_IO)
            status = dw_cancel_wait (watch->cancel, watch->interval_ms);
        }
      dw_discovery_close (&sockets);
    }
  return NULL;
}

/* -- Life ---------------------------------------------------------------- */

static void
release (DwOnvifWatch *watch)
{
  dw_discovery_codec_free (watch->codec);
  dw_cancel_free (watch->cancel);
  free (watch->interfaces);
  free (watch);
}

DwStatus
dw_onvif_watch_new (const char *interfaces, uint32_t interval_ms,
                    DwOnvifMatchFunc func, void *user_data, DwOnvifWatch **out,
                    DwError *error)
{
  DwOnvifWatch *watch = calloc (1, sizeof *watch);

  *out = NULL;
  if (watch == NULL)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "no memory");
  watch->func = func;
  watch->user_data = user_data;
  watch->interval_ms = interval_ms ? interval_ms : DEFAULT_INTERVAL_MS;
  if (watch->interval_ms < MIN_INTERVAL_MS)
    watch->interval_ms = MIN_INTERVAL_MS;
  watch->interfaces = interfaces ? strdup (interfaces) : NULL;
  watch->cancel = dw_cancel_new ();
  watch->codec = dw_discovery_codec_new ();
  if ((interfaces && watch->interfaces == NULL) || watch->cancel == NULL
      || watch->codec == NULL
      || pthread_create (&watch->thread, NULL, run, watch) != 0)
    {
      release (watch);
      return dw_error_set (error, DW_ERROR_NO_MEMORY,
                           "no memory or no thread for the watch");
    }
  *out = watch;
  return DW_OK;
}

void
dw_onvif_watch_free (DwOnvifWatch *watch)
{
  if (watch == NULL)
    return;
  dw_cancel_raise (watch->cancel);
  pthread_join (watch->thread, NULL);
  release (watch);
}
