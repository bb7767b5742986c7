/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One HTTP question and its answer, on a connection of its own: devices free
 * what a connection held only when it closes. */
#include "http.h"

#include "stream.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_CHUNK_LINE 256

void
dw_http_reply_finish (DwHttpReply *reply)
{
  free (reply->body);
  memset (reply, 0, sizeof *reply);
}

/* -- Answers ------------------------------------------------------------- */

void
dw_http_parser_finish (DwHttpParser *parser)
{
  free (parser->data);
  memset (parser, 0, sizeof *parser);
}

static DwStatus
append (DwHttpParser *parser, const char *data, size_t size)
{
  size_t needed = parser->size + size + 1;

  if (needed > DW_HTTP_MAX_HEAD + DW_HTTP_MAX_BODY)
    return DW_ERROR_LIMIT;
  if (parser->data == NULL || needed > parser->capacity)
    {
      size_t capacity = needed + needed / 2;
      char *grown = realloc (parser->data, capacity);

      if (grown == NULL)
        return DW_ERROR_NO_MEMORY;
      parser->data = grown;
      parser->capacity = capacity;
    }
  memcpy (parser->data + parser->size, data, size);
  parser->size += size;
  parser->data[parser->size] = '\0';
  return DW_OK;
}

/* The value when `line` is the header `name`, else NULL. */
static const char *
header_value (const char *line, const char *name)
{
  size_t length = strlen (name);

  if (strncasecmp (line, name, length) != 0 || line[length] != ':')
    return NULL;
  line += length + 1;
  while (*line == ' ' || *line == '\t')
    line++;
  return line;
}

static DwStatus
read_length (DwHttpParser *parser, const char *value)
{
  char *end;
  unsigned long length;

  if (!isdigit ((unsigned char)*value))
    return DW_ERROR_PROTOCOL;
  length = strtoul (value, &end, 10);
  if (length > DW_HTTP_MAX_BODY)
    return DW_ERROR_LIMIT;
  parser->length = length;
  parser->has_length = true;
  return DW_OK;
}

static DwStatus
read_header (DwHttpParser *parser, const char *line, DwHttpReply *reply)
{
  const char *value;
  size_t used = strlen (reply->challenge);

  if ((value = header_value (line, "Content-Length")))
    return read_length (parser, value);
  if ((value = header_value (line, "Transfer-Encoding")))
    parser->is_chunked = strcasecmp (value, "identity") != 0;
  else if ((value = header_value (line, "WWW-Authenticate"))
           && used + strlen (value) + 2 < sizeof reply->challenge)
    snprintf (reply->challenge + used, sizeof reply->challenge - used, "%s\n",
              value);
  return DW_OK;
}

/* "HTTP/1.1 200 OK"; 0 when it is no status line. */
static int
read_status (const char *line)
{
  if (strncmp (line, "HTTP/", 5) != 0)
    return 0;
  line += strcspn (line, " ");
  line += strspn (line, " ");
  if (strspn (line, "0123456789") != 3 || *line == '0')
    return 0;
  return (int)strtol (line, NULL, 10);
}

/* The head in `parser->data` up to `end`, which is where the body begins. */
static DwStatus
read_head (DwHttpParser *parser, size_t end, DwHttpReply *reply)
{
  char *line = parser->data, *stop = parser->data + end, *next;
  DwStatus status = DW_OK;

  reply->status = 0;
  reply->challenge[0] = '\0';
  for (; line < stop && status == DW_OK; line = next)
    {
      size_t length = strcspn (line, "\n");

      next = line + length + 1;
      line[length] = '\0';
      if (length > 0 && line[length - 1] == '\r')
        line[length - 1] = '\0';
      if (line == parser->data)
        {
          reply->status = read_status (line);
          status = reply->status == 0 ? DW_ERROR_PROTOCOL : DW_OK;
        }
      else
        status = read_header (parser, line, reply);
    }
  return status;
}

/* Where the body begins, 0 while the head is incomplete. */
static size_t
find_body (const DwHttpParser *parser)
{
  const char *crlf = strstr (parser->data, "\r\n\r\n");
  const char *lf = strstr (parser->data, "\n\n");

  if (crlf && (lf == NULL || crlf < lf))
    return (size_t)(crlf - parser->data) + 4;
  return lf ? (size_t)(lf - parser->data) + 2 : 0;
}

static DwStatus
find_head (DwHttpParser *parser, DwHttpReply *reply)
{
  size_t end;

  while (parser->body_at == 0 && (end = find_body (parser)) > 0)
    {
      DwStatus status = read_head (parser, end, reply);

      if (status != DW_OK)
        return status;
      if (reply->status / 100 == 1)
        {
          /* 100 Continue: the real head follows. */
          parser->size -= end;
          memmove (parser->data, parser->data + end, parser->size + 1);
          parser->has_length = parser->is_chunked = false;
          continue;
        }
      parser->body_at = end;
      parser->chunk_at = end;
      if (parser->is_chunked)
        parser->length = 0;
    }
  if (parser->body_at == 0 && parser->size > DW_HTTP_MAX_HEAD)
    return DW_ERROR_LIMIT;
  return DW_OK;
}

