/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One SOAP call of the server, between the dispatcher (server-soap.c) and the
 * operations (server-device.c, -media.c, -events.c). */
#pragma once

#include "onvif.h"
#include "server-auth.h"
#include "server-facts.h"
#include "server-hub.h"
#include "server-loop.h"
#include "xml.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct
{
  DwServerFacts facts;
  DwHub *hub;
  DwAuth *auth;
  struct soap *soaps[DW_POOL_WORKERS]; /* each its worker's own */
} DwServerState;

/* A SOAP 1.2 fault; all texts constant. No subcode: out of memory. */
typedef struct
{
  bool is_receivers; /* the server's fault, not the sender's */
  const char *subcode;
  const char *detail; /* a subcode of the subcode, or NULL */
  const char *reason;
} DwServerFault;

struct DwServerOperation;

typedef struct
{
  DwServerState *state;
  const DwServerFacts *facts;
  const DwHttpCall *http;
  DwHttpAnswer *answer;
  const struct DwServerOperation *operation;
  struct soap *soap;     /* its header is the request's */
  const void *request;   /* the generated struct */
  const char *authority; /* host[:port] for addresses to hand out */
  DwServerFault fault;
} DwServerCall;

/* Writes the reply, parks the call, or returns false with `fault` set. */
typedef bool (*DwServerFunc) (DwServerCall *call);

typedef struct DwServerOperation
{
  int request_type, response_type;
  const char *response_tag;
  const char *action; /* of the reply (WS-Addressing), or NULL */
  bool is_open;       /* ONVIF's access class PRE_AUTH: no password */
  DwServerFunc run;
} DwServerOperation;

#define DW_OPERATION(prefix, name, action, is_open, run)                       \
  {                                                                            \
    SOAP_TYPE__##prefix##__##name, SOAP_TYPE__##prefix##__##name##Response,    \
        #prefix ":" #name "Response", action, is_open, run                     \
  }

/* Each ends with a row of zeros. */
extern const DwServerOperation dw_server_device_operations[];
extern const DwServerOperation dw_server_media_operations[];
extern const DwServerOperation dw_server_event_operations[];

/* Serialises `response` (of the operation's type) into the answer. All it
 * points to may be on the caller's stack. */
bool dw_server_reply (DwServerCall *call, const void *response);

/* Sets the fault and returns false. Texts are kept: constants only. */
bool dw_server_fault (DwServerCall *call, const char *subcode,
                      const char *detail, const char *reason);

/* gSOAP's structs are not const; it only reads them. */
char *dw_server_text (const char *text);

/* "http://AUTHORITY/onvif/NAME" */
char *dw_server_service (const DwServerCall *call, const char *name,
                         char out[DW_ONVIF_URI]);

/* The capabilities of each service, the same in GetServices and in
 * GetServiceCapabilities. Static storage. */
struct trt__Capabilities *dw_server_media_capabilities (void);
struct tr2__Capabilities2 *dw_server_media2_capabilities (void);
struct tev__Capabilities *dw_server_event_capabilities (void);

/* In server-topics.c, listed with the event operations. */
bool dw_server_get_event_properties (DwServerCall *call);

/* Answers one HTTP request to a service. */
void dw_server_soap (DwServerState *state, const DwHttpCall *http,
                     DwHttpAnswer *answer);

/* 401 with a fresh nonce; false when none was to be had. */
bool dw_server_challenge (DwServerState *state, DwAuthVerdict verdict,
                          DwHttpAnswer *answer);
