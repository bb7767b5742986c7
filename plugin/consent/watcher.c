/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread between ledger and slot. It wakes a few times a frame, and when
 * the next grant begins or ends; everything it cannot vouch for closes the
 * slot. */
#include "watcher.h"

#include "grant.h"
#include "timebase.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A ledger that is not there or not right is looked for this often. */
#define RETRY_MS 50

/* Steps of the wall clock below this are the jitter of reading two clocks. */
#define CLOCK_STEP_NS (50 * DW_MILLISECOND_NS)

struct DwWatcher
{
  char *path;
  DwPolicy policy;
  DwShareKey share;
  DwSlot *slot;

  pthread_t thread;
  pthread_mutex_t lock; /* of what follows, up to `error` */
  pthread_cond_t wake;
  bool must_stop;
  DwError error;

  /* The thread's own. */
  DwLedger *ledger;
  uint64_t version;
  bool is_published;
  DwTerms terms; /* what is published */
  int64_t change_ns;
  int64_t latest_offset_ns, earliest_offset_ns; /* UTC minus BOOTTIME, then */
};

static bool
differs_by_a_step (int64_t a, int64_t b)
{
  return a > b ? a - b > CLOCK_STEP_NS : b - a > CLOCK_STEP_NS;
}

/* Equal but for the jitter of deadlines. */
static bool
term_is_same (const DwTerm *a, const DwTerm *b)
{
  return a->sequence == b->sequence && a->bounded_by == b->bounded_by
         && a->footage_from_ns == b->footage_from_ns
         && a->footage_until_ns == b->footage_until_ns && a->level == b->level
         && a->has_audio == b->has_audio
         && (a->boot_from_ns == 0) == (b->boot_from_ns == 0)
         && (a->boot_until_ns == 0) == (b->boot_until_ns == 0)
         && !differs_by_a_step (a->boot_from_ns, b->boot_from_ns)
         && !differs_by_a_step (a->boot_until_ns, b->boot_until_ns)
         && !differs_by_a_step (a->boot_bounds_ns, b->boot_bounds_ns)
         && dw_regions_are_same (a->regions, a->n_regions, b->regions,
                                 b->n_regions);
}

/* Then the epoch need not grow. */
static bool
terms_are_same (const DwTerms *a, const DwTerms *b)
{
  if (a->n_terms != b->n_terms)
    return false;
  for (size_t i = 0; i < a->n_terms; i++)
    if (!term_is_same (&a->terms[i], &b->terms[i]))
      return false;
  return true;
}

static int64_t
lease_from (int64_t boot_ns)
{
  return boot_ns + DW_LEASE_MS * DW_MILLISECOND_NS;
}

static void
publish (DwWatcher *watcher, const DwTerms *terms, const DwNow *now,
         int64_t change_ns)
{
  if (watcher->is_published && terms_are_same (&watcher->terms, terms)
      && dw_slot_renew (watcher->slot, now->boot_ns, lease_from (now->boot_ns)))
    return;
  memcpy (&watcher->terms, terms, sizeof *terms);
  watcher->change_ns = change_ns;
  watcher->is_published = true;
  dw_slot_publish (watcher->slot, terms, lease_from (now->boot_ns), change_ns);
}

static DwStatus
compile (const DwQuestion *question, DwTerms *terms, int64_t *change_ns,
         DwError *error)
{
  DwStatus status = dw_terms_compile (question, terms, change_ns);

  if (status == DW_ERROR_LIMIT)
    return dw_error_set (error, status,
                         "more than %d grants meet in this share; revoke them "
                         "all and grant anew",
                         DW_MAX_TERMS);
  if (status != DW_OK)
    return dw_error_set (error, status, "this share cannot be judged");
  return DW_OK;
}

/* Reads the grants of the share and publishes what they say. */
static DwStatus
reload (DwWatcher *watcher, uint64_t version, DwError *error)
{
  DwQuestion question
      = { .policy = &watcher->policy, .share = &watcher->share };
  int64_t change_ns = INT64_MAX;
  DwGrant *grants = NULL;
  DwTerms terms;
  DwStatus status = dw_ledger_grants (watcher->ledger, &watcher->share, &grants,
                                      &question.n_grants, error);

  question.grants = grants;
  /* After the grants: none of them may seem to be given in the future. */
  if (status == DW_OK)
    status = dw_ledger_now (watcher->ledger, &question.now, error);
  if (status == DW_OK)
    status = compile (&question, &terms, &change_ns, error);
  free (grants);
  if (status != DW_OK)
    return status;
  publish (watcher, &terms, &question.now, change_ns);
  watcher->version = version;
  watcher->latest_offset_ns = question.now.utc_latest_ns - question.now.boot_ns;
  watcher->earliest_offset_ns
      = question.now.utc_earliest_ns - question.now.boot_ns;
  return DW_OK;
}

/* True when what is published may no longer be what the ledger says. */
static bool
is_stale (const DwWatcher *watcher, uint64_t version, const DwNow *now)
{
  return !watcher->is_published || version != watcher->version
         || now->boot_ns >= watcher->change_ns
         || differs_by_a_step (now->utc_latest_ns - now->boot_ns,
                               watcher->latest_offset_ns)
         || differs_by_a_step (now->utc_earliest_ns - now->boot_ns,
                               watcher->earliest_offset_ns);
}

