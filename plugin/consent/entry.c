/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes and reads the canonical bodies of ledger entries. Nothing written
 * here needs escaping (see dw_name_is_valid ()), and no locale is asked. */
#include "entry.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MILLION 1000000

typedef struct
{
  char *text;
  size_t length;
} Writer;

__attribute__ ((format (printf, 2, 3))) static void
put (Writer *writer, const char *format, ...)
{
  size_t room = DW_ENTRY_BODY_SIZE - writer->length;
  va_list arguments;
  int n;

  va_start (arguments, format);
  n = vsnprintf (writer->text + writer->length, room, format, arguments);
  va_end (arguments);
  if (n > 0)
    writer->length += (size_t)n < room ? (size_t)n : room - 1;
}

static int
millionths (float coordinate)
{
  return (int)(coordinate * (double)MILLION + 0.5);
}

static void
put_regions (Writer *writer, const DwGrant *grant)
{
  put (writer, "[");
  for (size_t i = 0; i < grant->n_regions; i++)
    {
      const DwPolygon *region = &grant->regions[i];

      put (writer, i ? ",[" : "[");
      for (int k = 0; k < region->n_points; k++)
        put (writer, k ? ",[%d,%d]" : "[%d,%d]",
             millionths (region->points[k].x),
             millionths (region->points[k].y));
      put (writer, "]");
    }
  put (writer, "]");
}

void
dw_entry_write_grant (const DwGrant *grant, char out[DW_ENTRY_BODY_SIZE])
{
  const DwShareKey *share = &grant->share;
  Writer writer = { 0 };

  writer.text = out;
  put (&writer, "{\"camera\":\"%s\",\"recipient\":\"%s\",\"class\":\"%s\"",
       share->camera, share->recipient, dw_class_text (share->recipient_class));
  put (&writer, ",\"purpose\":\"%s\",\"case\":\"%s\",\"consent\":\"%s\"",
       share->purpose, share->case_number, share->consent_hash);
  put (&writer, ",\"live\":%s", share->is_live ? "true" : "false");
  put (&writer, ",\"footage\":[%" PRId64 ",%" PRId64 "]",
       grant->footage_from_ns, grant->footage_until_ns);
  put (&writer, ",\"valid\":[%" PRId64 ",%" PRId64 "]", grant->valid_from_ns,
       grant->valid_until_ns);
  put (&writer, ",\"level\":\"%s\",\"audio\":%s,\"regions\":",
       dw_level_text (grant->level), grant->has_audio ? "true" : "false");
  put_regions (&writer, grant);
  put (&writer, "}");
}

void
dw_entry_write_revocation (uint64_t sequence, char out[DW_ENTRY_BODY_SIZE])
{
  snprintf (out, DW_ENTRY_BODY_SIZE, "{\"grant\":%" PRIu64 "}", sequence);
}

/* Each of these moves `*at` on over what it has read. */

static bool
take (const char **at, const char *text)
{
  const size_t length = strlen (text);

  if (strncmp (*at, text, length) != 0)
    return false;
  *at += length;
  return true;
}

static bool
take_string (const char **at, const char *key, char *out, size_t size)
{
  size_t length;

  if (!take (at, key))
    return false;
  length = strcspn (*at, "\"\\");
  if (length >= size || (*at)[length] != '"')
    return false;
  memcpy (out, *at, length);
  out[length] = '\0';
  *at += length + 1;
  return true;
}

static bool
take_bool (const char **at, const char *key, bool *out)
{
  if (!take (at, key))
    return false;
  *out = take (at, "true");
  return *out || take (at, "false");
}

/* A whole number from 0; a sign or a leading zero is not canonical and is
 * found when the body is written again. */
