/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ONVIF for doorbells: find them, sign in, learn their streams, hear their
 * events; and be such a device oneself. The one public header of onvif/: no
 * SOAP type appears in it.
 *
 * Calls block up to their deadline and end early through a DwCancel. Errors
 * hold the host and what to do ("192.0.2.7 refused the password"), never the
 * password, never a SOAP fault code alone. One client belongs to one thread
 * at a time; different clients are independent. Results are plain structs of
 * the caller; strings are cut to fit and always ended. */
#pragma once

#include "cancel.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DW_ONVIF_TEXT 128
#define DW_ONVIF_URI 512
#define DW_ONVIF_MAX_PROFILES 16
#define DW_ONVIF_DEADLINE_MS 5000

/* -- Discovery ---------------------------------------------------------- */

typedef struct
{
  char endpoint[DW_ONVIF_TEXT]; /* urn:uuid:..., one device */
  char xaddr[DW_ONVIF_URI];     /* device service URL to use */
  char address[64];             /* the numeric address that answered */
  char name[DW_ONVIF_TEXT];     /* from the scopes, '%20' and so on decoded */
  char hardware[DW_ONVIF_TEXT];
  char location[DW_ONVIF_TEXT];
  bool is_gone; /* a Bye; only endpoint is set */
} DwOnvifMatch;

/* Called on the thread that waits in the probe, or on the watch's own. */
typedef void (*DwOnvifMatchFunc) (const DwOnvifMatch *match, void *user_data);

typedef struct
{
  const char *unicast;    /* host to ask directly; NULL: multicast */
  const char *interfaces; /* "lo,eth0"; NULL: every one that is up */
  uint32_t wait_ms;       /* 0: 2000 */
  bool stop_at_first;     /* return as soon as one device has answered */
} DwOnvifProbe;

/* Asks for both device types, collects answers for wait_ms, calls `func` once
 * per endpoint. No answer at all is DW_ERROR_NOT_FOUND. */
DwStatus dw_onvif_probe (const DwOnvifProbe *probe, DwCancel *cancel,
                         DwOnvifMatchFunc func, void *user_data,
                         DwError *error);

/* A thread that probes every `interval_ms` and listens for Hello and Bye;
 * `func` is called when a device appears, changes its address, or is gone (Bye,
 * or three probes without an answer). */
typedef struct DwOnvifWatch DwOnvifWatch;
DwStatus dw_onvif_watch_new (const char *interfaces, uint32_t interval_ms,
                             DwOnvifMatchFunc func, void *user_data,
                             DwOnvifWatch **out, DwError *error);
void dw_onvif_watch_free (DwOnvifWatch *watch);

/* -- Events ------------------------------------------------------------- */

typedef enum
{
  DW_EVENT_OTHER = 0,
  DW_EVENT_PRESS,
  DW_EVENT_MOTION,
  DW_EVENT_PERSON,
  DW_EVENT_VEHICLE,
  DW_EVENT_ANIMAL,
  DW_EVENT_FACE,
  DW_EVENT_PACKAGE,
  DW_EVENT_LINE,
  DW_EVENT_FIELD,
  DW_EVENT_TAMPER,
  DW_EVENT_INPUT, /* a digital or alarm input that no rule calls the bell */
} DwEventKind;

const char *dw_event_kind_text (DwEventKind kind);
DwStatus dw_event_kind_parse (const char *text, DwEventKind *out);

/* What happened, in the same words whoever made the device. */
typedef struct
{
  DwEventKind kind;
  bool is_active;  /* began (true) or ended; a pulse only begins */
  bool is_initial; /* the state at subscription (PropertyOperation
                      Initialized): never a ring */
  bool is_pulse;   /* no end will follow by itself */
  int64_t time_ns; /* UTC by this machine's clock; arrival when the device's
                      own time is impossible */
  char source[DW_ONVIF_TEXT]; /* value of the source item, "" if none */
  char topic[DW_ONVIF_TEXT];  /* as sent */
  char value[DW_ONVIF_TEXT];  /* of the data item that decided */
} DwOnvifEvent;

