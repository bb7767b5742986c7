/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a picture may show: masks from what is known of it, zones and granted
 * regions, applied to raw and JPEG pictures. */
#include "gstconsentfilterpicture.h"

#include "cpu.h"
#include "gstconsentfilterboxes.h"
#include "gstconsentfilterraw.h"

#include <string.h>

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

/* What is held stays held when caps come anew; another size forgets it. */
static DwStatus
make_maskers (GstConsentPicture *self, const GstConsentShare *share)
{
  DwStatus status = DW_OK;

  if (self->objects == NULL)
    status = dw_masker_new (share->hold_ms, share->grow, &self->objects);
  if (status == DW_OK && self->zones == NULL)
    status = dw_masker_new (0, 1.0f, &self->zones);
  return status;
}

static void
forget_caps (GstConsentPicture *self)
{
  GstConsentPicture kept = { .objects = g_steal_pointer (&self->objects),
                             .zones = g_steal_pointer (&self->zones),
                             .mask_width = self->mask_width,
                             .mask_height = self->mask_height };

  gst_consent_picture_clear (self);
  *self = kept;
}

DwStatus
gst_consent_picture_set_caps (GstConsentPicture *self, GstCaps *caps,
                              const GstConsentShare *share)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  DwStatus status;

  forget_caps (self);
  self->cpu_flags = dw_cpu_limit (dw_cpu_detect (), g_getenv ("DW_SIMD"));
  status = make_maskers (self, share);
  if (status == DW_OK)
    status = dw_jpeg_redactor_new (&self->redactor);
  if (status == DW_OK && gst_structure_has_name (structure, "image/jpeg"))
    status = set_jpeg_caps (self, caps);
  else if (status == DW_OK)
    {
      status = gst_consent_raw_set_caps (self, caps);
      if (status == DW_OK)
        status = set_size (self, self->width, self->height);
    }
  if (status != DW_OK)
    gst_consent_picture_clear (self);
  return status;
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

/* Every applicable grant bounds the picture by its own regions. `is_mapped`
 * says that each grant which hides what is private tells by regions where
 * nothing is; another one's regions tell nothing for it. */
static gboolean
hide_polygons (DwMasker *masker, const GstConsentShare *share,
               const DwVerdict *verdict, const DwTerms *terms,
               gboolean *is_mapped)
{
  gboolean has_regions = FALSE, has_plain = FALSE;

  for (guint i = 0; i < share->n_zones; i++)
    dw_masker_hide_polygon (masker, &share->zones[i]);
  for (gsize i = 0; i < terms->n_terms && i < DW_MAX_TERMS; i++)
    {
      const DwTerm *term = &terms->terms[i];

      if (!(verdict->terms >> i & 1))
        continue;
      has_regions |= term->n_regions > 0;
      has_plain |= term->n_regions == 0 && term->level < DW_LEVEL_CLEAR;
      if (term->n_regions > 0)
        dw_masker_hide_outside (masker, term->regions, term->n_regions);
    }
  *is_mapped = has_regions && !has_plain;
  return share->n_zones > 0 || has_regions;
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
  gboolean is_mapped, hides;
  DwMask mask;

  if (!self->is_noted || verdict->level == DW_LEVEL_NOTHING)
    {
      gst_buffer_unref (buffer);
      return NULL;
    }
  self->is_noted = FALSE;
  if (is_clear)
    dw_masker_begin (masker, time_ns);
  hides = hide_polygons (masker, share, verdict, terms, &is_mapped);
  if (!is_clear)
    {
      hides = TRUE;
      if (!self->is_known && !is_mapped)
        dw_masker_hide_all (masker);
    }
  if (size_is_doubtful (self))
    {
      hides = TRUE;
      dw_masker_hide_all (masker);
    }
  dw_masker_end (masker, verdict->level == DW_LEVEL_BLURRED, &mask);
  return self->is_jpeg ? show_jpeg (self, buffer, &mask)
                       : gst_consent_raw_show (self, buffer, &mask, hides);
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
                                 : gst_consent_raw_card (self);
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
