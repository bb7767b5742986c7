/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a doorbell is, as a person writes it: onvif://[user[:pw]@]HOST[:PORT]
 * [/path], onvif:// for the first one found, http(s):// of a device service,
 * or rtsp:// of a camera without ONVIF. Pure function; secrets are split off
 * so that what is shown later never holds one. */
#pragma once

#include "status.h"

#include <stdint.h>

#define DW_LOCATION_TEXT 512

typedef enum
{
  DW_LOCATION_NONE = 0,
  DW_LOCATION_DISCOVER, /* onvif:// */
  DW_LOCATION_ONVIF,
  DW_LOCATION_RTSP,
} DwLocationKind;

typedef struct
{
  DwLocationKind kind;
  char uri[DW_LOCATION_TEXT]; /* without user and password */
  char host[DW_LOCATION_TEXT];
  uint16_t port;                   /* 0: the scheme's own */
  char user[DW_LOCATION_TEXT];     /* percent decoded, "" none */
  char password[DW_LOCATION_TEXT]; /* percent decoded, "" none */
} DwLocation;

/* Always writes `out`; it is zero after an error. The error text never holds
 * what stands before an '@'. */
DwStatus dw_location_parse (const char *text, DwLocation *out, DwError *error);
