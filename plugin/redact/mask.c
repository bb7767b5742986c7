/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mask of one frame. Objects are remembered per cell with the time until
 * which they stay hidden; polygons belong to the frame alone. */
#include "mask.h"

#include "rects.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rounding a scaled grid back to pixels may miss the edge by this much. */
#define COVER_TOLERANCE 0.5

/* A cell that no object has ever touched. */
#define NEVER INT64_MIN

struct DwMasker
{
  int64_t hold_ns;
  double grow;
  int width, height, columns, rows;
  bool has_time;
  bool is_all_hidden;
  int64_t time_ns;
  size_t n_rects;    /* given in this frame */
  int64_t *until_ns; /* per cell: hidden up to and including this time */
  uint8_t *objects;  /* per cell: hidden by an object */
  uint8_t *fixed;    /* per cell: hidden by a polygon */
  uint8_t *cells;    /* per cell: DwCell, the answer */
  size_t n_blurred;
  DwRect blurred[DW_MASK_MAX_RECTS];
  /* For finding groups in grids of up to n_scratch cells. */
  size_t n_scratch;
  uint8_t *is_visited;
  uint32_t *stack;
};

/* A part of a grid; the far ends are not part of it. */
typedef struct
{
  int x0, y0, x1, y1;
} Span;

static size_t
n_cells (const DwMasker *masker)
{
  return (size_t)masker->columns * (size_t)masker->rows;
}

static int
cells_over (int pixels)
{
  return (pixels + DW_MASK_CELL - 1) / DW_MASK_CELL;
}

static int64_t
add_saturated (int64_t a, int64_t b)
{
  return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* Memory for grids of this many cells; kept until a larger one comes. */
static bool
ensure_scratch (DwMasker *masker, size_t n)
{
  if (n <= masker->n_scratch)
    return true;
  free (masker->is_visited);
  free (masker->stack);
  masker->is_visited = malloc (n);
  masker->stack = malloc (n * sizeof *masker->stack);
  masker->n_scratch = masker->is_visited && masker->stack ? n : 0;
  return masker->n_scratch != 0;
}

/* Visits the 8-neighbour group of `start` and returns its bounding span.
 * Every cell is pushed at most once, so the stack holds the grid at most. */
static Span
visit_group (DwMasker *masker, const uint8_t *cells, int columns, int rows,
             uint32_t start)
{
  Span span = { columns, rows, 0, 0 };
  size_t depth = 0;

  masker->is_visited[start] = 1;
  masker->stack[depth++] = start;
  while (depth > 0)
    {
      uint32_t at = masker->stack[--depth];
      int x = (int)(at % (uint32_t)columns), y = (int)(at / (uint32_t)columns);

      span.x0 = x < span.x0 ? x : span.x0;
      span.y0 = y < span.y0 ? y : span.y0;
      span.x1 = x + 1 > span.x1 ? x + 1 : span.x1;
      span.y1 = y + 1 > span.y1 ? y + 1 : span.y1;
      for (int i = 0; i < 9; i++)
        {
          int nx = x + i % 3 - 1, ny = y + i / 3 - 1;
          uint32_t next = (uint32_t)ny * (uint32_t)columns + (uint32_t)nx;

          if (nx < 0 || ny < 0 || nx >= columns || ny >= rows
              || masker->is_visited[next] || cells[next] == 0)
            continue;
          masker->is_visited[next] = 1;
          masker->stack[depth++] = next;
        }
    }
  return span;
}

/* Hides the cells that an area (pixels, not grown yet) reaches. */
static void
hide_area (DwMasker *masker, double x0, double y0, double x1, double y1)
{
  const double more_x = (x1 - x0) * (masker->grow - 1) / 2;
  const double more_y = (y1 - y0) * (masker->grow - 1) / 2;
  int left, top, right, bottom;

  x0 = fmax (x0 - more_x, 0);
  y0 = fmax (y0 - more_y, 0);
  x1 = fmin (x1 + more_x, masker->width);
  y1 = fmin (y1 + more_y, masker->height);
  if (!(x0 < x1 && y0 < y1))
    return;
  left = (int)floor (x0 / DW_MASK_CELL);
  top = (int)floor (y0 / DW_MASK_CELL);
  right = (int)ceil (x1 / DW_MASK_CELL);
  bottom = (int)ceil (y1 / DW_MASK_CELL);
  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++)
      {
        size_t at = (size_t)y * (size_t)masker->columns + (size_t)x;

        masker->objects[at] = 1;
        masker->until_ns[at] = add_saturated (masker->time_ns, masker->hold_ns);
      }
}

