/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* memmem */
/* The oracle for JPEG: what lies under the mask cannot be told from the
 * output, every other coefficient is untouched, nothing rides along, and what
 * is not plain baseline is refused. */
#include "jpegtest.h"

#include "jpegredact.h"

#define ROUNDS 250

static const JpegRecipe recipes[] = {
  { .h = 2, .v = 2, .quality = 80 },
  { .h = 2, .v = 1, .quality = 75, .is_optimised = true },
  { .h = 1, .v = 1, .quality = 90, .restart_rows = 1 },
  { .h = 4, .v = 1, .quality = 60 },
  { .h = 1, .v = 2, .quality = 95 },
  { .h = 1, .v = 1, .quality = 50, .is_grey = true },
  { .h = 2, .v = 2, .quality = 100, .is_grey = true, .is_optimised = true },
  { .h = 2, .v = 2, .quality = 30, .restart_rows = 2, .has_extras = true },
};

static JpegRecipe
random_recipe (int i, uint64_t *seed)
{
  JpegRecipe recipe = recipes[i % (int)G_N_ELEMENTS (recipes)];

  recipe.width = 1 + chance_below (seed, chance_below (seed, 4) ? 100 : 400);
  recipe.height = 1 + chance_below (seed, chance_below (seed, 4) ? 100 : 400);
  return recipe;
}

/* Where a test meets the blocks of a picture. */
typedef void (*BlockFunc) (JCOEF *block, int component, bool is_filled,
                           int rect, void *user_data);

static void
for_each_block (Coefficients *coefficients, const DwMask *mask, BlockFunc func,
                void *user_data)
{
  for (int i = 0; i < coefficients->jpeg.num_components; i++)
    {
      const jpeg_component_info *info = &coefficients->jpeg.comp_info[i];

      for (int y = 0; y < (int)info->height_in_blocks; y++)
        for (int x = 0; x < (int)info->width_in_blocks; x++)
          func (coefficients_block (coefficients, i, x, y), i,
                is_block_filled (coefficients, mask, i, x, y),
                block_rect (coefficients, mask, i, x, y), user_data);
    }
}

static void
change_filled (JCOEF *block, int component, bool is_filled, int rect,
               void *user_data)
{
  uint64_t *seed = user_data;

  (void)component;
  (void)rect;
  if (!is_filled)
    return;
  block[0] = (JCOEF)(chance_below (seed, 100) - 50);
  for (int i = 1; i < DCTSIZE2; i++)
    block[i]
        = (JCOEF)(chance_below (seed, 8) ? 0 : chance_below (seed, 60) - 30);
}

/* The same mean DC, and everything else different. */
static void
change_blurred (JCOEF *block, int component, bool is_filled, int rect,
                void *user_data)
{
  (void)component;
  if (!is_filled && rect >= 0)
    for (int i = 1; i < DCTSIZE2; i++)
      block[i] = (JCOEF)(chance_below (user_data, 60) - 30);
}

static Jpeg
jpeg_changed (const Jpeg *jpeg, const JpegRecipe *recipe, const DwMask *mask,
              BlockFunc change, void *user_data)
{
  Coefficients coefficients;
  Jpeg changed;

  coefficients_open (&coefficients, jpeg->data, jpeg->size);
  for_each_block (&coefficients, mask, change, user_data);
  changed = coefficients_write (&coefficients, recipe);
  coefficients_close (&coefficients);
  return changed;
}

/* What the output's blocks must be. */
typedef struct
{
  const JCOEF *next; /* source blocks in the same order */
  int n_kept_changed, n_ac_left;
  int n_not_constant;
  bool has_fill[3];
  JCOEF fill[3];
} Verdict;

static void
store_block (JCOEF *block, int component, bool is_filled, int rect,
             void *user_data)
{
  (void)component;
  (void)is_filled;
  (void)rect;
  g_byte_array_append (user_data, (const guint8 *)block,
                       DCTSIZE2 * sizeof *block);
}

