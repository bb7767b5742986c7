/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One unbroken stream out of many connections: segments, timestamps, events. */
#include "gstdoorbelloutlet.h"

#define MAX_PENDING_EVENTS 64

GST_DEBUG_CATEGORY_STATIC (gst_doorbell_outlet_debug);
#define GST_CAT_DEFAULT gst_doorbell_outlet_debug

struct _GstDoorbellOutlet
{
  GstElement parent;

  GstPad *sinkpad;
  GstPad *srcpad;
  GstDoorbellOutletFunc func;
  gpointer user_data;
  GstCaps *utc_caps;

  /* Of the streaming thread. */
  GstSegment upstream;
  gboolean has_stream_start;
  gboolean has_segment;
  gint64 shift;          /* added to running times of this connection */
  GstClockTime position; /* running time that the stream has reached */

  /* Under the object lock. */
  GQueue events;
  gboolean is_fresh; /* no buffer of this connection yet */
  gboolean is_closed;
  gboolean is_ended;
  gboolean is_pushing;
  GstFlowReturn flow;
  gint64 last_data_us;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_TYPE (GstDoorbellOutlet, gst_doorbell_outlet, GST_TYPE_ELEMENT)

static GstClockTime
current_running_time (GstDoorbellOutlet *self)
{
  GstClock *clock = gst_element_get_clock (GST_ELEMENT (self));
  const GstClockTime base = gst_element_get_base_time (GST_ELEMENT (self));
  GstClockTime now = GST_CLOCK_TIME_NONE;

  if (clock == NULL)
    return GST_CLOCK_TIME_NONE;
  now = gst_clock_get_time (clock);
  gst_object_unref (clock);
  return now > base ? now - base : 0;
}

/* A time of the connection in running time of the stream; what lies before
 * the connection's segment becomes its start. */
static GstClockTime
to_stream (GstDoorbellOutlet *self, GstClockTime time)
{
  guint64 running = 0;
  gint sign;

  if (!GST_CLOCK_TIME_IS_VALID (time))
    return time;
  if (self->upstream.format != GST_FORMAT_TIME)
    running = time;
  else
    {
      sign = gst_segment_to_running_time_full (&self->upstream, GST_FORMAT_TIME,
                                               time, &running);
      if (sign <= 0)
        running = 0;
    }
  return running + self->shift;
}

/* A connection that starts at a time that the stream has passed already is
 * moved behind it: time never goes back. */
static void
start_connection (GstDoorbellOutlet *self, GstBuffer *buffer)
{
  GstClockTime first;

  self->shift = 0;
  first = to_stream (self, GST_BUFFER_DTS_OR_PTS (buffer));
  if (GST_CLOCK_TIME_IS_VALID (first) && first < self->position)
    self->shift = (gint64)(self->position - first);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  GST_DEBUG_OBJECT (self, "connection starts at %" GST_TIME_FORMAT,
                    GST_TIME_ARGS (first + self->shift));
}

/* The footage time by this machine's clock: when the pipeline's clock showed
 * the buffer's running time. Devices' own clocks are wrong too often. */
static void
add_footage_time (GstDoorbellOutlet *self, GstBuffer *buffer)
{
  const GstClockTime now = current_running_time (self);
  const GstClockTime time = GST_BUFFER_PTS_IS_VALID (buffer)
                                ? GST_BUFFER_PTS (buffer)
                                : GST_BUFFER_DTS (buffer);
  gint64 utc = g_get_real_time () * GST_USECOND;

  if (GST_CLOCK_TIME_IS_VALID (now) && GST_CLOCK_TIME_IS_VALID (time))
    utc -= GST_CLOCK_DIFF (time, now);
  gst_buffer_add_reference_timestamp_meta (
      buffer, self->utc_caps, (GstClockTime)utc, GST_CLOCK_TIME_NONE);
}

static GstBuffer *
prepare_buffer (GstDoorbellOutlet *self, GstBuffer *buffer, gboolean is_first)
{
  GstClockTime end;

  buffer = gst_buffer_make_writable (buffer);
  if (is_first)
    start_connection (self, buffer);
  GST_BUFFER_PTS (buffer) = to_stream (self, GST_BUFFER_PTS (buffer));
  GST_BUFFER_DTS (buffer) = to_stream (self, GST_BUFFER_DTS (buffer));
  end = GST_BUFFER_DTS_OR_PTS (buffer);
  if (GST_CLOCK_TIME_IS_VALID (end) && GST_BUFFER_DURATION_IS_VALID (buffer))
    end += GST_BUFFER_DURATION (buffer);
  if (GST_CLOCK_TIME_IS_VALID (end) && end > self->position)
    self->position = end;
  add_footage_time (self, buffer);
  return buffer;
}

static void
push_events (GstDoorbellOutlet *self)
{
  GstEvent *event;

  do
    {
      GST_OBJECT_LOCK (self);
      event = g_queue_pop_head (&self->events);
      GST_OBJECT_UNLOCK (self);
      if (event)
        gst_pad_push_event (self->srcpad, event);
    }
  while (event);
}

static GstFlowReturn
push_buffer (GstDoorbellOutlet *self, GstBuffer *buffer)
{
  GstFlowReturn flow;

  push_events (self);
  flow = gst_pad_push (self->srcpad, buffer);
  /* Nobody listens to this stream yet; the camera is not told, or it would
   * not be there when somebody does. */
  return flow == GST_FLOW_NOT_LINKED ? GST_FLOW_OK : flow;
}

static GstFlowReturn
gst_doorbell_outlet_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstDoorbellOutlet *self = GST_DOORBELL_OUTLET (parent);
  gboolean is_first, is_open;
  GstFlowReturn flow = GST_FLOW_OK;

