/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drawn scene: the same for the same seed, and its truth is what the
 * pixels say. */
#include "dwtest.h"
#include "scene.h"

#include <math.h>
#include <string.h>

#define SECOND G_GINT64_CONSTANT (1000000000)

typedef struct
{
  DwSceneSettings settings;
  DwScene *scene;
  DwPlane plane;
  DwSceneTruth truth[DW_N_PARTS];
} View;

static const DwSceneSettings usual
    = { .width = 320, .height = 180, .seed = 7, .ring_s = 6, .every_s = 20 };

static void
view_open (View *view, const DwSceneSettings *settings)
{
  DwError error = { 0 };

  memset (view, 0, sizeof *view);
  view->settings = *settings;
  fail_unless (dw_scene_new (settings, &view->scene, &error) == DW_OK, "%s",
               error.text);
  view->plane.width = settings->width;
  view->plane.height = settings->height;
  view->plane.stride = 4 * settings->width + 12;
  view->plane.data = g_malloc ((gsize)view->plane.stride * settings->height);
}

static void
view_draw (View *view, gdouble seconds)
{
  fail_unless_equals_int (dw_scene_draw (view->scene,
                                         (gint64)(seconds * (gdouble)SECOND),
                                         &view->plane, view->truth),
                          DW_OK);
}

static void
view_close (View *view)
{
  dw_scene_free (view->scene);
  g_free (view->plane.data);
}

static const guint8 *
pixel (const DwPlane *plane, gint x, gint y)
{
  return plane->data + (gsize)y * plane->stride + 4 * (gsize)x;
}

/* Blue, green and red; the fourth byte means nothing. */
static gboolean
same_pixel (const DwPlane *a, const DwPlane *b, gint x, gint y)
{
  return memcmp (pixel (a, x, y), pixel (b, x, y), 3) == 0;
}

static guint
differences (const DwPlane *a, const DwPlane *b)
{
  guint n = 0;

  for (gint y = 0; y < a->height; y++)
    for (gint x = 0; x < a->width; x++)
      n += !same_pixel (a, b, x, y);
  return n;
}

static gboolean
is_in (const DwRect *box, gint x, gint y)
{
  return x >= box->x && x < box->x + box->width && y >= box->y
         && y < box->y + box->height;
}

/* One byte a pixel: a mask of the parts that may look unlike the empty
 * scene. */
static guint8 *
masks_of (const View *view)
{
  guint8 *mask = g_malloc0 ((gsize)view->plane.width * view->plane.height);

  for (gint part = 0; part < DW_PART_WINDOW; part++)
    for (gsize i = 0; i < view->truth[part].n_runs; i++)
      {
        const DwSceneRun *run = &view->truth[part].runs[i];

        memset (mask + (gsize)run->y * view->plane.width + run->x, 1,
                (gsize)run->length);
      }
  return mask;
}

static guint
area (const DwSceneTruth *truth)
{
  guint n = 0;

  for (gsize i = 0; i < truth->n_runs; i++)
    n += (guint)truth->runs[i].length;
  return n;
}

static void
check_nothing_moves_unmasked (const View *empty, const View *view,
                              gdouble seconds)
{
  guint8 *mask = masks_of (view);
  const DwRect *tree = &view->truth[DW_PART_TREE].box;

  for (gint y = 0; y < view->plane.height; y++)
    for (gint x = 0; x < view->plane.width; x++)
      if (!mask[(gsize)y * view->plane.width + x] && !is_in (tree, x, y)
          && !same_pixel (&empty->plane, &view->plane, x, y))
        fail ("pixel %d,%d changed at %g s and nobody owns it", x, y, seconds);
  g_free (mask);
}