static void
judge_block (JCOEF *block, int component, bool is_filled, int rect,
             void *user_data)
{
  Verdict *verdict = user_data;
  const JCOEF *source = verdict->next;

  verdict->next += DCTSIZE2;
  if (!is_filled && rect < 0)
    {
      verdict->n_kept_changed
          += memcmp (block, source, DCTSIZE2 * sizeof *block) != 0;
      return;
    }
  for (int i = 1; i < DCTSIZE2; i++)
    verdict->n_ac_left += block[i] != 0;
  if (!is_filled)
    return;
  if (!verdict->has_fill[component])
    verdict->fill[component] = block[0];
  verdict->has_fill[component] = true;
  verdict->n_not_constant += block[0] != verdict->fill[component];
}

static void
assert_blocks (const Jpeg *source, const uint8_t *out, size_t out_size,
               const DwMask *mask)
{
  GByteArray *blocks = g_byte_array_new ();
  Coefficients coefficients;
  Verdict verdict = { 0 };

  coefficients_open (&coefficients, source->data, source->size);
  for_each_block (&coefficients, mask, store_block, blocks);
  coefficients_close (&coefficients);

  coefficients_open (&coefficients, out, out_size);
  verdict.next = (const JCOEF *)(const void *)blocks->data;
  for_each_block (&coefficients, mask, judge_block, &verdict);
  fail_unless_equals_int (verdict.n_kept_changed, 0);
  fail_unless_equals_int (verdict.n_ac_left, 0);
  fail_unless_equals_int (verdict.n_not_constant, 0);
  for (int i = 0; i < coefficients.jpeg.num_components; i++)
    if (verdict.has_fill[i])
      {
        const int q = coefficients.jpeg.comp_info[i].quant_table->quantval[0];
        const int want = i == 0 ? (DW_FILL_Y - 128) * 8 : 0;

        /* As near as the table allows. */
        fail_unless (abs (verdict.fill[i] * q - want) * 2 <= q);
      }
  coefficients_close (&coefficients);
  g_byte_array_unref (blocks);
}

static void
check_round (const JpegRecipe *recipe, bool is_blurred, BlockFunc change,
             uint64_t *seed)
{
  JpegRecipe other = *recipe;
  DwJpegRedactor *one, *two;
  DwMasker *masker;
  const uint8_t *out, *out_changed;
  size_t size, size_changed;
  Jpeg jpeg, changed;
  DwMask mask;

  fail_unless (dw_jpeg_redactor_new (&one) == DW_OK);
  fail_unless (dw_jpeg_redactor_new (&two) == DW_OK);
  fail_unless (dw_masker_new (0, 1.0f, &masker) == DW_OK);
  mask = random_mask (masker, recipe->width, recipe->height, is_blurred, seed);
  jpeg = jpeg_make (recipe, seed);
  /* The changed one is coded in another way as well. */
  other.is_optimised = !recipe->is_optimised;
  other.restart_rows = recipe->restart_rows ? 0 : 1;
  changed = jpeg_changed (&jpeg, &other, &mask, change, seed);

  fail_unless (dw_jpeg_redact (one, jpeg.data, jpeg.size, &mask, &out, &size)
               == DW_OK);
  fail_unless (dw_jpeg_redact (two, changed.data, changed.size, &mask,
                               &out_changed, &size_changed)
               == DW_OK);
  fail_unless (size == size_changed && memcmp (out, out_changed, size) == 0);
  assert_blocks (&jpeg, out, size, &mask);

  free (jpeg.data);
  free (changed.data);
  dw_masker_free (masker);
  dw_jpeg_redactor_free (one);
  dw_jpeg_redactor_free (two);
}

GST_START_TEST (masked_output_tells_nothing_of_hidden_blocks)
{
  uint64_t seed = 0x9e3779b97f4a7c15;

  for (int i = 0; i < ROUNDS; i++)
    {
      JpegRecipe recipe = random_recipe (i, &seed);

      check_round (&recipe, false, change_filled, &seed);
    }
}
GST_END_TEST

