/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated doorbell's porch as grey pictures with their truth. */
#pragma once

#include "scene.h"

#include <glib.h>

#define STAGE_W 640
#define STAGE_H 360
#define STAGE_PIXELS (STAGE_W * STAGE_H)
#define STAGE_RATE 10 /* pictures a second */

/* A picture's time. */
#define STAGE_PTS(n) ((n)*G_GINT64_CONSTANT (1000000000) / STAGE_RATE)

/* Draws picture `n`: STAGE_PIXELS of luma and of truth (255: visitor or car,
 * else 0). Returns how many pixels are theirs. */
guint stage_draw (DwScene *scene, guint n, guint8 *luma, guint8 *truth);