  (void)pad;
  GST_OBJECT_LOCK (self);
  is_first = self->is_fresh;
  /* Who wants nothing more gets nothing more; the camera is not told, its
   * other stream goes on. */
  is_open = !self->is_closed && !self->is_ended && self->flow != GST_FLOW_EOS;
  self->is_fresh = FALSE;
  self->is_pushing = TRUE;
  GST_OBJECT_UNLOCK (self);

  if (is_first)
    self->func (FALSE, self->user_data);
  buffer = prepare_buffer (self, buffer, is_first);
  if (is_open)
    flow = push_buffer (self, buffer);
  else
    gst_buffer_unref (buffer);

  GST_OBJECT_LOCK (self);
  self->is_pushing = FALSE;
  self->last_data_us = g_get_monotonic_time ();
  if (is_open)
    self->flow = flow;
  GST_OBJECT_UNLOCK (self);
  return flow == GST_FLOW_EOS ? GST_FLOW_OK : flow;
}

static gboolean
take_segment (GstDoorbellOutlet *self, GstEvent *event)
{
  GstSegment segment;
  GstEvent *own;

  gst_event_copy_segment (event, &self->upstream);
  gst_event_unref (event);
  if (self->has_segment)
    return TRUE;
  self->has_segment = TRUE;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  own = gst_event_new_segment (&segment);
  return gst_pad_push_event (self->srcpad, own);
}

static gboolean
take_gap (GstDoorbellOutlet *self, GstEvent *event)
{
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  gst_event_unref (event);
  /* Before the first buffer of a connection its shift is not known. */
  GST_OBJECT_LOCK (self);
  if (self->is_fresh)
    time = GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (self);
  if (!GST_CLOCK_TIME_IS_VALID (time))
    return TRUE;
  return gst_pad_push_event (
      self->srcpad, gst_event_new_gap (to_stream (self, time), duration));
}

/* rtspsrc passes over one stream's refusal as long as the other one flows: the
 * pad would just stay silent. */
