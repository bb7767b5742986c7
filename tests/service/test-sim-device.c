/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorbell-sim as the project's own ONVIF client sees it: profiles, snapshot,
 * and a press in the manner of every vendor. */
/* unshare () is Linux, not C11. */
#define _GNU_SOURCE
#include "dwtest.h"
#include "onvif.h"
#include "sim-process.h"

#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PATIENCE_US (30 * G_USEC_PER_SEC)

/* What came of the events so far. */
typedef struct
{
  gint presses, releases, initial_presses, motions;
  gboolean is_pulse;
  gchar topic[DW_ONVIF_TEXT];
} Heard;

static void
on_event (const DwOnvifEvent *event, void *data)
{
  Heard *heard = data;

  if (event->kind == DW_EVENT_MOTION && event->is_active)
    heard->motions++;
  if (event->kind != DW_EVENT_PRESS)
    return;
  if (event->is_initial)
    heard->initial_presses += event->is_active;
  else if (event->is_active)
    {
      heard->presses++;
      heard->is_pulse = event->is_pulse;
      g_strlcpy (heard->topic, event->topic, sizeof heard->topic);
    }
  else
    heard->releases++;
}

static DwOnvifClient *
sign_in (const DwTestSim *sim, const gchar *user, const gchar *password,
         const DwOnvifTopicRule *rule)
{
  DwOnvifSettings settings = { .location = sim->onvif,
                               .user = user,
                               .password = password,
                               .rules = rule,
                               .n_rules = rule ? 1 : 0 };
  DwOnvifClient *client;
  DwError error = { 0 };
  DwOnvifDevice device;

  fail_unless (dw_onvif_client_new (&settings, &client, &error) == DW_OK, "%s",
               error.text);
  fail_unless (dw_onvif_client_connect (client, NULL, &device, &error) == DW_OK,
               "%s", error.text);
  return client;
}

static void
subscribe (DwOnvifClient *client)
{
  DwError error = { 0 };

  fail_unless (dw_onvif_client_subscribe (client, NULL, &error) == DW_OK, "%s",
               error.text);
}

static void
sign_out (DwOnvifClient *client)
{
  dw_onvif_client_unsubscribe (client, NULL);
  dw_onvif_client_free (client);
}

/* Listens until `counter` (inside `heard`) has reached `wanted`. */
static void
hear (DwOnvifClient *client, Heard *heard, const gint *counter, gint wanted)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  while (*counter < wanted)
    {
      DwError error = { 0 };

      fail_unless (
          dw_onvif_client_pull (client, 1000, NULL, on_event, heard, &error)
              == DW_OK,
          "%s", error.text);
      fail_unless (g_get_monotonic_time () < end, "nothing heard of %d",
                   wanted);
    }
}

