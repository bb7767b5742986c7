/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A loader on text, with an environment of its own. */
#pragma once

#include "dwtest.h"

#include "configuration.h"

#include <string.h>

#define TEST_SECRET "correct horse battery"

static inline const char *
test_lookup (const char *name)
{
  if (strcmp (name, "FRONT_PASSWORD") == 0)
    return TEST_SECRET;
  return strcmp (name, "EMPTY") == 0 ? "" : NULL;
}

/* What one load gave; g_free () it. */
typedef struct
{
  DwStatus status;
  DwConfig config;
  DwDiagnostics diagnostics;
} Load;

static inline Load *
load_text (const char *yaml, size_t size)
{
  Load *load = g_new (Load, 1);

  load->status = dw_config_parse (yaml, size, NULL, test_lookup, &load->config,
                                  &load->diagnostics);
  return load;
}

/* All errors as the user sees them, one a line; g_free () it. */
static inline gchar *
load_errors (const Load *load)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < load->diagnostics.n_errors
                     && i < G_N_ELEMENTS (load->diagnostics.errors);
       i++)
    {
      char line[1024];

      dw_diagnostic_format ("f.yaml", &load->diagnostics.errors[i], line,
                            sizeof line);
      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}

static inline bool
is_zero (const void *data, size_t size)
{
  const unsigned char *bytes = data;

  for (size_t i = 0; i < size; i++)
    if (bytes[i] != 0)
      return false;
  return true;
}
