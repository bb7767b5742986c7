/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instance of a consentfilter, for its own files only. */
#pragma once

#include "gstconsentfilter.h"
#include "gstconsentfilterpicture.h"
#include "gstconsentfiltershare.h"
#include "slot.h"

#include <gst/audio/audio.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 n_frames;
  guint64 n_shown; /* clear, but for private zones and regions */
  guint64 n_masked;
  guint64 n_blurred;
  guint64 n_withheld;
  guint64 n_errors;
  guint64 epoch;
  DwLevel level;
} GstConsentStats;

typedef enum
{
  GST_CONSENT_MEDIA_NONE = 0, /* no caps: refuse */
  GST_CONSENT_MEDIA_PICTURE,
  GST_CONSENT_MEDIA_AUDIO,
} GstConsentMedia;

struct _GstConsentFilter
{
  GstElement parent;
  GstPad *sinkpad, *srcpad;

  GstConsentSettings settings; /* under the object lock */
  GstConsentStats stats;       /* under the object lock */

  /* From birth to finalize. */
  DwSlot *slot;
  guint64 share_id;

  GstConsentShare share; /* READY to READY */

  /* The streaming thread's. */
  GstConsentMedia media;
  GstConsentPicture picture;
  GstAudioInfo audio_info;
  GstSegment segment;
  DwSlotCopy copy;
  gboolean has_asked;      /* whether the stream is live */
  gboolean is_stream_live; /* somebody upstream says so */
  guint64 last_epoch;      /* 0: none since the start or a flush */
  gint64 last_time_ns;
  gboolean has_reported;
  DwLevel reported_level;
  gboolean reported_audio;
  gboolean has_warned;
  gboolean is_discont;
  gboolean has_begun; /* something has been pushed */
};

/* The pads' functions. */
GstFlowReturn gst_consent_filter_chain (GstPad *pad, GstObject *parent,
                                        GstBuffer *buffer);
gboolean gst_consent_filter_sink_event (GstPad *pad, GstObject *parent,
                                        GstEvent *event);

/* Forgets the stream, keeps the share. */
void gst_consent_filter_reset_stream (GstConsentFilter *self);

G_END_DECLS
