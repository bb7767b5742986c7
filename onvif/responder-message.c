/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of WS-Discovery from the device's side: which question is
 * meant for this device, and what it says. Nothing is answered in doubt: a
 * responder that answers everything is what makes probing useless. */
#define _GNU_SOURCE /* memmem () */

#include "responder.h"

#include "soap/namespaces.h"
#include "text.h"
#include "xml.h"

#include <ctype.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DISCOVERY "http://schemas.xmlsoap.org/ws/2005/04/discovery"
#define ADDRESSING "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define DEVICE_NS "http://www.onvif.org/ver10/device/wsdl"
#define NETWORK_NS "http://www.onvif.org/ver10/network/wsdl"
#define TYPES "dn:NetworkVideoTransmitter tds:Device"
#define SPACE " \t\r\n"

/* -- Is it meant for us -------------------------------------------------- */

/* Whether `xml` binds the prefix to the namespace anywhere. gSOAP leaves the
 * text of a list as it was, and here no other declaration can be meant. */
static bool
declares (const char *xml, size_t size, const char *prefix, size_t prefix_size,
          const char *ns)
{
  char text[256];
  int n;

  for (int quote = 0; quote < 2; quote++)
    {
      n = prefix_size ? snprintf (text, sizeof text, "xmlns:%.*s=%c%s%c",
                                  (int)prefix_size, prefix, "\"'"[quote], ns,
                                  "\"'"[quote])
                      : snprintf (text, sizeof text, "xmlns=%c%s%c",
                                  "\"'"[quote], ns, "\"'"[quote]);
      if (n > 0 && (size_t)n < sizeof text
          && memmem (xml, size, text, (size_t)n))
        return true;
    }
  return false;
}

static bool
type_is_ours (const char *type, size_t size, const char *xml, size_t xml_size)
{
  const struct
  {
    const char *prefix, *name, *ns;
  } ours[] = { { "tds", "Device", DEVICE_NS },
               { "dn", "NetworkVideoTransmitter", NETWORK_NS } };
  const char *colon = memchr (type, ':', size);
  const size_t prefix_size = colon ? (size_t)(colon - type) : 0;
  const char *name = colon ? colon + 1 : type;
  const size_t name_size = size - (size_t)(name - type);

  for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
    {
      if (name_size != strlen (ours[i].name)
          || memcmp (name, ours[i].name, name_size) != 0)
        continue;
      if (declares (xml, xml_size, type, prefix_size, ours[i].ns))
        return true;
      /* Some clients use ONVIF's prefixes without declaring them. */
      if (prefix_size == strlen (ours[i].prefix)
          && memcmp (type, ours[i].prefix, prefix_size) == 0)
        {
          char attribute[32];

          snprintf (attribute, sizeof attribute, "xmlns:%s=", ours[i].prefix);
          if (!memmem (xml, xml_size, attribute, strlen (attribute)))
            return true;
        }
    }
  return false;
}

/* Every type that is asked for must be one of ours. */
static bool
types_match (const char *types, const char *xml, size_t xml_size)
{
  const char *c = types ? types : "";

  for (;;)
    {
      size_t size;

      c += strspn (c, SPACE);
      size = strcspn (c, SPACE);
      if (size == 0)
        return true;
      if (!type_is_ours (c, size, xml, xml_size))
        return false;
      c += size;
    }
}

/* RFC 3986 as WS-Discovery 5.1 applies it: scheme and authority regardless of
 * case, then whole path segments; the shorter one is a prefix. */
static bool
scope_covers (const char *asked, size_t size, const char *own)
{
  const char *slashes = memmem (asked, size, "://", 3);
  const char *path = slashes ? memchr (slashes + 3, '/',
                                       size - (size_t)(slashes + 3 - asked))
                             : NULL;
  const size_t root = path ? (size_t)(path - asked) : size;

  while (size > root && asked[size - 1] == '/')
    size--;
  if (strlen (own) < size || strncasecmp (asked, own, root) != 0
      || strncmp (asked + root, own + root, size - root) != 0)
    return false;
  return own[size] == 0 || own[size] == '/';
}

