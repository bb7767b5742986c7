/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The motion core by itself: sizes, strides, clocks that misbehave, light that
 * changes, people who stand still. */
#include "dwtest.h"

#include "cpu.h"
#include "motion.h"
#include "porch.h"

#include <string.h>

#define WIDTH 320
#define HEIGHT 240
#define STEP (DW_NANOSECONDS / 10)
#define DW_NANOSECONDS G_GINT64_CONSTANT (1000000000)

static DwMotion *
motion_new (gint width, gint height)
{
  DwMotionConfig config = { 0 };
  DwMotion *motion;

  assert_equals_int (dw_motion_new (&config, dw_cpu_detect (), &motion), DW_OK);
  assert_equals_int (dw_motion_set_size (motion, width, height), DW_OK);
  return motion;
}

static void
draw (const Porch *porch, DwPlane *plane)
{
  for (gint y = 0; y < plane->height; y++)
    for (gint x = 0; x < plane->width; x++)
      plane->data[y * plane->stride + x]
          = porch_luma (porch, x, y, plane->width, plane->height);
}

static guint8 picture[WIDTH * HEIGHT];

static DwMotionReport
push (DwMotion *motion, const Porch *porch, gint64 pts_ns)
{
  DwPlane plane = { picture, WIDTH, WIDTH, HEIGHT };
  DwMotionReport report;

  draw (porch, &plane);
  assert_equals_int (dw_motion_push (motion, &plane, pts_ns, &report), DW_OK);
  return report;
}

static guint
count_on (const DwMotionReport *report)
{
  guint n = 0;

  for (gint i = 0; i < report->columns * report->rows; i++)
    n += report->foreground[i];
  return n;
}

static void
learn (DwMotion *motion, Porch *porch, guint frames)
{
  for (guint n = 0; n < frames; n++)
    {
      porch->noise_seed = n;
      push (motion, porch, n * STEP);
    }
}

GST_START_TEST (every_size_is_taken_and_covered_by_cells)
{
  static const gint sizes[][2]
      = { { 16, 16 },    { 17, 16 },    { 16, 719 },    { 641, 359 },
          { 1279, 720 }, { 1280, 721 }, { 1921, 1081 }, { 4096, 2160 } };

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (gint padding = 0; padding < 40; padding += 13)
      {
        gint width = sizes[s][0], height = sizes[s][1];
        gint stride = width + padding;
        gsize size = (gsize)stride * (gsize)(height - 1) + (gsize)width;
        DwPlane plane = { g_malloc (size), stride, width, height };
        DwMotion *motion = motion_new (width, height);
        DwMotionReport report;

        memset (plane.data, 77, size);
        for (guint n = 0; n < 13; n++)
          assert_equals_int (dw_motion_push (motion, &plane, n * STEP, &report),
                             DW_OK);
        assert_equals_int (report.cell_size, height >= 720 ? 8 : 4);
        fail_unless (report.columns * report.cell_size >= width);
        fail_unless ((report.columns - 1) * report.cell_size < width);
        fail_unless (report.rows * report.cell_size >= height);
        fail_unless (report.is_learned);
        assert_equals_int (count_on (&report), 0);
        dw_motion_free (motion);
        g_free (plane.data);
      }
}
GST_END_TEST

GST_START_TEST (sizes_out_of_range_are_refused)
{
  static const gint sizes[][2]
      = { { 15, 16 }, { 16, 15 }, { 0, 0 }, { -1, 100 }, { 16385, 16 } };
  DwMotionConfig config = { 0 };
  DwPlane plane = { picture, WIDTH, WIDTH, HEIGHT };
  DwMotionReport report;
  DwMotion *motion;

  assert_equals_int (dw_motion_new (&config, 0, &motion), DW_OK);
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      assert_equals_int (dw_motion_set_size (motion, sizes[s][0], sizes[s][1]),
                         DW_ERROR_UNSUPPORTED);
      report.is_learned = true;
      assert_equals_int (dw_motion_push (motion, &plane, 0, &report),
                         DW_ERROR_INVALID);
      fail_if (report.is_learned);
      fail_unless (report.foreground == NULL);
    }
  dw_motion_free (motion);
}
GST_END_TEST

GST_START_TEST (plane_of_another_size_is_refused_and_closed)
{
  DwMotion *motion = motion_new (WIDTH, HEIGHT);
  DwPlane plane = { picture, WIDTH, WIDTH, HEIGHT - 1 };
  DwMotionReport report;

  assert_equals_int (dw_motion_push (motion, &plane, 0, &report),
                     DW_ERROR_INVALID);
  fail_if (report.is_learned);
  fail_unless (report.foreground == NULL);
  plane.height = HEIGHT;
  plane.stride = WIDTH - 1;
  assert_equals_int (dw_motion_push (motion, &plane, 0, &report),
                     DW_ERROR_INVALID);
  dw_motion_free (motion);
}
GST_END_TEST

