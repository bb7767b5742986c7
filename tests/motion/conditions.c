/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Weather, light and lens, drawn by arithmetic. */
#include "conditions.h"

#include <math.h>
#include <string.h>

#define TURN 6.2831853f

static uint32_t
hash (uint32_t a, uint32_t b)
{
  uint32_t h = a * 0x9e3779b1u ^ b * 0x85ebca77u;

  h ^= h >> 15;
  h *= 0x2c1b3c6du;
  h ^= h >> 12;
  h *= 0x297a2d39u;
  return h ^ h >> 15;
}

static float
share (uint32_t a, uint32_t b)
{
  return (float)(hash (a, b) & 0xffff) / 65536;
}

static uint8_t
grey (float value)
{
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5f);
}

/* About normal, deviation 1. */
static float
normal (uint32_t a, uint32_t b)
{
  uint32_t h = hash (a, b);
  int sum = (int)(h & 255) + (int)(h >> 8 & 255) + (int)(h >> 16 & 255)
            + (int)(h >> 24);

  return ((float)sum - 510) / 148;
}

static void
scale (const ConditionPicture *p, float gain, float offset, float noise)
{
  int n = p->width * p->height;

  for (int i = 0; i < n; i++)
    p->out[i]
        = grey ((float)p->in[i] * gain + offset
                + (noise > 0 ? noise * normal ((uint32_t)i, p->frame) : 0));
}

/* Adds light of a soft-edged disc. */
static void
glow (const ConditionPicture *p, float x, float y, float radius, float light)
{
  for (int row = 0; row < p->height; row++)
    for (int column = 0; column < p->width; column++)
      {
        float dx = ((float)column - x) / radius, dy = ((float)row - y) / radius;
        float d = dx * dx + dy * dy;
        uint8_t *pixel = &p->out[row * p->width + column];

        if (d < 4)
          *pixel = grey ((float)*pixel + light * expf (-2 * d));
      }
}

static void
block (const ConditionPicture *p, int x, int y, int width, int height,
       int value)
{
  for (int row = y; row < y + height; row++)
    for (int column = x; column < x + width; column++)
      if (row >= 0 && column >= 0 && row < p->height && column < p->width)
        p->out[row * p->width + column] = (uint8_t)value;
}

static void
rain (const ConditionPicture *p)
{
  for (uint32_t drop = 0; drop < 120; drop++)
    {
      int x = (int)(share (drop, p->frame * 2) * (float)p->width);
      int y = (int)(share (drop, p->frame * 2 + 1) * (float)p->height);
      int length = 8 + (int)(hash (drop, p->frame) % 20);

      for (int k = 0; k < length; k++)
        block (p, x + k / 6, y + k, 1, 1, 200);
    }
}

/* Three bright ones before the lens, fast and erratic, for a second each. */
static void
insects (const ConditionPicture *p)
{
  for (uint32_t i = 0; i < 3; i++)
    {
      uint32_t flight = (p->frame + i * 7) / 10;
      float t = (float)((p->frame + i * 7) % 10);
      float angle = TURN * share (flight, i) + 0.5f * sinf (t * 1.7f);
      float x = (share (flight, i + 10) + 0.09f * t * cosf (angle));
      float y = (share (flight, i + 20) + 0.09f * t * sinf (angle));

      if (share (flight, i + 30) < 0.5f)
        glow (p, x * (float)p->width, y * (float)p->height, 6, 150);
    }
}

/* A pair of beams sweeps over the wall in two seconds, every eight. */
static void
headlights (const ConditionPicture *p)
{
  float t = (float)(p->frame % 80) / 20;

  if (t < 1)
    glow (p, (1.2f * t - 0.1f) * (float)p->width, 0.55f * (float)p->height,
          0.22f * (float)p->width, 90);
}

