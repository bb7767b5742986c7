/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of a stranger, made fit to keep and to show. */
#include "text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Bytes of the well-formed UTF-8 character at `at` (RFC 3629), 0 for none. */
static size_t
character_size (const unsigned char *at)
{
  size_t size = at[0] < 0x80                     ? 1
                : at[0] >= 0xc2 && at[0] <= 0xdf ? 2
                : at[0] >= 0xe0 && at[0] <= 0xef ? 3
                : at[0] >= 0xf0 && at[0] <= 0xf4 ? 4
                                                 : 0;

  for (size_t i = 1; i < size; i++)
    if ((at[i] & 0xc0) != 0x80)
      return 0;
  if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f)
      || (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
    return 0;
  return size;
}

void
dw_text_copy (char *out, size_t size, const char *text)
{
  const unsigned char *at = (const unsigned char *)(text ? text : "");
  size_t used = 0;

  while (isspace (*at))
    at++;
  while (*at)
    {
      size_t length = character_size (at);
      bool is_good = length > 1 || (length == 1 && *at >= ' ' && *at != 0x7f);

      length = length > 0 ? length : 1;
      if (used + length + 1 > size)
        break;
      if (is_good)
        memcpy (out + used, at, length);
      else
        out[used] = isspace (*at) ? ' ' : '?';
      used += is_good ? length : 1;
      at += length;
    }
  while (used > 0 && out[used - 1] == ' ')
    used--;
  out[used] = '\0';
}

void
dw_text_keep (char *out, size_t size, const char *text)
{
  size_t length = strlen (text);

  if (length >= size)
    length = size - 1;
  memcpy (out, text, length);
  out[length] = '\0';
}

bool
dw_text_contains (const char *text, const char *part)
{
  size_t length = strlen (part);

  for (; strlen (text) >= length; text++)
    if (strncasecmp (text, part, length) == 0)
      return true;
  return false;
}
