/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The datagrams of WS-Discovery: what a client writes and reads. */
#include "discovery-message.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "soap/namespaces.h"
#include "text.h"
#include "url.h"
#include "xml.h"

#define PROBE_ACTION "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe"
#define PROBE_TO "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
#define SCOPE_PREFIX "onvif://www.onvif.org/"

struct DwDiscoveryCodec
{
  struct soap *soap;
};

DwDiscoveryCodec *
dw_discovery_codec_new (void)
{
  DwDiscoveryCodec *codec = calloc (1, sizeof *codec);

  if (codec == NULL)
    return NULL;
  codec->soap = dw_xml_new (dw_soap_discovery_namespaces);
  if (codec->soap == NULL)
    {
      free (codec);
      return NULL;
    }
  return codec;
}

void
dw_discovery_codec_free (DwDiscoveryCodec *codec)
{
  if (codec == NULL)
    return;
  dw_xml_free (codec->soap);
  free (codec);
}

DwStatus
dw_discovery_write_probe (DwDiscoveryCodec *codec, const char *type,
                          char id[DW_DISCOVERY_ID],
                          char out[DW_DISCOVERY_MAX_PROBE])
{
  const struct wsdd__ProbeType probe = { .Types = (char *)type };
  struct SOAP_ENV__Header header;
  unsigned char bytes[16];
  const char *text;
  DwStatus status;

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    return DW_ERROR_NO_MEMORY;
  snprintf (id, DW_DISCOVERY_ID,
            "urn:uuid:%02x%02x%02x%02x-%02x%02x-4%01x%02x-%02x%02x-"
            "%02x%02x%02x%02x%02x%02x",
            bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5],
            bytes[6] & 15, bytes[7], (bytes[8] & 0x3f) | 0x80, bytes[9],
            bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]);
  memset (&header, 0, sizeof header);
  header.wsa5__MessageID = id;
  header.wsa5__To = (char *)PROBE_TO;
  header.wsa5__Action = (char *)PROBE_ACTION;
  status = dw_xml_write (codec->soap, &header, &probe,
                         SOAP_TYPE_wsdd__ProbeType, "wsdd:Probe", &text);
  if (status == DW_OK && strlen (text) >= DW_DISCOVERY_MAX_PROBE)
    status = DW_ERROR_LIMIT;
  if (status == DW_OK)
    dw_text_keep (out, DW_DISCOVERY_MAX_PROBE, text);
  dw_xml_clear (codec->soap);
  return status;
}

/* -- Reading ------------------------------------------------------------- */

/* The next word of a list; moves *at behind it. */
static size_t
next_word (const char **at, const char **word)
{
  size_t length;

  *at += strspn (*at, " \t\r\n");
  *word = *at;
  length = strcspn (*at, " \t\r\n");
  *at += length;
  return length;
}

/* True when the type list names a device of ONVIF, whatever the prefix; a
 * network drive answers every probe. */
static bool
is_onvif (const struct wsdd__TargetType *target)
{
  const char *scopes = target->Scopes ? target->Scopes->__item : NULL;
  const char *at = target->Types ? target->Types : "";
  const char *word;
  size_t length;

  while ((length = next_word (&at, &word)) > 0)
    {
      const char *colon = memchr (word, ':', length);
      const char *name = colon ? colon + 1 : word;
      size_t rest = length - (size_t)(name - word);

      if (rest == 23 && memcmp (name, "NetworkVideoTransmitter", 23) == 0)
        return true;
    }
  return scopes && dw_text_contains (scopes, SCOPE_PREFIX);
}

/* onvif://www.onvif.org/name/Front%20door */
static void
read_scopes (const char *scopes, DwOnvifMatch *match)
{
  static const char *const names[] = { "name/", "hardware/", "location/" };
  char *const places[] = { match->name, match->hardware, match->location };
  const char *word;
  size_t length;

  while (scopes && (length = next_word (&scopes, &word)) > 0)
    {
      size_t prefix = strlen (SCOPE_PREFIX);

      if (length <= prefix || strncasecmp (word, SCOPE_PREFIX, prefix) != 0)
        continue;
      word += prefix;
      length -= prefix;
      for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        {
          char value[DW_ONVIF_TEXT];
          size_t n = strlen (names[i]);

          if (length <= n || strncasecmp (word, names[i], n) != 0
              || places[i][0] != '\0')
            continue;
          dw_url_decode (word + n, length - n, value, sizeof value);
          dw_text_copy (places[i], DW_ONVIF_TEXT, value);
        }
    }
}

