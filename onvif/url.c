/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as people and devices write them. */
#include "url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
hex_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)tolower ((unsigned char)c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
dw_url_decode (const char *text, size_t length, char *out, size_t size)
{
  size_t used = 0;

  for (size_t i = 0; i < length && used + 1 < size; i++)
    {
      int high = i + 2 < length ? hex_value (text[i + 1]) : -1;
      int low = i + 2 < length ? hex_value (text[i + 2]) : -1;

      if (text[i] == '%' && high >= 0 && low >= 0 && high + low > 0)
        {
          out[used++] = (char)(high * 16 + low);
          i += 2;
        }
      else
        out[used++] = text[i];
    }
  out[used] = '\0';
}

static bool
copy_part (char *out, size_t size, const char *text, size_t length)
{
  if (length >= size)
    return false;
  memcpy (out, text, length);
  out[length] = '\0';
  return true;
}

static bool
has_bad_character (const char *text)
{
  for (; *text; text++)
    if ((unsigned char)*text <= ' ' || *text == 0x7f || *text == '"'
        || *text == '<' || *text == '>')
      return true;
  return false;
}

/* "8106" or "8106:8106"; a different second port is refused. */
static bool
read_port (const char *text, size_t length, uint16_t *out)
{
  char copy[16], *end;
  long port;

  *out = 0;
  if (length == 0)
    return true;
  if (!copy_part (copy, sizeof copy, text, length)
      || !isdigit ((unsigned char)copy[0]))
    return false;
  port = strtol (copy, &end, 10);
  if (port < 1 || port > 65535)
    return false;
  if (*end == ':' && strtol (end + 1, &end, 10) != port)
    return false;
  *out = (uint16_t)port;
  return *end == '\0';
}

static bool
read_host (const char *text, size_t length, DwUrl *out)
{
  const char *end, *colon;
  struct in6_addr address;

  if (length > 0 && text[0] == '[')
    {
      end = memchr (text, ']', length);
      if (end == NULL
          || !copy_part (out->host, sizeof out->host, text + 1,
                         (size_t)(end - text) - 1))
        return false;
      length -= (size_t)(end + 1 - text);
      if (length == 0)
        return true;
      return end[1] == ':' && read_port (end + 2, length - 1, &out->port);
    }
  /* An IPv6 address without its brackets. */
  if (copy_part (out->host, sizeof out->host, text, length)
      && inet_pton (AF_INET6, out->host, &address) == 1)
    return true;
  colon = memchr (text, ':', length);
  end = colon ? colon : text + length;
  if (!copy_part (out->host, sizeof out->host, text, (size_t)(end - text)))
    return false;
  if (strchr (out->host, '[') || strchr (out->host, ']'))
    return false;
  return colon == NULL
         || read_port (colon + 1, length - (size_t)(colon + 1 - text),
                       &out->port);
}

static void
read_credentials (const char *text, size_t length, DwUrl *out)
{
  const char *colon = memchr (text, ':', length);
  size_t user = colon ? (size_t)(colon - text) : length;

  dw_url_decode (text, user, out->user, sizeof out->user);
  if (colon)
    dw_url_decode (colon + 1, length - user - 1, out->password,
                   sizeof out->password);
}

DwStatus
dw_url_parse (const char *text, const char *scheme, DwUrl *out)
{
  const char *rest, *at, *stop;
  size_t length;

  memset (out, 0, sizeof *out);
  if (text == NULL || has_bad_character (text))
    return DW_ERROR_INVALID;
  rest = strstr (text, "://");
  if (rest && strcspn (text, "/?#@[") < (size_t)(rest - text))
    rest = NULL;
  length = rest ? (size_t)(rest - text) : strlen (scheme);
  if (!copy_part (out->scheme, sizeof out->scheme, rest ? text : scheme,
                  length))
    return DW_ERROR_INVALID;
  for (char *c = out->scheme; *c; c++)
    *c = (char)tolower ((unsigned char)*c);
  rest = rest ? rest + 3 : text;
  length = strcspn (rest, "/?#");
  stop = rest + length;
  /* A password may hold an '@' that nobody encoded. */
  for (at = stop; at > rest && at[-1] != '@'; at--)
    ;
  if (at > rest)
    read_credentials (rest, (size_t)(at - 1 - rest), out);
  if (!read_host (at, (size_t)(stop - at), out))
    return DW_ERROR_INVALID;
  if (*stop != '\0' && *stop != '/')
    out->path[0] = '/';
  length = strlen (stop);
  if (!copy_part (out->path + strlen (out->path),
                  sizeof out->path - strlen (out->path), stop, length))
    return DW_ERROR_LIMIT;
  return DW_OK;
}

DwStatus
dw_url_format (const DwUrl *url, char out[DW_ONVIF_URI])
{
  bool is_ipv6 = strchr (url->host, ':') != NULL;
  char port[8] = "";
  int length;

  if (url->port != 0)
    snprintf (port, sizeof port, ":%u", url->port);
  length = snprintf (out, DW_ONVIF_URI, "%s://%s%s%s%s%s", url->scheme,
                     is_ipv6 ? "[" : "", url->host, is_ipv6 ? "]" : "", port,
                     url->path);
  if (length < DW_ONVIF_URI)
    return DW_OK;
  out[0] = '\0';
  return DW_ERROR_LIMIT;
}

uint16_t
dw_url_port (const DwUrl *url)
{
  if (url->port != 0)
    return url->port;
  if (strcmp (url->scheme, "http") == 0 || strcmp (url->scheme, "onvif") == 0)
    return 80;
  if (strcmp (url->scheme, "https") == 0)
    return 443;
  if (strcmp (url->scheme, "rtsp") == 0)
    return 554;
  return 0;
}

static bool
is_loopback (const char *host)
{
  return strncmp (host, "127.", 4) == 0 || strcmp (host, "::1") == 0
         || strcasecmp (host, "localhost") == 0;
}

static bool
is_link_local (const char *host)
{
  return strncmp (host, "169.254.", 8) == 0
         || strncasecmp (host, "fe80:", 5) == 0;
}

bool
dw_url_host_is_usable (const char *host, const char *peer)
{
  if (host[0] == '\0' || strcmp (host, "0.0.0.0") == 0
      || strcmp (host, "::") == 0)
    return false;
  if (is_loopback (host))
    return is_loopback (peer);
  if (is_link_local (host))
    return is_link_local (peer);
  return true;
}
