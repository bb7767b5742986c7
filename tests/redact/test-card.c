/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The card depends on format and size only, at every size, in all formats. */
#include "redacttest.h"

GST_START_TEST (card_depends_on_format_and_size_only)
{
  uint64_t seed = 0x9e3779b97f4a7c15;

  for (int i = 0; i < 400; i++)
    {
      const int width = 1 + chance_below (&seed, 80);
      const int height = 1 + chance_below (&seed, 80);
      DwFrame one = frame_new (all_formats[i % (int)G_N_ELEMENTS (all_formats)],
                               width, height, &seed);
      DwFrame two = frame_copy (&one);

      for (int p = 0; p < dw_format_planes (two.format); p++)
        chance_fill (&seed, two.data[p], two.size[p]);
      fail_unless (dw_card_draw (&one) == DW_OK);
      fail_unless (dw_card_draw (&two) == DW_OK);
      assert_frames_equal (&one, &two);
      assert_guards_whole (&one);
      frame_clear (&one);
      frame_clear (&two);
    }
}
GST_END_TEST

/* The byte of component `component` that shows the pixel. */
static int
sample_at (const DwFrame *frame, int component, int x, int y)
{
  for (int p = 0; p < dw_format_planes (frame->format); p++)
    for (size_t i = 0; i < frame->size[p]; i++)
      {
        int found;
        DwRect pixels = byte_pixels (frame, p, i, &found);

        if (frame->format == DW_FORMAT_YV12 && p > 0)
          found = 3 - p;
        if (frame->format == DW_FORMAT_NV21 && p > 0)
          found = 3 - found;
        if (found == component
            && dw_rect_intersect (pixels, (DwRect){ x, y, 1, 1 }).width > 0)
          return frame->data[p][i];
      }
  return -1;
}

GST_START_TEST (card_has_the_same_colours_in_every_format)
{
  const int points[][2] = { { 0, 0 }, { 100, 56 }, { 62, 51 }, { 106, 80 } };
  uint64_t seed = 88172645463325252;
  DwFrame first = frame_new (DW_FORMAT_I420, 160, 90, &seed);

  fail_unless (dw_card_draw (&first) == DW_OK);
  for (size_t f = 1; f < G_N_ELEMENTS (all_formats); f++)
    {
      DwFrame frame = frame_new (all_formats[f], 160, 90, &seed);

      fail_unless (dw_card_draw (&frame) == DW_OK);
      for (size_t i = 0; i < G_N_ELEMENTS (points); i++)
        for (int c = 0; c < (frame.format == DW_FORMAT_GRAY8 ? 1 : 3); c++)
          fail_unless (ABS (sample_at (&frame, c, points[i][0], points[i][1])
                            - sample_at (&first, c, points[i][0], points[i][1]))
                       <= 8);
      frame_clear (&frame);
    }
  frame_clear (&first);
}
GST_END_TEST

GST_START_TEST (card_is_a_drawing_and_not_a_plain_area)
{
  uint64_t seed = 0x2545f4914f6cdd1d;
  DwFrame frame = frame_new (DW_FORMAT_GRAY8, 640, 360, &seed);
  bool is_used[256] = { false };
  int n_used = 0;

  fail_unless (dw_card_draw (&frame) == DW_OK);
  for (int y = 0; y < 360; y++)
    for (int x = 0; x < 640; x++)
      is_used[frame.data[0][y * frame.stride[0] + x]] = true;
  for (int i = 0; i < 256; i++)
    n_used += is_used[i];
  fail_unless (n_used >= 7);
  frame_clear (&frame);
}
GST_END_TEST

GST_START_TEST (card_of_a_bad_frame_is_refused)
{
  DwFrame frame = { .format = DW_FORMAT_I420, .width = 16, .height = 16 };

  fail_unless (dw_card_draw (&frame) == DW_ERROR_INVALID);
}
GST_END_TEST

static Suite *
card_suite (void)
{
  Suite *suite = suite_create ("card");
  TCase *tests = tcase_create ("card");

  tcase_add_test (tests, card_depends_on_format_and_size_only);
  tcase_add_test (tests, card_has_the_same_colours_in_every_format);
  tcase_add_test (tests, card_is_a_drawing_and_not_a_plain_area);
  tcase_add_test (tests, card_of_a_bad_frame_is_refused);
  suite_add_tcase (suite, tests);
  return suite;
}

GST_CHECK_MAIN (card)
