/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated doorbell's porch by night, under sensor noise and after an
 * encoder that is short of bits: who walks there is covered, or the core says
 * that it cannot tell. */
#include "dwtest.h"

#include "cpu.h"
#include "measure.h"
#include "motion.h"
#include "stage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 42
#define LEAST_PIXELS (STAGE_PIXELS / 400)
#define BLOCK 16
#define GOP (4 * STAGE_RATE)

typedef struct
{
  const gchar *name;
  gfloat gain;    /* what the camera makes of the light */
  gfloat sigma;   /* of the noise of a pixel, grey levels */
  gint skip;      /* an encoder sends no block that differs less a pixel */
  gdouble closed; /* bound: share of empty pictures that are wholly masked */
} Night;

static const Night nights[] = {
  { "clean", 1, 0, 0, 0.10 },        { "sigma 2", 1, 2, 0, 1 },
  { "sigma 4", 1, 4, 0, 1 },         { "sigma 8", 1, 8, 0, 1 },
  { "sigma 14", 1, 14, 0, 1 },       { "sigma 30", 1, 30, 0, 1 },
  { "dim sigma 4", 0.5f, 4, 0, 1 },  { "encoded", 1, 0, 3, 1 },
  { "encoded sigma 4", 1, 4, 4, 1 },
};

#define N_NIGHTS G_N_ELEMENTS (nights)

typedef struct
{
  DwMotion *motion;
  Scores scores;
  guint8 sent[STAGE_PIXELS]; /* what a viewer of the encoder has */
  guint walks, found, empty, closed, false_events;
  gboolean is_found;
  gdouble waited_s;
} Watch;

static guint8 luma[STAGE_PIXELS], truth[STAGE_PIXELS], noisy[STAGE_PIXELS];

/* About normal, deviation 1. */
static gfloat
normal (guint32 a, guint32 b)
{
  guint32 h = a * 0x9e3779b1u ^ b * 0x85ebca77u;
  gint sum;

  h ^= h >> 15;
  h *= 0x2c1b3c6du;
  h ^= h >> 12;
  h *= 0x297a2d39u;
  h ^= h >> 15;
  sum = (gint)(h & 255) + (gint)(h >> 8 & 255) + (gint)(h >> 16 & 255)
        + (gint)(h >> 24);
  return ((gfloat)sum - 510) / 148;
}

static void
expose (const Night *night, guint32 seed)
{
  for (guint32 i = 0; i < STAGE_PIXELS; i++)
    {
      gfloat value = (luma[i] - 16) * night->gain + 16;

      if (night->sigma > 0)
        value += night->sigma * normal (i, seed);
      noisy[i] = (guint8)(CLAMP (value, 0, 255) + 0.5f);
    }
}

/* Sends the block at (x, y), coarsely: its 4 x 4 squares' means in steps. */
static void
send_block (guint8 *sent, gint x, gint y, gint step)
{
  for (gint i = 0; i < BLOCK * BLOCK / 16; i++)
    {
      gint left = x + i % 4 * 4, top = y + i / 4 * 4, sum = 0, mean;

      for (gint k = 0; k < 16; k++)
        sum += noisy[(top + k / 4) * STAGE_W + left + k % 4];
      mean = (sum / 16 + step / 2) / step * step;
      for (gint k = 0; k < 16; k++)
        {
          gint at = (top + k / 4) * STAGE_W + left + k % 4;
          gint detail = (noisy[at] - sum / 16) / (2 * step) * (2 * step);

          sent[at] = (guint8)CLAMP (mean + detail, 0, 255);
        }
    }
}

/* An encoder short of bits: a block is sent when it differs enough, and with
 * the key picture, then in coarse steps. */
static void
encode (const Night *night, guint n, guint8 *sent)
{
  for (gint y = 0; y + BLOCK <= STAGE_H; y += BLOCK)
    for (gint x = 0; x < STAGE_W; x += BLOCK)
      {
        gint differs = 0;

        for (gint i = 0; i < BLOCK * BLOCK; i++)
          {
            gint at = (y + i / BLOCK) * STAGE_W + x + i % BLOCK;

            differs += abs (noisy[at] - sent[at]);
          }
        if (n % GOP == 0 || differs > night->skip * BLOCK * BLOCK)
          send_block (sent, x, y, 2 * night->skip);
      }
  memcpy (noisy, sent, STAGE_PIXELS);
}

