/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and describing single values. */
#include "values.h"

#include "secrets.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* More digits than this are no measure of anything here. */
#define MAX_DIGITS 9

/* Reads "-12.5" and leaves *end after it; false when there is no number. */
static bool
read_decimal (const char *text, const char **end, double *out)
{
  const bool is_negative = *text == '-';
  const char *at = text + is_negative;
  double value = 0, unit = 1;
  int n_digits = 0;

  for (; *at >= '0' && *at <= '9'; at++, n_digits++)
    value = value * 10 + (*at - '0');
  if (n_digits > 0 && *at == '.' && at[1] >= '0' && at[1] <= '9')
    for (at++; *at >= '0' && *at <= '9'; at++, n_digits++)
      {
        unit /= 10;
        value += (*at - '0') * unit;
      }
  *end = at;
  *out = is_negative ? -value : value;
  return n_digits > 0 && n_digits <= MAX_DIGITS;
}

static bool
is_within (const DwRow *row, double value)
{
  /* A float between the bounds may lie beside a bound that is no float. */
  return value >= row->min - 1e-9 && value <= row->max + 1e-9;
}

static bool
set_milliseconds (const DwRow *row, const char *text, uint32_t *out)
{
  static const struct
  {
    const char *name;
    double ms;
  } units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
  const char *unit;
  double value;

  if (!read_decimal (text, &unit, &value))
    return false;
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
    if (strcmp (unit, units[i].name) == 0)
      {
        value *= units[i].ms;
        if (!is_within (row, value) || value < 0)
          return false;
        *out = (uint32_t)(value + 0.5);
        return true;
      }
  return false;
}

static bool
read_fraction (const char *text, double *out)
{
  const char *end;

  if (!read_decimal (text, &end, out))
    return false;
  if (strcmp (end, "%") == 0 || strcmp (end, " %") == 0)
    *out /= 100;
  else if (*end != '\0')
    return false;
  return true;
}

static bool
set_float (const DwRow *row, const char *text, float *out)
{
  const char *end;
  double value;

  if (row->kind == DW_VALUE_FRACTION)
    {
      if (!read_fraction (text, &value))
        return false;
    }
  else if (!read_decimal (text, &end, &value) || *end != '\0')
    return false;
  if (!is_within (row, value))
    return false;
  *out = (float)value;
  return true;
}

bool
dw_text_set (const DwRow *row, const char *text, char *out)
{
  const size_t length = strlen (text);

  if (length == 0 || length > (size_t)row->max)
    return false;
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
      return false;
  memcpy (out, text, length + 1);
  return true;
}

/* A scheme and "://", no spaces, and nobody's password before the host. */
static bool
is_uri (const char *text)
{
  const char *host = strstr (text, "://");

  if (host == NULL || host == text || strchr (text, ' ') != NULL)
    return false;
  for (const char *c = text; c < host; c++)
    if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9')))
      return false;
  host += 3;
  return *host != '\0' && memchr (host, '@', strcspn (host, "/?#")) == NULL;
}

static bool
set_word (const DwRow *row, const char *text, char *out)
{
  for (size_t i = 0; row->words[i] != NULL; i++)
    if (strcmp (row->words[i], text) == 0)
      return dw_text_set (row, text, out);
  return false;
}

static bool
read_bool (const char *text, bool *out)
{
  *out = strcmp (text, "true") == 0 || strcmp (text, "yes") == 0;
  return *out || strcmp (text, "false") == 0 || strcmp (text, "no") == 0;
}

bool
dw_value_set (const DwRow *row, const char *text, void *target)
{
  DwRecipientClass recipient_class;

  switch (row->kind)
    {
    case DW_VALUE_TEXT:
    case DW_VALUE_PATH:
      return dw_text_set (row, text, target);
    case DW_VALUE_URI:
      return is_uri (text) && dw_text_set (row, text, target);
    case DW_VALUE_WORD:
      return set_word (row, text, target);
    case DW_VALUE_MILLISECONDS:
      return set_milliseconds (row, text, target);
    case DW_VALUE_FRACTION:
    case DW_VALUE_NUMBER:
      return set_float (row, text, target);
    case DW_VALUE_CLASS:
      if (dw_class_parse (text, &recipient_class) != DW_OK
          || recipient_class == DW_CLASS_NONE)
        return false;
      *(DwRecipientClass *)target = recipient_class;
      return true;
    default:
      return false;
    }
}

char *
dw_decimal_format (double value, char out[DW_DECIMAL])
{
  const long scaled = (long)(value * 10000 + (value < 0 ? -0.5 : 0.5));
  const long part = scaled < 0 ? -(scaled % 10000) : scaled % 10000;
  size_t length;

  snprintf (out, DW_DECIMAL, "%s%ld.%04ld", scaled < 0 ? "-" : "",
            scaled < 0 ? -scaled / 10000 : scaled / 10000, part);
  for (length = strlen (out); out[length - 1] == '0';)
    out[--length] = '\0';
  if (out[length - 1] == '.')
    out[--length] = '\0';
  return out;
}

