/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw pictures of a consentfilter. */
#pragma once

#include "gstconsentfilterpicture.h"

G_BEGIN_DECLS

/* Sets format, size, layout and pool. */
DwStatus gst_consent_raw_set_caps (GstConsentPicture *self, GstCaps *caps);

/* Takes `buffer`; returns one with the video meta only, and the mask applied
 * where it `hides` anything; NULL when that failed. Padding is filled. */
GstBuffer *gst_consent_raw_show (GstConsentPicture *self, GstBuffer *buffer,
                                 const DwMask *mask, gboolean hides);

/* Draws the card; NULL when it could not be drawn. */
GstBuffer *gst_consent_raw_card (GstConsentPicture *self);

G_END_DECLS
