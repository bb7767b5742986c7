/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call to a device: the message, the sign-in, the answer or a sentence
 * about why there is none. */
#include "client-private.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "timebase.h"

/* A call may be asked again with a digest, with a fresh nonce, and after the
 * clock was measured anew: never more. */
#define MAX_TRIES 4
#define CLOCK_AGE_NS (10 * DW_SECOND_NS)
#define CLOCK_STEP_NS (2 * DW_SECOND_NS)

#define TOKEN_PROFILE                                                          \
  "http://docs.oasis-open.org/wss/2004/01/"                                    \
  "oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
#define BASE64_ENCODING                                                        \
  "http://docs.oasis-open.org/wss/2004/01/"                                    \
  "oasis-200401-wss-soap-message-security-1.0#Base64Binary"

/* Everything that the header of one message points to. */
typedef struct
{
  struct SOAP_ENV__Header header;
  struct wsse__Security security;
  struct wsse__UsernameToken token;
  struct wsse__Password password;
  struct wsse__Nonce nonce;
  struct wsa5__EndpointReferenceType reply_to;
  char created[DW_TIME_TEXT];
  char nonce_text[DW_TOKEN_TEXT], digest_text[DW_TOKEN_TEXT];
  char message_id[64];
} Head;

/* -- The question -------------------------------------------------------- */

/* One Created and no Timestamp: some devices refuse two that differ. */
static DwStatus
add_token (DwOnvifClient *client, Head *head)
{
  DwStatus status;

  dw_time_format (dw_time_utc_ns () + client->clock_offset_ns, head->created);
  /* Without the milliseconds, which some devices cannot read. */
  memcpy (head->created + 19, "Z", sizeof "Z");
  status = dw_token_digest (head->created, client->password, head->nonce_text,
                            head->digest_text);
  if (status != DW_OK)
    return status;
  head->password = (struct wsse__Password){ .__item = head->digest_text,
                                            .Type = (char *)TOKEN_PROFILE };
  head->nonce = (struct wsse__Nonce){ .__item = head->nonce_text,
                                      .EncodingType = (char *)BASE64_ENCODING };
  head->token = (struct wsse__UsernameToken){ .Username = client->user,
                                              .Password = &head->password,
                                              .Nonce = &head->nonce,
                                              .wsu__Created = head->created };
  head->security.UsernameToken = &head->token;
  head->header.wsse__Security = &head->security;
  return DW_OK;
}

static DwStatus
add_addressing (const DwCall *call, Head *head)
{
  unsigned char id[16];

  if (RAND_bytes (id, sizeof id) != 1)
    return DW_ERROR_NO_MEMORY;
  snprintf (head->message_id, sizeof head->message_id,
            "urn:uuid:%02x%02x%02x%02x-%02x%02x-4%01x%02x-%02x%02x-"
            "%02x%02x%02x%02x%02x%02x",
            id[0], id[1], id[2], id[3], id[4], id[5], id[6] & 15, id[7],
            (id[8] & 0x3f) | 0x80, id[9], id[10], id[11], id[12], id[13],
            id[14], id[15]);
  head->reply_to.Address
      = (char *)"http://www.w3.org/2005/08/addressing/anonymous";
  head->header.wsa5__MessageID = head->message_id;
  head->header.wsa5__ReplyTo = &head->reply_to;
  head->header.wsa5__To = (char *)call->to;
  head->header.wsa5__Action = (char *)call->action;
  if (call->references)
    {
      head->header.__size = (int)call->references->n_references;
      head->header.__any = (char **)call->references->references;
    }
  return DW_OK;
}

