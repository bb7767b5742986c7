/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorbellsrc: a doorbell's picture, sound and bell as one source element. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_DOORBELL_SRC (gst_doorbell_src_get_type ())
G_DECLARE_FINAL_TYPE (GstDoorbellSrc, gst_doorbell_src, GST, DOORBELL_SRC,
                      GstBin)

GST_ELEMENT_REGISTER_DECLARE (doorbellsrc)

G_END_DECLS