/* A user's rule, asked before the built-in table. Topics are compared per
 * segment without prefixes; NULL or "" matches anything. */
typedef struct
{
  char topic[DW_ONVIF_TEXT];
  char source[DW_ONVIF_TEXT]; /* value of any source item */
  char item[DW_ONVIF_TEXT];   /* name of the data item */
  char value[DW_ONVIF_TEXT];  /* active value; "": true, 1, active, Calling */
  DwEventKind kind;
} DwOnvifTopicRule;

/* -- Client ------------------------------------------------------------- */

typedef struct
{
  const char *location; /* onvif://[user:pw@]HOST[:PORT][/path], http(s)://,
                           or HOST[:PORT] */
  const char *user;     /* NULL or "": none, or the one in location */
  const char *password;
  uint32_t deadline_ms; /* of one call; 0: DW_ONVIF_DEADLINE_MS */
  const DwOnvifTopicRule *rules;
  size_t n_rules;
} DwOnvifSettings;

typedef struct
{
  char manufacturer[DW_ONVIF_TEXT];
  char model[DW_ONVIF_TEXT];
  char firmware[DW_ONVIF_TEXT];
  char serial[DW_ONVIF_TEXT];
  char hardware[DW_ONVIF_TEXT];
  int64_t clock_offset_ns; /* device minus this machine */
  bool has_events;
  bool has_media2;
} DwOnvifDevice;

typedef struct
{
  char token[DW_ONVIF_TEXT];
  char name[DW_ONVIF_TEXT];
  char codec[16]; /* "H264", "H265", "JPEG", "" unknown */
  int width, height;
  float rate;           /* frames a second, 0 unknown */
  char audio_codec[16]; /* "AAC", "G711", ..., "" none */
} DwOnvifProfile;

typedef struct
{
  size_t n_profiles;
  DwOnvifProfile profiles[DW_ONVIF_MAX_PROFILES];
} DwOnvifProfiles;

typedef struct DwOnvifClient DwOnvifClient;

/* Copies the settings; opens nothing. */
DwStatus dw_onvif_client_new (const DwOnvifSettings *settings,
                              DwOnvifClient **out, DwError *error);
void dw_onvif_client_free (DwOnvifClient *client);

/* Measures the clock offset, learns the services, signs in, asks who it is.
 * A wrong password is DW_ERROR_REFUSED and is tried once only. */
DwStatus dw_onvif_client_connect (DwOnvifClient *client, DwCancel *cancel,
                                  DwOnvifDevice *out, DwError *error);

DwStatus dw_onvif_client_profiles (DwOnvifClient *client, DwCancel *cancel,
                                   DwOnvifProfiles *out, DwError *error);

/* "main" (or NULL, ""): the largest H.264/H.265/JPEG profile; "sub": the
 * smallest; else a token, then a name. NULL when nothing fits. */
const DwOnvifProfile *dw_onvif_profile_choose (const DwOnvifProfiles *profiles,
                                               const char *wish);

/* URIs without credentials, the host replaced by the one that was connected to
 * where the advertised one is unusable. */
DwStatus dw_onvif_client_stream_uri (DwOnvifClient *client, const char *token,
                                     DwCancel *cancel, char out[DW_ONVIF_URI],
                                     DwError *error);
DwStatus dw_onvif_client_snapshot_uri (DwOnvifClient *client, const char *token,
                                       DwCancel *cancel, char out[DW_ONVIF_URI],
                                       DwError *error);

/* Pull point. Only one subscription a client. subscribe also asks for a
 * synchronization point; pull waits up to `timeout_ms`, calls `func` for each
 * event, and renews by itself when due; unsubscribe is safe to call always. */
typedef void (*DwOnvifEventFunc) (const DwOnvifEvent *event, void *user_data);
DwStatus dw_onvif_client_subscribe (DwOnvifClient *client, DwCancel *cancel,
                                    DwError *error);
