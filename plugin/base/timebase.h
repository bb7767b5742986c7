/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two clocks: UTC for people and footage, BOOTTIME for promises. All
 * times are signed nanoseconds; 0 means "not known". */
#pragma once

#include "status.h"

#include <stddef.h>
#include <stdint.h>

#define DW_SECOND_NS INT64_C (1000000000)
#define DW_MILLISECOND_NS INT64_C (1000000)

/* Nanoseconds since boot, suspend included (CLOCK_BOOTTIME); 0 when the clock
 * cannot be read, which every caller treats as "deny". */
int64_t dw_time_boot_ns (void);

/* Nanoseconds since 1970 UTC (CLOCK_REALTIME); 0 when it cannot be read. */
int64_t dw_time_utc_ns (void);

/* Room for "2026-11-23T20:15:00.123Z" and its end. */
#define DW_TIME_TEXT 40

/* ISO 8601 in UTC with milliseconds. Returns `out`. */
char *dw_time_format (int64_t utc_ns, char out[DW_TIME_TEXT]);

/* Reads "YYYY-MM-DDTHH:MM[:SS[.fraction]](Z|+HH:MM|-HH:MM)", a space allowed
 * for the T, "now", or an offset from now such as "+2h", "-30m", "+7d", "+90s".
 * Impossible dates are DW_ERROR_INVALID; *out_ns is 0 then. */
DwStatus dw_time_parse (const char *text, int64_t now_ns, int64_t *out_ns);
