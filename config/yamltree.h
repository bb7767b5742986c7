/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A YAML document as a small tree that remembers where everything stood.
 * Bounded, and without the parts of YAML that surprise: no aliases, anchors or
 * tags, one document, keys that are plain words. */
#pragma once

#include "configuration.h"

#define DW_YAML_MAX_BYTES (1 << 20)
#define DW_YAML_MAX_DEPTH 64
#define DW_YAML_MAX_NODES 65536

typedef enum
{
  DW_NODE_NOTHING = 0, /* an empty or null value */
  DW_NODE_TEXT,
  DW_NODE_LIST,
  DW_NODE_MAP, /* children are key, value, key, value */
} DwNodeKind;

typedef struct DwNode DwNode;
struct DwNode
{
  DwNodeKind kind;
  int line, column; /* from 1 */
  char *text;
  DwNode *child, *next;
};

/* `*out` is NULL for an empty document and when anything is wrong; then
 * `diagnostics` says what. Text that may be a secret is wiped by _free. */
DwStatus dw_yaml_parse (const char *yaml, size_t size, DwNode **out,
                        DwDiagnostics *diagnostics);
void dw_yaml_free (DwNode *node);
