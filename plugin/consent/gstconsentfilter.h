/* SPDX-License-Identifier: GPL-2.0-or-later */
/* consentfilter: shows of each buffer what the owner consented to. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_CONSENT_FILTER (gst_consent_filter_get_type ())
G_DECLARE_FINAL_TYPE (GstConsentFilter, gst_consent_filter, GST, CONSENT_FILTER,
                      GstElement)

GST_ELEMENT_REGISTER_DECLARE (consentfilter);

G_END_DECLS
