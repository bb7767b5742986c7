/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An HTTP server on its own threads. One thread owns every socket and waits
 * for all of them at once; a fixed pool of workers runs the handler on whole
 * requests only. So a slow or silent client costs a descriptor, never a
 * worker, and a call that has nothing to say yet is parked without a thread.
 */
#pragma once

#include "server-http.h"
#include "server-pool.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DW_HTTP_MAX_CONNECTIONS 256

typedef struct DwHttpServer DwHttpServer;

typedef struct
{
  DwHttpServer *server;
  const DwHttpHead *head;
  const char *body; /* body_size bytes, not ended by a 0 */
  size_t body_size;
  const char *local; /* numeric address asked, IPv6 in brackets, and port */
  unsigned worker;   /* 0..DW_POOL_WORKERS-1: whose thread this is */
  unsigned n_parked; /* how often this call was parked before */
  int64_t first_ns;  /* dw_time_boot_ns () when it was asked first */
  bool is_last;      /* the server ends: answer now */
} DwHttpCall;

typedef struct
{
  int status;
  char content_type[128];
  char headers[512]; /* more header lines, each ended by CRLF */
  char *body;        /* malloc, freed by the server */
  size_t body_size;
  int64_t park_until_ns; /* not 0: no answer yet; ask again then (boot time),
                            or at the next dw_http_server_wake () */
} DwHttpAnswer;

/* Called on a worker; `answer` is zero before. A status of 0 is a 500. */
typedef void (*DwHttpHandler) (const DwHttpCall *call, DwHttpAnswer *answer,
                               void *user_data);

/* Listens on `address` (numeric; NULL: all IPv4) and `port` (0: any free).
 * DW_ERROR_IO when the address is taken or is not this machine's. */
DwStatus dw_http_server_new (const char *address, uint16_t port,
                             DwHttpHandler handler, void *user_data,
                             DwHttpServer **out, DwError *error);

/* Asks parked calls a last time, sends their answers for up to a second, ends
 * all threads, closes all descriptors. Waits for handlers that run. */
void dw_http_server_free (DwHttpServer *server);

uint16_t dw_http_server_port (const DwHttpServer *server);

/* Asks every parked call again. Any thread; never blocks. A wake during the
 * handler's run is not lost. */
void dw_http_server_wake (DwHttpServer *server);