GST_START_TEST (all_instruction_sets_report_the_same)
{
  static const char *const names[] = { "c", "sse2", "avx2", "neon" };
  guint32 first = 0;

  for (gsize k = 0; k < G_N_ELEMENTS (names); k++)
    {
      DwMotionConfig config = { 0 };
      Porch porch = { .seed = 5 };
      guint32 sum = 1;
      DwMotion *motion;

      assert_equals_int (
          dw_motion_new (&config, dw_cpu_limit (dw_cpu_detect (), names[k]),
                         &motion),
          DW_OK);
      assert_equals_int (dw_motion_set_size (motion, WIDTH, HEIGHT), DW_OK);
      learn (motion, &porch, 12);
      porch.walker = TRUE;
      for (guint n = 12; n < 25; n++)
        {
          DwMotionReport report;

          porch.walker_x = 0.03 * n;
          report = push (motion, &porch, n * STEP);
          for (gint i = 0; i < report.columns * report.rows; i++)
            sum = sum * 31 + report.foreground[i] * 2 + report.moving[i];
        }
      if (k == 0)
        first = sum;
      fail_unless (sum == first, "%s differs from C", names[k]);
      dw_motion_free (motion);
    }
}
GST_END_TEST

/* The walker at frame 20 of 0.1 s each, whatever the clock says. */
static guint
events_with_clock (gint64 (*clock) (guint n))
{
  DwMotion *motion = motion_new (WIDTH, HEIGHT);
  Porch porch = { .seed = 9 };
  guint begins = 0;

  for (guint n = 0; n < 60; n++)
    {
      DwMotionReport report;

      porch.noise_seed = n;
      porch.walker = n >= 30;
      porch.walker_x = 0.03 * (n - 30.0);
      report = push (motion, &porch, clock (n));
      begins += report.state == DW_MOTION_BEGIN;
    }
  dw_motion_free (motion);
  return begins;
}

static gint64
steady (guint n)
{
  return n * STEP;
}

static gint64
unknown (guint n)
{
  return n < 5 ? n * STEP : -1;
}

static gint64
repeating (guint n)
{
  return (n / 2) * 2 * STEP;
}

static gint64
jumping (guint n)
{
  return n % 10 == 9 ? 0 : n % 10 == 4 ? G_MAXINT64 : n * STEP;
}

GST_START_TEST (walker_is_seen_whatever_the_clock_does)
{
  assert_equals_int (events_with_clock (steady), 1);
  assert_equals_int (events_with_clock (unknown), 1);
  assert_equals_int (events_with_clock (repeating), 1);
  assert_equals_int (events_with_clock (jumping), 1);
}
GST_END_TEST

GST_START_TEST (learning_takes_seconds_not_frames)
{
  static const guint rates[] = { 2, 5, 10, 30, 60 };

  for (gsize r = 0; r < G_N_ELEMENTS (rates); r++)
    {
      DwMotion *motion = motion_new (WIDTH, HEIGHT);
      Porch porch = { .seed = 2 };
      guint n = 0;
      gdouble seconds;

      for (;; n++)
        {
          porch.noise_seed = n;
          if (push (motion, &porch, n * DW_NANOSECONDS / rates[r]).is_learned)
            break;
          fail_unless (n < 200);
        }
      seconds = (gdouble)n / rates[r];
      fail_unless (seconds >= 0.9 && seconds <= 1.6, "%u/s: %.2f s", rates[r],
                   seconds);
      dw_motion_free (motion);
    }
}
GST_END_TEST

static guint
events_of_light (gdouble (*gain) (guint n))
{
  DwMotion *motion = motion_new (WIDTH, HEIGHT);
  Porch porch = { .seed = 9 };
  guint begins = 0;

  for (guint n = 0; n < 150; n++)
    {
      DwMotionReport report;

      porch.noise_seed = n;
      porch.gain = gain (n);
      report = push (motion, &porch, n * STEP);
      begins += report.state == DW_MOTION_BEGIN;
    }
  dw_motion_free (motion);
  return begins;
}

static gdouble
step_down (guint n)
{
  return n < 60 ? 1 : 0.6;
}

static gdouble
dusk (guint n)
{
  return 1 - 0.004 * n;
}

static gdouble
flash (guint n)
{
  return n == 60 || n == 61 ? 1.9 : 1;
}

static gdouble
hunting (guint n)
{
  return n / 7 % 2 ? 1.12 : 0.9;
}

GST_START_TEST (change_of_light_makes_no_event)
{
  assert_equals_int (events_of_light (step_down), 0);
  assert_equals_int (events_of_light (dusk), 0);
  assert_equals_int (events_of_light (flash), 0);
  assert_equals_int (events_of_light (hunting), 0);
}
GST_END_TEST

