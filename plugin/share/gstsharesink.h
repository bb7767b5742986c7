/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sharesink: the end of a share; see gstsharesink.c. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_SHARE_SINK (gst_share_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstShareSink, gst_share_sink, GST, SHARE_SINK, GstBin)

GST_ELEMENT_REGISTER_DECLARE (sharesink);

G_END_DECLS
