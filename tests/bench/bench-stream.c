/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one shared 1080p stream costs from end to end, at each level: CPU time
 * of the whole process a frame, watcher of the ledger included, beside the
 * same pipeline with identity in place of our elements, and memcpy. The
 * source hands out drawn frames that lie in memory and that it keeps, as a
 * decoder keeps its references: whoever changes one must copy it. */
#include "bench.h"

#include "ledger.h"
#include "plugin.h"
#include "scene.h"
#include "timebase.h"

#include <glib/gstdio.h>
#include <gst/app/gstappsrc.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <sys/resource.h>

#define WIDTH 1920
#define HEIGHT 1080
#define RATE 30
#define N_EMPTY (3 * RATE / 2) /* one picture of nobody: to be learned */
#define N_MEASURED (2 * RATE)  /* the visitor comes to the door */
#define N_FRAMES (N_EMPTY + N_MEASURED)
#define RING_S 6
#define VISIT_FROM_S 4.5
#define ROUNDS 7
#define MAX_DISTURBED 50
#define X264 "x264enc tune=zerolatency speed-preset=ultrafast bitrate=4000 !"

#define MOTION "doorbellmotion !"
#define DECODE "jpegdec !"
#define ENCODE "jpegenc quality=80 !"

/* The same pictures as one kind of caps. */
typedef struct
{
  GstCaps *caps;
  GstBuffer *pictures[N_MEASURED + 1]; /* the first is of nobody */
} Film;

typedef struct
{
  const char *name;
  const Film *film;
  const char *decoder;   /* before all others, or NULL */
  const char *coder;     /* between filter and gate */
  const char *recipient; /* NULL: identity instead of our elements */
  const char *property;  /* of the filter */
  const char *statistic; /* of the filter, that must count every frame */
  double ms[ROUNDS];
  double median_ms;
} StreamCase;

/* Filled in by the sink's thread. */
typedef struct
{
  guint n_seen;
  double start_ms, end_ms;
} Meter;

static double
cpu_ms (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3
         + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static GstBuffer *
draw (DwScene *scene, double second)
{
  static guint8 bgrx[WIDTH * HEIGHT * 4];
  const DwPlane plane = { bgrx, WIDTH * 4, WIDTH, HEIGHT };
  const gsize size = WIDTH * HEIGHT;
  DwFrame frame = { .format = DW_FORMAT_I420,
                    .width = WIDTH,
                    .height = HEIGHT,
                    .stride = { WIDTH, WIDTH / 2, WIDTH / 2 },
                    .size = { size, size / 4, size / 4 } };
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size * 3 / 2, NULL);
  GstMapInfo map;

  if (dw_scene_draw (scene, (int64_t)(second * DW_SECOND_NS), &plane, NULL)
          != DW_OK
      || !gst_buffer_map (buffer, &map, GST_MAP_WRITE))
    g_error ("cannot draw the scene");
  frame.data[0] = map.data;
  frame.data[1] = map.data + size;
  frame.data[2] = map.data + size * 5 / 4;
  dw_scene_to_i420 (&plane, &frame);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

static void
film_draw (Film *film)
{
  const DwSceneSettings settings
      = { .width = WIDTH, .height = HEIGHT, .seed = 1, .ring_s = RING_S };
  DwScene *scene;

  if (dw_scene_new (&settings, &scene, NULL) != DW_OK)
    g_error ("no scene");
  film->caps = gst_caps_from_string (
      "video/x-raw,format=I420,width=1920,height=1080,framerate=30/1");
  film->pictures[0] = draw (scene, 0);
  for (guint i = 0; i < N_MEASURED; i++)
    film->pictures[i + 1] = draw (scene, VISIT_FROM_S + (double)i / RATE);
  dw_scene_free (scene);
}

static void
film_encode (Film *film, const Film *from)
{
  GstHarness *h = gst_harness_new_parse ("jpegenc quality=80");

  gst_harness_set_src_caps (h, gst_caps_ref (from->caps));
  for (guint i = 0; i <= N_MEASURED; i++)
    {
      film->pictures[i]
          = gst_harness_push_and_pull (h, gst_buffer_copy (from->pictures[i]));
      if (film->pictures[i] == NULL)
        g_error ("no JPEG");
    }
  film->caps = gst_caps_from_string (
      "image/jpeg,parsed=true,width=1920,height=1080,framerate=30/1");
  gst_harness_teardown (h);
}

static void
film_finish (Film *film)
{
  for (guint i = 0; i <= N_MEASURED; i++)
    gst_buffer_unref (film->pictures[i]);
  gst_caps_unref (film->caps);
}

static GstPadProbeReturn
note_frame (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Meter *meter = data;

  (void)pad;
  (void)info;
  meter->n_seen++;
  if (meter->n_seen == N_EMPTY)
    meter->start_ms = cpu_ms ();
  meter->end_ms = cpu_ms ();
  return GST_PAD_PROBE_OK;
}

static GstElement *
build (const StreamCase *one, const char *ledger, Meter *meter)
{
  g_autofree gchar *ours = NULL, *launch = NULL;
  GstElement *pipeline, *sink;
  GstPad *pad;

  if (one->recipient)
    ours = g_strdup_printf (
        "doorbellmotion ! consentfilter name=filter ledger=%s camera=front "
        "recipient=%s recipient-class=household %s ! %s consentgate",
        ledger, one->recipient, one->property ? one->property : "", one->coder);
  else
    ours = g_strdup_printf ("identity ! identity ! %s identity", one->coder);
  launch = g_strdup_printf (
      "appsrc name=source is-live=true format=time block=true "
      "max-buffers=2 ! %s %s ! fakesink name=sink",
      one->decoder ? one->decoder : "", ours);
  pipeline = gst_parse_launch (launch, NULL);
  if (pipeline == NULL)
    g_error ("cannot build %s", launch);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_frame, meter, NULL);
  gst_object_unref (pad);
  gst_object_unref (sink);
  return pipeline;
}

