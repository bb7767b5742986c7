/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between GStreamer's buffers and the motion core: pictures in; the message's
 * structure (see the element's documentation for its fields) and metas out. */
#pragma once

#include "motion.h"

#include <gst/video/video.h>

/* The buffer's time for the core: -1 when it has none. */
gint64 gst_motion_pts (GstBuffer *buffer);

/* Maps the buffer for the time of the push; DW_ERROR_INVALID when it cannot be
 * mapped. `info` is raw. */
DwStatus gst_motion_push_raw (DwMotion *motion, const GstVideoInfo *info,
                              GstBuffer *buffer, DwMotionReport *report);
DwStatus gst_motion_push_jpeg (DwMotion *motion, GstBuffer *buffer,
                               DwMotionReport *report);

/* Without `state` and `id`, which the element adds. `buffer` is NULL when
 * there is no picture: at the end of a stream. */
GstStructure *gst_motion_report_to_structure (const DwMotionReport *report,
                                              const DwMotionConfig *config,
                                              const GstSegment *segment,
                                              GstBuffer *buffer);

/* Adds the foreground and the regions of interest. */
void gst_motion_report_attach (const DwMotionReport *report,
                               const GstVideoInfo *info, GstBuffer *buffer);
