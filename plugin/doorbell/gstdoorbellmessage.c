/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The structures of doorbellsrc's messages and events. */
#include "gstdoorbellmessage.h"

#define MAX_STATES 256

static const gchar *
state_text (GstDoorbellConnectionState state)
{
  static const gchar *const texts[]
      = { "connecting", "connected", "lost", "waiting", "failed" };

  return (gsize)state < G_N_ELEMENTS (texts) ? texts[state] : "failed";
}

/* What devices send is not always UTF-8, a GstStructure's string must be. */
static void
set_text (GstStructure *structure, const gchar *name, const gchar *text)
{
  gchar *valid = g_utf8_make_valid (text ? text : "", -1);

  gst_structure_set (structure, name, G_TYPE_STRING, valid, NULL);
  g_free (valid);
}

GstStructure *
gst_doorbell_event_structure (const DwOnvifEvent *event, const gchar *camera)
{
  GstStructure *structure = gst_structure_new (
      GST_DOORBELL_EVENT_NAME, "kind", G_TYPE_STRING,
      dw_event_kind_text (event->kind), "active", G_TYPE_BOOLEAN,
      (gboolean)event->is_active, "time", G_TYPE_INT64, (gint64)event->time_ns,
      "pulse", G_TYPE_BOOLEAN, (gboolean)event->is_pulse, "initial",
      G_TYPE_BOOLEAN, (gboolean)event->is_initial, NULL);

  set_text (structure, "topic", event->topic);
  set_text (structure, "source", event->source);
  set_text (structure, "camera", camera);
  return structure;
}

GstStructure *
gst_doorbell_connection_structure (const GstDoorbellConnection *connection,
                                   const gchar *camera)
{
  GstStructure *structure = gst_structure_new (
      GST_DOORBELL_CONNECTION_NAME, "state", G_TYPE_STRING,
      state_text (connection->state), "part", G_TYPE_STRING,
      connection->is_events ? "events" : "stream", "attempt", G_TYPE_UINT,
      connection->attempt, "retry-in", G_TYPE_UINT, connection->retry_in_ms,
      NULL);

  set_text (structure, "text", connection->text);
  set_text (structure, "camera", camera);
  return structure;
}

GHashTable *
gst_doorbell_states_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

gboolean
gst_doorbell_states_note (GHashTable *states, const DwOnvifEvent *event)
{
  gchar *key
      = g_strdup_printf ("%d|%s|%s", event->kind, event->source, event->topic);
  const gboolean was_active = g_hash_table_contains (states, key);
  gboolean is_news = !event->is_initial;

  if (event->is_initial)
    is_news = (gboolean)event->is_active != was_active
              && !(event->is_active && event->kind == DW_EVENT_PRESS);
  /* A device that invents a source for every event must not fill the memory. */
  if (g_hash_table_size (states) >= MAX_STATES)
    g_hash_table_remove_all (states);
  if (event->is_active && !event->is_pulse)
    g_hash_table_add (states, g_steal_pointer (&key));
  else
    g_hash_table_remove (states, key);
  g_free (key);
  return is_news;
}
