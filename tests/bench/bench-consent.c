/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What consent costs: per frame (a read of the slot, a verdict, against reading
 * the clock), and per change (terms cut anew, grants read and written). */
#include "bench.h"

#include "fixture.h"
#include "ledger.h"
#include "slot.h"

#include <glib/gstdio.h>

#define N_READS 100000
#define N_STORED 1000

typedef struct
{
  DwSlot *slot;
  DwSlotCopy copy;
  DwTerms terms;
  DwShareKey share;
  DwPolicy policy;
  DwGrant grants[DW_MAX_TERMS];
  DwLedger *ledger;
  volatile int64_t sink;
} Bench;

static void
read_clock (void *user_data)
{
  Bench *bench = user_data;

  for (int i = 0; i < N_READS; i++)
    bench->sink += dw_time_boot_ns ();
}

static void
read_epoch (void *user_data)
{
  Bench *bench = user_data;

  for (int i = 0; i < N_READS; i++)
    bench->sink += (int64_t)dw_slot_epoch (bench->slot, NOW_BOOT);
}

static void
read_slot (void *user_data)
{
  Bench *bench = user_data;

  for (int i = 0; i < N_READS; i++)
    bench->sink += (int64_t)dw_slot_read (bench->slot, NOW_BOOT, &bench->copy);
}

static void
read_new_terms (void *user_data)
{
  Bench *bench = user_data;

  for (int i = 0; i < N_READS; i++)
    {
      bench->copy.epoch = 0;
      bench->sink
          += (int64_t)dw_slot_read (bench->slot, NOW_BOOT, &bench->copy);
    }
}

static void
decide (void *user_data)
{
  Bench *bench = user_data;
  DwVerdict verdict;

  for (int i = 0; i < N_READS; i++)
    {
      dw_verdict_decide (&bench->terms, NOW_UTC + i, NOW_BOOT, &verdict);
      bench->sink += verdict.level;
    }
}

static void
cut_terms (void *user_data)
{
  Bench *bench = user_data;
  const DwQuestion question = { .policy = &bench->policy,
                                .share = &bench->share,
                                .grants = bench->grants,
                                .n_grants = 4,
                                .now = now_at (0) };
  DwTerms terms;

  dw_terms_compile (&question, &terms, NULL);
  bench->sink += (int64_t)terms.n_terms;
}

static void
ask_version (void *user_data)
{
  Bench *bench = user_data;
  uint64_t version;

  dw_ledger_version (bench->ledger, &version, NULL);
  bench->sink += (int64_t)version;
}

static void
read_grants (void *user_data)
{
  Bench *bench = user_data;
  DwGrant *grants;
  size_t n_grants;

  dw_ledger_grants (bench->ledger, &bench->share, &grants, &n_grants, NULL);
  bench->sink += (int64_t)n_grants;
  free (grants);
}

static bool
write_grant (Bench *bench)
{
  DwGrant grant = grant_for (&bench->share, 0, DW_LEVEL_MASKED);

  grant.valid_until_ns = dw_time_utc_ns () + HOUR;
  return dw_ledger_grant (bench->ledger, &bench->policy, &grant, NULL, NULL)
         == DW_OK;
}

static void
write_one (void *user_data)
{
  if (!write_grant (user_data))
    abort ();
}

static bool
fill (Bench *bench, const gchar *path)
{
  const DwQuestion question = { .policy = &bench->policy,
                                .share = &bench->share,
                                .grants = bench->grants,
                                .n_grants = 1,
                                .now = now_at (0) };

  bench->share = share_of_anna ();
  dw_policy_init (&bench->policy);
  for (size_t i = 0; i < DW_MAX_TERMS; i++)
    bench->grants[i] = grant_for (&bench->share, i + 1, DW_LEVEL_MASKED);
  dw_terms_compile (&question, &bench->terms, NULL);
  bench->slot = dw_slot_new ();
  if (bench->slot == NULL
      || dw_ledger_open (path, DW_LEDGER_WRITE, &bench->ledger, NULL) != DW_OK)
    return false;
  dw_slot_publish (bench->slot, &bench->terms, INT64_MAX, INT64_MAX);
  for (int i = 0; i < N_STORED; i++)
    if (!write_grant (bench))
      return false;
  return true;
}

static void
print_case (const BenchCase *one, int n_calls)
{
  printf ("%-46s %12.1f ns\n", one->name, one->median_ns / n_calls);
}

int
main (void)
{
  static Bench bench;
  static BenchCase frame[] = {
    { .name = "CLOCK_BOOTTIME (baseline)", .func = read_clock },
    { .name = "epoch of a slot", .func = read_epoch },
    { .name = "slot, epoch unchanged", .func = read_slot },
    { .name = "slot, one term copied", .func = read_new_terms },
    { .name = "verdict of one term", .func = decide },
  };
  static BenchCase change[] = {
    { .name = "terms cut from 4 grants", .func = cut_terms },
    { .name = "version of the ledger", .func = ask_version },
    { .name = "grants read, of 1000 and more", .func = read_grants },
    { .name = "grant written, synchronous=FULL", .func = write_one },
  };
  gchar *folder = g_dir_make_tmp ("doorward-bench-XXXXXX", NULL);
  gchar *path = g_build_filename (folder, "ledger.db", NULL);
  int code = EXIT_FAILURE;

  if (fill (&bench, path))
    {
      for (size_t i = 0; i < G_N_ELEMENTS (frame); i++)
        frame[i].user_data = &bench;
      for (size_t i = 0; i < G_N_ELEMENTS (change); i++)
        change[i].user_data = &bench;
      bench_print_head ("consent");
      bench_run (frame, G_N_ELEMENTS (frame), 31);
      bench_run (change, G_N_ELEMENTS (change), 101);
      for (size_t i = 0; i < G_N_ELEMENTS (frame); i++)
        print_case (&frame[i], N_READS);
      for (size_t i = 0; i < G_N_ELEMENTS (change); i++)
        print_case (&change[i], 1);
      code = EXIT_SUCCESS;
    }
  dw_ledger_close (bench.ledger);
  dw_slot_unref (bench.slot);
  g_remove (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
  return code;
}
