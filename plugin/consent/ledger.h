/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ledger: what the owner consented to, in SQLite (WAL, synchronous=FULL).
 * Rows are only ever added. Any process of the owner may write; a commit is
 * seen by every watcher. Never used from a real-time thread. */
#pragma once

#include "policy.h"
#include "status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct DwLedger DwLedger;

typedef enum
{
  DW_LEDGER_READ = 0, /* the file must be there */
  DW_LEDGER_WATCH,    /* as READ, but the highest time is stored */
  DW_LEDGER_WRITE,    /* made when missing, mode 0600, folders 0700 */
} DwLedgerMode;

/* One DwLedger is one thread's. A file that is a link, another user's, or
 * that others may write to is DW_ERROR_REFUSED; one that is no ledger, was
 * changed behind its back, or is of a newer version is DW_ERROR_INVALID. */
DwStatus dw_ledger_open (const char *path, DwLedgerMode mode, DwLedger **out,
                         DwError *error);
void dw_ledger_close (DwLedger *ledger);

/* Adds a grant after checking it by itself (names, windows that are not empty,
 * level, regions) and against `policy`: one that could never show anything is
 * DW_ERROR_REFUSED, with the ceiling in the error. Durable when it returns.
 * sequence, given_at and revoked fields of `grant` are ignored. */
DwStatus dw_ledger_grant (DwLedger *ledger, const DwPolicy *policy,
                          const DwGrant *grant, uint64_t *sequence,
                          DwError *error);

/* Durable when it returns. DW_ERROR_NOT_FOUND for no such grant; revoking
 * twice is DW_OK and changes nothing. */
DwStatus dw_ledger_revoke (DwLedger *ledger, uint64_t sequence, DwError *error);

/* All grants, oldest first, those of `share` only where it is not NULL
 * (purpose, case and live included). One that cannot be read is there as
 * damaged, see DwGrant. An entry that is missing, or a revocation that cannot
 * be read, is DW_ERROR_INVALID: nobody knows what it said. `*out` is the
 * caller's: free (). */
DwStatus dw_ledger_grants (DwLedger *ledger, const DwShareKey *share,
                           DwGrant **out, size_t *n_out, DwError *error);

/* A number that differs from the last call's whenever another connection
 * committed in between (PRAGMA data_version). Some lstat () and file locks:
 * microseconds. An error once a file below the ledger was removed or replaced.
 */
DwStatus dw_ledger_version (DwLedger *ledger, uint64_t *out, DwError *error);

/* Reads both clocks against the highest time this ledger has seen, see DwNow.
 * The lowest it may be is counted on BOOTTIME from the newest entry of this
 * boot, else from when the ledger was opened: what the owner wrote then is the
 * word on what time it was. Unless only for reading, the highest time is
 * stored now and then, so that a wall clock set back is found after a restart
 * too. */
DwStatus dw_ledger_now (DwLedger *ledger, DwNow *out, DwError *error);
