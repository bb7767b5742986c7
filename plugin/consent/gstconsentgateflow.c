/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What flows through a gate: each buffer is judged by its clearance against
 * the epoch in force, and by whether it can be understood without what was
 * not let through. */
#include "gstclearancemeta.h"
#include "gstconsentgateprivate.h"
#include "timebase.h"

/* An encoder with a look-ahead answers late: do not ask in between. */
#define ASK_AGAIN_NS DW_SECOND_NS

typedef enum
{
  JUDGED_UNMARKED = 0,
  JUDGED_STALE,
  JUDGED_PASSED,
} Judged;

/* A place for one more share; a full table gives up one that has nothing
 * downstream. */
static GstConsentMark *
place_for_mark (GstConsentGate *self)
{
  if (self->n_marks < GST_CONSENT_MAX_MARKS)
    return &self->marks[self->n_marks++];
  for (guint i = 0; i < self->n_marks; i++)
    if (!self->marks[i].has_passed)
      {
        dw_slot_unref (self->marks[i].slot);
        return &self->marks[i];
      }
  return NULL;
}

/* NULL for a share that is not registered in this process. */
static GstConsentMark *
find_mark (GstConsentGate *self, guint64 share)
{
  DwSlot *slot = gst_consent_share_find (share);
  GstConsentMark *mark;

  if (slot == NULL)
    return NULL;
  for (guint i = 0; i < self->n_marks; i++)
    if (self->marks[i].share == share)
      {
        dw_slot_unref (slot);
        return &self->marks[i];
      }
  mark = place_for_mark (self);
  if (mark == NULL)
    {
      dw_slot_unref (slot);
      return NULL;
    }
  *mark = (GstConsentMark){ .share = share,
                            .slot = slot,
                            .epoch = dw_slot_epoch (slot, dw_time_boot_ns ()),
                            .needs_key = TRUE,
                            .key_pts = GST_CLOCK_TIME_NONE };
  return mark;
}

static void
ask_for_key_unit (GstConsentGate *self, GstConsentMark *mark)
{
  gint64 now_ns = dw_time_boot_ns ();

  if (mark->asked_ns != 0 && now_ns - mark->asked_ns < ASK_AGAIN_NS)
    return;
  mark->asked_ns = now_ns;
  self->wants_key = TRUE;
}

/* The clearance alone: is it of a share of here, and of the epoch in force? */
static Judged
judge_mark (GstConsentGate *self, GstBuffer *buffer, GstConsentMark **out)
{
  const GstClearanceMeta *clearance = gst_buffer_get_clearance (buffer);

  *out = NULL;
  if (clearance == NULL || clearance->share == 0)
    return JUDGED_UNMARKED;
  *out = find_mark (self, clearance->share);
  if (*out == NULL)
    return JUDGED_UNMARKED;
  self->stats.epoch = (*out)->epoch;
  return clearance->epoch == (*out)->epoch ? JUDGED_PASSED : JUDGED_STALE;
}

/* A frame of the right epoch still leans on others. It may pass from a key
 * unit on, and not if it is shown before that one: such a frame may lean on
 * both sides. */
static Judged
judge_start (GstConsentGate *self, GstConsentMark *mark, GstBuffer *buffer)
{
  GstClockTime pts = GST_BUFFER_PTS (buffer);

  if (mark->needs_key)
    {
      if (!gst_consent_unit_is_key (self->units, buffer))
        {
          ask_for_key_unit (self, mark);
          return JUDGED_STALE;
        }
      mark->needs_key = FALSE;
      mark->key_pts = pts;
    }
  if (self->units == GST_CONSENT_UNITS_SOUND && mark->n_lead > 0)
    {
      mark->n_lead--;
      return JUDGED_STALE;
    }
  if (GST_CLOCK_TIME_IS_VALID (pts) && GST_CLOCK_TIME_IS_VALID (mark->key_pts)
      && pts < mark->key_pts)
    return JUDGED_STALE;
  return JUDGED_PASSED;
}

static void
count (GstConsentGate *self, Judged judged)
{
  GstConsentGateStats *stats = &self->stats;

  if (judged == JUDGED_PASSED)
    {
      stats->n_passed++;
      stats->last_pass_ns = dw_time_boot_ns ();
    }
  else if (judged == JUDGED_STALE)
    {
      stats->n_stale++;
      stats->last_stale_ns = dw_time_boot_ns ();
    }
  else
    stats->n_unmarked++;
}

