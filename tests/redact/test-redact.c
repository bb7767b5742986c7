/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oracle for raw frames: what lies under the mask cannot be told from the
 * output, and what does not lie there is untouched. */
#include "redacttest.h"

#include "cpu.h"

#define ROUNDS 1500

static const unsigned cpu_sets[]
    = { DW_CPU_C, DW_CPU_SSE2, DW_CPU_SSE2 | DW_CPU_AVX2 };

static int
random_side (uint64_t *seed)
{
  /* Small sizes have all the edges; they are most of the rounds. */
  switch (chance_below (seed, 8))
    {
    case 0:
      return 2 + chance_below (seed, 300);
    case 1:
      return 2 + chance_below (seed, 31);
    default:
      return 2 + chance_below (seed, 90);
    }
}

/* Changes every byte that is padding or shows a filled pixel. */
static void
change_hidden (DwFrame *frame, const DwMask *mask, uint64_t *seed)
{
  for (int p = 0; p < dw_format_planes (frame->format); p++)
    for (size_t i = 0; i < frame->size[p]; i++)
      {
        ByteInfo info = byte_info (frame, mask, p, i);

        if (info.is_padding || info.is_filled)
          frame->data[p][i] = (uint8_t)chance (seed);
      }
}

static void
assert_shown_unchanged (const DwFrame *before, const DwFrame *after,
                        const DwMask *mask)
{
  static const uint8_t fill[] = { DW_FILL_Y, DW_FILL_UV, DW_FILL_UV };
  size_t n_wrong_fills = 0, n_changed = 0;

  for (int p = 0; p < dw_format_planes (after->format); p++)
    for (size_t i = 0; i < after->size[p]; i++)
      {
        ByteInfo info = byte_info (after, mask, p, i);

        if (info.is_padding || info.is_filled)
          n_wrong_fills += after->data[p][i] != fill[info.component];
        else if (info.rect < 0)
          n_changed += after->data[p][i] != before->data[p][i];
      }
  fail_unless_equals_int ((int)n_wrong_fills, 0);
  fail_unless_equals_int ((int)n_changed, 0);
}

static void
check_round (DwFormat format, int width, int height, bool is_blurred,
             uint64_t *seed)
{
  DwMasker *masker;
  DwMask mask;
  DwFrame a, b, before;

  fail_unless (dw_masker_new (0, 1.5f, &masker) == DW_OK);
  mask = random_mask (masker, width, height, is_blurred, seed);
  a = frame_new (format, width, height, seed);
  before = frame_copy (&a);
  b = frame_copy (&a);
  change_hidden (&b, &mask, seed);

  fail_unless (dw_redact_frame (&a, &mask, DW_CPU_C) == DW_OK);
  for (size_t i = 0; i < G_N_ELEMENTS (cpu_sets); i++)
    if ((dw_cpu_detect () & cpu_sets[i]) == cpu_sets[i])
      {
        DwFrame other = frame_copy (&b);

        fail_unless (dw_redact_frame (&other, &mask, cpu_sets[i]) == DW_OK);
        assert_frames_equal (&a, &other);
        frame_clear (&other);
      }
  assert_shown_unchanged (&before, &a, &mask);
  assert_guards_whole (&a);

  frame_clear (&a);
  frame_clear (&b);
  frame_clear (&before);
  dw_masker_free (masker);
}

GST_START_TEST (masked_output_tells_nothing_of_hidden_pixels)
{
  uint64_t seed = 0x9e3779b97f4a7c15;

  for (int i = 0; i < ROUNDS; i++)
    check_round (all_formats[i % (int)G_N_ELEMENTS (all_formats)],
                 random_side (&seed), random_side (&seed), false, &seed);
}
GST_END_TEST

GST_START_TEST (blurred_output_tells_nothing_of_filled_pixels)
{
  uint64_t seed = 0xda942042e4dd58b5;

  for (int i = 0; i < ROUNDS; i++)
    check_round (all_formats[i % (int)G_N_ELEMENTS (all_formats)],
                 random_side (&seed), random_side (&seed), true, &seed);
}
GST_END_TEST

GST_START_TEST (largest_and_smallest_frames_are_redacted)
{
  uint64_t seed = 0x853c49e6748fea9b;

  for (size_t i = 0; i < G_N_ELEMENTS (all_formats); i++)
    {
      check_round (all_formats[i], 2, 2, i % 2, &seed);
      check_round (all_formats[i], 1, 1, i % 2, &seed);
      check_round (all_formats[i], 17, 1, i % 2, &seed);
      check_round (all_formats[i], 1, 33, i % 2, &seed);
    }
  check_round (DW_FORMAT_I420, 4096, 2160, false, &seed);
  check_round (DW_FORMAT_UYVY, 4095, 2159, true, &seed);
}
GST_END_TEST

/* Component sums of one blurred rectangle, filled pixels left out. */
static void
collect_rect (const DwFrame *frame, const DwMask *mask, int rect,
              uint64_t sums[3], uint64_t counts[3])
{
  for (int p = 0; p < dw_format_planes (frame->format); p++)
    for (size_t i = 0; i < frame->size[p]; i++)
      {
        ByteInfo info = byte_info (frame, mask, p, i);

        if (info.is_padding || info.is_filled || info.rect != rect)
          continue;
        sums[info.component] += frame->data[p][i];
        counts[info.component]++;
      }
}

