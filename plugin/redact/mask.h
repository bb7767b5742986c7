/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which 16x16 cells of a picture may be seen. Built anew for every frame from
 * rectangles and polygons, grown and held so that a lost object stays hidden.
 * The zero cell hides. */
#pragma once

#include "picture.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DW_MASK_CELL 16
#define DW_MASK_MAX_RECTS 256

typedef enum
{
  DW_CELL_FILL = 0, /* constant colour */
  DW_CELL_KEEP,     /* shown as it is, or under a blurred rectangle */
} DwCell;

/* What one frame shows. Cells are DwCell, rows * columns of them; the last
 * column and row may reach over the picture's edge. `blurred` rectangles lie
 * on cell borders and are shown as their mean colour, one colour a rectangle;
 * where a filled cell meets one, fill wins, and where two of them overlap they
 * are already merged into one. */
typedef struct
{
  int width, height; /* of the picture in pixels */
  int columns, rows;
  const uint8_t *cells;
  size_t n_blurred;
  const DwRect *blurred;
} DwMask;

/* True when sizes fit together and rectangles lie on cell borders within the
 * grid: what every reader of a mask asks first. */
bool dw_mask_is_valid (const DwMask *mask);

typedef struct DwMasker DwMasker;

/* `hold_ms`: how long a cell stays hidden after its object was last seen;
 * `grow`: factor by which a rectangle grows about its middle, 1.0 to 4.0. */
DwStatus dw_masker_new (uint32_t hold_ms, float grow, DwMasker **out);
void dw_masker_free (DwMasker *masker);

/* Size of the pictures to come; forgets what was held. 1..DW_MAX_DIMENSION. */
DwStatus dw_masker_set_size (DwMasker *masker, int width, int height);

/* Starts a frame: everything kept, except what is still held at `time_ns`
 * (monotonic; a jump backwards holds everything that was ever held until
 * hold_ms after the new time). */
void dw_masker_begin (DwMasker *masker, int64_t time_ns);

/* Hides an object: grown, rounded out to cells, held. More rectangles than
 * DW_MASK_MAX_RECTS hide the whole picture. */
void dw_masker_hide_rect (DwMasker *masker, DwRect rect);

/* Hides the foreground of a grid that covers the whole picture: the bounding
 * rectangle of each connected (8-neighbour) group of cells that are not 0,
 * grown, rounded, held. `cell_width` and `cell_height` are pixels of this
 * picture a grid cell covers, need not be whole. A grid that does not cover
 * the picture hides everything. */
void dw_masker_hide_grid (DwMasker *masker, const uint8_t *cells, int columns,
                          int rows, double cell_width, double cell_height);

/* Hides every cell the polygon touches; never grown or held: polygons are
 * given anew for each frame. */
void dw_masker_hide_polygon (DwMasker *masker, const DwPolygon *polygon);

/* Hides every cell that does not lie wholly inside one of the polygons: all
 * cells when there are none. */
void dw_masker_hide_outside (DwMasker *masker, const DwPolygon *polygons,
                             size_t n_polygons);

/* Hides everything: what is left when in doubt. */
void dw_masker_hide_all (DwMasker *masker);

/* Ends the frame. With `is_blurred`, objects (rectangles and groups, not
 * polygons) become mean-coloured rectangles instead of filled ones. The mask
 * borrows from the masker until the next begin. */
void dw_masker_end (DwMasker *masker, bool is_blurred, DwMask *out);
