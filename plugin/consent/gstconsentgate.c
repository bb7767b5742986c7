/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The element: properties, pads, states. */

/**
 * SECTION:element-consentgate
 * @title: consentgate
 * @short_description: the last look before a share's sink
 * @see_also: consentfilter
 *
 * Lets through only buffers whose clearance, put there by a #consentfilter of
 * this process, is of the epoch that is in force now. It belongs after
 * everything that can hold a frame back: encoder, queue, payloader.
 *
 * When the epoch changes (a revocation, a grant's end, a ledger nobody
 * vouches for) what is downstream is flushed, also while nothing flows, and
 * the stream starts again only at a key unit of the new epoch; frames that
 * lean on anything that was not let through are dropped. #consentgate:flush
 * turns the flush off for sinks that it harms: filesink cuts its file to
 * nothing.
 *
 * Fragmented MP4 is passed fragment by fragment, whole or not at all. Of RTP,
 * H.264, H.265, VP8, JPEG, raw video and sound can be judged. Data of other
 * containers cannot, and is dropped: there the gate belongs before the muxer.
 * Tags and custom events do not pass. Withheld frames leave GAP events.
 *
 * An element message `doorward-unmarked`, without fields, is posted when the
 * first buffer without a clearance of this process comes: something reached
 * the gate without having passed a filter. Later ones are counted only.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -e videotestsrc is-live=true ! video/x-raw,format=I420 !
 * consentfilter camera=front recipient=ann recipient-class=neighbour ! x264enc
 * ! queue ! consentgate flush=false ! mp4mux fragment-duration=1000
 * streamable=true ! consentgate flush=false ! filesink location=share.mp4
 * ]| A file that holds a card until the ledger grants more.
 */
#include "gstconsentgate.h"

#include "gstconsentgateprivate.h"

GST_DEBUG_CATEGORY (gst_consent_gate_debug);
#define GST_CAT_DEFAULT gst_consent_gate_debug

#define DEFAULT_FLUSH TRUE
#define DEFAULT_INTERVAL_MS 4

enum
{
  PROP_0,
  PROP_FLUSH,
  PROP_INTERVAL_MS,
  PROP_STATS,
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

#define gst_consent_gate_parent_class parent_class
G_DEFINE_TYPE (GstConsentGate, gst_consent_gate, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE (consentgate, "consentgate", GST_RANK_NONE,
                             GST_TYPE_CONSENT_GATE)

static void
gst_consent_gate_set_property (GObject *object, guint id, const GValue *value,
                               GParamSpec *pspec)
{
  GstConsentGate *self = GST_CONSENT_GATE (object);

  g_mutex_lock (&self->lock);
  if (id == PROP_FLUSH)
    self->does_flush = g_value_get_boolean (value);
  else if (id == PROP_INTERVAL_MS)
    self->interval_ms = g_value_get_uint (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  g_cond_signal (&self->timer_cond);
  g_mutex_unlock (&self->lock);
}

static GstStructure *
describe_stats (const GstConsentGateStats *stats)
{
  return gst_structure_new (
      "consentgate-stats", "passed", G_TYPE_UINT64, stats->n_passed,
      "withheld-stale", G_TYPE_UINT64, stats->n_stale, "withheld-unmarked",
      G_TYPE_UINT64, stats->n_unmarked, "flushes", G_TYPE_UINT64,
      stats->n_flushes, "epoch", G_TYPE_UINT64, stats->epoch, "last-pass-time",
      G_TYPE_INT64, stats->last_pass_ns, "last-stale-time", G_TYPE_INT64,
      stats->last_stale_ns, NULL);
}

static void
gst_consent_gate_get_property (GObject *object, guint id, GValue *value,
                               GParamSpec *pspec)
{
  GstConsentGate *self = GST_CONSENT_GATE (object);

  g_mutex_lock (&self->lock);
  if (id == PROP_FLUSH)
    g_value_set_boolean (value, self->does_flush);
  else if (id == PROP_INTERVAL_MS)
    g_value_set_uint (value, self->interval_ms);
  else if (id == PROP_STATS)
    g_value_take_boxed (value, describe_stats (&self->stats));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  g_mutex_unlock (&self->lock);
}

static void
start (GstConsentGate *self)
{
  g_mutex_lock (&self->lock);
  self->stats = (GstConsentGateStats){ 0 };
  self->has_warned = FALSE;
  gst_consent_gate_forget (self);
  g_mutex_unlock (&self->lock);
  gst_consent_gate_start_timer (self);
}

static void
stop (GstConsentGate *self)
{
  g_mutex_lock (&self->lock);
  gst_consent_gate_forget (self);
  g_mutex_unlock (&self->lock);
}

static GstStateChangeReturn
gst_consent_gate_change_state (GstElement *element, GstStateChange change)
{
  GstConsentGate *self = GST_CONSENT_GATE (element);
  GstStateChangeReturn result;

  if (change == GST_STATE_CHANGE_READY_TO_PAUSED)
    start (self);
  else if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_consent_gate_stop_timer (self);
  result = GST_ELEMENT_CLASS (parent_class)->change_state (element, change);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
    stop (self);
  else if (change == GST_STATE_CHANGE_READY_TO_PAUSED
           && result == GST_STATE_CHANGE_FAILURE)
    {
      gst_consent_gate_stop_timer (self);
      stop (self);
    }
  return result;
}

static void
gst_consent_gate_finalize (GObject *object)
{
  GstConsentGate *self = GST_CONSENT_GATE (object);

  gst_consent_gate_forget (self);
  g_cond_clear (&self->timer_cond);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_FLUSH,
      g_param_spec_boolean ("flush", "Flush",
                            "Flush what is downstream when the epoch changes; "
                            "off for sinks that a flush harms, such as "
                            "filesink",
                            DEFAULT_FLUSH,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                                | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (
      klass, PROP_INTERVAL_MS,
      g_param_spec_uint ("interval-ms", "Interval",
                         "How often to look for a new epoch while something "
                         "may be downstream",
                         1, 1000, DEFAULT_INTERVAL_MS,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                             | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (
      klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
                          "passed, withheld-stale, withheld-unmarked, flushes, "
                          "epoch; last-pass-time and last-stale-time in "
                          "nanoseconds since boot",
                          GST_TYPE_STRUCTURE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_consent_gate_class_init (GstConsentGateClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_consent_gate_debug, "consentgate", 0,
                           "consent gate");
  object_class->set_property = gst_consent_gate_set_property;
  object_class->get_property = gst_consent_gate_get_property;
  object_class->finalize = gst_consent_gate_finalize;
  element_class->change_state = gst_consent_gate_change_state;
  install_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "Consent gate", "Filter/Network",
      "Lets through only what the consent in force covers", "Doorward");
}

static void
gst_consent_gate_init (GstConsentGate *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  g_cond_init (&self->timer_cond);
  self->does_flush = DEFAULT_FLUSH;
  self->interval_ms = DEFAULT_INTERVAL_MS;
  gst_consent_gate_forget (self);

  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, gst_consent_gate_chain);
  gst_pad_set_chain_list_function (self->sinkpad, gst_consent_gate_chain_list);
  gst_pad_set_event_function (self->sinkpad, gst_consent_gate_sink_event);
  /* Allocation is not proxied: what is not let through must never have been
   * written into memory of the share's side. */
  GST_PAD_SET_PROXY_CAPS (self->sinkpad);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);

  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  GST_PAD_SET_PROXY_CAPS (self->srcpad);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}
