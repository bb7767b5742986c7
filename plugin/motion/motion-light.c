/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Medians by histogram: tone curve, local light, noise. */
#include "motion-light.h"

#include <math.h>
#include <string.h>

#define LIGHT_MIN 229.0f /* 64 log2 (12) */
#define LIGHT_STEP ((517.0f - LIGHT_MIN) / DW_BACKGROUND_BINS)

#define BUCKETS 256
#define BUCKET_WIDTH 2.0f
#define HALF_RANGE (BUCKETS * BUCKET_WIDTH / 2)

#define MIN_SHARE 0.02f /* a bin this full speaks for itself */
#define AGREE 12.0f     /* light units about the median */

#define TILE 8
#define MAX_TILES 1024 /* a side; larger grids use larger tiles */
#define LOCAL_LIMIT 64.0f
#define NOTHING 1e9f    /* a tile that has no say */
#define LOCAL_MIDDLE 32 /* the bucket of no change */
#define LOCAL_BUCKETS (2 * LOCAL_MIDDLE)

#define NOISE_BUCKET 0.25f
#define NOISE_TIME_S 2.0f

int
dw_light_bin (float light)
{
  int bin = (int)((light - LIGHT_MIN) / LIGHT_STEP);

  return bin < 0 ? 0 : bin >= DW_BACKGROUND_BINS ? DW_BACKGROUND_BINS - 1 : bin;
}

/* Grey levels that one unit of light stands for in the middle of a bin: the
 * derivative of 64 log2 (mean + 12). */
static float
grey_of_unit (int bin)
{
  float light = LIGHT_MIN + ((float)bin + 0.5f) * LIGHT_STEP;

  return exp2f (light / 64) / 92.332f;
}

float
dw_light_curve (const float curve[DW_BACKGROUND_BINS], float light)
{
  float at = (light - LIGHT_MIN) / LIGHT_STEP - 0.5f;
  int bin;

  if (at <= 0)
    return curve[0];
  if (at >= DW_BACKGROUND_BINS - 1)
    return curve[DW_BACKGROUND_BINS - 1];
  bin = (int)at;
  return curve[bin] + (at - (float)bin) * (curve[bin + 1] - curve[bin]);
}

typedef struct
{
  uint32_t buckets[BUCKETS];
  uint32_t count;
} Histogram;

static float
histogram_median (const Histogram *h)
{
  uint32_t below = 0, half = h->count / 2;
  float within;
  int i = 0;

  if (h->count == 0)
    return 0;
  while (below + h->buckets[i] <= half)
    below += h->buckets[i++];
  within = ((float)(half - below) + 0.5f) / (float)h->buckets[i];
  return ((float)i - 0.5f + within) * BUCKET_WIDTH - HALF_RANGE;
}

/* Share of the values within AGREE of `value`. */
static float
histogram_agreement (const Histogram *h, float value)
{
  int from = (int)((value - AGREE + HALF_RANGE) / BUCKET_WIDTH);
  int to = (int)((value + AGREE + HALF_RANGE) / BUCKET_WIDTH);
  uint32_t near = 0;

  if (h->count == 0)
    return 0;
  from = from < 0 ? 0 : from;
  to = to >= BUCKETS ? BUCKETS - 1 : to;
  for (int i = from; i <= to; i++)
    near += h->buckets[i];
  return (float)near / (float)h->count;
}

static void
fill_histograms (const DwBackground *background, const float *reference,
                 Histogram bins[DW_BACKGROUND_BINS], Histogram *all)
{
  for (int i = 0; i < background->n_cells; i++)
    {
      float difference = background->light[i] - reference[i];
      int bucket = (int)((difference + HALF_RANGE) / BUCKET_WIDTH + 0.5f);
      Histogram *bin;

      if (background->held[i] == DW_HELD_MOVER)
        continue;
      bucket = bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : bucket;
      bin = &bins[dw_light_bin (reference[i])];
      bin->buckets[bucket]++;
      bin->count++;
    }
  for (int b = 0; b < DW_BACKGROUND_BINS; b++)
    {
      all->count += bins[b].count;
      for (int i = 0; i < BUCKETS; i++)
        all->buckets[i] += bins[b].buckets[i];
    }
}

float
dw_light_tone (const DwBackground *background, const float *reference,
               float curve[DW_BACKGROUND_BINS])
{
  Histogram bins[DW_BACKGROUND_BINS], all;
  float whole, few = MIN_SHARE * (float)background->n_cells, largest = 0;

  memset (bins, 0, sizeof bins);
  memset (&all, 0, sizeof all);
  fill_histograms (background, reference, bins, &all);
  whole = histogram_median (&all);
  if (histogram_agreement (&all, whole) < 0.25f)
    whole = 0;
  for (int b = 0; b < DW_BACKGROUND_BINS; b++)
    {
      float median = histogram_median (&bins[b]);
      float weight = (float)bins[b].count;

      if (histogram_agreement (&bins[b], median) < 0.5f)
        weight = 0;
      curve[b] = (median * weight + whole * few) / (weight + few);
      largest = fmaxf (largest, fabsf (curve[b]));
    }
  return largest;
}

typedef struct
{
  float values[9];
  int n;
} Few;

static float
few_median (Few *few)
{
  for (int i = 1; i < few->n; i++)
    for (int j = i; j > 0 && few->values[j] < few->values[j - 1]; j--)
      {
        float swap = few->values[j];

        few->values[j] = few->values[j - 1];
        few->values[j - 1] = swap;
      }
  return few->n > 0 ? few->values[few->n / 2] : 0;
}

