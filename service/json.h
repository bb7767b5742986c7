/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes JSON (RFC 8259), two blanks a level. What is not UTF-8 becomes U+FFFD,
 * so that a device's odd name cannot spoil the document. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define DW_JSON_MAX_DEPTH 16

typedef struct
{
  FILE *out;
  int depth;
  bool has_members[DW_JSON_MAX_DEPTH];
} DwJson;

/* `key` is NULL in an array and for the document itself. */
void dw_json_begin_object (DwJson *json, const char *key);
void dw_json_end_object (DwJson *json);
void dw_json_begin_array (DwJson *json, const char *key);
void dw_json_end_array (DwJson *json);

/* NULL is written as null. */
void dw_json_text (DwJson *json, const char *key, const char *text);
void dw_json_number (DwJson *json, const char *key, int64_t number);
void dw_json_real (DwJson *json, const char *key, double number);
void dw_json_bool (DwJson *json, const char *key, bool value);

/* UTC in ISO 8601; 0, which means "not known", is null. */
void dw_json_time (DwJson *json, const char *key, int64_t utc_ns);
