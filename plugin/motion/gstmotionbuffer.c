/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between GStreamer's buffers and the motion core. */
#include "gstmotionbuffer.h"

#include "gstforegroundmeta.h"
#include "timebase.h"

#include <gst/video/gstvideometa.h>

static DwFormat
format_of (GstVideoFormat format)
{
  switch (format)
    {
    case GST_VIDEO_FORMAT_I420:
      return DW_FORMAT_I420;
    case GST_VIDEO_FORMAT_YV12:
      return DW_FORMAT_YV12;
    case GST_VIDEO_FORMAT_NV12:
      return DW_FORMAT_NV12;
    case GST_VIDEO_FORMAT_NV21:
      return DW_FORMAT_NV21;
    case GST_VIDEO_FORMAT_GRAY8:
      return DW_FORMAT_GRAY8;
    case GST_VIDEO_FORMAT_YUY2:
      return DW_FORMAT_YUY2;
    case GST_VIDEO_FORMAT_UYVY:
      return DW_FORMAT_UYVY;
    default:
      return DW_FORMAT_NONE;
    }
}

/* Bytes from a plane's first to the end of the memory it lies in. */
static gsize
plane_size (const GstVideoFrame *frame, const guint8 *data)
{
  for (guint i = 0; i < GST_VIDEO_MAX_PLANES; i++)
    {
      const GstMapInfo *map = &frame->map[i];

      if (map->data && data >= map->data && data < map->data + map->size)
        return (gsize)(map->data + map->size - data);
    }
  return 0;
}

static void
borrow_frame (const GstVideoFrame *from, DwFrame *out)
{
  *out = (DwFrame){ .format = format_of (GST_VIDEO_FRAME_FORMAT (from)),
                    .width = GST_VIDEO_FRAME_WIDTH (from),
                    .height = GST_VIDEO_FRAME_HEIGHT (from) };
  for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES (from); i++)
    {
      out->data[i] = GST_VIDEO_FRAME_PLANE_DATA (from, i);
      out->stride[i] = GST_VIDEO_FRAME_PLANE_STRIDE (from, i);
      out->size[i] = plane_size (from, out->data[i]);
    }
}

gint64
gst_motion_pts (GstBuffer *buffer)
{
  return GST_BUFFER_PTS_IS_VALID (buffer) ? (gint64)GST_BUFFER_PTS (buffer)
                                          : -1;
}

DwStatus
gst_motion_push_raw (DwMotion *motion, const GstVideoInfo *info,
                     GstBuffer *buffer, DwMotionReport *report)
{
  GstVideoFrame frame;
  DwFrame borrowed;
  DwStatus status;

  if (!gst_video_frame_map (&frame, info, buffer,
                            GST_MAP_READ | GST_VIDEO_FRAME_MAP_FLAG_NO_REF))
    return DW_ERROR_INVALID;
  borrow_frame (&frame, &borrowed);
  status = dw_motion_push_frame (motion, &borrowed, gst_motion_pts (buffer),
                                 report);
  gst_video_frame_unmap (&frame);
  return status;
}

DwStatus
gst_motion_push_jpeg (DwMotion *motion, GstBuffer *buffer,
                      DwMotionReport *report)
{
  GstMapInfo map;
  DwStatus status;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return DW_ERROR_INVALID;
  status = dw_motion_push_jpeg (motion, map.data, map.size,
                                gst_motion_pts (buffer), report);
  gst_buffer_unmap (buffer, &map);
  return status;
}

static gint64
utc_of (GstBuffer *buffer)
{
  GstReferenceTimestampMeta *meta = NULL;
  GstCaps *unix_caps;

  if (buffer)
    {
      unix_caps = gst_caps_new_empty_simple ("timestamp/x-unix");
      meta = gst_buffer_get_reference_timestamp_meta (buffer, unix_caps);
      gst_caps_unref (unix_caps);
    }
  return meta ? (gint64)meta->timestamp : dw_time_utc_ns ();
}

static void
append_boxes (GstStructure *structure, const DwMotionReport *report)
{
  GValue array = G_VALUE_INIT, item = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (gsize i = 0; i < report->n_boxes; i++)
    {
      const DwMotionBox *box = &report->boxes[i];

      if (!box->is_confirmed)
        continue;
      g_value_init (&item, GST_TYPE_STRUCTURE);
      g_value_take_boxed (
          &item, gst_structure_new ("box", "x", G_TYPE_INT, box->rect.x, "y",
                                    G_TYPE_INT, box->rect.y, "width",
                                    G_TYPE_INT, box->rect.width, "height",
                                    G_TYPE_INT, box->rect.height, "id",
                                    G_TYPE_UINT, box->id, "score",
                                    G_TYPE_DOUBLE, (gdouble)box->score, NULL));
      gst_value_array_append_and_take_value (&array, &item);
    }
  gst_structure_take_value (structure, "boxes", &array);
}

static void
append_zones (GstStructure *structure, const DwMotionReport *report,
              const DwMotionConfig *config)
{
  GValue array = G_VALUE_INIT, item = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (gsize i = 0; i < config->n_zones; i++)
    {
      if ((report->zones >> i & 1) == 0)
        continue;
      g_value_init (&item, G_TYPE_STRING);
      g_value_set_string (&item, config->zones[i].name);
      gst_value_array_append_and_take_value (&array, &item);
    }
  gst_structure_take_value (structure, "zones", &array);
}

GstStructure *
gst_motion_report_to_structure (const DwMotionReport *report,
                                const DwMotionConfig *config,
                                const GstSegment *segment, GstBuffer *buffer)
{
  guint64 stream_time = GST_CLOCK_TIME_NONE;
  GstStructure *structure;

  if (buffer && GST_BUFFER_PTS_IS_VALID (buffer))
    stream_time = gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
                                              GST_BUFFER_PTS (buffer));
  structure = gst_structure_new ("doorbell-motion", "score", G_TYPE_DOUBLE,
                                 (gdouble)report->score, "stream-time",
                                 G_TYPE_UINT64, stream_time, "utc",
                                 G_TYPE_INT64, utc_of (buffer), NULL);
  append_boxes (structure, report);
  append_zones (structure, report, config);
  return structure;
}

void
gst_motion_report_attach (const DwMotionReport *report,
                          const GstVideoInfo *info, GstBuffer *buffer)
{
  gsize n_cells = (gsize)report->columns * (gsize)report->rows;
  GBytes *cells = g_bytes_new (report->foreground, n_cells);
  const GstForegroundGrid grid = { .width = GST_VIDEO_INFO_WIDTH (info),
                                   .height = GST_VIDEO_INFO_HEIGHT (info),
                                   .columns = report->columns,
                                   .rows = report->rows,
                                   .cell_size = report->cell_size };

  gst_buffer_add_foreground_meta (buffer, &grid, report->is_learned, cells);
  g_bytes_unref (cells);
  for (gsize i = 0; i < report->n_boxes; i++)
    {
      const DwMotionBox *box = &report->boxes[i];
      GstVideoRegionOfInterestMeta *roi;

      if (!box->is_confirmed)
        continue;
      roi = gst_buffer_add_video_region_of_interest_meta (
          buffer, "motion", (guint)box->rect.x, (guint)box->rect.y,
          (guint)box->rect.width, (guint)box->rect.height);
      roi->id = (gint)box->id;
      gst_video_region_of_interest_meta_add_param (
          roi, gst_structure_new ("motion", "score", G_TYPE_DOUBLE,
                                  (gdouble)box->score, NULL));
    }
}
