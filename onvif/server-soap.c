/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dispatcher: one SOAP request in, one answer out. Reads with gSOAP from
 * memory, finds the operation by the type of the body, asks who it is unless
 * the operation is open to all, and turns what goes wrong into a SOAP 1.2
 * fault with ONVIF's subcodes. */
#include "server-call.h"

#include "soap/namespaces.h"
#include "timebase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOAP_TYPE_HEADER "application/soap+xml; charset=utf-8"

char *
dw_server_text (const char *text)
{
  return (char *)text;
}

char *
dw_server_service (const DwServerCall *call, const char *name,
                   char out[DW_ONVIF_URI])
{
  snprintf (out, DW_ONVIF_URI, "http://%s/onvif/%s", call->authority, name);
  return out;
}

bool
dw_server_fault (DwServerCall *call, const char *subcode, const char *detail,
                 const char *reason)
{
  call->fault = (DwServerFault){ .subcode = subcode,
                                 .detail = detail,
                                 .reason = reason };
  return false;
}

static void
set_body (DwHttpAnswer *answer, int status, const char *text)
{
  const size_t size = strlen (text);

  free (answer->body);
  answer->body = malloc (size);
  answer->body_size = answer->body ? size : 0;
  if (answer->body)
    memcpy (answer->body, text, size);
  answer->status = answer->body ? status : 500;
  snprintf (answer->content_type, sizeof answer->content_type, "%s",
            SOAP_TYPE_HEADER);
}

/* Only constants go in, so nothing needs escaping. */
static void
write_fault (DwHttpAnswer *answer, int status, const DwServerFault *fault)
{
  char text[2048];
  char detail[256] = "";

  if (fault->detail)
    snprintf (detail, sizeof detail,
              "<s:Subcode><s:Value>%s</s:Value></s:Subcode>", fault->detail);
  snprintf (text, sizeof text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
            "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""
            " xmlns:ter=\"http://www.onvif.org/ver10/error\""
            " xmlns:wsnt=\"http://docs.oasis-open.org/wsn/b-2\""
            " xmlns:wsrf-rw=\"http://docs.oasis-open.org/wsrf/rw-2\">"
            "<s:Body><s:Fault><s:Code><s:Value>s:%s</s:Value>"
            "<s:Subcode><s:Value>%s</s:Value>%s</s:Subcode></s:Code>"
            "<s:Reason><s:Text xml:lang=\"en\">%s</s:Text></s:Reason>"
            "</s:Fault></s:Body></s:Envelope>",
            fault->is_receivers ? "Receiver" : "Sender", fault->subcode, detail,
            fault->reason);
  set_body (answer, status, text);
}

bool
dw_server_challenge (DwServerState *state, DwAuthVerdict verdict,
                     DwHttpAnswer *answer)
{
  answer->status = 401;
  return dw_auth_challenge (state->auth, verdict == DW_AUTH_STALE,
                            dw_time_boot_ns (), answer->headers,
                            sizeof answer->headers);
}

/* -- Replies ------------------------------------------------------------ */

bool
dw_server_reply (DwServerCall *call, const void *response)
{
  const DwServerOperation *operation = call->operation;
  struct SOAP_ENV__Header header;
  struct wsa5__RelatesToType relates;
  const struct SOAP_ENV__Header *asked = call->soap->header;
  const char *text = NULL;

  memset (&header, 0, sizeof header);
  memset (&relates, 0, sizeof relates);
  header.wsa5__Action = dw_server_text (operation->action);
  if (asked && asked->wsa5__MessageID)
    {
      relates.__item = asked->wsa5__MessageID;
      header.wsa5__RelatesTo = &relates;
    }
  if (dw_xml_write (call->soap, operation->action ? &header : NULL, response,
                    operation->response_type, operation->response_tag, &text)
      != DW_OK)
    return false;
  set_body (call->answer, 200, text);
  return true;
}

/* -- Who asks ----------------------------------------------------------- */

static DwAuthVerdict
judge_token (DwServerCall *call)
{
  const struct SOAP_ENV__Header *header = call->soap->header;
  const struct wsse__UsernameToken *username
      = header && header->wsse__Security ? header->wsse__Security->UsernameToken
                                         : NULL;
  DwAuthToken token = { 0 };

  if (username == NULL || username->Username == NULL)
    return DW_AUTH_ABSENT;
  token.user = username->Username;
  token.created = username->wsu__Created;
  token.nonce = username->Nonce ? username->Nonce->__item : NULL;
  if (username->Password)
    {
      const char *type = username->Password->Type;

      token.digest = username->Password->__item;
      token.is_digest = type && strstr (type, "#PasswordDigest");
    }
  return dw_auth_token (call->state->auth, &token, dw_time_utc_ns ());
}