GST_START_TEST (blurred_output_tells_only_the_mean)
{
  uint64_t seed = 0xda942042e4dd58b5;

  for (int i = 0; i < ROUNDS; i++)
    {
      JpegRecipe recipe = random_recipe (i, &seed);

      check_round (&recipe, true, i % 2 ? change_filled : change_blurred,
                   &seed);
    }
}
GST_END_TEST

/* Sums of DCs under one blurred rectangle. */
typedef struct
{
  int rect;
  int64_t sum[3], count[3];
  bool is_mixed;
  int dc[3];
} Means;

static void
collect_mean (JCOEF *block, int component, bool is_filled, int rect,
              void *user_data)
{
  Means *means = user_data;

  if (is_filled || rect != means->rect)
    return;
  if (means->count[component] > 0 && means->dc[component] != block[0])
    means->is_mixed = true;
  means->dc[component] = block[0];
  means->sum[component] += block[0];
  means->count[component]++;
}

GST_START_TEST (blurred_rectangle_has_one_colour_its_mean)
{
  uint64_t seed = 0x2545f4914f6cdd1d;
  DwJpegRedactor *redactor;
  DwMasker *masker;

  fail_unless (dw_jpeg_redactor_new (&redactor) == DW_OK);
  fail_unless (dw_masker_new (0, 1.0f, &masker) == DW_OK);
  for (int i = 0; i < ROUNDS; i++)
    {
      JpegRecipe recipe = random_recipe (i, &seed);
      Jpeg jpeg = jpeg_make (&recipe, &seed);
      DwMask mask
          = random_mask (masker, recipe.width, recipe.height, true, &seed);
      const uint8_t *out;
      size_t size;

      fail_unless (
          dw_jpeg_redact (redactor, jpeg.data, jpeg.size, &mask, &out, &size)
          == DW_OK);
      for (int r = 0; r < (int)mask.n_blurred; r++)
        {
          Means before = { .rect = r }, after = { .rect = r };
          Coefficients coefficients;

          coefficients_open (&coefficients, jpeg.data, jpeg.size);
          for_each_block (&coefficients, &mask, collect_mean, &before);
          coefficients_close (&coefficients);
          coefficients_open (&coefficients, out, size);
          for_each_block (&coefficients, &mask, collect_mean, &after);
          coefficients_close (&coefficients);
          fail_unless (!after.is_mixed);
          for (int c = 0; c < 3; c++)
            fail_unless (before.count[c] == after.count[c]
                         && ABS (before.sum[c] - after.dc[c] * before.count[c])
                                    * 2
                                <= before.count[c]);
        }
      free (jpeg.data);
    }
  dw_masker_free (masker);
  dw_jpeg_redactor_free (redactor);
}
GST_END_TEST

static bool
contains (const uint8_t *data, size_t size, const char *text)
{
  return memmem (data, size, text, strlen (text)) != NULL;
}

GST_START_TEST (markers_and_trailing_bytes_do_not_ride_along)
{
  const JpegRecipe recipe = {
    .width = 64, .height = 48, .h = 2, .v = 2, .quality = 80, .has_extras = true
  };
  uint64_t seed = 88172645463325252;
  Jpeg jpeg = jpeg_make (&recipe, &seed);
  uint8_t cells[12];
  DwMask mask
      = { .width = 64, .height = 48, .columns = 4, .rows = 3, .cells = cells };
  DwJpegRedactor *redactor;
  const uint8_t *out;
  size_t size;

  memset (cells, DW_CELL_KEEP, sizeof cells);
  fail_unless (contains (jpeg.data, jpeg.size, EXTRA_SECRET));
  fail_unless (dw_jpeg_redactor_new (&redactor) == DW_OK);
  fail_unless (
      dw_jpeg_redact (redactor, jpeg.data, jpeg.size, &mask, &out, &size)
      == DW_OK);
  fail_if (contains (out, size, EXTRA_SECRET));
  fail_if (contains (out, size, "Exif"));
  fail_if (contains (out, size, "JFXX"));
  fail_unless (contains (out, 16, "JFIF"));
  fail_unless (out[size - 2] == 0xff && out[size - 1] == JPEG_EOI);
  assert_blocks (&jpeg, out, size, &mask);
  dw_jpeg_redactor_free (redactor);
  free (jpeg.data);
}
GST_END_TEST

