/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames in memory that lies otherwise than the caps say: what can be treated
 * is hidden all the same, what cannot is withheld or refused. */
#include "attacktest.h"

typedef GstBuffer *(*Reshape) (GstBuffer *buffer);

/* Rows of 331 bytes, planes in another order, gaps in between. */
static GstBuffer *
with_odd_strides (GstBuffer *buffer)
{
  gint stride[GST_VIDEO_MAX_PLANES] = { 331, 177, 173 };
  gsize offset[GST_VIDEO_MAX_PLANES] = { 50001, 5, 25001 };
  GstBuffer *odd = gst_buffer_new_allocate (NULL, 140000, NULL);
  GstMapInfo from, to;
  gsize at = 0;

  gst_buffer_memset (odd, 0, 0x77, 140000);
  gst_buffer_map (buffer, &from, GST_MAP_READ);
  gst_buffer_map (odd, &to, GST_MAP_WRITE);
  for (gint plane = 0; plane < 3; plane++)
    for (gint y = 0; y < (plane ? HEIGHT / 2 : HEIGHT); y++)
      {
        gsize width = plane ? WIDTH / 2 : WIDTH;

        memcpy (to.data + offset[plane] + (gsize)(y * stride[plane]),
                from.data + at, width);
        at += width;
      }
  gst_buffer_unmap (odd, &to);
  gst_buffer_unmap (buffer, &from);
  gst_buffer_copy_into (odd, buffer, GST_BUFFER_COPY_METADATA, 0, (gsize)-1);
  gst_buffer_add_video_meta_full (odd, 0, GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT,
                                  3, offset, stride);
  gst_buffer_unref (buffer);
  return odd;
}

static GstBuffer *
in_many_memories (GstBuffer *buffer)
{
  GstMemory *whole = gst_buffer_get_all_memory (buffer);
  gsize size = gst_buffer_get_size (buffer);

  gst_buffer_remove_all_memory (buffer);
  for (gsize at = 0; at < size; at += 40001)
    gst_buffer_append_memory (
        buffer,
        gst_memory_share (whole, (gssize)at, (gssize)MIN (40001, size - at)));
  gst_memory_unref (whole);
  return buffer;
}

static GstBuffer *
as_read_only (GstBuffer *buffer)
{
  GST_MINI_OBJECT_FLAG_SET (gst_buffer_peek_memory (buffer, 0),
                            GST_MEMORY_FLAG_READONLY);
  return buffer;
}

static GstBuffer *
as_a_part (GstBuffer *buffer)
{
  GstBuffer *more = gst_buffer_new_allocate (NULL, 4096, NULL);
  GstBuffer *whole, *part;

  gst_buffer_memset (more, 0, 0x33, 4096);
  whole = gst_buffer_append (gst_buffer_ref (more), gst_buffer_copy (buffer));
  part
      = gst_buffer_copy_region (whole, GST_BUFFER_COPY_MEMORY, 4096, (gsize)-1);
  gst_buffer_copy_into (part, buffer, GST_BUFFER_COPY_METADATA, 0, (gsize)-1);
  gst_buffer_add_parent_buffer_meta (part, buffer);
  gst_buffer_unref (more);
  gst_buffer_unref (whole);
  gst_buffer_unref (buffer);
  return part;
}

GST_START_TEST (odd_memory_hides_as_well)
{
  static const Reshape shapes[]
      = { with_odd_strides, in_many_memories, as_read_only, as_a_part };

  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      TestFilter self = test_filter_new (DW_LEVEL_MASKED, NULL);
      GstBuffer *out[2];
      GstVideoInfo info;

      test_filter_set_video (&self, &info, GST_VIDEO_FORMAT_I420, WIDTH,
                             HEIGHT);
      for (guint k = 0; k < 2; k++)
        {
          out[k] = test_filter_treat (&self, shapes[i](visitor (1 + k)));
          fail_unless_equals_int (test_level_of (out[k]), DW_LEVEL_MASKED);
          fail_unless (gst_buffer_get_parent_buffer_meta (out[k]) == NULL);
        }
      fail_unless (test_same_bytes (out[0], out[1]), "shape %u", (guint)i);
      gst_buffer_unref (out[0]);
      gst_buffer_unref (out[1]);
      test_filter_free (&self);
    }
}
GST_END_TEST

static GstBuffer *
cut_short (GstBuffer *buffer)
{
  gst_buffer_set_size (buffer, WIDTH * HEIGHT);
  return buffer;
}

