/* SPDX-License-Identifier: GPL-2.0-or-later */
/* consentgate: the last look before a share's sink. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_CONSENT_GATE (gst_consent_gate_get_type ())
G_DECLARE_FINAL_TYPE (GstConsentGate, gst_consent_gate, GST, CONSENT_GATE,
                      GstElement)

GST_ELEMENT_REGISTER_DECLARE (consentgate);

G_END_DECLS
