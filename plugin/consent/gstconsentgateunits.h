/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which buffers of a stream can be understood without the ones before them:
 * only there may a gate start again. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_CONSENT_UNITS_REFUSED = 0, /* nothing of it can be judged: drop all */
  GST_CONSENT_UNITS_EVERY,       /* raw, JPEG, plain sound */
  GST_CONSENT_UNITS_SOUND,       /* coded sound: frames overlap and lag */
  GST_CONSENT_UNITS_FLAGGED,     /* coded video: without DELTA_UNIT */
  GST_CONSENT_UNITS_RTP_H264,
  GST_CONSENT_UNITS_RTP_H265,
  GST_CONSENT_UNITS_RTP_VP8,
  GST_CONSENT_UNITS_FRAGMENTS, /* ISO media in fragments */
} GstConsentUnits;

GstConsentUnits gst_consent_units_from_caps (const GstCaps *caps);

/* TRUE for packets of RTP. */
gboolean gst_consent_units_is_rtp (GstConsentUnits units);

/* TRUE when a decoder can start at `buffer` and needs nothing before it. */
gboolean gst_consent_unit_is_key (GstConsentUnits units, GstBuffer *buffer);

/* TRUE for a packet that holds no picture: the decoder's parameters (sequence,
 * picture, video parameter sets) and delimiters. Payloaders repeat them out of
 * their own memory and therefore without a clearance. */
gboolean gst_consent_unit_is_parameters (GstConsentUnits units,
                                         GstBuffer *buffer);

G_END_DECLS
