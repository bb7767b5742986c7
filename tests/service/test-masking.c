/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a masked share really shows: the simulated porch, whose truth is exact
 * to the pixel, through doorbellmotion and consentfilter with a real grant.
 * Counts the pixels of visitor, face and plate that are left, and holds them
 * to bounds; the neighbour's window is hidden at every level. */
#include "filtertest.h"

#include "redact.h"
#include "scene.h"

#define RATE 10
#define RING_S 6.0
#define N_FRAMES ((guint)(RING_S + DW_SCENE_VISIT_S) * RATE)
/* doorbellmotion's learn-time: a picture before it shows nothing at all. */
#define N_LEARNING (1 * RATE)
#define CELL DW_MASK_CELL
#define MOTION "doorbellmotion !"

/* Smaller than this a part says nothing, and its share of visible pixels
 * neither: the first pixels of somebody who comes into sight. */
#define LEAST_PIXELS 256

/* What may be visible: of all pixels, of those of any one frame, and, where
 * the part has LEAST_PIXELS, as a share of it. */
typedef struct
{
  gdouble all;
  guint most;
  gdouble worst;
} Bound;

typedef struct
{
  gint width, height;
  guint32 seed;
  gboolean is_night;
  Bound visitor, face;
} Case;

/* Measured: 0 by day at 360 lines; at 720 lines 15 pixels of the visitor and
 * 10 of the face's box, by night 67 and 18: in the first two frames in which
 * he comes into sight, a dozen pixels wide. Nothing of the plate in any. */
static const Case cases[] = {
  { 640, 360, 1, FALSE, { 1e-4, 40, 0.02 }, { 2e-4, 24, 0.02 } },
  { 640, 360, 2, FALSE, { 1e-4, 40, 0.02 }, { 2e-4, 24, 0.02 } },
  { 1280, 720, 1, FALSE, { 1e-4, 80, 0.02 }, { 2e-4, 40, 0.02 } },
  { 1280, 720, 2, FALSE, { 1e-4, 80, 0.02 }, { 2e-4, 40, 0.02 } },
  { 640, 360, 1, TRUE, { 5e-4, 150, 0.08 }, { 5e-4, 40, 0.05 } },
};
static const Bound plate_bound = { 1e-4, 16, 0.02 };

/* Of the picture, while nobody is there: window and tree. Measured: 0.08 to
 * 0.18. More would mean that nothing is shown at all. */
#define MAX_FILLED 0.3

/* Drawn moments on their way through the elements. */
typedef struct
{
  TestLedger ledger;
  GstHarness *h;
  DwScene *scene;
  DwSceneSettings settings;
  GstVideoInfo info;
  guint8 *bgrx;
  gint columns, rows;
  guint8 *filled; /* of the last frame, by cell: 1 constant colour, 0 shown */
  DwSceneTruth truth[DW_N_PARTS];
  DwRect box; /* of a detector, for every frame; empty: none */
} Stage;

typedef struct
{
  guint64 pixels, visible;
  guint most;
  gdouble worst;
} Exposure;

static GstBuffer *
draw (Stage *stage, guint n)
{
  gint width = stage->settings.width, height = stage->settings.height;
  DwPlane plane = { stage->bgrx, width * 4, width, height };
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, stage->info.size, NULL);
  DwFrame frame
      = { .format = DW_FORMAT_I420, .width = width, .height = height };
  GstMapInfo map;

  fail_unless_equals_int (dw_scene_draw (stage->scene, n * DW_SECOND_NS / RATE,
                                         &plane, stage->truth),
                          DW_OK);
  gst_buffer_memset (buffer, 0, 0, stage->info.size);
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (gint i = 0; i < 3; i++)
    {
      frame.data[i] = map.data + stage->info.offset[i];
      frame.stride[i] = stage->info.stride[i];
      frame.size[i] = (gsize)stage->info.stride[i]
                      * (gsize)dw_format_rows (DW_FORMAT_I420, i, height);
    }
  dw_scene_to_i420 (&plane, &frame);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = n * GST_SECOND / RATE;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / RATE;
  return buffer;
}

/* The window's box as a private zone. */
static gchar *
describe_zone (const DwRect *box, gint width, gint height)
{
  gdouble left = (gdouble)box->x / width, top = (gdouble)box->y / height;
  gdouble right = (gdouble)(box->x + box->width) / width;
  gdouble bottom = (gdouble)(box->y + box->height) / height;

  return g_strdup_printf ("%.6f,%.6f %.6f,%.6f %.6f,%.6f %.6f,%.6f", left, top,
                          right, top, right, bottom, left, bottom);
}

