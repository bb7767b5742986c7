/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a picture shows after the filter: every level, every format, and the
 * oracle of the masked level at the element. */
#include "filtertest.h"
#include "gstforegroundmeta.h"
#include "redact.h"

static const GstVideoFormat formats[] = {
  GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_YV12,  GST_VIDEO_FORMAT_NV12,
  GST_VIDEO_FORMAT_NV21, GST_VIDEO_FORMAT_GRAY8, GST_VIDEO_FORMAT_YUY2,
  GST_VIDEO_FORMAT_UYVY,
};

static const DwFormat dw_formats[] = {
  DW_FORMAT_I420,  DW_FORMAT_YV12, DW_FORMAT_NV12, DW_FORMAT_NV21,
  DW_FORMAT_GRAY8, DW_FORMAT_YUY2, DW_FORMAT_UYVY,
};

/* What the core makes of a frame of this size: filled, or the card. */
static GstBuffer *
expected_frame (guint f, const GstVideoInfo *info, gboolean is_card)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, info->size, NULL);
  DwFrame frame = { .format = dw_formats[f],
                    .width = info->width,
                    .height = info->height };
  GstMapInfo map;

  gst_buffer_memset (buffer, 0, 0, info->size);
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READWRITE));
  for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES (info); i++)
    {
      gsize end = i + 1 < GST_VIDEO_INFO_N_PLANES (info) ? info->offset[i + 1]
                                                         : info->size;

      frame.data[i] = map.data + info->offset[i];
      frame.stride[i] = info->stride[i];
      frame.size[i] = end - info->offset[i];
    }
  fail_unless_equals_int (
      is_card ? dw_card_draw (&frame) : dw_redact_frame_fill (&frame), DW_OK);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

GST_START_TEST (clear_picture_is_untouched)
{
  GRand *rand = g_rand_new_with_seed (1);

  for (guint f = 0; f < G_N_ELEMENTS (formats); f++)
    {
      TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
      GstVideoInfo info;
      GstBuffer *in, *copy, *out;

      test_filter_set_video (&self, &info, formats[f], 64, 48);
      in = test_noise (rand, info.size);
      copy = gst_buffer_copy_deep (in);
      out = test_filter_treat (&self, in);
      fail_unless_equals_int (test_level_of (out), DW_LEVEL_CLEAR);
      fail_unless (test_same_bytes (out, copy));
      fail_unless_equals_uint64 (test_filter_stat (&self, "shown"), 1);
      gst_buffer_unref (out);
      gst_buffer_unref (copy);
      test_filter_free (&self);
    }
  g_rand_free (rand);
}
GST_END_TEST

static void
expect_whole_frame (DwLevel level, gboolean is_card, gint width, gint height)
{
  GRand *rand = g_rand_new_with_seed (2);

  for (guint f = 0; f < G_N_ELEMENTS (formats); f++)
    {
      TestFilter self = test_filter_new (level, NULL);
      GstVideoInfo info;
      GstBuffer *out, *expected;

      test_filter_set_video (&self, &info, formats[f], width, height);
      out = test_filter_treat (&self, test_noise (rand, info.size));
      expected = expected_frame (f, &info, is_card);
      fail_unless_equals_int (test_level_of (out), level);
      fail_unless (test_same_bytes (out, expected));
      fail_unless_equals_uint64 (GST_BUFFER_PTS (out), 0);
      gst_buffer_unref (out);
      gst_buffer_unref (expected);
      test_filter_free (&self);
    }
  g_rand_free (rand);
}

GST_START_TEST (without_a_grant_there_is_the_card)
{
  expect_whole_frame (DW_LEVEL_NOTHING, TRUE, 64, 48);
  expect_whole_frame (DW_LEVEL_NOTHING, TRUE, 31, 17);
}
GST_END_TEST

GST_START_TEST (masked_picture_of_which_nothing_is_known_is_filled)
{
  expect_whole_frame (DW_LEVEL_MASKED, FALSE, 64, 48);
  expect_whole_frame (DW_LEVEL_MASKED, FALSE, 31, 17);
}
GST_END_TEST

/* Overwrites the pixels of `rect` with noise; nothing outside of it. */
static void
scribble (GRand *rand, GstBuffer *buffer, const GstVideoInfo *info,
          const DwRect *rect)
{
  GstVideoFrame frame;

  fail_unless (gst_video_frame_map (&frame, info, buffer, GST_MAP_READWRITE));
  for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS (&frame); c++)
    {
      gint ws = GST_VIDEO_FORMAT_INFO_W_SUB (info->finfo, c);
      gint hs = GST_VIDEO_FORMAT_INFO_H_SUB (info->finfo, c);
      gint step = GST_VIDEO_FRAME_COMP_PSTRIDE (&frame, c);

      for (gint y = (rect->y + (1 << hs) - 1) >> hs;
           y < (rect->y + rect->height) >> hs; y++)
        for (gint x = (rect->x + (1 << ws) - 1) >> ws;
             x < (rect->x + rect->width) >> ws; x++)
          ((guint8 *)GST_VIDEO_FRAME_COMP_DATA (
              &frame,
              c))[y * GST_VIDEO_FRAME_COMP_STRIDE (&frame, c) + x * step]
              = (guint8)g_rand_int (rand);
    }
  gst_video_frame_unmap (&frame);
}

