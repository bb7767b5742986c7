/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks the tree of a file along the schema. All errors are collected; with
 * any of them the result is zero. */
#include "configuration.h"

#include "diagnose.h"
#include "schema.h"
#include "values.h"
#include "yamltree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any shape has rows. */
#define MAX_ROWS 16

/* Reads what stands at one row's key into the struct at `base`. */
typedef void (*ReadFunc) (DwLoader *loader, const DwRow *row,
                          const DwNode *node, void *base);

/* The rows of one map that were given, by their index. */
typedef struct
{
  const DwNode *given[MAX_ROWS];
} Seen;

static void
complain_unknown (DwLoader *loader, const DwShape *shape, const DwNode *key)
{
  const DwRow *nearest = dw_schema_nearest (shape, key->text);
  char known[192] = "";
  size_t length = 0;

  for (size_t i = 0; i < shape->n_rows && length < sizeof known; i++)
    length += (size_t)snprintf (known + length, sizeof known - length, "%s%s",
                                i > 0 ? ", " : "", shape->rows[i].key);
  if (nearest != NULL)
    dw_loader_complain (loader, key, "unknown key; did you mean \"%s\"?",
                        nearest->key);
  else
    dw_loader_complain (loader, key, "unknown key; known here: %s", known);
}

/* True when the key may be read: it is the first for its field. */
static bool
is_first (DwLoader *loader, const DwShape *shape, const Seen *seen,
          const DwRow *row, const DwNode *key)
{
  const DwNode *before = seen->given[row - shape->rows];

  if (before != NULL)
    {
      dw_loader_complain (loader, key, "given twice; first in line %d",
                          before->line);
      return false;
    }
  /* Two ways to give one secret. */
  for (size_t i = 0; i < shape->n_rows; i++)
    if (seen->given[i] != NULL && row->kind != shape->rows[i].kind
        && (row->kind == DW_VALUE_SECRET || row->kind == DW_VALUE_SECRET_FILE)
        && shape->rows[i].offset == row->offset)
      {
        dw_loader_complain (loader, key, "give %s or %s, not both",
                            shape->rows[i].key, row->key);
        return false;
      }
  return true;
}

static void
complain_missing (DwLoader *loader, const DwShape *shape, const Seen *seen,
                  const DwNode *node)
{
  for (size_t i = 0; i < shape->n_rows; i++)
    if (shape->rows[i].fallback == NULL && seen->given[i] == NULL)
      {
        size_t length = dw_loader_enter (loader, shape->rows[i].key);

        dw_loader_complain (loader, node, "required, but not given");
        dw_loader_leave (loader, length);
      }
}

/* Reads a map of fixed keys. An empty one is a map without keys. */
static void
read_keys (DwLoader *loader, const DwShape *shape, const DwNode *node,
           void *base, ReadFunc read)
{
  Seen seen = { { NULL } };
  char got[DW_QUOTED];

  if (node->kind != DW_NODE_MAP && node->kind != DW_NODE_NOTHING)
    {
      dw_loader_complain (loader, node, "expected keys of a %s, got %s",
                          shape->what, dw_node_describe (node, got));
      return;
    }
  for (const DwNode *key = node->child; key != NULL; key = key->next->next)
    {
      const DwRow *row = dw_schema_row (shape, key->text);
      size_t length = dw_loader_enter (loader, key->text);

      if (row == NULL)
        complain_unknown (loader, shape, key);
      else if (is_first (loader, shape, &seen, row, key))
        {
          seen.given[row - shape->rows] = key;
          read (loader, row, key->next, base);
        }
      dw_loader_leave (loader, length);
    }
  complain_missing (loader, shape, &seen, node);
}

/* The next free item of a row's array, with its defaults; NULL, and one
 * complaint, when it is full. */