/* The cell's part of the picture, normalised. */
static void
cell_box (const DwMasker *masker, int x, int y, float box[4])
{
  const double right = fmin ((x + 1) * DW_MASK_CELL, masker->width);
  const double bottom = fmin ((y + 1) * DW_MASK_CELL, masker->height);

  box[0] = (float)((double)x * DW_MASK_CELL / masker->width);
  box[1] = (float)((double)y * DW_MASK_CELL / masker->height);
  box[2] = (float)(right / masker->width);
  box[3] = (float)(bottom / masker->height);
}

/* Cells the polygon may touch; false when it is no polygon to rely on. */
static bool
polygon_span (const DwMasker *masker, const DwPolygon *polygon, Span *out)
{
  double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;

  *out = (Span){ 0 };
  if (polygon->n_points < 0 || polygon->n_points > DW_MAX_POLYGON_POINTS)
    return false;
  if (polygon->n_points < 3)
    return true;
  for (int i = 0; i < polygon->n_points; i++)
    {
      DwPoint point = polygon->points[i];

      if (!isfinite (point.x) || !isfinite (point.y))
        return false;
      x0 = fmin (x0, point.x);
      y0 = fmin (y0, point.y);
      x1 = fmax (x1, point.x);
      y1 = fmax (y1, point.y);
    }
  /* One cell more on each side: borders count, and floats round. */
  x0 = fmin (fmax (x0, 0), 1) * masker->width / DW_MASK_CELL - 1;
  y0 = fmin (fmax (y0, 0), 1) * masker->height / DW_MASK_CELL - 1;
  x1 = fmin (fmax (x1, 0), 1) * masker->width / DW_MASK_CELL + 2;
  y1 = fmin (fmax (y1, 0), 1) * masker->height / DW_MASK_CELL + 2;
  out->x0 = (int)fmax (x0, 0);
  out->y0 = (int)fmax (y0, 0);
  out->x1 = (int)fmin (x1, masker->columns);
  out->y1 = (int)fmin (y1, masker->rows);
  return true;
}

/* Marks in is_visited the cells that lie wholly inside the polygon. */
static void
mark_covered (DwMasker *masker, const DwPolygon *polygon)
{
  Span span;

  if (!polygon_span (masker, polygon, &span))
    return;
  for (int y = span.y0; y < span.y1; y++)
    for (int x = span.x0; x < span.x1; x++)
      {
        size_t at = (size_t)y * (size_t)masker->columns + (size_t)x;
        float box[4];

        cell_box (masker, x, y, box);
        if (dw_polygon_covers (polygon, box[0], box[1], box[2], box[3]))
          masker->is_visited[at] = 1;
      }
}

/* One rectangle for each group of object cells; hides all when there are too
 * many of them. */
static void
collect_blurred (DwMasker *masker)
{
  const size_t n = n_cells (masker);

  memset (masker->is_visited, 0, n);
  for (size_t at = 0; at < n; at++)
    {
      Span span;

      if (masker->objects[at] == 0 || masker->is_visited[at])
        continue;
      if (masker->n_blurred == DW_MASK_MAX_RECTS)
        {
          masker->is_all_hidden = true;
          masker->n_blurred = 0;
          return;
        }
      span = visit_group (masker, masker->objects, masker->columns,
                          masker->rows, (uint32_t)at);
      masker->blurred[masker->n_blurred++]
          = (DwRect){ span.x0 * DW_MASK_CELL, span.y0 * DW_MASK_CELL,
                      (span.x1 - span.x0) * DW_MASK_CELL,
                      (span.y1 - span.y0) * DW_MASK_CELL };
    }
  masker->n_blurred = dw_rects_merge (masker->blurred, masker->n_blurred);
}