/* One look at the ledger. */
static DwStatus
look (DwWatcher *watcher, DwError *error)
{
  uint64_t version = 0;
  DwStatus status = DW_OK;
  DwNow now;

  if (watcher->ledger == NULL)
    status = dw_ledger_open (watcher->path, DW_LEDGER_WATCH, &watcher->ledger,
                             error);
  /* Before the grants: what is committed in between is met the next time. */
  if (status == DW_OK)
    status = dw_ledger_version (watcher->ledger, &version, error);
  if (status == DW_OK)
    status = dw_ledger_now (watcher->ledger, &now, error);
  if (status != DW_OK)
    return status;
  if (is_stale (watcher, version, &now)
      || !dw_slot_renew (watcher->slot, now.boot_ns, lease_from (now.boot_ns)))
    status = reload (watcher, version, error);
  return status;
}

static DwStatus
look_or_close (DwWatcher *watcher)
{
  DwError error = { 0 };
  DwStatus status = look (watcher, &error);

  if (status != DW_OK)
    {
      dw_slot_close (watcher->slot);
      watcher->is_published = false;
      dw_ledger_close (watcher->ledger);
      watcher->ledger = NULL;
    }
  pthread_mutex_lock (&watcher->lock);
  watcher->error = error;
  pthread_mutex_unlock (&watcher->lock);
  return status;
}

/* When to look again: in a while, or when the next grant begins or ends. */
static int64_t
pause_ns (const DwWatcher *watcher, DwStatus status)
{
  int64_t pause
      = (status == DW_OK ? DW_WATCH_INTERVAL_MS : RETRY_MS) * DW_MILLISECOND_NS;
  int64_t boot_ns = dw_time_boot_ns ();

  if (status == DW_OK && boot_ns > 0 && watcher->change_ns < boot_ns + pause)
    pause = watcher->change_ns > boot_ns ? watcher->change_ns - boot_ns : 0;
  return pause;
}

/* False when it is time to stop. */
static bool
wait_for (DwWatcher *watcher, int64_t nanoseconds)
{
  struct timespec until;
  bool must_stop;

  clock_gettime (CLOCK_MONOTONIC, &until);
  nanoseconds += until.tv_nsec;
  until.tv_sec += nanoseconds / DW_SECOND_NS;
  until.tv_nsec = nanoseconds % DW_SECOND_NS;
  pthread_mutex_lock (&watcher->lock);
  while (!watcher->must_stop
         && pthread_cond_timedwait (&watcher->wake, &watcher->lock, &until)
                == 0)
    continue;
  must_stop = watcher->must_stop;
  pthread_mutex_unlock (&watcher->lock);
  return !must_stop;
}

static void *
watch (void *data)
{
  DwWatcher *watcher = data;
  DwStatus status = watcher->error.status;

  while (wait_for (watcher, pause_ns (watcher, status)))
    status = look_or_close (watcher);
  return NULL;
}

static void
free_watcher (DwWatcher *watcher)
{
  dw_ledger_close (watcher->ledger);
  dw_slot_unref (watcher->slot);
  pthread_cond_destroy (&watcher->wake);
  pthread_mutex_destroy (&watcher->lock);
  free (watcher->path);
  free (watcher);
}

/* The wait must not be moved by somebody who sets the wall clock. */
static void
init_wake (pthread_cond_t *wake)
{
  pthread_condattr_t attributes;

  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (wake, &attributes);
  pthread_condattr_destroy (&attributes);
}

DwStatus
dw_watcher_new (const char *ledger_path, const DwPolicy *policy,
                const DwShareKey *share, DwSlot *slot, DwWatcher **out,
                DwError *error)
{
  DwWatcher *watcher = calloc (1, sizeof *watcher);

  *out = NULL;
  if (watcher == NULL)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "out of memory");
  watcher->slot = dw_slot_ref (slot);
  watcher->policy = *policy;
  watcher->share = *share;
  pthread_mutex_init (&watcher->lock, NULL);
  init_wake (&watcher->wake);
  watcher->path = strdup (ledger_path);
  if (watcher->path == NULL)
    {
      free_watcher (watcher);
      return dw_error_set (error, DW_ERROR_NO_MEMORY, "out of memory");
    }
  look_or_close (watcher);
  if (pthread_create (&watcher->thread, NULL, watch, watcher) != 0)
    {
      dw_slot_close (slot);
      free_watcher (watcher);
      return dw_error_set (error, DW_ERROR_NO_MEMORY,
                           "the watcher's thread cannot be started");
    }
  *out = watcher;
  return DW_OK;
}

void
dw_watcher_free (DwWatcher *watcher)
{
  if (watcher == NULL)
    return;
  pthread_mutex_lock (&watcher->lock);
  watcher->must_stop = true;
  pthread_cond_signal (&watcher->wake);
  pthread_mutex_unlock (&watcher->lock);
  pthread_join (watcher->thread, NULL);
  dw_slot_close (watcher->slot);
  free_watcher (watcher);
}

DwStatus
dw_watcher_status (DwWatcher *watcher, DwError *error)
{
  DwStatus status;

  pthread_mutex_lock (&watcher->lock);
  status = watcher->error.status;
  if (error != NULL)
    *error = watcher->error;
  pthread_mutex_unlock (&watcher->lock);
  return status;
}
