/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fill and mosaic on raw frames. A plane is seen as bytes with a period of
 * four: that makes planar, semi-planar and packed formats the same loop. */
#include "redact.h"

#include "redact-kernels.h"

#include <string.h>

/* How a plane's bytes lie. Byte i of a row belongs to component
 * component[i % 4] of n_components. */
typedef struct
{
  int cell_bytes, cell_rows; /* of one cell of the mask */
  int n_components;
  uint8_t component[DW_N_PHASES];
  uint8_t fill[DW_N_PHASES];
} Layout;

#define Y DW_FILL_Y
#define C DW_FILL_UV

static const Layout layout_luma = { 16, 16, 1, { 0, 0, 0, 0 }, { Y, Y, Y, Y } };
static const Layout layout_chroma = { 8, 8, 1, { 0, 0, 0, 0 }, { C, C, C, C } };
static const Layout layout_chroma_pairs
    = { 16, 8, 2, { 0, 1, 0, 1 }, { C, C, C, C } };
static const Layout layout_yuy2 = { 32, 16, 3, { 0, 1, 0, 2 }, { Y, C, Y, C } };
static const Layout layout_uyvy = { 32, 16, 3, { 1, 0, 2, 0 }, { C, Y, C, Y } };

#undef Y
#undef C

/* Sums of one rectangle on one plane. */
typedef struct
{
  uint64_t total[DW_N_PHASES], count[DW_N_PHASES];
} Sums;

/* One plane of the frame at work. */
typedef struct
{
  const Layout *layout;
  const DwRedactKernels *kernels;
  const DwMask *mask;
  uint8_t *data;
  size_t stride, size;
  int row_bytes, rows;
  int pad_at; /* byte of each row that shows no pixel, or -1 */
} Plane;

static size_t
smaller (size_t a, size_t b)
{
  return a < b ? a : b;
}

static const Layout *
layout_of (DwFormat format, int plane)
{
  if (format == DW_FORMAT_YUY2)
    return &layout_yuy2;
  if (format == DW_FORMAT_UYVY)
    return &layout_uyvy;
  if (plane == 0)
    return &layout_luma;
  return format == DW_FORMAT_NV12 || format == DW_FORMAT_NV21
             ? &layout_chroma_pairs
             : &layout_chroma;
}

static Plane
plane_of (const DwFrame *frame, int i)
{
  Plane plane
      = { .layout = layout_of (frame->format, i),
          .data = frame->data[i],
          .stride = (size_t)frame->stride[i],
          .size = frame->size[i],
          .row_bytes = dw_format_row_bytes (frame->format, i, frame->width),
          .rows = dw_format_rows (frame->format, i, frame->height),
          .pad_at = -1 };

  /* The last pair of an odd width has one luma sample too many. */
  if (frame->width % 2 != 0 && frame->format == DW_FORMAT_YUY2)
    plane.pad_at = plane.row_bytes - 2;
  if (frame->width % 2 != 0 && frame->format == DW_FORMAT_UYVY)
    plane.pad_at = plane.row_bytes - 1;
  return plane;
}

/* Writes `pattern` over and over; `start` must lie on its first byte. */
static void
fill_bytes (uint8_t *start, size_t n, const uint8_t pattern[DW_N_PHASES])
{
  size_t done = smaller (n, DW_N_PHASES);

  if (pattern[0] == pattern[1] && pattern[0] == pattern[2]
      && pattern[0] == pattern[3])
    {
      memset (start, pattern[0], n);
      return;
    }
  memcpy (start, pattern, done);
  while (done < n)
    {
      size_t more = smaller (n - done, done);

      memcpy (start + done, start, more);
      done += more;
    }
}

/* All that shows no pixel: right of each row, below the last, and the odd
 * sample of a packed row. */
static void
fill_padding (const Plane *plane)
{
  const uint8_t *fill = plane->layout->fill;
  uint8_t shifted[DW_N_PHASES];
  size_t at = 0;

  for (int i = 0; i < DW_N_PHASES; i++)
    shifted[i] = fill[(plane->row_bytes + i) % DW_N_PHASES];
  for (int y = 0; y < plane->rows; y++, at += plane->stride)
    {
      size_t start = at + (size_t)plane->row_bytes;

      if (start < plane->size)
        fill_bytes (plane->data + start,
                    smaller (plane->size - start,
                             plane->stride - (size_t)plane->row_bytes),
                    shifted);
      if (plane->pad_at >= 0)
        plane->data[at + (size_t)plane->pad_at]
            = fill[plane->pad_at % DW_N_PHASES];
    }
  for (; at < plane->size; at += plane->stride)
    fill_bytes (plane->data + at, smaller (plane->size - at, plane->stride),
                fill);
}

/* A span of cells of one row of the mask, as bytes of the plane. */
typedef struct
{
  uint8_t *start;
  int n_bytes, n_rows;
  int pad_at; /* byte of each row that shows no pixel, or -1 */
} Area;

static Area
area_of (const Plane *plane, int cell_y, int cell_x0, int cell_x1)
{
  const Layout *layout = plane->layout;
  int x0 = cell_x0 * layout->cell_bytes, x1 = cell_x1 * layout->cell_bytes;
  int y0 = cell_y * layout->cell_rows, y1 = y0 + layout->cell_rows;

  x1 = x1 < plane->row_bytes ? x1 : plane->row_bytes;
  y1 = y1 < plane->rows ? y1 : plane->rows;
  return (Area){ .start = plane->data + (size_t)y0 * plane->stride + x0,
                 .n_bytes = x1 - x0,
                 .n_rows = y1 - y0,
                 .pad_at = plane->pad_at >= x0 && plane->pad_at < x1
                               ? plane->pad_at - x0
                               : -1 };
}

