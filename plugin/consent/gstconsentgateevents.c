/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes to a gate beside the buffers. Only facts of time and format go
 * on; a change of caps or segment is a fresh start. */
#include "gstconsentfilterevents.h"
#include "gstconsentgateprivate.h"

static void
take_caps (GstConsentGate *self, GstEvent *event)
{
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  self->units = gst_consent_units_from_caps (caps);
  gst_consent_gate_restart (self);
}

/* Returns FALSE for a segment that must not pass: a muxer that goes back to
 * write over what it wrote before would hit other bytes, since fragments may
 * be missing. */
static gboolean
take_segment (GstConsentGate *self, GstEvent *event)
{
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  self->gap_end = GST_CLOCK_TIME_NONE;
  self->is_rewriting = segment->format == GST_FORMAT_BYTES
                       && self->units == GST_CONSENT_UNITS_FRAGMENTS
                       && segment->start != 0;
  for (guint i = 0; i < self->n_marks; i++)
    {
      self->marks[i].key_pts = GST_CLOCK_TIME_NONE;
      gst_consent_mark_restart (&self->marks[i]);
    }
  return !self->is_rewriting;
}

static gboolean
take_serialized (GstConsentGate *self, GstEvent *event)
{
  gboolean may_pass = TRUE, is_sent = TRUE;

  gst_consent_gate_notice (self);
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS)
    take_caps (self, event);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    may_pass = take_segment (self, event);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
    {
      self->is_eos = FALSE;
      gst_consent_fragments_clear (&self->fragments);
    }
  if (may_pass)
    {
      gboolean is_eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;

      is_sent = gst_consent_gate_push_event (self, event);
      self->is_eos |= is_eos && is_sent;
    }
  else
    gst_event_unref (event);
  return is_sent;
}

static gboolean
take_flush_start (GstConsentGate *self, GstEvent *event)
{
  g_mutex_lock (&self->lock);
  self->upstream_flushing = TRUE;
  while (self->is_flushing)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
  return gst_pad_push_event (self->srcpad, event);
}

static gboolean
take_flush_stop (GstConsentGate *self, GstEvent *event)
{
  gboolean is_sent = gst_pad_push_event (self->srcpad, event);

  g_mutex_lock (&self->lock);
  self->upstream_flushing = FALSE;
  self->is_eos = FALSE;
  self->gap_end = GST_CLOCK_TIME_NONE;
  for (guint i = 0; i < self->n_marks; i++)
    {
      self->marks[i].has_passed = FALSE;
      self->marks[i].key_pts = GST_CLOCK_TIME_NONE;
    }
  gst_consent_gate_restart (self);
  gst_consent_fragments_clear (&self->fragments);
  g_mutex_unlock (&self->lock);
  return is_sent;
}

gboolean
gst_consent_gate_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstConsentGate *self = GST_CONSENT_GATE (parent);
  gboolean is_sent;

  (void)pad;
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    return take_flush_start (self, event);
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    return take_flush_stop (self, event);
  if (!gst_consent_event_is_plain (event))
    {
      gst_event_unref (event);
      return TRUE;
    }
  g_mutex_lock (&self->lock);
  is_sent = take_serialized (self, event);
  gst_consent_gate_leave (self);
  return is_sent;
}