static DwStatus
ask (DwOnvifClient *client, const DwCall *call, const DwWait *wait,
     DwHttpReply *reply, DwError *error)
{
  char authorization[DW_DIGEST_TEXT];
  DwHttpPost post = { .url = call->url, .action = call->action };
  DwStatus status = DW_OK;
  Head head;

  memset (&head, 0, sizeof head);
  dw_xml_clear (client->soap);
  if (call->to)
    status = add_addressing (call, &head);
  if (status == DW_OK && client->sign_in == DW_SIGN_TOKEN)
    status = add_token (client, &head);
  if (status == DW_OK && client->sign_in == DW_SIGN_DIGEST)
    {
      status = dw_digest_answer (
          &client->challenge, client->user, client->password, "POST",
          call->url->path[0] ? call->url->path : "/", authorization);
      post.authorization = authorization;
    }
  if (status == DW_OK)
    status = dw_xml_write (client->soap, &head.header, call->request,
                           call->request_type, call->request_tag, &post.body);
  if (status != DW_OK)
    return dw_error_set (error, status, "no question for %s could be written",
                         call->url->host);
  return dw_http_post (&post, wait, reply, error);
}

/* -- The answer ---------------------------------------------------------- */

static bool
is_denial (const DwXmlMessage *message)
{
  static const char *const words[]
      = { "NotAuthorized",  "FailedAuthentication", "InvalidSecurity",
          "not authorized", "unauthorized",         "Authority failure",
          "Wsse authorized" };

  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (dw_text_contains (message->fault_code, words[i])
        || dw_text_contains (message->fault_reason, words[i]))
      return true;
  return false;
}

static DwStatus
say_refused (DwOnvifClient *client, DwError *error)
{
  const char *host = client->device.host;

  if (client->user[0] == '\0')
    return dw_error_set (error, DW_ERROR_REFUSED,
                         "%s asks for a user and a password", host);
  if (client->is_signed_in)
    return dw_error_set (error, DW_ERROR_REFUSED,
                         "%s does not let the user %s do this, or the "
                         "password has changed",
                         host, client->user);
  /* Devices lock the account after a few tries. */
  client->is_refused = true;
  return dw_error_set (error, DW_ERROR_REFUSED,
                       "%s refused the password of the user %s", host,
                       client->user);
}

static DwStatus
say_fault (const DwOnvifClient *client, const DwXmlMessage *message,
           DwError *error)
{
  char reason[200];
  bool is_unknown
      = dw_text_contains (message->fault_code, "ActionNotSupported")
        || dw_text_contains (message->fault_code, "ActionNotImplemented")
        || dw_text_contains (message->fault_reason, "not implemented");

  dw_text_copy (reason, sizeof reason,
                message->fault_reason[0] ? message->fault_reason
                                         : message->fault_code);
  return dw_error_set (error,
                       is_unknown ? DW_ERROR_UNSUPPORTED : DW_ERROR_PROTOCOL,
                       "%s answered: %s", client->device.host,
                       reason[0] ? reason : "an error without a reason");
}

static DwStatus
say_unreadable (const DwCall *call, const DwHttpReply *reply, DwStatus status,
                DwError *error)
{
  const char *host = call->url->host;

  if (status == DW_ERROR_LIMIT)
    return dw_error_set (error, status, "%s answered more than can be right",
                         host);
  if (reply->status / 100 != 2)
    return dw_error_set (error, DW_ERROR_PROTOCOL,
                         "%s answered HTTP %d at %.100s: is it an ONVIF "
                         "device, and is the path right?",
                         host, reply->status, call->url->path);
  if (dw_xml_is_html (reply->body, reply->body_size))
    return dw_error_set (error, DW_ERROR_PROTOCOL,
                         "%s answered a web page instead of ONVIF at %.100s",
                         host, call->url->path);
  return dw_error_set (error, DW_ERROR_PROTOCOL,
                       "%s answered something that is not ONVIF", host);
}

/* Measures the clock again; true when the token was refused for its time. */
static bool
clock_moved (DwOnvifClient *client, const DwCall *call)
{
  int64_t before = client->clock_offset_ns, moved;
  int64_t now = dw_time_boot_ns ();

  if (client->clock_measured_ns != 0
      && now - client->clock_measured_ns < CLOCK_AGE_NS)
    return false;
  if (dw_client_measure_clock (client, call->cancel, NULL) != DW_OK)
    return false;
  moved = client->clock_offset_ns - before;
  return moved > CLOCK_STEP_NS || moved < -CLOCK_STEP_NS;
}

