/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The background model. The first mode of every cell is treated in plain
 * loops over arrays; only cells that leave it are looked at one by one. */
#include "motion-scene.h"

#include "motion-light.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXTURE_FLOOR 5.0f /* grey levels: below it texture says nothing */
#define LIGHT_FLOOR 12.0f
#define MIN_NOISE 0.4f
/* Mean of |a - b| of two normals of deviation 1, across and down. */
#define GRADIENT_OF_NOISE 2.26f

/* Thresholds in units of 64 an octave. */
#define LIGHT_BASE 6.0f
#define LIGHT_NOISES 4.0f
#define LIGHT_DEVIATIONS 2.5f
#define TEXTURE_BASE 26.0f
#define BLINK_SHARE 0.35f /* of the base, for each blink */
#define WIDE 0.75f        /* of the narrow threshold */

#define LEARN_TIME_S 8.0f
#define DEVIATION_TIME_S 10.0f
#define BLINK_TIME_S 20.0f
#define BLINK_VISIT_S 3.0f  /* longer is no blink */
#define MODE_TIME_S 10.0f   /* a candidate is forgotten after */
#define KNOWN_TIME_S 300.0f /* a background mode is forgotten after */
#define SHORT_ABSORB_S 2.0f /* what flickers */
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
dw_scene_init (DwScene *scene, int columns, int rows)
{
  size_t n = (size_t)columns * (size_t)rows;
  int cells = columns * rows;
  float **arrays[] = { &scene->mean,       &scene->gradient, &scene->narrow,
                       &scene->wide,       &scene->blink,    &scene->light,
                       &scene->texture,    &scene->previous, &scene->residual,
                       &scene->local,      &scene->bg_light, &scene->bg_texture,
                       &scene->deviation,  &scene->novel_s,  &scene->per_light,
                       &scene->per_texture };
  size_t n_arrays = sizeof arrays / sizeof arrays[0];
  float *next;

  memset (scene, 0, sizeof *scene);
  scene->memory
      = calloc (n, n_arrays * sizeof (float) + 2 + sizeof *scene->modes);
  if (scene->memory == NULL)
    return DW_ERROR_NO_MEMORY;
  scene->modes = scene->memory;
  next = (float *)(scene->modes + n);
  for (size_t i = 0; i < n_arrays; i++)
    *arrays[i] = take (&next, cells);
  scene->held = (uint8_t *)next;
  scene->is_active = scene->held + n;
  scene->columns = columns;
  scene->rows = rows;
  scene->n_cells = cells;
  dw_scene_forget (scene);
  return DW_OK;
}

void
dw_scene_finish (DwScene *scene)
{
  free (scene->memory);
  memset (scene, 0, sizeof *scene);
}

void
dw_scene_forget (DwScene *scene)
{
  size_t n = (size_t)scene->n_cells;

  if (scene->memory == NULL)
    return;
  memset (scene->modes, 0, n * sizeof *scene->modes);
  memset (scene->blink, 0, n * sizeof (float));
  memset (scene->novel_s, 0, n * sizeof (float));
  memset (scene->local, 0, n * sizeof (float));
  memset (scene->held, 0, n);
  for (int b = 0; b < DW_SCENE_BINS; b++)
    scene->noise[b] = 2;
  scene->gradient_noise = 0;
  scene->grey_noise = 0;
  scene->now_s = 0;
  scene->learned_s = 0;
  scene->n_pictures = 0;
  scene->changed = 0;
}

/* Noise steps from pixel to pixel as the cells' flicker says; it is never more
 * than even the smoothest tenth of the picture shows. */
static void
measure_gradient_noise (DwScene *scene, float dt_s)
{
  uint32_t buckets[128] = { 0 };
  uint32_t count = 0, below = 0, wanted;
  float rate = scene->n_pictures < 4 ? 0.5f : 1 - expf (-dt_s / 2);
  float smooth;
  int i = 0;

  for (int c = 0; c < scene->n_cells; c += 3, count++)
    {
      int bucket = (int)(scene->gradient[c] * 4);

      buckets[bucket < 128 ? bucket : 127]++;
    }
  wanted = count / 10;
  while (below + buckets[i] <= wanted)
    below += buckets[i++];
  smooth = ((float)i + 0.5f) / 4;
  scene->gradient_noise
      += rate
         * (fminf (smooth, GRADIENT_OF_NOISE * scene->grey_noise
                               * (float)scene->cell_size)
            - scene->gradient_noise);
}