static bool
take_number (const char **at, const char *key, int64_t *out)
{
  if (!take (at, key) || **at < '0' || **at > '9')
    return false;
  for (*out = 0; **at >= '0' && **at <= '9'; (*at)++)
    {
      if (*out > (INT64_MAX - (**at - '0')) / 10)
        return false;
      *out = *out * 10 + (**at - '0');
    }
  return true;
}

static bool
take_region (const char **at, DwPolygon *out)
{
  int64_t x, y;

  do
    {
      if (out->n_points == DW_MAX_POLYGON_POINTS || !take_number (at, "[", &x)
          || !take_number (at, ",", &y) || !take (at, "]") || x > MILLION
          || y > MILLION)
        return false;
      out->points[out->n_points].x = (float)((double)x / MILLION);
      out->points[out->n_points].y = (float)((double)y / MILLION);
      out->n_points++;
    }
  while (take (at, ","));
  return take (at, "]");
}

static bool
take_regions (const char **at, DwGrant *out)
{
  if (!take (at, ",\"regions\":["))
    return false;
  if (take (at, "]"))
    return true;
  do
    if (out->n_regions == DW_GRANT_MAX_REGIONS || !take (at, "[")
        || !take_region (at, &out->regions[out->n_regions++]))
      return false;
  while (take (at, ","));
  return take (at, "]");
}

static bool
take_grant (const char **at, DwGrant *out)
{
  DwShareKey *share = &out->share;
  char text[DW_TEXT_LENGTH];

  if (!take_string (at, "{\"camera\":\"", share->camera, DW_TEXT_LENGTH)
      || !take_string (at, ",\"recipient\":\"", share->recipient,
                       DW_TEXT_LENGTH)
      || !take_string (at, ",\"class\":\"", text, sizeof text)
      || dw_class_parse (text, &share->recipient_class) != DW_OK
      || !take_string (at, ",\"purpose\":\"", share->purpose, DW_TEXT_LENGTH)
      || !take_string (at, ",\"case\":\"", share->case_number, DW_TEXT_LENGTH)
      || !take_string (at, ",\"consent\":\"", share->consent_hash,
                       sizeof share->consent_hash)
      || !take_bool (at, ",\"live\":", &share->is_live))
    return false;
  return take_number (at, ",\"footage\":[", &out->footage_from_ns)
         && take_number (at, ",", &out->footage_until_ns)
         && take_number (at, "],\"valid\":[", &out->valid_from_ns)
         && take_number (at, ",", &out->valid_until_ns)
         && take_string (at, "],\"level\":\"", text, sizeof text)
         && dw_level_parse (text, &out->level) == DW_OK
         && take_bool (at, ",\"audio\":", &out->has_audio)
         && take_regions (at, out) && take (at, "}") && **at == '\0';
}

DwStatus
dw_entry_read_grant (const char *body, DwGrant *out)
{
  char again[DW_ENTRY_BODY_SIZE];
  const char *at = body;
  DwGrant damaged = { .is_damaged = true };

  memset (out, 0, sizeof *out);
  if (take_grant (&at, out) && dw_grant_check (out, NULL) == DW_OK)
    {
      dw_entry_write_grant (out, again);
      if (strcmp (again, body) == 0)
        return DW_OK;
    }
  memcpy (damaged.share.camera, out->share.camera, DW_TEXT_LENGTH);
  memcpy (damaged.share.recipient, out->share.recipient, DW_TEXT_LENGTH);
  *out = damaged;
  return DW_ERROR_INVALID;
}

DwStatus
dw_entry_read_revocation (const char *body, uint64_t *sequence)
{
  char again[DW_ENTRY_BODY_SIZE];
  const char *at = body;
  int64_t number;

  *sequence = 0;
  if (!take_number (&at, "{\"grant\":", &number) || number == 0)
    return DW_ERROR_INVALID;
  dw_entry_write_revocation ((uint64_t)number, again);
  if (strcmp (again, body) != 0)
    return DW_ERROR_INVALID;
  *sequence = (uint64_t)number;
  return DW_OK;
}