static void
assert_refused (const uint8_t *data, size_t size, const DwMask *mask,
                DwStatus status)
{
  DwJpegRedactor *redactor;
  const uint8_t *out = data;
  size_t out_size = 1;

  fail_unless (dw_jpeg_redactor_new (&redactor) == DW_OK);
  fail_unless_equals_int (
      dw_jpeg_redact (redactor, data, size, mask, &out, &out_size), status);
  fail_unless (out == NULL && out_size == 0);
  dw_jpeg_redactor_free (redactor);
}

GST_START_TEST (everything_but_plain_baseline_is_refused)
{
  JpegRecipe recipe
      = { .width = 40, .height = 40, .h = 2, .v = 2, .quality = 80 };
  uint64_t seed = 1181783497276652981;
  uint8_t cells[9] = { 0 };
  DwMask mask
      = { .width = 40, .height = 40, .columns = 3, .rows = 3, .cells = cells };
  int width, height;
  Jpeg jpeg;

  recipe.is_progressive = true;
  jpeg = jpeg_make (&recipe, &seed);
  assert_refused (jpeg.data, jpeg.size, &mask, DW_ERROR_UNSUPPORTED);
  fail_unless (dw_jpeg_size (jpeg.data, jpeg.size, &width, &height)
               == DW_ERROR_UNSUPPORTED);
  free (jpeg.data);
  recipe.is_progressive = false;
  recipe.is_arithmetic = true;
  jpeg = jpeg_make (&recipe, &seed);
  assert_refused (jpeg.data, jpeg.size, &mask, DW_ERROR_UNSUPPORTED);
  free (jpeg.data);
  recipe.is_arithmetic = false;
  jpeg = jpeg_make (&recipe, &seed);
  mask.width = 41;
  assert_refused (jpeg.data, jpeg.size, &mask, DW_ERROR_INVALID);
  mask.width = 40;
  assert_refused (jpeg.data, 0, &mask, DW_ERROR_INVALID);
  assert_refused ((const uint8_t *)"not a picture", 13, &mask,
                  DW_ERROR_INVALID);
  free (jpeg.data);
}
GST_END_TEST

GST_START_TEST (picture_cut_anywhere_is_refused)
{
  const JpegRecipe recipe
      = { .width = 40, .height = 33, .h = 2, .v = 1, .quality = 60 };
  uint64_t seed = 0x5851f42d4c957f2d;
  Jpeg jpeg = jpeg_make (&recipe, &seed);
  uint8_t cells[9] = { 0 };
  DwMask mask
      = { .width = 40, .height = 33, .columns = 3, .rows = 3, .cells = cells };

  for (unsigned long size = 1; size < jpeg.size; size++)
    {
      /* In memory of its own size, for the sanitizer. */
      uint8_t *cut = g_memdup2 (jpeg.data, size);

      assert_refused (cut, size, &mask, DW_ERROR_INVALID);
      g_free (cut);
    }
  free (jpeg.data);
}
GST_END_TEST

