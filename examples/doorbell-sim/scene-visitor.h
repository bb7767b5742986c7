/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What body and head of the visitor share: who he is, by the seed. */
#pragma once

#include "scene-paint.h"

typedef enum
{
  DW_HEAD_SHORT = 0,
  DW_HEAD_LONG,
  DW_HEAD_CAP,
  DW_HEAD_BEANIE,
} DwHeadwear;

typedef struct
{
  uint32_t skin, skin_dark, hair, coat, coat_dark, scarf, trousers;
  DwHeadwear head;
  bool has_beard, has_glasses, has_parcel;
} DwWearer;

/* The middle of the face above the ground, and its half axes, in metres. */
#define HEAD_HEIGHT 1.635
#define HEAD_RX 0.083
#define HEAD_RY 0.115

DwWearer dw_wearer (uint32_t seed);

/* Neck, scarf, head, hair; the face where it looks this way. */
void dw_paint_head (DwBrush *brush, const DwWearer *wearer, const DwPose *pose,
                    double lit);
