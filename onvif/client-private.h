/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the client share. Private to onvif/. */
#pragma once

#include "digest.h"
#include "http.h"
#include "xml.h"

typedef enum
{
  DW_SIGN_NONE = 0, /* until the device asks */
  DW_SIGN_TOKEN,    /* username token, in the message */
  DW_SIGN_DIGEST,   /* HTTP Digest; never both */
} DwSignIn;

#define DW_MAX_REFERENCES 8

/* The one pull point. */
typedef struct
{
  bool is_open;
  bool is_renew_refused;
  bool is_time_absolute;      /* it refuses durations */
  DwUrl url;                  /* where to call */
  char address[DW_ONVIF_URI]; /* as the device wrote it: for wsa:To */
  size_t n_references;
  char *references[DW_MAX_REFERENCES]; /* header elements, written out */
  int64_t due_ns;                      /* CLOCK_BOOTTIME: renew from then on */
  uint32_t lifetime_ms;
  uint32_t floor_ms; /* between pulls that return at once */
} DwPullPoint;

struct DwOnvifClient
{
  DwUrl device; /* the user's word: its host is the only one ever called */
  char user[DW_ONVIF_TEXT];
  char password[DW_ONVIF_TEXT];
  uint32_t deadline_ms;
  DwOnvifTopicRule *rules;
  size_t n_rules;

  struct soap *soap;
  DwSignIn sign_in;
  DwDigestChallenge challenge;
  bool is_signed_in; /* the device took the password once */
  bool is_refused;   /* it did not: never tried again */
  int64_t clock_offset_ns;
  int64_t clock_measured_ns;   /* CLOCK_BOOTTIME, 0: never */
  DwUrl media, media2, events; /* empty host: not offered */
  DwPullPoint pull;
};

typedef struct
{
  DwUrl *url; /* its port is corrected when nobody listens there */
  const char *action;
  const void *request;
  int request_type;
  const char *request_tag;
  int reply_type;
  const char *reply_tag;
  const char *to;                /* WS-Addressing; NULL: without */
  const DwPullPoint *references; /* whose reference parameters; NULL: none */
  DwCancel *cancel;
  uint32_t deadline_ms;
} DwCall;

/* Sends and reads one message, signing in as the device wants it. The reply
 * lives until the next call on this client. A fault is an error in words. */
DwStatus dw_client_call (DwOnvifClient *client, const DwCall *call,
                         DwXmlMessage *reply, DwError *error);

/* GetSystemDateAndTime; a device without an answer keeps the offset. */
DwStatus dw_client_measure_clock (DwOnvifClient *client, DwCancel *cancel,
                                  DwError *error);

/* The address of a service as it can be reached from here: the host is always
 * the one that the user named, so that no device can send the password's
 * digest elsewhere. False when there is no address. */
bool dw_client_service_url (const DwOnvifClient *client, const char *xaddr,
                            DwUrl *out);

#define DW_CALL(prefix, name)                                                  \
  .request_type = SOAP_TYPE__##prefix##__##name,                               \
  .request_tag = #prefix ":" #name,                                            \
  .reply_type = SOAP_TYPE__##prefix##__##name##Response,                       \
  .reply_tag = #prefix ":" #name "Response"