static void
stage_open (Stage *stage, const Case *one, DwLevel level, const gchar *before)
{
  g_autofree gchar *zone = NULL, *launch = NULL;

  memset (stage, 0, sizeof *stage);
  stage->settings = (DwSceneSettings){ .width = one->width,
                                       .height = one->height,
                                       .seed = one->seed,
                                       .is_night = one->is_night,
                                       .ring_s = RING_S };
  stage->ledger = test_ledger_new ();
  if (level > DW_LEVEL_NOTHING)
    {
      DwGrant grant = test_grant (level);

      test_ledger_add (&stage->ledger, &grant);
    }
  fail_unless_equals_int (dw_scene_new (&stage->settings, &stage->scene, NULL),
                          DW_OK);
  fail_unless (gst_video_info_set_format (&stage->info, GST_VIDEO_FORMAT_I420,
                                          (guint)one->width,
                                          (guint)one->height));
  stage->bgrx = g_malloc ((gsize)one->width * (gsize)one->height * 4);
  stage->columns = (one->width + CELL - 1) / CELL;
  stage->rows = (one->height + CELL - 1) / CELL;
  stage->filled = g_malloc0 ((gsize)(stage->columns * stage->rows));
  gst_buffer_unref (draw (stage, 0));
  zone = describe_zone (&stage->truth[DW_PART_WINDOW].box, one->width,
                        one->height);
  launch = g_strdup_printf (
      "%s consentfilter ledger=%s camera=front recipient=ann "
      "recipient-class=household private-zones=\"%s\"",
      before, stage->ledger.path, zone);
  stage->h = gst_harness_new_parse (launch);
  gst_harness_set_src_caps (
      stage->h,
      test_video_caps (GST_VIDEO_FORMAT_I420, one->width, one->height));
}

static void
stage_close (Stage *stage)
{
  gst_harness_teardown (stage->h);
  dw_scene_free (stage->scene);
  g_free (stage->bgrx);
  g_free (stage->filled);
  test_ledger_free (&stage->ledger);
}

/* The samples of a cell, of one plane. */
typedef struct
{
  gint width, height, stride;
  const guint8 *in, *out;
} Samples;

static Samples
samples_of (const Stage *stage, const GstMapInfo *in, const GstMapInfo *out,
            gint plane, gint cell)
{
  gint shift = plane > 0 ? 1 : 0;
  gint x = cell % stage->columns * CELL, y = cell / stage->columns * CELL;
  gint stride = stage->info.stride[plane];
  gsize at = stage->info.offset[plane] + (gsize)(y >> shift) * (gsize)stride
             + (gsize)(x >> shift);

  return (Samples){ MIN (CELL, stage->settings.width - x) >> shift,
                    MIN (CELL, stage->settings.height - y) >> shift, stride,
                    in->data + at, out->data + at };
}

static void
compare (const Samples *samples, guint8 fill, gboolean *is_filled,
         gboolean *is_same)
{
  guint8 filled[CELL];

  memset (filled, fill, sizeof filled);
  for (gint y = 0; y < samples->height; y++)
    {
      gsize at = (gsize)y * (gsize)samples->stride;
      gsize n = (gsize)samples->width;

      *is_filled &= memcmp (samples->out + at, filled, n) == 0;
      *is_same &= memcmp (samples->out + at, samples->in + at, n) == 0;
    }
}

/* Which cells are filled. With `is_exact`, each that is not must be as it was:
 * nothing lies between hidden and shown. */
static void
look_at_cells (Stage *stage, GstBuffer *in, GstBuffer *out, gboolean is_exact)
{
  GstMapInfo from, to;

  fail_unless_equals_uint64 (gst_buffer_get_size (out), stage->info.size);
  fail_unless (gst_buffer_map (in, &from, GST_MAP_READ));
  fail_unless (gst_buffer_map (out, &to, GST_MAP_READ));
  for (gint cell = 0; cell < stage->columns * stage->rows; cell++)
    {
      gboolean is_filled = TRUE, is_same = TRUE;

      for (gint plane = 0; plane < 3; plane++)
        {
          Samples samples = samples_of (stage, &from, &to, plane, cell);

          compare (&samples, plane > 0 ? DW_FILL_UV : DW_FILL_Y, &is_filled,
                   &is_same);
        }
      fail_unless (is_filled || is_same || !is_exact,
                   "cell %d is neither hidden nor shown", cell);
      stage->filled[cell] = is_filled;
    }
  gst_buffer_unmap (out, &to);
  gst_buffer_unmap (in, &from);
}

