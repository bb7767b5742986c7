/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws the tests' porch pixel by pixel from hashes of the position. */
#include "porch.h"

#include <string.h>

static guint32
hash (guint32 a, guint32 b, guint32 c)
{
  guint32 h = a * 0x9e3779b1u ^ b * 0x85ebca77u ^ c * 0xc2b2ae3du;

  h ^= h >> 15;
  h *= 0x2c1b3c6du;
  h ^= h >> 12;
  h *= 0x297a2d39u;
  return h ^ h >> 15;
}

static gdouble
share (guint32 h)
{
  return (gdouble)(h & 0xffff) / 65536;
}

#define WALKER_WIDTH 0.12
#define WALKER_TOP 0.3
#define WALKER_BOTTOM 0.9

static gboolean
is_walker (const Porch *porch, gdouble x, gdouble y)
{
  return porch->walker && x >= porch->walker_x
         && x < porch->walker_x + WALKER_WIDTH && y >= WALKER_TOP
         && y < WALKER_BOTTOM;
}

guint8
porch_luma (const Porch *porch, gint x, gint y, gint width, gint height)
{
  gdouble px = (gdouble)x / width, py = (gdouble)y / height;
  guint32 tile = hash (porch->seed, (guint32)(x / 9), (guint32)(y / 7));
  gdouble grain
      = share (hash (porch->seed + 1, (guint32)x, (guint32)y)) * 20 - 10;
  gdouble value = 90 + 60 * py + 40 * share (tile) + grain;
  gdouble noise = porch->noise > 0 ? porch->noise : 3;
  guint32 moving = hash (porch->noise_seed * 7919 + 13, (guint32)x, (guint32)y);

  if (is_walker (porch, px, py))
    value = ((gint)((px - porch->walker_x) * 50) & 1) ? 40 : 220;
  value *= porch->gain > 0 ? porch->gain : 1;
  value += (share (moving) * 2 - 1) * noise;
  return (guint8)CLAMP (value, 0, 255);
}

gint
porch_walker_middle (const Porch *porch, gint width)
{
  return (gint)((porch->walker_x + WALKER_WIDTH / 2) * width);
}

GstBuffer *
porch_draw (const Porch *porch, const GstVideoInfo *info)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, info->size, NULL);
  gint width = GST_VIDEO_INFO_WIDTH (info);
  gint height = GST_VIDEO_INFO_HEIGHT (info);
  gint step = GST_VIDEO_INFO_COMP_PSTRIDE (info, 0);
  GstVideoFrame frame;

  gst_buffer_memset (buffer, 0, 128, info->size);
  if (!gst_video_frame_map (&frame, info, buffer, GST_MAP_WRITE))
    g_error ("cannot map a buffer of our own");
  for (gint y = 0; y < height; y++)
    {
      guint8 *row = (guint8 *)GST_VIDEO_FRAME_COMP_DATA (&frame, 0)
                    + y * GST_VIDEO_FRAME_COMP_STRIDE (&frame, 0);

      for (gint x = 0; x < width; x++)
        row[x * step] = porch_luma (porch, x, y, width, height);
    }
  gst_video_frame_unmap (&frame);
  return buffer;
}
