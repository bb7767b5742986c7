/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws with the simulator's scene, keeps the luma. */
#include "stage.h"

#include <string.h>

static guint8 bgrx[STAGE_PIXELS * 4], yuv[STAGE_PIXELS * 3 / 2];

guint
stage_draw (DwScene *scene, guint n, guint8 *luma, guint8 *truth)
{
  static const DwScenePart parts[] = { DW_PART_VISITOR, DW_PART_CAR };
  DwPlane plane = { bgrx, STAGE_W * 4, STAGE_W, STAGE_H };
  DwFrame frame
      = { .format = DW_FORMAT_I420,
          .width = STAGE_W,
          .height = STAGE_H,
          .data = { yuv, yuv + STAGE_PIXELS, yuv + STAGE_PIXELS * 5 / 4 },
          .stride = { STAGE_W, STAGE_W / 2, STAGE_W / 2 },
          .size = { STAGE_PIXELS, STAGE_PIXELS / 4, STAGE_PIXELS / 4 } };
  DwSceneTruth of[DW_N_PARTS];
  guint moving = 0;

  g_assert (dw_scene_draw (scene, STAGE_PTS (n), &plane, of) == DW_OK);
  dw_scene_to_i420 (&plane, &frame);
  memcpy (luma, yuv, STAGE_PIXELS);
  memset (truth, 0, STAGE_PIXELS);
  for (gsize p = 0; p < G_N_ELEMENTS (parts); p++)
    for (gsize i = 0; i < of[parts[p]].n_runs; i++)
      {
        DwSceneRun run = of[parts[p]].runs[i];

        memset (truth + run.y * STAGE_W + run.x, 255, (gsize)run.length);
        moving += (guint)run.length;
      }
  return moving;
}