static void
note_passed (GstConsentGate *self, GstConsentMark *mark)
{
  if (mark->has_passed)
    return;
  mark->has_passed = TRUE;
  g_cond_signal (&self->timer_cond);
}

static Judged
judge (GstConsentGate *self, GstBuffer *buffer)
{
  GstConsentMark *mark;
  Judged judged = judge_mark (self, buffer, &mark);

  if (judged != JUDGED_STALE
      && gst_consent_unit_is_parameters (self->units, buffer))
    judged = JUDGED_PASSED;
  else if (judged == JUDGED_PASSED)
    judged = judge_start (self, mark, buffer);
  else if (mark)
    gst_consent_mark_restart (mark);
  if (judged == JUDGED_PASSED && mark)
    note_passed (self, mark);
  count (self, judged);
  return judged;
}

/* Tells muxers and sinks downstream that nothing comes for this time. Only
 * forward: a reordered frame's place has been passed already. */
static void
leave_gap (GstConsentGate *self, GstClockTime pts, GstClockTime duration)
{
  if (!GST_CLOCK_TIME_IS_VALID (pts) || gst_consent_units_is_rtp (self->units)
      || (GST_CLOCK_TIME_IS_VALID (self->gap_end) && pts < self->gap_end))
    return;
  self->gap_end = pts + (GST_CLOCK_TIME_IS_VALID (duration) ? duration : 1);
  gst_consent_gate_push_event (self, gst_event_new_gap (pts, duration));
}

static void
note_time (GstConsentGate *self, GstBuffer *buffer)
{
  GstClockTime end = GST_BUFFER_PTS (buffer);

  if (!GST_CLOCK_TIME_IS_VALID (end))
    return;
  if (GST_BUFFER_DURATION_IS_VALID (buffer))
    end += GST_BUFFER_DURATION (buffer);
  if (!GST_CLOCK_TIME_IS_VALID (self->gap_end) || end > self->gap_end)
    self->gap_end = end;
}

static void
warn_once (GstConsentGate *self, const gchar *text)
{
  if (self->has_warned)
    return;
  self->has_warned = TRUE;
  g_mutex_unlock (&self->lock);
  GST_ELEMENT_WARNING (self, STREAM, FORMAT, ("%s", text), (NULL));
  g_mutex_lock (&self->lock);
}

static GstFlowReturn
take_frame (GstConsentGate *self, GstBuffer *buffer)
{
  Judged judged = judge (self, buffer);
  GstClockTime pts = GST_BUFFER_PTS (buffer);
  GstClockTime duration = GST_BUFFER_DURATION (buffer);

  if (judged == JUDGED_PASSED)
    {
      note_time (self, buffer);
      return gst_consent_gate_push (self, buffer, NULL);
    }
  if (judged == JUDGED_UNMARKED)
    {
      self->wants_alarm = TRUE;
      gst_consent_gate_restart (self);
    }
  gst_buffer_unref (buffer);
  leave_gap (self, pts, duration);
  return GST_FLOW_OK;
}

/* All or nothing: every sample of the epoch in force of its share. */
static Judged
judge_fragment (GstConsentGate *self)
{
  GstConsentFragments *fragments = &self->fragments;
  guint n = gst_buffer_list_length (fragments->held);
  guint first = gst_consent_fragments_first_sample (fragments);
  Judged judged = JUDGED_PASSED;

  for (guint i = first; i < n && judged == JUDGED_PASSED; i++)
    {
      GstConsentMark *mark;

      judged
          = judge_mark (self, gst_buffer_list_get (fragments->held, i), &mark);
    }
  if (judged == JUDGED_PASSED && !gst_consent_fragments_can_start (fragments))
    judged = JUDGED_STALE;
  for (guint i = first; i < n; i++)
    {
      GstConsentMark *mark;

      count (self, judged);
      if (judged == JUDGED_PASSED
          && judge_mark (self, gst_buffer_list_get (fragments->held, i), &mark)
                 == JUDGED_PASSED)
        note_passed (self, mark);
    }
  return judged;
}