/* The same picture in a buffer with wider rows and noise in the padding. */
static GstBuffer *
with_padding (GRand *rand, GstBuffer *buffer, const GstVideoInfo *info, guint f)
{
  GstVideoInfo wide = *info;
  GstVideoAlignment align;
  GstVideoFrame from, to;
  GstBuffer *out;

  gst_video_alignment_reset (&align);
  align.padding_right = 13;
  align.padding_bottom = 5;
  fail_unless (gst_video_info_align (&wide, &align));
  out = test_noise (rand, wide.size);
  gst_buffer_add_video_meta_full (
      out, 0, GST_VIDEO_INFO_FORMAT (info), info->width, info->height,
      GST_VIDEO_INFO_N_PLANES (info), wide.offset, wide.stride);
  fail_unless (gst_video_frame_map (&from, info, buffer, GST_MAP_READ));
  fail_unless (gst_video_frame_map (&to, info, out, GST_MAP_WRITE));
  for (gint i = 0; i < dw_format_planes (dw_formats[f]); i++)
    for (gint y = 0; y < dw_format_rows (dw_formats[f], i, info->height); y++)
      memcpy ((guint8 *)to.data[i] + y * wide.stride[i],
              (guint8 *)from.data[i] + y * info->stride[i],
              dw_format_row_bytes (dw_formats[f], i, info->width));
  gst_video_frame_unmap (&to);
  gst_video_frame_unmap (&from);
  gst_buffer_unref (buffer);
  return out;
}

static DwRect
random_rect (GRand *rand, gint width, gint height)
{
  gint w = g_rand_int_range (rand, 1, width + 1);
  gint h = g_rand_int_range (rand, 1, height + 1);

  return (DwRect){ g_rand_int_range (rand, 0, width - w + 1),
                   g_rand_int_range (rand, 0, height - h + 1), w, h };
}

static GstBuffer *
treat_once (guint f, GstBuffer *buffer, const DwRect *rect, gint width,
            gint height)
{
  TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
  GstVideoInfo info;
  GstBuffer *out;

  test_filter_set_video (&self, &info, formats[f], width, height);
  gst_buffer_add_video_region_of_interest_meta (
      buffer, "person", rect->x, rect->y, rect->width, rect->height);
  out = test_filter_treat (&self, buffer);
  fail_unless_equals_int (test_level_of (out), DW_LEVEL_MASKED);
  test_filter_free (&self);
  return out;
}

/* Two inputs that differ only under the mask, and in their padding, give the
 * same bytes. */
GST_START_TEST (masked_output_says_nothing_of_what_is_under_the_mask)
{
  GRand *rand = g_rand_new_with_seed (3);

  for (guint round = 0; round < 42; round++)
    {
      guint f = round % G_N_ELEMENTS (formats);
      gint width = g_rand_int_range (rand, 2, 200);
      gint height = g_rand_int_range (rand, 2, 200);
      DwRect rect = random_rect (rand, width, height);
      GstCaps *caps = test_video_caps (formats[f], width, height);
      GstVideoInfo info;
      GstBuffer *a, *b;

      fail_unless (gst_video_info_from_caps (&info, caps));
      gst_caps_unref (caps);
      a = test_noise (rand, info.size);
      b = gst_buffer_copy_deep (a);
      scribble (rand, b, &info, &rect);
      if (round % 2)
        b = with_padding (rand, b, &info, f);
      a = treat_once (f, a, &rect, width, height);
      b = treat_once (f, b, &rect, width, height);
      fail_unless (test_same_bytes (a, b), "round %u: %s %dx%d", round,
                   gst_video_format_to_string (formats[f]), width, height);
      gst_buffer_unref (a);
      gst_buffer_unref (b);
    }
  g_rand_free (rand);
}
GST_END_TEST

static guint8
luma_at (GstBuffer *buffer, const GstVideoInfo *info, gint x, gint y)
{
  guint8 value = 0;

  gst_buffer_extract (buffer, (gsize)(y * info->stride[0] + x), &value, 1);
  return value;
}

