/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as people and devices write them, wrong ports and hosts included.
 * Private to onvif/. */
#pragma once

#include "onvif.h"

typedef struct
{
  char scheme[12]; /* "http", "https", "rtsp", ...; lower case */
  char user[DW_ONVIF_TEXT];
  char password[DW_ONVIF_TEXT];
  char host[256];          /* no brackets; "" when there is none */
  uint16_t port;           /* 0: not stated */
  char path[DW_ONVIF_URI]; /* begins with '/', or is "" */
} DwUrl;

/* Reads SCHEME://[USER[:PASSWORD]@]HOST[:PORT][/PATH], or HOST[:PORT][/PATH]
 * with `scheme` as the scheme. A port written twice counts once. Refuses
 * control characters and spaces. */
DwStatus dw_url_parse (const char *text, const char *scheme, DwUrl *out);

/* Without user and password. DW_ERROR_LIMIT when it does not fit. */
DwStatus dw_url_format (const DwUrl *url, char out[DW_ONVIF_URI]);

/* The stated port or the one of the scheme (80, 443, 554), else 0. */
uint16_t dw_url_port (const DwUrl *url);

/* False for hosts that nobody else can reach: none, 0.0.0.0, ::, and, unless
 * `peer` is of the same kind, loopback and link-local ones. `peer` is the host
 * that was connected to. */
bool dw_url_host_is_usable (const char *host, const char *peer);

/* %XX undone; stops at what does not fit. */
void dw_url_decode (const char *text, size_t length, char *out, size_t size);
