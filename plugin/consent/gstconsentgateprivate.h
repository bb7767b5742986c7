/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instance of a consentgate, for its own files only. */
#pragma once

#include "gstconsentgate.h"
#include "gstconsentgatefragments.h"
#include "gstconsentgateunits.h"
#include "slot.h"

G_BEGIN_DECLS

#define GST_CONSENT_MAX_MARKS 8

/* One share that this gate has seen. */
typedef struct
{
  guint64 share;
  guint64 epoch; /* in force when last looked at */
  DwSlot *slot;
  gboolean has_passed; /* something of `epoch` may be downstream */
  gboolean needs_key;
  guint n_lead;         /* coded sound still to be left out */
  GstClockTime key_pts; /* nothing earlier may follow; NONE: not known */
  gint64 asked_ns;      /* when a key unit was last asked for; 0: not yet */
} GstConsentMark;

typedef struct
{
  guint64 n_passed;
  guint64 n_stale;    /* of another epoch, or waiting for a key unit */
  guint64 n_unmarked; /* without a clearance, or of no share of here */
  guint64 n_flushes;
  guint64 epoch;
  gint64 last_pass_ns;
  gint64 last_stale_ns;
} GstConsentGateStats;

struct _GstConsentGate
{
  GstElement parent;
  GstPad *sinkpad, *srcpad;

  /* All below is under `lock`, which is never held while pushing. */
  GMutex lock;
  GCond cond;       /* is_pushing or is_flushing has ended */
  GCond timer_cond; /* there is something for the timer to watch */
  gboolean does_flush;
  guint interval_ms;
  GstConsentGateStats stats;

  GThread *timer;
  gboolean is_running;
  gboolean is_pushing;        /* the streaming thread is downstream */
  gboolean is_flushing;       /* one thread is between FLUSH_START and _STOP */
  gboolean upstream_flushing; /* between those of somebody upstream */
  gboolean is_eos;            /* EOS has been let through */

  GstConsentUnits units;
  GstConsentFragments fragments;
  gboolean is_rewriting; /* a muxer went back to write over bytes */
  gboolean wants_key;
  gboolean wants_alarm; /* something without a clearance came */
  gboolean has_alarmed;
  gboolean has_warned;
  GstClockTime gap_end; /* latest time that a buffer or a gap has told */
  guint n_marks;
  GstConsentMark marks[GST_CONSENT_MAX_MARKS];
};

/* The pads' functions. */
GstFlowReturn gst_consent_gate_chain (GstPad *pad, GstObject *parent,
                                      GstBuffer *buffer);
GstFlowReturn gst_consent_gate_chain_list (GstPad *pad, GstObject *parent,
                                           GstBufferList *list);
gboolean gst_consent_gate_sink_event (GstPad *pad, GstObject *parent,
                                      GstEvent *event);

/* Looks for new epochs and calls back what is downstream of older ones. Under
 * the lock, which it gives up while it flushes. */
void gst_consent_gate_notice (GstConsentGate *self);

/* What comes next of this share must not lean on what came before. */
void gst_consent_mark_restart (GstConsentMark *mark);

/* Nothing that comes next may lean on what came before, of whichever share.
 * Under the lock. */
void gst_consent_gate_restart (GstConsentGate *self);

/* Push one buffer or one list, the other being NULL, or an event. Under the
 * lock, which they give up meanwhile. A push that our own flush ended was
 * fine; an event that it swallowed is sent again. */
GstFlowReturn gst_consent_gate_push (GstConsentGate *self, GstBuffer *buffer,
                                     GstBufferList *list);
gboolean gst_consent_gate_push_event (GstConsentGate *self, GstEvent *event);

/* Gives up the lock for good; then asks for a key unit and raises the alarm,
 * where they are wanted. */
void gst_consent_gate_leave (GstConsentGate *self);

/* The thread that notices when nothing flows. */
void gst_consent_gate_start_timer (GstConsentGate *self);
void gst_consent_gate_stop_timer (GstConsentGate *self);

/* Forgets shares and stream. Under the lock. */
void gst_consent_gate_forget (GstConsentGate *self);

G_END_DECLS
