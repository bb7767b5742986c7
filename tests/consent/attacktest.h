/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture that the attacks are made on: somebody at the lower left. */
#pragma once

#include "filtertest.h"
#include "gstforegroundmeta.h"

#define WIDTH 320
#define HEIGHT 240
#define GRID_COLUMNS 20
#define GRID_ROWS 15

/* A grey picture with noise at the lower left, of which the foreground says
 * that it is private, and nothing else. */
static inline GstBuffer *
visitor (guint32 seed)
{
  GstBuffer *buffer
      = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3 / 2, NULL);
  GRand *rand = g_rand_new_with_seed (seed);
  guint8 *cells = g_malloc0 (GRID_COLUMNS * GRID_ROWS);
  GBytes *bytes;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  memset (map.data, 128, map.size);
  for (gint y = HEIGHT - 32; y < HEIGHT; y++)
    for (gint x = 0; x < 32; x++)
      map.data[y * WIDTH + x] = (guint8)g_rand_int (rand);
  gst_buffer_unmap (buffer, &map);
  g_rand_free (rand);
  for (gint y = GRID_ROWS - 2; y < GRID_ROWS; y++)
    cells[y * GRID_COLUMNS] = cells[y * GRID_COLUMNS + 1] = 1;
  bytes = g_bytes_new_take (cells, GRID_COLUMNS * GRID_ROWS);
  gst_buffer_add_foreground_meta (
      buffer,
      &(GstForegroundGrid){ WIDTH, HEIGHT, GRID_COLUMNS, GRID_ROWS, 16 }, TRUE,
      bytes);
  g_bytes_unref (bytes);
  gst_buffer_add_video_region_of_interest_meta (buffer, "motion", 0,
                                                HEIGHT - 32, 32, 32);
  GST_BUFFER_PTS (buffer) = 0;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 25;
  return buffer;
}
