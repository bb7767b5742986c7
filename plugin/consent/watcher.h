/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watcher: a thread that asks the ledger what a share may show whenever
 * another process has committed, publishes it to a slot, and renews the slot's
 * lease while it can vouch for the ledger. Whatever goes wrong (file gone,
 * database locked for longer than the lease, clock unreadable) closes. */
#pragma once

#include "ledger.h"
#include "slot.h"

#include <stdint.h>

#define DW_WATCH_INTERVAL_MS 4
#define DW_LEASE_MS 500

typedef struct DwWatcher DwWatcher;

/* Copies `policy` and `share`, refs `slot`. A ledger that is not there yet is
 * no error: the share stays closed until it is. Returns after the first
 * look at the ledger, so that a share with a grant does not start with a card.
 */
DwStatus dw_watcher_new (const char *ledger_path, const DwPolicy *policy,
                         const DwShareKey *share, DwSlot *slot, DwWatcher **out,
                         DwError *error);

/* Stops the thread and closes the slot. */
void dw_watcher_free (DwWatcher *watcher);

/* The last thing that went wrong, DW_OK and "" when all is well. Any thread. */
DwStatus dw_watcher_status (DwWatcher *watcher, DwError *error);
