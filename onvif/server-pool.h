/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fixed pool of worker threads between two queues: jobs go in, done jobs
 * come out, and a descriptor becomes readable when there are any. A job
 * belongs to one side at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define DW_POOL_WORKERS 16

/* The first member of whatever is worked on. */
typedef struct DwPoolJob
{
  struct DwPoolJob *next;
} DwPoolJob;

/* On a worker; `worker` is 0..DW_POOL_WORKERS-1. */
typedef void (*DwPoolFunc) (DwPoolJob *job, unsigned worker, void *user_data);

typedef struct DwPool DwPool;

/* NULL when threads, memory or descriptors ran out. */
DwPool *dw_pool_new (DwPoolFunc func, void *user_data);

/* Works off what was submitted, then ends the threads. */
void dw_pool_free (DwPool *pool);

void dw_pool_submit (DwPool *pool, DwPoolJob *job);

/* The next done job, or NULL. Never waits. */
DwPoolJob *dw_pool_take_done (DwPool *pool);

/* Readable after a job was done or dw_pool_poke (), until dw_pool_calm (). */
int dw_pool_fd (const DwPool *pool);
void dw_pool_poke (DwPool *pool);
void dw_pool_calm (DwPool *pool);
