/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A storm of grants and revocations through real chains of encoders, queues,
 * payloaders and muxers: no buffer of an old epoch leaves a gate, no buffer
 * without a clearance leaves it but headers, and what has left can be decoded
 * without a trace of what was withheld. */
#include "plugin.h"
#include "sharetest.h"
#include "watcher.h"

#include <gst/video/video.h>

#define N_CHANGES 2000 /* at least; DOORWARD_STORM asks for more */
#define MAX_CHANGES 10000000
#define SEED 20261123
#define WIDTH 96
#define HEIGHT 64

/* What runs between the filter and the gate, and behind the gate. */
typedef struct
{
  const gchar *name;
  const gchar *before, *after;
  gboolean has_headers; /* without a clearance: boxes, parameter sets */
  gboolean is_flagged;  /* one buffer a frame, DELTA_UNIT is to be trusted */
} Chain;

static const Chain chains[] = {
  { "x264 with look-ahead", "x264enc speed-preset=ultrafast bframes=2",
    "consentgate name=gate ! fakesink", FALSE, TRUE },
  { "x264 zerolatency, queue of 30",
    "x264enc tune=zerolatency speed-preset=ultrafast ! queue "
    "max-size-buffers=30",
    "consentgate name=gate ! queue ! fakesink sync=true", FALSE, TRUE },
  { "vp8", "vp8enc deadline=1 cpu-used=8",
    "consentgate name=gate ! fakesink sync=true", FALSE, TRUE },
  { "jpeg, queue of 30", "jpegenc ! queue max-size-buffers=30",
    "consentgate name=gate ! queue ! fakesink sync=true", FALSE, TRUE },
  { "raw", "queue", "consentgate name=gate ! queue ! fakesink", FALSE, TRUE },
  { "fragmented mp4",
    "x264enc speed-preset=ultrafast key-int-max=25 ! h264parse ! consentgate "
    "flush=false ! mp4mux fragment-duration=200 streamable=true ! queue",
    "consentgate name=gate flush=false ! fakesink", TRUE, FALSE },
  { "matroska behind the gate", "x264enc speed-preset=ultrafast ! h264parse",
    "consentgate name=gate flush=false ! matroskamux ! fakesink", FALSE, TRUE },
  { "rtp h264",
    "x264enc tune=zerolatency speed-preset=ultrafast ! rtph264pay mtu=300 "
    "config-interval=-1 ! queue",
    "consentgate name=gate ! fakesink sync=true", TRUE, FALSE },
  { "rtp vp8", "vp8enc deadline=1 cpu-used=8 ! rtpvp8pay mtu=300 ! queue",
    "consentgate name=gate ! fakesink", FALSE, FALSE },
  { "rtp jpeg", "jpegenc ! rtpjpegpay mtu=300 ! queue",
    "consentgate name=gate ! fakesink", FALSE, FALSE },
};

/* One running chain and what its probes have seen. */
typedef struct
{
  GstElement *pipeline;
  DwSlot *slot;
  guint64 floor;    /* the epoch in force before the gate judged */
  guint64 n_passed; /* buffers with a clearance */
  guint64 n_shown;  /* of them, with a level above nothing */
  guint64 n_old, n_unmarked, n_leaning;
  guint64 last_epoch;
  gint64 revoked_ns; /* when the ledger had it, 0: there is a grant */
  gint64 latest_ns;  /* after that, that something was still shown */
  GMutex lock;
} Storm;

static GstPadProbeReturn
before_gate (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Storm *storm = data;

  (void)pad;
  (void)info;
  storm->floor = dw_slot_epoch (storm->slot, dw_time_boot_ns ());
  return GST_PAD_PROBE_OK;
}

static void
note_mark (Storm *storm, const GstClearanceMeta *mark, GstBuffer *buffer)
{
  gboolean is_delta
      = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);

  storm->n_passed++;
  storm->n_old += mark->epoch < storm->floor ? 1 : 0;
  if (mark->epoch != storm->last_epoch && is_delta)
    storm->n_leaning++;
  storm->last_epoch = mark->epoch;
  if (mark->level == DW_LEVEL_NOTHING)
    return;
  storm->n_shown++;
  if (storm->revoked_ns != 0)
    storm->latest_ns
        = MAX (storm->latest_ns, dw_time_boot_ns () - storm->revoked_ns);
}

static gboolean
look_at (GstBuffer **buffer, guint index, gpointer data)
{
  const GstClearanceMeta *mark = gst_buffer_get_clearance (*buffer);
  Storm *storm = data;

  (void)index;
  g_mutex_lock (&storm->lock);
  if (mark)
    note_mark (storm, mark, *buffer);
  else
    storm->n_unmarked++;
  g_mutex_unlock (&storm->lock);
  return TRUE;
}

static GstPadProbeReturn
after_gate (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  (void)pad;
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info), look_at,
                             data);
  else
    {
      GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

      look_at (&buffer, 0, data);
    }
  return GST_PAD_PROBE_OK;
}

