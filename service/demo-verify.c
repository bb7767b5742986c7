/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a finished share back as its recipient would, and holds each frame that
 * had to be withheld against the card. */
#include "demo.h"

#include "redact.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include <stdlib.h>
#include <string.h>

/* What a lossy codec may do to the card: mean difference of a 16x16 block's
 * luma in grey levels. A person in a picture differs by ten times as much. */
#define MAX_BLOCK_DIFFERENCE 6
#define BLOCK 16

static DwFormat
format_of (const GstVideoInfo *info)
{
  switch (GST_VIDEO_INFO_FORMAT (info))
    {
    case GST_VIDEO_FORMAT_I420:
      return DW_FORMAT_I420;
    case GST_VIDEO_FORMAT_NV12:
      return DW_FORMAT_NV12;
    default:
      return DW_FORMAT_NONE;
    }
}

static void
describe (GstVideoFrame *mapped, DwFrame *out)
{
  const GstVideoInfo *info = &mapped->info;
  gsize n_planes = GST_VIDEO_INFO_N_PLANES (info);

  memset (out, 0, sizeof *out);
  out->format = format_of (info);
  out->width = GST_VIDEO_INFO_WIDTH (info);
  out->height = GST_VIDEO_INFO_HEIGHT (info);
  for (gsize i = 0; i < n_planes && i < DW_MAX_PLANES; i++)
    {
      out->data[i] = GST_VIDEO_FRAME_PLANE_DATA (mapped, i);
      out->stride[i] = GST_VIDEO_FRAME_PLANE_STRIDE (mapped, i);
      out->size[i] = (gsize)out->stride[i]
                     * (gsize)dw_format_rows (out->format, (int)i, out->height);
    }
}

/* The card for these caps, to compare with; NULL when there is none. */
static GstBuffer *
draw_card (const GstVideoInfo *info)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, info->size, NULL);
  GstVideoFrame mapped;
  DwFrame frame;
  DwStatus status;

  if (!gst_video_frame_map (&mapped, info, buffer, GST_MAP_WRITE))
    {
      gst_buffer_unref (buffer);
      return NULL;
    }
  describe (&mapped, &frame);
  status = dw_card_draw (&frame);
  gst_video_frame_unmap (&mapped);
  if (status != DW_OK)
    g_clear_pointer (&buffer, gst_buffer_unref);
  return buffer;
}

typedef gboolean (*CompareFunc) (const DwFrame *a, const DwFrame *b);

static gboolean
compare_buffers (GstBuffer *buffer, GstBuffer *card, const GstVideoInfo *info,
                 CompareFunc compare)
{
  GstVideoFrame a, b;
  DwFrame frame_a, frame_b;
  gboolean is_same;

  if (!gst_video_frame_map (&a, info, buffer, GST_MAP_READ))
    return FALSE;
  if (!gst_video_frame_map (&b, info, card, GST_MAP_READ))
    {
      gst_video_frame_unmap (&a);
      return FALSE;
    }
  describe (&a, &frame_a);
  describe (&b, &frame_b);
  is_same = compare (&frame_a, &frame_b);
  gst_video_frame_unmap (&a);
  gst_video_frame_unmap (&b);
  return is_same;
}

static gboolean
same_bytes (const DwFrame *a, const DwFrame *b)
{
  for (int i = 0; i < dw_format_planes (a->format); i++)
    {
      int n = dw_format_row_bytes (a->format, i, a->width);

      if (a->data[i] == NULL || b->data[i] == NULL)
        return FALSE;
      for (int y = 0; y < dw_format_rows (a->format, i, a->height); y++)
        if (memcmp (a->data[i] + (gsize)y * (gsize)a->stride[i],
                    b->data[i] + (gsize)y * (gsize)b->stride[i], (gsize)n)
            != 0)
          return FALSE;
    }
  return TRUE;
}

static gint
block_difference (const DwFrame *a, const DwFrame *b, gint x0, gint y0)
{
  const gint x1 = MIN (x0 + BLOCK, a->width), y1 = MIN (y0 + BLOCK, a->height);
  gint sum = 0;

  for (gint y = y0; y < y1; y++)
    for (gint x = x0; x < x1; x++)
      sum += abs (a->data[0][y * a->stride[0] + x]
                  - b->data[0][y * b->stride[0] + x]);
  return sum / ((x1 - x0) * (y1 - y0));
}

static gboolean
looks_the_same (const DwFrame *a, const DwFrame *b)
{
  for (gint y = 0; y < a->height; y += BLOCK)
    for (gint x = 0; x < a->width; x += BLOCK)
      if (block_difference (a, b, x, y) > MAX_BLOCK_DIFFERENCE)
        return FALSE;
  return TRUE;
}

gboolean
demo_is_card (GstBuffer *buffer, const GstCaps *caps)
{
  GstVideoInfo info;
  g_autoptr (GstBuffer) card = NULL;

  if (!gst_video_info_from_caps (&info, caps))
    return FALSE;
  card = draw_card (&info);
  return card && compare_buffers (buffer, card, &info, same_bytes);
}

