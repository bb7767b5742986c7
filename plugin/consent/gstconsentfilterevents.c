/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists of what may pass beside the buffers: closed by default. */
#include "gstconsentfilterevents.h"

gboolean
gst_consent_event_is_plain (const GstEvent *event)
{
  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_FLUSH_START:
    case GST_EVENT_FLUSH_STOP:
    case GST_EVENT_STREAM_START:
    case GST_EVENT_CAPS:
    case GST_EVENT_SEGMENT:
    case GST_EVENT_SEGMENT_DONE:
    case GST_EVENT_STREAM_GROUP_DONE:
    case GST_EVENT_INSTANT_RATE_CHANGE:
    case GST_EVENT_EOS:
    case GST_EVENT_GAP:
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
gst_consent_query_is_plain (const GstQuery *query)
{
  switch (GST_QUERY_TYPE (query))
    {
    case GST_QUERY_POSITION:
    case GST_QUERY_DURATION:
    case GST_QUERY_LATENCY:
    case GST_QUERY_RATE:
    case GST_QUERY_SEEKING:
    case GST_QUERY_SEGMENT:
    case GST_QUERY_CONVERT:
    case GST_QUERY_FORMATS:
    case GST_QUERY_BUFFERING:
    case GST_QUERY_SCHEDULING:
    case GST_QUERY_ALLOCATION:
    case GST_QUERY_ACCEPT_CAPS:
    case GST_QUERY_CAPS:
    case GST_QUERY_DRAIN:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
keep_known_field (GQuark field, GValue *value, gpointer data)
{
  static const gchar *const known[] = {
    "format",         "width",
    "height",         "framerate",
    "max-framerate",  "pixel-aspect-ratio",
    "interlace-mode", "field-order",
    "colorimetry",    "chroma-site",
    "multiview-mode", "multiview-flags",
    "views",          "parsed",
    "sof-marker",     "rate",
    "channels",       "channel-mask",
    "layout",         NULL,
  };

  (void)value;
  (void)data;
  return g_strv_contains (known, g_quark_to_string (field));
}

GstCaps *
gst_consent_caps_plain (const GstCaps *caps)
{
  GstCaps *plain = gst_caps_copy (caps);

  for (guint i = 0; i < gst_caps_get_size (plain); i++)
    gst_structure_filter_and_map_in_place (gst_caps_get_structure (plain, i),
                                           keep_known_field, NULL);
  return plain;
}

static GstEvent *
rebuild_stream_start (GstEvent *event, guint64 share)
{
  g_autofree gchar *id
      = g_strdup_printf ("share-%016" G_GINT64_MODIFIER "x", share);
  GstEvent *plain = gst_event_new_stream_start (id);
  GstStreamFlags flags;
  guint group;

  gst_event_parse_stream_flags (event, &flags);
  gst_event_set_stream_flags (plain, flags);
  if (gst_event_parse_group_id (event, &group))
    gst_event_set_group_id (plain, group);
  return plain;
}

static GstEvent *
rebuild_gap (GstEvent *event)
{
  GstClockTime begin, duration;

  gst_event_parse_gap (event, &begin, &duration);
  return gst_event_new_gap (begin, duration);
}

static GstEvent *
rebuild_segment (GstEvent *event)
{
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  return gst_event_new_segment (segment);
}

static GstEvent *
rebuild_flush_stop (GstEvent *event)
{
  gboolean reset_time;

  gst_event_parse_flush_stop (event, &reset_time);
  return gst_event_new_flush_stop (reset_time);
}

static GstEvent *
rebuild_segment_done (GstEvent *event)
{
  GstFormat format;
  gint64 position;

  gst_event_parse_segment_done (event, &format, &position);
  return gst_event_new_segment_done (format, position);
}

static GstEvent *
rebuild_rate_change (GstEvent *event)
{
  gdouble rate;
  GstSegmentFlags flags;

  gst_event_parse_instant_rate_change (event, &rate, &flags);
  return gst_event_new_instant_rate_change (rate, flags);
}

static GstEvent *
rebuild_group_done (GstEvent *event)
{
  guint group;

  gst_event_parse_stream_group_done (event, &group);
  return gst_event_new_stream_group_done (group);
}

static GstEvent *
rebuild (GstEvent *event, guint64 share)
{
  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_FLUSH_START:
      return gst_event_new_flush_start ();
    case GST_EVENT_FLUSH_STOP:
      return rebuild_flush_stop (event);
    case GST_EVENT_STREAM_START:
      return rebuild_stream_start (event, share);
    case GST_EVENT_SEGMENT:
      return rebuild_segment (event);
    case GST_EVENT_SEGMENT_DONE:
      return rebuild_segment_done (event);
    case GST_EVENT_STREAM_GROUP_DONE:
      return rebuild_group_done (event);
    case GST_EVENT_INSTANT_RATE_CHANGE:
      return rebuild_rate_change (event);
    case GST_EVENT_EOS:
      return gst_event_new_eos ();
    case GST_EVENT_GAP:
      return rebuild_gap (event);
    default:
      return NULL;
    }
}

GstEvent *
gst_consent_event_rebuild (GstEvent *event, guint64 share)
{
  GstEvent *plain = rebuild (event, share);

  if (plain)
    {
      gst_event_set_seqnum (plain, gst_event_get_seqnum (event));
      gst_event_set_running_time_offset (
          plain, gst_event_get_running_time_offset (event));
    }
  gst_event_unref (event);
  return plain;
}
