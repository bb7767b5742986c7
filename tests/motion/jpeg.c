/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JPEG pictures: the same events as raw ones, and closed whenever one is
 * damaged, cut, of another size or of another kind. */
#include "dwtest.h"

#include "cpu.h"
#include "motion.h"
#include "porch.h"

#include <jpeglib.h>

#include <string.h>

#define STEP (G_GINT64_CONSTANT (1000000000) / 10)

typedef struct
{
  gint width, height;
  gint sampling; /* of luma over chroma: 1 or 2; 0: grey only */
  gboolean is_progressive;
  gint restart; /* MCUs from marker to marker */
} Coding;

typedef struct
{
  guint8 *data;
  gulong size;
} Bytes;

static Bytes
encode (const Coding *coding, const guint8 *luma)
{
  struct jpeg_compress_struct c;
  struct jpeg_error_mgr errors;
  gint n = coding->sampling ? 3 : 1;
  guint8 *row = g_malloc ((gsize)coding->width * 3);
  Bytes bytes = { NULL, 0 };

  c.err = jpeg_std_error (&errors);
  jpeg_create_compress (&c);
  jpeg_mem_dest (&c, &bytes.data, &bytes.size);
  c.image_width = (JDIMENSION)coding->width;
  c.image_height = (JDIMENSION)coding->height;
  c.input_components = n;
  c.in_color_space = n == 3 ? JCS_YCbCr : JCS_GRAYSCALE;
  jpeg_set_defaults (&c);
  jpeg_set_quality (&c, 85, TRUE);
  if (n == 3)
    c.comp_info[0].h_samp_factor = c.comp_info[0].v_samp_factor
        = coding->sampling;
  if (coding->is_progressive)
    jpeg_simple_progression (&c);
  c.restart_interval = (unsigned)coding->restart;
  jpeg_start_compress (&c, TRUE);
  for (gint y = 0; y < coding->height; y++)
    {
      memset (row, 128, (gsize)coding->width * 3);
      for (gint x = 0; x < coding->width; x++)
        row[x * n] = luma[y * coding->width + x];
      jpeg_write_scanlines (&c, &row, 1);
    }
  jpeg_finish_compress (&c);
  jpeg_destroy_compress (&c);
  g_free (row);
  return bytes;
}

static DwMotion *
motion_new (gint width, gint height)
{
  DwMotionConfig config = { 0 };
  DwMotion *motion;

  assert_equals_int (dw_motion_new (&config, dw_cpu_detect (), &motion), DW_OK);
  assert_equals_int (dw_motion_set_size (motion, width, height), DW_OK);
  return motion;
}

static guint8 *
draw (const Porch *porch, gint width, gint height)
{
  guint8 *luma = g_malloc ((gsize)width * (gsize)height);

  for (gint i = 0; i < width * height; i++)
    luma[i] = porch_luma (porch, i % width, i / width, width, height);
  return luma;
}

typedef struct
{
  guint begins, ends;
  gint begin_at, end_at;
} Events;

static void
count (Events *events, const DwMotionReport *report, guint n)
{
  if (report->state == DW_MOTION_BEGIN && events->begins++ == 0)
    events->begin_at = (gint)n;
  if (report->state == DW_MOTION_END && events->ends++ == 0)
    events->end_at = (gint)n;
}

static void
play_both (const Coding *coding, Events *raw, Events *jpeg)
{
  DwMotion *of_raw = motion_new (coding->width, coding->height);
  DwMotion *of_jpeg = motion_new (coding->width, coding->height);

  for (guint n = 0; n < 70; n++)
    {
      Porch porch = { .seed = 4, .noise_seed = n };
      DwMotionReport report;
      DwPlane plane = { NULL, coding->width, coding->width, coding->height };
      Bytes bytes;

      porch.walker = n >= 20 && n < 45;
      porch.walker_x = 0.05 + 0.03 * (n - 20.0);
      plane.data = draw (&porch, coding->width, coding->height);
      bytes = encode (coding, plane.data);
      assert_equals_int (dw_motion_push (of_raw, &plane, n * STEP, &report),
                         DW_OK);
      count (raw, &report, n);
      assert_equals_int (dw_motion_push_jpeg (of_jpeg, bytes.data, bytes.size,
                                              n * STEP, &report),
                         DW_OK);
      fail_unless (n < 15 || report.is_learned);
      count (jpeg, &report, n);
      free (bytes.data);
      g_free (plane.data);
    }
  dw_motion_free (of_raw);
  dw_motion_free (of_jpeg);
}

static const Coding codings[] = {
  { 322, 242, 2, FALSE, 0 }, { 320, 240, 1, FALSE, 0 },
  { 320, 240, 0, FALSE, 0 }, { 321, 239, 2, FALSE, 5 },
  { 640, 720, 2, FALSE, 0 },
};

GST_START_TEST (jpeg_makes_the_events_of_the_raw_picture)
{
  Events raw = { 0 }, jpeg = { 0 };

  play_both (&codings[__i__], &raw, &jpeg);
  assert_equals_int (raw.begins, 1);
  assert_equals_int (raw.ends, 1);
  assert_equals_int (jpeg.begins, 1);
  assert_equals_int (jpeg.ends, 1);
  fail_unless (ABS (raw.begin_at - jpeg.begin_at) <= 2, "%d and %d",
               raw.begin_at, jpeg.begin_at);
  fail_unless (ABS (raw.end_at - jpeg.end_at) <= 3, "%d and %d", raw.end_at,
               jpeg.end_at);
}
GST_END_TEST

