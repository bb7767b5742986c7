/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The foreground meta follows copies and plain scales, nothing else. Its tags
 * say that it depends on orientation and size, so that elements which change
 * those without knowing it leave it behind. */
#include "gstforegroundmeta.h"

#include <gst/video/gstvideometa.h>
#include <gst/video/video.h>

static gboolean
foreground_meta_init (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  GstForegroundMeta *foreground = (GstForegroundMeta *)meta;

  (void)params;
  (void)buffer;
  foreground->width = foreground->height = 0;
  foreground->columns = foreground->rows = foreground->cell_size = 0;
  foreground->source_width = foreground->source_height = 0;
  foreground->is_learned = FALSE;
  foreground->cells = NULL;
  return TRUE;
}

static void
foreground_meta_free (GstMeta *meta, GstBuffer *buffer)
{
  GstForegroundMeta *foreground = (GstForegroundMeta *)meta;

  (void)buffer;
  g_clear_pointer (&foreground->cells, g_bytes_unref);
}

static void
copy_to (GstBuffer *buffer, const GstForegroundMeta *from, gint width,
         gint height)
{
  const GstForegroundGrid grid
      = { width, height, from->columns, from->rows, from->cell_size };
  GstForegroundMeta *to = gst_buffer_add_foreground_meta (
      buffer, &grid, from->is_learned, from->cells);

  if (to == NULL)
    return;
  to->source_width = from->source_width;
  to->source_height = from->source_height;
}

/* videoscale keeps a picture's shape by borders, of which no meta is told: the
 * grid would lie beside what it speaks of. Borders of less than one pixel a
 * side are not drawn. */
static gboolean
has_same_shape (const GstVideoInfo *a, const GstVideoInfo *b)
{
  const gdouble shape_a = (gdouble)GST_VIDEO_INFO_WIDTH (a)
                          * GST_VIDEO_INFO_PAR_N (a) / GST_VIDEO_INFO_PAR_D (a)
                          / GST_VIDEO_INFO_HEIGHT (a);
  const gdouble shape_b = (gdouble)GST_VIDEO_INFO_WIDTH (b)
                          * GST_VIDEO_INFO_PAR_N (b) / GST_VIDEO_INFO_PAR_D (b)
                          / GST_VIDEO_INFO_HEIGHT (b);
  const gint side = MAX (GST_VIDEO_INFO_WIDTH (b), GST_VIDEO_INFO_HEIGHT (b));

  return ABS (shape_a - shape_b) * side < 2. * MAX (shape_a, shape_b);
}

static gboolean
foreground_meta_transform (GstBuffer *out, GstMeta *meta, GstBuffer *in,
                           GQuark type, gpointer data)
{
  const GstForegroundMeta *from = (GstForegroundMeta *)meta;

  (void)in;
  if (GST_META_TRANSFORM_IS_COPY (type))
    {
      const GstMetaTransformCopy *copy = data;

      if (copy->region)
        return FALSE;
      copy_to (out, from, from->width, from->height);
      return TRUE;
    }
  if (GST_VIDEO_META_TRANSFORM_IS_SCALE (type))
    {
      const GstVideoMetaTransform *scale = data;

      if (GST_VIDEO_INFO_WIDTH (scale->in_info) != from->width
          || GST_VIDEO_INFO_HEIGHT (scale->in_info) != from->height
          || !has_same_shape (scale->in_info, scale->out_info))
        return FALSE;
      copy_to (out, from, GST_VIDEO_INFO_WIDTH (scale->out_info),
               GST_VIDEO_INFO_HEIGHT (scale->out_info));
      return TRUE;
    }
  return FALSE;
}

GType
gst_foreground_meta_api_get_type (void)
{
  static GType type = 0;
  static const gchar *tags[]
      = { GST_META_TAG_VIDEO_STR, GST_META_TAG_VIDEO_ORIENTATION_STR,
          GST_META_TAG_VIDEO_SIZE_STR, NULL };

  if (g_once_init_enter (&type))
    {
      GType new_type
          = gst_meta_api_type_register ("GstForegroundMetaAPI", tags);

      g_once_init_leave (&type, new_type);
    }
  return type;
}

const GstMetaInfo *
gst_foreground_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter ((GstMetaInfo **)&info))
    {
      const GstMetaInfo *new_info = gst_meta_register (
          GST_FOREGROUND_META_API_TYPE, "GstForegroundMeta",
          sizeof (GstForegroundMeta), foreground_meta_init,
          foreground_meta_free, foreground_meta_transform);

      g_once_init_leave ((GstMetaInfo **)&info, (GstMetaInfo *)new_info);
    }
  return info;
}

GstForegroundMeta *
gst_buffer_get_foreground_meta (GstBuffer *buffer)
{
  return (GstForegroundMeta *)gst_buffer_get_meta (
      buffer, GST_FOREGROUND_META_API_TYPE);
}

GstForegroundMeta *
gst_buffer_add_foreground_meta (GstBuffer *buffer,
                                const GstForegroundGrid *grid,
                                gboolean is_learned, GBytes *cells)
{
  GstForegroundMeta *meta;

  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);
  g_return_val_if_fail (grid != NULL && cells != NULL, NULL);
  g_return_val_if_fail (grid->columns > 0 && grid->rows > 0, NULL);
  g_return_val_if_fail (g_bytes_get_size (cells)
                            == (gsize)grid->columns * (gsize)grid->rows,
                        NULL);
  meta = (GstForegroundMeta *)gst_buffer_add_meta (
      buffer, gst_foreground_meta_get_info (), NULL);
  if (meta == NULL)
    return NULL;
  meta->width = meta->source_width = grid->width;
  meta->height = meta->source_height = grid->height;
  meta->columns = grid->columns;
  meta->rows = grid->rows;
  meta->cell_size = grid->cell_size;
  meta->is_learned = is_learned;
  meta->cells = g_bytes_ref (cells);
  return meta;
}