/* True when the call is worth another try: the device asked for what it has
 * not had yet. A fresh answer that it refuses is a wrong password. */
static bool
may_sign_in (DwOnvifClient *client, const DwCall *call,
             const DwHttpReply *reply)
{
  DwDigestChallenge challenge;
  bool has_challenge
      = reply->status == 401
        && dw_digest_read (reply->challenge, &challenge) == DW_OK;

  if (client->user[0] == '\0')
    return false;
  switch (client->sign_in)
    {
    case DW_SIGN_NONE:
      client->sign_in = has_challenge ? DW_SIGN_DIGEST : DW_SIGN_TOKEN;
      if (has_challenge)
        client->challenge = challenge;
      return true;
    case DW_SIGN_TOKEN:
      if (!has_challenge)
        return clock_moved (client, call);
      client->sign_in = DW_SIGN_DIGEST;
      client->challenge = challenge;
      return true;
    case DW_SIGN_DIGEST:
      if (!has_challenge
          || (client->challenge.count <= 1 && !challenge.is_stale))
        return false;
      client->challenge = challenge;
      return true;
    }
  return false;
}

/* The device may listen elsewhere than it says, behind a router or in a
 * container: then the port that the user named. */
static bool
may_correct_port (const DwOnvifClient *client, DwUrl *url)
{
  uint16_t port = dw_url_port (&client->device);

  if (dw_url_port (url) == port)
    return false;
  url->port = port;
  return true;
}

static DwStatus
read_reply (DwOnvifClient *client, const DwCall *call, const DwHttpReply *reply,
            DwXmlMessage *message)
{
  *message
      = (DwXmlMessage){ .element = "", .fault_code = "", .fault_reason = "" };
  if (reply->body_size == 0)
    return DW_ERROR_PROTOCOL;
  return dw_xml_read (client->soap, reply->body, reply->body_size,
                      call->reply_type, call->reply_tag, message);
}

/* One question and its answer. *again: the next may do better. */
static DwStatus
try_once (DwOnvifClient *client, const DwCall *call, const DwWait *wait,
          DwXmlMessage *message, bool *again, DwError *error)
{
  DwHttpReply reply = { .status = 0 };
  DwStatus status = ask (client, call, wait, &reply, error);

  *again = false;
  if (status != DW_OK)
    {
      *again = status == DW_ERROR_UNREACHABLE
               && may_correct_port (client, call->url);
      return status;
    }
  status = read_reply (client, call, &reply, message);
  if (reply.status == 401 || (status == DW_OK && is_denial (message)))
    {
      *again = may_sign_in (client, call, &reply);
      status = *again ? DW_ERROR_REFUSED : say_refused (client, error);
    }
  else if (status != DW_OK)
    status = say_unreadable (call, &reply, status, error);
  else
    {
      client->is_signed_in |= client->sign_in != DW_SIGN_NONE;
      if (message->body == NULL)
        status = say_fault (client, message, error);
    }
  dw_http_reply_finish (&reply);
  return status;
}

DwStatus
dw_client_call (DwOnvifClient *client, const DwCall *call,
                DwXmlMessage *message, DwError *error)
{
  DwWait wait
      = dw_wait_new (call->cancel, call->deadline_ms ? call->deadline_ms
                                                     : client->deadline_ms);
  DwStatus status = DW_ERROR_REFUSED;
  bool again = true;

  *message
      = (DwXmlMessage){ .element = "", .fault_code = "", .fault_reason = "" };
  if (client->is_refused)
    return say_refused (client, error);
  for (int i = 0; i < MAX_TRIES && again; i++)
    status = try_once (client, call, &wait, message, &again, error);
  if (again)
    return say_refused (client, error);
  return status;
}