static gboolean
take_caps (GstDoorbellOutlet *self, GstEvent *event)
{
  GstCaps *caps = NULL;
  gboolean is_taken;

  gst_event_parse_caps (event, &caps);
  gst_caps_ref (caps);
  is_taken = gst_pad_push_event (self->srcpad, event);
  if (!is_taken && !gst_pad_peer_query_accept_caps (self->srcpad, caps))
    {
      GST_OBJECT_LOCK (self);
      self->flow = GST_FLOW_NOT_NEGOTIATED;
      GST_OBJECT_UNLOCK (self);
      GST_ELEMENT_ERROR (self, STREAM, FORMAT,
                         ("What is linked to the pad %s does not take the "
                          "camera's format.",
                          GST_OBJECT_NAME (self)),
                         ("%" GST_PTR_FORMAT, (void *)caps));
    }
  gst_caps_unref (caps);
  return is_taken;
}

/* A connection that ends is no end of the stream. */
static gboolean
take_eos (GstDoorbellOutlet *self, GstEvent *event)
{
  gst_event_unref (event);
  self->func (TRUE, self->user_data);
  return TRUE;
}

static gboolean
gst_doorbell_outlet_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstDoorbellOutlet *self = GST_DOORBELL_OUTLET (parent);

  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_STREAM_START:
      if (!self->has_stream_start)
        {
          self->has_stream_start = TRUE;
          return gst_pad_push_event (self->srcpad, event);
        }
      break;
    case GST_EVENT_CAPS:
      return take_caps (self, event);
    case GST_EVENT_SEGMENT:
      return take_segment (self, event);
    case GST_EVENT_GAP:
      return take_gap (self, event);
    case GST_EVENT_EOS:
      return take_eos (self, event);
    /* A connection that is torn down must not flush the stream that goes on,
     * nor replace its collection. */
    case GST_EVENT_FLUSH_START:
    case GST_EVENT_FLUSH_STOP:
    case GST_EVENT_STREAM_COLLECTION:
      break;
    default:
      return gst_pad_event_default (pad, parent, event);
    }
  gst_event_unref (event);
  return TRUE;
}

static gboolean
gst_doorbell_outlet_src_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) != GST_EVENT_SEEK)
    return gst_pad_event_default (pad, parent, event);
  gst_event_unref (event); /* what happens at the door cannot be sought */
  return FALSE;
}

static gboolean
answer_latency (GstDoorbellOutlet *self, GstPad *pad, GstQuery *query)
{
  /* Between two connections the stream is live all the same. */
  if (!gst_pad_query_default (pad, GST_OBJECT (self), query))
    gst_query_set_latency (query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static gboolean
gst_doorbell_outlet_src_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstDoorbellOutlet *self = GST_DOORBELL_OUTLET (parent);
  GstFormat format;

  switch (GST_QUERY_TYPE (query))
    {
    case GST_QUERY_LATENCY:
      return answer_latency (self, pad, query);
    case GST_QUERY_SEEKING:
      gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
      gst_query_set_seeking (query, format, FALSE, 0, -1);
      return TRUE;
    case GST_QUERY_DURATION:
      return FALSE;
    default:
      return gst_pad_query_default (pad, parent, query);
    }
}

static GstStateChangeReturn
gst_doorbell_outlet_change_state (GstElement *element, GstStateChange change)
{
  GstDoorbellOutlet *self = GST_DOORBELL_OUTLET (element);
  GstStateChangeReturn result;

  result = GST_ELEMENT_CLASS (gst_doorbell_outlet_parent_class)
               ->change_state (element, change);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
    {
      self->has_stream_start = FALSE;
      self->has_segment = FALSE;
      self->position = 0;
      self->shift = 0;
      gst_segment_init (&self->upstream, GST_FORMAT_UNDEFINED);
    }
  return result;
}

static void
gst_doorbell_outlet_finalize (GObject *object)
{
  GstDoorbellOutlet *self = GST_DOORBELL_OUTLET (object);

  g_queue_clear_full (&self->events, (GDestroyNotify)gst_event_unref);
  gst_caps_unref (self->utc_caps);
  G_OBJECT_CLASS (gst_doorbell_outlet_parent_class)->finalize (object);
}

static void
gst_doorbell_outlet_class_init (GstDoorbellOutletClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_doorbell_outlet_finalize;
  element_class->change_state = gst_doorbell_outlet_change_state;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "Doorbell outlet", "Generic",
      "One unbroken stream out of many connections", "The Doorward authors");
  GST_DEBUG_CATEGORY_INIT (gst_doorbell_outlet_debug, "doorbelloutlet", 0,
                           "doorbellsrc's lasting stream");
}