static void
count (Watch *watch, const DwMotionReport *report, guint moving)
{
  gboolean is_empty = moving == 0;

  watch->empty += is_empty;
  if (report->is_learned)
    {
      scores_count (&watch->scores, report, truth, STAGE_W, STAGE_H, is_empty);
      return;
    }
  watch->closed += is_empty;
  watch->scores.moving += moving;
  watch->scores.misses += moving;
}

static void
judge (Watch *watch, const DwMotionReport *report, guint moving,
       gboolean is_new_walk)
{
  gboolean is_alarm
      = report->state == DW_MOTION_BEGIN || report->state == DW_MOTION_UPDATE;

  if (is_new_walk)
    {
      watch->walks++;
      watch->is_found = FALSE;
    }
  if (moving > LEAST_PIXELS && !watch->is_found)
    {
      watch->is_found = is_alarm;
      watch->found += is_alarm;
      watch->waited_s += is_alarm ? 0 : 1.0 / STAGE_RATE;
    }
  watch->false_events += report->state == DW_MOTION_BEGIN && moving == 0;
  count (watch, report, moving);
}

static void
play (DwScene *scene, guint32 seed, Watch *watches)
{
  guint before = 0;

  for (guint n = 0; n < SECONDS * STAGE_RATE; n++)
    {
      guint moving = stage_draw (scene, n, luma, truth);
      gboolean is_new = moving > LEAST_PIXELS && before <= LEAST_PIXELS;

      for (gsize i = 0; i < N_NIGHTS; i++)
        {
          DwPlane plane = { noisy, STAGE_W, STAGE_W, STAGE_H };
          DwMotionReport report;

          expose (&nights[i], seed * 100000 + n);
          if (nights[i].skip > 0)
            encode (&nights[i], n, watches[i].sent);
          assert_equals_int (dw_motion_push (watches[i].motion, &plane,
                                             STAGE_PTS (n), &report),
                             DW_OK);
          judge (&watches[i], &report, moving, is_new);
        }
      before = moving;
    }
}

static void
print (guint32 seed, const Night *night, const Watch *watch)
{
  const Scores *s = &watch->scores;

  g_print ("seed %u %-16s F1 %.3f exposed %.4f masked %.3f closed %.3f; %u "
           "false, walks %u/%u, %.2f s\n",
           seed, night->name, scores_f1 (s), scores_exposed (s),
           scores_masked (s), (gdouble)watch->closed / MAX (watch->empty, 1),
           watch->false_events, watch->found, watch->walks,
           watch->waited_s / MAX (watch->walks, 1));
}

/* Two seeds: other people, other plates, other noise. */
GST_START_TEST (who_walks_by_night_is_covered)
{
  guint32 seed = (guint32)__i__ + 1;
  DwSceneSettings settings = { STAGE_W, STAGE_H, seed, TRUE, 5, 20 };
  Watch *watches = g_new0 (Watch, N_NIGHTS);
  DwMotionConfig config = { 0 };
  gdouble exposed = 0;
  DwScene *scene;
  DwError error;

  assert_equals_int (dw_scene_new (&settings, &scene, &error), DW_OK);
  for (gsize i = 0; i < N_NIGHTS; i++)
    {
      assert_equals_int (
          dw_motion_new (&config, dw_cpu_detect (), &watches[i].motion), DW_OK);
      assert_equals_int (
          dw_motion_set_size (watches[i].motion, STAGE_W, STAGE_H), DW_OK);
    }
  play (scene, seed, watches);
  dw_scene_free (scene);
  for (gsize i = 0; i < N_NIGHTS; i++)
    {
      print (seed, &nights[i], &watches[i]);
      exposed += scores_exposed (&watches[i].scores) / N_NIGHTS;
    }
  g_print ("seed %u mean exposed %.4f\n", seed, exposed);
  fail_unless (exposed <= 0.01);
  fail_unless (watches[0].found == watches[0].walks);
  fail_unless (scores_masked (&watches[0].scores) < 0.05);
  for (gsize i = 0; i < N_NIGHTS; i++)
    {
      fail_unless (scores_exposed (&watches[i].scores) <= 0.02, "%s: %.4f",
                   nights[i].name, scores_exposed (&watches[i].scores));
      fail_unless ((gdouble)watches[i].closed
                       <= nights[i].closed * watches[i].empty,
                   "%s", nights[i].name);
      dw_motion_free (watches[i].motion);
    }
  g_free (watches);
}
GST_END_TEST

static Suite *
night_suite (void)
{
  Suite *suite = suite_create ("night");
  TCase *tcase = tcase_create ("night");

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 290);
  tcase_add_loop_test (tcase, who_walks_by_night_is_covered, 0, 2);
  return suite;
}

GST_CHECK_MAIN (night)
