/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the demonstration measured: report.json and the summary. */
#include "demo.h"

#include "timebase.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void
demo_progress (const Demo *demo, const gchar *format, ...)
{
  const gboolean is_terminal = isatty (STDOUT_FILENO);
  static gchar last[256]; /* one thread prints */
  gchar text[256] = "";
  va_list arguments;

  if (demo->options.is_quiet)
    return;
  if (format == NULL)
    {
      if (is_terminal && last[0])
        printf ("\r%*s\r", 78, "");
      last[0] = '\0';
      return;
    }
  va_start (arguments, format);
  g_vsnprintf (text, sizeof text, format, arguments);
  va_end (arguments);
  if (is_terminal)
    printf ("\r  %-76.76s", text);
  /* In a log only what is new: the words, not the running seconds. */
  else if (strncmp (text, last, 18) != 0)
    printf ("  %s\n", text);
  g_strlcpy (last, text, sizeof last);
  fflush (stdout);
}

void
demo_take_error (GstMessage *message, GError **error)
{
  g_autofree gchar *debug = NULL;

  gst_message_parse_error (message, error, &debug);
  GST_INFO ("%s", debug);
  g_prefix_error (error, "%s: ", GST_OBJECT_NAME (message->src));
}

guint
demo_count_failures (const Demo *demo)
{
  guint n = 0;

  for (guint i = 0; i < DEMO_SHARES; i++)
    n += demo->shares[i].failure != NULL;
  return n;
}

/* Frames that were cleared and then called back from encoder and muxer. */
static guint
count_recalled (const DemoShare *share)
{
  return share->frames_in > share->frames_in_file
             ? share->frames_in - share->frames_in_file
             : 0;
}

gdouble
demo_revocation_ms (const DemoShare *share)
{
  gint64 late = share->last_shown_ns - share->revoked_at_ns;

  if (!share->is_revoked || share->revoked_at_ns == 0)
    return 0;
  return late > 0 ? (gdouble)late / DW_MILLISECOND_NS : 0;
}

static void
append_string (GString *json, const gchar *name, const gchar *value)
{
  g_string_append_printf (json, "\"%s\": \"", name);
  for (const gchar *c = value ? value : ""; *c; c++)
    {
      if (*c == '"' || *c == '\\')
        g_string_append_printf (json, "\\%c", *c);
      else if ((guchar)*c < 0x20)
        g_string_append_printf (json, "\\u%04x", (guchar)*c);
      else
        g_string_append_c (json, *c);
    }
  g_string_append_c (json, '"');
}

/* The decimal point whatever the locale. */
static void
append_number (GString *json, const gchar *name, gdouble value)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (json, ", \"%s\": %s", name,
                          g_ascii_formatd (text, sizeof text, "%.3f",
                                           isfinite (value) ? value : 0));
}

static void
append_share (GString *json, const DemoShare *share)
{
  g_string_append (json, "    {");
  append_string (json, "name", share->name);
  g_string_append (json, ", ");
  append_string (json, "recipient", share->recipient);
  g_string_append (json, ", ");
  append_string (json, "class", dw_class_text (share->recipient_class));
  g_string_append (json, ", ");
  append_string (json, "granted", dw_level_text (share->granted));
  g_string_append_printf (
      json,
      ", \"frames_in\": %u, \"shown\": %u, \"masked\": %u, \"withheld\": %u"
      ", \"frames_in_file\": %u, \"recalled\": %u, \"cards_bytewise\": %u"
      ", \"cards_decoded\": %u, \"bad_cards\": %u",
      share->frames_in, share->shown, share->masked, share->withheld,
      share->frames_in_file, count_recalled (share), share->cards_bytewise,
      share->cards_decoded, share->bad_cards);
  if (share->is_revoked)
    append_number (json, "revocation_to_last_frame_shown_ms",
                   demo_revocation_ms (share));
  g_string_append (json, ", ");
  append_string (json, "failure", share->failure);
  g_string_append (json, "}");
}

gboolean
demo_report_write (const Demo *demo, const gchar *path, GError **error)
{
  g_autoptr (GString) json = g_string_new ("{\n  ");
  const DemoRecording *recording = &demo->recording;
  gchar start[DW_TIME_TEXT];

  append_string (json, "device", demo->device.name);
  g_string_append (json, ",\n  ");
  append_string (json, "recording_start",
                 dw_time_format (recording->start_utc_ns, start));
  append_number (json, "recording_seconds",
                 (gdouble)recording->duration_ns / DW_SECOND_NS);
  append_number (json, "discovery_seconds", demo->device.discovery_s);
  g_string_append_printf (json, ", \"pressed\": %s",
                          recording->has_press ? "true" : "false");
  append_number (json, "press_latency_ms", recording->press_latency_ms);
  append_number (json, "press_at_seconds", recording->press_at_s);
  g_string_append (json, ",\n  \"shares\": [\n");
  for (guint i = 0; i < DEMO_SHARES; i++)
    {
      append_share (json, &demo->shares[i]);
      g_string_append (json, i + 1 < DEMO_SHARES ? ",\n" : "\n");
    }
  g_string_append (json, "  ]\n}\n");
  return g_file_set_contents (path, json->str, (gssize)json->len, error);
}

void
demo_report_print (const Demo *demo)
{
  const DemoRecording *recording = &demo->recording;

  if (demo->options.is_quiet)
    return;
  demo_progress (demo, NULL);
  printf ("\nDoorbell  %s\n", demo->device.name);
  if (demo->device.discovery_s >= 0)
    printf ("Found     by WS-Discovery in %.2f s\n", demo->device.discovery_s);
  if (recording->has_press)
    printf ("Press     heard %.1f ms after the device sent it, %.1f s into the "
            "recording\n",
            recording->press_latency_ms, recording->press_at_s);
  else
    printf ("Press     none within %u s\n", demo->options.wait_seconds);
  printf ("Private   %.1f s\n\n",
          (gdouble)recording->duration_ns / DW_SECOND_NS);
  printf ("%-20s %7s %7s %7s %8s   %s\n", "share", "in", "shown", "masked",
          "withheld", "proof");
  for (guint i = 0; i < DEMO_SHARES; i++)
    {
      const DemoShare *share = &demo->shares[i];

      printf ("%-20s %7u %7u %7u %8u   ", share->name, share->frames_in,
              share->shown, share->masked, share->withheld);
      if (share->failure)
        printf ("FAILED: %s\n", share->failure);
      else if (share->withheld)
        printf ("%u cards byte-wise, %u of them in the file\n",
                share->cards_bytewise, share->cards_decoded);
      else
        printf ("%u frames in the file\n", share->frames_in_file);
      if (share->is_revoked)
        printf ("%-20s revoked: %u frames called back, the last one shown %.1f "
                "ms after it\n",
                "", count_recalled (share), demo_revocation_ms (share));
    }
  printf ("\nResults   %s\n", demo->options.out);
}
