/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The background model. The first mode of every cell is treated in plain
 * loops over arrays; only cells that leave it are looked at one by one. */
#include "motion-background.h"

#include "motion-light.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NOISE_WANDER 0.7f  /* how far noise power wanders in one cell */
#define TEXTURE_FLOOR 5.0f /* grey levels: below it texture says nothing */
#define LIGHT_FLOOR 12.0f
#define MIN_NOISE 0.4f
#define SMOOTH_ON 1.2f /* grey levels of a cell's noise */
#define SMOOTH_OFF 0.5f
/* Mean of |a - b| of two normals of deviation 1, across and down. */
#define GRADIENT_OF_NOISE 2.26f

/* Thresholds in units of 64 an octave. */
#define LIGHT_BASE 6.0f
#define LIGHT_NOISES 2.5f
#define LIGHT_DEVIATIONS 1.5f
#define TEXTURE_BASE 26.0f
#define BLINK_SHARE 0.35f /* of the base, for each blink */
#define WIDE 0.75f        /* of the narrow threshold */

#define LEARN_TIME_S 8.0f
#define DEVIATION_TIME_S 10.0f
#define LEAST_TONE 0.5f
#define TONE_TIME_S 10.0f
#define BLINK_TIME_S 20.0f
#define BLINK_VISIT_S 3.0f  /* longer is no blink */
#define BLINK_PAUSE_S 0.5f  /* flutter at the threshold is one blink */
#define MODE_TIME_S 10.0f   /* a candidate is forgotten after */
#define KNOWN_TIME_S 300.0f /* a background mode is forgotten after */
#define SHORT_ABSORB_S 3.0f /* what flickers */
#define SMALL_ABSORB_S 30.0f
#define ABSORB_S 900.0f

/* A change of light alone: how much darker a shadow and how much brighter a
 * lamp may make a cell. */
#define SHADOW_LIMIT 90.0f
#define LAMP_LIMIT 150.0f

static float *
take (float **next, int n)
{
  float *array = *next;

  *next += n;
  return array;
}

DwStatus
dw_background_init (DwBackground *background, int columns, int rows)
{
  size_t n = (size_t)columns * (size_t)rows;
  int cells = columns * rows;
  float **arrays[] = {
    &background->mean,        &background->gradient,  &background->narrow,
    &background->wide,        &background->blink,     &background->light,
    &background->texture,     &background->previous,  &background->residual,
    &background->local,       &background->bg_light,  &background->bg_texture,
    &background->deviation,   &background->novel_s,   &background->per_light,
    &background->per_texture, &background->blinked_s, &background->excess,
    &background->cell_noise,  &background->bg_mean
  };
  size_t n_arrays = sizeof arrays / sizeof arrays[0];
  float *next;

  memset (background, 0, sizeof *background);
  background->memory
      = calloc (n, n_arrays * sizeof (float) + 3 + sizeof *background->modes);
  if (background->memory == NULL)
    return DW_ERROR_NO_MEMORY;
  background->modes = background->memory;
  next = (float *)(background->modes + n);
  for (size_t i = 0; i < n_arrays; i++)
    *arrays[i] = take (&next, cells);
  background->held = (uint8_t *)next;
  background->is_active = background->held + n;
  background->is_covered = background->is_active + n;
  background->columns = columns;
  background->rows = rows;
  background->n_cells = cells;
  dw_background_forget (background);
  return DW_OK;
}

void
dw_background_finish (DwBackground *background)
{
  free (background->memory);
  memset (background, 0, sizeof *background);
}

void
dw_background_forget (DwBackground *background)
{
  size_t n = (size_t)background->n_cells;

  if (background->memory == NULL)
    return;
  memset (background->modes, 0, n * sizeof *background->modes);
  memset (background->blink, 0, n * sizeof (float));
  memset (background->blinked_s, 0, n * sizeof (float));
  memset (background->novel_s, 0, n * sizeof (float));
  memset (background->local, 0, n * sizeof (float));
  memset (background->held, 0, n);
  memset (background->is_covered, 0, n);
  for (int b = 0; b < DW_BACKGROUND_BINS; b++)
    background->noise[b] = 2;
  background->gradient_noise = 0;
  background->grey_noise = 0;
  background->now_s = 0;
  background->n_pictures = 0;
  background->changed = 0;
}

/* Noise steps from pixel to pixel as the cells' flicker says; it is never more
 * than even the smoothest tenth of the picture shows. */