static void
measure_features (DwScene *scene)
{
  float noise = scene->gradient_noise * scene->gradient_noise;
  const float *restrict mean = scene->mean;
  const float *restrict gradient = scene->gradient;
  float *restrict light = scene->light, *restrict texture = scene->texture;

  for (int i = 0; i < scene->n_cells; i++)
    light[i] = dw_log64 (mean[i] + LIGHT_FLOOR);
  for (int i = 0; i < scene->n_cells; i++)
    {
      float power = gradient[i] * gradient[i] - noise;

      power = power > 0 ? power : 0;
      texture[i] = dw_log64 (sqrtf (power) + TEXTURE_FLOOR);
    }
}

/* Some rows a picture: thresholds change slowly. */
static void
refresh_thresholds (DwScene *scene, bool is_whole)
{
  int stripe = is_whole ? 1 : 8;

  for (int y = (int)(scene->n_pictures % (unsigned)stripe); y < scene->rows;
       y += stripe)
    for (int x = 0; x < scene->columns; x++)
      {
        int i = y * scene->columns + x;
        float noise = fmaxf (MIN_NOISE,
                             dw_light_curve (scene->noise, scene->bg_light[i]));
        float blinks = BLINK_SHARE * fminf (scene->blink[i], 4);
        float light = LIGHT_BASE * (1 + blinks) + LIGHT_NOISES * noise
                      + LIGHT_DEVIATIONS * scene->deviation[i];

        scene->per_light[i] = 1 / light;
        scene->per_texture[i] = 1 / (TEXTURE_BASE * (1 + blinks) + 2 * noise);
      }
}

/* The tone curve moves the whole background, held cells too: what an object
 * covers is lit like its surroundings. */
static void
follow_tone (DwScene *scene)
{
  if (dw_light_tone (scene, scene->bg_light, scene->tone) < 0.5f)
    return;
  for (int i = 0; i < scene->n_cells; i++)
    {
      scene->bg_light[i] += dw_light_curve (scene->tone, scene->bg_light[i]);
      for (int k = 0; k < DW_SCENE_MODES; k++)
        {
          DwMode *mode = &scene->modes[i][k];

          mode->light += dw_light_curve (scene->tone, mode->light);
        }
    }
}

