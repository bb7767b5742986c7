/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clearance: the mark that consentfilter puts on each buffer it has
 * treated, and the table by which a gate finds a share's slot again.
 *
 * The meta has no tags and is always copied, so it follows a frame through
 * converters, encoders, parsers and payloaders. Where an element loses it the
 * gate drops: closed. */
#pragma once

#include "slot.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  GstMeta meta;
  guint64 share; /* random, of this process; 0 is never one */
  guint64 epoch;
  DwLevel level;
} GstClearanceMeta;

GType gst_clearance_meta_api_get_type (void);
const GstMetaInfo *gst_clearance_meta_get_info (void);
#define GST_CLEARANCE_META_API_TYPE (gst_clearance_meta_api_get_type ())

/* Replaces one that is already there. The buffer must be meta-writable. */
void gst_buffer_set_clearance (GstBuffer *buffer, guint64 share, guint64 epoch,
                               DwLevel level);

/* NULL when there is none, or more than one of different marks. */
const GstClearanceMeta *gst_buffer_get_clearance (GstBuffer *buffer);

/* The table of this process. register takes a ref of the slot and returns the
 * share's random number; find returns a new ref or NULL. Any thread. */
guint64 gst_consent_share_register (DwSlot *slot);
void gst_consent_share_unregister (guint64 share);
DwSlot *gst_consent_share_find (guint64 share);

G_END_DECLS
