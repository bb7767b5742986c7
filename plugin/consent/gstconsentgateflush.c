/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pushing and calling back: epochs that are new, the flush of what went
 * before, and the timer that does it while nothing flows.
 *
 * A flush may start in the streaming thread or in the timer. FLUSH_START frees
 * a streaming thread that is blocked downstream; FLUSH_STOP waits until that
 * thread has come back, so that nothing old slips in behind the flush. */
#include "gstclearancemeta.h"
#include "gstconsentgateprivate.h"
#include "timebase.h"

#include <gst/video/video.h>

/* Coded sound overlaps and lags behind its time stamps by up to three frames
 * (measured with AAC): so many, and one, are left out after a change. */
#define LEAD_FRAMES 4

void
gst_consent_mark_restart (GstConsentMark *mark)
{
  mark->needs_key = TRUE;
  mark->n_lead = LEAD_FRAMES;
  mark->asked_ns = 0;
}

/* Gets back what the flush took from the pads downstream. */
static void
restore_stream (GstConsentGate *self, GstEvent *segment, gboolean is_eos)
{
  if (segment)
    {
      gst_pad_store_sticky_event (self->srcpad, segment);
      gst_event_unref (segment);
    }
  if (is_eos)
    gst_pad_push_event (self->srcpad, gst_event_new_eos ());
}

static void
flush_downstream (GstConsentGate *self)
{
  GstEvent *segment
      = gst_pad_get_sticky_event (self->srcpad, GST_EVENT_SEGMENT, 0);
  gboolean is_eos = self->is_eos;

  self->is_flushing = TRUE;
  self->stats.n_flushes++;
  g_mutex_unlock (&self->lock);
  gst_pad_push_event (self->srcpad, gst_event_new_flush_start ());
  g_mutex_lock (&self->lock);
  while (self->is_pushing)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
  gst_pad_push_event (self->srcpad, gst_event_new_flush_stop (FALSE));
  restore_stream (self, segment, is_eos);
  g_mutex_lock (&self->lock);
  self->is_flushing = FALSE;
  g_cond_broadcast (&self->cond);
}

void
gst_consent_gate_restart (GstConsentGate *self)
{
  for (guint i = 0; i < self->n_marks; i++)
    gst_consent_mark_restart (&self->marks[i]);
  gst_consent_fragments_restart (&self->fragments);
}

/* TRUE when something of an older epoch may be downstream. */
static gboolean
update_marks (GstConsentGate *self)
{
  gint64 boot_ns = dw_time_boot_ns ();
  gboolean is_stale = FALSE;

  for (guint i = 0; i < self->n_marks; i++)
    {
      GstConsentMark *mark = &self->marks[i];
      guint64 epoch = dw_slot_epoch (mark->slot, boot_ns);

      if (epoch == mark->epoch)
        continue;
      mark->epoch = epoch;
      gst_consent_mark_restart (mark);
      is_stale |= mark->has_passed;
      gst_consent_fragments_restart (&self->fragments);
    }
  return is_stale;
}

static void
forget_passed (GstConsentGate *self, gboolean is_flushed)
{
  for (guint i = 0; i < self->n_marks; i++)
    {
      self->marks[i].has_passed = FALSE;
    }
  if (is_flushed)
    gst_consent_gate_restart (self);
}

void
gst_consent_gate_notice (GstConsentGate *self)
{
  while (self->is_flushing)
    g_cond_wait (&self->cond, &self->lock);
  if (!update_marks (self))
    return;
  forget_passed (self, self->does_flush);
  if (self->does_flush && !self->upstream_flushing)
    flush_downstream (self);
}

static gboolean
begin_push (GstConsentGate *self)
{
  while (self->is_flushing)
    g_cond_wait (&self->cond, &self->lock);
  if (self->upstream_flushing)
    return FALSE;
  self->is_pushing = TRUE;
  return TRUE;
}

static void
end_push (GstConsentGate *self)
{
  self->is_pushing = FALSE;
  g_cond_broadcast (&self->cond);
}