static bool
rect_is_cells (const DwMask *mask, DwRect rect)
{
  return rect.x >= 0 && rect.y >= 0 && rect.width > 0 && rect.height > 0
         && rect.x % DW_MASK_CELL == 0 && rect.y % DW_MASK_CELL == 0
         && rect.width % DW_MASK_CELL == 0 && rect.height % DW_MASK_CELL == 0
         && rect.width <= mask->columns * DW_MASK_CELL - rect.x
         && rect.height <= mask->rows * DW_MASK_CELL - rect.y;
}

bool
dw_mask_is_valid (const DwMask *mask)
{
  if (mask->width < 1 || mask->height < 1 || mask->width > DW_MAX_DIMENSION
      || mask->height > DW_MAX_DIMENSION || mask->cells == NULL)
    return false;
  if (mask->columns != cells_over (mask->width)
      || mask->rows != cells_over (mask->height))
    return false;
  if (mask->n_blurred > DW_MASK_MAX_RECTS
      || (mask->n_blurred > 0 && mask->blurred == NULL))
    return false;
  for (size_t i = 0; i < mask->n_blurred; i++)
    if (!rect_is_cells (mask, mask->blurred[i]))
      return false;
  return true;
}

DwStatus
dw_masker_new (uint32_t hold_ms, float grow, DwMasker **out)
{
  *out = NULL;
  if (!(grow >= 1.0f && grow <= 4.0f))
    return DW_ERROR_INVALID;
  *out = calloc (1, sizeof **out);
  if (*out == NULL)
    return DW_ERROR_NO_MEMORY;
  (*out)->hold_ns = (int64_t)hold_ms * 1000000;
  (*out)->grow = grow;
  return DW_OK;
}

static void
release (DwMasker *masker)
{
  free (masker->until_ns);
  free (masker->objects);
  free (masker->fixed);
  free (masker->cells);
  masker->until_ns = NULL;
  masker->objects = masker->fixed = masker->cells = NULL;
  masker->width = masker->height = masker->columns = masker->rows = 0;
  masker->n_blurred = 0;
  masker->has_time = false;
}

void
dw_masker_free (DwMasker *masker)
{
  if (masker == NULL)
    return;
  release (masker);
  free (masker->is_visited);
  free (masker->stack);
  free (masker);
}

DwStatus
dw_masker_set_size (DwMasker *masker, int width, int height)
{
  size_t n;

  release (masker);
  if (width < 1 || height < 1 || width > DW_MAX_DIMENSION
      || height > DW_MAX_DIMENSION)
    return DW_ERROR_INVALID;
  n = (size_t)cells_over (width) * (size_t)cells_over (height);
  masker->until_ns = malloc (n * sizeof *masker->until_ns);
  masker->objects = calloc (n, 1);
  masker->fixed = calloc (n, 1);
  masker->cells = calloc (n, 1);
  if (!masker->until_ns || !masker->objects || !masker->fixed || !masker->cells
      || !ensure_scratch (masker, n))
    {
      release (masker);
      return DW_ERROR_NO_MEMORY;
    }
  for (size_t i = 0; i < n; i++)
    masker->until_ns[i] = NEVER;
  masker->width = width;
  masker->height = height;
  masker->columns = cells_over (width);
  masker->rows = cells_over (height);
  /* Hidden until the first frame begins. */
  masker->is_all_hidden = true;
  return DW_OK;
}

void
dw_masker_begin (DwMasker *masker, int64_t time_ns)
{
  const size_t n = n_cells (masker);
  const int64_t until_ns = add_saturated (time_ns, masker->hold_ns);
  const bool is_back = masker->has_time && time_ns < masker->time_ns;

  for (size_t i = 0; i < n; i++)
    {
      if (is_back && masker->until_ns[i] != NEVER)
        masker->until_ns[i] = until_ns;
      masker->objects[i]
          = masker->until_ns[i] != NEVER && masker->until_ns[i] >= time_ns;
    }
  if (n > 0)
    memset (masker->fixed, 0, n);
  masker->has_time = true;
  masker->time_ns = time_ns;
  masker->is_all_hidden = false;
  masker->n_rects = 0;
  masker->n_blurred = 0;
}