static void
assert_rect_is_mean (const DwFrame *before, const DwFrame *after,
                     const DwMask *mask, int rect)
{
  uint64_t sums[3] = { 0 }, counts[3] = { 0 };
  int n_wrong = 0;

  collect_rect (before, mask, rect, sums, counts);
  for (int p = 0; p < dw_format_planes (after->format); p++)
    for (size_t i = 0; i < after->size[p]; i++)
      {
        ByteInfo info = byte_info (after, mask, p, i);
        const int c = info.component;

        if (info.is_padding || info.is_filled || info.rect != rect)
          continue;
        n_wrong += after->data[p][i] != (sums[c] + counts[c] / 2) / counts[c];
      }
  fail_unless_equals_int (n_wrong, 0);
}

GST_START_TEST (blurred_rectangle_is_its_mean_and_nothing_more)
{
  uint64_t seed = 0x2545f4914f6cdd1d;

  for (int i = 0; i < ROUNDS / 3; i++)
    {
      DwMasker *masker;
      DwMask mask;
      DwFrame before, after;
      const int width = random_side (&seed), height = random_side (&seed);

      fail_unless (dw_masker_new (0, 1.0f, &masker) == DW_OK);
      mask = random_mask (masker, width, height, true, &seed);
      before = frame_new (all_formats[i % (int)G_N_ELEMENTS (all_formats)],
                          width, height, &seed);
      after = frame_copy (&before);
      fail_unless (dw_redact_frame (&after, &mask, dw_cpu_detect ()) == DW_OK);
      for (int r = 0; r < (int)mask.n_blurred; r++)
        assert_rect_is_mean (&before, &after, &mask, r);
      frame_clear (&before);
      frame_clear (&after);
      dw_masker_free (masker);
    }
}
GST_END_TEST

GST_START_TEST (whole_fill_leaves_one_constant)
{
  uint64_t seed = 0x5851f42d4c957f2d;

  for (int i = 0; i < 200; i++)
    {
      const DwFormat format = all_formats[i % (int)G_N_ELEMENTS (all_formats)];
      DwFrame frame
          = frame_new (format, random_side (&seed), random_side (&seed), &seed);
      uint8_t cells[400] = { 0 };
      DwMask mask = { .width = frame.width,
                      .height = frame.height,
                      .columns = (frame.width + 15) / 16,
                      .rows = (frame.height + 15) / 16,
                      .cells = cells };
      DwFrame before = frame_copy (&frame);

      fail_unless (mask.columns * mask.rows <= (int)sizeof cells);
      fail_unless (dw_redact_frame_fill (&frame) == DW_OK);
      assert_shown_unchanged (&before, &frame, &mask);
      assert_guards_whole (&frame);
      frame_clear (&frame);
      frame_clear (&before);
    }
}
GST_END_TEST

GST_START_TEST (mask_that_does_not_fit_is_refused)
{
  uint64_t seed = 88172645463325252;
  DwFrame frame = frame_new (DW_FORMAT_I420, 32, 32, &seed);
  uint8_t cells[4] = { DW_CELL_KEEP, DW_CELL_KEEP, DW_CELL_KEEP, DW_CELL_KEEP };
  DwRect rect = { 0, 0, 16, 16 };
  const DwMask good = { .width = 32,
                        .height = 32,
                        .columns = 2,
                        .rows = 2,
                        .cells = cells,
                        .n_blurred = 1,
                        .blurred = &rect };
  DwMask bad = good;

  fail_unless (dw_redact_frame (&frame, &good, 0) == DW_OK);
  bad.width = 31;
  fail_unless (dw_redact_frame (&frame, &bad, 0) == DW_ERROR_INVALID);
  bad = good;
  bad.columns = 3;
  fail_unless (dw_redact_frame (&frame, &bad, 0) == DW_ERROR_INVALID);
  bad = good;
  bad.cells = NULL;
  fail_unless (dw_redact_frame (&frame, &bad, 0) == DW_ERROR_INVALID);
  rect.x = 8;
  fail_unless (dw_redact_frame (&frame, &good, 0) == DW_ERROR_INVALID);
  rect = (DwRect){ 16, 16, 32, 16 };
  fail_unless (dw_redact_frame (&frame, &good, 0) == DW_ERROR_INVALID);
  rect = (DwRect){ 0, 0, 0, 16 };
  fail_unless (dw_redact_frame (&frame, &good, 0) == DW_ERROR_INVALID);
  rect = (DwRect){ 0, 0, 16, 16 };
  frame.size[0] = 10;
  fail_unless (dw_redact_frame (&frame, &good, 0) == DW_ERROR_INVALID);
  fail_unless (dw_redact_frame_fill (&frame) == DW_ERROR_INVALID);
  frame_clear (&frame);
}
GST_END_TEST

static Suite *
redact_suite (void)
{
  Suite *suite = suite_create ("redact");
  TCase *tests = tcase_create ("raw");

  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, masked_output_tells_nothing_of_hidden_pixels);
  tcase_add_test (tests, blurred_output_tells_nothing_of_filled_pixels);
  tcase_add_test (tests, largest_and_smallest_frames_are_redacted);
  tcase_add_test (tests, blurred_rectangle_is_its_mean_and_nothing_more);
  tcase_add_test (tests, whole_fill_leaves_one_constant);
  tcase_add_test (tests, mask_that_does_not_fit_is_refused);
  suite_add_tcase (suite, tests);
  return suite;
}

GST_CHECK_MAIN (redact)
