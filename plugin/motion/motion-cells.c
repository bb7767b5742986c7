/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two answers, drawn cell by cell. */
#include "motion-cells.h"

#include <string.h>

#define NEIGHBOURS 3 /* of 9 that make a cell foreground */
#define ALONE 3.0f   /* unless its score alone does */
#define EDGE 0.4f    /* of a blob's mean score: fainter cells are its edge */
#define SURROUNDED 5 /* of 9 that fill a hole */

/* A cell counts when it is far off, or when two of its neighbours are off as
 * well; then everything grows by a cell. */
void
dw_cells_draw_foreground (const DwBackground *background, const float *pooled,
                          uint8_t *seen, uint8_t *foreground)
{
  int columns = background->columns, rows = background->rows;

  memset (foreground, 0, (size_t)background->n_cells);
  for (int i = 0; i < background->n_cells; i++)
    seen[i] = background->wide[i] >= 1 || pooled[i] >= 1;
  for (int i = 0; i < background->n_cells; i++)
    {
      int x = i % columns, y = i / columns, near = 0;
      int left = x > 0 ? x - 1 : 0, right = x + 1 < columns ? x + 1 : x;
      int top = y > 0 ? y - 1 : 0, bottom = y + 1 < rows ? y + 1 : y;

      if (!seen[i])
        continue;
      for (int ny = top; ny <= bottom; ny++)
        for (int nx = left; nx <= right; nx++)
          near += seen[ny * columns + nx];
      if (near < NEIGHBOURS && background->wide[i] < ALONE)
        continue;
      for (int ny = top; ny <= bottom; ny++)
        memset (foreground + (ptrdiff_t)ny * columns + left, 1,
                (size_t)right - (size_t)left + 1);
    }
}

/* Cells inside a tracked object, between its outermost ones, are its own. */
void
dw_cells_fill_track (const DwTrack *track, int columns, uint8_t *foreground)
{
  for (int y = track->rect.y; y < track->rect.y + track->rect.height; y++)
    {
      uint8_t *row = foreground + (ptrdiff_t)y * columns;
      int left = track->rect.x, right = track->rect.x + track->rect.width - 1;

      while (left < right && !row[left])
        left++;
      while (right > left && !row[right])
        right--;
      if (row[left])
        memset (row + left, 1, (size_t)right - (size_t)left + 1);
    }
}

static int
count_around (const DwBlobs *blobs, const uint8_t *moving, int x, int y,
              uint8_t value)
{
  int n = 0;

  for (int ny = y - 1; ny <= y + 1; ny++)
    for (int nx = x - 1; nx <= x + 1; nx++)
      n += nx >= 0 && ny >= 0 && nx < blobs->columns && ny < blobs->rows
           && moving[ny * blobs->columns + nx] == value;
  return n;
}

/* The cells of a blob that are not faint beside the rest (an edge cell is
 * covered in part only), holes filled that most neighbours surround. */
void
dw_cells_mark_moving (const DwBackground *background, const DwBlobs *blobs,
                      const DwTrack *track, uint8_t value, uint8_t *moving)
{
  uint16_t label = (uint16_t)(track->blob + 1);
  float faint = EDGE * blobs->blobs[track->blob].mean;

  for (int y = track->rect.y; y < track->rect.y + track->rect.height; y++)
    for (int x = track->rect.x; x < track->rect.x + track->rect.width; x++)
      {
        int cell = y * background->columns + x;

        if (blobs->labels[cell] == label && background->narrow[cell] >= faint)
          moving[cell] = value;
      }
  for (int y = track->rect.y; y < track->rect.y + track->rect.height; y++)
    for (int x = track->rect.x; x < track->rect.x + track->rect.width; x++)
      {
        int cell = y * background->columns + x;

        if (moving[cell] == 0
            && count_around (blobs, moving, x, y, value) >= SURROUNDED)
          moving[cell] = value;
      }
}