static void
measure_gradient_noise (DwBackground *background, float dt_s)
{
  uint32_t buckets[128] = { 0 };
  uint32_t count = 0, below = 0, wanted;
  float rate = background->n_pictures < 4 ? 0.5f : 1 - expf (-dt_s / 2);
  float smooth;
  int i = 0;

  for (int c = 0; c < background->n_cells; c += 3, count++)
    {
      int bucket = (int)(background->gradient[c] * 4);

      buckets[bucket < 128 ? bucket : 127]++;
    }
  wanted = count / 10;
  while (below + buckets[i] <= wanted)
    below += buckets[i++];
  smooth = ((float)i + 0.5f) / 4;
  background->gradient_noise
      += rate
         * (fminf (smooth, GRADIENT_OF_NOISE * background->grey_noise
                               * (background->is_smooth ? 3 : 1)
                               * (float)background->cell_size)
            - background->gradient_noise);
}

/* Three by three cells become one, in place, a row behind. */
static void
smooth (float *values, int columns, int rows, float *scratch)
{
  for (int y = 0; y < rows; y++)
    {
      const float *row = values + (ptrdiff_t)y * columns;
      float *out = scratch + (ptrdiff_t)y * columns;

      for (int x = 0; x < columns; x++)
        {
          float left = row[x > 0 ? x - 1 : x];
          float right = row[x + 1 < columns ? x + 1 : x];

          out[x] = (left + row[x] + right) * (1.0f / 3);
        }
    }
  for (int y = 0; y < rows; y++)
    {
      const float *row = scratch + (ptrdiff_t)y * columns;
      const float *above = y > 0 ? row - columns : row;
      const float *below = y + 1 < rows ? row + columns : row;
      float *out = values + (ptrdiff_t)y * columns;

      for (int x = 0; x < columns; x++)
        out[x] = (above[x] + row[x] + below[x]) * (1.0f / 3);
    }
}

/* In noise a cell is judged with its neighbours. Going over from one to the
 * other makes every edge look new, so the scene is learned anew then. Returns
 * whether it must be. */
static bool
choose_smoothing (DwBackground *background)
{
  float noise = background->grey_noise * (background->is_smooth ? 3 : 1);
  bool is_smooth = noise > (background->is_smooth ? SMOOTH_OFF : SMOOTH_ON);

  if (background->n_pictures < 6 || is_smooth == background->is_smooth)
    return false;
  background->is_smooth = is_smooth;
  return true;
}

static void
measure_features (DwBackground *background)
{
  float noise = background->gradient_noise * background->gradient_noise;
  float floor = TEXTURE_FLOOR * TEXTURE_FLOOR + NOISE_WANDER * noise;
  const float *restrict mean = background->mean;
  const float *restrict gradient = background->gradient;
  float *restrict light = background->light, *restrict texture
                                             = background->texture;

  background->texture_floor = floor;
  for (int i = 0; i < background->n_cells; i++)
    light[i] = dw_log64 (mean[i] + LIGHT_FLOOR);
  for (int i = 0; i < background->n_cells; i++)
    {
      float power = gradient[i] * gradient[i] - noise;

      power = power > 0 ? power : 0;
      texture[i] = 0.5f * dw_log64 (power + floor);
    }
}

/* Some rows a picture: thresholds change slowly. */
static void
refresh_thresholds (DwBackground *background, bool is_whole)
{
  int stripe = is_whole ? 1 : 8;

  for (int y = (int)(background->n_pictures % (unsigned)stripe);
       y < background->rows; y += stripe)
    for (int x = 0; x < background->columns; x++)
      {
        int i = y * background->columns + x;
        float noise
            = fmaxf (MIN_NOISE, dw_light_curve (background->noise,
                                                background->bg_light[i]));
        float blinks = BLINK_SHARE * fminf (background->blink[i], 4);
        float light = LIGHT_BASE * (1 + blinks) + LIGHT_NOISES * noise
                      + LIGHT_DEVIATIONS * background->deviation[i];

        background->cell_noise[i] = noise;
        background->bg_mean[i]
            = exp2f (background->bg_light[i] / 64) - LIGHT_FLOOR;
        background->per_light[i] = 1 / light;
        background->per_texture[i]
            = 1 / (TEXTURE_BASE * (1 + blinks) + 2 * noise);
      }
}

/* What is left of the light when the tone curve is taken out. */
static void
measure_residual (DwBackground *background)
{
  const float *restrict light = background->light;
  const float *restrict reference = background->bg_light;
  float *restrict residual = background->residual;

  background->has_tone
      = dw_light_tone (background, reference, background->tone) > LEAST_TONE;
  for (int i = 0; i < background->n_cells; i++)
    residual[i] = light[i] - reference[i];
  for (int i = 0; background->has_tone && i < background->n_cells; i++)
    residual[i] -= dw_light_curve (background->tone, reference[i]);
}

/* A change of light that stays goes over into the background, held cells
 * included: what an object covers is lit like its surroundings. Slowly, so
 * that lightning leaves nothing behind. */
