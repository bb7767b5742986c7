/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The light that changed for everybody: a tone curve for exposure, gain and
 * lamps, and a slowly varying field for clouds. */
#pragma once

#include "motion-background.h"

/* 64 log2 (value + offset), within 0.004 of it. */
static inline float
dw_log64 (float value)
{
  union
  {
    float f;
    uint32_t u;
  } bits = { value };
  int exponent = (int)(bits.u >> 23) - 127;
  float t;

  bits.u = (bits.u & 0x7fffff) | 0x3f800000;
  t = bits.f - 1.0f;
  return 64.0f
         * ((float)exponent
            + t
                  * (1.4426039f
                     + t
                           * (-0.7167147f
                              + t
                                    * (0.4405990f
                                       + t * (-0.2251030f + t * 0.0586649f)))));
}

/* The bin of a light value, and its value of a curve over bins, interpolated
 * between their middles. */
int dw_light_bin (float light);
float dw_light_curve (const float curve[DW_BACKGROUND_BINS], float light);

/* Fills `curve` with the median, a bin, of light - reference over cells that
 * are not held; a bin that few cells are in, or whose cells do not agree,
 * leans on the whole picture's median. Returns the largest absolute value. */
float dw_light_tone (const DwBackground *background, const float *reference,
                     float curve[DW_BACKGROUND_BINS]);

/* Fills background->local from background->residual: medians of tiles, then of
 * their neighbours, so that an object smaller than half a neighbourhood has no
 * say.*/
void dw_light_local (DwBackground *background);

/* Updates background->noise from the difference to the last picture. */
void dw_light_noise (DwBackground *background, float dt_s);
