/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is when where, and what is to be heard: the scene without pixels. */
#include "scene-paint.h"
#include "timebase.h"

#include <math.h>

#define PI 3.14159265358979

DwStatus
dw_scene_check (const DwSceneSettings *settings, DwError *error)
{
  if (settings->width < 1 || settings->width > DW_SCENE_MAX_WIDTH
      || settings->height < 1 || settings->height > DW_SCENE_MAX_HEIGHT)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "a picture of %d x %d: expected 1 x 1 to %d x %d",
                         settings->width, settings->height, DW_SCENE_MAX_WIDTH,
                         DW_SCENE_MAX_HEIGHT);
  if (!isfinite (settings->ring_s) || !isfinite (settings->every_s)
      || settings->ring_s > 86400 || settings->every_s > 86400
      || (settings->ring_s != 0 && settings->ring_s < DW_SCENE_MIN_RING_S))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "a press after %g s: expected 0 (never) or %g to "
                         "86400, because the scene is empty for %g s first",
                         settings->ring_s, DW_SCENE_MIN_RING_S,
                         DW_SCENE_EMPTY_S);
  if (settings->every_s < 0
      || (settings->every_s != 0 && settings->ring_s != 0
          && settings->every_s < settings->ring_s + DW_SCENE_VISIT_S))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "a visit every %g s: expected 0 (one visit) or at "
                         "least %g, because a visitor needs %g s to leave",
                         settings->every_s, settings->ring_s + DW_SCENE_VISIT_S,
                         DW_SCENE_VISIT_S);
  return DW_OK;
}

static int64_t
to_ns (double seconds)
{
  return (int64_t)llround (seconds * 1e9);
}

DwSceneMoment
dw_scene_moment (const DwSceneSettings *settings, int64_t time_ns)
{
  DwSceneMoment moment = { 0 };
  int64_t every = to_ns (settings->every_s);
  double ring = settings->ring_s, t;

  if (time_ns < 0)
    time_ns = 0;
  if (every > 0)
    {
      moment.visit = (uint32_t)(time_ns / every);
      time_ns %= every;
    }
  t = moment.second = (double)time_ns / 1e9;
  if (ring <= 0)
    return moment;
  moment.has_visitor
      = t >= dw_visitor_enters (ring) && t < dw_visitor_leaves (ring);
  moment.has_car = t >= dw_car_enters (ring) && t < dw_car_leaves (ring);
  moment.is_pressing = t >= ring && t < ring + 0.6;
  return moment;
}

int64_t
dw_scene_next_press (const DwSceneSettings *settings, int64_t time_ns)
{
  int64_t ring = to_ns (settings->ring_s), every = to_ns (settings->every_s);

  if (ring <= 0)
    return -1;
  if (time_ns <= ring)
    return ring;
  if (every <= 0)
    return -1;
  return ring + (time_ns - ring + every - 1) / every * every;
}

/* White noise that knows only its own number. */
static double
hiss (int64_t n)
{
  uint64_t z = (uint64_t)n * UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1;
}

static double
bell (double since, double frequency)
{
  double tone;

  if (since < 0 || since > 1.6)
    return 0;
  tone = sin (2 * PI * frequency * since)
         + 0.35 * sin (4.02 * PI * frequency * since)
         + 0.18 * sin (6.1 * PI * frequency * since);
  return tone * exp (-3.2 * since) * fmin (1, since / 0.004);
}

/* A step is a short thud each time the stride passes a whole number. */
static double
footstep (double ring, double second, double noise)
{
  DwPose now = dw_visitor_pose (ring, second);
  double into = now.stride - floor (now.stride);
  double near = 1.6 / (1 + now.d);

  if (now.walking < 0.1 || into > 0.18)
    return 0;
  return near * now.walking * (1 - into / 0.18)
         * (0.5 * sin (2 * PI * 95 * second) + 0.4 * noise);
}

static double
sound_at (const DwSceneSettings *settings, int64_t n, int rate)
{
  int64_t time_ns = (int64_t)((double)n / rate * 1e9);
  DwSceneMoment moment = dw_scene_moment (settings, time_ns);
  double t = moment.second, ring = settings->ring_s;
  double noise = hiss (n), rumble = (hiss (n / 6) + hiss (n / 11)) / 2;
  double value = 0.006 * noise + 0.008 * rumble * (1 + sin (0.7 * t));

  if (moment.has_visitor)
    value += 0.25 * footstep (ring, t, noise);
  if (moment.has_car)
    value += 0.5 * rumble / (1 + dw_car_distance (ring, t));
  if (ring > 0 && t >= ring)
    value += 0.28 * (bell (t - ring, 659.26) + bell (t - ring - 0.55, 523.25));
  return value;
}

void
dw_scene_sound (const DwSceneSettings *settings, int rate, int64_t first,
                int16_t *samples, size_t n_samples)
{
  for (size_t i = 0; i < n_samples; i++)
    {
      double value = sound_at (settings, first + (int64_t)i, rate);

      value = value < -1 ? -1 : value > 1 ? 1 : value;
      samples[i] = (int16_t)lrint (32767 * value);
    }
}