/* The median of a tile's residuals, sampled like a chess board; NOTHING when
 * too few cells are free. */
static float
tile_median (const DwBackground *background, int column, int row, int tile)
{
  uint16_t buckets[LOCAL_BUCKETS] = { 0 };
  int count = 0, below = 0, i = 0;
  int right = column + tile < background->columns ? column + tile
                                                  : background->columns;
  int bottom = row + tile < background->rows ? row + tile : background->rows;

  for (int y = row; y < bottom; y++)
    for (int x = column + (y & 1); x < right; x += 2)
      {
        int cell = y * background->columns + x;
        float at = (background->residual[cell] / LOCAL_LIMIT + 1) * LOCAL_MIDDLE
                   + 0.5f;
        int bucket = (int)at;

        if (background->held[cell] == DW_HELD_MOVER)
          continue;
        bucket = bucket < 0 ? 0 : bucket;
        buckets[bucket < LOCAL_BUCKETS ? bucket : LOCAL_BUCKETS - 1]++;
        count++;
      }
  if (count < tile)
    return NOTHING;
  while (below + buckets[i] <= count / 2)
    below += buckets[i++];
  return ((float)i / LOCAL_MIDDLE - 1) * LOCAL_LIMIT;
}

static void
smooth_tiles (const float *tiles, float *out, int columns, int rows)
{
  for (int y = 0; y < rows; y++)
    for (int x = 0; x < columns; x++)
      {
        Few few = { .n = 0 };

        for (int dy = y > 0 ? -1 : 0; dy <= (y + 1 < rows ? 1 : 0); dy++)
          for (int dx = x > 0 ? -1 : 0; dx <= (x + 1 < columns ? 1 : 0); dx++)
            if (tiles[(y + dy) * columns + x + dx] < NOTHING)
              few.values[few.n++] = tiles[(y + dy) * columns + x + dx];
        out[y * columns + x] = few_median (&few);
      }
}

static void
spread_row (const DwBackground *background, const float *tiles, int columns,
            int rows, int y, int tile)
{
  float at_y = ((float)y + 0.5f) / (float)tile - 0.5f;
  int top = at_y < 0 ? 0 : (int)at_y;
  int bottom = top + 1 < rows ? top + 1 : rows - 1;
  float fy = at_y < 0 ? 0 : fminf (at_y - (float)top, 1);

  for (int x = 0; x < background->columns; x++)
    {
      float at_x = ((float)x + 0.5f) / (float)tile - 0.5f;
      int left = at_x < 0 ? 0 : (int)at_x;
      int right = left + 1 < columns ? left + 1 : columns - 1;
      float fx = at_x < 0 ? 0 : fminf (at_x - (float)left, 1);
      float a = tiles[top * columns + left], b = tiles[top * columns + right];
      float c = tiles[bottom * columns + left];
      float d = tiles[bottom * columns + right];
      float upper = a + fx * (b - a), lower = c + fx * (d - c);

      background->local[y * background->columns + x]
          = upper + fy * (lower - upper);
    }
}

void
dw_light_local (DwBackground *background)
{
  float tiles[2][MAX_TILES] = { { 0 } };
  int tile = TILE, columns, rows;

  do
    {
      columns = (background->columns + tile - 1) / tile;
      rows = (background->rows + tile - 1) / tile;
    }
  while (columns * rows > MAX_TILES && (tile *= 2) > 0);
  for (int y = 0; y < rows; y++)
    for (int x = 0; x < columns; x++)
      tiles[0][y * columns + x]
          = tile_median (background, x * tile, y * tile, tile);
  smooth_tiles (tiles[0], tiles[1], columns, rows);
  for (int y = 0; y < background->rows; y++)
    spread_row (background, tiles[1], columns, rows, y, tile);
}

void
dw_light_noise (DwBackground *background, float dt_s)
{
  static const float to_sigma = 1.05f; /* median |a - b| of two normals */
  uint32_t buckets[DW_BACKGROUND_BINS][64];
  float steady = 1 - expf (-dt_s / NOISE_TIME_S);
  float rate = background->n_pictures < 2
                   ? 1
                   : fmaxf (steady, 1 / ((float)background->n_pictures + 1));
  uint32_t seen = 0;
  float grey = 0;

  memset (buckets, 0, sizeof buckets);
  for (int i = 0; i < background->n_cells; i += 2)
    {
      int bin = dw_light_bin (background->previous[i]);
      float step = background->light[i] - background->previous[i];
      int bucket
          = (int)(fabsf (step - background->last_tone[bin]) / NOISE_BUCKET);

      buckets[bin][bucket < 64 ? bucket : 63]++;
    }
  for (int b = 0; b < DW_BACKGROUND_BINS; b++)
    {
      uint32_t count = 0, below = 0;
      int i = 0;

      for (int k = 0; k < 64; k++)
        count += buckets[b][k];
      if (count < 16)
        continue;
      while (below + buckets[b][i] <= count / 2)
        below += buckets[b][i++];
      background->noise[b] += rate
                              * (to_sigma * ((float)i + 0.5f) * NOISE_BUCKET
                                 - background->noise[b]);
      seen += count;
      grey += (float)count * background->noise[b] * grey_of_unit (b);
    }
  if (seen > 0)
    background->grey_noise = grey / (float)seen;
}