static void
add_probe (Storm *storm, const gchar *pad_name, GstPadProbeCallback callback)
{
  GstElement *gate = gst_bin_get_by_name (GST_BIN (storm->pipeline), "gate");
  GstPad *pad = gst_element_get_static_pad (gate, pad_name);

  gst_pad_add_probe (pad,
                     GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
                     callback, storm, NULL);
  gst_object_unref (pad);
  gst_object_unref (gate);
}

static void
start (Storm *storm, const Chain *chain, const TestLedger *ledger)
{
  g_autofree gchar *launch = g_strdup_printf (
      "videotestsrc is-live=true pattern=snow ! video/x-raw,format=I420,"
      "width=%d,height=%d,framerate=100/1 ! consentfilter name=filter "
      "ledger=%s camera=front recipient=ann recipient-class=household ! %s ! "
      "%s",
      WIDTH, HEIGHT, ledger->path, chain->before, chain->after);
  GError *error = NULL;
  GstElement *filter;
  guint64 share = 0;

  memset (storm, 0, sizeof *storm);
  g_mutex_init (&storm->lock);
  storm->pipeline = gst_parse_launch (launch, &error);
  fail_unless (error == NULL, "%s: %s", chain->name,
               error ? error->message : "");
  filter = gst_bin_get_by_name (GST_BIN (storm->pipeline), "filter");
  g_object_get (filter, "share-id", &share, NULL);
  gst_object_unref (filter);
  storm->slot = gst_consent_share_find (share);
  fail_unless (storm->slot != NULL);
  add_probe (storm, "sink", before_gate);
  add_probe (storm, "src", after_gate);
  gst_element_set_state (storm->pipeline, GST_STATE_PLAYING);
}

static void
expect_no_error (Storm *storm, const Chain *chain)
{
  GstBus *bus = gst_element_get_bus (storm->pipeline);
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

  fail_unless (message == NULL, "%s: %" GST_PTR_FORMAT, chain->name, message);
  gst_object_unref (bus);
}

static guint64
n_shown (Storm *storm)
{
  guint64 n;

  g_mutex_lock (&storm->lock);
  n = storm->n_shown;
  g_mutex_unlock (&storm->lock);
  return n;
}

static void
note_revoked (Storm *storm, gint64 revoked_ns)
{
  g_mutex_lock (&storm->lock);
  storm->revoked_ns = revoked_ns;
  g_mutex_unlock (&storm->lock);
}

/* Mostly too short to be noticed, now and then long enough for a look-ahead
 * to drain. */
static void
wait_a_moment (GRand *rand)
{
  gint longest_us = g_rand_int_range (rand, 0, 50) == 0 ? 800000 : 12000;

  g_usleep ((gulong)g_rand_int_range (rand, 0, longest_us));
}

static guint
changes_of_a_chain (void)
{
  const gchar *text = g_getenv ("DOORWARD_STORM");
  guint64 n = text ? g_ascii_strtoull (text, NULL, 10) : 0;

  return (guint)(CLAMP (n, N_CHANGES, MAX_CHANGES) / G_N_ELEMENTS (chains));
}

static void
rage (Storm *storm, TestLedger *ledger, GRand *rand)
{
  const guint n_changes = changes_of_a_chain ();

  for (guint i = 0; i < n_changes; i += 2)
    {
      DwGrant grant = test_grant ((DwLevel)g_rand_int_range (
          rand, DW_LEVEL_MASKED, DW_LEVEL_CLEAR + 1));
      guint64 sequence;

      note_revoked (storm, 0);
      sequence = test_ledger_add (ledger, &grant);
      wait_a_moment (rand);
      test_ledger_revoke (ledger, sequence);
      note_revoked (storm, dw_time_boot_ns ());
      wait_a_moment (rand);
    }
  note_revoked (storm, 0);
}

/* After the storm there is a grant again, and it is shown: the chain lives. */
static void
expect_alive (Storm *storm, const Chain *chain, TestLedger *ledger)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  DwGrant grant = test_grant (DW_LEVEL_CLEAR);
  guint64 before = n_shown (storm);

  test_ledger_add (ledger, &grant);
  while (n_shown (storm) < before + 10)
    {
      fail_unless (g_get_monotonic_time () < deadline,
                   "%s: nothing is shown after the storm", chain->name);
      g_usleep (2000);
    }
}

