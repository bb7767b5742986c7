/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorward.yaml: what a home writes down once. One table of rows drives
 * loading, defaults, ranges, help, the commented example and the JSON schema.
 *
 * A file is loaded whole or not at all: with any error nothing is applied, and
 * all errors of the file are reported in one go, each with file:line:column,
 * the key's path, what was expected, and the nearest known key. */
#pragma once

#include "motion.h"
#include "policy.h"
#include "status.h"

#include <stddef.h>
#include <stdint.h>

#define DW_CONFIG_MAX_CAMERAS 32
#define DW_CONFIG_MAX_RECIPIENTS 64
#define DW_CONFIG_MAX_RULES 16
#define DW_CONFIG_MAX_PRIVATE_ZONES 16
#define DW_CONFIG_TEXT 256

/* An event rule as written; see DwOnvifTopicRule, which it becomes. */
typedef struct
{
  char topic[128];
  char source[128];
  char item[128];
  char value[128];
  char kind[32]; /* press, motion, person, ... */
} DwEventRuleConfig;

typedef struct
{
  char name[DW_TEXT_LENGTH];
  char location[DW_CONFIG_TEXT]; /* onvif://..., rtsp://... */
  char user[DW_CONFIG_TEXT];
  char password[DW_CONFIG_TEXT]; /* a secret: never printed */
  char profile[DW_CONFIG_TEXT];  /* main, sub, or a token */
  DwMotionConfig motion;
  size_t n_private_zones;
  DwPolygon private_zones[DW_CONFIG_MAX_PRIVATE_ZONES];
  size_t n_rules;
  DwEventRuleConfig rules[DW_CONFIG_MAX_RULES];
} DwCameraConfig;

typedef struct
{
  char name[DW_TEXT_LENGTH];
  DwRecipientClass recipient_class;
} DwRecipientConfig;

typedef struct
{
  char ledger[DW_CONFIG_TEXT]; /* "": the default place */
  DwPolicy policy;             /* built-in ceilings met with the file's */
  uint32_t mask_hold_ms;       /* default 1000 */
  float mask_grow;             /* default 1.5 */
  size_t n_cameras;
  DwCameraConfig cameras[DW_CONFIG_MAX_CAMERAS];
  size_t n_recipients;
  DwRecipientConfig recipients[DW_CONFIG_MAX_RECIPIENTS];
} DwConfig;

typedef struct
{
  int line, column;          /* from 1; 0: the file as a whole */
  char path[DW_CONFIG_TEXT]; /* cameras.front.motion.hold */
  char text[384];            /* "expected 0..60000 ms, got -5" */
} DwDiagnostic;

typedef struct
{
  size_t n_errors; /* those beyond the array are counted too */
  DwDiagnostic errors[64];
} DwDiagnostics;

/* Where ${NAME} comes from; returns NULL for an unset one. The service passes
 * getenv; a core reads no environment by itself. */
typedef const char *(*DwConfigLookup) (const char *name);

/* What holds without a file. */
void dw_config_init (DwConfig *config);

/* Both need about 300 kB: keep a DwConfig on the heap. On error *out is the
 * zero of everything, whose policy shows nothing. Bounded: 1 MiB, 64 levels,
 * no aliases. Secrets: `password: ${NAME}` or `password-file: PATH`. */
DwStatus dw_config_load (const char *path, DwConfigLookup lookup, DwConfig *out,
                         DwDiagnostics *diagnostics);
DwStatus dw_config_parse (const char *yaml, size_t size, const char *folder,
                          DwConfigLookup lookup, DwConfig *out,
                          DwDiagnostics *diagnostics);

/* "FILE:12:7: cameras.front.motion.hold: expected ..." */
void dw_diagnostic_format (const char *file, const DwDiagnostic *diagnostic,
                           char *out, size_t size);

const DwCameraConfig *dw_config_camera (const DwConfig *config,
                                        const char *name);
const DwRecipientConfig *dw_config_recipient (const DwConfig *config,
                                              const char *name);

/* The JSON schema and the reference of all keys, from the same table; returns
 * the length that would have been written, as snprintf does. */
size_t dw_config_schema (char *out, size_t size);
size_t dw_config_reference (char *out, size_t size);

/* Wipes secrets. */
void dw_config_wipe (DwConfig *config);
