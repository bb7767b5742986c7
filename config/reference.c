/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The schema told to machines (JSON schema) and to people (reference). */
#include "configuration.h"

#include "schema.h"
#include "values.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_PATTERN "^[A-Za-z0-9._@-]{1,63}$"

/* Text that grows in a buffer of fixed size; `length` goes on counting. */
typedef struct
{
  char *out;
  size_t size, length;
  int depth;
  bool is_first; /* of the members at hand */
} Writer;

/* Describes the members of a shape. */
typedef void (*ShapeFunc) (Writer *writer, const DwShape *shape);

__attribute__ ((format (printf, 2, 3))) static void
put (Writer *writer, const char *format, ...)
{
  const bool has_room = writer->length < writer->size;
  va_list arguments;
  int n;

  va_start (arguments, format);
  n = vsnprintf (has_room ? writer->out + writer->length : NULL,
                 has_room ? writer->size - writer->length : 0, format,
                 arguments);
  va_end (arguments);
  writer->length += n > 0 ? (size_t)n : 0;
}

/* -- JSON ----------------------------------------------------------------- */

static void
put_string (Writer *writer, const char *text)
{
  put (writer, "\"");
  for (; *text != '\0'; text++)
    put (writer, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
  put (writer, "\"");
}

/* Begins the next member of an object. */
static void
put_key (Writer *writer, const char *key)
{
  put (writer, "%s\n%*s", writer->is_first ? "" : ",", 2 * writer->depth, "");
  writer->is_first = false;
  put_string (writer, key);
  put (writer, ": ");
}

static void
put_member (Writer *writer, const char *key, const char *text)
{
  put_key (writer, key);
  put_string (writer, text);
}

static void
put_number (Writer *writer, const char *key, double value)
{
  char text[DW_DECIMAL];

  put_key (writer, key);
  put (writer, "%s", dw_decimal_format (value, text));
}

static void
open_object (Writer *writer, const char *key)
{
  if (key != NULL)
    put_key (writer, key);
  put (writer, "{");
  writer->depth++;
  writer->is_first = true;
}

static void
close_object (Writer *writer)
{
  writer->depth--;
  put (writer, "\n%*s}", 2 * writer->depth, "");
  writer->is_first = false;
}

static void
put_words (Writer *writer, const char *const *words)
{
  put_key (writer, "enum");
  put (writer, "[");
  for (size_t i = 0; words[i] != NULL; i++)
    {
      put (writer, i > 0 ? ", " : "");
      put_string (writer, words[i]);
    }
  put (writer, "]");
}

static void
put_polygon (Writer *writer)
{
  put_member (writer, "type", "array");
  put_number (writer, "minItems", 3);
  put_number (writer, "maxItems", DW_MAX_POLYGON_POINTS);
  open_object (writer, "items");
  put_member (writer, "type", "array");
  put_number (writer, "minItems", 2);
  put_number (writer, "maxItems", 2);
  close_object (writer);
}

static void
put_fraction (Writer *writer, const DwRow *row)
{
  put_key (writer, "type");
  put (writer, "[\"number\", \"string\"]");
  put_number (writer, "minimum", row->min);
  put_number (writer, "maximum", row->max);
  put_member (writer, "pattern", "^[0-9]+(\\.[0-9]+)? ?%?$");
}

static void
put_scalar (Writer *writer, const DwRow *row)
{
  static const char *const levels[]
      = { "nothing", "masked", "blurred", "clear", NULL };
  const char *classes[DW_N_CLASSES] = { NULL };

  switch (row->kind)
    {
    case DW_VALUE_MILLISECONDS:
      put_member (writer, "type", "string");
      put_member (writer, "pattern", "^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$");
      break;
    case DW_VALUE_FRACTION:
      put_fraction (writer, row);
      break;
    case DW_VALUE_NUMBER:
      put_member (writer, "type", "number");
      put_number (writer, "minimum", row->min);
      put_number (writer, "maximum", row->max);
      break;
    case DW_VALUE_WORD:
      put_words (writer, row->words);
      break;
    case DW_VALUE_CEILING_LEVEL:
      put_words (writer, levels);
      break;
    case DW_VALUE_CLASS:
      for (int i = 1; i < DW_N_CLASSES; i++)
        classes[i - 1] = dw_class_text ((DwRecipientClass)i);
      put_words (writer, classes);
      break;
    case DW_VALUE_CEILING_DEMAND:
    case DW_VALUE_CEILING_ALLOWED:
      put_member (writer, "type", "boolean");
      break;
    case DW_VALUE_SECRET:
      put_member (writer, "type", "string");
      put_member (writer, "pattern", "^\\$\\{[A-Za-z0-9_]+\\}$");
      break;
    default:
      put_member (writer, "type", "string");
      put_number (writer, "minLength", 1);
      put_number (writer, "maxLength", row->max);
      break;
    }
}

static void
put_row (Writer *writer, const DwRow *row, ShapeFunc members)
{
  open_object (writer, row->key);
  put_member (writer, "description", row->help);
  if (row->fallback != NULL && row->fallback[0] != '\0')
    {
      put_key (writer, "default");
      if (row->kind == DW_VALUE_NUMBER)
        put (writer, "%s", row->fallback);
      else
        put_string (writer, row->fallback);
    }
  switch (row->kind)
    {
    case DW_VALUE_SECTION:
      members (writer, row->shape);
      break;
    case DW_VALUE_NAMED:
      put_member (writer, "type", "object");
      put_number (writer, "maxProperties", row->max);
      put_key (writer, "additionalProperties");
      put (writer, "false");
      open_object (writer, "patternProperties");
      open_object (writer, NAME_PATTERN);
      members (writer, row->shape);
      close_object (writer);
      close_object (writer);
      break;
    case DW_VALUE_LIST:
    case DW_VALUE_POLYGONS:
      put_member (writer, "type", "array");
      put_number (writer, "maxItems", row->max);
      open_object (writer, "items");
      if (row->shape != NULL)
        members (writer, row->shape);
      else
        put_polygon (writer);
      close_object (writer);
      break;
    case DW_VALUE_POLYGON:
      put_polygon (writer);
      break;
    default:
      put_scalar (writer, row);
      break;
    }
  close_object (writer);
}

static void
put_shape (Writer *writer, const DwShape *shape)
{
  bool is_first = true;

  put_member (writer, "type", "object");
  put_key (writer, "additionalProperties");
  put (writer, "false");
  open_object (writer, "properties");
  for (size_t i = 0; i < shape->n_rows; i++)
    put_row (writer, &shape->rows[i], put_shape);
  close_object (writer);
  for (size_t i = 0; i < shape->n_rows; i++)
    if (shape->rows[i].fallback == NULL)
      {
        if (is_first)
          put_key (writer, "required");
        put (writer, is_first ? "[" : ", ");
        put_string (writer, shape->rows[i].key);
        is_first = false;
      }
  put (writer, is_first ? "" : "]");
}

size_t
dw_config_schema (char *out, size_t size)
{
  Writer writer = { .out = out, .size = size };

  if (size > 0)
    out[0] = '\0';
  open_object (&writer, NULL);
  put_member (&writer, "$schema", "http://json-schema.org/draft-07/schema#");
  put_member (&writer, "title", "doorward.yaml");
  put_shape (&writer, &dw_schema_root);
  close_object (&writer);
  put (&writer, "\n");
  return writer.length;
}

/* -- Reference ------------------------------------------------------------ */

static void
describe_row (Writer *writer, const DwRow *row, const char *path)
{
  char expected[DW_EXPECTED];

  put (writer, "%s\n    ", path);
  switch (row->kind)
    {
    case DW_VALUE_SECTION:
      break;
    case DW_VALUE_NAMED:
      put (writer, "%ss by name, %d at most. ", row->shape->what,
           (int)row->max);
      break;
    case DW_VALUE_LIST:
    case DW_VALUE_POLYGONS:
      put (writer, "a list, %d at most. ", (int)row->max);
      break;
    case DW_VALUE_POLYGON:
      put (writer, "3 to %d corners [x, y]. ", DW_MAX_POLYGON_POINTS);
      break;
    case DW_VALUE_SECRET:
    case DW_VALUE_SECRET_FILE:
      break;
    default:
      put (writer, "%s. ", dw_value_expected (row, expected));
      break;
    }
  if (row->fallback == NULL)
    put (writer, "Required. ");
  else if (row->fallback[0] != '\0')
    put (writer, "Default %s. ", row->fallback);
  put (writer, "%s\n", row->help);
}

static void
describe_shape (Writer *writer, const DwShape *shape, const char *path)
{
  for (size_t i = 0; i < shape->n_rows; i++)
    {
      const DwRow *row = &shape->rows[i];
      const char *suffix = "";
      char below[DW_CONFIG_TEXT];

      if (row->kind == DW_VALUE_NAMED)
        suffix = ".NAME";
      else if (row->kind == DW_VALUE_LIST)
        suffix = "[]";
      snprintf (below, sizeof below, "%s%s%s", path, path[0] ? "." : "",
                row->key);
      describe_row (writer, row, below);
      snprintf (below, sizeof below, "%s%s%s%s", path, path[0] ? "." : "",
                row->key, suffix);
      if (row->shape != NULL)
        describe_shape (writer, row->shape, below);
    }
}

size_t
dw_config_reference (char *out, size_t size)
{
  Writer writer = { .out = out, .size = size };

  if (size > 0)
    out[0] = '\0';
  describe_shape (&writer, &dw_schema_root, "");
  return writer.length;
}