static void
finish (Storm *storm, const Chain *chain)
{
  gst_element_set_state (storm->pipeline, GST_STATE_NULL);
  printf ("%-32s %6" G_GUINT64_FORMAT " passed, %6" G_GUINT64_FORMAT
          " of them shown, latest %.1f ms after a revocation\n",
          chain->name, storm->n_passed, storm->n_shown,
          (gdouble)storm->latest_ns / DW_MILLISECOND_NS);
  fail_unless_equals_uint64 (storm->n_old, 0);
  fail_unless (storm->n_shown > 0, "%s: nothing shown", chain->name);
  fail_unless (chain->has_headers || storm->n_unmarked == 0,
               "%s: %" G_GUINT64_FORMAT " buffers without a clearance",
               chain->name, storm->n_unmarked);
  fail_unless (!chain->is_flagged || storm->n_leaning == 0,
               "%s: %" G_GUINT64_FORMAT " epochs began with a delta unit",
               chain->name, storm->n_leaning);
  /* The lease bounds it even when the watcher is starved. */
  fail_unless (storm->latest_ns < 2 * DW_LEASE_MS * DW_MILLISECOND_NS,
               "%s: still shown after the revocation", chain->name);
  dw_slot_unref (storm->slot);
  gst_object_unref (storm->pipeline);
  g_mutex_clear (&storm->lock);
}

GST_START_TEST (no_frame_of_an_old_epoch_passes_a_gate)
{
  const Chain *chain = &chains[__i__];
  GRand *rand = g_rand_new_with_seed (SEED + (guint32)__i__);
  TestLedger ledger = test_ledger_new ();
  Storm storm;

  start (&storm, chain, &ledger);
  rage (&storm, &ledger, rand);
  expect_alive (&storm, chain, &ledger);
  expect_no_error (&storm, chain);
  finish (&storm, chain);
  g_rand_free (rand);
  test_ledger_free (&ledger);
}
GST_END_TEST

/* What a decoder makes of the share: luma of every pixel between the card's
 * darkest and brightest, while the private picture is white. */
typedef struct
{
  GMutex lock;
  guint n_white, n_cards;
  guint n_ghosts; /* pictures that are neither */
} Seen;

static GstPadProbeReturn
look_at_picture (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Seen *seen = data;
  GstMapInfo map;
  guint n_white = 0;

  (void)pad;
  fail_unless (
      gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ));
  for (guint i = 0; i < WIDTH * HEIGHT; i++)
    n_white += map.data[i] > 225 ? 1 : 0;
  g_mutex_lock (&seen->lock);
  if (n_white == WIDTH * HEIGHT)
    seen->n_white++;
  else if (n_white < WIDTH * HEIGHT / 8)
    seen->n_cards++;
  else
    seen->n_ghosts++;
  g_mutex_unlock (&seen->lock);
  gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);
  return GST_PAD_PROBE_OK;
}

static void
wait_for_pictures (Seen *seen, const guint *counter)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  guint first, now;

  g_mutex_lock (&seen->lock);
  first = now = *counter;
  while (now < first + 10)
    {
      g_mutex_unlock (&seen->lock);
      fail_unless (g_get_monotonic_time () < deadline);
      g_usleep (2000);
      g_mutex_lock (&seen->lock);
      now = *counter;
    }
  g_mutex_unlock (&seen->lock);
}

/* A card that were coded as a difference to a white picture would decode, in a
 * decoder that never got that picture, to something that is neither. */
GST_START_TEST (decoder_sees_pictures_and_cards_and_no_ghosts)
{
  TestLedger ledger = test_ledger_new ();
  g_autofree gchar *launch = g_strdup_printf (
      "videotestsrc is-live=true pattern=white ! video/x-raw,format=I420,"
      "width=%d,height=%d,framerate=100/1 ! consentfilter ledger=%s "
      "camera=front recipient=ann recipient-class=household ! x264enc "
      "speed-preset=ultrafast bframes=2 key-int-max=1000 bitrate=4000 ! queue "
      "max-size-buffers=30 ! consentgate ! h264parse ! avdec_h264 ! "
      "videoconvert ! capsfilter caps=video/x-raw,format=I420 ! fakesink "
      "name=sink",
      WIDTH, HEIGHT, ledger.path);
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstPad *pad = gst_element_get_static_pad (sink, "sink");
  Seen seen = { 0 };

  g_mutex_init (&seen.lock);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, look_at_picture, &seen,
                     NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 4; i++)
    {
      DwGrant grant = test_grant (DW_LEVEL_CLEAR);
      guint64 sequence = test_ledger_add (&ledger, &grant);

      wait_for_pictures (&seen, &seen.n_white);
      test_ledger_revoke (&ledger, sequence);
      wait_for_pictures (&seen, &seen.n_cards);
    }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless_equals_int (seen.n_ghosts, 0);
  g_mutex_clear (&seen.lock);
  gst_object_unref (pad);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  test_ledger_free (&ledger);
}
GST_END_TEST

static Suite *
storm_suite (void)
{
  Suite *suite = suite_create ("storm");
  TCase *tcase = tcase_create ("all");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, no_frame_of_an_old_epoch_passes_a_gate, 0,
                       G_N_ELEMENTS (chains));
  tcase_add_test (tcase, decoder_sees_pictures_and_cards_and_no_ghosts);
  return suite;
}

GST_CHECK_MAIN (storm);
