/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What policy.c and terms.c share about a grant and the share it is for; not
 * for callers of the core. */
#pragma once

#include "policy.h"

/* Names legible, class known, hash empty or SHA-256 in lower case hex. */
bool dw_share_key_is_valid (const DwShareKey *share);

/* True when `grant` speaks of `share`: its key is the same, or it is damaged
 * and what is legible of its key does not differ. */
bool dw_grant_concerns (const DwGrant *grant, const DwShareKey *share);

/* The ceiling over `share`: `policy` met with what is built in. */
DwCeiling dw_policy_ceiling (const DwPolicy *policy, const DwShareKey *share);

/* DW_REASON_GRANTED, or why that ceiling shows nothing of this share. */
DwReason dw_ceiling_judge (const DwCeiling *ceiling, const DwShareKey *share);

/* Point by point. */
bool dw_regions_are_same (const DwPolygon *a, size_t n_a, const DwPolygon *b,
                          size_t n_b);
