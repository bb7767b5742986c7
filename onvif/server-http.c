/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The request reader and the reply writer. A request may arrive byte by byte
 * and may be hostile: every size is checked before it is stored, a body with
 * both a length and chunks (request smuggling) is refused, and chunks are
 * joined in place. */
#include "server-http.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum
{
  CHUNK_SIZE = 0,
  CHUNK_DATA,
  CHUNK_END,
  CHUNK_TRAILER,
};

/* The longest line of a chunk size or trailer. */
#define MAX_CHUNK_LINE 256

static DwHttpProgress
refuse (DwHttpReader *reader, int status)
{
  reader->refusal = status;
  return DW_HTTP_BROKEN;
}

static bool
copy_word (char *out, size_t out_size, const char *word, size_t size)
{
  if (size >= out_size)
    return false;
  memcpy (out, word, size);
  out[size] = 0;
  return true;
}

static bool
has_token (const char *value, size_t size, const char *token)
{
  const size_t token_size = strlen (token);

  for (size_t i = 0; i + token_size <= size; i++)
    if (strncasecmp (value + i, token, token_size) == 0)
      return true;
  return false;
}

/* Only what a name, an IPv4 or a bracketed IPv6 address with a port needs: it
 * goes into addresses that are handed out. */
static bool
is_host (const char *text)
{
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";

  return text[0] != 0 && text[strspn (text, allowed)] == 0;
}

static bool
parse_length (const char *value, size_t size, size_t *out)
{
  size_t length = 0;

  if (size == 0 || size > 9)
    return false;
  for (size_t i = 0; i < size; i++)
    {
      if (!isdigit ((unsigned char)value[i]))
        return false;
      length = length * 10 + (size_t)(value[i] - '0');
    }
  *out = length;
  return true;
}

/* 0, or the HTTP status to refuse with. */
static int
take_header (DwHttpHead *head, bool *has_length, const char *name,
             size_t name_size, const char *value, size_t size)
{
  const struct
  {
    const char *name;
    int id;
  } known[] = { { "Host", 1 },
                { "Content-Length", 2 },
                { "Authorization", 3 },
                { "Transfer-Encoding", 4 },
                { "Connection", 5 },
                { "Expect", 6 },
                { "Content-Encoding", 7 } };
  size_t length = 0;
  int id = 0;

  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strlen (known[i].name) == name_size
        && strncasecmp (known[i].name, name, name_size) == 0)
      id = known[i].id;
  switch (id)
    {
    case 1:
      if (!copy_word (head->host, sizeof head->host, value, size)
          || !is_host (head->host))
        head->host[0] = 0;
      return 0;
    case 2:
      if (!parse_length (value, size, &length)
          || (*has_length && length != head->content_length))
        return 400;
      *has_length = true;
      head->content_length = length;
      return 0;
    case 3:
      return copy_word (head->authorization, sizeof head->authorization, value,
                        size)
                 ? 0
                 : 431;
    case 4:
      if (size != 7 || strncasecmp (value, "chunked", 7) != 0)
        return 501;
      head->is_chunked = true;
      return 0;
    case 5:
      if (has_token (value, size, "close"))
        head->keeps_alive = false;
      else if (has_token (value, size, "keep-alive"))
        head->keeps_alive = true;
      return 0;
    case 6:
      if (size != 12 || strncasecmp (value, "100-continue", 12) != 0)
        return 417;
      head->wants_continue = true;
      return 0;
    case 7:
      /* A compressed body could unfold without bound. */
      return size == 8 && strncasecmp (value, "identity", 8) == 0 ? 0 : 415;
    default:
      return 0;
    }
}

/* "POST /path HTTP/1.1" without its line end. */
static int
take_request_line (DwHttpHead *head, const char *line, size_t size)
{
  const char *space = memchr (line, ' ', size);
  const char *path = space ? space + 1 : NULL;
  const char *version
      = path ? memchr (path, ' ', size - (size_t)(path - line)) : NULL;
  size_t version_size;

  if (version == NULL
      || !copy_word (head->method, sizeof head->method, line,
                     (size_t)(space - line)))
    return 400;
  if (!copy_word (head->path, sizeof head->path, path,
                  (size_t)(version - path)))
    return 414;
  if (head->method[0] == 0)
    return 400;
  /* A proxy's absolute form: the path counts. */
  if (strncasecmp (head->path, "http://", 7) == 0)
    {
      const char *slash = strchr (head->path + 7, '/');
      const char *rest = slash ? slash : "/";

      memmove (head->path, rest, strlen (rest) + 1);
    }
  if (head->path[0] != '/')
    return 400;
  version++;
  version_size = size - (size_t)(version - line);
  if (version_size != 8 || strncmp (version, "HTTP/1.", 7) != 0)
    return 505;
  head->keeps_alive = version[7] != '0';
  return 0;
}

