/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UDP sockets of discovery: one for every interface and address family.
 * Private to onvif/. */
#pragma once

#include "net.h"
#include "onvif.h"

#define DW_DISCOVERY_MAX_SOCKETS 32

typedef struct
{
  size_t n_sockets;
  int sockets[DW_DISCOVERY_MAX_SOCKETS];
  struct sockaddr_storage groups[DW_DISCOVERY_MAX_SOCKETS]; /* where to send */
  socklen_t group_sizes[DW_DISCOVERY_MAX_SOCKETS];
} DwDiscoverySockets;

/* True when `name` is in the list "lo,eth0"; every name is in NULL and "". */
bool dw_discovery_wants (const char *interfaces, const char *name);

/* Sockets to ask from, one on each wanted interface that is up; loopback
 * among them. DW_ERROR_UNREACHABLE when there is none. */
DwStatus dw_discovery_open_senders (const char *interfaces,
                                    DwDiscoverySockets *out, DwError *error);

/* One socket to ask `host` directly. */
DwStatus dw_discovery_open_unicast (const char *host, const DwWait *wait,
                                    DwDiscoverySockets *out, DwError *error);

/* Adds sockets that hear what is said to the group: Hello and Bye. */
DwStatus dw_discovery_open_listeners (const char *interfaces,
                                      DwDiscoverySockets *out, DwError *error);

void dw_discovery_close (DwDiscoverySockets *sockets);

/* To every group; a socket that cannot send is passed over. How many could. */
size_t dw_discovery_send (const DwDiscoverySockets *sockets, const char *data,
                          size_t size);

/* Waits for one datagram. `sender` gets its numeric address. */
DwStatus dw_discovery_receive (const DwDiscoverySockets *sockets,
                               const DwWait *wait, char *data, size_t size,
                               size_t *got, char sender[64]);
