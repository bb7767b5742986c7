/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a masker hides: grown, rounded out, held; groups, polygons; and that
 * every doubt hides the whole picture. */
#include "redacttest.h"

#include "rects.h"

#include <math.h>

#define MS INT64_C (1000000)

static DwMasker *
masker_new (uint32_t hold_ms, float grow, int width, int height)
{
  DwMasker *masker;

  fail_unless (dw_masker_new (hold_ms, grow, &masker) == DW_OK);
  fail_unless (dw_masker_set_size (masker, width, height) == DW_OK);
  return masker;
}

static DwMask
masker_end (DwMasker *masker)
{
  DwMask mask;

  dw_masker_end (masker, false, &mask);
  fail_unless (dw_mask_is_valid (&mask));
  return mask;
}

/* The hidden cells as text, one row a line: what a person would draw. */
static void
assert_mask (const DwMask *mask, const char *want)
{
  GString *text = g_string_new (NULL);

  for (int y = 0; y < mask->rows; y++)
    {
      for (int x = 0; x < mask->columns; x++)
        g_string_append_c (
            text,
            mask->cells[y * mask->columns + x] == DW_CELL_FILL ? '#' : '.');
      g_string_append_c (text, '\n');
    }
  fail_unless_equals_string (text->str, want);
  g_string_free (text, TRUE);
}