static void
fold_tone (DwBackground *background, float dt_s)
{
  float rate = 1 - expf (-dt_s / TONE_TIME_S);

  for (int i = 0; background->has_tone && i < background->n_cells; i++)
    {
      background->bg_light[i]
          += rate * dw_light_curve (background->tone, background->bg_light[i]);
      for (int k = 0; k < DW_BACKGROUND_MODES; k++)
        {
          DwMode *mode = &background->modes[i][k];

          mode->light += rate * dw_light_curve (background->tone, mode->light);
        }
    }
}

static void
measure_activity (DwBackground *background)
{
  for (int i = 0; i < background->n_cells; i++)
    {
      float step
          = background->light[i] - background->previous[i]
            - dw_light_curve (background->last_tone, background->previous[i]);
      float noise = fmaxf (
          MIN_NOISE, dw_light_curve (background->noise, background->light[i]));

      background->is_active[i] = fabsf (step) > 3 + 4 * noise;
    }
}

typedef struct
{
  float light, texture; /* background minus picture, in thresholds */
  float residual;
  float mode_texture;
} Difference;

static float
difference_size (const Difference *d)
{
  return fmaxf (d->light, d->texture);
}

static Difference
compare (const DwBackground *background, int i, float light, float texture)
{
  float toned = background->has_tone
                    ? light + dw_light_curve (background->tone, light)
                    : light;
  float residual = background->light[i] - toned - background->local[i];
  Difference d
      = { fabsf (residual) * background->per_light[i],
          fabsf (background->texture[i] - texture) * background->per_texture[i],
          residual, texture };

  return d;
}

/* How much of a difference is left when the cell may just be lit otherwise:
 * then its texture follows the light. */
static float
narrow_size (const DwBackground *background, int i, const Difference *d)
{
  float floor = background->texture_floor;
  float power = exp2f (d->mode_texture / 32) - floor;
  float lit
      = 0.5f * dw_log64 (fmaxf (power, 0) * exp2f (d->residual / 32) + floor);
  float texture
      = fabsf (background->texture[i] - lit) * background->per_texture[i];
  float light = d->light;

  texture = fminf (texture, d->texture + 0.5f);
  if (texture < 1 && d->residual < 0 && d->residual > -SHADOW_LIMIT)
    light *= 0.4f + 0.6f * texture;
  else if (texture < 1 && d->residual > 0 && d->residual < LAMP_LIMIT)
    light *= 0.6f + 0.4f * texture;
  return fmaxf (light, texture);
}

static void
judge_cell (DwBackground *background, int i)
{
  Difference best = compare (background, i, background->bg_light[i],
                             background->bg_texture[i]);

  for (int k = 0; k < DW_BACKGROUND_MODES; k++)
    {
      const DwMode *mode = &background->modes[i][k];
      Difference d;

      if (!mode->is_background)
        continue;
      d = compare (background, i, mode->light, mode->texture);
      if (difference_size (&d) < difference_size (&best))
        best = d;
    }
  background->wide[i] = difference_size (&best) / WIDE;
  background->narrow[i] = narrow_size (background, i, &best);
  background->excess[i] = best.residual;
}

static void
first_picture (DwBackground *background)
{
  size_t size = (size_t)background->n_cells * sizeof (float);

  memcpy (background->bg_light, background->light, size);
  memcpy (background->bg_texture, background->texture, size);
  memcpy (background->previous, background->light, size);
  for (int i = 0; i < background->n_cells; i++)
    background->deviation[i] = 1;
}

void
dw_background_restart (DwBackground *background)
{
  size_t size = (size_t)background->n_cells * sizeof (float);

  dw_background_forget (background);
  first_picture (background);
  memset (background->narrow, 0, size);
  memset (background->wide, 0, size);
}

void
dw_background_judge (DwBackground *background, float dt_s, bool is_learning)
{
  int changed = 0;

  if (choose_smoothing (background))
    dw_background_forget (background);
  if (background->is_smooth)
    {
      smooth (background->mean, background->columns, background->rows,
              background->residual);
      smooth (background->gradient, background->columns, background->rows,
              background->residual);
    }
  measure_gradient_noise (background, dt_s);
  measure_features (background);
  if (background->n_pictures == 0)
    first_picture (background);
  else
    {
      (void)dw_light_tone (background, background->previous,
                           background->last_tone);
      dw_light_noise (background, dt_s);
    }
  refresh_thresholds (background, is_learning);
  measure_activity (background);
  measure_residual (background);
  dw_light_local (background);
  for (int i = 0; i < background->n_cells; i++)
    {
      float excess = background->residual[i] - background->local[i];
      float light = fabsf (excess) * background->per_light[i];
      float texture = fabsf (background->texture[i] - background->bg_texture[i])
                      * background->per_texture[i];
      float size = light > texture ? light : texture;

      background->wide[i] = size / WIDE;
      background->narrow[i] = size;
      background->excess[i] = excess;
    }
  for (int i = 0; i < background->n_cells; i++)
    {
      if (background->wide[i] >= 1)
        judge_cell (background, i);
      changed += background->wide[i] * WIDE >= 1;
    }
  background->changed = (float)changed / (float)background->n_cells;
}

