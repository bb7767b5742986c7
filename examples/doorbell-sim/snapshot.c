/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots by the same encoder as the motion JPEG stream. */
#include "snapshot.h"
#include "player.h"

#include <gst/video/video.h>
#include <stdlib.h>
#include <string.h>

struct DwSimSnapshot
{
  const DwSimWorld *world;
  GMutex lock;
  DwScene *scenes[2]; /* main and sub, made when first asked for */
};

DwSimSnapshot *
dw_sim_snapshot_new (const DwSimWorld *world)
{
  DwSimSnapshot *snapshot = g_new0 (DwSimSnapshot, 1);

  snapshot->world = world;
  g_mutex_init (&snapshot->lock);
  return snapshot;
}

void
dw_sim_snapshot_free (DwSimSnapshot *snapshot)
{
  if (snapshot == NULL)
    return;
  dw_scene_free (snapshot->scenes[0]);
  dw_scene_free (snapshot->scenes[1]);
  g_mutex_clear (&snapshot->lock);
  g_free (snapshot);
}

static GstSample *
draw_present (DwSimSnapshot *snapshot, gboolean is_sub, gint width, gint height)
{
  DwSceneSettings settings = snapshot->world->options->scene;
  DwScene **scene = &snapshot->scenes[is_sub ? 1 : 0];
  gsize size = (gsize)width * height * 4;
  DwPlane plane = { NULL, width * 4, width, height };
  GstBuffer *buffer;
  GstCaps *caps;
  GstSample *sample;

  settings.width = width;
  settings.height = height;
  if (*scene == NULL && dw_scene_new (&settings, scene, NULL) != DW_OK)
    return NULL;
  plane.data = g_malloc (size);
  dw_scene_draw (*scene, dw_sim_world_now (snapshot->world), &plane, NULL);
  buffer = gst_buffer_new_wrapped (plane.data, size);
  caps = gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, "BGRx",
                              "width", G_TYPE_INT, width, "height", G_TYPE_INT,
                              height, "framerate", GST_TYPE_FRACTION, 0, 1,
                              NULL);
  sample = gst_sample_new (buffer, caps, NULL, NULL);
  gst_caps_unref (caps);
  gst_buffer_unref (buffer);
  return sample;
}

void *
dw_sim_snapshot_take (DwSimSnapshot *snapshot, gboolean is_sub, gsize *size)
{
  GstSample *raw, *jpeg = NULL;
  GstCaps *caps;
  gint width, height;
  void *body = NULL;

  dw_sim_world_size (snapshot->world, is_sub, &width, &height);
  g_mutex_lock (&snapshot->lock);
  raw = snapshot->world->player
            ? dw_sim_player_present (snapshot->world->player)
            : draw_present (snapshot, is_sub, width, height);
  g_mutex_unlock (&snapshot->lock);
  caps = gst_caps_new_simple ("image/jpeg", "width", G_TYPE_INT, width,
                              "height", G_TYPE_INT, height, NULL);
  if (raw)
    jpeg = gst_video_convert_sample (raw, caps, 5 * GST_SECOND, NULL);
  gst_caps_unref (caps);
  g_clear_pointer (&raw, gst_sample_unref);
  if (jpeg == NULL)
    return NULL;
  *size = gst_buffer_get_size (gst_sample_get_buffer (jpeg));
  body = malloc (*size);
  if (body)
    gst_buffer_extract (gst_sample_get_buffer (jpeg), 0, body, *size);
  gst_sample_unref (jpeg);
  return body;
}
