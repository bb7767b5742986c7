/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rectangles that must not overlap: each is one mean colour, and a pixel under
 * two of them would tell more than a mean. */
#pragma once

#include "picture.h"

/* Merges rectangles that overlap into the one around them, until none does.
 * Returns how many are left. */
size_t dw_rects_merge (DwRect *rects, size_t n);