static void *
item_new (DwLoader *loader, const DwRow *row, const DwNode *node, void *base,
          size_t item_size)
{
  size_t *n_items = (size_t *)(void *)((char *)base + row->count_offset);
  char *item = (char *)base + row->offset + *n_items * item_size;

  if (*n_items >= (size_t)row->max)
    {
      dw_loader_complain (loader, node, "too many, %d at most", (int)row->max);
      return NULL;
    }
  ++*n_items;
  if (row->shape != NULL)
    dw_schema_defaults (row->shape, item);
  return item;
}

/* True when no earlier item of the array has this name. */
static bool
is_name_free (const DwRow *row, const char *name, const char *base)
{
  const size_t n_items
      = *(const size_t *)(const void *)(base + row->count_offset);

  for (size_t i = 0; i < n_items; i++)
    if (strcmp (base + row->offset + i * row->shape->size, name) == 0)
      return false;
  return true;
}

/* Reads a map of names: `front: ...`. */
static void
read_named (DwLoader *loader, const DwRow *row, const DwNode *node, void *base,
            ReadFunc read)
{
  char got[DW_QUOTED];

  if (node->kind != DW_NODE_MAP && node->kind != DW_NODE_NOTHING)
    {
      dw_loader_complain (loader, node, "expected a %s by name, got %s",
                          row->shape->what, dw_node_describe (node, got));
      return;
    }
  for (const DwNode *key = node->child; key != NULL; key = key->next->next)
    {
      size_t length = dw_loader_enter (loader, key->text);
      char *item = NULL;

      if (!dw_name_is_valid (key->text))
        dw_loader_complain (loader, key,
                            "expected a name of 1 to 63 letters, digits or "
                            "._-@, got %s",
                            dw_quote (key->text, got));
      else if (!is_name_free (row, key->text, base))
        dw_loader_complain (loader, key, "a second %s of this name",
                            row->shape->what);
      else if ((item = item_new (loader, row, key, base, row->shape->size))
               == NULL)
        {
          dw_loader_leave (loader, length);
          return;
        }
      if (item != NULL)
        {
          /* A valid name fits, with its end. */
          memcpy (item, key->text, strlen (key->text) + 1);
          read_keys (loader, row->shape, key->next, item, read);
        }
      dw_loader_leave (loader, length);
    }
}

/* Reads a list of maps or polygons. */
static void
read_list (DwLoader *loader, const DwRow *row, const DwNode *node, void *base,
           ReadFunc read)
{
  const size_t item_size
      = row->shape != NULL ? row->shape->size : sizeof (DwPolygon);
  char got[DW_QUOTED];
  size_t n = 0;

  if (node->kind != DW_NODE_LIST && node->kind != DW_NODE_NOTHING)
    {
      dw_loader_complain (loader, node, "expected a list of %ss, got %s",
                          row->shape != NULL ? row->shape->what : "polygon",
                          dw_node_describe (node, got));
      return;
    }
  for (const DwNode *entry = node->child; entry != NULL;
       entry = entry->next, n++)
    {
      void *item = item_new (loader, row, entry, base, item_size);
      size_t length;

      if (item == NULL)
        return;
      length = dw_loader_enter_index (loader, n);
      if (row->shape != NULL)
        read_keys (loader, row->shape, entry, item, read);
      else
        dw_polygon_read (loader, entry, item);
      dw_loader_leave (loader, length);
    }
}

/* The schema is a tree of a few levels, so this ends. */
static void
read_row (DwLoader *loader, const DwRow *row, const DwNode *node, void *base)
{
  switch (row->kind)
    {
    case DW_VALUE_SECTION:
      read_keys (loader, row->shape, node, (char *)base + row->offset,
                 read_row);
      break;
    case DW_VALUE_NAMED:
      read_named (loader, row, node, base, read_row);
      break;
    case DW_VALUE_LIST:
    case DW_VALUE_POLYGONS:
      read_list (loader, row, node, base, read_row);
      break;
    default:
      dw_value_read (loader, row, node, (char *)base + row->offset);
      break;
    }
}

