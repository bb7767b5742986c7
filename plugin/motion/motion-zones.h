/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones: polygons drawn once into the cell grid. */
#pragma once

#include "motion.h"

/* Fills, for each cell, the bits of the zones its middle lies in and the
 * factor by which their sensitivity multiplies its score (0: deaf). Without
 * zones every cell has bit 0 and the config's own factor. `width` and
 * `height` are pixels. */
void dw_zones_draw (const DwMotionConfig *config, int width, int height,
                    int cell_size, uint16_t *bits, float *gain);
