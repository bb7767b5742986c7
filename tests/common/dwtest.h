/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every test shares: GStreamer's check, the elements registered
 * statically, and a skip that is said aloud. */
#pragma once

#include <gst/check/gstcheck.h>

#include <stdio.h>
#include <stdlib.h>

/* GStreamer's test macros are written with a semicolon after them. */
#pragma GCC diagnostic ignored "-Wpedantic"

/* Meson's exit code for a skipped test. */
#define DW_TEST_SKIPPED 77

/* A file below the shared test data, or NULL when it is not there: then the
 * test says so. g_free () it. */
static inline gchar *
dw_test_shared (const gchar *name)
{
  const gchar *folder = g_getenv ("DOORWARD_SHARED");
  gchar *path = folder ? g_build_filename (folder, name, NULL) : NULL;

  if (path && !g_file_test (path, G_FILE_TEST_EXISTS))
    g_clear_pointer (&path, g_free);
  if (path == NULL)
    printf ("SKIP: no shared test data for %s\n", name);
  return path;
}
