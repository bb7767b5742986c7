/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker pool: one lock over both queues, an eventfd to the loop. */
#include "server-pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define STACK_SIZE (1u << 20)

typedef struct
{
  DwPoolJob *first, *last;
} Queue;

typedef struct
{
  struct DwPool *pool;
  unsigned index;
  pthread_t thread;
  bool is_running;
} Worker;

struct DwPool
{
  DwPoolFunc func;
  void *user_data;
  int fd;
  Worker workers[DW_POOL_WORKERS];
  pthread_mutex_t lock; /* of all below */
  pthread_cond_t has_jobs;
  Queue jobs, done;
  bool has_quit;
};

static void
queue_push (Queue *queue, DwPoolJob *job)
{
  job->next = NULL;
  if (queue->last)
    queue->last->next = job;
  else
    queue->first = job;
  queue->last = job;
}

static DwPoolJob *
queue_pop (Queue *queue)
{
  DwPoolJob *job = queue->first;

  if (job == NULL)
    return NULL;
  queue->first = job->next;
  if (queue->first == NULL)
    queue->last = NULL;
  return job;
}

static void *
worker_main (void *data)
{
  Worker *worker = data;
  DwPool *pool = worker->pool;

  pthread_mutex_lock (&pool->lock);
  for (;;)
    {
      DwPoolJob *job = queue_pop (&pool->jobs);

      if (job == NULL)
        {
          if (pool->has_quit)
            break;
          pthread_cond_wait (&pool->has_jobs, &pool->lock);
          continue;
        }
      pthread_mutex_unlock (&pool->lock);
      pool->func (job, worker->index, pool->user_data);
      pthread_mutex_lock (&pool->lock);
      queue_push (&pool->done, job);
      dw_pool_poke (pool);
    }
  pthread_mutex_unlock (&pool->lock);
  return NULL;
}

static bool
start_workers (DwPool *pool)
{
  pthread_attr_t small;
  bool is_started = true;

  if (pthread_attr_init (&small) != 0)
    return false;
  pthread_attr_setstacksize (&small, STACK_SIZE);
  for (unsigned i = 0; i < DW_POOL_WORKERS && is_started; i++)
    {
      Worker *worker = &pool->workers[i];

      worker->pool = pool;
      worker->index = i;
      worker->is_running
          = pthread_create (&worker->thread, &small, worker_main, worker) == 0;
      is_started = worker->is_running;
    }
  pthread_attr_destroy (&small);
  return is_started;
}

DwPool *
dw_pool_new (DwPoolFunc func, void *user_data)
{
  DwPool *pool = calloc (1, sizeof *pool);

  if (pool == NULL)
    return NULL;
  pool->func = func;
  pool->user_data = user_data;
  pthread_mutex_init (&pool->lock, NULL);
  pthread_cond_init (&pool->has_jobs, NULL);
  pool->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (pool->fd < 0 || !start_workers (pool))
    {
      dw_pool_free (pool);
      return NULL;
    }
  return pool;
}

void
dw_pool_free (DwPool *pool)
{
  if (pool == NULL)
    return;
  pthread_mutex_lock (&pool->lock);
  pool->has_quit = true;
  pthread_cond_broadcast (&pool->has_jobs);
  pthread_mutex_unlock (&pool->lock);
  for (unsigned i = 0; i < DW_POOL_WORKERS; i++)
    if (pool->workers[i].is_running)
      pthread_join (pool->workers[i].thread, NULL);
  if (pool->fd >= 0)
    close (pool->fd);
  pthread_cond_destroy (&pool->has_jobs);
  pthread_mutex_destroy (&pool->lock);
  free (pool);
}

void
dw_pool_submit (DwPool *pool, DwPoolJob *job)
{
  pthread_mutex_lock (&pool->lock);
  queue_push (&pool->jobs, job);
  pthread_cond_signal (&pool->has_jobs);
  pthread_mutex_unlock (&pool->lock);
}

DwPoolJob *
dw_pool_take_done (DwPool *pool)
{
  DwPoolJob *job;

  pthread_mutex_lock (&pool->lock);
  job = queue_pop (&pool->done);
  pthread_mutex_unlock (&pool->lock);
  return job;
}

int
dw_pool_fd (const DwPool *pool)
{
  return pool->fd;
}

void
dw_pool_poke (DwPool *pool)
{
  const uint64_t one = 1;
  ssize_t written;

  /* A full counter (EAGAIN) is readable already. */
  do
    written = write (pool->fd, &one, sizeof one);
  while (written < 0 && errno == EINTR);
}

void
dw_pool_calm (DwPool *pool)
{
  uint64_t count;
  ssize_t n_read;

  do
    n_read = read (pool->fd, &count, sizeof count);
  while (n_read < 0 && errno == EINTR);
}
