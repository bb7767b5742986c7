/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps buffers for the redaction core and builds what leaves the filter. Own
 * memory is used wherever the private frame has other holders or padding. */
#include "gstconsentfilterpicture.h"

#include "cpu.h"
#include "gstconsentfilterboxes.h"
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

static DwStatus
set_size (GstConsentPicture *self, gint width, gint height)
{
  DwStatus status;

  if (self->mask_width == width && self->mask_height == height)
    return DW_OK;
  self->mask_width = self->mask_height = 0;
  status = dw_masker_set_size (self->objects, width, height);
  if (status == DW_OK)
    status = dw_masker_set_size (self->zones, width, height);
  if (status != DW_OK)
    return status;
  self->mask_width = width;
  self->mask_height = height;
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

static DwStatus
set_raw_caps (GstConsentPicture *self, GstCaps *caps)
{
  DwStatus status;

  if (!gst_video_info_from_caps (&self->info, caps))
    return DW_ERROR_INVALID;
  self->format = format_from_video (GST_VIDEO_INFO_FORMAT (&self->info));
  if (self->format == DW_FORMAT_NONE || GST_VIDEO_INFO_VIEWS (&self->info) > 1)
    return DW_ERROR_UNSUPPORTED;
  self->width = GST_VIDEO_INFO_WIDTH (&self->info);
  self->height = GST_VIDEO_INFO_HEIGHT (&self->info);
  self->has_padding = layout_has_padding (&self->info, self->format);
  status = set_size (self, self->width, self->height);
  if (status == DW_OK)
    status = make_pool (self, caps);
  return status;
}

static DwStatus
set_jpeg_caps (GstConsentPicture *self, GstCaps *caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);

  self->is_jpeg = TRUE;
  if (!gst_structure_get_int (structure, "width", &self->width)
      || !gst_structure_get_int (structure, "height", &self->height)
      || self->width < 1 || self->width > DW_MAX_DIMENSION || self->height < 1
      || self->height > DW_MAX_DIMENSION)
    self->width = self->height = 0;
  return DW_OK;
}

DwStatus
gst_consent_picture_set_caps (GstConsentPicture *self, GstCaps *caps,
                              const GstConsentShare *share)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  DwStatus status;

  gst_consent_picture_clear (self);
  self->cpu_flags = dw_cpu_limit (dw_cpu_detect (), g_getenv ("DW_SIMD"));
  status = dw_masker_new (share->hold_ms, share->grow, &self->objects);
  if (status == DW_OK)
    status = dw_masker_new (0, 1.0f, &self->zones);
  if (status == DW_OK)
    status = dw_jpeg_redactor_new (&self->redactor);
  if (status == DW_OK && gst_structure_has_name (structure, "image/jpeg"))
    status = set_jpeg_caps (self, caps);
  else if (status == DW_OK)
    status = set_raw_caps (self, caps);
  if (status != DW_OK)
    gst_consent_picture_clear (self);
  return status;
}

void
gst_consent_picture_clear (GstConsentPicture *self)
{
  if (self->pool)
    gst_buffer_pool_set_active (self->pool, FALSE);
  gst_clear_object (&self->pool);
  gst_clear_buffer (&self->card);
  dw_masker_free (self->objects);
  dw_masker_free (self->zones);
  dw_jpeg_redactor_free (self->redactor);
  memset (self, 0, sizeof *self);
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

static gboolean
meta_fits (const GstConsentPicture *self, GstBuffer *buffer)
{
  const GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);

  return meta == NULL
         || (meta->format == GST_VIDEO_INFO_FORMAT (&self->info)
             && (gint)meta->width == self->width
             && (gint)meta->height == self->height);
}

