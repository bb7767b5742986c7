/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single values: from text to the field of a struct, and what to say when that
 * fails. Numbers are read and written without the locale. */
#pragma once

#include "diagnose.h"
#include "schema.h"
#include "yamltree.h"

#include <stdbool.h>

/* Room for what dw_value_expected and dw_decimal_format write. */
#define DW_EXPECTED 256
#define DW_DECIMAL 32

/* Where loading has come to. */
typedef struct
{
  DwDiagnostics *diagnostics;
  const char *folder; /* of the file; NULL: none */
  DwConfigLookup lookup;
  char path[DW_CONFIG_TEXT]; /* of the node at hand */
} DwLoader;

/* Sets the field at `target`; false, and nothing written, when the text does
 * not say what the row wants. Not for sections, maps, lists, polygons, paths
 * and secrets. */
bool dw_value_set (const DwRow *row, const char *text, void *target);

/* A text of 1 to row->max bytes without control characters. */
bool dw_text_set (const DwRow *row, const char *text, char *out);

/* "1..60000 ms, such as 800ms, 1s or 2m". Returns `out`. */
char *dw_value_expected (const DwRow *row, char out[DW_EXPECTED]);

/* "0.2", "1.5", "60000": at most four decimals. Returns `out`. */
char *dw_decimal_format (double value, char out[DW_DECIMAL]);

/* "a list", "a map", "nothing", or the quoted text. Returns `out`. */
char *dw_node_describe (const DwNode *node, char out[DW_QUOTED]);

/* Reads a value of any kind but sections, maps and lists, and complains. */
void dw_value_read (DwLoader *loader, const DwRow *row, const DwNode *node,
                    void *target);

/* Reads a list of points. */
void dw_polygon_read (DwLoader *loader, const DwNode *node, DwPolygon *out);

/* Adds "key" or "[3]" to the path; give what it returns to _leave. */
size_t dw_loader_enter (DwLoader *loader, const char *key);
size_t dw_loader_enter_index (DwLoader *loader, size_t index);
void dw_loader_leave (DwLoader *loader, size_t length);

/* An error at the node, under the path at hand. */
void dw_loader_complain (DwLoader *loader, const DwNode *node,
                         const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));
