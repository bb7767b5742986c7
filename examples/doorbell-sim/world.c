/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Size, time and rate, asked in one place. */
#include "world.h"

#include <string.h>

void
dw_sim_world_size (const DwSimWorld *world, gboolean is_sub, gint *width,
                   gint *height)
{
  *width = is_sub ? (world->width + 1) / 2 : world->width;
  *height = is_sub ? (world->height + 1) / 2 : world->height;
  dw_sim_stream_size (world->options->codec, width, height);
}

gint64
dw_sim_world_now (const DwSimWorld *world)
{
  GstClock *clock = gst_system_clock_obtain ();
  GstClockTime now = gst_clock_get_time (clock);

  gst_object_unref (clock);
  return GST_CLOCK_DIFF (world->epoch, now);
}

gint
dw_sim_world_rate (const DwSimWorld *world)
{
  return world->options->audio == DW_SIM_PCMU ? 8000 : 48000;
}

const gchar *
dw_sim_world_host (const DwSimWorld *world)
{
  const DwSimOptions *o = world->options;

  if (o->host)
    return o->host;
  if (strcmp (o->bind, "0.0.0.0") == 0)
    return "127.0.0.1";
  return o->bind;
}
