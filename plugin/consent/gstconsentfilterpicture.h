/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures, raw and JPEG: what one of them may show, and the card that stands
 * in its place. */
#pragma once

#include "gstconsentfiltershare.h"
#include "jpegredact.h"
#include "mask.h"
#include "policy.h"

#include <gst/gst.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/* One streaming thread's. Zero is valid and refuses everything. */
typedef struct
{
  gboolean is_jpeg;
  gint width, height; /* of the caps; 0: the JPEG caps do not say */
  gint mask_width;    /* of both maskers */
  gint mask_height;
  GstVideoInfo info;    /* raw only */
  DwFormat format;      /* raw only */
  gboolean has_padding; /* raw only: `info` has bytes nobody sees */
  guint cpu_flags;
  GstBufferPool *pool; /* raw only: buffers of exactly `info` */
  GstBuffer *card;     /* drawn for card_width x card_height */
  gint card_width, card_height;
  DwMasker *objects; /* people and things, held over time */
  DwMasker *zones;   /* polygons only, for what is shown clear */
  DwJpegRedactor *redactor;
  gboolean is_noted; /* `objects` holds an open frame */
  gboolean is_known; /* something said what is private in it */
} GstConsentPicture;

/* Prepares for caps of video/x-raw or image/jpeg. */
DwStatus gst_consent_picture_set_caps (GstConsentPicture *self, GstCaps *caps,
                                       const GstConsentShare *share);
void gst_consent_picture_clear (GstConsentPicture *self);

/* Takes note of what is private in `buffer`, so that it stays held whatever
 * is shown now. To be called once for each buffer, before show or card. */
DwStatus gst_consent_picture_note (GstConsentPicture *self, GstBuffer *buffer,
                                   gint64 time_ns);

/* Takes `buffer`; returns one that shows no more than `verdict`, without any
 * meta but the video meta, or NULL: then nothing may be shown. Never writes
 * to memory that somebody else holds too. */
GstBuffer *gst_consent_picture_show (GstConsentPicture *self, GstBuffer *buffer,
                                     const GstConsentShare *share,
                                     const DwVerdict *verdict,
                                     const DwTerms *terms, gint64 time_ns);

/* A buffer with the card, or NULL when it could not be drawn. Its memory is
 * shared and read-only. */
GstBuffer *gst_consent_picture_card (GstConsentPicture *self);

G_END_DECLS
