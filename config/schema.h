/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one table: every key of doorward.yaml is a row, and loading, defaults,
 * ranges, help, the JSON schema and the reference follow from it. */
#pragma once

#include "configuration.h"

typedef enum
{
  DW_VALUE_TEXT = 0,        /* char[max + 1] */
  DW_VALUE_URI,             /* char[max + 1], no password in it */
  DW_VALUE_PATH,            /* char[max + 1], relative to the file's folder */
  DW_VALUE_SECRET,          /* char[max + 1], only as ${NAME} */
  DW_VALUE_SECRET_FILE,     /* char[max + 1], the first line of that file */
  DW_VALUE_WORD,            /* char[max + 1], one of `words` */
  DW_VALUE_MILLISECONDS,    /* uint32_t, "800ms", "1s", "2m" */
  DW_VALUE_FRACTION,        /* float, "50%" or 0.5 */
  DW_VALUE_NUMBER,          /* float */
  DW_VALUE_CLASS,           /* DwRecipientClass */
  DW_VALUE_CEILING_LEVEL,   /* DwLevel, can only be lowered */
  DW_VALUE_CEILING_DEMAND,  /* bool, can only become true */
  DW_VALUE_CEILING_ALLOWED, /* bool, can only become false */
  DW_VALUE_POLYGON,         /* DwPolygon */
  DW_VALUE_SECTION,         /* `shape` in place */
  DW_VALUE_NAMED,           /* map of names to `shape`, see DwShape */
  DW_VALUE_LIST,            /* list of `shape` */
  DW_VALUE_POLYGONS,        /* list of DwPolygon */
} DwValueKind;

typedef struct DwShape DwShape;

typedef struct
{
  const char *key;
  DwValueKind kind;
  size_t offset;        /* in the struct of the shape */
  double min, max;      /* of numbers; max of texts and of lists: how many */
  const char *fallback; /* the default as written; "": none; NULL: required */
  const char *help;
  const DwShape *shape;     /* of sections, maps and lists */
  size_t count_offset;      /* of maps and lists: their size_t n_... */
  const char *const *words; /* NULL-terminated */
} DwRow;

/* A map of fixed keys that fills one struct of `size` bytes. In a map of
 * names the struct begins with the name, char[64]. */
struct DwShape
{
  const char *what; /* "camera" */
  size_t size;
  const DwRow *rows;
  size_t n_rows;
};

extern const DwShape dw_schema_root;

/* NULL when there is no such key. */
const DwRow *dw_schema_row (const DwShape *shape, const char *key);

/* The key that was probably meant, or NULL. */
const DwRow *dw_schema_nearest (const DwShape *shape, const char *key);

/* Writes what `fallback` says into a new struct, sub-sections included. The
 * policy's ceilings start as the built-in ones and have no rows for that. */
void dw_schema_defaults (const DwShape *shape, void *target);
