/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One share of the recording: decode, motion, consentfilter, sharesink. Notes
 * what left the last gate and checks each withheld frame byte by byte against
 * the card. */
#include "demo.h"

#include "gstclearancemeta.h"
#include "ledger.h"
#include "timebase.h"

#include <gst/video/video.h>

#include <string.h>

typedef struct
{
  Demo *demo;
  DemoShare *share;
  GstElement *pipeline;
  GstElement *filter;
  guint64 grant; /* sequence, 0 for none */
  GMutex lock;   /* the probes run on streaming threads */
} Run;

static void
fill_key (const DemoShare *share, DwShareKey *out)
{
  memset (out, 0, sizeof *out);
  g_strlcpy (out->camera, DEMO_CAMERA, sizeof out->camera);
  g_strlcpy (out->recipient, share->recipient, sizeof out->recipient);
  g_strlcpy (out->purpose, "visit", sizeof out->purpose);
  if (share->case_number)
    g_strlcpy (out->case_number, share->case_number, sizeof out->case_number);
  out->recipient_class = share->recipient_class;
}

/* The owner says yes to the minutes of this visit, for an hour. */
static gboolean
give_grant (Run *run, GError **error)
{
  const DemoRecording *recording = &run->demo->recording;
  const gint64 now = dw_time_utc_ns ();
  DwLedger *ledger = NULL;
  DwPolicy policy;
  DwGrant grant = { 0 };
  DwError reason = { 0 };
  DwStatus status;

  if (run->share->granted == DW_LEVEL_NOTHING)
    return TRUE;
  fill_key (run->share, &grant.share);
  grant.level = run->share->granted;
  grant.footage_from_ns = recording->start_utc_ns - DW_SECOND_NS;
  grant.footage_until_ns
      = recording->start_utc_ns + recording->duration_ns + DW_SECOND_NS;
  grant.valid_from_ns = now;
  grant.valid_until_ns = now + 3600 * DW_SECOND_NS;
  dw_policy_init (&policy);
  status
      = dw_ledger_open (run->demo->ledger, DW_LEDGER_WRITE, &ledger, &reason);
  if (status == DW_OK)
    status = dw_ledger_grant (ledger, &policy, &grant, &run->grant, &reason);
  dw_ledger_close (ledger);
  if (status != DW_OK)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "No grant: %s",
                 reason.text);
  return status == DW_OK;
}

/* On a connection of its own, as another program would. Every grant of an
 * earlier share is over before the next begins, so that none bounds it. */
static gboolean
revoke_grant (Run *run, GError **error)
{
  DwLedger *ledger = NULL;
  DwError reason = { 0 };
  DwStatus status;

  if (run->grant == 0)
    return TRUE;
  status
      = dw_ledger_open (run->demo->ledger, DW_LEDGER_WRITE, &ledger, &reason);
  if (status == DW_OK)
    status = dw_ledger_revoke (ledger, run->grant, &reason);
  dw_ledger_close (ledger);
  if (status != DW_OK)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Not revoked: %s",
                   reason.text);
      return FALSE;
    }
  g_mutex_lock (&run->lock);
  if (run->share->revoked_at_ns == 0)
    run->share->revoked_at_ns = dw_time_boot_ns ();
  g_mutex_unlock (&run->lock);
  run->grant = 0;
  return TRUE;
}

/* What the filter hands on: a frame without a verdict must be the card. */
static GstPadProbeReturn
on_filtered (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Run *run = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  const GstClearanceMeta *clearance = gst_buffer_get_clearance (buffer);
  g_autoptr (GstCaps) caps = NULL;
  gboolean is_card;

  if (clearance && clearance->level != DW_LEVEL_NOTHING)
    return GST_PAD_PROBE_OK;
  caps = gst_pad_get_current_caps (pad);
  is_card = clearance && caps && demo_is_card (buffer, caps);
  g_mutex_lock (&run->lock);
  if (is_card)
    run->share->cards_bytewise++;
  else
    run->share->bad_cards++;
  g_mutex_unlock (&run->lock);
  return GST_PAD_PROBE_OK;
}

static void
note_passed (Run *run, GstBuffer *buffer)
{
  const GstClearanceMeta *clearance = gst_buffer_get_clearance (buffer);
  guint8 level;

  if (clearance == NULL)
    return; /* a box of the muxer, no frame */
  level = (guint8)clearance->level;
  g_mutex_lock (&run->lock);
  g_byte_array_append (run->share->levels, &level, 1);
  if (level != DW_LEVEL_NOTHING)
    run->share->last_shown_ns = dw_time_boot_ns ();
  g_mutex_unlock (&run->lock);
}

static gboolean
note_one (GstBuffer **buffer, guint index, gpointer data)
{
  (void)index;
  note_passed (data, *buffer);
  return TRUE;
}

/* What leaves the last gate is what is in the file. */
static GstPadProbeReturn
on_passed (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  (void)pad;
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info), note_one,
                             data);
  else
    note_passed (data, GST_PAD_PROBE_INFO_BUFFER (info));
  return GST_PAD_PROBE_OK;
}

/* The pad by which the share leaves for the disk. */
static GstPad *
last_pad (GstElement *sharesink)
{
  g_autoptr (GstIterator) sinks = gst_bin_iterate_all_by_element_factory_name (
      GST_BIN (sharesink), "filesink");
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GstPad) pad = NULL;

  if (gst_iterator_next (sinks, &value) != GST_ITERATOR_OK)
    return NULL;
  pad = gst_element_get_static_pad (g_value_get_object (&value), "sink");
  return gst_pad_get_peer (pad);
}