static float
absorb_time (const DwBackground *background, int i, bool is_learning)
{
  if (is_learning)
    return 0;
  if (background->held[i] == DW_HELD_MOVER)
    return ABSORB_S;
  if (background->blink[i] >= 4)
    return SHORT_ABSORB_S;
  return background->held[i] == DW_HELD_BLOB ? ABSORB_S : SMALL_ABSORB_S;
}

/* The light of a cell as it were without the change of tone. */
static float
untoned (const DwBackground *background, int i)
{
  float light = background->light[i];

  return background->has_tone ? light - dw_light_curve (background->tone, light)
                              : light;
}

/* A cell that is not in its first mode: strengthen the mode it is in, or
 * start one in place of the weakest. */
static void
learn_other (DwBackground *background, int i, float dt_s, bool is_learning)
{
  DwMode *mode = NULL, *weakest = NULL;
  float best = 1;

  for (int k = 0; k < DW_BACKGROUND_MODES; k++)
    {
      DwMode *m = &background->modes[i][k];
      Difference d = compare (background, i, m->light, m->texture);
      float life = m->is_background ? KNOWN_TIME_S : MODE_TIME_S;

      m->weight_s *= expf (-(background->now_s - m->seen_s) / life);
      m->seen_s = background->now_s;
      m->is_background = m->is_background && m->weight_s > 0.2f;
      if (m->weight_s > 0 && difference_size (&d) < best)
        {
          best = difference_size (&d);
          mode = m;
        }
      if (weakest == NULL || m->weight_s < weakest->weight_s)
        weakest = m;
    }
  if (mode == NULL)
    {
      mode = weakest;
      *mode = (DwMode){ untoned (background, i), background->texture[i], 0,
                        background->now_s, false };
    }
  mode->weight_s = fminf (mode->weight_s + dt_s, 2 * ABSORB_S);
  mode->light += 0.1f * (untoned (background, i) - mode->light);
  mode->texture += 0.1f * (background->texture[i] - mode->texture);
  if (mode->weight_s >= absorb_time (background, i, is_learning))
    mode->is_background = true;
}

static void
count_blink (DwBackground *background, int i, float dt_s)
{
  if (background->wide[i] >= 1 / WIDE)
    {
      background->novel_s[i] += dt_s;
      return;
    }
  if (background->novel_s[i] > 0 && background->novel_s[i] < BLINK_VISIT_S
      && background->now_s - background->blinked_s[i] > BLINK_PAUSE_S
      && background->held[i] != DW_HELD_MOVER)
    {
      background->blink[i] += 1;
      background->blinked_s[i] = background->now_s;
    }
  background->novel_s[i] = 0;
}

void
dw_background_learn (DwBackground *background, float dt_s, bool is_learning)
{
  float count = (float)background->n_pictures + 1;
  float rate
      = fmaxf (1 - expf (-dt_s / LEARN_TIME_S), is_learning ? 1 / count : 0);
  float fading = expf (-dt_s / BLINK_TIME_S);
  float deviation_rate = 1 - expf (-dt_s / DEVIATION_TIME_S);

  if (is_learning)
    deviation_rate = fmaxf (deviation_rate, 1 / count);
  background->now_s += dt_s;
  for (int i = 0; i < background->n_cells; i++)
    {
      float residual = background->residual[i];
      float local = residual - background->local[i];
      float detail = background->texture[i] - background->bg_texture[i];
      bool is_first = fabsf (local) * background->per_light[i] < 1
                      && fabsf (detail) * background->per_texture[i] < 1;
      bool is_free = background->held[i] == DW_HELD_NOT || is_learning;
      bool is_slow = background->is_covered[i] && !is_learning;
      float take_in = !is_first || !is_free ? 0.0f
                      : is_slow             ? LEARN_TIME_S / ABSORB_S
                                            : 1.0f;

      background->bg_light[i] += take_in * rate * residual;
      background->bg_texture[i] += take_in * rate * detail;
      background->deviation[i] += take_in * deviation_rate
                                  * (fabsf (local) - background->deviation[i]);
      background->blink[i] *= fading;
      if (!is_first)
        learn_other (background, i, dt_s, is_learning);
      if (!is_first || background->novel_s[i] > 0)
        count_blink (background, i, dt_s);
    }
  fold_tone (background, dt_s);
  memcpy (background->previous, background->light,
          (size_t)background->n_cells * sizeof (float));
  background->n_pictures++;
}

void
dw_background_skip (DwBackground *background)
{
  memcpy (background->previous, background->light,
          (size_t)background->n_cells * sizeof (float));
}
