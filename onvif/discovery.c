/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One search for devices: both questions on every interface, the answers once
 * a device. */
#include "discovery.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "timebase.h"

#define DEFAULT_WAIT_MS 2000

/* A datagram can get lost: the question is asked twice. */
#define REPEAT_MS 250

DwStatus
dw_search_start (DwSearch *search, DwDiscoveryCodec *codec)
{
  /* Old cameras ignore tds:Device, new ones dn:NetworkVideoTransmitter. */
  static const char *const types[DW_SEARCH_QUESTIONS]
      = { "dn:NetworkVideoTransmitter", "tds:Device" };

  for (size_t i = 0; i < DW_SEARCH_QUESTIONS; i++)
    {
      DwStatus status = dw_discovery_write_probe (
          codec, types[i], search->ids[i], search->questions[i]);

      if (status != DW_OK)
        return status;
    }
  return DW_OK;
}

size_t
dw_search_send (const DwSearch *search, const DwDiscoverySockets *sockets)
{
  size_t n_sent = 0;

  for (size_t i = 0; i < DW_SEARCH_QUESTIONS; i++)
    n_sent += dw_discovery_send (sockets, search->questions[i],
                                 strlen (search->questions[i]));
  return n_sent;
}

bool
dw_search_is_answer (const DwSearch *search, const DwDiscovery *message)
{
  if (message->kind != DW_DISCOVERY_MATCHES)
    return false;
  for (size_t i = 0; i < DW_SEARCH_QUESTIONS; i++)
    if (strcmp (search->ids[i], message->relates_to) == 0)
      return true;
  return false;
}

/* -- One probe ----------------------------------------------------------- */

typedef struct
{
  DwDiscoveryCodec *codec;
  DwDiscoverySockets sockets;
  DwSearch search;
  DwOnvifMatchFunc func;
  void *user_data;
  bool stop_at_first;
  size_t n_found;
  char found[DW_SEARCH_MAX_DEVICES][DW_ONVIF_TEXT]; /* endpoints */
  char datagram[DW_SEARCH_DATAGRAM];
  DwDiscovery message;
} Probe;

static bool
is_known (const Probe *probe, const char *endpoint)
{
  for (size_t i = 0; i < probe->n_found; i++)
    if (strcmp (probe->found[i], endpoint) == 0)
      return true;
  return false;
}

static void
take_answer (Probe *probe)
{
  const DwDiscovery *message = &probe->message;

  if (!dw_search_is_answer (&probe->search, message))
    return;
  for (size_t i = 0; i < message->n_matches; i++)
    {
      const DwOnvifMatch *match = &message->matches[i];

      if (match->xaddr[0] == '\0' || probe->n_found == DW_SEARCH_MAX_DEVICES
          || is_known (probe, match->endpoint))
        continue;
      dw_text_keep (probe->found[probe->n_found++], DW_ONVIF_TEXT,
                    match->endpoint);
      probe->func (match, probe->user_data);
    }
}

/* Until the wait is over; DW_OK when enough was found before. */
static DwStatus
collect (Probe *probe, const DwWait *wait)
{
  for (;;)
    {
      char sender[64];
      size_t size;
      DwStatus status
          = dw_discovery_receive (&probe->sockets, wait, probe->datagram,
                                  sizeof probe->datagram, &size, sender);

      if (status != DW_OK)
        return status;
      if (dw_discovery_read (probe->codec, probe->datagram, size, sender,
                             &probe->message)
          == DW_OK)
        take_answer (probe);
      if (probe->stop_at_first && probe->n_found > 0)
        return DW_OK;
    }
}

static DwStatus
ask_and_collect (Probe *probe, uint32_t wait_ms, DwCancel *cancel,
                 DwError *error)
{
  DwWait whole = dw_wait_new (cancel, wait_ms);
  DwWait first
      = dw_wait_new (cancel, wait_ms < REPEAT_MS ? wait_ms : REPEAT_MS);
  size_t n_sent = dw_search_send (&probe->search, &probe->sockets);
  DwStatus status = collect (probe, &first);

  if (status == DW_ERROR_TIMEOUT)
    {
      n_sent += dw_search_send (&probe->search, &probe->sockets);
      status = collect (probe, &whole);
    }
  if (status == DW_ERROR_CANCELLED)
    return dw_error_set (error, status, "the search was cancelled");
  if (probe->n_found > 0)
    return DW_OK;
  if (n_sent == 0)
    return dw_error_set (error, DW_ERROR_UNREACHABLE,
                         "no network interface lets a search out");
  if (status != DW_ERROR_TIMEOUT)
    return dw_error_set (error, status, "the search failed (%s)",
                         dw_status_text (status));
  return dw_error_set (error, DW_ERROR_NOT_FOUND,
                       "no doorbell answered within %u ms: is it in this "
                       "network, and is ONVIF switched on?",
                       (unsigned)wait_ms);
}

DwStatus
dw_onvif_probe (const DwOnvifProbe *settings, DwCancel *cancel,
                DwOnvifMatchFunc func, void *user_data, DwError *error)
{
  uint32_t wait_ms = settings->wait_ms ? settings->wait_ms : DEFAULT_WAIT_MS;
  DwWait wait = dw_wait_new (cancel, wait_ms);
  Probe *probe = calloc (1, sizeof *probe);
  DwStatus status;

  if (probe)
    probe->codec = dw_discovery_codec_new ();
  if (probe == NULL || probe->codec == NULL)
    {
      free (probe);
      return dw_error_set (error, DW_ERROR_NO_MEMORY, "no memory");
    }
  probe->func = func;
  probe->user_data = user_data;
  probe->stop_at_first = settings->stop_at_first;
  if (settings->unicast)
    status = dw_discovery_open_unicast (settings->unicast, &wait,
                                        &probe->sockets, error);
  else
    status = dw_discovery_open_senders (settings->interfaces, &probe->sockets,
                                        error);
  if (status == DW_OK)
    {
      status = dw_search_start (&probe->search, probe->codec);
      if (status == DW_OK)
        status = ask_and_collect (probe, wait_ms, cancel, error);
      else
        dw_error_set (error, status, "the search could not be written");
    }
  dw_discovery_close (&probe->sockets);
  dw_discovery_codec_free (probe->codec);
  free (probe);
  return status;
}
