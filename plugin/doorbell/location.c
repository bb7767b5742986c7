/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes a location apart by the grammar of RFC 3986, as far as a doorbell
 * needs it. */
#include "location.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct
{
  const char *start;
  size_t size;
} Part;

static bool
has_scheme (Part scheme, const char *name)
{
  return strlen (name) == scheme.size
         && strncasecmp (scheme.start, name, scheme.size) == 0;
}

static DwLocationKind
kind_of_scheme (Part scheme)
{
  static const char *const rtsp[] = { "rtsp",  "rtspu",  "rtspt",  "rtsph",
                                      "rtsps", "rtspsu", "rtspst", "rtspsh" };

  if (has_scheme (scheme, "onvif") || has_scheme (scheme, "http")
      || has_scheme (scheme, "https"))
    return DW_LOCATION_ONVIF;
  for (size_t i = 0; i < sizeof rtsp / sizeof rtsp[0]; i++)
    if (has_scheme (scheme, rtsp[i]))
      return DW_LOCATION_RTSP;
  return DW_LOCATION_NONE;
}

static int
hex_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)tolower ((unsigned char)c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False for a broken escape, an escaped zero, or a part that does not fit. */
static bool
decode (Part part, char out[DW_LOCATION_TEXT])
{
  size_t used = 0;

  for (size_t i = 0; i < part.size; i++)
    {
      int value = (unsigned char)part.start[i];

      if (value == '%')
        {
          if (part.size - i < 3 || hex_value (part.start[i + 1]) < 0
              || hex_value (part.start[i + 2]) < 0)
            return false;
          value = hex_value (part.start[i + 1]) * 16
                  + hex_value (part.start[i + 2]);
          i += 2;
        }
      if (used + 1 >= DW_LOCATION_TEXT || value == 0)
        return false;
      out[used++] = (char)value;
    }
  out[used] = '\0';
  return true;
}

static bool
copy_part (Part part, char out[DW_LOCATION_TEXT])
{
  if (part.size >= DW_LOCATION_TEXT)
    return false;
  memcpy (out, part.start, part.size);
  out[part.size] = '\0';
  return true;
}

static bool
is_clean (const char *text)
{
  for (const char *c = text; *c; c++)
    if ((unsigned char)*c <= ' ' || *c == 0x7f)
      return false;
  return true;
}

static bool
parse_port (Part part, uint16_t *out)
{
  unsigned long value = 0;

  for (size_t i = 0; i < part.size; i++)
    {
      if (!isdigit ((unsigned char)part.start[i]) || value > UINT16_MAX)
        return false;
      value = value * 10 + (unsigned long)(part.start[i] - '0');
    }
  if (part.size == 0 || value == 0 || value > UINT16_MAX)
    return false;
  *out = (uint16_t)value;
  return true;
}

/* HOST, HOST:PORT or [v6]:PORT; an IPv6 address needs its brackets. */
static bool
parse_host (Part part, DwLocation *out)
{
  const char *colon = memchr (part.start, ':', part.size);
  Part host = part;
  Part port = { NULL, 0 };

  if (part.size > 0 && part.start[0] == '[')
    {
      const char *end = memchr (part.start, ']', part.size);

      if (end == NULL)
        return false;
      host = (Part){ part.start + 1, (size_t)(end - part.start) - 1 };
      colon = end + 1 < part.start + part.size ? end + 1 : NULL;
      if (colon && *colon != ':')
        return false;
    }
  else if (colon)
    host.size = (size_t)(colon - part.start);
  if (colon)
    {
      port.start = colon + 1;
      port.size = (size_t)(part.start + part.size - port.start);
      if (!parse_port (port, &out->port))
        return false;
    }
  return host.size > 0 && copy_part (host, out->host);
}

static bool
parse_user (Part part, DwLocation *out)
{
  const char *colon = memchr (part.start, ':', part.size);
  Part user = part;

  if (colon)
    {
      Part password = { colon + 1, 0 };

      user.size = (size_t)(colon - part.start);
      password.size = part.size - user.size - 1;
      if (!decode (password, out->password))
        return false;
    }
  return decode (user, out->user);
}

/* The scheme, the authority without the user, and all that follows it. */
static bool
join_uri (Part scheme, const char *after_user, DwLocation *out)
{
  const size_t rest = strlen (after_user);

  if (scheme.size + 3 + rest >= sizeof out->uri)
    return false;
  for (size_t i = 0; i < scheme.size; i++)
    out->uri[i] = (char)tolower ((unsigned char)scheme.start[i]);
  memcpy (out->uri + scheme.size, "://", 3);
  memcpy (out->uri + scheme.size + 3, after_user, rest + 1);
  return true;
}

/* Last '@' of the authority: a careless password may hold another one. */
static const char *
find_user_end (Part authority)
{
  for (size_t i = authority.size; i > 0; i--)
    if (authority.start[i - 1] == '@')
      return authority.start + i - 1;
  return NULL;
}

static bool
parse_authority (Part scheme, const char *start, DwLocation *out)
{
  Part authority = { start, strcspn (start, "/?#") };
  const char *user_end = find_user_end (authority);

  if (user_end)
    {
      Part user = { start, (size_t)(user_end - start) };

      if (!parse_user (user, out))
        return false;
      authority.start = user_end + 1;
      authority.size -= user.size + 1;
    }
  if (!is_clean (authority.start) || !join_uri (scheme, authority.start, out))
    return false;
  if (authority.size == 0 && has_scheme (scheme, "onvif")
      && authority.start[strspn (authority.start, "/")] == '\0')
    {
      out->kind = DW_LOCATION_DISCOVER;
      strcpy (out->uri, "onvif://");
      return true;
    }
  return parse_host (authority, out);
}

DwStatus
dw_location_parse (const char *text, DwLocation *out, DwError *error)
{
  const char *colon = text ? strstr (text, "://") : NULL;
  Part scheme = { text, 0 };

  memset (out, 0, sizeof *out);
  if (colon)
    {
      scheme.size = (size_t)(colon - text);
      out->kind = kind_of_scheme (scheme);
    }
  if (colon == NULL || out->kind == DW_LOCATION_NONE)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "a doorbell's location starts with onvif://, "
                         "http://, https:// or rtsp://");
  if (!parse_authority (scheme, colon + 3, out))
    {
      memset (out, 0, sizeof *out);
      return dw_error_set (error, DW_ERROR_INVALID,
                           "a doorbell's location looks like "
                           "onvif://[user:password@]HOST[:PORT][/path]; "
                           "special characters of the password as %%XX");
    }
  return DW_OK;
}
