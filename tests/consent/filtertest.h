/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A consentfilter in a harness, with a ledger of its own. */
#pragma once

#include "plugin.h"
#include "sharetest.h"

#include <gst/video/video.h>

typedef struct
{
  TestLedger ledger;
  GstElement *filter;
  GstHarness *h;
  GstBus *bus;
} TestFilter;

/* For ann, of the household, live, at "front"; `property` and its value and
 * so on, then NULL, change that. The share starts with `level`. */
static inline TestFilter
test_filter_new (DwLevel level, const gchar *property, ...)
{
  TestFilter self = { .ledger = test_ledger_new () };
  va_list args;

  if (level > DW_LEVEL_NOTHING)
    {
      DwGrant grant = test_grant (level);

      test_ledger_add (&self.ledger, &grant);
    }
  self.filter = gst_element_factory_make ("consentfilter", NULL);
  g_object_set (self.filter, "ledger", self.ledger.path, "camera", "front",
                "recipient", "ann", "recipient-class", DW_CLASS_HOUSEHOLD,
                NULL);
  va_start (args, property);
  if (property)
    g_object_set_valist (G_OBJECT (self.filter), property, args);
  va_end (args);
  self.bus = gst_bus_new ();
  gst_element_set_bus (self.filter, self.bus);
  self.h = gst_harness_new_with_element (self.filter, "sink", "src");
  return self;
}

static inline void
test_filter_free (TestFilter *self)
{
  gst_element_set_bus (self->filter, NULL);
  gst_harness_teardown (self->h);
  gst_object_unref (self->filter);
  gst_object_unref (self->bus);
  test_ledger_free (&self->ledger);
}

static inline guint64
test_filter_stat (TestFilter *self, const gchar *name)
{
  GstStructure *stats = NULL;
  guint64 value = 0;

  g_object_get (self->filter, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  gst_structure_free (stats);
  return value;
}

static inline GstCaps *
test_video_caps (GstVideoFormat format, gint width, gint height)
{
  return gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING,
                              gst_video_format_to_string (format), "width",
                              G_TYPE_INT, width, "height", G_TYPE_INT, height,
                              "framerate", GST_TYPE_FRACTION, 25, 1, NULL);
}

static inline void
test_filter_set_video (TestFilter *self, GstVideoInfo *info,
                       GstVideoFormat format, gint width, gint height)
{
  GstCaps *caps = test_video_caps (format, width, height);

  fail_unless (gst_video_info_from_caps (info, caps));
  gst_harness_set_src_caps (self->h, caps);
}

/* Every byte random. */
static inline GstBuffer *
test_noise (GRand *rand, gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < size; i++)
    map.data[i] = (guint8)g_rand_int (rand);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = 0;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 25;
  return buffer;
}

static inline gboolean
test_same_bytes (GstBuffer *a, GstBuffer *b)
{
  GstMapInfo map;
  gboolean is_same;

  if (gst_buffer_get_size (a) != gst_buffer_get_size (b))
    return FALSE;
  fail_unless (gst_buffer_map (a, &map, GST_MAP_READ));
  is_same = gst_buffer_memcmp (b, 0, map.data, map.size) == 0;
  gst_buffer_unmap (a, &map);
  return is_same;
}

static inline GstBuffer *
test_filter_treat (TestFilter *self, GstBuffer *buffer)
{
  GstBuffer *out = gst_harness_push_and_pull (self->h, buffer);

  fail_unless (out != NULL);
  fail_unless (gst_buffer_get_clearance (out) != NULL);
  return out;
}

static inline DwLevel
test_level_of (GstBuffer *buffer)
{
  return gst_buffer_get_clearance (buffer)->level;
}

static inline GstBuffer *
test_picture (TestFilter *self, GstClockTime pts)
{
  GRand *rand = g_rand_new_with_seed (6);
  GstBuffer *buffer = test_noise (rand, 64 * 48 * 3 / 2);

  (void)self;
  GST_BUFFER_PTS (buffer) = pts;
  g_rand_free (rand);
  return buffer;
}

static inline void
test_set_i420 (TestFilter *self)
{
  GstVideoInfo info;

  test_filter_set_video (self, &info, GST_VIDEO_FORMAT_I420, 64, 48);
}

static inline DwLevel
test_level_at (TestFilter *self, GstClockTime pts)
{
  GstBuffer *out = test_filter_treat (self, test_picture (self, pts));
  DwLevel level = test_level_of (out);

  gst_buffer_unref (out);
  return level;
}

/* Pushes pictures until one has `level`; the watcher needs a moment. */
static inline void
test_wait_for_level (TestFilter *self, DwLevel level)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;

  while (test_level_at (self, 0) != level)
    fail_unless (g_get_monotonic_time () < deadline);
}