/* Joins the chunks that have come in, in place. */
static DwStatus
join_chunks (DwHttpParser *parser)
{
  while (!parser->is_done)
    {
      char *line = parser->data + parser->chunk_at, *end;
      size_t left = parser->size - parser->chunk_at;
      char *newline = memchr (line, '\n', left);
      size_t size, whole;

      if (newline == NULL)
        return left > MAX_CHUNK_LINE ? DW_ERROR_PROTOCOL : DW_OK;
      if (!isxdigit ((unsigned char)*line))
        return DW_ERROR_PROTOCOL;
      size = strtoul (line, &end, 16);
      if (size > DW_HTTP_MAX_BODY)
        return DW_ERROR_LIMIT;
      whole = (size_t)(newline + 1 - line) + size;
      if (size == 0)
        {
          parser->is_done = true;
          return DW_OK;
        }
      if (left < whole + 2)
        return DW_OK;
      memmove (parser->data + parser->body_at + parser->length, newline + 1,
               size);
      parser->length += size;
      parser->chunk_at += whole;
      parser->chunk_at += parser->data[parser->chunk_at] == '\r' ? 2 : 1;
    }
  return DW_OK;
}

static DwStatus
advance (DwHttpParser *parser, bool is_end, DwHttpReply *reply)
{
  DwStatus status = find_head (parser, reply);
  size_t got;

  if (status != DW_OK)
    return status;
  if (parser->body_at == 0)
    return is_end ? DW_ERROR_PROTOCOL : DW_OK;
  got = parser->size - parser->body_at;
  if (parser->is_chunked)
    {
      status = join_chunks (parser);
      return status == DW_OK && is_end && !parser->is_done ? DW_ERROR_PROTOCOL
                                                           : status;
    }
  if (parser->has_length)
    {
      parser->is_done = got >= parser->length;
      return is_end && !parser->is_done ? DW_ERROR_PROTOCOL : DW_OK;
    }
  if (got > DW_HTTP_MAX_BODY)
    return DW_ERROR_LIMIT;
  parser->length = got;
  parser->is_done = is_end || reply->status == 204 || reply->status == 304;
  return DW_OK;
}

DwStatus
dw_http_parser_push (DwHttpParser *parser, const char *data, size_t size,
                     DwHttpReply *reply)
{
  DwStatus status = append (parser, data, size);

  if (status == DW_OK)
    status = advance (parser, size == 0, reply);
  if (status != DW_OK || !parser->is_done)
    return status;
  reply->body = malloc (parser->length + 1);
  if (reply->body == NULL)
    return DW_ERROR_NO_MEMORY;
  memcpy (reply->body, parser->data + parser->body_at, parser->length);
  reply->body[parser->length] = '\0';
  reply->body_size = parser->length;
  return DW_OK;
}

/* -- Questions ----------------------------------------------------------- */

static DwStatus
say (const DwUrl *url, DwStatus status, DwError *error)
{
  if (status == DW_ERROR_TIMEOUT)
    return dw_error_set (error, status, "%s stopped answering", url->host);
  if (status == DW_ERROR_LIMIT)
    return dw_error_set (error, status, "%s answered more than can be right",
                         url->host);
  if (status == DW_ERROR_PROTOCOL)
    return dw_error_set (error, status,
                         "%s answered something that is not HTTP, or broke off",
                         url->host);
  if (status == DW_ERROR_CANCELLED)
    return dw_error_set (error, status, "the call to %s was cancelled",
                         url->host);
  return dw_error_set (error, status, "%s: the connection broke (%s)",
                       url->host, dw_status_text (status));
}

/* The head of the question. Malloced; NULL without memory. */
static char *
format_head (const DwHttpPost *post)
{
  const DwUrl *url = post->url;
  bool is_ipv6 = strchr (url->host, ':') != NULL;
  size_t room = 2048 + DW_ONVIF_URI + sizeof url->host
                + (post->authorization ? strlen (post->authorization) : 0);
  char *head = malloc (room);

  if (head == NULL)
    return NULL;
  snprintf (head, room,
            "POST %s HTTP/1.1\r\n"
            "Host: %s%s%s:%u\r\n"
            "User-Agent: doorward\r\n"
            "Content-Type: application/soap+xml; charset=utf-8; "
            "action=\"%s\"\r\n"
            "Content-Length: %zu\r\n"
            "%s%s%s"
            "Connection: close\r\n\r\n",
            url->path[0] ? url->path : "/", is_ipv6 ? "[" : "", url->host,
            is_ipv6 ? "]" : "", dw_url_port (url), post->action,
            strlen (post->body), post->authorization ? "Authorization: " : "",
            post->authorization ? post->authorization : "",
            post->authorization ? "\r\n" : "");
  return head;
}

static DwStatus
receive (DwStream *stream, const DwWait *wait, DwHttpReply *out)
{
  DwHttpParser parser = { .data = NULL };
  char chunk[16384];
  DwStatus status = DW_OK;
  size_t got = 1;

  while (status == DW_OK && !parser.is_done && got > 0)
    {
      status = dw_stream_read (stream, chunk, sizeof chunk, wait, &got);
      if (status == DW_OK)
        status = dw_http_parser_push (&parser, chunk, got, out);
    }
  dw_http_parser_finish (&parser);
  return status;
}

DwStatus
dw_http_post (const DwHttpPost *post, const DwWait *wait, DwHttpReply *out,
              DwError *error)
{
  DwStream *stream;
  DwStatus status;
  char *head;

  memset (out, 0, sizeof *out);
  status = dw_stream_open (post->url, wait, &stream, error);
  if (status != DW_OK)
    return status;
  head = format_head (post);
  status = head ? dw_stream_write (stream, head, strlen (head), wait)
                : DW_ERROR_NO_MEMORY;
  free (head);
  if (status == DW_OK)
    status = dw_stream_write (stream, post->body, strlen (post->body), wait);
  if (status == DW_OK)
    status = receive (stream, wait, out);
  dw_stream_close (stream);
  if (status == DW_OK)
    return DW_OK;
  dw_http_reply_finish (out);
  return say (post->url, status, error);
}