static void
gst_doorbell_outlet_init (GstDoorbellOutlet *self)
{
  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, gst_doorbell_outlet_chain);
  gst_pad_set_event_function (self->sinkpad, gst_doorbell_outlet_sink_event);
  GST_PAD_SET_PROXY_CAPS (self->sinkpad);
  GST_PAD_SET_PROXY_ALLOCATION (self->sinkpad);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);

  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->srcpad, gst_doorbell_outlet_src_event);
  gst_pad_set_query_function (self->srcpad, gst_doorbell_outlet_src_query);
  GST_PAD_SET_PROXY_CAPS (self->srcpad);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);

  g_queue_init (&self->events);
  gst_segment_init (&self->upstream, GST_FORMAT_UNDEFINED);
  self->utc_caps = gst_caps_new_empty_simple ("timestamp/x-unix");
  self->is_fresh = TRUE;
  self->last_data_us = -1;
}

GstDoorbellOutlet *
gst_doorbell_outlet_new (const gchar *name, GstDoorbellOutletFunc func,
                         gpointer user_data)
{
  GstDoorbellOutlet *self
      = g_object_new (GST_TYPE_DOORBELL_OUTLET, "name", name, NULL);

  self->func = func;
  self->user_data = user_data;
  return self;
}

void
gst_doorbell_outlet_begin (GstDoorbellOutlet *outlet)
{
  GST_OBJECT_LOCK (outlet);
  outlet->is_fresh = TRUE;
  if (outlet->flow != GST_FLOW_EOS)
    outlet->flow = GST_FLOW_OK;
  outlet->last_data_us = -1;
  GST_OBJECT_UNLOCK (outlet);
}

void
gst_doorbell_outlet_queue_event (GstDoorbellOutlet *outlet, GstEvent *event)
{
  GstEvent *lost = NULL;

  GST_OBJECT_LOCK (outlet);
  if (g_queue_get_length (&outlet->events) >= MAX_PENDING_EVENTS)
    lost = g_queue_pop_head (&outlet->events);
  g_queue_push_tail (&outlet->events, event);
  GST_OBJECT_UNLOCK (outlet);
  if (lost)
    gst_event_unref (lost);
}

void
gst_doorbell_outlet_set_closed (GstDoorbellOutlet *outlet, gboolean is_closed)
{
  GST_OBJECT_LOCK (outlet);
  outlet->is_closed = is_closed;
  GST_OBJECT_UNLOCK (outlet);
}

void
gst_doorbell_outlet_end (GstDoorbellOutlet *outlet)
{
  GST_OBJECT_LOCK (outlet);
  outlet->is_ended = TRUE;
  GST_OBJECT_UNLOCK (outlet);
  gst_pad_push_event (outlet->srcpad, gst_event_new_eos ());
}

GstFlowReturn
gst_doorbell_outlet_get_flow (GstDoorbellOutlet *outlet)
{
  GstFlowReturn flow;

  GST_OBJECT_LOCK (outlet);
  flow = outlet->flow;
  GST_OBJECT_UNLOCK (outlet);
  return flow;
}

gint64
gst_doorbell_outlet_get_idle_us (GstDoorbellOutlet *outlet)
{
  gint64 idle = -1;

  GST_OBJECT_LOCK (outlet);
  if (outlet->is_pushing)
    idle = 0;
  else if (outlet->last_data_us >= 0)
    idle = g_get_monotonic_time () - outlet->last_data_us;
  GST_OBJECT_UNLOCK (outlet);
  return idle;
}