static void
check_runs (const View *view)
{
  for (gint part = 0; part < DW_N_PARTS; part++)
    {
      const DwSceneTruth *truth = &view->truth[part];
      const DwRect *box = &truth->box;
      gint left = G_MAXINT, right = 0, last_y = -1, last_x = -1;

      fail_unless (box->x >= 0 && box->y >= 0 && box->width >= 0
                   && box->height >= 0
                   && box->x + box->width <= view->plane.width
                   && box->y + box->height <= view->plane.height);
      for (gsize i = 0; i < truth->n_runs; i++)
        {
          const DwSceneRun *run = &truth->runs[i];

          fail_unless (run->length > 0 && is_in (box, run->x, run->y)
                       && is_in (box, run->x + run->length - 1, run->y));
          fail_unless (run->y > last_y
                       || (run->y == last_y && run->x > last_x));
          last_y = run->y;
          last_x = run->x + run->length;
          left = MIN (left, run->x);
          right = MAX (right, last_x);
        }
      if (truth->n_runs == 0)
        continue;
      fail_unless_equals_int (box->x, left);
      fail_unless_equals_int (box->x + box->width, right);
      fail_unless_equals_int (box->y, truth->runs[0].y);
      fail_unless_equals_int (box->y + box->height, last_y + 1);
    }
}

GST_START_TEST (same_seed_draws_the_same_bytes)
{
  static const gdouble moments[] = { 0, 3.1, 6, 8.5, 26.2 };
  View a, b;

  view_open (&a, &usual);
  view_open (&b, &usual);
  view_draw (&b, 9.9); /* what was drawn before must not matter */
  for (gsize i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      view_draw (&a, moments[i]);
      view_draw (&b, moments[i]);
      fail_unless_equals_int (differences (&a.plane, &b.plane), 0);
    }
  view_close (&a);
  view_close (&b);
}
GST_END_TEST

GST_START_TEST (another_seed_another_visit_and_the_night_look_different)
{
  DwSceneSettings other = usual, night = usual;
  View a, b, c;

  other.seed++;
  night.is_night = TRUE;
  view_open (&a, &usual);
  view_open (&b, &other);
  view_open (&c, &night);
  view_draw (&a, 7);
  view_draw (&b, 7);
  view_draw (&c, 7);
  fail_unless (differences (&a.plane, &b.plane) > 1000);
  fail_unless (differences (&a.plane, &c.plane) > 50000);
  view_draw (&b, 7);
  view_draw (&a, 27);
  view_draw (&c, 7);
  fail_unless (a.truth[DW_PART_VISITOR].box.width > 0);
  view_close (&b);
  view_open (&b, &usual);
  view_draw (&b, 7);
  fail_unless (differences (&a.plane, &b.plane) > 300);
  view_close (&a);
  view_close (&b);
  view_close (&c);
}
GST_END_TEST

GST_START_TEST (truth_asked_or_not_gives_the_same_picture)
{
  View a, b;

  view_open (&a, &usual);
  view_open (&b, &usual);
  view_draw (&a, 7);
  fail_unless_equals_int (dw_scene_draw (b.scene, 7 * SECOND, &b.plane, NULL),
                          DW_OK);
  fail_unless_equals_int (differences (&a.plane, &b.plane), 0);
  view_close (&a);
  view_close (&b);
}
GST_END_TEST

GST_START_TEST (outside_the_masks_only_the_tree_moves)
{
  for (gint night = 0; night < 2; night++)
    for (guint seed = 1; seed < 4; seed++)
      {
        DwSceneSettings settings = usual;
        View empty, view;

        settings.is_night = night;
        settings.seed = seed;
        view_open (&empty, &settings);
        view_open (&view, &settings);
        view_draw (&empty, 0);
        for (gdouble t = 0.1; t < 20; t += 0.31)
          {
            view_draw (&view, t);
            check_runs (&view);
            check_nothing_moves_unmasked (&empty, &view, t);
          }
        view_close (&empty);
        view_close (&view);
      }
}
GST_END_TEST