static void
watch_pads (Run *run, GstElement *sharesink)
{
  g_autoptr (GstPad) filtered = gst_element_get_static_pad (run->filter, "src");
  g_autoptr (GstPad) passed = NULL;

  gst_pad_add_probe (filtered, GST_PAD_PROBE_TYPE_BUFFER, on_filtered, run,
                     NULL);
  /* The sink is made for its location: from READY on it is there. */
  gst_element_set_state (run->pipeline, GST_STATE_READY);
  passed = last_pad (sharesink);
  if (passed)
    gst_pad_add_probe (
        passed, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
        on_passed, run, NULL);
}

/* Real time for the share that is called back half-way: then the moment means
 * something. Video only: no grant here covers the sound. */
static GstElement *
build (Run *run, GError **error)
{
  const DemoShare *share = run->share;
  g_autofree gchar *description = g_strdup_printf (
      "filesrc name=source ! qtdemux name=demux demux.video_0 ! queue "
      "! decodebin "
      "! videoconvert ! video/x-raw,format=I420 %s ! doorbellmotion "
      "! consentfilter name=filter ! sharesink name=share",
      share->is_revoked ? "! clocksync" : "");
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstElement) sharesink = NULL;
  gchar start[DW_TIME_TEXT];

  run->pipeline = gst_parse_launch (description, error);
  if (run->pipeline == NULL)
    return NULL;
  source = gst_bin_get_by_name (GST_BIN (run->pipeline), "source");
  sharesink = gst_bin_get_by_name (GST_BIN (run->pipeline), "share");
  run->filter = gst_bin_get_by_name (GST_BIN (run->pipeline), "filter");
  dw_time_format (run->demo->recording.start_utc_ns, start);
  g_object_set (source, "location", run->demo->recording.path, NULL);
  g_object_set (sharesink, "location", share->path, NULL);
  g_object_set (run->filter, "ledger", run->demo->ledger, "camera", DEMO_CAMERA,
                "recipient", share->recipient, "purpose", "visit",
                "case-number", share->case_number ? share->case_number : "",
                "live", FALSE, "footage-start", start, NULL);
  gst_util_set_object_arg (G_OBJECT (run->filter), "recipient-class",
                           dw_class_text (share->recipient_class));
  gst_util_set_object_arg (G_OBJECT (run->filter), "when-denied",
                           "placeholder");
  watch_pads (run, sharesink);
  return run->pipeline;
}

static gboolean
play (Run *run, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (run->pipeline);
  const gint64 half = run->demo->recording.duration_ns / 2;

  gst_element_set_state (run->pipeline, GST_STATE_PLAYING);
  for (;;)
    {
      g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
          bus, 20 * GST_MSECOND, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
      gint64 position = 0;

      if (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
        {
          demo_take_error (message, error);
          return FALSE;
        }
      if (message)
        return TRUE;
      gst_element_query_position (run->filter, GST_FORMAT_TIME, &position);
      demo_progress (run->demo, "Share %s: %.1f s of %.1f s", run->share->name,
                     (gdouble)position / DW_SECOND_NS,
                     (gdouble)run->demo->recording.duration_ns / DW_SECOND_NS);
      if (run->share->is_revoked && run->grant && position > half
          && !revoke_grant (run, error))
        return FALSE;
    }
}

static void
read_stats (Run *run)
{
  DemoShare *share = run->share;
  g_autoptr (GstStructure) stats = NULL;
  const struct
  {
    const gchar *name;
    guint *out;
  } fields[] = { { "frames-in", &share->frames_in },
                 { "shown", &share->shown },
                 { "masked", &share->masked },
                 { "withheld", &share->withheld } };

  g_object_get (run->filter, "stats", &stats, NULL);
  for (gsize i = 0; stats && i < G_N_ELEMENTS (fields); i++)
    {
      guint64 count = 0;

      gst_structure_get_uint64 (stats, fields[i].name, &count);
      *fields[i].out = (guint)count;
    }
}

gboolean
demo_share_run (Demo *demo, DemoShare *share, GError **error)
{
  Run run = { .demo = demo, .share = share };
  g_autofree gchar *name = g_strdup_printf ("%s.mp4", share->name);
  gboolean ok;

  g_mutex_init (&run.lock);
  share->path = g_build_filename (demo->options.out, name, NULL);
  share->levels = g_byte_array_new ();
  ok = give_grant (&run, error) && build (&run, error) && play (&run, error);
  if (run.pipeline)
    {
      read_stats (&run);
      gst_element_set_state (run.pipeline, GST_STATE_NULL);
    }
  ok = ok && revoke_grant (&run, error);
  g_clear_pointer (&run.filter, gst_object_unref);
  g_clear_pointer (&run.pipeline, gst_object_unref);
  g_mutex_clear (&run.lock);
  if (!share->is_revoked)
    share->revoked_at_ns = 0;
  return ok && demo_verify_file (share->path, share, share->thumbnails, error);
}

void
demo_share_finish (DemoShare *share)
{
  g_clear_pointer (&share->path, g_free);
  g_clear_pointer (&share->failure, g_free);
  g_clear_pointer (&share->levels, g_byte_array_unref);
  for (guint i = 0; i < DEMO_THUMBNAILS; i++)
    g_clear_pointer (&share->thumbnails[i], cairo_surface_destroy);
}
