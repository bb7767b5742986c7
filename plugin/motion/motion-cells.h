/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two answers as maps of cells: the wide foreground and the narrow moving
 * cells. All maps have the scene's columns * rows bytes. */
#pragma once

#include "motion-tracks.h"

/* The foreground: a cell counts when it is far off, or when neighbours are off
 * as well; then everything grows by a cell. `seen` is scratch. */
void dw_cells_draw_foreground (const DwBackground *background,
                               const float *pooled, uint8_t *seen,
                               uint8_t *foreground);

/* Cells inside a tracked object, between its outermost ones of a row, are its
 * own. */
void dw_cells_fill_track (const DwTrack *track, int columns,
                          uint8_t *foreground);

/* Writes `value` to the cells of a track's blob that are not faint beside the
 * rest (an edge cell is covered in part only) and to the holes between. */
void dw_cells_mark_moving (const DwBackground *background, const DwBlobs *blobs,
                           const DwTrack *track, uint8_t value,
                           uint8_t *moving);