static void
clouds (const ConditionPicture *p)
{
  float t = (float)p->frame / 10;

  for (int row = 0; row < p->height; row++)
    for (int column = 0; column < p->width; column++)
      {
        float x = (float)column / (float)p->width;
        float wave = sinf (TURN * (x * 0.6f - t * 0.05f)) * 4;
        float dark = 1 / (1 + expf (-wave));
        int i = row * p->width + column;

        p->out[i] = grey ((float)p->in[i] * (1 - 0.4f * dark));
      }
}

/* A pole in the wind: up to 0.8 pixels either way. */
static void
shake (const ConditionPicture *p)
{
  float dx = 0.8f * sinf ((float)p->frame * 1.9f);
  float dy = 0.5f * sinf ((float)p->frame * 1.3f + 1);

  for (int row = 1; row + 1 < p->height; row++)
    for (int column = 1; column + 1 < p->width; column++)
      {
        const uint8_t *at = p->in + row * p->width + column;
        int sx = dx < 0 ? -1 : 1, sy = (dy < 0 ? -1 : 1) * p->width;
        float fx = fabsf (dx), fy = fabsf (dy);
        float upper = (float)at[0] * (1 - fx) + (float)at[sx] * fx;
        float lower = (float)at[sy] * (1 - fx) + (float)at[sy + sx] * fx;

        p->out[row * p->width + column] = grey (upper * (1 - fy) + lower * fy);
      }
}

static void
timestamp (const ConditionPicture *p)
{
  for (int digit = 0; digit < 8; digit++)
    {
      unsigned every = digit == 7 ? 10 : digit == 6 ? 100 : 600;
      uint32_t shape = hash (p->frame / every + 1, (uint32_t)digit);

      for (int bit = 0; bit < 15; bit++)
        block (p, 10 + digit * 14 + bit % 3 * 4, 8 + bit / 3 * 4, 4, 4,
               shape >> bit & 1 ? 235 : 20);
    }
}

static void
infrared (const ConditionPicture *p)
{
  int n = p->width * p->height;

  if (p->frame < 300)
    return;
  for (int i = 0; i < n; i++)
    p->out[i] = grey (40 + 0.5f * (float)(255 - p->in[i])
                      + 60 * (float)(i % p->width) / (float)p->width);
}

static void
weather (Condition condition, const ConditionPicture *p)
{
  switch (condition)
    {
    case CONDITION_RAIN:
      rain (p);
      break;
    case CONDITION_INSECTS:
      insects (p);
      break;
    case CONDITION_HEADLIGHTS:
      headlights (p);
      break;
    case CONDITION_CLOUDS:
      clouds (p);
      break;
    case CONDITION_SHAKE:
      shake (p);
      break;
    case CONDITION_TIMESTAMP:
      timestamp (p);
      break;
    case CONDITION_INFRARED:
      infrared (p);
      break;
    default:
      break;
    }
}

void
condition_apply (Condition condition, const ConditionPicture *p)
{
  float t = (float)p->frame / 10;
  int step = (int)(p->frame / 70) % 3;

  memcpy (p->out, p->in, (size_t)p->width * (size_t)p->height);
  switch (condition)
    {
    case CONDITION_NIGHT_NOISE:
      scale (p, 0.3f, 10, 9);
      break;
    case CONDITION_EXPOSURE_STEPS:
      scale (p, step == 0 ? 1 : step == 1 ? 0.7f : 1.25f, 0, 1);
      break;
    case CONDITION_EXPOSURE_HUNTING:
      scale (p, 1 + 0.15f * sinf (t * 1.3f), 0, 1);
      break;
    case CONDITION_LIGHTNING:
      scale (p, 1, p->frame % 90 < 2 ? 90 : 0, 1);
      break;
    case CONDITION_FLICKER:
      scale (p, 1 + 0.06f * sinf ((float)p->frame * 2.3f), 0, 1);
      break;
    default:
      weather (condition, p);
      break;
    }
}

const char *
condition_name (Condition condition)
{
  static const char *const names[N_CONDITIONS]
      = { "clean",  "night noise", "exposure steps", "exposure hunting",
          "rain",   "insects",     "headlights",     "clouds",
          "shake",  "timestamp",   "lightning",      "infra-red switch",
          "flicker" };

  return names[condition];
}