static bool
scope_is_ours (const DwServerFacts *facts, const char *asked, size_t size,
               bool is_exact)
{
  for (size_t i = 0; i < facts->n_scopes; i++)
    {
      const char *own = facts->scopes[i];

      if (is_exact ? strlen (own) == size && memcmp (own, asked, size) == 0
                   : scope_covers (asked, size, own))
        return true;
    }
  return false;
}

/* Every scope that is asked for must cover one of ours. A rule that we do not
 * know matches nothing. */
static bool
scopes_match (const DwServerFacts *facts, const struct wsdd__ScopesType *scopes)
{
  const char *rule = scopes ? scopes->MatchBy : NULL;
  const char *c = scopes && scopes->__item ? scopes->__item : "";
  const bool is_exact = rule && strcmp (rule, DISCOVERY "/strcmp0") == 0;

  if (rule && rule[0] && !is_exact && strcmp (rule, DISCOVERY "/rfc3986") != 0
      && strcmp (rule, DISCOVERY "/rfc2396") != 0)
    return false;
  for (;;)
    {
      size_t size;

      c += strspn (c, SPACE);
      size = strcspn (c, SPACE);
      if (size == 0)
        return true;
      if (!scope_is_ours (facts, c, size, is_exact))
        return false;
      c += size;
    }
}

/* -- What we say -------------------------------------------------------- */

static bool
make_message_id (char out[64])
{
  unsigned char r[16];

  if (RAND_bytes (r, sizeof r) != 1)
    return false;
  r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
  r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
  snprintf (out, 64,
            "urn:uuid:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
            "%02x%02x%02x%02x%02x%02x",
            r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10],
            r[11], r[12], r[13], r[14], r[15]);
  return true;
}

typedef struct
{
  const char *action, *to;
  const char *relates;        /* the question's id, or NULL */
  const char *before, *after; /* the elements around the target */
  bool has_address;
} Message;

/* The text of an element. False: it does not fit. */
static bool
escape (const char *text, char *out, size_t out_size)
{
  size_t used = 0;

  for (; *text; text++)
    {
      const char plain[] = { *text, 0 };
      const char *spelled = *text == '<'   ? "&lt;"
                            : *text == '>' ? "&gt;"
                            : *text == '&' ? "&amp;"
                                           : plain;
      const size_t size = strlen (spelled);

      if (used + size >= out_size)
        return false;
      memcpy (out + used, spelled, size);
      used += size;
    }
  out[used] = 0;
  return true;
}

/* Written by hand with short prefixes: gSOAP's are so long that the scopes of
 * a doorbell would not fit one datagram. */
static size_t
write_message (const DwResponderVoice *voice, const Message *message,
               const char *xaddr, size_t n_scopes,
               char out[DW_RESPONDER_DATAGRAM])
{
  const DwServerFacts *facts = voice->facts;
  char id[64];
  char relates[2 * DW_RESPONDER_MESSAGE_ID] = "";
  char host[2 * DW_ONVIF_URI] = "";
  char scopes[DW_SERVER_SCOPES * DW_SERVER_SCOPE] = "";
  size_t used = 0;
  int size;

  if (!make_message_id (id)
      || !escape (message->relates ? message->relates : "", relates,
                  sizeof relates)
      || !escape (xaddr, host, sizeof host))
    return 0;
  for (size_t i = 0; i < n_scopes; i++)
    used += (size_t)snprintf (scopes + used, sizeof scopes - used, "%s%s",
                              i ? " " : "", facts->scopes[i]);
  size = snprintf (
      out, DW_RESPONDER_DATAGRAM,
      "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""
      " xmlns:a=\"" ADDRESSING "\" xmlns:d=\"" DISCOVERY "\""
      " xmlns:dn=\"" NETWORK_NS "\" xmlns:tds=\"" DEVICE_NS "\">"
      "<s:Header><a:MessageID>%s</a:MessageID>%s%s%s<a:To>%s</a:To>"
      "<a:Action>" DISCOVERY "/%s</a:Action>"
      "<d:AppSequence InstanceId=\"%u\" MessageNumber=\"%u\"/></s:Header>"
      "<s:Body>%s<a:EndpointReference><a:Address>%s</a:Address>"
      "</a:EndpointReference><d:Types>" TYPES "</d:Types>"
      "<d:Scopes>%s</d:Scopes>%s%s%s"
      "<d:MetadataVersion>1</d:MetadataVersion>%s</s:Body></s:Envelope>",
      id, relates[0] ? "<a:RelatesTo>" : "", relates,
      relates[0] ? "</a:RelatesTo>" : "", message->to, message->action,
      voice->instance, voice->number, message->before, facts->endpoint, scopes,
      message->has_address ? "<d:XAddrs>" : "",
      message->has_address ? host : "",
      message->has_address ? "</d:XAddrs>" : "", message->after);
  return size > 0 && size < DW_RESPONDER_DATAGRAM ? (size_t)size : 0;
}

