/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A porch drawn for tests: textured wall and floor, noise, and a walker, in
 * any raw format. Deterministic. */
#pragma once

#include <gst/video/video.h>

typedef struct
{
  guint32 seed;       /* of what stands still */
  guint32 noise_seed; /* of what does not: the frame's number */
  gdouble noise;      /* grey levels either way; 0: the default of 3 */
  gdouble gain;       /* of the light; 0: 1 */
  gboolean walker;
  gdouble walker_x; /* left edge, share of the width */
} Porch;

/* Luma of pixel (x, y). */
guint8 porch_luma (const Porch *porch, gint x, gint y, gint width, gint height);

gint porch_walker_middle (const Porch *porch, gint width);

/* A new buffer of `info`, chroma grey. */
GstBuffer *porch_draw (const Porch *porch, const GstVideoInfo *info);
