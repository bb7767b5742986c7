/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs doorbell-sim for a test and ends it again. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  GSubprocess *process;
  GInputStream *output;
  gchar *onvif; /* "127.0.0.1:PORT" */
  gchar *main_uri, *sub_uri;
} DwTestSim;

/* Where the built program is. g_free () it. */
gchar *dw_test_sim_program (void);

/* Starts it with the words of `options` (no quoting), hidden from discovery,
 * and waits for its ready line. Fails the test when none comes. */
void dw_test_sim_start (DwTestSim *sim, const gchar *options);

/* SIGTERM; fails the test unless the program ends with status 0. */
void dw_test_sim_stop (DwTestSim *sim);

/* Runs it to its end with the words of `options`; returns its exit status.
 * What it said goes to `said` (g_free () it). */
gint dw_test_sim_run (const gchar *options, gchar **said);

/* One HTTP request without credentials. Returns the status, 0 when there was
 * no answer; the body, if wanted, goes to `body` (g_bytes_unref () it). */
gint dw_test_http (const gchar *host_port, const gchar *method,
                   const gchar *path, GBytes **body);