static void
join_words (const char *const *words, char *out, size_t size)
{
  size_t length = 0;

  for (size_t i = 0; words[i] != NULL && length < size; i++)
    length += (size_t)snprintf (out + length, size - length, "%s%s",
                                i == 0                 ? ""
                                : words[i + 1] == NULL ? " or "
                                                       : ", ",
                                words[i]);
}

char *
dw_value_expected (const DwRow *row, char out[DW_EXPECTED])
{
  const bool is_share = row->kind == DW_VALUE_FRACTION;
  char min[DW_DECIMAL], max[DW_DECIMAL];

  dw_decimal_format (row->min * (is_share ? 100 : 1), min);
  dw_decimal_format (row->max * (is_share ? 100 : 1), max);
  out[0] = '\0';
  switch (row->kind)
    {
    case DW_VALUE_MILLISECONDS:
      snprintf (out, DW_EXPECTED, "%s..%s ms, such as 800ms, 1s or 2m", min,
                max);
      break;
    case DW_VALUE_FRACTION:
      snprintf (out, DW_EXPECTED, "%s%%..%s%%, such as 50%% or 0.5", min, max);
      break;
    case DW_VALUE_NUMBER:
      snprintf (out, DW_EXPECTED, "%s..%s", min, max);
      break;
    case DW_VALUE_URI:
      snprintf (out, DW_EXPECTED,
                "a location such as onvif://HOST, without user and password");
      break;
    case DW_VALUE_WORD:
      join_words (row->words, out, DW_EXPECTED);
      break;
    case DW_VALUE_CLASS:
      snprintf (out, DW_EXPECTED,
                "household, neighbour, community, police, vendor or public");
      break;
    case DW_VALUE_CEILING_LEVEL:
      snprintf (out, DW_EXPECTED, "nothing, masked, blurred or clear");
      break;
    case DW_VALUE_CEILING_DEMAND:
    case DW_VALUE_CEILING_ALLOWED:
      snprintf (out, DW_EXPECTED, "true or false");
      break;
    default:
      snprintf (out, DW_EXPECTED, "a text of 1 to %s characters", max);
      break;
    }
  return out;
}

char *
dw_node_describe (const DwNode *node, char out[DW_QUOTED])
{
  static const char *const names[] = { [DW_NODE_NOTHING] = "nothing",
                                       [DW_NODE_LIST] = "a list",
                                       [DW_NODE_MAP] = "a map" };

  if (node->kind == DW_NODE_TEXT)
    return dw_quote (node->text, out);
  snprintf (out, DW_QUOTED, "%s", names[node->kind]);
  return out;
}

size_t
dw_loader_enter (DwLoader *loader, const char *key)
{
  const size_t length = strlen (loader->path);

  snprintf (loader->path + length, sizeof loader->path - length, "%s%.63s",
            length > 0 ? "." : "", key);
  for (char *c = loader->path + length; *c != '\0'; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f)
      *c = '?';
  return length;
}

size_t
dw_loader_enter_index (DwLoader *loader, size_t index)
{
  const size_t length = strlen (loader->path);

  snprintf (loader->path + length, sizeof loader->path - length, "[%zu]",
            index);
  return length;
}

void
dw_loader_leave (DwLoader *loader, size_t length)
{
  loader->path[length] = '\0';
}

void
dw_loader_complain (DwLoader *loader, const DwNode *node, const char *format,
                    ...)
{
  char text[sizeof loader->diagnostics->errors[0].text];
  va_list arguments;

  va_start (arguments, format);
  vsnprintf (text, sizeof text, format, arguments);
  va_end (arguments);
  dw_diagnose (loader->diagnostics, node->line, node->column, loader->path,
               "%s", text);
}

static void
complain_expected (DwLoader *loader, const DwRow *row, const DwNode *node)
{
  char expected[DW_EXPECTED], got[DW_QUOTED];

  /* A location with an '@' may hold a password. */
  if (row->kind == DW_VALUE_URI && node->kind == DW_NODE_TEXT
      && strchr (node->text, '@') != NULL)
    dw_loader_complain (loader, node,
                        "expected %s: they have keys of their own",
                        dw_value_expected (row, expected));
  else
    dw_loader_complain (loader, node, "expected %s, got %s",
                        dw_value_expected (row, expected),
                        dw_node_describe (node, got));
}

