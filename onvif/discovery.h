/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a probe and the watch share. Private to onvif/. */
#pragma once

#include "discovery-message.h"
#include "discovery-socket.h"

#define DW_SEARCH_QUESTIONS 2
#define DW_SEARCH_MAX_DEVICES 256
#define DW_SEARCH_DATAGRAM 65536

/* The questions of one search, and the ids that its answers relate to. */
typedef struct
{
  char ids[DW_SEARCH_QUESTIONS][DW_DISCOVERY_ID];
  char questions[DW_SEARCH_QUESTIONS][DW_DISCOVERY_MAX_PROBE];
} DwSearch;

DwStatus dw_search_start (DwSearch *search, DwDiscoveryCodec *codec);

/* How many datagrams went out. */
size_t dw_search_send (const DwSearch *search,
                       const DwDiscoverySockets *sockets);

/* True for matches that relate to one of the questions. */
bool dw_search_is_answer (const DwSearch *search, const DwDiscovery *message);
