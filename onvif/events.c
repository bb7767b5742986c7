/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a notification means: a table of what each maker calls its button, its
 * motion and its persons. */
#include "onvif.h"

#include <string.h>

static const char *const kind_texts[] = {
  [DW_EVENT_OTHER] = "other",     [DW_EVENT_PRESS] = "press",
  [DW_EVENT_MOTION] = "motion",   [DW_EVENT_PERSON] = "person",
  [DW_EVENT_VEHICLE] = "vehicle", [DW_EVENT_ANIMAL] = "animal",
  [DW_EVENT_FACE] = "face",       [DW_EVENT_PACKAGE] = "package",
  [DW_EVENT_LINE] = "line",       [DW_EVENT_FIELD] = "field",
  [DW_EVENT_TAMPER] = "tamper",   [DW_EVENT_INPUT] = "input",
};

#define N_KINDS (sizeof kind_texts / sizeof *kind_texts)

const char *
dw_event_kind_text (DwEventKind kind)
{
  return (size_t)kind < N_KINDS ? kind_texts[kind] : "other";
}

DwStatus
dw_event_kind_parse (const char *text, DwEventKind *out)
{
  *out = DW_EVENT_OTHER;
  for (size_t i = 0; text && i < N_KINDS; i++)
    if (strcmp (text, kind_texts[i]) == 0)
      {
        *out = (DwEventKind)i;
        return DW_OK;
      }
  return DW_ERROR_INVALID;
}