static void
feed (GstElement *pipeline, const Film *film)
{
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "source");

  gst_app_src_set_caps (GST_APP_SRC (source), film->caps);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint n = 0; n < N_FRAMES; n++)
    {
      guint i = n < N_EMPTY ? 0 : n - N_EMPTY + 1;
      GstBuffer *buffer = gst_buffer_copy (film->pictures[i]);

      GST_BUFFER_PTS (buffer) = n * GST_SECOND / RATE;
      GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
      GST_BUFFER_DURATION (buffer) = GST_SECOND / RATE;
      gst_app_src_push_buffer (GST_APP_SRC (source), buffer);
    }
  gst_app_src_end_of_stream (GST_APP_SRC (source));
  gst_object_unref (source);
}

static void
wait_for_end (GstElement *pipeline, const StreamCase *one)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (
      bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  if (message == NULL || GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS)
    g_error ("%s did not come to its end", one->name);
  gst_message_unref (message);
  gst_object_unref (bus);
}

/* Was every frame shown at the level that is measured? */
static gboolean
is_all (GstElement *pipeline, const StreamCase *one)
{
  GstElement *filter = gst_bin_get_by_name (GST_BIN (pipeline), "filter");
  GstStructure *stats = NULL;
  guint64 n = 0;

  if (filter == NULL)
    return TRUE;
  g_object_get (filter, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, one->statistic, &n);
  gst_structure_free (stats);
  gst_object_unref (filter);
  return n == N_FRAMES;
}

/* FALSE when the machine was so busy that the share was closed for a while. */
static gboolean
run (const StreamCase *one, const char *ledger, double *ms)
{
  Meter meter = { 0 };
  GstElement *pipeline = build (one, ledger, &meter);
  gboolean is_good;

  feed (pipeline, one->film);
  wait_for_end (pipeline, one);
  is_good = is_all (pipeline, one) && meter.n_seen == N_FRAMES;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  *ms = (meter.end_ms - meter.start_ms) / N_MEASURED;
  return is_good;
}

static double
copy_frames (const Film *film)
{
  static guint8 copy[WIDTH * HEIGHT * 3 / 2];
  double start = cpu_ms ();

  for (guint i = 1; i <= N_MEASURED; i++)
    gst_buffer_extract (film->pictures[i], 0, copy, sizeof copy);
  return (cpu_ms () - start) / N_MEASURED;
}

static void
write_grant (DwLedger *ledger, const char *recipient, DwLevel level)
{
  const int64_t now = dw_time_utc_ns ();
  DwPolicy policy;
  DwError error = { 0 };
  DwGrant grant = { .footage_from_ns = now - 60 * DW_SECOND_NS,
                    .footage_until_ns = now + 3600 * DW_SECOND_NS,
                    .valid_from_ns = now - 60 * DW_SECOND_NS,
                    .valid_until_ns = now + 3600 * DW_SECOND_NS,
                    .level = level };

  dw_policy_init (&policy);
  g_strlcpy (grant.share.camera, "front", sizeof grant.share.camera);
  g_strlcpy (grant.share.recipient, recipient, sizeof grant.share.recipient);
  grant.share.recipient_class = DW_CLASS_HOUSEHOLD;
  grant.share.is_live = true;
  if (dw_ledger_grant (ledger, &policy, &grant, NULL, &error) != DW_OK)
    g_error ("%s", error.text);
}

static void
write_grants (const char *path)
{
  DwLedger *ledger = NULL;

  if (dw_ledger_open (path, DW_LEDGER_WRITE, &ledger, NULL) != DW_OK)
    g_error ("no ledger");
  write_grant (ledger, "masked", DW_LEVEL_MASKED);
  write_grant (ledger, "blurred", DW_LEVEL_BLURRED);
  write_grant (ledger, "clear", DW_LEVEL_CLEAR);
  dw_ledger_close (ledger);
}