void
dw_config_init (DwConfig *config)
{
  memset (config, 0, sizeof *config);
  dw_schema_defaults (&dw_schema_root, config);
  dw_policy_init (&config->policy);
}

DwStatus
dw_config_parse (const char *yaml, size_t size, const char *folder,
                 DwConfigLookup lookup, DwConfig *out,
                 DwDiagnostics *diagnostics)
{
  DwLoader loader
      = { .diagnostics = diagnostics, .folder = folder, .lookup = lookup };
  DwPolicy built_in;
  DwNode *root;
  DwStatus status;

  memset (out, 0, sizeof *out);
  memset (diagnostics, 0, sizeof *diagnostics);
  status = dw_yaml_parse (yaml, size, &root, diagnostics);
  if (status != DW_OK)
    return status;
  dw_config_init (out);
  if (root != NULL)
    read_keys (&loader, &dw_schema_root, root, out, read_row);
  dw_yaml_free (root);
  dw_policy_init (&built_in);
  dw_policy_meet (&out->policy, &built_in);
  if (diagnostics->n_errors > 0)
    {
      dw_config_wipe (out);
      return DW_ERROR_INVALID;
    }
  return DW_OK;
}

/* Reads at most one byte more than a file may have, so that the parser sees
 * that it is too large. */
static DwStatus
read_file (const char *path, char *text, size_t *n_text, DwDiagnostics *errors)
{
  FILE *file = fopen (path, "re");
  DwStatus status = DW_OK;

  if (file == NULL)
    {
      status = errno == ENOENT ? DW_ERROR_NOT_FOUND : DW_ERROR_IO;
      dw_diagnose (errors, 0, 0, "", "%s",
                   status == DW_ERROR_NOT_FOUND ? "there is no such file"
                                                : "cannot be opened");
      return status;
    }
  *n_text = fread (text, 1, DW_YAML_MAX_BYTES + 1, file);
  if (ferror (file))
    {
      status = DW_ERROR_IO;
      dw_diagnose (errors, 0, 0, "", "cannot be read");
    }
  fclose (file);
  return status;
}

DwStatus
dw_config_load (const char *path, DwConfigLookup lookup, DwConfig *out,
                DwDiagnostics *diagnostics)
{
  char *text = malloc (DW_YAML_MAX_BYTES + 1);
  const char *slash = strrchr (path, '/');
  char *folder = slash != NULL ? strndup (path, (size_t)(slash - path) + 1)
                               : strdup ("");
  DwStatus status = DW_ERROR_NO_MEMORY;
  size_t n_text = 0;

  memset (out, 0, sizeof *out);
  memset (diagnostics, 0, sizeof *diagnostics);
  if (text == NULL || folder == NULL)
    {
      dw_diagnose (diagnostics, 0, 0, "", "out of memory");
      goto done;
    }
  /* "/x.yaml" lies in "/", "a/x.yaml" in "a". */
  if (slash != NULL && slash != path)
    folder[slash - path] = '\0';
  status = read_file (path, text, &n_text, diagnostics);
  if (status == DW_OK)
    status = dw_config_parse (text, n_text, folder, lookup, out, diagnostics);
  explicit_bzero (text, n_text);

done:
  free (folder);
  free (text);
  return status;
}

const DwCameraConfig *
dw_config_camera (const DwConfig *config, const char *name)
{
  for (size_t i = 0; i < config->n_cameras; i++)
    if (strcmp (config->cameras[i].name, name) == 0)
      return &config->cameras[i];
  return NULL;
}

const DwRecipientConfig *
dw_config_recipient (const DwConfig *config, const char *name)
{
  for (size_t i = 0; i < config->n_recipients; i++)
    if (strcmp (config->recipients[i].name, name) == 0)
      return &config->recipients[i];
  return NULL;
}

void
dw_config_wipe (DwConfig *config)
{
  explicit_bzero (config, sizeof *config);
}
