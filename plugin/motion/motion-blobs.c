/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hysteresis and flood fill on the cell grid. */
#include "motion-blobs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LOW 1.0f
#define HIGH 1.5f
#define REACH 2 /* cells this near belong together */

DwStatus
dw_blobs_init (DwBlobs *blobs, int columns, int rows)
{
  size_t n = (size_t)columns * (size_t)rows;

  memset (blobs, 0, sizeof *blobs);
  blobs->memory = calloc (n, sizeof (int) + sizeof (uint16_t) + 1);
  if (blobs->memory == NULL)
    return DW_ERROR_NO_MEMORY;
  blobs->stack = blobs->memory;
  blobs->labels = (uint16_t *)(blobs->stack + n);
  blobs->level = (uint8_t *)(blobs->labels + n);
  blobs->columns = columns;
  blobs->rows = rows;
  return DW_OK;
}

void
dw_blobs_finish (DwBlobs *blobs)
{
  free (blobs->memory);
  memset (blobs, 0, sizeof *blobs);
}

static int
clamp (int value, int low, int high)
{
  return value < low ? low : value > high ? high : value;
}

/* Takes the unlabelled neighbours of `cell` into the group: on the stack they
 * wait for their own neighbours. */
static int
take_neighbours (DwBlobs *blobs, int cell, uint16_t label, int n_stack)
{
  int x = cell % blobs->columns, y = cell / blobs->columns;
  int left = clamp (x - REACH, 0, blobs->columns - 1);
  int right = clamp (x + REACH, 0, blobs->columns - 1);
  int top = clamp (y - REACH, 0, blobs->rows - 1);
  int bottom = clamp (y + REACH, 0, blobs->rows - 1);

  for (int ny = top; ny <= bottom; ny++)
    for (int nx = left; nx <= right; nx++)
      {
        int next = ny * blobs->columns + nx;

        if (blobs->level[next] == 0 || blobs->labels[next] != 0)
          continue;
        blobs->labels[next] = label;
        blobs->stack[n_stack++] = next;
      }
  return n_stack;
}

static void
add_cell (DwBlob *blob, const DwBackground *background, int cell,
          uint16_t zones)
{
  int x = cell % background->columns, y = cell / background->columns;
  int right = blob->rect.x + blob->rect.width;
  int bottom = blob->rect.y + blob->rect.height;

  if (blob->area == 0)
    {
      blob->rect = (DwRect){ x, y, 1, 1 };
    }
  else
    {
      blob->rect.x = x < blob->rect.x ? x : blob->rect.x;
      blob->rect.y = y < blob->rect.y ? y : blob->rect.y;
      blob->rect.width = (x + 1 > right ? x + 1 : right) - blob->rect.x;
      blob->rect.height = (y + 1 > bottom ? y + 1 : bottom) - blob->rect.y;
    }
  blob->area++;
  blob->x += (float)x;
  blob->y += (float)y;
  if (background->narrow[cell] > blob->peak)
    blob->peak = background->narrow[cell];
  blob->mean += background->narrow[cell];
  blob->activity += (float)background->is_active[cell];
  blob->blink += background->blink[cell];
  blob->zones |= zones;
}

/* Returns how many cells the group of `seed` has: they lie on the stack. */
static int
fill (DwBlobs *blobs, int seed, uint16_t label)
{
  int n = 0;

  blobs->labels[seed] = label;
  blobs->stack[n++] = seed;
  for (int i = 0; i < n; i++)
    n = take_neighbours (blobs, blobs->stack[i], label, n);
  return n;
}

static void
measure (DwBlobs *blobs, const DwBackground *background, const uint16_t *zones,
         int n_found)
{
  DwBlob *blob = &blobs->blobs[blobs->n_blobs++];
  float n = (float)n_found;

  memset (blob, 0, sizeof *blob);
  for (int i = 0; i < n_found; i++)
    add_cell (blob, background, blobs->stack[i], zones[blobs->stack[i]]);
  blob->x = blob->x / n + 0.5f;
  blob->y = blob->y / n + 0.5f;
  blob->mean /= n;
  blob->activity /= n;
  blob->blink /= n;
}

void
dw_blobs_find (DwBlobs *blobs, const DwBackground *background,
               const float *gain, const uint16_t *zones)
{
  int n_cells = blobs->columns * blobs->rows;

  for (int i = 0; i < n_cells; i++)
    {
      float score = background->narrow[i] * gain[i];

      bool is_strong = score >= HIGH && blobs->level[i] > 0;

      blobs->level[i] = (uint8_t)((score >= LOW) + is_strong);
    }
  memset (blobs->labels, 0, (size_t)n_cells * sizeof *blobs->labels);
  blobs->n_blobs = 0;
  for (int i = 0; i < n_cells && blobs->n_blobs < DW_MAX_BLOBS; i++)
    {
      uint16_t label = (uint16_t)(blobs->n_blobs + 1);

      if (blobs->level[i] > 1 && blobs->labels[i] == 0)
        measure (blobs, background, zones, fill (blobs, i, label));
    }
}
