/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes and bus of the tests' pipeline. */
#include "stage.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#define PATIENCE_US (20 * G_USEC_PER_SEC)

static void
note_buffer (Stage *stage, guint kind, GstBuffer *buffer)
{
  GstCaps *utc = gst_caps_new_empty_simple ("timestamp/x-unix");
  GstReferenceTimestampMeta *meta
      = gst_buffer_get_reference_timestamp_meta (buffer, utc);
  const GstClockTime time = GST_BUFFER_DTS_OR_PTS (buffer);

  gst_caps_unref (utc);
  fail_unless (meta != NULL, "a buffer without footage time");
  if (kind == 0)
    stage->utc_error_us
        = g_get_real_time () - (gint64)(meta->timestamp / GST_USECOND);
  if (GST_CLOCK_TIME_IS_VALID (time) && time < stage->last[kind])
    g_atomic_int_inc (&stage->n_backwards);
  if (GST_CLOCK_TIME_IS_VALID (time))
    stage->last[kind] = time;
  if (GST_BUFFER_IS_DISCONT (buffer) && kind == 0)
    g_atomic_int_inc (&stage->n_disconts);
  g_atomic_int_inc (&stage->n_buffers[kind]);
}

static GstPadProbeReturn
on_data (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Stage *stage = user_data;
  const guint kind = strcmp (GST_PAD_NAME (pad), "audio") == 0;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER)
    note_buffer (stage, kind, GST_PAD_PROBE_INFO_BUFFER (info));
  else if (gst_event_has_name (GST_PAD_PROBE_INFO_EVENT (info), "doorbell"))
    {
      const GstStructure *structure
          = gst_event_get_structure (GST_PAD_PROBE_INFO_EVENT (info));

      if (g_strcmp0 (gst_structure_get_string (structure, "kind"), "press")
          == 0)
        g_atomic_int_inc (&stage->n_events);
    }
  return GST_PAD_PROBE_OK;
}

static void
on_pad_added (GstElement *door, GstPad *pad, Stage *stage)
{
  (void)door;
  g_atomic_int_inc (&stage->n_pads);
  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_data, stage, NULL);
}

static void
on_pad_removed (GstElement *door, GstPad *pad, Stage *stage)
{
  (void)door;
  (void)pad;
  g_atomic_int_inc (&stage->n_removed);
}

static void
on_no_more_pads (GstElement *door, Stage *stage)
{
  (void)door;
  g_atomic_int_inc (&stage->n_no_more_pads);
}

void
stage_init (Stage *stage, const gchar *format, ...)
{
  GError *error = NULL;
  gchar *launch;
  va_list args;

  memset (stage, 0, sizeof *stage);
  va_start (args, format);
  launch = g_strdup_vprintf (format, args);
  va_end (args);
  stage->pipeline
      = gst_parse_launch_full (launch, NULL, GST_PARSE_FLAG_NONE, &error);
  fail_unless (error == NULL, "%s: %s", launch, error ? error->message : "");
  if (!GST_IS_PIPELINE (stage->pipeline))
    {
      GstElement *pipeline = gst_pipeline_new (NULL);

      gst_bin_add (GST_BIN (pipeline), stage->pipeline);
      stage->pipeline = pipeline;
    }
  g_free (launch);
  stage->door = gst_bin_get_by_name (GST_BIN (stage->pipeline), "door");
  stage->bus = gst_element_get_bus (stage->pipeline);
  if (stage->door == NULL)
    return;
  g_signal_connect (stage->door, "pad-added", G_CALLBACK (on_pad_added), stage);
  g_signal_connect (stage->door, "pad-removed", G_CALLBACK (on_pad_removed),
                    stage);
  g_signal_connect (stage->door, "no-more-pads", G_CALLBACK (on_no_more_pads),
                    stage);
}

void
stage_play (Stage *stage)
{
  fail_unless (gst_element_set_state (stage->pipeline, GST_STATE_PLAYING)
               != GST_STATE_CHANGE_FAILURE);
}

void
stage_finish (Stage *stage)
{
  fail_unless (gst_element_set_state (stage->pipeline, GST_STATE_NULL)
               == GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (stage->bus);
  g_clear_object (&stage->door);
  gst_object_unref (stage->pipeline);
}

void
stage_flow (Stage *stage, gint n)
{
  const gint until = g_atomic_int_get (&stage->n_buffers[0]) + n;
  const gint64 end = g_get_monotonic_time () + PATIENCE_US;

  while (g_atomic_int_get (&stage->n_buffers[0]) < until)
    {
      fail_unless (g_get_monotonic_time () < end, "no video flows");
      g_usleep (2000);
    }
}

GstMessage *
stage_wait_type (Stage *stage, GstMessageType type)
{
  return gst_bus_timed_pop_filtered (stage->bus, PATIENCE_US * GST_USECOND,
                                     type);
}

GstMessage *
stage_wait_element (Stage *stage, const gchar *name, const gchar *field,
                    const gchar *value)
{
  const gint64 end = g_get_monotonic_time () + PATIENCE_US;

  while (g_get_monotonic_time () < end)
    {
      GstMessage *message = gst_bus_timed_pop_filtered (stage->bus, GST_SECOND,
                                                        GST_MESSAGE_ELEMENT);
      const GstStructure *structure
          = message ? gst_message_get_structure (message) : NULL;

      if (structure && gst_structure_has_name (structure, name)
          && (field == NULL
              || g_strcmp0 (gst_structure_get_string (structure, field), value)
                     == 0))
        return message;
      g_clear_pointer (&message, gst_message_unref);
    }
  return NULL;
}

guint
stage_count (Stage *stage, GstMessageType type, const gchar *name)
{
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop (stage->bus)))
    {
      if (GST_MESSAGE_TYPE (message) == type
          && (name == NULL || gst_message_has_name (message, name)))
        n++;
      gst_message_unref (message);
    }
  return n;
}