/* Writes the refusal when it returns false. */
static bool
may_ask (DwServerCall *call)
{
  static const DwServerFault refusal
      = { .subcode = "ter:NotAuthorized",
          .reason = "The user name or the password is not right." };
  const DwHttpHead *head = call->http->head;
  DwAuthVerdict verdict;

  /* A parked call was judged before it was parked; its nonce is used up. */
  if (call->operation->is_open || dw_auth_is_open (call->state->auth)
      || call->http->n_parked > 0)
    return true;
  verdict = dw_auth_digest (call->state->auth, head->method, head->path,
                            head->authorization, dw_time_boot_ns ());
  if (verdict == DW_AUTH_ABSENT)
    {
      verdict = judge_token (call);
      if (verdict == DW_AUTH_REFUSED)
        {
          write_fault (call->answer, 400, &refusal);
          return false;
        }
    }
  if (verdict == DW_AUTH_OK)
    return true;
  write_fault (call->answer, 401, &refusal);
  if (!dw_server_challenge (call->state, verdict, call->answer))
    call->answer->status = 500;
  return false;
}

/* -- Dispatch ----------------------------------------------------------- */

static const DwServerOperation *
find_operation (int type)
{
  const DwServerOperation *const tables[]
      = { dw_server_device_operations, dw_server_media_operations,
          dw_server_event_operations };

  for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
    for (const DwServerOperation *row = tables[i]; row->run; row++)
      if (row->request_type == type)
        return row;
  return NULL;
}

static bool
read_request (DwServerCall *call)
{
  DwXmlMessage message;
  const DwStatus status
      = dw_xml_check (call->http->body, call->http->body_size);

  if (status != DW_OK)
    return dw_server_fault (call, "ter:WellFormed", NULL,
                            status == DW_ERROR_LIMIT
                                ? "The message is too large or too deep."
                                : "The message is not well-formed XML, or has "
                                  "a document type.");
  switch (dw_xml_read (call->soap, call->http->body, call->http->body_size, 0,
                       NULL, &message))
    {
    case DW_OK:
      break;
    case DW_ERROR_UNSUPPORTED:
      return dw_server_fault (call, "ter:ActionNotSupported", NULL,
                              "This device has no such operation.");
    default:
      return dw_server_fault (call, "ter:InvalidArgs", NULL,
                              "This is no SOAP message, or an argument is "
                              "malformed.");
    }
  call->operation = message.body ? find_operation (message.type) : NULL;
  call->request = message.body;
  if (call->operation == NULL)
    return dw_server_fault (call, "ter:ActionNotSupported", NULL,
                            "This device has no such operation.");
  return true;
}

static struct soap *
soap_of (DwServerState *state, unsigned worker)
{
  if (state->soaps[worker] == NULL)
    state->soaps[worker] = dw_xml_new (dw_soap_namespaces);
  return state->soaps[worker];
}

void
dw_server_soap (DwServerState *state, const DwHttpCall *http,
                DwHttpAnswer *answer)
{
  static const DwServerFault no_memory
      = { .is_receivers = true,
          .subcode = "ter:OutofMemory",
          .reason = "The device is out of memory." };
  DwServerCall call = { .state = state,
                        .facts = &state->facts,
                        .http = http,
                        .answer = answer,
                        .soap = soap_of (state, http->worker) };
  char authority[DW_HTTP_HOST + 8];

  if (call.soap == NULL)
    {
      write_fault (answer, 500, &no_memory);
      return;
    }
  if (state->facts.host[0])
    snprintf (authority, sizeof authority, "%s:%u", state->facts.host,
              (unsigned)dw_http_server_port (http->server));
  else
    snprintf (authority, sizeof authority, "%s",
              http->head->host[0] ? http->head->host : http->local);
  call.authority = authority;
  if (!read_request (&call))
    write_fault (answer, 400, &call.fault);
  else if (may_ask (&call) && !call.operation->run (&call))
    write_fault (answer,
                 call.fault.subcode && !call.fault.is_receivers ? 400 : 500,
                 call.fault.subcode ? &call.fault : &no_memory);
  dw_xml_clear (call.soap);
}