/* A grey picture, 160x128. */
static GstBuffer *
grey (TestFilter *self, GstVideoInfo *info)
{
  GstBuffer *buffer;

  test_filter_set_video (self, info, GST_VIDEO_FORMAT_GRAY8, 160, 128);
  buffer = gst_buffer_new_allocate (NULL, info->size, NULL);
  gst_buffer_memset (buffer, 0, 200, info->size);
  GST_BUFFER_PTS (buffer) = 0;
  return buffer;
}

GST_START_TEST (masked_picture_shows_what_is_not_private)
{
  TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
  GstVideoInfo info;
  GstBuffer *in = grey (&self, &info);
  GstBuffer *out;

  gst_buffer_add_video_region_of_interest_meta (in, "face", 16, 16, 32, 32);
  out = test_filter_treat (&self, in);
  fail_unless_equals_int (luma_at (out, &info, 30, 30), DW_FILL_Y);
  fail_unless_equals_int (luma_at (out, &info, 150, 120), 200);
  fail_unless_equals_uint64 (test_filter_stat (&self, "masked"), 1);
  gst_buffer_unref (out);
  test_filter_free (&self);
}
GST_END_TEST

static GstBuffer *
treat_with_foreground (TestFilter *self, GstVideoInfo *info, gint width,
                       gboolean is_learned)
{
  GstBuffer *in = grey (self, info);
  guint8 *cells = g_malloc0 (20 * 16);
  GBytes *bytes;

  cells[2 * 20 + 2] = 1;
  bytes = g_bytes_new_take (cells, 20 * 16);
  gst_buffer_add_foreground_meta (
      in, &(GstForegroundGrid){ width, 128, 20, 16, 8 }, is_learned, bytes);
  gst_buffer_get_foreground_meta (in)->source_width = 160;
  gst_buffer_get_foreground_meta (in)->source_height = 128;
  g_bytes_unref (bytes);
  return test_filter_treat (self, in);
}