GST_START_TEST (rectangle_is_rounded_out_to_cells)
{
  DwMasker *masker = masker_new (0, 1, 70, 40);
  DwMask mask;

  dw_masker_begin (masker, 0);
  dw_masker_hide_rect (masker, (DwRect){ 15, 16, 2, 16 });
  mask = masker_end (masker);
  assert_mask (&mask, ".....\n##...\n.....\n");
  dw_masker_begin (masker, 1);
  dw_masker_hide_rect (masker, (DwRect){ 64, 39, 100, 100 });
  mask = masker_end (masker);
  assert_mask (&mask, ".....\n.....\n....#\n");
  dw_masker_begin (masker, 2);
  dw_masker_hide_rect (masker, (DwRect){ 20, 20, 0, 5 });
  dw_masker_hide_rect (masker, (DwRect){ 70, 0, 5, 5 });
  dw_masker_hide_rect (masker, (DwRect){ INT_MAX, INT_MAX, INT_MAX, INT_MAX });
  dw_masker_hide_rect (masker, (DwRect){ INT_MIN, INT_MIN, 9, 9 });
  mask = masker_end (masker);
  assert_mask (&mask, ".....\n.....\n.....\n");
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (rectangle_grows_about_its_middle)
{
  DwMasker *masker = masker_new (0, 2, 112, 80);
  DwMask mask;

  dw_masker_begin (masker, 0);
  dw_masker_hide_rect (masker, (DwRect){ 48, 32, 16, 16 });
  mask = masker_end (masker);
  /* 16 pixels become 32: 40..72 by 24..56. */
  assert_mask (&mask, ".......\n..###..\n..###..\n..###..\n.......\n");
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (lost_object_stays_hidden_for_the_hold)
{
  DwMasker *masker = masker_new (100, 1, 32, 16);
  DwMask mask;

  dw_masker_begin (masker, 0);
  dw_masker_hide_rect (masker, (DwRect){ 0, 0, 4, 4 });
  mask = masker_end (masker);
  assert_mask (&mask, "#.\n");
  dw_masker_begin (masker, 100 * MS);
  mask = masker_end (masker);
  assert_mask (&mask, "#.\n");
  dw_masker_begin (masker, 101 * MS);
  mask = masker_end (masker);
  assert_mask (&mask, "..\n");
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (time_that_jumps_back_holds_all_that_was_ever_held)
{
  DwMasker *masker = masker_new (100, 1, 48, 16);
  DwMask mask;

  dw_masker_begin (masker, 1000 * MS);
  dw_masker_hide_rect (masker, (DwRect){ 0, 0, 4, 4 });
  dw_masker_begin (masker, 2000 * MS);
  dw_masker_hide_rect (masker, (DwRect){ 16, 0, 4, 4 });
  dw_masker_begin (masker, 500 * MS);
  mask = masker_end (masker);
  assert_mask (&mask, "##.\n");
  dw_masker_begin (masker, 600 * MS);
  mask = masker_end (masker);
  assert_mask (&mask, "##.\n");
  dw_masker_begin (masker, 601 * MS);
  mask = masker_end (masker);
  assert_mask (&mask, "...\n");
  dw_masker_begin (masker, INT64_MAX - 1);
  dw_masker_hide_rect (masker, (DwRect){ 0, 0, 4, 4 });
  dw_masker_begin (masker, INT64_MAX);
  mask = masker_end (masker);
  assert_mask (&mask, "#..\n");
  dw_masker_begin (masker, INT64_MIN);
  mask = masker_end (masker);
  assert_mask (&mask, "##.\n");
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (new_size_forgets_and_hides_until_the_first_frame)
{
  DwMasker *masker = masker_new (1000, 1, 32, 16);
  DwMask mask;

  dw_masker_begin (masker, 0);
  dw_masker_hide_rect (masker, (DwRect){ 0, 0, 4, 4 });
  fail_unless (dw_masker_set_size (masker, 32, 32) == DW_OK);
  mask = masker_end (masker);
  assert_mask (&mask, "##\n##\n");
  dw_masker_begin (masker, 1);
  mask = masker_end (masker);
  assert_mask (&mask, "..\n..\n");
  fail_unless (dw_masker_set_size (masker, 0, 32) == DW_ERROR_INVALID);
  dw_masker_begin (masker, 2);
  dw_masker_hide_rect (masker, (DwRect){ 0, 0, 4, 4 });
  dw_masker_end (masker, false, &mask);
  fail_if (dw_mask_is_valid (&mask));
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (group_is_hidden_as_its_bounding_rectangle)
{
  /* One group by its corners, one alone; a cell of the grid is 8 pixels. */
  static const uint8_t grid[] = {
    1, 0, 0, 0, 0, 0, 0, 0, /**/
    0, 1, 0, 0, 0, 0, 0, 0, /**/
    0, 0, 1, 0, 0, 0, 0, 0, /**/
    0, 0, 0, 0, 0, 0, 0, 0, /**/
    0, 0, 0, 0, 0, 0, 0, 0, /**/
    0, 0, 0, 0, 0, 0, 0, 1, /**/
  };
  DwMasker *masker = masker_new (0, 1, 64, 48);
  DwMask mask;

  dw_masker_begin (masker, 0);
  dw_masker_hide_grid (masker, grid, 8, 6, 8, 8);
  mask = masker_end (masker);
  assert_mask (&mask, "##..\n##..\n...#\n");
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (grid_may_be_of_another_size_than_the_picture)
{
  static const uint8_t grid[] = { 0, 0, 1, 0, 0, 0 };
  DwMasker *masker = masker_new (0, 1, 100, 50);
  DwMask mask;

  dw_masker_begin (masker, 0);
  dw_masker_hide_grid (masker, grid, 3, 2, 100 / 3.0, 25);
  mask = masker_end (masker);
  assert_mask (&mask, "....###\n....###\n.......\n.......\n");
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (grid_that_does_not_cover_the_picture_hides_it)
{
  static const uint8_t grid[64] = { 0 };
  const struct
  {
    const uint8_t *cells;
    int columns, rows;
    double width, height;
  } bad[] = {
    { NULL, 8, 8, 4, 4 },        { grid, 7, 8, 4, 4 },
    { grid, 8, 7, 4, 4 },        { grid, 0, 8, 4, 4 },
    { grid, 8, -1, 4, 4 },       { grid, 8, 8, 0, 4 },
    { grid, 8, 8, 4, -4 },       { grid, 8, 8, NAN, 4 },
    { grid, 8, 8, 4, INFINITY }, { grid, 1 << 20, 8, 4, 4 },
  };
  DwMasker *masker = masker_new (0, 1, 32, 32);
  DwMask mask;

  dw_masker_begin (masker, 0);
  dw_masker_hide_grid (masker, grid, 8, 8, 4, 4);
  mask = masker_end (masker);
  assert_mask (&mask, "..\n..\n");
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      dw_masker_begin (masker, 1);
      dw_masker_hide_grid (masker, bad[i].cells, bad[i].columns, bad[i].rows,
                           bad[i].width, bad[i].height);
      mask = masker_end (masker);
      assert_mask (&mask, "##\n##\n");
    }
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (polygon_hides_every_cell_that_it_touches)
{
  const DwPolygon triangle = { 3, { { 0, 0 }, { 0.49f, 0 }, { 0, 0.49f } } };
  const DwPolygon line = { 2, { { 0, 0 }, { 1, 1 } } };
  DwPolygon broken = triangle;
  DwMasker *masker = masker_new (1000, 4, 64, 64);
  DwMask mask;

  dw_masker_begin (masker, 0);
  dw_masker_hide_polygon (masker, &triangle);
  mask = masker_end (masker);
  assert_mask (&mask, "##..\n#...\n....\n....\n");
  /* Neither grown nor held. */
  dw_masker_begin (masker, 1);
  dw_masker_hide_polygon (masker, &line);
  mask = masker_end (masker);
  assert_mask (&mask, "....\n....\n....\n....\n");
  broken.points[1].x = NAN;
  dw_masker_begin (masker, 2);
  dw_masker_hide_polygon (masker, &broken);
  mask = masker_end (masker);
  assert_mask (&mask, "####\n####\n####\n####\n");
  broken.n_points = 17;
  dw_masker_begin (masker, 2);
  dw_masker_hide_polygon (masker, &broken);
  mask = masker_end (masker);
  assert_mask (&mask, "####\n####\n####\n####\n");
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (region_shows_only_cells_that_lie_wholly_inside)
{
  const DwPolygon regions[]
      = { { 4, { { 0, 0 }, { 0.5f, 0 }, { 0.5f, 0.5f }, { 0, 0.5f } } },
          { 4, { { 0.6f, 0.6f }, { 1, 0.6f }, { 1, 1 }, { 0.6f, 1 } } } };
  const DwPolygon whole = { 4, { { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } } };
  DwMasker *masker = masker_new (0, 1, 64, 64);
  DwMask mask;

  dw_masker_begin (masker, 0);
  dw_masker_hide_outside (masker, regions, 2);
  mask = masker_end (masker);
  assert_mask (&mask, "..##\n..##\n####\n###.\n");
  dw_masker_begin (masker, 1);
  dw_masker_hide_outside (masker, &whole, 1);
  mask = masker_end (masker);
  assert_mask (&mask, "....\n....\n....\n....\n");
  dw_masker_begin (masker, 2);
  dw_masker_hide_outside (masker, regions, 0);
  mask = masker_end (masker);
  assert_mask (&mask, "####\n####\n####\n####\n");
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (too_many_rectangles_hide_the_picture)
{
  DwMasker *masker = masker_new (0, 1, 32, 32);
  DwMask mask;

  dw_masker_begin (masker, 0);
  for (int i = 0; i < DW_MASK_MAX_RECTS; i++)
    dw_masker_hide_rect (masker, (DwRect){ 0, 0, 1, 1 });
  mask = masker_end (masker);
  assert_mask (&mask, "#.\n..\n");
  dw_masker_hide_rect (masker, (DwRect){ 0, 0, 1, 1 });
  mask = masker_end (masker);
  assert_mask (&mask, "##\n##\n");
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (too_many_blurred_groups_hide_the_picture)
{
  /* A chessboard of single cells with a gap between them. */
  DwMasker *masker = masker_new (0, 1, 32 * 40, 32 * 40);
  DwMask mask;

  dw_masker_begin (masker, 0);
  for (int i = 0; i < DW_MASK_MAX_RECTS; i++)
    dw_masker_hide_rect (masker, (DwRect){ i % 40 * 32, i / 40 * 32, 1, 1 });
  dw_masker_end (masker, true, &mask);
  fail_unless_equals_int ((int)mask.n_blurred, DW_MASK_MAX_RECTS);
  {
    static uint8_t grid[40 * 40];

    grid[40 * 40 - 1] = 1;
    dw_masker_hide_grid (masker, grid, 40, 40, 32, 32);
  }
  dw_masker_end (masker, true, &mask);
  fail_unless_equals_int ((int)mask.n_blurred, 0);
  fail_unless (memchr (mask.cells, DW_CELL_KEEP,
                       (size_t)mask.columns * (size_t)mask.rows)
               == NULL);
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (blurred_rectangles_are_disjoint_and_cover_every_object)
{
  uint64_t seed = 0x9e3779b97f4a7c15;
  DwMasker *masker;

  fail_unless (dw_masker_new (0, 1, &masker) == DW_OK);
  for (int i = 0; i < 500; i++)
    {
      const int width = 100 + chance_below (&seed, 500);
      const int height = 100 + chance_below (&seed, 500);
      DwRect objects[30];
      DwMask mask;
      int n_bare = 0, n_meeting = 0;

      fail_unless (dw_masker_set_size (masker, width, height) == DW_OK);
      dw_masker_begin (masker, i);
      for (size_t o = 0; o < G_N_ELEMENTS (objects); o++)
        {
          objects[o] = (DwRect){ chance_below (&seed, width),
                                 chance_below (&seed, height),
                                 1 + chance_below (&seed, 60),
                                 1 + chance_below (&seed, 60) };
          dw_masker_hide_rect (masker, objects[o]);
        }
      dw_masker_end (masker, true, &mask);
      fail_unless (dw_mask_is_valid (&mask));
      for (size_t o = 0; o < G_N_ELEMENTS (objects); o++)
        {
          const DwRect seen
              = dw_rect_intersect (objects[o], (DwRect){ 0, 0, width, height });
          bool is_covered = false;

          for (size_t r = 0; r < mask.n_blurred; r++)
            {
              DwRect part = dw_rect_intersect (seen, mask.blurred[r]);

              is_covered
                  |= part.width == seen.width && part.height == seen.height;
            }
          n_bare += !is_covered;
        }
      for (size_t a = 0; a < mask.n_blurred; a++)
        for (size_t b = 0; b < a; b++)
          n_meeting
              += dw_rect_intersect (mask.blurred[a], mask.blurred[b]).width > 0;
      fail_unless_equals_int (n_bare, 0);
      fail_unless_equals_int (n_meeting, 0);
    }
  dw_masker_free (masker);
}
GST_END_TEST

GST_START_TEST (merged_rectangles_are_disjoint_and_cover_all)
{
  uint64_t seed = 0xda942042e4dd58b5;
  int n_meeting = 0, n_bare = 0;

  for (int i = 0; i < 20000; i++)
    {
      DwRect before[24], after[24];
      const size_t n = 1 + (size_t)chance_below (&seed, 24);
      size_t left;

      for (size_t a = 0; a < n; a++)
        before[a]
            = (DwRect){ chance_below (&seed, 60), chance_below (&seed, 60),
                        1 + chance_below (&seed, 12),
                        1 + chance_below (&seed, 12) };
      memcpy (after, before, sizeof after);
      left = dw_rects_merge (after, n);
      for (size_t a = 0; a < left; a++)
        for (size_t b = 0; b < a; b++)
          n_meeting += dw_rect_intersect (after[a], after[b]).width > 0;
      for (size_t a = 0; a < n; a++)
        {
          bool is_covered = false;

          for (size_t b = 0; b < left; b++)
            {
              DwRect part = dw_rect_intersect (before[a], after[b]);

              is_covered |= part.width == before[a].width
                            && part.height == before[a].height;
            }
          n_bare += !is_covered;
        }
    }
  fail_unless_equals_int (n_meeting, 0);
  fail_unless_equals_int (n_bare, 0);
}
GST_END_TEST

GST_START_TEST (impossible_settings_are_refused)
{
  DwMasker *masker;

  fail_unless (dw_masker_new (0, 0.99f, &masker) == DW_ERROR_INVALID);
  fail_unless (dw_masker_new (0, 4.01f, &masker) == DW_ERROR_INVALID);
  fail_unless (dw_masker_new (0, NAN, &masker) == DW_ERROR_INVALID);
  fail_unless (masker == NULL);
  dw_masker_free (NULL);
}
GST_END_TEST

static Suite *
mask_suite (void)
{
  Suite *suite = suite_create ("mask");
  TCase *tests = tcase_create ("mask");

  tcase_add_test (tests, rectangle_is_rounded_out_to_cells);
  tcase_add_test (tests, rectangle_grows_about_its_middle);
  tcase_add_test (tests, lost_object_stays_hidden_for_the_hold);
  tcase_add_test (tests, time_that_jumps_back_holds_all_that_was_ever_held);
  tcase_add_test (tests, new_size_forgets_and_hides_until_the_first_frame);
  tcase_add_test (tests, group_is_hidden_as_its_bounding_rectangle);
  tcase_add_test (tests, grid_may_be_of_another_size_than_the_picture);
  tcase_add_test (tests, grid_that_does_not_cover_the_picture_hides_it);
  tcase_add_test (tests, polygon_hides_every_cell_that_it_touches);
  tcase_add_test (tests, region_shows_only_cells_that_lie_wholly_inside);
  tcase_add_test (tests, too_many_rectangles_hide_the_picture);
  tcase_add_test (tests, too_many_blurred_groups_hide_the_picture);
  tcase_add_test (tests,
                  blurred_rectangles_are_disjoint_and_cover_every_object);
  tcase_add_test (tests, merged_rectangles_are_disjoint_and_cover_all);
  tcase_add_test (tests, impossible_settings_are_refused);
  suite_add_tcase (suite, tests);
  return suite;
}

GST_CHECK_MAIN (mask)
