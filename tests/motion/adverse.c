/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated doorbell's porch under every condition, with exact truth:
 * prints what the core makes of each and holds it to lower bounds. */
#include "dwtest.h"

#include "conditions.h"
#include "cpu.h"
#include "measure.h"
#include "motion.h"
#include "stage.h"

#define WIDTH STAGE_W
#define HEIGHT STAGE_H
#define PIXELS STAGE_PIXELS
#define RATE STAGE_RATE
#define SECONDS 42
#define LEAST_PIXELS (PIXELS / 400) /* to be seen at all */

typedef struct
{
  Scores scores;
  guint false_events, empty, alarm, walks, found;
  gboolean is_found;
  gdouble waited_s;
} Result;

static guint8 luma[PIXELS], truth[PIXELS], changed[PIXELS];

static void
judge (Result *result, const DwMotionReport *report, guint moving,
       gboolean is_new_walk)
{
  gboolean is_alarm
      = report->state == DW_MOTION_BEGIN || report->state == DW_MOTION_UPDATE;

  if (is_new_walk)
    {
      result->walks++;
      result->is_found = FALSE;
    }
  if (moving > LEAST_PIXELS && !result->is_found)
    {
      result->is_found = is_alarm;
      result->found += is_alarm;
      result->waited_s += is_alarm ? 0 : 1.0 / RATE;
    }
  result->scores.events += report->state == DW_MOTION_BEGIN;
  result->false_events += report->state == DW_MOTION_BEGIN && moving == 0;
  result->empty += moving == 0;
  result->alarm += moving == 0 && is_alarm;
  if (report->is_learned)
    scores_count (&result->scores, report, truth, WIDTH, HEIGHT, moving == 0);
}

static void
play (DwScene *scene, Result results[N_CONDITIONS])
{
  DwMotionConfig config = { 0 };
  DwMotion *motions[N_CONDITIONS];
  guint before = 0;

  for (gint c = 0; c < N_CONDITIONS; c++)
    {
      assert_equals_int (dw_motion_new (&config, dw_cpu_detect (), &motions[c]),
                         DW_OK);
      assert_equals_int (dw_motion_set_size (motions[c], WIDTH, HEIGHT), DW_OK);
    }
  for (guint n = 0; n < SECONDS * RATE; n++)
    {
      guint moving = stage_draw (scene, n, luma, truth);
      gboolean is_new_walk = moving > LEAST_PIXELS && before <= LEAST_PIXELS;

      for (gint c = 0; c < N_CONDITIONS; c++)
        {
          ConditionPicture picture = { WIDTH, HEIGHT, n, luma, changed };
          DwPlane plane = { changed, WIDTH, WIDTH, HEIGHT };
          DwMotionReport report;

          condition_apply ((Condition)c, &picture);
          assert_equals_int (
              dw_motion_push (motions[c], &plane, STAGE_PTS (n), &report),
              DW_OK);
          judge (&results[c], &report, moving, is_new_walk);
        }
      before = moving;
    }
  for (gint c = 0; c < N_CONDITIONS; c++)
    dw_motion_free (motions[c]);
}

static void
print (const Result results[N_CONDITIONS])
{
  g_print ("%-17s precision recall F1    exposed masked false events walks "
           "latency alarm\n",
           "condition");
  for (gint c = 0; c < N_CONDITIONS; c++)
    {
      const Result *r = &results[c];

      g_print ("%-17s %.3f     %.3f  %.3f %.4f  %.3f  %u of %-7u  %u/%u   "
               "%.2f s  %.3f\n",
               condition_name ((Condition)c), scores_precision (&r->scores),
               scores_recall (&r->scores), scores_f1 (&r->scores),
               scores_exposed (&r->scores), scores_masked (&r->scores),
               r->false_events, r->scores.events, r->found, r->walks,
               r->waited_s / MAX (r->walks, 1),
               (gdouble)r->alarm / MAX (r->empty, 1));
    }
}

GST_START_TEST (walks_are_found_under_every_condition)
{
  DwSceneSettings settings = { WIDTH, HEIGHT, 1, FALSE, 5, 20 };
  Result results[N_CONDITIONS] = { { { 0 } } };
  gdouble f1 = 0, exposed = 0, masked = 0;
  guint false_events = 0;
  DwScene *scene;
  DwError error;

  assert_equals_int (dw_scene_new (&settings, &scene, &error), DW_OK);
  play (scene, results);
  dw_scene_free (scene);
  print (results);
  for (gint c = 0; c < N_CONDITIONS; c++)
    {
      const Result *r = &results[c];

      f1 += scores_f1 (&r->scores) / N_CONDITIONS;
      exposed += scores_exposed (&r->scores) / N_CONDITIONS;
      masked += scores_masked (&r->scores) / N_CONDITIONS;
      false_events += r->false_events;
      fail_unless (c == CONDITION_RAIN || r->found == r->walks,
                   "%s: %u of %u walks", condition_name ((Condition)c),
                   r->found, r->walks);
    }
  g_print ("mean F1 %.3f, exposed %.4f, masked %.3f; %u false events\n", f1,
           exposed, masked, false_events);
  fail_unless (f1 > 0.75);
  fail_unless (exposed < 0.05);
  fail_unless (masked < 0.10);
  fail_unless (false_events < 15);
  fail_unless (results[CONDITION_CLEAN].false_events == 0);
  fail_unless (scores_f1 (&results[CONDITION_CLEAN].scores) > 0.85);
  fail_unless (scores_exposed (&results[CONDITION_CLEAN].scores) < 0.005);
}
GST_END_TEST

static Suite *
adverse_suite (void)
{
  Suite *suite = suite_create ("adverse conditions");
  TCase *tcase = tcase_create ("adverse");

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 290);
  tcase_add_test (tcase, walks_are_found_under_every_condition);
  return suite;
}

GST_CHECK_MAIN (adverse)
