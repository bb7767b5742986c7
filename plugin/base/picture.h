/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Planes, raw frames, rectangles and polygons: the words in which the cores
 * speak of a picture. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DW_MAX_DIMENSION 16384
#define DW_MAX_PLANES 3

/* One plane of 8-bit samples. `stride` is bytes from row to row, at least
 * `width`; the memory is the caller's. */
typedef struct
{
  uint8_t *data;
  int stride;
  int width;  /* samples a row */
  int height; /* rows */
} DwPlane;

typedef enum
{
  DW_FORMAT_NONE = 0,
  DW_FORMAT_I420,
  DW_FORMAT_YV12,
  DW_FORMAT_NV12,
  DW_FORMAT_NV21,
  DW_FORMAT_GRAY8,
  DW_FORMAT_YUY2,
  DW_FORMAT_UYVY,
} DwFormat;

/* A raw frame on the caller's memory. Planes in the order in which GStreamer
 * maps them (I420: Y U V, YV12: Y V U as they lie in memory, NV12: Y UV).
 * `size[i]` is how many bytes may be touched from `data[i]`: padding to the
 * right of the picture up to the stride, and below it up to `size`, belongs
 * to the plane. */
typedef struct
{
  DwFormat format;
  int width;
  int height;
  uint8_t *data[DW_MAX_PLANES];
  int stride[DW_MAX_PLANES];
  size_t size[DW_MAX_PLANES];
} DwFrame;

/* Pixels of the luma grid; empty when width or height is not positive. */
typedef struct
{
  int x, y, width, height;
} DwRect;

/* Normalised to the picture: 0,0 is the upper left corner, 1,1 the lower
 * right one. */
typedef struct
{
  float x, y;
} DwPoint;

#define DW_MAX_POLYGON_POINTS 16

/* A closed polygon, even-odd rule; fewer than 3 points contain nothing. */
typedef struct
{
  int n_points;
  DwPoint points[DW_MAX_POLYGON_POINTS];
} DwPolygon;

/* Planes of `format`, 0 for an unknown one. */
int dw_format_planes (DwFormat format);

/* Bytes a row of plane `plane` holds for a picture `width` wide, padding not
 * counted, and how many rows it has for one `height` high; odd sizes round
 * the chroma up as GStreamer does. 0 for a plane that is not there. */
int dw_format_row_bytes (DwFormat format, int plane, int width);
int dw_format_rows (DwFormat format, int plane, int height);

/* True when size, strides and sizes of every plane fit together, so that a
 * core may touch all of it. */
bool dw_frame_is_valid (const DwFrame *frame);

/* Intersection; empty (all zero) when they do not meet. */
DwRect dw_rect_intersect (DwRect a, DwRect b);

/* Even-odd test of a normalised point. Safe from any thread. */
bool dw_polygon_contains (const DwPolygon *polygon, float x, float y);

/* True when the polygon touches the normalised rectangle x0..x1, y0..y1 at
 * any point: corners, edges that cross, or one inside the other. Borders
 * count. */
bool dw_polygon_touches (const DwPolygon *polygon, float x0, float y0, float x1,
                         float y1);

/* True when the whole normalised rectangle lies inside the polygon: its middle
 * does, and no edge enters it. Borders may coincide; an edge that enters by
 * less than 1/1024 of the rectangle's size counts as its border. */
bool dw_polygon_covers (const DwPolygon *polygon, float x0, float y0, float x1,
                        float y1);

/* True when 3..DW_MAX_POLYGON_POINTS finite points lie within 0..1 and they
 * enclose an area. */
bool dw_polygon_is_valid (const DwPolygon *polygon);
