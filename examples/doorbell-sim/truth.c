/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the truth. */
#include "truth.h"
#include "timebase.h"

#include <inttypes.h>

static void
write_part (FILE *file, DwScenePart part, const DwSceneTruth *truth)
{
  const DwRect *box = &truth->box;

  fprintf (file, ",\"%s\":", dw_scene_part_text (part));
  if (box->width <= 0 || box->height <= 0)
    {
      fputs ("null", file);
      return;
    }
  fprintf (file, "{\"box\":[%d,%d,%d,%d]", box->x, box->y, box->width,
           box->height);
  if (truth->n_runs > 0)
    {
      fputs (",\"mask\":[", file);
      for (size_t i = 0; i < truth->n_runs; i++)
        fprintf (file, "%s%d,%d,%d", i ? "," : "", truth->runs[i].y,
                 truth->runs[i].x, truth->runs[i].length);
      fputc (']', file);
    }
  fputc ('}', file);
}

bool
dw_truth_write (FILE *file, const DwTruthFrame *frame,
                const DwSceneMoment *moment,
                const DwSceneTruth truth[DW_N_PARTS])
{
  char utc[DW_TIME_TEXT];

  fprintf (file, "{\"index\":%" PRId64 ",\"pts\":%" PRId64, frame->index,
           frame->pts_ns);
  if (frame->utc_ns)
    fprintf (file, ",\"utc\":\"%s\"", dw_time_format (frame->utc_ns, utc));
  fprintf (file, ",\"size\":[%d,%d],\"visit\":%u,\"pressing\":%s", frame->width,
           frame->height, (unsigned)moment->visit,
           moment->is_pressing ? "true" : "false");
  for (int part = 0; part < DW_N_PARTS; part++)
    write_part (file, (DwScenePart)part, &truth[part]);
  fputs ("}\n", file);
  return ferror (file) == 0;
}
