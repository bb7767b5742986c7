/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw pictures: maps buffers for the redaction core and builds what leaves the
 * filter. Own memory is used wherever the private frame has other holders or
 * another layout. */
#include "gstconsentfilterraw.h"

#include "redact.h"

#include <string.h>

static DwFormat
format_from_video (GstVideoFormat format)
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

static DwStatus
make_pool (GstConsentPicture *self, GstCaps *caps)
{
  GstStructure *config;

  self->pool = gst_video_buffer_pool_new ();
  config = gst_buffer_pool_get_config (self->pool);
  gst_buffer_pool_config_set_params (config, caps,
                                     GST_VIDEO_INFO_SIZE (&self->info), 2, 0);
  if (!gst_buffer_pool_set_config (self->pool, config)
      || !gst_buffer_pool_set_active (self->pool, TRUE))
    return DW_ERROR_NO_MEMORY;
  return DW_OK;
}

static gsize
plane_size (const GstVideoInfo *info, gint plane)
{
  gsize end = plane + 1 < (gint)GST_VIDEO_INFO_N_PLANES (info)
                  ? GST_VIDEO_INFO_PLANE_OFFSET (info, plane + 1)
                  : GST_VIDEO_INFO_SIZE (info);

  return end - GST_VIDEO_INFO_PLANE_OFFSET (info, plane);
}

static gboolean
layout_has_padding (const GstVideoInfo *info, DwFormat format)
{
  gint width = GST_VIDEO_INFO_WIDTH (info);
  gint height = GST_VIDEO_INFO_HEIGHT (info);

  for (gint i = 0; i < (gint)GST_VIDEO_INFO_N_PLANES (info); i++)
    {
      gsize seen = (gsize)dw_format_row_bytes (format, i, width)
                   * (gsize)dw_format_rows (format, i, height);

      if (plane_size (info, i) != seen)
        return TRUE;
    }
  return FALSE;
}

DwStatus
gst_consent_raw_set_caps (GstConsentPicture *self, GstCaps *caps)
{
  if (!gst_video_info_from_caps (&self->info, caps))
    return DW_ERROR_INVALID;
  self->format = format_from_video (GST_VIDEO_INFO_FORMAT (&self->info));
  if (self->format == DW_FORMAT_NONE || GST_VIDEO_INFO_VIEWS (&self->info) > 1)
    return DW_ERROR_UNSUPPORTED;
  self->width = GST_VIDEO_INFO_WIDTH (&self->info);
  self->height = GST_VIDEO_INFO_HEIGHT (&self->info);
  self->has_padding = layout_has_padding (&self->info, self->format);
  return make_pool (self, caps);
}

/* The planes of a mapped frame that has exactly the layout of `info`, so that
 * padding belongs to the plane before it. */
static void
frame_from_video (const GstConsentPicture *self, GstVideoFrame *video,
                  DwFrame *out)
{
  gint n_planes = GST_VIDEO_FRAME_N_PLANES (video);

  memset (out, 0, sizeof *out);
  out->format = self->format;
  out->width = self->width;
  out->height = self->height;
  for (gint i = 0; i < n_planes && i < DW_MAX_PLANES; i++)
    {
      out->data[i] = GST_VIDEO_FRAME_PLANE_DATA (video, i);
      out->stride[i] = GST_VIDEO_FRAME_PLANE_STRIDE (video, i);
      out->size[i] = plane_size (&self->info, i);
    }
}

/* The meta, where there is one, must describe this picture and stay within
 * the buffer. */
static gboolean
meta_fits (const GstConsentPicture *self, GstBuffer *buffer)
{
  const GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);
  gint n_planes = GST_VIDEO_INFO_N_PLANES (&self->info);
  gsize size = gst_buffer_get_size (buffer);

  if (meta == NULL)
    return TRUE;
  if (meta->format != GST_VIDEO_INFO_FORMAT (&self->info)
      || (gint)meta->width != self->width || (gint)meta->height != self->height
      || (gint)meta->n_planes != n_planes)
    return FALSE;
  for (gint i = 0; i < n_planes; i++)
    {
      gsize row_bytes
          = (gsize)dw_format_row_bytes (self->format, i, self->width);
      gsize n_rows = (gsize)dw_format_rows (self->format, i, self->height);

      if (meta->stride[i] < (gint)row_bytes || meta->offset[i] > size
          || ((n_rows - 1) * (gsize)meta->stride[i] + row_bytes
              > size - meta->offset[i]))
        return FALSE;
    }
  return TRUE;
}

/* One memory, laid out exactly as the caps say. */
static gboolean
is_plain (const GstConsentPicture *self, GstBuffer *buffer)
{
  const GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);
  const GstVideoInfo *info = &self->info;
  gint n_planes = GST_VIDEO_INFO_N_PLANES (info);

  if (gst_buffer_n_memory (buffer) != 1
      || gst_buffer_get_size (buffer) != GST_VIDEO_INFO_SIZE (info))
    return FALSE;
  for (gint i = 0; meta && i < n_planes; i++)
    if (meta->stride[i] != GST_VIDEO_INFO_PLANE_STRIDE (info, i)
        || meta->offset[i] != GST_VIDEO_INFO_PLANE_OFFSET (info, i))
      return FALSE;
  return TRUE;
}

