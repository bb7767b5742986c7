/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Geometry of formats, rectangles and polygons. */
#include "picture.h"

#include <math.h>

int
dw_format_planes (DwFormat format)
{
  switch (format)
    {
    case DW_FORMAT_I420:
    case DW_FORMAT_YV12:
      return 3;
    case DW_FORMAT_NV12:
    case DW_FORMAT_NV21:
      return 2;
    case DW_FORMAT_GRAY8:
    case DW_FORMAT_YUY2:
    case DW_FORMAT_UYVY:
      return 1;
    case DW_FORMAT_NONE:
      break;
    }
  return 0;
}

int
dw_format_row_bytes (DwFormat format, int plane, int width)
{
  if (plane < 0 || plane >= dw_format_planes (format))
    return 0;
  if (format == DW_FORMAT_YUY2 || format == DW_FORMAT_UYVY)
    return (width + 1) / 2 * 4;
  if (plane == 0)
    return width;
  return format == DW_FORMAT_NV12 || format == DW_FORMAT_NV21
             ? (width + 1) / 2 * 2
             : (width + 1) / 2;
}

int
dw_format_rows (DwFormat format, int plane, int height)
{
  if (plane < 0 || plane >= dw_format_planes (format))
    return 0;
  return plane == 0 ? height : (height + 1) / 2;
}

bool
dw_frame_is_valid (const DwFrame *frame)
{
  int n_planes = dw_format_planes (frame->format);

  if (n_planes == 0 || frame->width < 1 || frame->height < 1
      || frame->width > DW_MAX_DIMENSION || frame->height > DW_MAX_DIMENSION)
    return false;
  for (int i = 0; i < n_planes; i++)
    {
      int row_bytes = dw_format_row_bytes (frame->format, i, frame->width);
      int rows = dw_format_rows (frame->format, i, frame->height);

      if (frame->data[i] == NULL || frame->stride[i] < row_bytes)
        return false;
      /* The last row may end before its padding does. */
      if (frame->size[i]
          < (size_t)frame->stride[i] * (size_t)(rows - 1) + (size_t)row_bytes)
        return false;
    }
  return true;
}

DwRect
dw_rect_intersect (DwRect a, DwRect b)
{
  int64_t x0 = a.x > b.x ? a.x : b.x;
  int64_t y0 = a.y > b.y ? a.y : b.y;
  int64_t a_x1 = (int64_t)a.x + a.width, b_x1 = (int64_t)b.x + b.width;
  int64_t a_y1 = (int64_t)a.y + a.height, b_y1 = (int64_t)b.y + b.height;
  int64_t x1 = a_x1 < b_x1 ? a_x1 : b_x1;
  int64_t y1 = a_y1 < b_y1 ? a_y1 : b_y1;

  if (x1 <= x0 || y1 <= y0)
    return (DwRect){ 0 };
  return (DwRect){ .x = (int)x0,
                   .y = (int)y0,
                   .width = (int)(x1 - x0),
                   .height = (int)(y1 - y0) };
}

bool
dw_polygon_contains (const DwPolygon *polygon, float x, float y)
{
  bool is_inside = false;

  if (polygon->n_points < 3)
    return false;
  for (int i = 0, j = polygon->n_points - 1; i < polygon->n_points; j = i++)
    {
      DwPoint a = polygon->points[i], b = polygon->points[j];

      if ((a.y > y) != (b.y > y)
          && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x)
        is_inside = !is_inside;
    }
  return is_inside;
}

/* Liang and Barsky, "A New Concept and Method for Line Clipping" (1984):
 * true when a part of the segment a..b lies in the closed rectangle. */
static bool
segment_touches (DwPoint a, DwPoint b, float x0, float y0, float x1, float y1)
{
  const float p[4] = { a.x - b.x, b.x - a.x, a.y - b.y, b.y - a.y };
  const float q[4] = { a.x - x0, x1 - a.x, a.y - y0, y1 - a.y };
  float enter = 0, leave = 1;

  for (int i = 0; i < 4; i++)
    {
      if (p[i] == 0)
        {
          if (q[i] < 0)
            return false;
          continue;
        }
      if (p[i] < 0)
        enter = fmaxf (enter, q[i] / p[i]);
      else
        leave = fminf (leave, q[i] / p[i]);
    }
  return enter <= leave;
}

static bool
any_edge_touches (const DwPolygon *polygon, float x0, float y0, float x1,
                  float y1)
{
  for (int i = 0, j = polygon->n_points - 1; i < polygon->n_points; j = i++)
    if (segment_touches (polygon->points[j], polygon->points[i], x0, y0, x1,
                         y1))
      return true;
  return false;
}

bool
dw_polygon_touches (const DwPolygon *polygon, float x0, float y0, float x1,
                    float y1)
{
  if (polygon->n_points < 3)
    return false;
  if (any_edge_touches (polygon, x0, y0, x1, y1))
    return true;
  /* No edge meets the rectangle: it lies wholly inside or wholly outside. */
  return dw_polygon_contains (polygon, (x0 + x1) / 2, (y0 + y1) / 2);
}

bool
dw_polygon_covers (const DwPolygon *polygon, float x0, float y0, float x1,
                   float y1)
{
  const float border_x = (x1 - x0) / 1024, border_y = (y1 - y0) / 1024;

  return dw_polygon_contains (polygon, (x0 + x1) / 2, (y0 + y1) / 2)
         && !any_edge_touches (polygon, x0 + border_x, y0 + border_y,
                               x1 - border_x, y1 - border_y);
}

bool
dw_polygon_is_valid (const DwPolygon *polygon)
{
  double area = 0;

  if (polygon->n_points < 3 || polygon->n_points > DW_MAX_POLYGON_POINTS)
    return false;
  for (int i = 0, j = polygon->n_points - 1; i < polygon->n_points; j = i++)
    {
      DwPoint a = polygon->points[j], b = polygon->points[i];

      if (!isfinite (b.x) || !isfinite (b.y) || b.x < 0 || b.x > 1 || b.y < 0
          || b.y > 1)
        return false;
      area += (double)a.x * b.y - (double)b.x * a.y;
    }
  return fabs (area) > 1e-9;
}