GST_START_TEST (masks_hold_what_really_changed)
{
  View empty, view;
  DwSceneSettings settings = usual;
  guint changed = 0, in_mask;

  settings.width = 640;
  settings.height = 360;
  view_open (&empty, &settings);
  view_open (&view, &settings);
  view_draw (&empty, 0);
  view_draw (&view, 9);
  in_mask = area (&view.truth[DW_PART_VISITOR]);
  for (gsize i = 0; i < view.truth[DW_PART_VISITOR].n_runs; i++)
    {
      const DwSceneRun *run = &view.truth[DW_PART_VISITOR].runs[i];

      for (gint x = run->x; x < run->x + run->length; x++)
        changed += !same_pixel (&empty.plane, &view.plane, x, run->y);
    }
  fail_unless (in_mask > 640 * 360 / 20, "a visitor of %u pixels", in_mask);
  fail_unless (changed > in_mask * 95 / 100, "%u of %u changed", changed,
               in_mask);
  view_close (&empty);
  view_close (&view);
}
GST_END_TEST

GST_START_TEST (scene_is_empty_for_two_seconds_and_after_the_visit)
{
  static const gdouble rings[] = { 3, 4.5, 6, 60 };

  for (gsize i = 0; i < G_N_ELEMENTS (rings); i++)
    {
      DwSceneSettings settings = usual;
      View view;

      settings.ring_s = rings[i];
      settings.every_s = rings[i] + DW_SCENE_VISIT_S;
      view_open (&view, &settings);
      for (gdouble t = 0; t < DW_SCENE_EMPTY_S; t += 0.1)
        {
          view_draw (&view, t);
          fail_unless_equals_int (view.truth[DW_PART_VISITOR].box.width, 0);
          fail_unless_equals_int (view.truth[DW_PART_CAR].box.width, 0);
          fail_unless_equals_int (view.truth[DW_PART_SHADE].box.width, 0);
        }
      view_draw (&view, settings.every_s - 0.001);
      fail_unless_equals_int (view.truth[DW_PART_VISITOR].box.width, 0);
      view_close (&view);
    }
}
GST_END_TEST

GST_START_TEST (visitor_stands_at_the_door_with_his_face_when_he_rings)
{
  static const gdouble rings[] = { 3, 6, 11 };

  for (gsize i = 0; i < G_N_ELEMENTS (rings); i++)
    {
      DwSceneSettings settings = usual;
      View view;
      const DwRect *visitor, *face;

      settings.ring_s = rings[i];
      settings.every_s = 0;
      view_open (&view, &settings);
      view_draw (&view, rings[i]);
      visitor = &view.truth[DW_PART_VISITOR].box;
      face = &view.truth[DW_PART_FACE].box;
      fail_unless (visitor->height > settings.height * 8 / 10);
      fail_unless (face->width > settings.width / 20
                   && face->height > settings.height / 9);
      fail_unless (is_in (visitor, face->x, face->y)
                   && is_in (visitor, face->x + face->width - 1,
                             face->y + face->height - 1));
      fail_unless (
          dw_scene_moment (&settings, (gint64)(rings[i] * (gdouble)SECOND))
              .is_pressing);
      view_close (&view);
    }
}
GST_END_TEST

GST_START_TEST (plate_is_large_enough_to_read_for_a_while)
{
  DwSceneSettings settings = usual;
  View view;
  gint frames = 0;

  settings.width = 1280;
  settings.height = 720;
  view_open (&view, &settings);
  for (gint i = 0; i < 60; i++)
    {
      const DwRect *plate = &view.truth[DW_PART_PLATE].box;

      view_draw (&view, 5 + 0.1 * i);
      frames += plate->width >= 70 && plate->height >= 18;
      if (plate->width > 0)
        fail_unless (is_in (&view.truth[DW_PART_CAR].box, plate->x, plate->y));
    }
  fail_unless (frames >= 10, "readable in %d of 60 frames", frames);
  view_close (&view);
}
GST_END_TEST