GST_START_TEST (damaged_picture_gives_status_or_picture_never_a_crash)
{
  const JpegRecipe recipe = {
    .width = 70, .height = 50, .h = 2, .v = 2, .quality = 70, .has_extras = true
  };
  uint64_t seed = 0x14057b7ef767814f;
  Jpeg jpeg = jpeg_make (&recipe, &seed);
  uint8_t cells[20] = { 0 };
  DwMask mask
      = { .width = 70, .height = 50, .columns = 5, .rows = 4, .cells = cells };
  DwJpegRedactor *redactor;
  int n_refused = 0;

  fail_unless (dw_jpeg_redactor_new (&redactor) == DW_OK);
  for (int i = 0; i < 2000; i++)
    {
      uint8_t *damaged = g_memdup2 (jpeg.data, jpeg.size);
      const uint8_t *out;
      size_t size;
      DwStatus status;

      for (int n = 1 + chance_below (&seed, 4); n > 0; n--)
        damaged[chance_below (&seed, (int)jpeg.size)] = (uint8_t)chance (&seed);
      status
          = dw_jpeg_redact (redactor, damaged, jpeg.size, &mask, &out, &size);
      if ((status == DW_OK) != (out != NULL))
        fail ("status %d with picture %p", status, (const void *)out);
      n_refused += status != DW_OK;
      g_free (damaged);
    }
  fail_unless (n_refused > 100);
  /* The redactor is none the worse for it. */
  {
    const uint8_t *out;
    size_t size;

    fail_unless (
        dw_jpeg_redact (redactor, jpeg.data, jpeg.size, &mask, &out, &size)
        == DW_OK);
  }
  dw_jpeg_redactor_free (redactor);
  free (jpeg.data);
}
GST_END_TEST

/* Luma blocks get the DC and one AC that user_data holds. */
static void
set_block (JCOEF *block, int component, bool is_filled, int rect,
           void *user_data)
{
  const JCOEF *values = user_data;

  (void)is_filled;
  (void)rect;
  if (component == 0)
    {
      block[0] = values[0];
      block[5] = values[1];
    }
}

GST_START_TEST (largest_coefficients_are_kept)
{
  static JCOEF extremes[][2] = { { -1024, 1023 }, { 1023, -1023 } };
  JpegRecipe recipe
      = { .width = 24, .height = 24, .h = 1, .v = 1, .quality = 80 };
  uint64_t seed = 0x9e3779b97f4a7c15;
  Jpeg jpeg = jpeg_make (&recipe, &seed);
  uint8_t cells[4];
  DwMask mask
      = { .width = 24, .height = 24, .columns = 2, .rows = 2, .cells = cells };
  DwJpegRedactor *redactor;

  memset (cells, DW_CELL_KEEP, sizeof cells);
  recipe.is_optimised = true;
  fail_unless (dw_jpeg_redactor_new (&redactor) == DW_OK);
  for (size_t i = 0; i < G_N_ELEMENTS (extremes); i++)
    {
      Jpeg changed
          = jpeg_changed (&jpeg, &recipe, &mask, set_block, extremes[i]);
      const uint8_t *out;
      size_t size;

      fail_unless (dw_jpeg_redact (redactor, changed.data, changed.size, &mask,
                                   &out, &size)
                   == DW_OK);
      assert_blocks (&changed, out, size, &mask);
      free (changed.data);
    }
  dw_jpeg_redactor_free (redactor);
  free (jpeg.data);
}
GST_END_TEST

/* Damage can make what the standard tables have no code for; written with them
 * it would be noise. libjpeg does not write such a picture, so it was found. */
GST_START_TEST (coefficient_without_a_code_is_refused)
{
  gchar *path = g_build_filename (g_getenv ("DOORWARD_SOURCE"), "tests", "fuzz",
                                  "corpus", "jpeg",
                                  "coefficient-without-code.jpg", NULL);
  uint8_t cells[6];
  DwMask mask
      = { .width = 24, .height = 40, .columns = 2, .rows = 3, .cells = cells };
  gchar *data;
  gsize size;

  memset (cells, DW_CELL_KEEP, sizeof cells);
  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  assert_refused ((const uint8_t *)data, size, &mask, DW_ERROR_INVALID);
  g_free (data);
  g_free (path);
}
GST_END_TEST

/* A header that promises much more than the file can hold must not make us
 * allocate for it. */