/* 0, or the HTTP status to refuse with. */
static int
parse_head (DwHttpHead *head, const char *data, size_t size)
{
  const char *end = data + size;
  const char *line = data;
  bool has_length = false;
  bool is_first = true;

  memset (head, 0, sizeof *head);
  if (memchr (data, 0, size))
    return 400;
  while (line < end)
    {
      const char *newline = memchr (line, '\n', (size_t)(end - line));
      const char *stop = newline ? newline : end;
      const char *colon;
      const char *value;
      int status;

      if (stop > line && stop[-1] == '\r')
        stop--;
      if (stop == line)
        break;
      if (is_first)
        status = take_request_line (head, line, (size_t)(stop - line));
      else
        {
          colon = memchr (line, ':', (size_t)(stop - line));
          /* No folded lines, no name that ends in a space. */
          if (colon == NULL || colon == line || isspace ((unsigned char)*line)
              || isspace ((unsigned char)colon[-1]))
            return 400;
          value = colon + 1;
          while (value < stop && (*value == ' ' || *value == '\t'))
            value++;
          while (stop > value && (stop[-1] == ' ' || stop[-1] == '\t'))
            stop--;
          status = take_header (head, &has_length, line, (size_t)(colon - line),
                                value, (size_t)(stop - value));
        }
      if (status != 0)
        return status;
      is_first = false;
      line = newline ? newline + 1 : end;
    }
  if (is_first)
    return 400;
  if (head->is_chunked && has_length)
    return 400;
  return head->content_length > DW_HTTP_MAX_BODY ? 413 : 0;
}

/* The size of the head with its empty line; 0 while that is not there. */
static size_t
find_head_end (const char *data, size_t size)
{
  for (size_t i = 0; i + 1 < size; i++)
    {
      if (data[i] != '\n')
        continue;
      if (data[i + 1] == '\n')
        return i + 2;
      if (data[i + 1] == '\r' && i + 2 < size && data[i + 2] == '\n')
        return i + 3;
    }
  return 0;
}

/* Finds a whole line of the chunk framing at `scan`. */
static DwHttpProgress
chunk_line (DwHttpReader *reader, const char **line, size_t *line_size)
{
  const char *start = reader->data + reader->scan;
  const size_t left = reader->size - reader->scan;
  const char *newline = memchr (start, '\n', left);

  if (newline == NULL)
    return left > MAX_CHUNK_LINE ? refuse (reader, 400) : DW_HTTP_MORE;
  *line = start;
  *line_size = (size_t)(newline - start);
  if (*line_size > MAX_CHUNK_LINE)
    return refuse (reader, 400);
  if (*line_size > 0 && start[*line_size - 1] == '\r')
    (*line_size)--;
  reader->scan += (size_t)(newline - start) + 1;
  return DW_HTTP_READY;
}

