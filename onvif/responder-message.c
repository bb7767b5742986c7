/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of WS-Discovery from the device's side: which question is
 * meant for this device, and what it says. Nothing is answered in doubt: a
 * responder that answers everything is what makes probing useless. */
#define _GNU_SOURCE /* memmem () */

#include "responder.h"

#include "soap/namespaces.h"

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
  struct wsa5__EndpointReferenceType reference;
  struct wsdd__ScopesType scopes;
  unsigned version;
  char scope_text[DW_SERVER_SCOPES * DW_SERVER_SCOPE];
  char xaddrs[DW_ONVIF_URI];
  struct wsdd__TargetType target;
} Target;

static void
fill_target (const DwServerFacts *facts, const char *address, Target *out)
{
  size_t used = 0;

  memset (out, 0, sizeof *out);
  for (size_t i = 0; i < facts->n_scopes; i++)
    used += (size_t)snprintf (out->scope_text + used,
                              sizeof out->scope_text - used, "%s%s",
                              i ? " " : "", facts->scopes[i]);
  snprintf (out->xaddrs, sizeof out->xaddrs,
            "http://%s:%u/onvif/device_service",
            facts->host[0] ? facts->host : address, (unsigned)facts->port);
  out->reference.Address = dw_server_text (facts->endpoint);
  out->scopes.__item = out->scope_text;
  out->version = 1;
  out->target
      = (struct wsdd__TargetType){ .wsa5__EndpointReference = &out->reference,
                                   .Types = dw_server_text (TYPES),
                                   .Scopes = &out->scopes,
                                   .XAddrs = out->xaddrs,
                                   .MetadataVersion = &out->version };
}

typedef struct
{
  const char *action, *to, *relates;
  const void *body;
  int type;
  const char *tag;
} Message;

static size_t
speak (DwResponderVoice *voice, const Message *message,
       char out[DW_RESPONDER_DATAGRAM])
{
  char id[64];
  struct wsa5__RelatesToType relates
      = { dw_server_text (message->relates), NULL };
  struct wsdd__AppSequenceType sequence
      = { .InstanceId = voice->instance, .MessageNumber = ++voice->number };
  struct SOAP_ENV__Header header;
  const char *text = NULL;
  size_t size;

  if (!make_message_id (id))
    return 0;
  memset (&header, 0, sizeof header);
  header.wsa5__MessageID = id;
  header.wsa5__RelatesTo = message->relates ? &relates : NULL;
  header.wsa5__To = dw_server_text (message->to);
  header.wsa5__Action = dw_server_text (message->action);
  header.wsdd__AppSequence = &sequence;
  if (dw_xml_write (voice->soap, &header, message->body, message->type,
                    message->tag, &text)
      != DW_OK)
    return 0;
  size = strlen (text);
  if (size > DW_RESPONDER_DATAGRAM)
    return 0;
  memcpy (out, text, size);
  return size;
}

static size_t
answer_probe (DwResponderVoice *voice, const char *address, const char *relates,
              char out[DW_RESPONDER_DATAGRAM])
{
  Target target;
  struct wsdd__ProbeMatchesType matches
      = { .__sizeProbeMatch = 1, .ProbeMatch = &target.target };
  const Message message = { .action = DISCOVERY "/ProbeMatches",
                            .to = ADDRESSING "/role/anonymous",
                            .relates = relates,
                            .body = &matches,
                            .type = SOAP_TYPE_wsdd__ProbeMatchesType,
                            .tag = "wsdd:ProbeMatches" };

  fill_target (voice->facts, address, &target);
  return speak (voice, &message, out);
}

static size_t
answer_resolve (DwResponderVoice *voice, const char *address,
                const char *relates, char out[DW_RESPONDER_DATAGRAM])
{
  Target target;
  struct wsdd__ResolveMatchesType matches = { .ResolveMatch = &target.target };
  const Message message = { .action = DISCOVERY "/ResolveMatches",
                            .to = ADDRESSING "/role/anonymous",
                            .relates = relates,
                            .body = &matches,
                            .type = SOAP_TYPE_wsdd__ResolveMatchesType,
                            .tag = "wsdd:ResolveMatches" };

  fill_target (voice->facts, address, &target);
  return speak (voice, &message, out);
}

size_t
dw_responder_announce (DwResponderVoice *voice, bool is_bye,
                       const char *address, char out[DW_RESPONDER_DATAGRAM])
{
  Target target;
  const Message message
      = { .action = is_bye ? DISCOVERY "/Bye" : DISCOVERY "/Hello",
          .to = "urn:schemas-xmlsoap-org:ws:2005:04:discovery",
          .body = &target.target,
          .type = SOAP_TYPE_wsdd__TargetType,
          .tag = is_bye ? "wsdd:Bye" : "wsdd:Hello" };
  size_t size;

  fill_target (voice->facts, address, &target);
  size = speak (voice, &message, out);
  dw_xml_clear (voice->soap);
  return size;
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

      strcpy (id, voice->soap->header->wsa5__MessageID);
      if (message.type == SOAP_TYPE_wsdd__ProbeType
          && types_match (probe->Types, datagram, size)
          && scopes_match (facts, probe->Scopes))
        answer_size = answer_probe (voice, address, id, out);
      else if (message.type == SOAP_TYPE_wsdd__ResolveType
               && resolve->wsa5__EndpointReference
               && resolve->wsa5__EndpointReference->Address
               && strcasecmp (resolve->wsa5__EndpointReference->Address,
                              facts->endpoint)
                      == 0)
        answer_size = answer_resolve (voice, address, id, out);
    }
  dw_xml_clear (voice->soap);
  return answer_size;
}