GST_START_TEST (small_file_of_huge_size_is_refused)
{
  const JpegRecipe recipe
      = { .width = 16, .height = 16, .h = 2, .v = 2, .quality = 50 };
  uint64_t seed = 7046029254386353087;
  Jpeg jpeg = jpeg_make (&recipe, &seed);
  DwMasker *masker;
  DwMask mask;
  uint8_t *sof;
  int width, height;

  sof = memmem (jpeg.data, jpeg.size, "\xff\xc0", 2);
  fail_unless (sof != NULL);
  sof[5] = sof[7] = 0x40;
  sof[6] = sof[8] = 0x00;
  fail_unless (dw_jpeg_size (jpeg.data, jpeg.size, &width, &height) == DW_OK);
  fail_unless (width == 16384 && height == 16384);
  fail_unless (dw_masker_new (0, 1, &masker) == DW_OK);
  fail_unless (dw_masker_set_size (masker, width, height) == DW_OK);
  dw_masker_end (masker, false, &mask);
  assert_refused (jpeg.data, jpeg.size, &mask, DW_ERROR_INVALID);
  dw_masker_free (masker);
  free (jpeg.data);
}
GST_END_TEST

GST_START_TEST (size_is_read_without_the_picture)
{
  uint64_t seed = 0x853c49e6748fea9b;

  for (int i = 0; i < 32; i++)
    {
      JpegRecipe recipe = random_recipe (i, &seed);
      Jpeg jpeg = jpeg_make (&recipe, &seed);
      int width, height;

      fail_unless (dw_jpeg_size (jpeg.data, jpeg.size, &width, &height)
                   == DW_OK);
      fail_unless_equals_int (width, recipe.width);
      fail_unless_equals_int (height, recipe.height);
      free (jpeg.data);
    }
}
GST_END_TEST

GST_START_TEST (card_depends_on_its_size_only)
{
  DwJpegRedactor *one, *two;
  const uint8_t *a, *b;
  size_t a_size, b_size;
  int width, height;

  fail_unless (dw_jpeg_redactor_new (&one) == DW_OK);
  fail_unless (dw_jpeg_redactor_new (&two) == DW_OK);
  fail_unless (dw_jpeg_card (two, 33, 7, &b, &b_size) == DW_OK);
  for (int side = 1; side < 400; side += 37)
    {
      fail_unless (dw_jpeg_card (one, side, 2 * side, &a, &a_size) == DW_OK);
      fail_unless (dw_jpeg_card (two, side, 2 * side, &b, &b_size) == DW_OK);
      fail_unless (a_size == b_size && memcmp (a, b, a_size) == 0);
      fail_unless (dw_jpeg_size (a, a_size, &width, &height) == DW_OK);
      fail_unless (width == side && height == 2 * side);
    }
  fail_unless (dw_jpeg_card (one, 0, 5, &a, &a_size) == DW_ERROR_INVALID);
  fail_unless (a == NULL && a_size == 0);
  dw_jpeg_redactor_free (one);
  dw_jpeg_redactor_free (two);
}
GST_END_TEST

static Suite *
jpeg_suite (void)
{
  Suite *suite = suite_create ("jpegredact");
  TCase *tests = tcase_create ("jpeg");

  tcase_set_timeout (tests, 120);
  tcase_add_test (tests, masked_output_tells_nothing_of_hidden_blocks);
  tcase_add_test (tests, blurred_output_tells_only_the_mean);
  tcase_add_test (tests, blurred_rectangle_has_one_colour_its_mean);
  tcase_add_test (tests, markers_and_trailing_bytes_do_not_ride_along);
  tcase_add_test (tests, everything_but_plain_baseline_is_refused);
  tcase_add_test (tests, picture_cut_anywhere_is_refused);
  tcase_add_test (tests, damaged_picture_gives_status_or_picture_never_a_crash);
  tcase_add_test (tests, largest_coefficients_are_kept);
  tcase_add_test (tests, coefficient_without_a_code_is_refused);
  tcase_add_test (tests, small_file_of_huge_size_is_refused);
  tcase_add_test (tests, size_is_read_without_the_picture);
  tcase_add_test (tests, card_depends_on_its_size_only);
  suite_add_tcase (suite, tests);
  return suite;
}

GST_CHECK_MAIN (jpeg)
