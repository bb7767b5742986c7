/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plays a labelled scene and counts pixels. */
#include "measure.h"

#include "clip.h"
#include "cpu.h"
#include "motion.h"

#include <stdio.h>
#include <string.h>

#define MOVING 255
#define UNKNOWN_FROM 85 /* 85 and 170: no say */
#define UNKNOWN_TO 170

static void
count_pixel (Scores *scores, guint8 label, gboolean is_found,
             gboolean is_masked, gboolean counts_empty)
{
  gboolean is_moving = label == MOVING;

  if (label >= UNKNOWN_FROM && label <= UNKNOWN_TO)
    return;
  scores->hits += is_moving && is_found;
  scores->false_hits += !is_moving && is_found;
  scores->misses += is_moving && !is_found;
  scores->moving += is_moving;
  scores->exposed += is_moving && !is_masked;
  scores->empty += counts_empty && !is_moving;
  scores->masked += counts_empty && !is_moving && is_masked;
}

void
scores_count (Scores *scores, const DwMotionReport *report, const guint8 *truth,
              gint width, gint height, gboolean counts_empty)
{
  for (gint i = 0; i < width * height; i++)
    {
      gint cell = i / width / report->cell_size * report->columns
                  + i % width / report->cell_size;

      count_pixel (scores, truth[i], report->moving[cell] != 0,
                   report->foreground[cell] != 0, counts_empty);
    }
}

/* The truth without the padding of its rows. */
static void
count_frame (const Clip *truth, const DwMotionReport *report, Scores *scores)
{
  gsize width = (gsize)truth->width;
  guint8 *packed = g_malloc (width * (gsize)truth->height);

  for (gint y = 0; y < truth->height; y++)
    memcpy (packed + (gsize)y * width, truth->data + y * truth->stride, width);
  scores_count (scores, report, packed, truth->width, truth->height, TRUE);
  g_free (packed);
}

static GArray *
read_labelled (const gchar *folder)
{
  gchar *path = g_build_filename (folder, "labelled.txt", NULL);
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  gchar *text = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL))
    {
      gchar **words = g_strsplit_set (text, " \n", -1);

      for (gchar **w = words; *w; w++)
        if (**w)
          {
            guint number = (guint)g_ascii_strtoull (*w, NULL, 10);

            g_array_append_val (numbers, number);
          }
      g_strfreev (words);
    }
  g_free (text);
  g_free (path);
  return numbers;
}

static void
play (Clip *frames, Clip *truth, GArray *labelled, gint rate, Scores *out)
{
  DwMotionConfig config = { 0 };
  DwMotionReport report;
  DwMotion *motion = NULL;
  guint next = 0;

  for (guint n = 0; clip_next (frames); n++)
    {
      DwPlane luma = { (uint8_t *)frames->data, frames->stride, frames->width,
                       frames->height };

      if (motion == NULL)
        {
          g_assert (dw_motion_new (&config, dw_cpu_detect (), &motion)
                    == DW_OK);
          g_assert (dw_motion_set_size (motion, luma.width, luma.height)
                    == DW_OK);
        }
      g_assert (dw_motion_push (motion, &luma, (int64_t)n * 1000000000 / rate,
                                &report)
                == DW_OK);
      out->frames++;
      if (report.state == DW_MOTION_BEGIN && out->events++ == 0)
        out->first_event = (gint)n;
      if (next >= labelled->len || g_array_index (labelled, guint, next) != n)
        continue;
      next++;
      g_assert (clip_next (truth));
      if (!report.is_learned)
        continue;
      out->labelled++;
      count_frame (truth, &report, out);
    }
  dw_motion_free (motion);
}

gboolean
measure_scene (const gchar *folder, gint frame_rate, Scores *out)
{
  gchar *frames_path = g_build_filename (folder, "frames.mkv", NULL);
  gchar *truth_path = g_build_filename (folder, "truth.mkv", NULL);
  GArray *labelled = read_labelled (folder);
  Clip frames, truth;
  gboolean ok = FALSE;

  memset (out, 0, sizeof *out);
  out->first_event = -1;
  if (clip_open (&frames, frames_path))
    {
      if (clip_open (&truth, truth_path))
        {
          play (&frames, &truth, labelled, frame_rate, out);
          ok = out->frames > 0;
          clip_close (&truth);
        }
      clip_close (&frames);
    }
  g_array_unref (labelled);
  g_free (frames_path);
  g_free (truth_path);
  return ok;
}

gdouble
scores_precision (const Scores *scores)
{
  return (gdouble)scores->hits
         / (gdouble)MAX (scores->hits + scores->false_hits, 1);
}

gdouble
scores_recall (const Scores *scores)
{
  return (gdouble)scores->hits
         / (gdouble)MAX (scores->hits + scores->misses, 1);
}

gdouble
scores_f1 (const Scores *scores)
{
  gdouble p = scores_precision (scores), r = scores_recall (scores);

  return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

gdouble
scores_exposed (const Scores *scores)
{
  return (gdouble)scores->exposed / (gdouble)MAX (scores->moving, 1);
}

gdouble
scores_masked (const Scores *scores)
{
  return (gdouble)scores->masked / (gdouble)MAX (scores->empty, 1);
}
