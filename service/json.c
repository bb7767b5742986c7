/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The little JSON that the program prints. */
#include "json.h"

#include "timebase.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>

/* The length of the UTF-8 sequence at `text`, 0 when it is none: Unicode 15,
 * table 3-7 (no surrogates, no overlong forms, nothing above U+10FFFF). */
static size_t
utf8_length (const unsigned char *text)
{
  const unsigned char lead = text[0];
  unsigned char low = 0x80, high = 0xbf;
  size_t length;

  if (lead < 0x80)
    return 1;
  if (lead < 0xc2 || lead > 0xf4)
    return 0;
  length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead == 0xe0)
    low = 0xa0;
  else if (lead == 0xed)
    high = 0x9f;
  else if (lead == 0xf0)
    low = 0x90;
  else if (lead == 0xf4)
    high = 0x8f;
  if (text[1] < low || text[1] > high)
    return 0;
  for (size_t i = 2; i < length; i++)
    if (text[i] < 0x80 || text[i] > 0xbf)
      return 0;
  return length;
}

static void
put_string (FILE *out, const char *text)
{
  const unsigned char *at = (const unsigned char *)text;

  putc ('"', out);
  while (*at != '\0')
    {
      size_t length = utf8_length (at);

      if (length == 0)
        {
          fputs ("\\ufffd", out);
          at++;
          continue;
        }
      if (*at == '"' || *at == '\\')
        fprintf (out, "\\%c", *at);
      else if (*at < 0x20 || *at == 0x7f)
        fprintf (out, "\\u%04x", *at);
      else
        fwrite (at, 1, length, out);
      at += length;
    }
  putc ('"', out);
}

static void
begin_value (DwJson *json, const char *key)
{
  if (json->depth > 0)
    {
      if (json->has_members[json->depth - 1])
        putc (',', json->out);
      json->has_members[json->depth - 1] = true;
      fprintf (json->out, "\n%*s", 2 * json->depth, "");
    }
  if (key != NULL)
    {
      put_string (json->out, key);
      fputs (": ", json->out);
    }
}

static void
begin_group (DwJson *json, const char *key, char bracket)
{
  assert (json->depth < DW_JSON_MAX_DEPTH);
  begin_value (json, key);
  putc (bracket, json->out);
  json->has_members[json->depth++] = false;
}

static void
end_group (DwJson *json, char bracket)
{
  assert (json->depth > 0);
  json->depth--;
  if (json->has_members[json->depth])
    fprintf (json->out, "\n%*s", 2 * json->depth, "");
  putc (bracket, json->out);
  if (json->depth == 0)
    putc ('\n', json->out);
}

void
dw_json_begin_object (DwJson *json, const char *key)
{
  begin_group (json, key, '{');
}

void
dw_json_end_object (DwJson *json)
{
  end_group (json, '}');
}

void
dw_json_begin_array (DwJson *json, const char *key)
{
  begin_group (json, key, '[');
}

void
dw_json_end_array (DwJson *json)
{
  end_group (json, ']');
}

void
dw_json_text (DwJson *json, const char *key, const char *text)
{
  begin_value (json, key);
  if (text != NULL)
    put_string (json->out, text);
  else
    fputs ("null", json->out);
}

void
dw_json_number (DwJson *json, const char *key, int64_t number)
{
  begin_value (json, key);
  fprintf (json->out, "%" PRId64, number);
}

void
dw_json_real (DwJson *json, const char *key, double number)
{
  char text[64];

  begin_value (json, key);
  snprintf (text, sizeof text, "%.6g", number);
  /* The locale's decimal sign is not JSON's. */
  for (char *at = text; *at != '\0'; at++)
    if (*at == ',')
      *at = '.';
  fputs (text, json->out);
}

void
dw_json_bool (DwJson *json, const char *key, bool value)
{
  begin_value (json, key);
  fputs (value ? "true" : "false", json->out);
}

void
dw_json_time (DwJson *json, const char *key, int64_t utc_ns)
{
  char text[DW_TIME_TEXT];

  dw_json_text (json, key, utc_ns ? dw_time_format (utc_ns, text) : NULL);
}