/* Draws frame `n` and takes what the share gets of it. A watcher that was
 * starved of time closes the share for a moment: then FALSE, and a card. */
static gboolean
play (Stage *stage, guint n, DwLevel level)
{
  GstBuffer *in = draw (stage, n);
  GstBuffer *copy = gst_buffer_copy_deep (in);
  const DwRect *box = &stage->box;
  GstBuffer *out;
  gboolean is_open;

  if (box->width > 0)
    gst_buffer_add_video_region_of_interest_meta (
        copy, "person", (guint)box->x, (guint)box->y, (guint)box->width,
        (guint)box->height);
  out = gst_harness_push_and_pull (stage->h, copy);
  fail_unless (out != NULL && gst_buffer_get_clearance (out) != NULL);
  is_open = test_level_of (out) == level;
  fail_unless (is_open || test_level_of (out) == DW_LEVEL_NOTHING);
  if (is_open)
    look_at_cells (stage, in, out, level != DW_LEVEL_BLURRED);
  gst_buffer_unref (out);
  gst_buffer_unref (in);
  return is_open;
}

static gboolean
is_visible (const Stage *stage, gint x, gint y)
{
  return !stage->filled[y / CELL * stage->columns + x / CELL];
}

static guint
n_visible (const Stage *stage, gint x, gint y, gint length)
{
  guint n = 0;

  for (gint i = 0; i < length; i++)
    n += is_visible (stage, x + i, y);
  return n;
}

static void
expose (Exposure *exposure, guint pixels, guint visible)
{
  if (pixels == 0)
    return;
  exposure->pixels += pixels;
  exposure->visible += visible;
  exposure->most = MAX (exposure->most, visible);
  if (pixels >= LEAST_PIXELS)
    exposure->worst = MAX (exposure->worst, (gdouble)visible / pixels);
}

static void
expose_part (const Stage *stage, DwScenePart part, Exposure *exposure)
{
  const DwSceneTruth *truth = &stage->truth[part];
  guint pixels = 0, visible = 0;

  for (gsize i = 0; i < truth->n_runs; i++)
    {
      const DwSceneRun *run = &truth->runs[i];

      pixels += (guint)run->length;
      visible += n_visible (stage, run->x, run->y, run->length);
    }
  expose (exposure, pixels, visible);
}

static void
expose_box (const Stage *stage, const DwRect *box, Exposure *exposure)
{
  guint visible = 0;

  for (gint y = box->y; y < box->y + box->height; y++)
    visible += n_visible (stage, box->x, y, box->width);
  expose (exposure, (guint)(box->width * box->height), visible);
}

static gdouble
share_of (const Exposure *exposure)
{
  return (gdouble)exposure->visible / (gdouble)MAX (exposure->pixels, 1);
}

static void
hold (const char *what, const Exposure *exposure, const Bound *bound)
{
  printf ("  %-8s %9" G_GUINT64_FORMAT " pixels, %5" G_GUINT64_FORMAT
          " visible (%.6f); in one frame at most %u, %.4f of it\n",
          what, exposure->pixels, exposure->visible, share_of (exposure),
          exposure->most, exposure->worst);
  fail_unless (exposure->pixels > 0, "no %s was ever there", what);
  fail_unless (share_of (exposure) <= bound->all, "%s: %f is visible", what,
               share_of (exposure));
  fail_unless (exposure->most <= bound->most, "%s: %u pixels in a frame", what,
               exposure->most);
  fail_unless (exposure->worst <= bound->worst, "%s: %f of it in a frame", what,
               exposure->worst);
}

static void
expect_window_hidden (const Stage *stage)
{
  Exposure window = { 0 };

  expose_box (stage, &stage->truth[DW_PART_WINDOW].box, &window);
  fail_unless (window.pixels > 0 && window.visible == 0,
               "%" G_GUINT64_FORMAT " pixels of the window are visible",
               window.visible);
}

static gboolean
is_empty (const Stage *stage, guint n)
{
  DwSceneMoment moment
      = dw_scene_moment (&stage->settings, n * DW_SECOND_NS / RATE);

  return n >= 3 * N_LEARNING / 2 && !moment.has_visitor && !moment.has_car;
}

