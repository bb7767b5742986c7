/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all parts of the running simulator look at: one scene, one clock. */
#pragma once

#include "options.h"

#include <gst/gst.h>
#include <stdio.h>

typedef struct DwSimPlayer DwSimPlayer;

typedef struct
{
  const DwSimOptions *options;
  GstClockTime epoch;  /* scene time 0 on the system clock */
  gint64 utc_epoch_ns; /* and by the calendar */
  DwSimPlayer *player; /* NULL: the drawn scene */
  FILE *truth;         /* NULL: none */
  gint width, height;  /* of /main */
} DwSimWorld;

/* Size of a stream. */
void dw_sim_world_size (const DwSimWorld *world, gboolean is_sub, gint *width,
                        gint *height);

/* Now, in scene time. */
gint64 dw_sim_world_now (const DwSimWorld *world);

/* Samples a second of what the audio streams carry. */
gint dw_sim_world_rate (const DwSimWorld *world);

/* What to put into addresses: --host, the address that is listened on, or
 * 127.0.0.1 when that is all of them. */
const gchar *dw_sim_world_host (const DwSimWorld *world);