/* All of them in turn, round by round. */
static guint
measure (StreamCase *cases, gsize n_cases, const char *ledger,
         double copies[ROUNDS])
{
  guint n_disturbed = 0;

  for (guint round = 0; round < ROUNDS; round++)
    {
      copies[round] = copy_frames (cases[0].film);
      for (gsize i = 0; i < n_cases; i++)
        while (!run (&cases[i], ledger, &cases[i].ms[round]))
          if (++n_disturbed == MAX_DISTURBED)
            g_error ("%s: the share does not stay open", cases[i].name);
    }
  for (gsize i = 0; i < n_cases; i++)
    {
      qsort (cases[i].ms, ROUNDS, sizeof (double), bench_compare);
      cases[i].median_ms = cases[i].ms[ROUNDS / 2];
    }
  qsort (copies, ROUNDS, sizeof (double), bench_compare);
  return n_disturbed;
}

/* Each beside the last identity before it. */
static void
print (const StreamCase *cases, gsize n_cases, double copy_ms)
{
  const StreamCase *baseline = NULL;

  printf ("%-34s %8s %8s %10s %9s %8s\n", "", "ms/frame", "core@30",
          "+identity", "memcpies", "spread");
  printf ("%-34s %8.3f %7.1f%%\n", "memcpy of a raw frame", copy_ms,
          copy_ms * RATE / 10);
  for (gsize i = 0; i < n_cases; i++)
    {
      const StreamCase *one = &cases[i];

      if (one->recipient == NULL && one->decoder == NULL)
        baseline = one;
      printf ("%-34s %8.3f %7.1f%% %+10.3f %9.1f %.2f..%.2f\n", one->name,
              one->median_ms, one->median_ms * RATE / 10,
              one->median_ms - baseline->median_ms, one->median_ms / copy_ms,
              one->ms[0], one->ms[ROUNDS - 1]);
    }
}

int
main (int argc, char **argv)
{
  static Film raw, jpeg;
  static const char zone[]
      = "private-zones=\"0.6,0.1 0.8,0.1 0.8,0.4 0.6,0.4\"";
  static StreamCase cases[] = {
    { "raw, identity", &raw, NULL, "" },
    { "raw, doorbellmotion alone", &raw, MOTION, "" },
    { "raw, nothing", &raw, NULL, "", "nobody", NULL, "withheld" },
    { "raw, masked", &raw, NULL, "", "masked", NULL, "masked" },
    { "raw, blurred", &raw, NULL, "", "blurred", NULL, "blurred" },
    { "raw, clear", &raw, NULL, "", "clear", NULL, "shown" },
    { "raw, clear, one private zone", &raw, NULL, "", "clear", zone, "shown" },
    { "x264enc, identity", &raw, NULL, X264 },
    { "x264enc, nothing", &raw, NULL, X264, "nobody", NULL, "withheld" },
    { "x264enc, masked", &raw, NULL, X264, "masked", NULL, "masked" },
    { "x264enc, blurred", &raw, NULL, X264, "blurred", NULL, "blurred" },
    { "x264enc, clear", &raw, NULL, X264, "clear", NULL, "shown" },
    { "JPEG, identity", &jpeg, NULL, "" },
    { "JPEG, doorbellmotion alone", &jpeg, MOTION, "" },
    { "JPEG, nothing", &jpeg, NULL, "", "nobody", NULL, "withheld" },
    { "JPEG, masked", &jpeg, NULL, "", "masked", NULL, "masked" },
    { "JPEG, blurred", &jpeg, NULL, "", "blurred", NULL, "blurred" },
    { "JPEG, clear", &jpeg, NULL, "", "clear", NULL, "shown" },
    { "JPEG, decoded and coded again", &jpeg, DECODE, ENCODE },
    { "JPEG, decoded, masked, coded", &jpeg, DECODE, ENCODE, "masked", NULL,
      "masked" },
  };
  double copies[ROUNDS];
  gchar *folder, *path;
  guint n_disturbed;

  gst_init (&argc, &argv);
  gst_doorward_register (NULL);
  folder = g_dir_make_tmp ("doorward-bench-XXXXXX", NULL);
  path = g_build_filename (folder, "ledger.db", NULL);
  write_grants (path);
  film_draw (&raw);
  film_encode (&jpeg, &raw);
  bench_print_head ("One stream of 1920x1080, a visitor at the door");
  n_disturbed = measure (cases, G_N_ELEMENTS (cases), path, copies);
  print (cases, G_N_ELEMENTS (cases), copies[ROUNDS / 2]);
  printf ("%d runs of %d frames each; %u more were disturbed and repeated\n",
          ROUNDS, N_MEASURED, n_disturbed);
  film_finish (&jpeg);
  film_finish (&raw);
  g_remove (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
  return EXIT_SUCCESS;
}