/* A ceiling of the file may take away from what is in place, never add. */
static void
read_ceiling_level (DwLoader *loader, const DwRow *row, const DwNode *node,
                    DwLevel *level)
{
  DwLevel wish;

  if (dw_level_parse (node->text, &wish) != DW_OK)
    complain_expected (loader, row, node);
  else if (wish > *level)
    dw_loader_complain (loader, node,
                        "the built-in ceiling is %s; a file can only lower it,"
                        " got %s",
                        dw_level_text (*level), dw_level_text (wish));
  else
    *level = wish;
}

static void
read_ceiling_bool (DwLoader *loader, const DwRow *row, const DwNode *node,
                   bool *value)
{
  const bool is_stricter = row->kind == DW_VALUE_CEILING_DEMAND;
  bool wish;

  if (!read_bool (node->text, &wish))
    complain_expected (loader, row, node);
  else if (wish != *value && wish != is_stricter)
    dw_loader_complain (loader, node,
                        "the built-in ceiling is %s; a file can only lower it",
                        *value ? "true" : "false");
  else
    *value = wish;
}

static void
read_path (DwLoader *loader, const DwRow *row, const DwNode *node, char *out)
{
  char path[DW_CONFIG_TEXT];

  if (!dw_path_resolve (loader, node->text, path, sizeof path)
      || !dw_text_set (row, path, out))
    complain_expected (loader, row, node);
}

void
dw_value_read (DwLoader *loader, const DwRow *row, const DwNode *node,
               void *target)
{
  if (row->kind == DW_VALUE_POLYGON)
    {
      dw_polygon_read (loader, node, target);
      return;
    }
  if (node->kind != DW_NODE_TEXT)
    {
      complain_expected (loader, row, node);
      return;
    }
  switch (row->kind)
    {
    case DW_VALUE_SECRET:
      dw_secret_read (loader, row, node, target);
      break;
    case DW_VALUE_SECRET_FILE:
      dw_secret_file_read (loader, row, node, target);
      break;
    case DW_VALUE_PATH:
      read_path (loader, row, node, target);
      break;
    case DW_VALUE_CEILING_LEVEL:
      read_ceiling_level (loader, row, node, target);
      break;
    case DW_VALUE_CEILING_DEMAND:
    case DW_VALUE_CEILING_ALLOWED:
      read_ceiling_bool (loader, row, node, target);
      break;
    default:
      if (!dw_value_set (row, node->text, target))
        complain_expected (loader, row, node);
      break;
    }
}

/* One corner; complains and gives false when it is none. */
static bool
read_point (DwLoader *loader, const DwNode *node, DwPoint *out)
{
  const DwNode *x = node->kind == DW_NODE_LIST ? node->child : NULL;
  const DwNode *y = x != NULL ? x->next : NULL;
  double at[2] = { -1, -1 };
  char got[DW_QUOTED];

  if (y == NULL || y->next != NULL)
    {
      dw_loader_complain (loader, node, "expected a corner [x, y], got %s",
                          node->kind == DW_NODE_LIST
                              ? "a list of another length"
                              : dw_node_describe (node, got));
      return false;
    }
  for (int i = 0; i < 2; i++)
    {
      const DwNode *part = i == 0 ? x : y;

      if (part->kind == DW_NODE_TEXT && read_fraction (part->text, &at[i])
          && at[i] >= 0 && at[i] <= 1)
        continue;
      dw_loader_complain (loader, part, "expected %c from 0 to 1, got %s",
                          "xy"[i], dw_node_describe (part, got));
      return false;
    }
  *out = (DwPoint){ (float)at[0], (float)at[1] };
  return true;
}

void
dw_polygon_read (DwLoader *loader, const DwNode *node, DwPolygon *out)
{
  bool is_whole = true;
  char got[DW_QUOTED];
  size_t n = 0;

  memset (out, 0, sizeof *out);
  if (node->kind != DW_NODE_LIST)
    {
      dw_loader_complain (loader, node,
                          "expected a list of 3 to %d corners [x, y], got %s",
                          DW_MAX_POLYGON_POINTS, dw_node_describe (node, got));
      return;
    }
  for (const DwNode *corner = node->child; corner != NULL;
       corner = corner->next, n++)
    {
      size_t length = dw_loader_enter_index (loader, n);

      if (n < DW_MAX_POLYGON_POINTS)
        is_whole &= read_point (loader, corner, &out->points[n]);
      dw_loader_leave (loader, length);
    }
  out->n_points = n <= DW_MAX_POLYGON_POINTS ? (int)n : 0;
  if (n < 3 || n > DW_MAX_POLYGON_POINTS)
    dw_loader_complain (loader, node, "expected 3 to %d corners, got %zu",
                        DW_MAX_POLYGON_POINTS, n);
  else if (is_whole && !dw_polygon_is_valid (out))
    dw_loader_complain (loader, node, "the corners enclose no area");
}
