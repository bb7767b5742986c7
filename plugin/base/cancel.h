/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flag that another thread raises to end a call that waits. */
#pragma once

#include "status.h"

#include <stdbool.h>

typedef struct DwCancel DwCancel;

/* NULL when memory or descriptors ran out. */
DwCancel *dw_cancel_new (void);
void dw_cancel_free (DwCancel *cancel);

/* Every call that waits on `cancel` returns DW_ERROR_CANCELLED, also later
 * ones, until reset. Safe from any thread and from a signal handler. */
void dw_cancel_raise (DwCancel *cancel);
void dw_cancel_reset (DwCancel *cancel);

/* False for NULL. */
bool dw_cancel_is_raised (const DwCancel *cancel);

/* A descriptor that polls readable while raised; -1 for NULL. */
int dw_cancel_fd (const DwCancel *cancel);

/* Waits until raised (DW_ERROR_CANCELLED) or until `timeout_ms` have passed
 * (DW_OK). `cancel` may be NULL: a plain wait. */
DwStatus dw_cancel_wait (DwCancel *cancel, unsigned timeout_ms);
