/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds the sources of one stream with the scene, frame by frame, as time
 * passes. */
#pragma once

#include "world.h"

typedef struct DwSimPainter DwSimPainter;

/* Draws into the appsrc `video` and sounds into the appsrc `audio`, on threads
 * of its own, until freed. Either may be NULL. The truth goes to `truth`
 * unless NULL. */
DwSimPainter *dw_sim_painter_new (const DwSimWorld *world, gboolean is_sub,
                                  GstElement *video, GstElement *audio,
                                  FILE *truth);
void dw_sim_painter_free (DwSimPainter *painter);
