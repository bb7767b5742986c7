/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums over neighbourhoods, rectangles around groups, a hold in seconds. */
#include "motion-wide.h"

#include "motion-light.h"
#include "picture.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define REACH 2     /* cells to either side that are judged together */
#define BASE 3.0f   /* units of 64 an octave */
#define NOISES 4.0f /* of a neighbourhood */
#define DEVIATIONS 1.5f
#define MEAN_OF_NOISE 0.8f /* mean distance of a normal of deviation 1 */
#define BLINK_SHARE 0.35f  /* of the base, for each blink */
#define NOISE_TIME_S 2.0f
#define HOLD_S 0.5f
#define GROWTH 4       /* a group is covered by 1 / GROWTH of its size more */
#define LEAST_GROUP 16 /* cells, grown ones included: less is a speck */

/* Contrasts, as a share of the light, that may go unseen: more than DIM, and a
 * cell is judged with its neighbourhood; more than BLIND over half the
 * picture, and nobody can be told from the noise. */
#define DIM 0.12f
#define BLIND 0.5f
#define NIGHT 0.2f  /* share of dim cells that makes a picture dim */
#define BLACK 16.0f /* grey level of no light */
#define CELL_BASE 4.5f
#define CELL_NOISES 1.9f
#define GREY_OF_UNIT(mean)                                                     \
  (((mean) + 12) / 92.332f) /* of 64 log2 (mean + 12) */

#define BUCKETS 64
#define BUCKET_WIDTH 0.05f

DwStatus
dw_wide_init (DwWide *wide, int columns, int rows)
{
  size_t n = (size_t)columns * (size_t)rows;

  memset (wide, 0, sizeof *wide);
  wide->memory = calloc (n, 3 * sizeof (float) + sizeof (int) + 2);
  if (wide->memory == NULL)
    return DW_ERROR_NO_MEMORY;
  wide->pooled = wide->memory;
  wide->scratch = wide->pooled + n;
  wide->covered_s = wide->scratch + n;
  wide->stack = (void *)(wide->covered_s + n);
  wide->is_taken = (uint8_t *)(wide->stack + n);
  wide->is_dim = wide->is_taken + n;
  wide->n_cells = columns * rows;
  dw_wide_forget (wide);
  return DW_OK;
}

void
dw_wide_finish (DwWide *wide)
{
  free (wide->memory);
  memset (wide, 0, sizeof *wide);
}

void
dw_wide_forget (DwWide *wide)
{
  if (wide->memory == NULL)
    return;
  memset (wide->covered_s, 0, (size_t)wide->n_cells * sizeof (float));
  wide->noise = 0.5f;
  wide->is_blind = false;
}

static int
clamp (int value, int low, int high)
{
  return value < low ? low : value > high ? high : value;
}

/* Means of 2 REACH + 1 by 2 REACH + 1 cells; at the edges the last repeats. */
static void
pool (const float *values, int columns, int rows, float *scratch, float *out)
{
  const float share = 1.0f / (2 * REACH + 1);

  for (int y = 0; y < rows; y++)
    {
      const float *row = values + (ptrdiff_t)y * columns;

      for (int x = 0; x < columns; x++)
        {
          float sum = 0;

          for (int k = -REACH; k <= REACH; k++)
            sum += row[clamp (x + k, 0, columns - 1)];
          scratch[y * columns + x] = sum * share;
        }
    }
  for (int y = 0; y < rows; y++)
    {
      const float *of[2 * REACH + 1];

      for (int k = -REACH; k <= REACH; k++)
        of[k + REACH]
            = scratch + (ptrdiff_t)clamp (y + k, 0, rows - 1) * columns;
      for (int x = 0; x < columns; x++)
        {
          float sum = 0;

          for (int k = 0; k <= 2 * REACH; k++)
            sum += of[k][x];
          out[y * columns + x] = sum * share;
        }
    }
}

/* The median neighbourhood is empty scene: what it shows is noise. */
static float
median_noise (const DwWide *wide, const float *noise)
{
  uint32_t buckets[BUCKETS] = { 0 }, below = 0, count = 0;
  int i = 0;

  for (int c = 0; c < wide->n_cells; c += 3, count++)
    buckets[clamp ((int)(fabsf (wide->pooled[c]) / noise[c] / BUCKET_WIDTH), 0,
                   BUCKETS - 1)]++;
  while (below + buckets[i] <= count / 2)
    below += buckets[i++];
  return 1.48f * ((float)i + 0.5f) * BUCKET_WIDTH;
}