static DwHttpProgress
begin_chunk (DwHttpReader *reader, const char *line, size_t size)
{
  size_t length = 0;
  size_t i = 0;

  for (; i < size && isxdigit ((unsigned char)line[i]); i++)
    {
      const int digit = tolower ((unsigned char)line[i]);

      length = length * 16
               + (size_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
      if (length > DW_HTTP_MAX_BODY)
        return refuse (reader, 413);
    }
  if (i == 0 || (i < size && line[i] != ';' && line[i] != ' '))
    return refuse (reader, 400);
  if (reader->body_size + length > DW_HTTP_MAX_BODY)
    return refuse (reader, 413);
  reader->chunk_left = length;
  reader->chunk_state = length > 0 ? CHUNK_DATA : CHUNK_TRAILER;
  return DW_HTTP_MORE;
}

static DwHttpProgress
read_chunks (DwHttpReader *reader)
{
  for (;;)
    {
      DwHttpProgress progress;
      const char *line = NULL;
      size_t size = 0;

      if (reader->chunk_state == CHUNK_DATA)
        {
          const size_t have = reader->size - reader->scan;
          const size_t n
              = have < reader->chunk_left ? have : reader->chunk_left;

          memmove (reader->data + reader->head_size + reader->body_size,
                   reader->data + reader->scan, n);
          reader->body_size += n;
          reader->scan += n;
          reader->chunk_left -= n;
          if (reader->chunk_left > 0)
            return DW_HTTP_MORE;
          reader->chunk_state = CHUNK_END;
        }
      progress = chunk_line (reader, &line, &size);
      if (progress != DW_HTTP_READY)
        return progress;
      if (reader->chunk_state == CHUNK_TRAILER && size == 0)
        return DW_HTTP_READY;
      if (reader->chunk_state == CHUNK_END)
        {
          if (size != 0)
            return refuse (reader, 400);
          reader->chunk_state = CHUNK_SIZE;
        }
      else if (reader->chunk_state == CHUNK_SIZE
               && begin_chunk (reader, line, size) == DW_HTTP_BROKEN)
        return DW_HTTP_BROKEN;
    }
}

static DwHttpProgress
progress_of (DwHttpReader *reader)
{
  int status;

  if (reader->head_size == 0)
    {
      /* Empty lines before a request are allowed, and skipped. */
      size_t blank = 0;
      size_t head_size;

      while (blank < reader->size
             && (reader->data[blank] == '\r' || reader->data[blank] == '\n'))
        blank++;
      reader->size -= blank;
      memmove (reader->data, reader->data + blank, reader->size);
      head_size = find_head_end (reader->data, reader->size);
      if (head_size > DW_HTTP_MAX_HEAD
          || (head_size == 0 && reader->size > DW_HTTP_MAX_HEAD))
        return refuse (reader, 431);
      if (head_size == 0)
        return DW_HTTP_MORE;
      status = parse_head (&reader->head, reader->data, head_size);
      if (status != 0)
        return refuse (reader, status);
      reader->head_size = reader->scan = head_size;
    }
  if (reader->head.is_chunked)
    return read_chunks (reader);
  reader->body_size = reader->head.content_length;
  reader->scan = reader->head_size + reader->body_size;
  return reader->size >= reader->scan ? DW_HTTP_READY : DW_HTTP_MORE;
}

void
dw_http_reader_finish (DwHttpReader *reader)
{
  free (reader->data);
  memset (reader, 0, sizeof *reader);
}

DwHttpProgress
dw_http_reader_push (DwHttpReader *reader, const char *bytes, size_t n_bytes)
{
  /* Chunk framing may be as long as the data it frames. */
  const size_t limit = DW_HTTP_MAX_HEAD + 2 * (size_t)DW_HTTP_MAX_BODY;

  if (n_bytes > limit - reader->size)
    return refuse (reader, 413);
  if (reader->size + n_bytes + 1 > reader->capacity)
    {
      const size_t capacity = (reader->size + n_bytes + 1) * 3 / 2 + 1024;
      char *data = realloc (reader->data, capacity);

      if (data == NULL)
        return refuse (reader, 503);
      reader->data = data;
      reader->capacity = capacity;
    }
  if (n_bytes > 0)
    memcpy (reader->data + reader->size, bytes, n_bytes);
  reader->size += n_bytes;
  return progress_of (reader);
}

DwHttpProgress
dw_http_reader_next (DwHttpReader *reader)
{
  const size_t rest = reader->size - reader->scan;
  DwHttpReader fresh
      = { .data = reader->data, .size = rest, .capacity = reader->capacity };

  if (rest > 0)
    memmove (fresh.data, fresh.data + reader->scan, rest);
  *reader = fresh;
  if (rest == 0)
    {
      /* An idle connection holds no memory. */
      dw_http_reader_finish (reader);
      return DW_HTTP_MORE;
    }
  return progress_of (reader);
}

const char *
dw_http_reader_body (const DwHttpReader *reader)
{
  return reader->data + reader->head_size;
}

static const char *
reason_of (int status)
{
  const struct
  {
    int status;
    const char *reason;
  } table[] = {
    { 200, "OK" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 408, "Request Timeout" },
    { 413, "Content Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 417, "Expectation Failed" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
    { 505, "HTTP Version Not Supported" },
  };

  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].status == status)
      return table[i].reason;
  return status < 400 ? "OK" : "Error";
}

DwStatus
dw_http_reply_format (const DwHttpReply *reply, char **out, size_t *out_size)
{
  const size_t room
      = 512 + (reply->headers ? strlen (reply->headers) : 0)
        + (reply->content_type ? strlen (reply->content_type) : 0);
  const size_t body_size = reply->is_head ? 0 : reply->body_size;
  char *data;
  int n;

  *out = NULL;
  *out_size = 0;
  data = malloc (room + body_size);
  if (data == NULL)
    return DW_ERROR_NO_MEMORY;
  n = snprintf (data, room,
                "HTTP/1.1 %d %s\r\nServer: Doorward\r\n%s%s%s"
                "Content-Length: %zu\r\nCache-Control: no-store\r\n"
                "Connection: %s\r\n%s\r\n",
                reply->status, reason_of (reply->status),
                reply->content_type ? "Content-Type: " : "",
                reply->content_type ? reply->content_type : "",
                reply->content_type ? "\r\n" : "", reply->body_size,
                reply->keeps_alive ? "keep-alive" : "close",
                reply->headers ? reply->headers : "");
  if (body_size > 0)
    memcpy (data + n, reply->body, body_size);
  *out = data;
  *out_size = (size_t)n + body_size;
  return DW_OK;
}