/* Leaves out the last scopes rather than say nothing. */
static size_t
speak (DwResponderVoice *voice, const Message *message, const char *address,
       char out[DW_RESPONDER_DATAGRAM])
{
  const DwServerFacts *facts = voice->facts;
  char xaddr[DW_ONVIF_URI];
  size_t size = 0;

  snprintf (xaddr, sizeof xaddr, "http://%s:%u/onvif/device_service",
            facts->host[0]    ? facts->host
            : facts->bound[0] ? facts->bound
                              : address,
            (unsigned)facts->port);
  voice->number++;
  for (size_t n = facts->n_scopes + 1; size == 0 && n-- > 0;)
    size = write_message (voice, message, xaddr, n, out);
  return size;
}

static size_t
answer_question (DwResponderVoice *voice, bool is_resolve, const char *address,
                 const char *relates, char out[DW_RESPONDER_DATAGRAM])
{
  const Message message
      = { .action = is_resolve ? "ResolveMatches" : "ProbeMatches",
          .to = ADDRESSING "/role/anonymous",
          .relates = relates,
          .before = is_resolve ? "<d:ResolveMatches><d:ResolveMatch>"
                               : "<d:ProbeMatches><d:ProbeMatch>",
          .after = is_resolve ? "</d:ResolveMatch></d:ResolveMatches>"
                              : "</d:ProbeMatch></d:ProbeMatches>",
          .has_address = true };

  return speak (voice, &message, address, out);
}

size_t
dw_responder_announce (DwResponderVoice *voice, bool is_bye,
                       const char *address, char out[DW_RESPONDER_DATAGRAM])
{
  const Message message
      = { .action = is_bye ? "Bye" : "Hello",
          .to = "urn:schemas-xmlsoap-org:ws:2005:04:discovery",
          .before = is_bye ? "<d:Bye>" : "<d:Hello>",
          .after = is_bye ? "</d:Bye>" : "</d:Hello>",
          .has_address = !is_bye };

  return speak (voice, &message, address, out);
}

size_t
dw_responder_answer (DwResponderVoice *voice, const char *address,
                     const char *datagram, size_t size,
                     char id[DW_RESPONDER_MESSAGE_ID],
                     char out[DW_RESPONDER_DATAGRAM])
{
  const DwServerFacts *facts = voice->facts;
  DwXmlMessage message;
  size_t answer_size = 0;

  id[0] = 0;
  if (dw_xml_read (voice->soap, datagram, size, 0, NULL, &message) == DW_OK
      && message.body && voice->soap->header
      && voice->soap->header->wsa5__MessageID
      && strlen (voice->soap->header->wsa5__MessageID)
             < DW_RESPONDER_MESSAGE_ID)
    {
      const struct wsdd__ProbeType *probe = message.body;
      const struct wsdd__ResolveType *resolve = message.body;

      dw_text_keep (id, DW_RESPONDER_MESSAGE_ID,
                    voice->soap->header->wsa5__MessageID);
      if (message.type == SOAP_TYPE_wsdd__ProbeType
          && types_match (probe->Types, datagram, size)
          && scopes_match (facts, probe->Scopes))
        answer_size = answer_question (voice, false, address, id, out);
      else if (message.type == SOAP_TYPE_wsdd__ResolveType
               && resolve->wsa5__EndpointReference
               && resolve->wsa5__EndpointReference->Address
               && strcasecmp (resolve->wsa5__EndpointReference->Address,
                              facts->endpoint)
                      == 0)
        answer_size = answer_question (voice, true, address, id, out);
    }
  dw_xml_clear (voice->soap);
  return answer_size;
}
