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
} Scene;

/* Luma of pixel (x, y). */
guint8 scene_luma (const Scene *scene, gint x, gint y, gint width, gint height);

gint scene_walker_middle (const Scene *scene, gint width);

/* A new buffer of `info`, chroma grey. */
GstBuffer *scene_draw (const Scene *scene, const GstVideoInfo *info);
