/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base: times as people write them, polygons, rectangles, frames, cancel. */
#include "cancel.h"
#include "cpu.h"
#include "picture.h"
#include "timebase.h"

#include "dwtest.h"

#include <pthread.h>
#include <string.h>

static const int64_t now_ns = INT64_C (1700000000) * DW_SECOND_NS;

GST_START_TEST (times_are_read_as_written)
{
  static const struct
  {
    const char *text;
    int64_t seconds; /* from the epoch; 0: refused */
  } table[] = {
    { "1970-01-02T00:00:00Z", 86400 },
    { "2024-02-29T12:30Z", 1709209800 },
    { "2026-11-23T20:15:00+01:00", 1795461300 },
    { "2026-11-23 19:15:00Z", 1795461300 },
    { "2026-11-23T14:15:00-05:00", 1795461300 },
    { "now", 1700000000 },
    { "+2h", 1700007200 },
    { "-30m", 1699998200 },
    { "+7d", 1700604800 },
    { "2026-02-29T00:00:00Z", 0 },
    { "2026-13-01T00:00:00Z", 0 },
    { "2026-11-23T24:00:00Z", 0 },
    { "2026-11-23T20:15:00", 0 },
    { "2026-11-23T20:15:00Zx", 0 },
    { "2026-11-23T20:15:00.Z", 0 },
    { "0000-00-00T00:00:00Z", 0 },
    { "+99999999999d", 0 },
    { "+h", 0 },
    { "", 0 },
    { "tomorrow", 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      int64_t got = -1;
      DwStatus status = dw_time_parse (table[i].text, now_ns, &got);

      fail_unless_equals_int64 (got, table[i].seconds * DW_SECOND_NS);
      fail_unless (status == (table[i].seconds ? DW_OK : DW_ERROR_INVALID),
                   "%s", table[i].text);
    }
  fail_unless (dw_time_parse (NULL, now_ns, &(int64_t){ 0 })
               == DW_ERROR_INVALID);
}
GST_END_TEST;

GST_START_TEST (a_written_time_reads_back_the_same)
{
  GRand *rand = g_rand_new_with_seed (1);

  for (int i = 0; i < 10000; i++)
    {
      int64_t ms = ((int64_t)g_rand_int (rand) << 11) | (i & 2047);
      char text[DW_TIME_TEXT];
      int64_t back;

      ms %= INT64_C (7258118400000); /* year 2200 */
      dw_time_format (ms * DW_MILLISECOND_NS, text);
      fail_unless (dw_time_parse (text, 0, &back) == DW_OK, "%s", text);
      fail_unless_equals_int64 (back, ms * DW_MILLISECOND_NS);
    }
  g_rand_free (rand);
}
GST_END_TEST;

GST_START_TEST (a_polygon_touches_what_it_overlaps)
{
  const DwPolygon triangle
      = { .n_points = 3,
          .points = { { 0.2f, 0.2f }, { 0.8f, 0.2f }, { 0.5f, 0.8f } } };
  const DwPolygon line = { .n_points = 2, .points = { { 0, 0 }, { 1, 1 } } };

  fail_unless (dw_polygon_contains (&triangle, 0.5f, 0.4f));
  fail_if (dw_polygon_contains (&triangle, 0.2f, 0.7f));
  /* A cell inside, one that holds the polygon, one cut by an edge only. */
  fail_unless (dw_polygon_touches (&triangle, 0.49f, 0.39f, 0.51f, 0.41f));
  fail_unless (dw_polygon_touches (&triangle, 0, 0, 1, 1));
  fail_unless (dw_polygon_touches (&triangle, 0.15f, 0.1f, 0.85f, 0.21f));
  fail_if (dw_polygon_touches (&triangle, 0.0f, 0.5f, 0.2f, 0.9f));
  fail_if (dw_polygon_touches (&line, 0, 0, 1, 1));
  fail_unless (dw_polygon_is_valid (&triangle));
  fail_if (dw_polygon_is_valid (&line));
}
GST_END_TEST;

GST_START_TEST (polygons_that_enclose_nothing_are_refused)
{
  DwPolygon flat
      = { .n_points = 3, .points = { { 0, 0 }, { 0.5f, 0.5f }, { 1, 1 } } };
  DwPolygon outside
      = { .n_points = 3, .points = { { 0, 0 }, { 1.5f, 0 }, { 0, 1 } } };
  DwPolygon crowded = { .n_points = DW_MAX_POLYGON_POINTS + 1 };

  fail_if (dw_polygon_is_valid (&flat));
  fail_if (dw_polygon_is_valid (&outside));
  fail_if (dw_polygon_is_valid (&crowded));
}
GST_END_TEST;

GST_START_TEST (rectangles_meet_without_overflow)
{
  DwRect a = { G_MAXINT - 5, 0, G_MAXINT, 10 };
  DwRect b = { G_MAXINT - 2, 5, 100, 10 };
  DwRect met = dw_rect_intersect (a, b);

  fail_unless (met.x == G_MAXINT - 2 && met.y == 5 && met.width == 100
               && met.height == 5);
  met = dw_rect_intersect ((DwRect){ 0, 0, 4, 4 }, (DwRect){ 4, 0, 4, 4 });
  fail_unless (met.width == 0 && met.height == 0);
}
GST_END_TEST;

GST_START_TEST (a_frame_that_does_not_fit_its_memory_is_not_valid)
{
  static uint8_t memory[64 * 48 * 2];
  DwFrame frame = { .format = DW_FORMAT_I420,
                    .width = 63,
                    .height = 47,
                    .data = { memory, memory + 3072, memory + 4096 },
                    .stride = { 64, 32, 32 },
                    .size = { 64 * 47, 32 * 24, 32 * 24 } };

  fail_unless (dw_frame_is_valid (&frame));
  frame.size[2] = 32 * 23 + 31;
  fail_if (dw_frame_is_valid (&frame));
  frame.size[2] = 32 * 24;
  frame.stride[1] = 31;
  fail_if (dw_frame_is_valid (&frame));
  frame.stride[1] = 32;
  frame.format = DW_FORMAT_NONE;
  fail_if (dw_frame_is_valid (&frame));
}
GST_END_TEST;

static gpointer
raise_it (gpointer cancel)
{
  dw_cancel_raise (cancel);
  return NULL;
}

GST_START_TEST (a_raised_cancel_ends_a_wait)
{
  DwCancel *cancel = dw_cancel_new ();
  GThread *thread;
  int64_t before = dw_time_boot_ns ();

  fail_unless (dw_cancel_wait (cancel, 20) == DW_OK);
  fail_unless (dw_time_boot_ns () - before >= 20 * DW_MILLISECOND_NS);
  thread = g_thread_new ("raise", raise_it, cancel);
  fail_unless (dw_cancel_wait (cancel, 50000) == DW_ERROR_CANCELLED);
  g_thread_join (thread);
  fail_unless (dw_cancel_is_raised (cancel));
  fail_unless (dw_cancel_wait (cancel, 50000) == DW_ERROR_CANCELLED);
  dw_cancel_reset (cancel);
  fail_if (dw_cancel_is_raised (cancel));
  fail_if (dw_cancel_is_raised (NULL));
  dw_cancel_free (cancel);
  dw_cancel_free (NULL);
}
GST_END_TEST;

GST_START_TEST (simd_can_be_limited_but_never_raised)
{
  fail_unless (dw_cpu_limit (DW_CPU_SSE2 | DW_CPU_AVX2, "c") == 0);
  fail_unless (dw_cpu_limit (DW_CPU_SSE2 | DW_CPU_AVX2, "sse2") == DW_CPU_SSE2);
  fail_unless (dw_cpu_limit (DW_CPU_SSE2, "avx2") == DW_CPU_SSE2);
  fail_unless (dw_cpu_limit (DW_CPU_SSE2, NULL) == DW_CPU_SSE2);
}
GST_END_TEST;

GST_START_TEST (a_long_error_is_cut_and_ended)
{
  DwError error;
  char text[1000];

  memset (text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  fail_unless (dw_error_set (&error, DW_ERROR_IO, "%s", text) == DW_ERROR_IO);
  fail_unless (strlen (error.text) == sizeof error.text - 1);
  fail_unless (dw_error_set (NULL, DW_ERROR_IO, "x") == DW_ERROR_IO);
}
GST_END_TEST;

static Suite *
base_suite (void)
{
  Suite *suite = suite_create ("base");
  TCase *tc = tcase_create ("base");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, times_are_read_as_written);
  tcase_add_test (tc, a_written_time_reads_back_the_same);
  tcase_add_test (tc, a_polygon_touches_what_it_overlaps);
  tcase_add_test (tc, polygons_that_enclose_nothing_are_refused);
  tcase_add_test (tc, rectangles_meet_without_overflow);
  tcase_add_test (tc, a_frame_that_does_not_fit_its_memory_is_not_valid);
  tcase_add_test (tc, a_raised_cancel_ends_a_wait);
  tcase_add_test (tc, simd_can_be_limited_but_never_raised);
  tcase_add_test (tc, a_long_error_is_cut_and_ended);
  return suite;
}

GST_CHECK_MAIN (base);