GST_START_TEST (device_tells_profiles_streams_and_snapshots)
{
  DwTestSim sim;
  DwOnvifClient *client;
  DwOnvifProfiles profiles;
  const DwOnvifProfile *profile;
  DwError error = { 0 };
  gchar uri[DW_ONVIF_URI];

  dw_test_sim_start (&sim, "--size 642x360 --fps 10 --audio pcmu");
  client = sign_in (&sim, NULL, NULL, NULL);
  fail_unless (dw_onvif_client_profiles (client, NULL, &profiles, &error)
                   == DW_OK,
               "%s", error.text);
  fail_unless_equals_int (profiles.n_profiles, 2);
  profile = dw_onvif_profile_choose (&profiles, "main");
  fail_unless_equals_string (profile->codec, "H264");
  fail_unless_equals_int (profile->width, 642);
  fail_unless_equals_int (profile->height, 360);
  fail_unless (
      dw_onvif_client_stream_uri (client, profile->token, NULL, uri, &error)
          == DW_OK,
      "%s", error.text);
  fail_unless_equals_string (uri, sim.main_uri);
  profile = dw_onvif_profile_choose (&profiles, "sub");
  fail_unless_equals_int (profile->width, 322);
  fail_unless (
      dw_onvif_client_snapshot_uri (client, profile->token, NULL, uri, &error)
          == DW_OK,
      "%s", error.text);
  fail_unless (strstr (uri, sim.onvif) && strstr (uri, "/snapshot.jpg"), "%s",
               uri);
  sign_out (client);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

/* Width and height from the frame header of a baseline JPEG. */
static gboolean
jpeg_size (GBytes *body, gint *width, gint *height)
{
  gsize size;
  const guint8 *p = g_bytes_get_data (body, &size);

  if (size < 4 || p[0] != 0xff || p[1] != 0xd8)
    return FALSE;
  for (gsize at = 2; at + 9 < size && p[at] == 0xff;
       at += 2 + (gsize)(p[at + 2] << 8 | p[at + 3]))
    if (p[at + 1] == 0xc0)
      {
        *height = p[at + 5] << 8 | p[at + 6];
        *width = p[at + 7] << 8 | p[at + 8];
        return TRUE;
      }
  return FALSE;
}

GST_START_TEST (snapshot_is_a_jpeg_of_the_profile)
{
  static const struct
  {
    const gchar *path;
    gint width, height;
  } cases[] = { { "/snapshot.jpg", 320, 180 },
                { "/snapshot.jpg?profile=main", 320, 180 },
                { "/snapshot.jpg?profile=sub", 160, 90 } };
  DwTestSim sim;

  dw_test_sim_start (&sim, "--size 320x180");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GBytes *body = NULL;
      gint width = 0, height = 0;

      fail_unless_equals_int (
          dw_test_http (sim.onvif, "GET", cases[i].path, &body), 200);
      fail_unless (jpeg_size (body, &width, &height));
      fail_unless_equals_int (width, cases[i].width);
      fail_unless_equals_int (height, cases[i].height);
      g_bytes_unref (body);
    }
  fail_unless_equals_int (dw_test_http (sim.onvif, "GET", "/other", NULL), 404);
  fail_unless_equals_int (dw_test_http (sim.onvif, "GET", "/ring", NULL), 405);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

typedef struct
{
  const gchar *vendor, *topic, *input; /* input: what the owner calls bell */
  gboolean has_release;
} VendorCase;

static const VendorCase vendors[] = {
  { "reolink", "MyRuleDetector/Visitor", NULL, TRUE },
  { "ajax", "RingDetector/Detection", NULL, TRUE },
  { "mobotix", "VideoSource/Alarm", NULL, FALSE },
  { "axis", "IO/Port", NULL, TRUE },
  { "2n", "Trigger/DigitalInput", "virtual-1", TRUE },
  { "generic", "Trigger/DigitalInput", "bell", TRUE },
};

GST_START_TEST (press_by_http_is_heard_in_the_manner_of_the_vendor)
{
  const VendorCase *it = &vendors[__i__];
  g_autofree gchar *options
      = g_strdup_printf ("--size 64x36 --ring-at 0 --vendor %s", it->vendor);
  DwOnvifTopicRule rule
      = { .topic = "tns1:Device/Trigger/DigitalInput", .kind = DW_EVENT_PRESS };
  DwOnvifClient *client;
  Heard heard = { 0 };
  DwTestSim sim;

  if (it->input)
    g_strlcpy (rule.source, it->input, sizeof rule.source);
  dw_test_sim_start (&sim, options);
  client = sign_in (&sim, NULL, NULL, it->input ? &rule : NULL);
  subscribe (client);
  fail_unless_equals_int (dw_test_http (sim.onvif, "POST", "/ring", NULL), 200);
  hear (client, &heard, &heard.presses, 1);
  fail_unless (strstr (heard.topic, it->topic), "%s", heard.topic);
  if (it->has_release)
    hear (client, &heard, &heard.releases, 1);
  fail_unless_equals_int (heard.presses, 1);
  fail_unless_equals_int (heard.is_pulse, !it->has_release);
  fail_unless_equals_int (heard.initial_presses, 0);
  sign_out (client);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

GST_START_TEST (signal_rings_and_ringing_twice_is_two_presses)
{
  DwOnvifClient *client;
  Heard heard = { 0 };
  DwTestSim sim;

  dw_test_sim_start (&sim, "--size 64x36 --ring-at 0");
  client = sign_in (&sim, NULL, NULL, NULL);
  subscribe (client);
  g_subprocess_send_signal (sim.process, SIGUSR1);
  hear (client, &heard, &heard.presses, 1);
  g_subprocess_send_signal (sim.process, SIGUSR1);
  hear (client, &heard, &heard.presses, 2);
  sign_out (client);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

GST_START_TEST (visit_brings_motion_and_a_press_at_its_time)
{
  gint64 start = g_get_monotonic_time (), took;
  DwOnvifClient *client;
  Heard heard = { 0 };
  DwTestSim sim;

  dw_test_sim_start (&sim, "--size 64x36 --ring-at 3 --every 0");
  client = sign_in (&sim, NULL, NULL, NULL);
  subscribe (client);
  hear (client, &heard, &heard.presses, 1);
  took = g_get_monotonic_time () - start;
  fail_unless (took >= 3 * G_USEC_PER_SEC,
               "a press after %" G_GINT64_FORMAT " us", took);
  fail_unless_equals_int (heard.motions, 1);
  sign_out (client);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

GST_START_TEST (password_is_asked_for_everywhere)
{
  DwOnvifSettings settings = { .user = "ann", .password = "wrong" };
  DwOnvifClient *client;
  DwOnvifDevice device;
  DwError error = { 0 };
  DwTestSim sim;

  dw_test_sim_start (&sim,
                     "--size 64x36 --ring-at 0 --user ann --password s3cret");
  settings.location = sim.onvif;
  fail_unless_equals_int (dw_onvif_client_new (&settings, &client, &error),
                          DW_OK);
  fail_unless_equals_int (
      dw_onvif_client_connect (client, NULL, &device, &error),
      DW_ERROR_REFUSED);
  dw_onvif_client_free (client);
  fail_unless_equals_int (dw_test_http (sim.onvif, "POST", "/ring", NULL), 401);
  fail_unless_equals_int (
      dw_test_http (sim.onvif, "GET", "/snapshot.jpg", NULL), 401);
  client = sign_in (&sim, "ann", "s3cret", NULL);
  subscribe (client);
  sign_out (client);
  dw_test_sim_stop (&sim);
}
GST_END_TEST

static void
on_match (const DwOnvifMatch *match, void *data)
{
  DwOnvifMatch *out = data;

  if (strcmp (match->name, "Back door") == 0)
    *out = *match;
}

/* With nothing but a loopback that knows multicast. */
static gboolean
enter_own_network (void)
{
  struct ifreq request = { .ifr_name = "lo" };
  gboolean is_up;
  int fd;

  if (unshare (CLONE_NEWNET) != 0
      && unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return FALSE;
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  request.ifr_flags = IFF_UP | IFF_MULTICAST;
  is_up = ioctl (fd, SIOCSIFFLAGS, &request) == 0;
  close (fd);
  return is_up;
}

/* In a network of its own: the port of discovery is taken once a machine. */
GST_START_TEST (it_is_discovered_by_its_name)
{
  DwOnvifProbe probe
      = { .interfaces = "lo", .wait_ms = 20000, .stop_at_first = true };
  g_autofree gchar *program = dw_test_sim_program ();
  const gchar *argv[] = { program, "--size=64x36", "--name=Back door",
                          "--interfaces=lo", NULL };
  DwOnvifMatch found = { 0 };
  DwError error = { 0 };
  g_autofree gchar *line = NULL;
  GSubprocess *process;
  GDataInputStream *output;

  if (!enter_own_network ())
    {
      printf ("SKIP: no network of its own for the discovery test\n");
      return;
    }
  process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  line = g_data_input_stream_read_line (output, NULL, NULL, NULL);
  fail_unless (line != NULL);
  fail_unless (dw_onvif_probe (&probe, NULL, on_match, &found, &error) == DW_OK,
               "%s", error.text);
  fail_unless (strstr (found.xaddr, "/onvif/"), "found: %s", found.xaddr);
  g_subprocess_send_signal (process, SIGINT);
  fail_unless (g_subprocess_wait_check (process, NULL, NULL));
  g_object_unref (output);
  g_object_unref (process);
}
GST_END_TEST

GST_START_TEST (it_ends_by_itself_when_told_so)
{
  g_autofree gchar *said = NULL;

  fail_unless_equals_int (
      dw_test_sim_run ("--size 64x36 --no-discovery --run-for 0.2", &said), 0);
  fail_unless (g_str_has_prefix (said, "ready onvif://127.0.0.1:"), "%s", said);
}
GST_END_TEST

GST_START_TEST (port_that_is_taken_is_said_so)
{
  DwTestSim sim;
  const gchar *options[] = { "--port", "--rtsp-port" };

  dw_test_sim_start (&sim, "--size 64x36");
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const gchar *address = i == 0 ? sim.onvif : sim.main_uri;
      g_autofree gchar *line
          = g_strdup_printf ("--size 64x36 --no-discovery --run-for 9 %s %d",
                             options[i], atoi (strrchr (address, ':') + 1));
      g_autofree gchar *said = NULL;

      fail_unless_equals_int (dw_test_sim_run (line, &said), 1);
      fail_unless (strstr (said, "ddress already in use"), "%s", said);
    }
  dw_test_sim_stop (&sim);
}
GST_END_TEST

GST_START_TEST (ready_line_goes_to_the_descriptor_too)
{
  g_autofree gchar *program = dw_test_sim_program ();
  const gchar *argv[] = { program,        "--size=64x36",  "--no-discovery",
                          "--ready-fd=3", "--run-for=0.1", NULL };
  GSubprocessLauncher *launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  GSubprocess *process;
  gchar line[256] = "";
  int ends[2];

  fail_unless_equals_int (pipe (ends), 0);
  g_subprocess_launcher_take_fd (launcher, ends[1], 3);
  process = g_subprocess_launcher_spawnv (launcher, argv, NULL);
  g_object_unref (launcher);
  fail_unless (read (ends[0], line, sizeof line - 1) > 0);
  fail_unless (g_str_has_prefix (line, "ready onvif://127.0.0.1:"), "%s", line);
  fail_unless (g_subprocess_wait_check (process, NULL, NULL));
  g_object_unref (process);
  close (ends[0]);
}
GST_END_TEST

static Suite *
sim_device_suite (void)
{
  Suite *suite = suite_create ("sim-device");
  TCase *tests = tcase_create ("device");

  suite_add_tcase (suite, tests);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, device_tells_profiles_streams_and_snapshots);
  tcase_add_test (tests, snapshot_is_a_jpeg_of_the_profile);
  tcase_add_loop_test (tests,
                       press_by_http_is_heard_in_the_manner_of_the_vendor, 0,
                       G_N_ELEMENTS (vendors));
  tcase_add_test (tests, signal_rings_and_ringing_twice_is_two_presses);
  tcase_add_test (tests, visit_brings_motion_and_a_press_at_its_time);
  tcase_add_test (tests, password_is_asked_for_everywhere);
  tcase_add_test (tests, it_is_discovered_by_its_name);
  tcase_add_test (tests, port_that_is_taken_is_said_so);
  tcase_add_test (tests, ready_line_goes_to_the_descriptor_too);
  tcase_add_test (tests, it_ends_by_itself_when_told_so);
  return suite;
}

GST_CHECK_MAIN (sim_device)
