/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict slot: how one writer (the watcher) tells any number of
 * real-time readers what a share may show, without a lock: a seqlock.
 *
 * Epochs: published ones are even and grow by at least 2 whenever any verdict
 * may have shrunk. While the lease or the terms' own deadline has passed,
 * readers see the odd epoch after the published one, and no terms: so a dead
 * writer closes the share, and what was cleared before is old at once. */
#pragma once

#include "policy.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct DwSlot DwSlot;

/* Closed: epoch 1, no terms. NULL when out of memory. Reference counted,
 * because gates outlive filters. */
DwSlot *dw_slot_new (void);
DwSlot *dw_slot_ref (DwSlot *slot);
void dw_slot_unref (DwSlot *slot);

/* Writer side, one thread. Publishes terms under a new even epoch; they hold
 * until `lease_until_ns` is not renewed, and not beyond `change_ns` (the next
 * beginning or end; INT64_MAX: none). */
void dw_slot_publish (DwSlot *slot, const DwTerms *terms,
                      int64_t lease_until_ns, int64_t change_ns);

/* Writer side. Prolongs the lease of what is published. A lease that has
 * already run out at `now_ns` stays run out: publish again. Returns whether it
 * was prolonged. */
bool dw_slot_renew (DwSlot *slot, int64_t now_ns, int64_t lease_until_ns);

/* Writer side. Closes at once. */
void dw_slot_close (DwSlot *slot);

/* Reader side: the epoch in force now. Odd means closed. A few nanoseconds. */
uint64_t dw_slot_epoch (DwSlot *slot, int64_t now_ns);

/* A reader's own copy; zero before the first read. */
typedef struct
{
  uint64_t epoch;
  DwTerms terms;
} DwSlotCopy;

/* Reader side: brings `copy` up to date and returns the epoch in force, which
 * is copy->epoch. Copies the terms only when the epoch has changed. A writer
 * that died while writing reads as closed. Never blocks. */
uint64_t dw_slot_read (DwSlot *slot, int64_t now_ns, DwSlotCopy *copy);