/* The least contrast that `units` of light are at a grey level. */
static float
contrast (float units, float mean)
{
  return units * GREY_OF_UNIT (mean) / fmaxf (mean - BLACK, 1);
}

static void
judge_cell (DwWide *wide, const DwBackground *background, int i, float hidden)
{
  float blink = fminf (background->blink[i], 4);
  float sway
      = background->deviation[i] - MEAN_OF_NOISE * background->cell_noise[i];
  float threshold = BASE * (1 + BLINK_SHARE * blink) + hidden
                    + DEVIATIONS * fmaxf (sway, 0);

  wide->pooled[i] = wide->is_dim[i] || wide->is_night
                        ? fabsf (wide->pooled[i]) / threshold
                        : 0;
}

void
dw_wide_judge (DwWide *wide, const DwBackground *background, float dt_s)
{
  const float *noise = background->cell_noise;
  int n_blind = 0, n_dim = 0;

  pool (background->excess, background->columns, background->rows,
        wide->scratch, wide->pooled);
  wide->noise += (1 - expf (-dt_s / NOISE_TIME_S))
                 * (median_noise (wide, noise) - wide->noise);
  for (int i = 0; i < wide->n_cells; i++)
    {
      float mean = background->bg_mean[i];
      float hidden = NOISES * wide->noise * noise[i];

      wide->is_dim[i]
          = contrast (CELL_BASE + CELL_NOISES * noise[i], mean) > DIM;
      n_dim += wide->is_dim[i];
      n_blind += contrast (BASE + hidden, mean) > BLIND;
      judge_cell (wide, background, i, hidden);
    }
  wide->is_night = (float)n_dim > NIGHT * (float)wide->n_cells;
  wide->is_blind = 2 * n_blind > wide->n_cells;
}

/* The rectangle of the group that `seed` belongs to, in cells. */
static DwRect
take_group (DwWide *wide, const DwBackground *background,
            const uint8_t *foreground, int seed, int *n_group)
{
  int columns = background->columns, rows = background->rows, n = 0;
  int left = columns, right = 0, top = rows, bottom = 0;

  wide->is_taken[seed] = 1;
  wide->stack[n++] = seed;
  for (int i = 0; i < n; i++)
    {
      int x = wide->stack[i] % columns, y = wide->stack[i] / columns;

      left = x < left ? x : left;
      right = x > right ? x : right;
      top = y < top ? y : top;
      bottom = y > bottom ? y : bottom;
      for (int k = 0; k < 9; k++)
        {
          int nx = clamp (x + k % 3 - 1, 0, columns - 1);
          int next = clamp (y + k / 3 - 1, 0, rows - 1) * columns + nx;

          if (!foreground[next] || wide->is_taken[next])
            continue;
          wide->is_taken[next] = 1;
          wide->stack[n++] = next;
        }
    }
  *n_group = n;
  return (DwRect){ left, top, right - left + 1, bottom - top + 1 };
}

static void
cover_rect (DwWide *wide, const DwBackground *background, DwRect rect)
{
  int more_x = rect.width / GROWTH, more_y = rect.height / GROWTH;
  int left = clamp (rect.x - more_x, 0, background->columns - 1);
  int right = clamp (rect.x + rect.width + more_x, 0, background->columns);
  int top = clamp (rect.y - more_y, 0, background->rows - 1);
  int bottom = clamp (rect.y + rect.height + more_y, 0, background->rows);

  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++)
      if (wide->is_night || wide->is_dim[y * background->columns + x])
        wide->covered_s[y * background->columns + x] = HOLD_S;
}

void
dw_wide_cover (DwWide *wide, DwBackground *background, float dt_s,
               uint8_t *foreground)
{
  memset (wide->is_taken, 0, (size_t)wide->n_cells);
  for (int i = 0; i < wide->n_cells; i++)
    wide->covered_s[i] -= dt_s;
  for (int i = 0; i < wide->n_cells; i++)
    {
      DwRect rect;
      int n;

      if (!foreground[i] || wide->is_taken[i])
        continue;
      rect = take_group (wide, background, foreground, i, &n);
      if (n >= LEAST_GROUP)
        cover_rect (wide, background, rect);
    }
  for (int i = 0; i < wide->n_cells; i++)
    {
      foreground[i] = foreground[i] || wide->covered_s[i] > 0;
      background->is_covered[i]
          = foreground[i] && (wide->is_night || wide->is_dim[i]);
    }
}
