/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads foreground, region-of-interest and analytics metas into a mask. */
#include "gstconsentfilterboxes.h"

#include "gstforegroundmeta.h"

#include <gst/video/video.h>
#ifdef HAVE_GST_ANALYTICS
#include <gst/analytics/analytics.h>
#endif

static gboolean
grid_fits (const GstForegroundMeta *meta, gint width, gint height)
{
  return meta->is_learned && meta->width == width && meta->height == height
         && meta->columns > 0 && meta->rows > 0 && meta->cell_size > 0
         && meta->source_width > 0 && meta->source_height > 0 && meta->cells
         && g_bytes_get_size (meta->cells)
                == (gsize)meta->columns * (gsize)meta->rows;
}

static gboolean
hide_foreground (DwMasker *masker, GstBuffer *buffer, gint width, gint height)
{
  const GstForegroundMeta *meta = gst_buffer_get_foreground_meta (buffer);
  gdouble cell_width, cell_height;

  if (meta == NULL)
    return FALSE;
  /* Two of them are of two pictures, and which is this one nobody knows. */
  if (gst_buffer_get_n_meta (buffer, GST_FOREGROUND_META_API_TYPE) > 1
      || !grid_fits (meta, width, height))
    {
      dw_masker_hide_all (masker);
      return TRUE;
    }
  cell_width = (gdouble)meta->cell_size * width / meta->source_width;
  cell_height = (gdouble)meta->cell_size * height / meta->source_height;
  dw_masker_hide_grid (masker, g_bytes_get_data (meta->cells, NULL),
                       meta->columns, meta->rows, cell_width, cell_height);
  return TRUE;
}

/* A box that lies outside, or has no area, was meant for another picture. */
static void
hide_box (DwMasker *masker, gint64 x, gint64 y, gint64 box_width,
          gint64 box_height, DwRect picture)
{
  DwRect rect;

  if (ABS (x) > DW_MAX_DIMENSION || ABS (y) > DW_MAX_DIMENSION
      || box_width > 2 * DW_MAX_DIMENSION || box_height > 2 * DW_MAX_DIMENSION)
    {
      dw_masker_hide_all (masker);
      return;
    }
  rect = dw_rect_intersect (
      (DwRect){ (gint)x, (gint)y, (gint)box_width, (gint)box_height }, picture);
  if (rect.width <= 0 || rect.height <= 0)
    dw_masker_hide_all (masker);
  else
    dw_masker_hide_rect (masker, rect);
}

/* Boxes of doorbellmotion are what moves, not all that is there: they say
 * nothing where the foreground they came with was lost on the way. */
static gboolean
is_of_motion (const GstVideoRegionOfInterestMeta *roi)
{
  return roi->roi_type == g_quark_from_static_string ("motion");
}

static gboolean
hide_regions_of_interest (DwMasker *masker, GstBuffer *buffer, DwRect picture)
{
  gpointer state = NULL;
  gboolean is_known = FALSE;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (
              buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)))
    {
      const GstVideoRegionOfInterestMeta *roi
          = (const GstVideoRegionOfInterestMeta *)meta;

      hide_box (masker, roi->x, roi->y, roi->w, roi->h, picture);
      is_known |= !is_of_motion (roi);
    }
  return is_known;
}

#ifdef HAVE_GST_ANALYTICS
static gboolean
hide_detections (DwMasker *masker, GstBuffer *buffer, DwRect picture)
{
  GstAnalyticsRelationMeta *meta
      = gst_buffer_get_analytics_relation_meta (buffer);
  gboolean is_known = FALSE;
  gpointer state = NULL;
  GstAnalyticsODMtd box;

  while (meta
         && gst_analytics_relation_meta_iterate (
             meta, &state, gst_analytics_od_mtd_get_mtd_type (),
             (GstAnalyticsMtd *)&box))
    {
      gint x, y, width, height;
      gfloat confidence;

      if (gst_analytics_od_mtd_get_location (&box, &x, &y, &width, &height,
                                             &confidence))
        hide_box (masker, x, y, width, height, picture);
      else
        dw_masker_hide_all (masker);
      is_known = TRUE;
    }
  return is_known;
}
#endif

gboolean
gst_consent_hide_objects (DwMasker *masker, GstBuffer *buffer, gint width,
                          gint height)
{
  DwRect picture = { 0, 0, width, height };
  gboolean is_known = hide_foreground (masker, buffer, width, height);

  is_known |= hide_regions_of_interest (masker, buffer, picture);
#ifdef HAVE_GST_ANALYTICS
  is_known |= hide_detections (masker, buffer, picture);
#endif
  return is_known;
}