/* One memory, laid out exactly as the caps say. */
static gboolean
is_plain (const GstConsentPicture *self, GstBuffer *buffer)
{
  const GstVideoMeta *meta = gst_buffer_get_video_meta (buffer);
  const GstVideoInfo *info = &self->info;
  gint n_planes = GST_VIDEO_INFO_N_PLANES (info);

  if (gst_buffer_n_memory (buffer) != 1
      || gst_buffer_get_size (buffer) != GST_VIDEO_INFO_SIZE (info)
      || (meta && (gint)meta->n_planes != n_planes))
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
          is_copied = gst_video_frame_copy (&to, &from);
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
static GstBuffer *
show_raw (GstConsentPicture *self, GstBuffer *buffer, const DwMask *mask,
          gboolean hides)
{
  gboolean is_written = hides || self->has_padding;
  GstBuffer *out = own_picture (self, buffer, is_written);

  if (out && is_written && !redact (self, out, mask))
    gst_clear_buffer (&out);
  return out;
}

static GstBuffer *
show_jpeg (GstConsentPicture *self, GstBuffer *buffer, const DwMask *mask)
{
  const guint8 *data = NULL;
  GstBuffer *out = NULL;
  gsize size = 0;
  GstMapInfo map;

  if (gst_buffer_map (buffer, &map, GST_MAP_READ))
    {
      if (dw_jpeg_redact (self->redactor, map.data, map.size, mask, &data,
                          &size)
          == DW_OK)
        out = gst_buffer_new_memdup (data, size);
      gst_buffer_unmap (buffer, &map);
    }
  gst_buffer_unref (buffer);
  return out;
}

static gboolean
jpeg_size (GstBuffer *buffer, gint *width, gint *height)
{
  GstMapInfo map;
  DwStatus status;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return FALSE;
  status = dw_jpeg_size (map.data, map.size, width, height);
  gst_buffer_unmap (buffer, &map);
  return status == DW_OK;
}

DwStatus
gst_consent_picture_note (GstConsentPicture *self, GstBuffer *buffer,
                          gint64 time_ns)
{
  gint width = self->width, height = self->height;
  DwStatus status;

  self->is_known = FALSE;
  self->is_noted = FALSE;
  if (self->objects == NULL)
    return DW_ERROR_INVALID;
  if (self->is_jpeg && !jpeg_size (buffer, &width, &height))
    return DW_ERROR_INVALID;
  status = set_size (self, width, height);
  if (status != DW_OK)
    return status;
  dw_masker_begin (self->objects, time_ns);
  self->is_known
      = gst_consent_hide_objects (self->objects, buffer, width, height);
  self->is_noted = TRUE;
  return DW_OK;
}

/* Every applicable grant bounds the picture by its own regions. */
static gboolean
hide_polygons (DwMasker *masker, const GstConsentShare *share,
               const DwVerdict *verdict, const DwTerms *terms,
               gboolean *has_regions)
{
  *has_regions = FALSE;
  for (guint i = 0; i < share->n_zones; i++)
    dw_masker_hide_polygon (masker, &share->zones[i]);
  for (gsize i = 0; i < terms->n_terms && i < DW_MAX_TERMS; i++)
    if ((verdict->terms >> i & 1) && terms->terms[i].n_regions > 0)
      {
        dw_masker_hide_outside (masker, terms->terms[i].regions,
                                terms->terms[i].n_regions);
        *has_regions = TRUE;
      }
  return share->n_zones > 0 || *has_regions;
}

/* JPEG caps that name another size than the picture's mean that somebody
 * lost track of what this picture is. */
static gboolean
size_is_doubtful (const GstConsentPicture *self)
{
  return self->is_jpeg && self->width > 0
         && (self->mask_width != self->width
             || self->mask_height != self->height);
}

GstBuffer *
gst_consent_picture_show (GstConsentPicture *self, GstBuffer *buffer,
                          const GstConsentShare *share,
                          const DwVerdict *verdict, const DwTerms *terms,
                          gint64 time_ns)
{
  gboolean is_clear = verdict->level == DW_LEVEL_CLEAR;
  DwMasker *masker = is_clear ? self->zones : self->objects;
  gboolean has_regions, hides;
  DwMask mask;

  if (!self->is_noted || verdict->level == DW_LEVEL_NOTHING)
    {
      gst_buffer_unref (buffer);
      return NULL;
    }
  self->is_noted = FALSE;
  if (is_clear)
    dw_masker_begin (masker, time_ns);
  hides = hide_polygons (masker, share, verdict, terms, &has_regions);
  if (!is_clear)
    {
      hides = TRUE;
      if (!self->is_known && !has_regions)
        dw_masker_hide_all (masker);
    }
  if (size_is_doubtful (self))
    {
      hides = TRUE;
      dw_masker_hide_all (masker);
    }
  dw_masker_end (masker, verdict->level == DW_LEVEL_BLURRED, &mask);
  return self->is_jpeg ? show_jpeg (self, buffer, &mask)
                       : show_raw (self, buffer, &mask, hides);
}

static GstBuffer *
draw_raw_card (GstConsentPicture *self)
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

static GstBuffer *
draw_jpeg_card (GstConsentPicture *self, gint width, gint height)
{
  const guint8 *data;
  gsize size;

  if (width == 0
      || dw_jpeg_card (self->redactor, width, height, &data, &size) != DW_OK)
    return NULL;
  return gst_buffer_new_memdup (data, size);
}

GstBuffer *
gst_consent_picture_card (GstConsentPicture *self)
{
  gint width = self->width ? self->width : self->mask_width;
  gint height = self->height ? self->height : self->mask_height;

  if (self->objects == NULL)
    return NULL;
  if (self->card == NULL || self->card_width != width
      || self->card_height != height)
    {
      gst_clear_buffer (&self->card);
      self->card = self->is_jpeg ? draw_jpeg_card (self, width, height)
                                 : draw_raw_card (self);
      if (self->card == NULL)
        return NULL;
      GST_MINI_OBJECT_FLAG_SET (gst_buffer_peek_memory (self->card, 0),
                                GST_MEMORY_FLAG_READONLY);
      self->card_width = width;
      self->card_height = height;
    }
  return gst_buffer_copy_region (self->card, GST_BUFFER_COPY_MEMORY, 0,
                                 (gsize)-1);
}
