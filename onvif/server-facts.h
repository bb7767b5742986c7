/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server tells of itself, checked and completed once at the start. */
#pragma once

#include "onvif.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DW_SERVER_SCOPES 8
#define DW_SERVER_SCOPE 200

/* What the device is; constant while the server runs. */
typedef struct
{
  char host[DW_ONVIF_TEXT];  /* "": the address asked */
  char bound[DW_ONVIF_TEXT]; /* the only address listened on, or "" */
  uint16_t port; /* for discovery; the services ask their own server */
  bool is_discoverable;
  bool has_users;
  char endpoint[DW_ONVIF_TEXT]; /* urn:uuid:... */
  char name[DW_ONVIF_TEXT];
  char manufacturer[DW_ONVIF_TEXT];
  char model[DW_ONVIF_TEXT];
  char firmware[DW_ONVIF_TEXT];
  char serial[DW_ONVIF_TEXT];
  char mac[DW_ONVIF_TEXT];
  size_t n_scopes;
  char scopes[DW_SERVER_SCOPES][DW_SERVER_SCOPE];
  size_t n_profiles;
  DwOnvifServerProfile profiles[DW_ONVIF_MAX_PROFILES];
} DwServerFacts;

/* Copies what the device is from the settings, makes what was left out (uuid,
 * MAC and scopes) and refuses what has no place in an answer. `port` stays 0.
 */
DwStatus dw_server_facts_fill (DwServerFacts *facts,
                               const DwOnvifServerSettings *settings,
                               DwError *error);