GST_START_TEST (masked_share_shows_next_to_nothing_of_a_visit)
{
  const Case *one = &cases[__i__];
  Exposure visitor = { 0 }, face = { 0 }, plate = { 0 };
  Exposure empty = { 0 }, visit = { 0 };
  const DwRect picture = { 0, 0, one->width, one->height };
  guint n_open = 0;
  Stage stage;

  stage_open (&stage, one, DW_LEVEL_MASKED, MOTION);
  for (guint n = 0; n < N_FRAMES; n++)
    {
      if (!play (&stage, n, DW_LEVEL_MASKED))
        continue;
      n_open++;
      for (gint i = 0; n < N_LEARNING && i < stage.columns * stage.rows; i++)
        fail_unless (stage.filled[i], "frame %u shows cell %d", n, i);
      expect_window_hidden (&stage);
      expose_part (&stage, DW_PART_VISITOR, &visitor);
      expose_box (&stage, &stage.truth[DW_PART_FACE].box, &face);
      expose_part (&stage, DW_PART_PLATE, &plate);
      expose_box (&stage, &picture, is_empty (&stage, n) ? &empty : &visit);
    }
  printf ("%dx%d, seed %u, %s: %u frames\n", one->width, one->height, one->seed,
          one->is_night ? "night" : "day", n_open);
  hold ("visitor", &visitor, &one->visitor);
  hold ("face box", &face, &one->face);
  hold ("plate", &plate, &plate_bound);
  printf ("  of the empty scene %.3f is filled, of a visit %.3f\n",
          1 - share_of (&empty), 1 - share_of (&visit));
  fail_unless (empty.pixels > 0 && 1 - share_of (&empty) <= MAX_FILLED);
  fail_unless (n_open > N_FRAMES * 9 / 10, "%u frames", n_open);
  stage_close (&stage);
}
GST_END_TEST

/* What the figures above are worth: a box that misses the visitor leaves him
 * to be seen, and is counted. */
GST_START_TEST (box_in_the_wrong_place_is_noticed)
{
  Exposure visitor = { 0 };
  Stage stage;

  stage_open (&stage, &cases[0], DW_LEVEL_MASKED, "");
  stage.box = (DwRect){ 0, 0, CELL, CELL };
  for (guint n = 0; n < N_FRAMES; n++)
    if (play (&stage, n, DW_LEVEL_MASKED))
      expose_part (&stage, DW_PART_VISITOR, &visitor);
  fail_unless (share_of (&visitor) > 0.8, "%f", share_of (&visitor));
  stage_close (&stage);
}
GST_END_TEST

GST_START_TEST (neighbours_window_is_hidden_at_every_level)
{
  const DwLevel levels[]
      = { DW_LEVEL_MASKED, DW_LEVEL_BLURRED, DW_LEVEL_CLEAR };
  const DwLevel level = levels[__i__];
  guint n_open = 0;
  Stage stage;

  stage_open (&stage, &cases[0], level, MOTION);
  for (guint n = 0; n < N_FRAMES; n++)
    if (play (&stage, n, level))
      {
        n_open++;
        expect_window_hidden (&stage);
      }
  fail_unless (n_open > N_FRAMES * 9 / 10, "%u frames", n_open);
  stage_close (&stage);
}
GST_END_TEST

/* Of a visit without a grant every frame is one and the same card. */
GST_START_TEST (visit_without_a_grant_is_a_card)
{
  GstBuffer *card = NULL;
  Stage stage;

  stage_open (&stage, &cases[0], DW_LEVEL_NOTHING, MOTION);
  for (guint n = 0; n < N_FRAMES; n++)
    {
      GstBuffer *out = gst_harness_push_and_pull (stage.h, draw (&stage, n));

      fail_unless_equals_int (test_level_of (out), DW_LEVEL_NOTHING);
      if (card == NULL)
        card = gst_buffer_ref (out);
      fail_unless (test_same_bytes (out, card));
      gst_buffer_unref (out);
    }
  gst_buffer_unref (card);
  stage_close (&stage);
}
GST_END_TEST

static Suite *
masking_suite (void)
{
  Suite *suite = suite_create ("masking");
  TCase *tcase = tcase_create ("all");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 240);
  tcase_add_loop_test (tcase, masked_share_shows_next_to_nothing_of_a_visit, 0,
                       G_N_ELEMENTS (cases));
  tcase_add_test (tcase, box_in_the_wrong_place_is_noticed);
  tcase_add_loop_test (tcase, neighbours_window_is_hidden_at_every_level, 0, 3);
  tcase_add_test (tcase, visit_without_a_grant_is_a_card);
  return suite;
}

GST_CHECK_MAIN (masking);
