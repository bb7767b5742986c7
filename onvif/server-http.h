/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/1.1 as a device needs it: a reader that is fed bytes as they come and
 * keeps every bound, and a writer of whole answers. No sockets, no clock. */
#pragma once

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

#define DW_HTTP_MAX_HEAD 16384
#define DW_HTTP_MAX_BODY (1024 * 1024)
#define DW_HTTP_PATH 512
#define DW_HTTP_HOST 256
#define DW_HTTP_AUTHORIZATION 1536

/* What stands before the body. Strings are always ended; a request whose
 * method, path or credentials do not fit is refused, never cut. */
typedef struct
{
  char method[16];
  char path[DW_HTTP_PATH]; /* with the query */
  char host[DW_HTTP_HOST]; /* "" when absent or not a host name */
  char authorization[DW_HTTP_AUTHORIZATION]; /* "" when absent */
  size_t content_length;
  bool is_chunked;
  bool wants_continue; /* Expect: 100-continue */
  bool keeps_alive;
} DwHttpHead;

typedef enum
{
  DW_HTTP_MORE = 0, /* feed it */
  DW_HTTP_READY,    /* head and body are whole */
  DW_HTTP_BROKEN,   /* answer with `refusal` and close */
} DwHttpProgress;

/* Zero is a reader that has read nothing. */
typedef struct
{
  DwHttpHead head;
  int refusal; /* HTTP status for a broken request */
  char *data;
  size_t size, capacity; /* bytes received so far */
  size_t head_size;      /* 0 until the head is whole */
  size_t scan;           /* bytes of `data` understood */
  size_t body_size;      /* decoded bytes, from data + head_size */
  size_t chunk_left;     /* bytes of the chunk under way */
  int chunk_state;
} DwHttpReader;

void dw_http_reader_finish (DwHttpReader *reader);

/* Adds bytes and says how far the request is. Bytes behind a whole request are
 * kept for the next one. */
DwHttpProgress dw_http_reader_push (DwHttpReader *reader, const char *bytes,
                                    size_t n_bytes);

/* Forgets the request that was READY and looks at what came behind it. */
DwHttpProgress dw_http_reader_next (DwHttpReader *reader);

/* The decoded body of a READY request, body_size bytes, not ended by a 0. */
const char *dw_http_reader_body (const DwHttpReader *reader);

typedef struct
{
  int status;
  const char *content_type; /* NULL: no body type */
  const char *headers;      /* more header lines, each ended by CRLF; or NULL */
  const char *body;
  size_t body_size;
  bool is_head; /* an answer to HEAD: the size is told, the body not sent */
  bool keeps_alive;
} DwHttpReply;

/* One allocated answer; free () it. DW_ERROR_NO_MEMORY leaves *out NULL. */
DwStatus dw_http_reply_format (const DwHttpReply *reply, char **out,
                               size_t *out_size);