GstFlowReturn
gst_consent_gate_push (GstConsentGate *self, GstBuffer *buffer,
                       GstBufferList *list)
{
  guint64 n_flushes = self->stats.n_flushes;
  GstFlowReturn result;

  if (!begin_push (self))
    {
      gst_clear_buffer (&buffer);
      gst_clear_buffer_list (&list);
      return GST_FLOW_FLUSHING;
    }
  g_mutex_unlock (&self->lock);
  result = buffer ? gst_pad_push (self->srcpad, buffer)
                  : gst_pad_push_list (self->srcpad, list);
  g_mutex_lock (&self->lock);
  end_push (self);
  if (result == GST_FLOW_FLUSHING && n_flushes != self->stats.n_flushes
      && !self->upstream_flushing)
    result = GST_FLOW_OK;
  return result;
}

gboolean
gst_consent_gate_push_event (GstConsentGate *self, GstEvent *event)
{
  gboolean is_sent, is_flushed;

  do
    {
      guint64 n_flushes = self->stats.n_flushes;

      if (!begin_push (self))
        {
          gst_event_unref (event);
          return FALSE;
        }
      g_mutex_unlock (&self->lock);
      is_sent = gst_pad_push_event (self->srcpad, gst_event_ref (event));
      g_mutex_lock (&self->lock);
      end_push (self);
      is_flushed = n_flushes != self->stats.n_flushes;
    }
  while (!is_sent && is_flushed && !self->upstream_flushing);
  gst_event_unref (event);
  return is_sent;
}

void
gst_consent_gate_leave (GstConsentGate *self)
{
  gboolean wants_key = self->wants_key;
  gboolean wants_alarm = self->wants_alarm && !self->has_alarmed;

  self->wants_key = FALSE;
  self->has_alarmed |= wants_alarm;
  g_mutex_unlock (&self->lock);
  if (wants_key)
    gst_pad_push_event (self->sinkpad,
                        gst_video_event_new_upstream_force_key_unit (
                            GST_CLOCK_TIME_NONE, TRUE, 0));
  if (wants_alarm)
    gst_element_post_message (
        GST_ELEMENT (self),
        gst_message_new_element (
            GST_OBJECT (self), gst_structure_new_empty ("doorward-unmarked")));
}

static gboolean
has_passed (const GstConsentGate *self)
{
  for (guint i = 0; i < self->n_marks; i++)
    if (self->marks[i].has_passed)
      return TRUE;
  return FALSE;
}

static gpointer
run_timer (gpointer data)
{
  GstConsentGate *self = data;

  g_mutex_lock (&self->lock);
  while (self->is_running)
    {
      if (has_passed (self) && self->does_flush)
        {
          gint64 until = g_get_monotonic_time ()
                         + self->interval_ms * G_TIME_SPAN_MILLISECOND;

          g_cond_wait_until (&self->timer_cond, &self->lock, until);
        }
      else
        g_cond_wait (&self->timer_cond, &self->lock);
      if (self->is_running)
        gst_consent_gate_notice (self);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

void
gst_consent_gate_start_timer (GstConsentGate *self)
{
  g_mutex_lock (&self->lock);
  self->is_running = TRUE;
  g_mutex_unlock (&self->lock);
  self->timer = g_thread_new ("consentgate", run_timer, self);
}

void
gst_consent_gate_stop_timer (GstConsentGate *self)
{
  g_mutex_lock (&self->lock);
  self->is_running = FALSE;
  g_cond_signal (&self->timer_cond);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->timer, g_thread_join);
}

void
gst_consent_gate_forget (GstConsentGate *self)
{
  for (guint i = 0; i < self->n_marks; i++)
    dw_slot_unref (self->marks[i].slot);
  self->n_marks = 0;
  self->is_eos = FALSE;
  self->is_rewriting = FALSE;
  self->wants_key = FALSE;
  self->wants_alarm = FALSE;
  self->has_alarmed = FALSE;
  self->upstream_flushing = FALSE;
  self->units = GST_CONSENT_UNITS_REFUSED;
  self->gap_end = GST_CLOCK_TIME_NONE;
  gst_consent_fragments_clear (&self->fragments);
}