static cairo_surface_t *
make_thumbnail (GstSample *sample)
{
  GstVideoInfo info;
  gint height;
  g_autoptr (GstCaps) wanted = NULL;
  g_autoptr (GstSample) small = NULL;
  GstMapInfo map;
  cairo_surface_t *surface;

  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample)))
    return NULL;
  height = DEMO_THUMBNAIL_WIDTH * info.height / MAX (info.width, 1);
  height = CLAMP (height, 16, 2 * DEMO_THUMBNAIL_WIDTH);
  wanted = gst_caps_new_simple (
      "video/x-raw", "format", G_TYPE_STRING, "BGRx", "width", G_TYPE_INT,
      DEMO_THUMBNAIL_WIDTH, "height", G_TYPE_INT, height, "pixel-aspect-ratio",
      GST_TYPE_FRACTION, 1, 1, NULL);
  small = gst_video_convert_sample (sample, wanted, 5 * GST_SECOND, NULL);
  if (small == NULL
      || !gst_buffer_map (gst_sample_get_buffer (small), &map, GST_MAP_READ))
    return NULL;
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24,
                                        DEMO_THUMBNAIL_WIDTH, height);
  for (gint y = 0; y < height; y++)
    memcpy (cairo_image_surface_get_data (surface)
                + y * cairo_image_surface_get_stride (surface),
            map.data + (gsize)y * DEMO_THUMBNAIL_WIDTH * 4,
            (gsize)DEMO_THUMBNAIL_WIDTH * 4);
  cairo_surface_mark_dirty (surface);
  gst_buffer_unmap (gst_sample_get_buffer (small), &map);
  return surface;
}

/* Frame number `index` of the file against what left the gate. */
static void
check_frame (DemoShare *share, GstSample *sample, guint index)
{
  GstVideoInfo info;
  g_autoptr (GstBuffer) card = NULL;

  if (index >= share->levels->len
      || share->levels->data[index] != DW_LEVEL_NOTHING)
    return;
  if (gst_video_info_from_caps (&info, gst_sample_get_caps (sample)))
    card = draw_card (&info);
  if (card
      && compare_buffers (gst_sample_get_buffer (sample), card, &info,
                          looks_the_same))
    share->cards_decoded++;
  else
    share->bad_cards++;
}

static void
judge (DemoShare *share, guint n_frames)
{
  share->frames_in_file = n_frames;
  g_clear_pointer (&share->failure, g_free);
  if (n_frames != share->levels->len)
    share->failure
        = g_strdup_printf ("the file holds %u frames, %u left the gate",
                           n_frames, share->levels->len);
  else if (share->bad_cards)
    share->failure = g_strdup_printf ("%u withheld frames are not the card",
                                      share->bad_cards);
  else if (share->cards_bytewise != share->withheld)
    share->failure = g_strdup_printf ("%u frames withheld, %u cards seen",
                                      share->withheld, share->cards_bytewise);
  else if (share->granted == DW_LEVEL_NOTHING && share->last_shown_ns)
    share->failure = g_strdup ("something was shown without a grant");
  else if (share->granted != DW_LEVEL_NOTHING && !share->last_shown_ns)
    share->failure = g_strdup ("nothing was shown in spite of the grant");
  else if (share->is_revoked && (!share->revoked_at_ns || share->withheld == 0))
    share->failure = g_strdup ("the revocation had no effect");
}

static GstElement *
open_file (const gchar *path, GstElement **sink, GError **error)
{
  GstElement *pipeline = gst_parse_launch (
      "filesrc name=source ! qtdemux name=demux "
      "demux.video_0 ! queue ! decodebin ! videoconvert "
      "! video/x-raw,format=I420 ! appsink name=sink sync=false max-buffers=4",
      error);
  g_autoptr (GstElement) source = NULL;

  if (pipeline == NULL)
    return NULL;
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_set (source, "location", path, NULL);
  *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  return pipeline;
}

/* How many frames there are is known only after the first pass; thumbnails are
 * spread evenly over them in the second. */
static gboolean
read_file (const gchar *path, DemoShare *share, cairo_surface_t **thumbnails,
           guint *n_frames, GError **error)
{
  GstElement *sink = NULL;
  g_autoptr (GstElement) pipeline = open_file (path, &sink, error);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;
  const guint total = *n_frames;
  guint index = 0, next = 0;
  GstSample *sample;

  if (pipeline == NULL)
    return FALSE;
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (sink))))
    {
      if (share)
        check_frame (share, sample, index);
      if (thumbnails && next < DEMO_THUMBNAILS && total
          && index >= next * (total - 1) / (DEMO_THUMBNAILS - 1))
        thumbnails[next++] = make_thumbnail (sample);
      index++;
      gst_sample_unref (sample);
    }
  *n_frames = index;
  bus = gst_element_get_bus (pipeline);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  if (message)
    demo_take_error (message, error);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (sink);
  return message == NULL;
}

gboolean
demo_verify_file (const gchar *path, DemoShare *share,
                  cairo_surface_t **thumbnails, GError **error)
{
  guint n_frames = 0;

  if (!read_file (path, share, NULL, &n_frames, error))
    return FALSE;
  if (share)
    judge (share, n_frames);
  return n_frames == 0 || read_file (path, NULL, thumbnails, &n_frames, error);
}