GST_START_TEST (any_size_is_drawn_within_its_memory)
{
  static const gint sizes[][2] = { { 1, 1 },     { 2, 2 },     { 3, 5 },
                                   { 17, 1 },    { 1, 99 },    { 33, 17 },
                                   { 333, 111 }, { 101, 479 }, { 3840, 2160 },
                                   { 16, 4000 } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      DwSceneSettings settings = usual;
      View view;

      settings.width = sizes[i][0];
      settings.height = sizes[i][1];
      view_open (&view, &settings);
      memset (view.plane.data, 0xa5,
              (gsize)view.plane.stride * settings.height);
      for (gdouble t = 2.5; t < 12; t += 3.1)
        view_draw (&view, t);
      check_runs (&view);
      for (gint y = 0; y < settings.height; y++)
        for (gint x = 4 * settings.width; x < view.plane.stride; x++)
          if (view.plane.data[(gsize)y * view.plane.stride + x] != 0xa5)
            fail ("wrote beside row %d of %dx%d", y, settings.width,
                  settings.height);
      view_close (&view);
    }
}
GST_END_TEST

GST_START_TEST (wrong_plane_is_refused)
{
  View view;
  DwPlane small;

  view_open (&view, &usual);
  small = view.plane;
  small.width--;
  fail_unless_equals_int (dw_scene_draw (view.scene, 0, &small, view.truth),
                          DW_ERROR_INVALID);
  small = view.plane;
  small.stride = 4 * small.width - 1;
  fail_unless_equals_int (dw_scene_draw (view.scene, 0, &small, view.truth),
                          DW_ERROR_INVALID);
  view_close (&view);
}
GST_END_TEST

GST_START_TEST (impossible_settings_are_refused_with_a_reason)
{
  static const DwSceneSettings bad[] = {
    { .width = 0, .height = 9, .ring_s = 6 },
    { .width = 9, .height = -1, .ring_s = 6 },
    { .width = DW_SCENE_MAX_WIDTH + 1, .height = 9, .ring_s = 6 },
    { .width = 9, .height = 9, .ring_s = 2.9 },
    { .width = 9, .height = 9, .ring_s = -1 },
    { .width = 9, .height = 9, .ring_s = NAN },
    { .width = 9, .height = 9, .ring_s = 6, .every_s = 14.9 },
    { .width = 9, .height = 9, .ring_s = 6, .every_s = INFINITY },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      DwError error = { 0 };
      DwScene *scene;

      fail_unless_equals_int (dw_scene_new (&bad[i], &scene, &error),
                              DW_ERROR_INVALID);
      fail_unless (scene == NULL && strstr (error.text, "expected"));
    }
}
GST_END_TEST

