/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes a camera's picture hard to judge, done to a clean one. A pure
 * function of condition, frame and pixel. */
#pragma once

#include <stdint.h>

typedef enum
{
  CONDITION_CLEAN,
  CONDITION_NIGHT_NOISE,
  CONDITION_EXPOSURE_STEPS,
  CONDITION_EXPOSURE_HUNTING,
  CONDITION_RAIN,
  CONDITION_INSECTS,
  CONDITION_HEADLIGHTS,
  CONDITION_CLOUDS,
  CONDITION_SHAKE,
  CONDITION_TIMESTAMP,
  CONDITION_LIGHTNING,
  CONDITION_INFRARED,
  CONDITION_FLICKER,
  N_CONDITIONS,
} Condition;

const char *condition_name (Condition condition);

/* `in` and `out` are width * height grey pixels, not the same memory. */
typedef struct
{
  int width, height;
  unsigned frame; /* its number, at 10 a second */
  const uint8_t *in;
  uint8_t *out;
} ConditionPicture;

void condition_apply (Condition condition, const ConditionPicture *picture);
