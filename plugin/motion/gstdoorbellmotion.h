/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The element around the motion core. */
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_DOORBELL_MOTION (gst_doorbell_motion_get_type ())
G_DECLARE_FINAL_TYPE (GstDoorbellMotion, gst_doorbell_motion, GST,
                      DOORBELL_MOTION, GstBaseTransform)
GST_ELEMENT_REGISTER_DECLARE (doorbellmotion)

G_END_DECLS