static void
fill_area (const Plane *plane, Area area, const uint8_t pattern[DW_N_PHASES])
{
  for (int y = 0; y < area.n_rows; y++)
    fill_bytes (area.start + (size_t)y * plane->stride, (size_t)area.n_bytes,
                pattern);
}

static void
sum_area (const Plane *plane, Area area, Sums *sums)
{
  for (int y = 0; y < area.n_rows; y++)
    {
      const uint8_t *row = area.start + (size_t)y * plane->stride;

      if (plane->layout->n_components == 1)
        sums->total[0] += plane->kernels->sum (row, area.n_bytes);
      else
        plane->kernels->sum_phases (row, area.n_bytes, sums->total);
      if (area.pad_at >= 0)
        sums->total[area.pad_at % DW_N_PHASES] -= row[area.pad_at];
    }
  /* Every area is whole groups of phases: n_bytes is a multiple of their
   * number, or of 2 at the end of a row of pairs. */
  for (int i = 0; i < DW_N_PHASES; i++)
    sums->count[i]
        += (uint64_t)area.n_rows
           * (uint64_t)((area.n_bytes + DW_N_PHASES - 1 - i) / DW_N_PHASES);
  if (area.pad_at >= 0)
    sums->count[area.pad_at % DW_N_PHASES] -= (uint64_t)area.n_rows;
}

/* The mean of each component, spread over the phases; false when there was
 * nothing to sum. */
static bool
mean_pattern (const Layout *layout, const Sums *sums,
              uint8_t pattern[DW_N_PHASES])
{
  uint64_t total[DW_N_PHASES] = { 0 }, count[DW_N_PHASES] = { 0 };

  for (int i = 0; i < DW_N_PHASES; i++)
    {
      total[layout->component[i]] += sums->total[i];
      count[layout->component[i]] += sums->count[i];
    }
  if (count[0] == 0)
    return false;
  for (int i = 0; i < DW_N_PHASES; i++)
    {
      const int component = layout->component[i];

      /* A one-pixel-wide picture has every component all the same. */
      pattern[i] = count[component] == 0
                       ? layout->fill[i]
                       : (uint8_t)((total[component] + count[component] / 2)
                                   / count[component]);
    }
  return true;
}

/* Ends the run of cells of one kind that begins at x. */
static int
run_end (const uint8_t *row, int x, int limit)
{
  const bool is_kept = row[x] == DW_CELL_KEEP;
  int end = x + 1;

  while (end < limit && (row[end] == DW_CELL_KEEP) == is_kept)
    end++;
  return end;
}

/* Calls for each run of kept cells in a rectangle of cells: sums where
 * `pattern` is NULL, else writes the pattern. */
static void
treat_kept (const Plane *plane, DwRect cells, Sums *sums,
            const uint8_t *pattern)
{
  for (int y = cells.y; y < cells.y + cells.height; y++)
    {
      const uint8_t *row
          = plane->mask->cells + (size_t)y * (size_t)plane->mask->columns;
      const int limit = cells.x + cells.width;
      int end;

      for (int x = cells.x; x < limit; x = end)
        {
          end = run_end (row, x, limit);
          if (row[x] != DW_CELL_KEEP)
            continue;
          if (pattern == NULL)
            sum_area (plane, area_of (plane, y, x, end), sums);
          else
            fill_area (plane, area_of (plane, y, x, end), pattern);
        }
    }
}

static void
blur_rect (const Plane *plane, DwRect rect)
{
  const DwRect cells
      = { rect.x / DW_MASK_CELL, rect.y / DW_MASK_CELL,
          rect.width / DW_MASK_CELL, rect.height / DW_MASK_CELL };
  uint8_t pattern[DW_N_PHASES];
  Sums sums = { 0 };

  treat_kept (plane, cells, &sums, NULL);
  if (mean_pattern (plane->layout, &sums, pattern))
    treat_kept (plane, cells, NULL, pattern);
}

static void
fill_cells (const Plane *plane)
{
  const DwMask *mask = plane->mask;

  for (int y = 0; y < mask->rows; y++)
    {
      const uint8_t *row = mask->cells + (size_t)y * (size_t)mask->columns;
      int end;

      for (int x = 0; x < mask->columns; x = end)
        {
          end = run_end (row, x, mask->columns);
          if (row[x] != DW_CELL_KEEP)
            fill_area (plane, area_of (plane, y, x, end), plane->layout->fill);
        }
    }
}

DwStatus
dw_redact_frame (DwFrame *frame, const DwMask *mask, unsigned cpu_flags)
{
  const DwRedactKernels *kernels = dw_redact_kernels_choose (cpu_flags);

  if (!dw_frame_is_valid (frame) || !dw_mask_is_valid (mask)
      || mask->width != frame->width || mask->height != frame->height)
    return DW_ERROR_INVALID;
  for (int i = 0; i < dw_format_planes (frame->format); i++)
    {
      Plane plane = plane_of (frame, i);

      plane.kernels = kernels;
      plane.mask = mask;
      for (size_t r = 0; r < mask->n_blurred; r++)
        blur_rect (&plane, mask->blurred[r]);
      fill_cells (&plane);
      fill_padding (&plane);
    }
  return DW_OK;
}

DwStatus
dw_redact_frame_fill (DwFrame *frame)
{
  if (!dw_frame_is_valid (frame))
    return DW_ERROR_INVALID;
  for (int i = 0; i < dw_format_planes (frame->format); i++)
    {
      Plane plane = plane_of (frame, i);
      Area all = { .start = plane.data,
                   .n_bytes = plane.row_bytes,
                   .n_rows = plane.rows };

      fill_area (&plane, all, plane.layout->fill);
      fill_padding (&plane);
    }
  return DW_OK;
}