static void
measure_activity (DwScene *scene)
{
  for (int i = 0; i < scene->n_cells; i++)
    {
      float step = scene->light[i] - scene->previous[i]
                   - dw_light_curve (scene->last_tone, scene->previous[i]);
      float noise
          = fmaxf (MIN_NOISE, dw_light_curve (scene->noise, scene->light[i]));

      scene->is_active[i] = fabsf (step) > 3 + 4 * noise;
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
compare (const DwScene *scene, int i, float light, float texture)
{
  float residual = scene->light[i] - light - scene->local[i];
  Difference d = { fabsf (residual) * scene->per_light[i],
                   fabsf (scene->texture[i] - texture) * scene->per_texture[i],
                   residual, texture };

  return d;
}

/* How much of a difference is left when the cell may just be lit otherwise:
 * then its texture follows the light. */
static float
narrow_size (const DwScene *scene, int i, const Difference *d)
{
  float strength = exp2f (d->mode_texture / 64) - TEXTURE_FLOOR;
  float lit = dw_log64 (fmaxf (strength, 0) * exp2f (d->residual / 64)
                        + TEXTURE_FLOOR);
  float texture = fabsf (scene->texture[i] - lit) * scene->per_texture[i];
  float light = d->light;

  texture = fminf (texture, d->texture + 0.5f);
  if (texture < 1 && d->residual < 0 && d->residual > -SHADOW_LIMIT)
    light *= 0.4f + 0.6f * texture;
  else if (texture < 1 && d->residual > 0 && d->residual < LAMP_LIMIT)
    light *= 0.6f + 0.4f * texture;
  return fmaxf (light, texture);
}

static void
judge_cell (DwScene *scene, int i)
{
  Difference best
      = compare (scene, i, scene->bg_light[i], scene->bg_texture[i]);

  for (int k = 0; k < DW_SCENE_MODES; k++)
    {
      const DwMode *mode = &scene->modes[i][k];
      Difference d;

      if (!mode->is_background)
        continue;
      d = compare (scene, i, mode->light, mode->texture);
      if (difference_size (&d) < difference_size (&best))
        best = d;
    }
  scene->wide[i] = difference_size (&best) / WIDE;
  scene->narrow[i] = narrow_size (scene, i, &best);
}

static void
first_picture (DwScene *scene)
{
  size_t size = (size_t)scene->n_cells * sizeof (float);

  memcpy (scene->bg_light, scene->light, size);
  memcpy (scene->bg_texture, scene->texture, size);
  memcpy (scene->previous, scene->light, size);
  for (int i = 0; i < scene->n_cells; i++)
    scene->deviation[i] = 1;
}

void
dw_scene_judge (DwScene *scene, float dt_s, bool is_learning)
{
  int changed = 0;

  measure_gradient_noise (scene, dt_s);
  measure_features (scene);
  if (scene->n_pictures == 0)
    first_picture (scene);
  else
    {
      (void)dw_light_tone (scene, scene->previous, scene->last_tone);
      dw_light_noise (scene, dt_s);
      follow_tone (scene);
    }
  refresh_thresholds (scene, is_learning);
  measure_activity (scene);
  for (int i = 0; i < scene->n_cells; i++)
    scene->residual[i] = scene->light[i] - scene->bg_light[i];
  dw_light_local (scene);
  for (int i = 0; i < scene->n_cells; i++)
    {
      float light
          = fabsf (scene->residual[i] - scene->local[i]) * scene->per_light[i];
      float texture = fabsf (scene->texture[i] - scene->bg_texture[i])
                      * scene->per_texture[i];
      float size = light > texture ? light : texture;

      scene->wide[i] = size / WIDE;
      scene->narrow[i] = size;
    }
  for (int i = 0; i < scene->n_cells; i++)
    {
      if (scene->wide[i] >= 1)
        judge_cell (scene, i);
      changed += scene->wide[i] >= 1;
    }
  scene->changed = (float)changed / (float)scene->n_cells;
}

static float
absorb_time (const DwScene *scene, int i, bool is_learning)
{
  if (is_learning)
    return 0;
  if (scene->held[i] == DW_HELD_MOVER)
    return ABSORB_S;
  if (scene->blink[i] >= 2)
    return SHORT_ABSORB_S;
  return scene->held[i] == DW_HELD_BLOB ? ABSORB_S : SMALL_ABSORB_S;
}

/* A cell that is not in its first mode: strengthen the mode it is in, or
 * start one in place of the weakest. */
static void
learn_other (DwScene *scene, int i, float dt_s, bool is_learning)
{
  DwMode *mode = NULL, *weakest = NULL;
  float best = 1;

  for (int k = 0; k < DW_SCENE_MODES; k++)
    {
      DwMode *m = &scene->modes[i][k];
      Difference d = compare (scene, i, m->light, m->texture);
      float life = m->is_background ? KNOWN_TIME_S : MODE_TIME_S;

      m->weight_s *= expf (-(scene->now_s - m->seen_s) / life);
      m->seen_s = scene->now_s;
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
      *mode = (DwMode){ scene->light[i], scene->texture[i], 0, scene->now_s,
                        false };
    }
  mode->weight_s = fminf (mode->weight_s + dt_s, 2 * ABSORB_S);
  mode->light += 0.1f * (scene->light[i] - mode->light);
  mode->texture += 0.1f * (scene->texture[i] - mode->texture);
  if (mode->weight_s >= absorb_time (scene, i, is_learning))
    mode->is_background = true;
}

static void
count_blink (DwScene *scene, int i, float dt_s)
{
  if (scene->wide[i] >= 1 / WIDE)
    {
      scene->novel_s[i] += dt_s;
      return;
    }
  if (scene->novel_s[i] > 0 && scene->novel_s[i] < BLINK_VISIT_S
      && scene->held[i] != DW_HELD_MOVER)
    scene->blink[i] += 1;
  scene->novel_s[i] = 0;
}

void
dw_scene_learn (DwScene *scene, float dt_s, bool is_learning)
{
  float count = (float)scene->n_pictures + 1;
  float rate
      = fmaxf (1 - expf (-dt_s / LEARN_TIME_S), is_learning ? 1 / count : 0);
  float fading = expf (-dt_s / BLINK_TIME_S);
  float deviation_rate = 1 - expf (-dt_s / DEVIATION_TIME_S);

  if (is_learning)
    deviation_rate = fmaxf (deviation_rate, 1 / count);
  scene->now_s += dt_s;
  for (int i = 0; i < scene->n_cells; i++)
    {
      float residual = scene->light[i] - scene->bg_light[i];
      float local = residual - scene->local[i];
      float detail = scene->texture[i] - scene->bg_texture[i];
      bool is_first = fabsf (local) * scene->per_light[i] < 1
                      && fabsf (detail) * scene->per_texture[i] < 1;
      bool is_free = scene->held[i] == DW_HELD_NOT || is_learning;
      float take_in = is_first && is_free ? 1.0f : 0.0f;

      scene->bg_light[i] += take_in * rate * residual;
      scene->bg_texture[i] += take_in * rate * detail;
      scene->deviation[i]
          += take_in * deviation_rate * (fabsf (local) - scene->deviation[i]);
      scene->blink[i] *= fading;
      if (!is_first)
        learn_other (scene, i, dt_s, is_learning);
      if (!is_first || scene->novel_s[i] > 0)
        count_blink (scene, i, dt_s);
    }
  memcpy (scene->previous, scene->light,
          (size_t)scene->n_cells * sizeof (float));
  scene->n_pictures++;
}
