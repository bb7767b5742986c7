/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ledger entry's body: JSON in one canonical form (fixed keys in a fixed
 * order, no blanks, whole numbers), so that equal entries are equal bytes, and
 * a body that is not exactly what would have been written is damaged. */
#pragma once

#include "policy.h"

#include <stddef.h>

/* Holds any body and its end. */
#define DW_ENTRY_BODY_SIZE 2560

/* What the owner consented to; sequence and times of the entry are not in it.
 * The grant must pass dw_grant_check (). Corners of regions are kept to a
 * millionth of the picture. */
void dw_entry_write_grant (const DwGrant *grant, char out[DW_ENTRY_BODY_SIZE]);

/* The reverse. On DW_ERROR_INVALID `out` is damaged and holds what was legible
 * of camera and recipient. */
DwStatus dw_entry_read_grant (const char *body, DwGrant *out);

/* Which grant a revocation takes back. */
void dw_entry_write_revocation (uint64_t sequence,
                                char out[DW_ENTRY_BODY_SIZE]);
DwStatus dw_entry_read_revocation (const char *body, uint64_t *sequence);