void
dw_masker_hide_rect (DwMasker *masker, DwRect rect)
{
  if (rect.width <= 0 || rect.height <= 0)
    return;
  if (masker->n_rects == DW_MASK_MAX_RECTS)
    {
      masker->is_all_hidden = true;
      return;
    }
  masker->n_rects++;
  hide_area (masker, rect.x, rect.y, (double)rect.x + rect.width,
             (double)rect.y + rect.height);
}

static bool
grid_covers (const DwMasker *masker, int columns, int rows, double cell_width,
             double cell_height)
{
  return columns > 0 && rows > 0 && columns <= DW_MAX_DIMENSION
         && rows <= DW_MAX_DIMENSION && cell_width > 0 && cell_height > 0
         && isfinite (cell_width) && isfinite (cell_height)
         && columns * cell_width >= masker->width - COVER_TOLERANCE
         && rows * cell_height >= masker->height - COVER_TOLERANCE;
}

void
dw_masker_hide_grid (DwMasker *masker, const uint8_t *cells, int columns,
                     int rows, double cell_width, double cell_height)
{
  size_t n;

  if (cells == NULL
      || !grid_covers (masker, columns, rows, cell_width, cell_height)
      || !ensure_scratch (masker, (size_t)columns * (size_t)rows))
    {
      masker->is_all_hidden = true;
      return;
    }
  n = (size_t)columns * (size_t)rows;
  memset (masker->is_visited, 0, n);
  for (size_t at = 0; at < n; at++)
    {
      Span span;
      double x1, y1;

      if (cells[at] == 0 || masker->is_visited[at])
        continue;
      span = visit_group (masker, cells, columns, rows, (uint32_t)at);
      /* The last column and row reach to the edge, tolerance included. */
      x1 = span.x1 == columns ? fmax (columns * cell_width, masker->width)
                              : span.x1 * cell_width;
      y1 = span.y1 == rows ? fmax (rows * cell_height, masker->height)
                           : span.y1 * cell_height;
      hide_area (masker, span.x0 * cell_width, span.y0 * cell_height, x1, y1);
    }
}

void
dw_masker_hide_polygon (DwMasker *masker, const DwPolygon *polygon)
{
  Span span;

  if (!polygon_span (masker, polygon, &span))
    {
      masker->is_all_hidden = true;
      return;
    }
  for (int y = span.y0; y < span.y1; y++)
    for (int x = span.x0; x < span.x1; x++)
      {
        size_t at = (size_t)y * (size_t)masker->columns + (size_t)x;
        float box[4];

        cell_box (masker, x, y, box);
        if (dw_polygon_touches (polygon, box[0], box[1], box[2], box[3]))
          masker->fixed[at] = 1;
      }
}

void
dw_masker_hide_outside (DwMasker *masker, const DwPolygon *polygons,
                        size_t n_polygons)
{
  const size_t n = n_cells (masker);

  if (n == 0)
    return;
  memset (masker->is_visited, 0, n);
  for (size_t i = 0; i < n_polygons; i++)
    mark_covered (masker, &polygons[i]);
  for (size_t at = 0; at < n; at++)
    if (!masker->is_visited[at])
      masker->fixed[at] = 1;
}

void
dw_masker_hide_all (DwMasker *masker)
{
  masker->is_all_hidden = true;
}

void
dw_masker_end (DwMasker *masker, bool is_blurred, DwMask *out)
{
  const size_t n = n_cells (masker);

  masker->n_blurred = 0;
  if (is_blurred && !masker->is_all_hidden)
    collect_blurred (masker);
  for (size_t i = 0; i < n; i++)
    {
      bool is_filled = masker->is_all_hidden || masker->fixed[i]
                       || (masker->objects[i] && !is_blurred);

      masker->cells[i] = is_filled ? DW_CELL_FILL : DW_CELL_KEEP;
    }
  *out = (DwMask){ .width = masker->width,
                   .height = masker->height,
                   .columns = masker->columns,
                   .rows = masker->rows,
                   .cells = masker->cells,
                   .n_blurred = masker->n_blurred,
                   .blurred = masker->blurred };
}