static void
check_closed (DwMotion *motion, const guint8 *data, gsize size, DwStatus wanted)
{
  DwMotionReport report;
  DwStatus status;

  memset (&report, 0xff, sizeof report);
  status = dw_motion_push_jpeg (motion, data, size, 0, &report);
  fail_unless (status == wanted
                   || (wanted == DW_ERROR_INVALID && status != DW_OK),
               "%s", dw_status_text (status));
  fail_if (report.is_learned);
  fail_unless (report.foreground == NULL);
  fail_unless (report.state == DW_MOTION_IDLE);
}

GST_START_TEST (other_kinds_and_sizes_are_refused)
{
  Coding coding = { 320, 240, 2, TRUE, 0 };
  Porch porch = { .seed = 4 };
  guint8 *luma = draw (&porch, 640, 480);
  DwMotion *motion = motion_new (320, 240);
  Bytes bytes = encode (&coding, luma);

  check_closed (motion, bytes.data, bytes.size, DW_ERROR_UNSUPPORTED);
  free (bytes.data);
  coding = (Coding){ 640, 480, 2, FALSE, 0 };
  bytes = encode (&coding, luma);
  check_closed (motion, bytes.data, bytes.size, DW_ERROR_UNSUPPORTED);
  free (bytes.data);
  check_closed (motion, luma, 640 * 480, DW_ERROR_INVALID);
  check_closed (motion, luma, 0, DW_ERROR_INVALID);
  check_closed (motion, NULL, 7, DW_ERROR_INVALID);
  dw_motion_free (motion);
  g_free (luma);
}
GST_END_TEST

/* Dimensions of 65500 x 65500 in a file of a few kilobytes. */
GST_START_TEST (bomb_is_refused_before_memory_is_taken)
{
  static const guint8 large[] = { 0xff, 0xdc, 0xff, 0xdc };
  Coding coding = { 320, 240, 2, FALSE, 0 };
  Porch porch = { .seed = 4 };
  guint8 *luma = draw (&porch, 320, 240);
  DwMotion *motion = motion_new (320, 240);
  Bytes bytes = encode (&coding, luma);
  gulong at = 0;

  while (bytes.data[at] != 0xff || bytes.data[at + 1] != 0xc0)
    at++;
  memcpy (bytes.data + at + 5, large, sizeof large);
  check_closed (motion, bytes.data, bytes.size, DW_ERROR_UNSUPPORTED);
  free (bytes.data);
  g_free (luma);
  dw_motion_free (motion);
}
GST_END_TEST

GST_START_TEST (cut_picture_is_closed_at_every_length)
{
  Coding coding = { 96, 64, 2, FALSE, 0 };
  Porch porch = { .seed = 4 };
  guint8 *luma = draw (&porch, 96, 64);
  DwMotion *motion = motion_new (96, 64);
  Bytes bytes = encode (&coding, luma);
  DwMotionReport report;

  /* Without its last two bytes, the end marker, nothing is missing but the
   * certainty. */
  for (gulong size = 1; size < bytes.size - 2; size++)
    {
      guint8 *cut = g_memdup2 (bytes.data, size);

      check_closed (motion, cut, size, DW_ERROR_INVALID);
      g_free (cut);
    }
  assert_equals_int (
      dw_motion_push_jpeg (motion, bytes.data, bytes.size, 0, &report), DW_OK);
  free (bytes.data);
  g_free (luma);
  dw_motion_free (motion);
}
GST_END_TEST

/* Any byte may be anything: an error or a report, never a crash; and an error
 * is a closed report. */
GST_START_TEST (damaged_picture_never_gives_half_a_report)
{
  Coding coding = { 96, 64, 2, FALSE, 3 };
  Porch porch = { .seed = 4 };
  guint8 *luma = draw (&porch, 96, 64);
  DwMotion *motion = motion_new (96, 64);
  Bytes bytes = encode (&coding, luma);
  GRand *random = g_rand_new_with_seed (3);
  guint refused = 0;

  for (guint i = 0; i < 4000; i++)
    {
      guint8 *data = g_memdup2 (bytes.data, bytes.size);
      DwMotionReport report;

      for (gint k = g_rand_int_range (random, 1, 5); k > 0; k--)
        data[g_rand_int_range (random, 2, (gint32)bytes.size)]
            = (guint8)g_rand_int (random);
      if (dw_motion_push_jpeg (motion, data, bytes.size, i * STEP, &report)
          != DW_OK)
        {
          refused++;
          fail_if (report.is_learned || report.foreground);
        }
      g_free (data);
    }
  fail_unless (refused > 400, "only %u refused", refused);
  g_rand_free (random);
  free (bytes.data);
  g_free (luma);
  dw_motion_free (motion);
}
GST_END_TEST

static Suite *
jpeg_suite (void)
{
  Suite *suite = suite_create ("motion of JPEG");
  TCase *tcase = tcase_create ("jpeg");

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 170);
  tcase_add_loop_test (tcase, jpeg_makes_the_events_of_the_raw_picture, 0,
                       G_N_ELEMENTS (codings));
  tcase_add_test (tcase, other_kinds_and_sizes_are_refused);
  tcase_add_test (tcase, bomb_is_refused_before_memory_is_taken);
  tcase_add_test (tcase, cut_picture_is_closed_at_every_length);
  tcase_add_test (tcase, damaged_picture_never_gives_half_a_report);
  return suite;
}

GST_CHECK_MAIN (jpeg)