static GstFlowReturn
take_fragment (GstConsentGate *self)
{
  gboolean is_passed = judge_fragment (self) == JUDGED_PASSED;
  GstBufferList *list
      = gst_consent_fragments_take (&self->fragments, is_passed);

  if (is_passed)
    return gst_consent_gate_push (self, NULL, list);
  gst_buffer_list_unref (list);
  gst_consent_fragments_restart (&self->fragments);
  return GST_FLOW_OK;
}

static GstFlowReturn
take_piece (GstConsentGate *self, GstBuffer *buffer)
{
  gboolean is_marked = gst_buffer_get_clearance (buffer) != NULL;

  buffer = gst_consent_fragments_clean (&self->fragments, buffer);
  switch (gst_consent_fragments_add (&self->fragments, buffer))
    {
    case GST_CONSENT_PIECE_HEADER:
      return gst_consent_gate_push (self, buffer, NULL);
    case GST_CONSENT_PIECE_WHOLE:
      return take_fragment (self);
    case GST_CONSENT_PIECE_HELD:
      return GST_FLOW_OK;
    default:
      break;
    }
  if (is_marked)
    {
      count (self, JUDGED_UNMARKED);
      self->wants_alarm = TRUE;
      gst_consent_fragments_restart (&self->fragments);
      warn_once (self, "Only fragmented MP4 can be judged fragment by fragment:"
                       " set fragment-duration and streamable on the muxer, or"
                       " put the gate before it. Its data is dropped.");
    }
  return GST_FLOW_OK;
}

static GstFlowReturn
take_buffer (GstConsentGate *self, GstBuffer *buffer)
{
  if (self->units == GST_CONSENT_UNITS_FRAGMENTS && !self->is_rewriting)
    return take_piece (self, buffer);
  if (self->units != GST_CONSENT_UNITS_REFUSED
      && self->units != GST_CONSENT_UNITS_FRAGMENTS)
    return take_frame (self, buffer);
  gst_buffer_unref (buffer);
  count (self, JUDGED_UNMARKED);
  if (self->units == GST_CONSENT_UNITS_REFUSED)
    warn_once (self, "A gate cannot judge data of this type: put it before "
                     "the muxer or payloader. Its data is dropped.");
  return GST_FLOW_OK;
}

GstFlowReturn
gst_consent_gate_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstConsentGate *self = GST_CONSENT_GATE (parent);
  GstFlowReturn result;

  (void)pad;
  g_mutex_lock (&self->lock);
  gst_consent_gate_notice (self);
  result = take_buffer (self, buffer);
  gst_consent_gate_leave (self);
  return result;
}

static gboolean
keep_passed (GstBuffer **buffer, guint index, gpointer data)
{
  GstConsentGate *self = data;
  Judged judged = judge (self, *buffer);

  (void)index;
  if (judged == JUDGED_PASSED)
    note_time (self, *buffer);
  else
    gst_clear_buffer (buffer);
  if (judged == JUDGED_UNMARKED)
    {
      self->wants_alarm = TRUE;
      gst_consent_gate_restart (self);
    }
  return TRUE;
}

static gboolean
is_by_frame (const GstConsentGate *self)
{
  return self->units != GST_CONSENT_UNITS_REFUSED
         && self->units != GST_CONSENT_UNITS_FRAGMENTS;
}

GstFlowReturn
gst_consent_gate_chain_list (GstPad *pad, GstObject *parent,
                             GstBufferList *list)
{
  GstConsentGate *self = GST_CONSENT_GATE (parent);
  GstFlowReturn result = GST_FLOW_OK;
  guint n = gst_buffer_list_length (list);

  (void)pad;
  g_mutex_lock (&self->lock);
  gst_consent_gate_notice (self);
  if (is_by_frame (self))
    {
      list = gst_buffer_list_make_writable (list);
      gst_buffer_list_foreach (list, keep_passed, self);
      if (gst_buffer_list_length (list) > 0)
        result = gst_consent_gate_push (self, NULL, g_steal_pointer (&list));
    }
  else
    for (guint i = 0; i < n && result == GST_FLOW_OK; i++)
      result
          = take_buffer (self, gst_buffer_ref (gst_buffer_list_get (list, i)));
  gst_clear_buffer_list (&list);
  gst_consent_gate_leave (self);
  return result;
}