GST_START_TEST (foreground_is_hidden_and_the_learned_scene_is_not)
{
  TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
  GstVideoInfo info;
  GstBuffer *out = treat_with_foreground (&self, &info, 160, TRUE);

  fail_unless_equals_int (luma_at (out, &info, 20, 20), DW_FILL_Y);
  fail_unless_equals_int (luma_at (out, &info, 100, 100), 200);
  gst_buffer_unref (out);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (foreground_of_another_size_hides_everything)
{
  TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
  GstVideoInfo info;
  GstBuffer *out = treat_with_foreground (&self, &info, 128, TRUE);

  fail_unless_equals_int (luma_at (out, &info, 100, 100), DW_FILL_Y);
  gst_buffer_unref (out);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (scene_that_is_not_learned_hides_everything)
{
  TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
  GstVideoInfo info;
  GstBuffer *out = treat_with_foreground (&self, &info, 160, FALSE);

  fail_unless_equals_int (luma_at (out, &info, 100, 100), DW_FILL_Y);
  gst_buffer_unref (out);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (box_outside_the_picture_hides_everything)
{
  TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
  GstVideoInfo info;
  GstBuffer *in = grey (&self, &info);
  GstBuffer *out;

  gst_buffer_add_video_region_of_interest_meta (in, "face", 500, 16, 32, 32);
  out = test_filter_treat (&self, in);
  fail_unless_equals_int (luma_at (out, &info, 150, 120), DW_FILL_Y);
  gst_buffer_unref (out);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (object_that_is_lost_stays_hidden_for_a_while)
{
  TestFilter self
      = test_filter_new (DW_LEVEL_MASKED, "hold-ms", 500, "grow", 1.0, NULL);
  GstVideoInfo info;
  GstBuffer *in = grey (&self, &info);
  const GstClockTime times[] = { 0, 400 * GST_MSECOND, 600 * GST_MSECOND };

  for (guint i = 0; i < 3; i++)
    {
      GstBuffer *buffer = gst_buffer_copy_deep (in);
      GstBuffer *out;

      GST_BUFFER_PTS (buffer) = times[i];
      gst_buffer_add_video_region_of_interest_meta (
          buffer, "face", i == 0 ? 16 : 112, 16, 32, 32);
      out = test_filter_treat (&self, buffer);
      fail_unless_equals_int (luma_at (out, &info, 20, 20),
                              i < 2 ? DW_FILL_Y : 200);
      gst_buffer_unref (out);
    }
  gst_buffer_unref (in);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (blurred_object_becomes_one_colour)
{
  TestFilter self = test_filter_new (DW_LEVEL_BLURRED, "grow", 1.0, NULL);
  GstVideoInfo info;
  GstBuffer *in = grey (&self, &info);
  GstBuffer *out;
  GRand *rand = g_rand_new_with_seed (4);
  DwRect rect = { 32, 32, 32, 32 };

  scribble (rand, in, &info, &rect);
  gst_buffer_add_video_region_of_interest_meta (in, "face", 32, 32, 32, 32);
  out = test_filter_treat (&self, in);
  fail_unless_equals_int (test_level_of (out), DW_LEVEL_BLURRED);
  for (gint i = 33; i < 63; i++)
    fail_unless_equals_int (luma_at (out, &info, i, i),
                            luma_at (out, &info, 40, 40));
  fail_unless_equals_int (luma_at (out, &info, 150, 120), 200);
  gst_buffer_unref (out);
  g_rand_free (rand);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (private_zone_is_hidden_in_a_clear_picture)
{
  TestFilter self = test_filter_new (DW_LEVEL_CLEAR, "private-zones",
                                     "0,0 0.5,0 0.5,0.5 0,0.5", NULL);
  GstVideoInfo info;
  GstBuffer *out = test_filter_treat (&self, grey (&self, &info));

  fail_unless_equals_int (test_level_of (out), DW_LEVEL_CLEAR);
  fail_unless_equals_int (luma_at (out, &info, 10, 10), DW_FILL_Y);
  fail_unless_equals_int (luma_at (out, &info, 150, 120), 200);
  gst_buffer_unref (out);
  test_filter_free (&self);
}
GST_END_TEST

GST_START_TEST (granted_region_shows_nothing_outside)
{
  TestFilter self = test_filter_new (DW_LEVEL_NOTHING, NULL);
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);
  GstVideoInfo info;
  GstBuffer *in, *out;

  grant.n_regions = 1;
  grant.regions[0] = (DwPolygon){
    4, { { 0.f, 0.f }, { 0.5f, 0.f }, { 0.5f, 1.f }, { 0.f, 1.f } }
  };
  test_ledger_add (&self.ledger, &grant);
  gst_element_set_state (self.filter, GST_STATE_READY);
  gst_harness_play (self.h);
  in = grey (&self, &info);
  out = test_filter_treat (&self, in);
  fail_unless_equals_int (luma_at (out, &info, 10, 10), 200);
  fail_unless_equals_int (luma_at (out, &info, 150, 10), DW_FILL_Y);
  gst_buffer_unref (out);
  test_filter_free (&self);
}
GST_END_TEST

/* A tee'd private branch keeps its pixels, at every level. */
GST_START_TEST (frame_that_others_hold_is_never_written)
{
  const DwLevel levels[]
      = { DW_LEVEL_NOTHING, DW_LEVEL_MASKED, DW_LEVEL_BLURRED, DW_LEVEL_CLEAR };
  GRand *rand = g_rand_new_with_seed (5);

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      TestFilter self = test_filter_new (levels[i], "private-zones",
                                         "0,0 0.2,0 0.2,0.2", NULL);
      GstVideoInfo info;
      GstBuffer *private_frame, *copy, *alias, *out;

      test_filter_set_video (&self, &info, GST_VIDEO_FORMAT_I420, 64, 48);
      private_frame = test_noise (rand, info.size);
      copy = gst_buffer_copy_deep (private_frame);
      out = test_filter_treat (&self, gst_buffer_ref (private_frame));
      fail_unless (test_same_bytes (private_frame, copy));
      gst_buffer_unref (out);
      /* Another buffer on the same memory. */
      alias = gst_buffer_copy (private_frame);
      out = test_filter_treat (&self, alias);
      fail_unless (test_same_bytes (private_frame, copy));
      gst_buffer_unref (out);
      gst_buffer_unref (copy);
      gst_buffer_unref (private_frame);
      test_filter_free (&self);
    }
  g_rand_free (rand);
}
GST_END_TEST

static Suite *
filter_suite (void)
{
  Suite *suite = suite_create ("filter");
  TCase *tcase = tcase_create ("all");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, clear_picture_is_untouched);
  tcase_add_test (tcase, without_a_grant_there_is_the_card);
  tcase_add_test (tcase, masked_picture_of_which_nothing_is_known_is_filled);
  tcase_add_test (tcase, masked_output_says_nothing_of_what_is_under_the_mask);
  tcase_add_test (tcase, masked_picture_shows_what_is_not_private);
  tcase_add_test (tcase, foreground_is_hidden_and_the_learned_scene_is_not);
  tcase_add_test (tcase, foreground_of_another_size_hides_everything);
  tcase_add_test (tcase, scene_that_is_not_learned_hides_everything);
  tcase_add_test (tcase, box_outside_the_picture_hides_everything);
  tcase_add_test (tcase, object_that_is_lost_stays_hidden_for_a_while);
  tcase_add_test (tcase, blurred_object_becomes_one_colour);
  tcase_add_test (tcase, private_zone_is_hidden_in_a_clear_picture);
  tcase_add_test (tcase, granted_region_shows_nothing_outside);
  tcase_add_test (tcase, frame_that_others_hold_is_never_written);
  return suite;
}

GST_CHECK_MAIN (filter);
