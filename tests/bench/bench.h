/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A figure comes with its CPU, commit, median and baseline in the same run. */
#pragma once

#include <glib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_MAX_ROUNDS 400

/* One thing that is measured. */
typedef void (*BenchFunc) (void *user_data);

typedef struct
{
  const char *name;
  BenchFunc func;
  void *user_data;
  double ns[BENCH_MAX_ROUNDS];
  double median_ns;
} BenchCase;

static inline double
bench_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static inline int
bench_compare (const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Runs all cases in turn, round by round, so that whatever slows the machine
 * slows all of them alike. */
static inline void
bench_run (BenchCase *cases, size_t n_cases, int n_rounds)
{
  for (size_t i = 0; i < n_cases; i++)
    cases[i].func (cases[i].user_data); /* warms caches and memory */
  for (int round = 0; round < n_rounds; round++)
    for (size_t i = 0; i < n_cases; i++)
      {
        const double start = bench_now_ns ();

        cases[i].func (cases[i].user_data);
        cases[i].ns[round] = bench_now_ns () - start;
      }
  for (size_t i = 0; i < n_cases; i++)
    {
      qsort (cases[i].ns, (size_t)n_rounds, sizeof (double), bench_compare);
      cases[i].median_ns = cases[i].ns[n_rounds / 2];
    }
}

static inline void
bench_print_head (const char *title)
{
  const gchar *source = g_getenv ("DOORWARD_SOURCE");
  const gchar *argv[]
      = { "git",     "-C", source ? source : ".", "describe", "--always",
          "--dirty", NULL };
  gchar *commit = NULL, *info = NULL;
  char cpu[128] = "unknown";

  g_spawn_sync (NULL, (gchar **)argv, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                &commit, NULL, NULL, NULL);
  if (g_file_get_contents ("/proc/cpuinfo", &info, NULL, NULL))
    {
      const char *model = strstr (info, "model name");

      if (model != NULL)
        sscanf (model, "model name%*[ \t:]%127[^\n]", cpu);
    }
  printf ("%s\nCPU %s, commit %s, medians\n", title, cpu,
          commit && *commit ? g_strstrip (commit) : "unknown");
  g_free (commit);
  g_free (info);
}
