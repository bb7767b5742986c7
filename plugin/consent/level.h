/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Levels, recipient classes and the key that names one share. */
#pragma once

#include "status.h"

#include <stdbool.h>

/* Ordered: a smaller one shows less. */
typedef enum
{
  DW_LEVEL_NOTHING = 0,
  DW_LEVEL_MASKED,
  DW_LEVEL_BLURRED,
  DW_LEVEL_CLEAR,
} DwLevel;

typedef enum
{
  DW_CLASS_NONE = 0, /* unknown: nothing, whatever is granted */
  DW_CLASS_HOUSEHOLD,
  DW_CLASS_NEIGHBOUR,
  DW_CLASS_COMMUNITY,
  DW_CLASS_POLICE,
  DW_CLASS_VENDOR,
  DW_CLASS_PUBLIC,
  DW_N_CLASSES,
} DwRecipientClass;

#define DW_TEXT_LENGTH 64

/* Which share: what a grant must cover exactly. Empty strings match only
 * empty strings. `camera` and `recipient` must not be empty. */
typedef struct
{
  char camera[DW_TEXT_LENGTH];
  char recipient[DW_TEXT_LENGTH];
  DwRecipientClass recipient_class;
  char purpose[DW_TEXT_LENGTH];
  char case_number[DW_TEXT_LENGTH];
  char consent_hash[DW_TEXT_LENGTH + 1]; /* SHA-256 in hex, class vendor */
  bool is_live;
} DwShareKey;

/* "nothing", "masked", ...; "household", ... Static storage. */
const char *dw_level_text (DwLevel level);
const char *dw_class_text (DwRecipientClass recipient_class);

/* The reverse; unknown text is DW_ERROR_INVALID and the zero value. */
DwStatus dw_level_parse (const char *text, DwLevel *out);
DwStatus dw_class_parse (const char *text, DwRecipientClass *out);

/* The smaller one; a value out of range counts as nothing. */
DwLevel dw_level_meet (DwLevel a, DwLevel b);

/* Letters, digits, '.', '_', '-', '@', 1 to 63 of them: what cameras,
 * recipients, purposes and case numbers ('/' and ' ' allowed there) are written
 * with. */
bool dw_name_is_valid (const char *name);
bool dw_case_is_valid (const char *case_number);