GST_START_TEST (strong_noise_makes_no_event)
{
  DwMotion *motion = motion_new (WIDTH, HEIGHT);
  Porch porch = { .seed = 9, .noise = 30, .gain = 0.4 };
  guint begins = 0;

  for (guint n = 0; n < 200; n++)
    {
      porch.noise_seed = n;
      begins += push (motion, &porch, n * STEP).state == DW_MOTION_BEGIN;
    }
  assert_equals_int (begins, 0);
  dw_motion_free (motion);
}
GST_END_TEST

/* In a darkness that the noise fills nobody could be told from it. */
GST_START_TEST (scene_lost_in_noise_is_not_called_learned)
{
  DwMotion *motion = motion_new (WIDTH, HEIGHT);
  Porch porch = { .seed = 9, .noise = 20, .gain = 0.06 };

  for (guint n = 0; n < 60; n++)
    {
      DwMotionReport report;

      porch.noise_seed = n;
      report = push (motion, &porch, n * STEP);
      fail_if (report.is_learned, "at frame %u", n);
      fail_unless (report.foreground[n] == 1);
    }
  dw_motion_free (motion);
}
GST_END_TEST

/* Ten minutes, at two pictures a second once he stands. */
GST_START_TEST (visitor_who_stands_still_stays_foreground)
{
  DwMotion *motion = motion_new (WIDTH, HEIGHT);
  Porch porch = { .seed = 9 };
  gint64 pts = 0;

  learn (motion, &porch, 20);
  porch.walker = TRUE;
  for (guint n = 20; n < 1240; n++)
    {
      DwMotionReport report;
      gint row, column;

      porch.noise_seed = n;
      porch.walker_x = 0.03 * MIN (n - 20, 15);
      pts = n < 40 ? n * STEP : pts + 5 * STEP;
      report = push (motion, &porch, pts);
      column = porch_walker_middle (&porch, WIDTH) / report.cell_size;
      row = HEIGHT * 6 / 10 / report.cell_size;
      fail_unless (report.is_learned || n < 22);
      fail_unless (n < 25 || report.foreground[row * report.columns + column],
                   "uncovered at frame %u", n);
    }
  dw_motion_free (motion);
}
GST_END_TEST

/* More than half the picture is another: closed at once, and learned anew when
 * it stays. */
GST_START_TEST (another_view_is_not_learned_until_it_stays)
{
  DwMotion *motion = motion_new (WIDTH, HEIGHT);
  Porch porch = { .seed = 9 }, other = { .seed = 77, .gain = 0.5 };
  guint n, unlearned = 0;

  learn (motion, &porch, 30);
  for (n = 30; n < 60; n++)
    {
      DwMotionReport report;

      other.noise_seed = n;
      memset (picture, 0, sizeof picture);
      for (gint i = 0; i < WIDTH * HEIGHT; i++)
        picture[i] = (guint8)(255
                              - porch_luma (&other, i % WIDTH, i / WIDTH, WIDTH,
                                            HEIGHT));
      {
        DwPlane plane = { picture, WIDTH, WIDTH, HEIGHT };

        assert_equals_int (dw_motion_push (motion, &plane, n * STEP, &report),
                           DW_OK);
      }
      fail_if (n == 30 && report.is_learned);
      unlearned += !report.is_learned;
      if (!report.is_learned)
        assert_equals_int (count_on (&report), report.columns * report.rows);
      fail_if (n == 59 && !report.is_learned);
    }
  fail_unless (unlearned >= 10, "only %u pictures", unlearned);
  dw_motion_free (motion);
}
GST_END_TEST

static Suite *
core_suite (void)
{
  Suite *suite = suite_create ("motion core");
  TCase *tcase = tcase_create ("core");

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 170);
  tcase_add_test (tcase, every_size_is_taken_and_covered_by_cells);
  tcase_add_test (tcase, sizes_out_of_range_are_refused);
  tcase_add_test (tcase, plane_of_another_size_is_refused_and_closed);
  tcase_add_test (tcase, all_instruction_sets_report_the_same);
  tcase_add_test (tcase, walker_is_seen_whatever_the_clock_does);
  tcase_add_test (tcase, learning_takes_seconds_not_frames);
  tcase_add_test (tcase, change_of_light_makes_no_event);
  tcase_add_test (tcase, strong_noise_makes_no_event);
  tcase_add_test (tcase, scene_lost_in_noise_is_not_called_learned);
  tcase_add_test (tcase, visitor_who_stands_still_stays_foreground);
  tcase_add_test (tcase, another_view_is_not_learned_until_it_stays);
  return suite;
}

GST_CHECK_MAIN (core)