static gboolean
keep_video_meta (GstBuffer *buffer, GstMeta **meta, gpointer data)
{
  (void)buffer;
  (void)data;
  if ((*meta)->info->api != GST_VIDEO_META_API_TYPE)
    *meta = NULL;
  return TRUE;
}

/* Row by row with dw_format_row_bytes (): gst_video_frame_copy () leaves half
 * of the last pair out where a packed picture is odd, and what the pool's
 * memory held would stay there. */
static void
copy_planes (const GstConsentPicture *self, GstVideoFrame *to,
             const GstVideoFrame *from)
{
  for (gint i = 0; i < (gint)GST_VIDEO_INFO_N_PLANES (&self->info); i++)
    {
      gint row_bytes = dw_format_row_bytes (self->format, i, self->width);
      gint n_rows = dw_format_rows (self->format, i, self->height);
      const guint8 *source = GST_VIDEO_FRAME_PLANE_DATA (from, i);
      guint8 *dest = GST_VIDEO_FRAME_PLANE_DATA (to, i);

      for (gint row = 0; row < n_rows; row++)
        {
          memcpy (dest, source, (gsize)row_bytes);
          source += GST_VIDEO_FRAME_PLANE_STRIDE (from, i);
          dest += GST_VIDEO_FRAME_PLANE_STRIDE (to, i);
        }
    }
}

static GstBuffer *
copy_picture (GstConsentPicture *self, GstBuffer *buffer)
{
  GstVideoFrame from, to;
  GstBuffer *out = NULL;
  gboolean is_copied = FALSE;

  if (gst_buffer_pool_acquire_buffer (self->pool, &out, NULL) != GST_FLOW_OK)
    return NULL;
  if (gst_video_frame_map (&from, &self->info, buffer, GST_MAP_READ))
    {
      if (gst_video_frame_map (&to, &self->info, out, GST_MAP_WRITE))
        {
          copy_planes (self, &to, &from);
          is_copied = TRUE;
          gst_video_frame_unmap (&to);
        }
      gst_video_frame_unmap (&from);
    }
  if (!is_copied)
    gst_clear_buffer (&out);
  return out;
}

/* A buffer that is ours, with the pixels of `buffer` and nothing else of it:
 * the same one where nobody else holds it, one that shares its memory where
 * that is only read and goes back to no pool, else a copy. */
static GstBuffer *
own_picture (GstConsentPicture *self, GstBuffer *buffer, gboolean is_written)
{
  GstBuffer *out = NULL;

  if (meta_fits (self, buffer) && is_plain (self, buffer))
    {
      if (gst_buffer_is_writable (buffer))
        {
          gst_buffer_foreach_meta (buffer, keep_video_meta, NULL);
          return buffer;
        }
      if (!is_written && buffer->pool == NULL)
        out = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_MEMORY, 0,
                                      (gsize)-1);
      else
        out = copy_picture (self, buffer);
    }
  else if (meta_fits (self, buffer))
    out = copy_picture (self, buffer);
  gst_buffer_unref (buffer);
  return out;
}

static gboolean
redact (GstConsentPicture *self, GstBuffer *buffer, const DwMask *mask)
{
  GstVideoFrame video;
  DwFrame frame;
  DwStatus status;

  if (!gst_video_frame_map (&video, &self->info, buffer, GST_MAP_READWRITE))
    return FALSE;
  frame_from_video (self, &video, &frame);
  status = dw_redact_frame (&frame, mask, self->cpu_flags);
  gst_video_frame_unmap (&video);
  return status == DW_OK;
}

/* Padding is filled whenever there is any: in memory that comes from a pool
 * it is what an earlier frame left there. */
GstBuffer *
gst_consent_raw_show (GstConsentPicture *self, GstBuffer *buffer,
                      const DwMask *mask, gboolean hides)
{
  gboolean is_written = hides || self->has_padding;
  GstBuffer *out = own_picture (self, buffer, is_written);

  if (out && is_written && !redact (self, out, mask))
    gst_clear_buffer (&out);
  return out;
}

GstBuffer *
gst_consent_raw_card (GstConsentPicture *self)
{
  GstBuffer *card
      = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (&self->info), NULL);
  DwStatus status = DW_ERROR_NO_MEMORY;
  GstVideoFrame video;
  DwFrame frame;

  if (card == NULL)
    return NULL;
  gst_buffer_memset (card, 0, 0, GST_VIDEO_INFO_SIZE (&self->info));
  if (gst_video_frame_map (&video, &self->info, card, GST_MAP_READWRITE))
    {
      frame_from_video (self, &video, &frame);
      status = dw_card_draw (&frame);
      gst_video_frame_unmap (&video);
    }
  if (status != DW_OK)
    gst_clear_buffer (&card);
  return card;
}
