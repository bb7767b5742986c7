/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libyaml's events become a tree. Nothing here recurses, so that depth is a
 * number and not a stack. */
#include "yamltree.h"

#include "diagnose.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

/* An open list or map, and where its next child goes. */
typedef struct
{
  DwNode *node;
  DwNode **end;
  bool is_key_due;
} Level;

typedef struct
{
  yaml_parser_t parser;
  DwDiagnostics *diagnostics;
  DwNode *root;
  Level levels[DW_YAML_MAX_DEPTH];
  size_t n_levels, n_nodes;
  DwStatus status;
} Builder;

static void
complain (Builder *builder, DwStatus status, yaml_mark_t mark, const char *text)
{
  builder->status = status;
  dw_diagnose (builder->diagnostics, (int)mark.line + 1, (int)mark.column + 1,
               "", "%s", text);
}

static DwNode *
node_new (Builder *builder, DwNodeKind kind, yaml_mark_t mark)
{
  DwNode *node;

  if (builder->n_nodes == DW_YAML_MAX_NODES)
    {
      complain (builder, DW_ERROR_LIMIT, mark, "the file has too many values");
      return NULL;
    }
  node = calloc (1, sizeof *node);
  if (node == NULL)
    {
      complain (builder, DW_ERROR_NO_MEMORY, mark, "out of memory");
      return NULL;
    }
  builder->n_nodes++;
  node->kind = kind;
  node->line = (int)mark.line + 1;
  node->column = (int)mark.column + 1;
  return node;
}

/* Hangs a node where the document has come to. */
static bool
attach (Builder *builder, DwNode *node, yaml_mark_t mark)
{
  Level *level;

  if (builder->n_levels == 0)
    {
      builder->root = node;
      return true;
    }
  level = &builder->levels[builder->n_levels - 1];
  *level->end = node;
  level->end = &node->next;
  if (level->node->kind == DW_NODE_MAP)
    {
      if (level->is_key_due && node->kind != DW_NODE_TEXT)
        {
          complain (builder, DW_ERROR_INVALID, mark,
                    "expected a key, a single word");
          return false;
        }
      level->is_key_due = !level->is_key_due;
    }
  return true;
}

static bool
is_null (const yaml_event_t *event)
{
  const char *text = (const char *)event->data.scalar.value;

  return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
         && (*text == '\0' || strcmp (text, "~") == 0
             || strcmp (text, "null") == 0);
}

static bool
add_scalar (Builder *builder, const yaml_event_t *event)
{
  const char *text = (const char *)event->data.scalar.value;
  DwNode *node;

  if (strlen (text) != event->data.scalar.length)
    {
      complain (builder, DW_ERROR_INVALID, event->start_mark,
                "a value must not hold a zero byte");
      return false;
    }
  node = node_new (builder, is_null (event) ? DW_NODE_NOTHING : DW_NODE_TEXT,
                   event->start_mark);
  if (node == NULL)
    return false;
  node->text = strdup (text);
  if (!attach (builder, node, event->start_mark))
    return false;
  if (node->text == NULL)
    complain (builder, DW_ERROR_NO_MEMORY, event->start_mark, "out of memory");
  return node->text != NULL;
}

static bool
open_level (Builder *builder, DwNodeKind kind, yaml_mark_t mark)
{
  DwNode *node;

  if (builder->n_levels == DW_YAML_MAX_DEPTH)
    {
      complain (builder, DW_ERROR_LIMIT, mark,
                "lists and maps are nested too deep, 64 levels at most");
      return false;
    }
  node = node_new (builder, kind, mark);
  if (node == NULL)
    return false;
  if (!attach (builder, node, mark))
    return false;
  builder->levels[builder->n_levels++]
      = (Level){ .node = node, .end = &node->child, .is_key_due = true };
  return true;
}

