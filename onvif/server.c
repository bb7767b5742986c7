/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device as a whole: services, plain HTTP beside them, discovery. */
#include "onvif.h"

#include "responder.h"
#include "server-call.h"
#include "server-facts.h"
#include "timebase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct DwOnvifServer
{
  DwServerState state;
  DwOnvifHttpFunc http;
  void *http_data;
  DwHttpServer *loop;
  DwResponder *responder;
};

/* Snapshot and ring button: the same users, HTTP Digest only. */
static void
answer_plain (DwOnvifServer *server, const DwHttpCall *call,
              DwHttpAnswer *answer)
{
  const DwHttpHead *head = call->head;
  const bool is_get
      = strcmp (head->method, "GET") == 0 || strcmp (head->method, "HEAD") == 0;
  DwOnvifHttp http = { .method = is_get ? "GET" : "POST",
                       .path = head->path,
                       .status = 404 };

  if (!is_get && strcmp (head->method, "POST") != 0)
    {
      answer->status = 405;
      snprintf (answer->headers, sizeof answer->headers,
                "Allow: GET, HEAD, POST\r\n");
      return;
    }
  if (!dw_auth_is_open (server->state.auth))
    {
      const DwAuthVerdict verdict
          = dw_auth_digest (server->state.auth, head->method, head->path,
                            head->authorization, dw_time_boot_ns ());

      if (verdict != DW_AUTH_OK)
        {
          if (!dw_server_challenge (&server->state, verdict, answer))
            answer->status = 500;
          return;
        }
    }
  if (server->http)
    server->http (&http, server->http_data);
  answer->status = http.status;
  answer->body = http.body;
  answer->body_size = http.body ? http.body_size : 0;
  snprintf (answer->content_type, sizeof answer->content_type, "%s",
            http.content_type ? http.content_type : "");
}

static void
answer_call (const DwHttpCall *call, DwHttpAnswer *answer, void *user_data)
{
  DwOnvifServer *server = user_data;

  if (strcmp (call->head->method, "POST") == 0
      && strncmp (call->head->path, "/onvif/", 7) == 0)
    dw_server_soap (&server->state, call, answer);
  else
    answer_plain (server, call, answer);
}

static DwStatus
open_server (DwOnvifServer *server, const DwOnvifServerSettings *settings,
             DwError *error)
{
  DwServerState *state = &server->state;
  DwStatus status = dw_server_facts_fill (&state->facts, settings, error);

  if (status != DW_OK)
    return status;
  status = dw_hub_new (&state->hub);
  if (status == DW_OK)
    status = dw_auth_new (settings->users, settings->n_users, &state->auth);
  if (status != DW_OK)
    return dw_error_set (error, status, "the users of the ONVIF server: %s",
                         dw_status_text (status));
  for (size_t i = 0; i < settings->n_topics; i++)
    if (dw_hub_declare (state->hub, &settings->topics[i]) != DW_OK)
      return dw_error_set (
          error, DW_ERROR_INVALID, "'%s' is no ONVIF topic (tns1:.../...)",
          settings->topics[i].topic ? settings->topics[i].topic : "");
  status = dw_http_server_new (settings->bind_address, settings->port,
                               answer_call, server, &server->loop, error);
  if (status != DW_OK || !settings->is_discoverable)
    return status;
  state->facts.port = dw_http_server_port (server->loop);
  return dw_responder_new (&state->facts, settings->interfaces,
                           &server->responder, error);
}

DwStatus
dw_onvif_server_new (const DwOnvifServerSettings *settings, DwOnvifServer **out,
                     DwError *error)
{
  DwOnvifServer *server = calloc (1, sizeof *server);
  DwStatus status;

  *out = NULL;
  if (server == NULL)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "out of memory");
  server->http = settings->http;
  server->http_data = settings->http_data;
  status = open_server (server, settings, error);
  if (status != DW_OK)
    {
      dw_onvif_server_free (server);
      return status;
    }
  *out = server;
  return DW_OK;
}

void
dw_onvif_server_free (DwOnvifServer *server)
{
  if (server == NULL)
    return;
  dw_responder_free (server->responder);
  dw_http_server_free (server->loop);
  for (size_t i = 0; i < DW_POOL_WORKERS; i++)
    dw_xml_free (server->state.soaps[i]);
  dw_auth_free (server->state.auth);
  dw_hub_free (server->state.hub);
  free (server);
}

uint16_t
dw_onvif_server_port (const DwOnvifServer *server)
{
  return dw_http_server_port (server->loop);
}

DwStatus
dw_onvif_server_emit (DwOnvifServer *server, const DwOnvifServerEvent *event)
{
  const DwStatus status = dw_hub_emit (server->state.hub, event);

  if (status == DW_OK)
    dw_http_server_wake (server->loop);
  return status;
}
