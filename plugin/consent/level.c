/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of levels and recipient classes, and which names a share may have. */
#include "level.h"

#include <stddef.h>
#include <string.h>

static const char *const level_texts[]
    = { "nothing", "masked", "blurred", "clear" };

static const char *const class_texts[DW_N_CLASSES]
    = { "none",   "household", "neighbour", "community",
        "police", "vendor",    "public" };

#define N_LEVELS (sizeof level_texts / sizeof *level_texts)

static bool
is_name_char (char c)
{
  /* Not isalnum (): that asks the locale. */
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'
         || c == '@';
}

/* `also` lists the characters allowed beside those of a name. */
static bool
is_written_with (const char *text, const char *also)
{
  size_t length = 0;

  for (; text[length] != '\0'; length++)
    {
      /* Never past the field that holds it, should its end be missing. */
      if (length == DW_TEXT_LENGTH - 1)
        return false;
      if (!is_name_char (text[length]) && strchr (also, text[length]) == NULL)
        return false;
    }
  return length > 0;
}

const char *
dw_level_text (DwLevel level)
{
  return (size_t)level < N_LEVELS ? level_texts[level] : level_texts[0];
}

const char *
dw_class_text (DwRecipientClass recipient_class)
{
  return (size_t)recipient_class < DW_N_CLASSES ? class_texts[recipient_class]
                                                : class_texts[0];
}

DwStatus
dw_level_parse (const char *text, DwLevel *out)
{
  *out = DW_LEVEL_NOTHING;
  for (size_t i = 0; text != NULL && i < N_LEVELS; i++)
    if (strcmp (text, level_texts[i]) == 0)
      {
        *out = (DwLevel)i;
        return DW_OK;
      }
  return DW_ERROR_INVALID;
}

DwStatus
dw_class_parse (const char *text, DwRecipientClass *out)
{
  *out = DW_CLASS_NONE;
  for (size_t i = DW_CLASS_NONE + 1; text != NULL && i < DW_N_CLASSES; i++)
    if (strcmp (text, class_texts[i]) == 0)
      {
        *out = (DwRecipientClass)i;
        return DW_OK;
      }
  return DW_ERROR_INVALID;
}

DwLevel
dw_level_meet (DwLevel a, DwLevel b)
{
  if ((size_t)a >= N_LEVELS || (size_t)b >= N_LEVELS)
    return DW_LEVEL_NOTHING;
  return a < b ? a : b;
}

bool
dw_name_is_valid (const char *name)
{
  return name != NULL && is_written_with (name, "");
}

bool
dw_case_is_valid (const char *case_number)
{
  return case_number != NULL && is_written_with (case_number, "/ ")
         && case_number[0] != ' '
         && case_number[strlen (case_number) - 1] != ' ';
}
