/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The datagrams of WS-Discovery: what a client writes and reads. Private to
 * onvif/; no SOAP type. */
#pragma once

#include "onvif.h"

#include <stddef.h>

#define DW_DISCOVERY_PORT 3702
#define DW_DISCOVERY_GROUP_IPV4 "239.255.255.250"
#define DW_DISCOVERY_GROUP_IPV6 "ff02::c"
#define DW_DISCOVERY_MAX_MATCHES 8
#define DW_DISCOVERY_MAX_PROBE 1400
#define DW_DISCOVERY_ID 64

typedef enum
{
  DW_DISCOVERY_OTHER = 0,
  DW_DISCOVERY_MATCHES, /* ProbeMatches and ResolveMatches */
  DW_DISCOVERY_HELLO,
  DW_DISCOVERY_BYE,
} DwDiscoveryKind;

typedef struct
{
  DwDiscoveryKind kind;
  char relates_to[DW_ONVIF_TEXT];
  size_t n_matches; /* ONVIF devices only */
  DwOnvifMatch matches[DW_DISCOVERY_MAX_MATCHES];
} DwDiscovery;

/* Reads and writes; for one thread. */
typedef struct DwDiscoveryCodec DwDiscoveryCodec;
DwDiscoveryCodec *dw_discovery_codec_new (void);
void dw_discovery_codec_free (DwDiscoveryCodec *codec);

/* A Probe for `type` ("tds:Device", "dn:NetworkVideoTransmitter") with a new
 * message id, which is left in `id`. */
DwStatus dw_discovery_write_probe (DwDiscoveryCodec *codec, const char *type,
                                   char id[DW_DISCOVERY_ID],
                                   char out[DW_DISCOVERY_MAX_PROBE]);

/* `sender` is the numeric address the datagram came from. Devices that are no
 * ONVIF device (neither a type nor a scope says so) are left out, except from
 * a Bye, which says nothing but who it is. */
DwStatus dw_discovery_read (DwDiscoveryCodec *codec, const char *data,
                            size_t size, const char *sender, DwDiscovery *out);