GST_START_TEST (presses_come_when_the_settings_say)
{
  static const struct
  {
    gdouble ring, every, from, expected;
  } cases[] = { { 6, 20, 0, 6 },   { 6, 20, 6, 6 },     { 6, 20, 6.1, 26 },
                { 6, 20, 26, 26 }, { 6, 20, 105, 106 }, { 6, 0, 5, 6 },
                { 6, 0, 6.1, -1 }, { 0, 20, 0, -1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DwSceneSettings settings = usual;
      gint64 expected = cases[i].expected < 0
                            ? -1
                            : (gint64)(cases[i].expected * (gdouble)SECOND);

      settings.ring_s = cases[i].ring;
      settings.every_s = cases[i].every;
      fail_unless_equals_int64 (
          dw_scene_next_press (&settings,
                               (gint64)(cases[i].from * (gdouble)SECOND)),
          expected);
    }
}
GST_END_TEST

static gdouble
loudness (gdouble from, gdouble seconds)
{
  gint rate = 8000;
  gsize n = (gsize)(seconds * rate);
  gint16 *samples = g_new (gint16, n);
  gdouble sum = 0;

  dw_scene_sound (&usual, rate, (gint64)(from * rate), samples, n);
  for (gsize i = 0; i < n; i++)
    sum += (gdouble)samples[i] * samples[i];
  g_free (samples);
  return sqrt (sum / (gdouble)n);
}

GST_START_TEST (chime_sounds_at_the_press_and_is_the_same_in_any_chunks)
{
  gint16 whole[900], parts[900];

  fail_unless (loudness (6, 0.4) > 8 * loudness (1, 0.9));
  fail_unless (loudness (26, 0.4) > 8 * loudness (21, 0.9));
  dw_scene_sound (&usual, 16000, 96000 - 200, whole, 900);
  dw_scene_sound (&usual, 16000, 96000 - 200, parts, 333);
  dw_scene_sound (&usual, 16000, 96000 - 200 + 333, parts + 333, 567);
  fail_unless (memcmp (whole, parts, sizeof whole) == 0);
}
GST_END_TEST

static void
check_colour (guint32 rgb, gint y, gint u, gint v)
{
  guint8 bgrx[3 * 3 * 4], i420[9 + 4 + 4];
  DwPlane plane = { bgrx, 12, 3, 3 };
  DwFrame frame = { .format = DW_FORMAT_I420,
                    .width = 3,
                    .height = 3,
                    .data = { i420, i420 + 9, i420 + 13 },
                    .stride = { 3, 2, 2 },
                    .size = { 9, 4, 4 } };

  for (gint i = 0; i < 9; i++)
    {
      bgrx[4 * i] = rgb & 0xff;
      bgrx[4 * i + 1] = rgb >> 8 & 0xff;
      bgrx[4 * i + 2] = rgb >> 16 & 0xff;
    }
  dw_scene_to_i420 (&plane, &frame);
  for (gint i = 0; i < 9; i++)
    fail_unless_equals_int (i420[i], y);
  for (gint i = 0; i < 4; i++)
    {
      fail_unless_equals_int (i420[9 + i], u);
      fail_unless_equals_int (i420[13 + i], v);
    }
}

/* The corner values of ITU-R BT.601, video range. */
GST_START_TEST (colours_become_i420_by_bt601)
{
  check_colour (0x000000, 16, 128, 128);
  check_colour (0xffffff, 235, 128, 128);
  check_colour (0xff0000, 81, 90, 240);
  check_colour (0x00ff00, 145, 54, 34);
  check_colour (0x0000ff, 41, 240, 110);
}
GST_END_TEST

static Suite *
sim_scene_suite (void)
{
  Suite *suite = suite_create ("sim-scene");
  TCase *tests = tcase_create ("scene");

  suite_add_tcase (suite, tests);
  tcase_set_timeout (tests, 90);
  tcase_add_test (tests, same_seed_draws_the_same_bytes);
  tcase_add_test (tests,
                  another_seed_another_visit_and_the_night_look_different);
  tcase_add_test (tests, truth_asked_or_not_gives_the_same_picture);
  tcase_add_test (tests, outside_the_masks_only_the_tree_moves);
  tcase_add_test (tests, masks_hold_what_really_changed);
  tcase_add_test (tests, scene_is_empty_for_two_seconds_and_after_the_visit);
  tcase_add_test (tests,
                  visitor_stands_at_the_door_with_his_face_when_he_rings);
  tcase_add_test (tests, plate_is_large_enough_to_read_for_a_while);
  tcase_add_test (tests, any_size_is_drawn_within_its_memory);
  tcase_add_test (tests, wrong_plane_is_refused);
  tcase_add_test (tests, impossible_settings_are_refused_with_a_reason);
  tcase_add_test (tests, presses_come_when_the_settings_say);
  tcase_add_test (tests,
                  chime_sounds_at_the_press_and_is_the_same_in_any_chunks);
  tcase_add_test (tests, colours_become_i420_by_bt601);
  return suite;
}

GST_CHECK_MAIN (sim_scene)
