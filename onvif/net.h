/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets that wait for three things at once: the peer, the deadline and the
 * cancel. Private to onvif/. */
#pragma once

#include "cancel.h"
#include "status.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* How long a call may take, and who may end it sooner. */
typedef struct
{
  DwCancel *cancel;    /* or NULL */
  int64_t deadline_ns; /* CLOCK_BOOTTIME */
} DwWait;

DwWait dw_wait_new (DwCancel *cancel, uint32_t timeout_ms);

/* Milliseconds left, at least 0. */
int dw_wait_left_ms (const DwWait *wait);

/* Waits for `events` (poll) on `fd`. */
DwStatus dw_net_wait (int fd, short events, const DwWait *wait);

#define DW_NET_MAX_ADDRESSES 8
typedef struct
{
  size_t n_addresses;
  struct
  {
    struct sockaddr_storage address;
    socklen_t length;
  } addresses[DW_NET_MAX_ADDRESSES];
} DwNetAddresses;

/* Names by the system's resolver, which can block for long: it runs on a
 * thread of its own that is left behind when the wait ends. */
DwStatus dw_net_resolve (const char *host, uint16_t port, const DwWait *wait,
                         DwNetAddresses *out);

/* A connected, non-blocking TCP socket in *out, -1 on error; tries every
 * address of the host. */
DwStatus dw_net_connect (const char *host, uint16_t port, const DwWait *wait,
                         int *out);
