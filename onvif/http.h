/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One HTTP question and its answer, on a connection of its own. Private to
 * onvif/. */
#pragma once

#include "net.h"
#include "url.h"

#include <stdbool.h>

#define DW_HTTP_MAX_HEAD 16384
#define DW_HTTP_MAX_BODY (1024 * 1024)

typedef struct
{
  int status;           /* 0: no answer yet */
  char challenge[2048]; /* every WWW-Authenticate, one a line */
  char *body;           /* of dw_http_reply_finish () */
  size_t body_size;
} DwHttpReply;

void dw_http_reply_finish (DwHttpReply *reply);

typedef struct
{
  const DwUrl *url;
  const char *action;        /* of SOAP */
  const char *authorization; /* value of that header, or NULL */
  const char *body;
} DwHttpPost;

/* POSTs a SOAP 1.2 envelope. DW_OK for every complete answer, whatever its
 * status. The answer is bounded: 16 KiB of head, 1 MiB of body. */
DwStatus dw_http_post (const DwHttpPost *post, const DwWait *wait,
                       DwHttpReply *out, DwError *error);

/* Takes an answer apart as it comes in. */
typedef struct
{
  char *data; /* NUL-terminated */
  size_t size, capacity;
  size_t body_at; /* 0: head incomplete */
  bool is_chunked, has_length, is_done;
  size_t length;   /* of the body: stated, or what the chunks gave so far */
  size_t chunk_at; /* where the next chunk's size line begins */
} DwHttpParser;

void dw_http_parser_finish (DwHttpParser *parser);

/* More bytes of the answer; `size` 0 is its end. DW_OK also while it is
 * incomplete: see is_done. */
DwStatus dw_http_parser_push (DwHttpParser *parser, const char *data,
                              size_t size, DwHttpReply *reply);