/* Anchors and tags of any event; the event is refused when it has one. */
static bool
is_simple (Builder *builder, const yaml_event_t *event)
{
  const yaml_char_t *anchor = NULL, *tag = NULL;

  if (event->type == YAML_SCALAR_EVENT)
    {
      anchor = event->data.scalar.anchor;
      tag = event->data.scalar.tag;
    }
  else if (event->type == YAML_SEQUENCE_START_EVENT)
    {
      anchor = event->data.sequence_start.anchor;
      tag = event->data.sequence_start.tag;
    }
  else if (event->type == YAML_MAPPING_START_EVENT)
    {
      anchor = event->data.mapping_start.anchor;
      tag = event->data.mapping_start.tag;
    }
  if (event->type == YAML_ALIAS_EVENT || anchor != NULL)
    complain (builder, DW_ERROR_INVALID, event->start_mark,
              "anchors (&) and aliases (*) are not allowed; write it out");
  else if (tag != NULL)
    complain (builder, DW_ERROR_INVALID, event->start_mark,
              "tags (!) are not allowed");
  return builder->status == DW_OK;
}

static bool
take_event (Builder *builder, const yaml_event_t *event)
{
  if (!is_simple (builder, event))
    return false;
  switch (event->type)
    {
    case YAML_SCALAR_EVENT:
      return add_scalar (builder, event);
    case YAML_SEQUENCE_START_EVENT:
      return open_level (builder, DW_NODE_LIST, event->start_mark);
    case YAML_MAPPING_START_EVENT:
      return open_level (builder, DW_NODE_MAP, event->start_mark);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      builder->n_levels--;
      return true;
    case YAML_DOCUMENT_START_EVENT:
      if (builder->root == NULL)
        return true;
      complain (builder, DW_ERROR_INVALID, event->start_mark,
                "a second document begins here; a file holds one");
      return false;
    default:
      return true;
    }
}

static void
complain_syntax (Builder *builder)
{
  const yaml_parser_t *parser = &builder->parser;
  yaml_mark_t mark = parser->problem_mark;
  const char *problem = parser->problem ? parser->problem : "not readable";

  builder->status = DW_ERROR_INVALID;
  if (parser->error == YAML_MEMORY_ERROR)
    builder->status = DW_ERROR_NO_MEMORY;
  /* The reader knows bytes only, not lines. */
  if (parser->error == YAML_READER_ERROR)
    dw_diagnose (builder->diagnostics, 0, 0, "", "not YAML: %s at byte %zu",
                 problem, parser->problem_offset);
  else
    dw_diagnose (builder->diagnostics, (int)mark.line + 1, (int)mark.column + 1,
                 "", "not YAML: %s%s%s", problem, parser->context ? " " : "",
                 parser->context ? parser->context : "");
}

static void
build (Builder *builder)
{
  bool is_going = true, is_end = false;

  while (is_going && !is_end)
    {
      yaml_event_t event;

      if (!yaml_parser_parse (&builder->parser, &event))
        {
          complain_syntax (builder);
          return;
        }
      is_end = event.type == YAML_STREAM_END_EVENT;
      is_going = take_event (builder, &event);
      yaml_event_delete (&event);
    }
}

DwStatus
dw_yaml_parse (const char *yaml, size_t size, DwNode **out,
               DwDiagnostics *diagnostics)
{
  Builder builder = { .diagnostics = diagnostics };

  *out = NULL;
  if (size > DW_YAML_MAX_BYTES)
    {
      dw_diagnose (diagnostics, 0, 0, "", "the file is larger than 1 MiB");
      return DW_ERROR_LIMIT;
    }
  if (!yaml_parser_initialize (&builder.parser))
    {
      dw_diagnose (diagnostics, 0, 0, "", "out of memory");
      return DW_ERROR_NO_MEMORY;
    }
  /* libyaml wants a pointer for nothing as well. */
  yaml_parser_set_input_string (
      &builder.parser, (const yaml_char_t *)(size > 0 ? yaml : ""), size);
  build (&builder);
  yaml_parser_delete (&builder.parser);
  if (builder.status != DW_OK)
    {
      dw_yaml_free (builder.root);
      return builder.status;
    }
  *out = builder.root;
  return DW_OK;
}

/* A node's children are put before what is left to do, so that a deep tree
 * costs no stack. */
void
dw_yaml_free (DwNode *node)
{
  while (node != NULL)
    {
      DwNode *next = node->next, *last = node->child;

      while (last != NULL && last->next != NULL)
        last = last->next;
      if (last != NULL)
        {
          last->next = next;
          next = node->child;
        }
      if (node->text != NULL)
        explicit_bzero (node->text, strlen (node->text));
      free (node->text);
      free (node);
      node = next;
    }
}