/* How well an advertised address can be used from here; 0: not at all. */
static int
rate_address (const DwUrl *url, const char *sender)
{
  if (strcmp (url->scheme, "http") != 0 && strcmp (url->scheme, "https") != 0)
    return 0;
  if (strcmp (url->host, sender) == 0)
    return 4;
  if (!dw_url_host_is_usable (url->host, sender))
    return 1;
  return strchr (url->host, ':') ? 2 : 3;
}

/* The best of the advertised addresses, with the sender's host where theirs
 * says nothing. */
static void
choose_address (const char *xaddrs, const char *sender, DwOnvifMatch *match)
{
  const char *word;
  size_t length;
  int best = 0;

  while (xaddrs && (length = next_word (&xaddrs, &word)) > 0)
    {
      char text[DW_ONVIF_URI];
      DwUrl url;
      int rating;

      if (length >= sizeof text)
        continue;
      memcpy (text, word, length);
      text[length] = '\0';
      if (dw_url_parse (text, "http", &url) != DW_OK)
        continue;
      rating = rate_address (&url, sender);
      if (rating <= best)
        continue;
      if (rating == 1)
        snprintf (url.host, sizeof url.host, "%s", sender);
      if (dw_url_format (&url, text) != DW_OK)
        continue;
      best = rating;
      dw_text_keep (match->xaddr, sizeof match->xaddr, text);
    }
}

static void
take_target (const struct wsdd__TargetType *target, const char *sender,
             DwDiscovery *out)
{
  DwOnvifMatch *match = &out->matches[out->n_matches];

  if (out->n_matches == DW_DISCOVERY_MAX_MATCHES
      || (out->kind != DW_DISCOVERY_BYE && !is_onvif (target)))
    return;
  memset (match, 0, sizeof *match);
  if (target->wsa5__EndpointReference)
    dw_text_copy (match->endpoint, sizeof match->endpoint,
                  target->wsa5__EndpointReference->Address);
  match->is_gone = out->kind == DW_DISCOVERY_BYE;
  if (!match->is_gone)
    {
      dw_text_copy (match->address, sizeof match->address, sender);
      choose_address (target->XAddrs, sender, match);
      read_scopes (target->Scopes ? target->Scopes->__item : NULL, match);
      if (match->endpoint[0] == '\0')
        dw_text_copy (match->endpoint, sizeof match->endpoint, match->xaddr);
    }
  if (match->endpoint[0] != '\0')
    out->n_matches++;
}

static void
take_body (const DwXmlMessage *message, const char *sender, DwDiscovery *out)
{
  if (message->type == SOAP_TYPE_wsdd__ProbeMatchesType)
    {
      const struct wsdd__ProbeMatchesType *matches = message->body;

      out->kind = DW_DISCOVERY_MATCHES;
      for (int i = 0; i < matches->__sizeProbeMatch; i++)
        take_target (&matches->ProbeMatch[i], sender, out);
    }
  else if (message->type == SOAP_TYPE_wsdd__ResolveMatchesType)
    {
      const struct wsdd__ResolveMatchesType *matches = message->body;

      out->kind = DW_DISCOVERY_MATCHES;
      if (matches->ResolveMatch)
        take_target (matches->ResolveMatch, sender, out);
    }
  else if (message->type == SOAP_TYPE_wsdd__TargetType)
    {
      out->kind = strcmp (message->element, "Bye") == 0 ? DW_DISCOVERY_BYE
                                                        : DW_DISCOVERY_HELLO;
      take_target (message->body, sender, out);
    }
}

DwStatus
dw_discovery_read (DwDiscoveryCodec *codec, const char *data, size_t size,
                   const char *sender, DwDiscovery *out)
{
  struct SOAP_ENV__Header *header;
  DwXmlMessage message;
  DwStatus status;

  memset (out, 0, sizeof *out);
  status = dw_xml_read (codec->soap, data, size, 0, NULL, &message);
  header = codec->soap->header;
  if (status == DW_OK && header && header->wsa5__RelatesTo)
    dw_text_copy (out->relates_to, sizeof out->relates_to,
                  header->wsa5__RelatesTo->__item);
  if (status == DW_OK && message.body)
    take_body (&message, sender, out);
  dw_xml_clear (codec->soap);
  return status;
}
