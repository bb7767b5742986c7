/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an element means for the guard: does a way end here, go on, or leave
 * the house. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_DOORBELL_WAY_OUT = 0, /* leaves the house, or nobody knows */
  GST_DOORBELL_WAY_FILE,    /* ends in a regular file of this machine */
  GST_DOORBELL_WAY_LOCAL,   /* ends on this machine's screen or speaker */
  GST_DOORBELL_WAY_GATED,   /* a consentgate stands here */
  GST_DOORBELL_WAY_ON,      /* goes on through the source pads */
} GstDoorbellWay;

/* An element that is not a bin, or a bin that cannot be looked into. */
GstDoorbellWay gst_doorbell_way_of_element (GstElement *element);

/* A bin that is entered through a ghost pad: WAY_OUT, WAY_GATED or WAY_ON. */
GstDoorbellWay gst_doorbell_way_of_bin (GstElement *bin);

/* True where each sink pad feeds source pads of its own, so that only these
 * are followed. */
gboolean gst_doorbell_way_is_paired (GstElement *element);

G_END_DECLS