/* Planes that reach beyond the buffer. */
static GstBuffer *
with_far_planes (GstBuffer *buffer)
{
  gint stride[GST_VIDEO_MAX_PLANES] = { WIDTH, WIDTH, WIDTH };
  gsize offset[GST_VIDEO_MAX_PLANES] = { 0, WIDTH * HEIGHT, G_MAXSIZE };

  gst_buffer_add_video_meta_full (buffer, 0, GST_VIDEO_FORMAT_I420, WIDTH,
                                  HEIGHT, 3, offset, stride);
  return buffer;
}

static GstBuffer *
with_negative_strides (GstBuffer *buffer)
{
  gint stride[GST_VIDEO_MAX_PLANES] = { -WIDTH, -WIDTH / 2, -WIDTH / 2 };
  gsize offset[GST_VIDEO_MAX_PLANES]
      = { WIDTH * (HEIGHT - 1), WIDTH * HEIGHT, WIDTH * HEIGHT };

  gst_buffer_add_video_meta_full (buffer, 0, GST_VIDEO_FORMAT_I420, WIDTH,
                                  HEIGHT, 3, offset, stride);
  return buffer;
}

/* A crop that is told and not made yet. */
static GstBuffer *
of_another_size (GstBuffer *buffer)
{
  gst_buffer_add_video_meta (buffer, 0, GST_VIDEO_FORMAT_I420, WIDTH / 2,
                             HEIGHT);
  return buffer;
}

GST_START_TEST (impossible_memory_is_withheld)
{
  static const Reshape shapes[]
      = { cut_short, with_far_planes, with_negative_strides, of_another_size };

  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (DwLevel level = DW_LEVEL_MASKED; level <= DW_LEVEL_CLEAR; level++)
      {
        TestFilter self = test_filter_new (level, NULL);
        GstBuffer *out;
        GstVideoInfo info;

        test_filter_set_video (&self, &info, GST_VIDEO_FORMAT_I420, WIDTH,
                               HEIGHT);
        out = test_filter_treat (&self, shapes[i](visitor (1)));
        fail_unless_equals_int (test_level_of (out), DW_LEVEL_NOTHING);
        gst_buffer_unref (out);
        test_filter_free (&self);
      }
}
GST_END_TEST

GST_START_TEST (memory_and_fields_nobody_can_treat_are_refused)
{
  static const gchar *const refused[] = {
    "video/x-raw(memory:DMABuf),format=I420,width=64,height=48",
    "video/x-raw(memory:GLMemory),format=I420,width=64,height=48",
    "video/x-raw(format:Interlaced),format=I420,width=64,height=48,"
    "interlace-mode=alternate",
    "video/x-raw(memory:SystemMemory,meta:GstVideoOverlayComposition),"
    "format=I420,width=64,height=48",
    "video/x-raw,format=I420,width=64,height=48,views=2,"
    "multiview-mode=frame-by-frame",
    "video/x-raw,format=I420,width=32000,height=48",
    "video/x-raw,format=I420_10LE,width=64,height=48",
    "image/jpeg(memory:DMABuf),width=64,height=48",
    "audio/x-raw,format=S16LE,rate=8000,channels=2,layout=non-interleaved",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      TestFilter self = test_filter_new (DW_LEVEL_CLEAR, NULL);
      gchar *text = g_strconcat (refused[i], ",framerate=25/1", NULL);
      GstCaps *caps = gst_caps_from_string (
          g_str_has_prefix (refused[i], "audio") ? refused[i] : text);
      GstSegment segment;

      fail_unless (caps != NULL, "%s", refused[i]);
      gst_harness_push_event (self.h, gst_event_new_stream_start ("a"));
      gst_harness_push_event (self.h, gst_event_new_caps (caps));
      gst_segment_init (&segment, GST_FORMAT_TIME);
      gst_harness_push_event (self.h, gst_event_new_segment (&segment));
      fail_unless (gst_harness_push (self.h, visitor (1))
                       == GST_FLOW_NOT_NEGOTIATED,
                   "%s", refused[i]);
      fail_unless_equals_int (gst_harness_buffers_received (self.h), 0);
      gst_caps_unref (caps);
      g_free (text);
      test_filter_free (&self);
    }
}
GST_END_TEST

static Suite *
attack_memory_suite (void)
{
  Suite *suite = suite_create ("attack-memory");
  TCase *tcase = tcase_create ("all");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, odd_memory_hides_as_well);
  tcase_add_test (tcase, impossible_memory_is_withheld);
  tcase_add_test (tcase, memory_and_fields_nobody_can_treat_are_refused);
  return suite;
}

GST_CHECK_MAIN (attack_memory);