DwStatus dw_onvif_client_pull (DwOnvifClient *client, uint32_t timeout_ms,
                               DwCancel *cancel, DwOnvifEventFunc func,
                               void *user_data, DwError *error);
DwStatus dw_onvif_client_unsubscribe (DwOnvifClient *client, DwError *error);

/* -- Parsing without a connection (tests, fuzzing) ---------------------- */

/* Reads one SOAP answer of unknown operation from memory; `summary` gets one
 * line a fact ("model=...", "profile token=... 1920x1080 H264", "uri=...",
 * "event kind=... active=...", "fault: ..."). Malformed input is an error,
 * never a crash. Bounded: 1 MiB, 64 levels, no DTD. */
DwStatus dw_onvif_parse_answer (const char *xml, size_t size, char *summary,
                                size_t summary_size, DwError *error);

/* -- Server ------------------------------------------------------------- */

typedef struct
{
  char user[DW_ONVIF_TEXT];
  char password[DW_ONVIF_TEXT];
} DwOnvifUser;

typedef struct
{
  DwOnvifProfile profile;
  char stream_uri[DW_ONVIF_URI];   /* host 0.0.0.0: the address asked */
  char snapshot_uri[DW_ONVIF_URI]; /* "": none; starting with '/': here */
} DwOnvifServerProfile;

/* `topic` with the prefixes tns1, tnsaxis or tnshik. A property is remembered,
 * and told as Initialized to new subscribers. */
typedef struct
{
  const char *topic;
  const char *source_name, *source_value; /* NULL: no source item */
  const char *data_name, *data_value;
  bool is_property;
} DwOnvifServerEvent;

/* A plain HTTP request beside the SOAP services (snapshot, ring button). The
 * handler sets `status`, and may set type and body (malloc, freed by the
 * server). Called on server threads. */
typedef struct
{
  const char *method; /* "GET" or "POST" */
  const char *path;   /* "/snapshot.jpg?profile=main" */
  int status;         /* 404 before the call */
  const char *content_type;
  void *body;
  size_t body_size;
} DwOnvifHttp;
typedef void (*DwOnvifHttpFunc) (DwOnvifHttp *http, void *user_data);

typedef struct
{
  const char *bind_address; /* NULL: all IPv4 */
  uint16_t port;            /* 0: any free one */
  const char *host;         /* what XAddrs say; NULL: the address asked */
  const char *interfaces;   /* of discovery; NULL: every one that is up */
  bool is_discoverable;
  const char *uuid; /* of the endpoint; NULL: made from serial */
  const char *name;
  const char *manufacturer, *model, *firmware, *serial;
  const char *mac;      /* "02:00:00:00:00:01"; NULL: made from serial */
  const char *location; /* NULL: "home" */
  size_t n_users;
  const DwOnvifUser *users; /* none: no password is asked for */
  size_t n_profiles;
  const DwOnvifServerProfile *profiles;
  size_t n_topics; /* events to announce before the first one is emitted */
  const DwOnvifServerEvent *topics;
  DwOnvifHttpFunc http;
  void *http_data;
} DwOnvifServerSettings;

typedef struct DwOnvifServer DwOnvifServer;

/* Copies the settings, listens, answers on its own threads, says Hello. */
DwStatus dw_onvif_server_new (const DwOnvifServerSettings *settings,
                              DwOnvifServer **out, DwError *error);

/* Says Bye, ends all subscriptions and threads. */
void dw_onvif_server_free (DwOnvifServer *server);

uint16_t dw_onvif_server_port (const DwOnvifServer *server);

/* One event to every subscriber. DW_ERROR_INVALID when the topic has other
 * prefixes or a text does not fit. Never blocks on a subscriber. Any thread. */
DwStatus dw_onvif_server_emit (DwOnvifServer *server,
                               const DwOnvifServerEvent *event);
