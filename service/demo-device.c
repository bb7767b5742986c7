/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The demonstration's doorbell: starts the simulator, or takes a real device,
 * and finds it by WS-Discovery. */
#include "demo.h"

#include "onvif.h"
#include "timebase.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define SIMULATOR "doorbell-sim"
/* Should this program die without a word, the simulator ends by itself. */
#define SIMULATOR_SECONDS "600"
#define DISCOVERY_MS 4000

static gchar *
find_simulator (const DemoOptions *options)
{
  g_autofree gchar *self = NULL;
  g_autofree gchar *folder = NULL;
  g_autofree gchar *built = NULL;

  if (options->simulator)
    return g_strdup (options->simulator);
  self = g_file_read_link ("/proc/self/exe", NULL);
  folder = self ? g_path_get_dirname (self) : g_strdup (".");
  built = g_build_filename (folder, "..", "examples", "doorbell-sim", SIMULATOR,
                            NULL);
  if (g_file_test (built, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&built);
  return g_find_program_in_path (SIMULATOR);
}

/* A password that only this run knows, in a file that only this user reads. */
static gchar *
write_password (Demo *demo, GError **error)
{
  guint8 bytes[16];
  gchar text[2 * sizeof bytes + 1];
  g_autofree gchar *path = g_build_filename (demo->work, "password", NULL);

  randombytes_buf (bytes, sizeof bytes);
  sodium_bin2hex (text, sizeof text, bytes, sizeof bytes);
  demo->device.user = g_strdup ("owner");
  demo->device.password = g_strdup (text);
  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600,
                                 error))
    return NULL;
  return g_steal_pointer (&path);
}

static gboolean
start_simulator (Demo *demo, GError **error)
{
  g_autofree gchar *program = find_simulator (&demo->options);
  g_autofree gchar *password_file = NULL;
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree gchar *ready = NULL;

  if (program == NULL)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                   "The simulated doorbell is not here: give --simulator "
                   "PROGRAM, or --device onvif://HOST for a real one.");
      return FALSE;
    }
  password_file = write_password (demo, error);
  if (password_file == NULL)
    return FALSE;
  const gchar *fixed[] = { program,
                           "--bind",
                           "127.0.0.1",
                           "--port",
                           "0",
                           "--rtsp-port",
                           "0",
                           "--interfaces",
                           "lo",
                           "--user",
                           demo->device.user,
                           "--password-file",
                           password_file,
                           "--run-for",
                           SIMULATOR_SECONDS,
                           "--name",
                           "Front door" };
  for (gsize i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (arguments, (gpointer)fixed[i]);
  if (demo->options.video)
    {
      g_ptr_array_add (arguments, (gpointer) "--video");
      g_ptr_array_add (arguments, (gpointer)demo->options.video);
    }
  g_ptr_array_add (arguments, NULL);
  demo->device.process
      = g_subprocess_newv ((const gchar *const *)arguments->pdata,
                           G_SUBPROCESS_FLAGS_STDOUT_PIPE, error);
  if (demo->device.process == NULL)
    return FALSE;
  lines = g_data_input_stream_new (
      g_subprocess_get_stdout_pipe (demo->device.process));
  ready = g_data_input_stream_read_line_utf8 (lines, NULL, NULL, error);
  if (ready == NULL || !g_str_has_prefix (ready, "ready "))
    {
      if (error && *error == NULL)
        g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                     "%s did not start; what it says stands above.", program);
      return FALSE;
    }
  return TRUE;
}

static void
on_match (const DwOnvifMatch *match, void *user_data)
{
  DwOnvifMatch *found = user_data;

  if (!found->xaddr[0] && match->xaddr[0] && !match->is_gone)
    *found = *match;
}

static gboolean
discover (Demo *demo, const gchar *interfaces, GError **error)
{
  const DwOnvifProbe probe = { .interfaces = interfaces,
                               .wait_ms = DISCOVERY_MS,
                               .stop_at_first = TRUE };
  g_autofree DwOnvifMatch *found = g_new0 (DwOnvifMatch, 1);
  DwError reason = { 0 };
  gint64 before = dw_time_boot_ns ();
  g_autoptr (GUri) uri = NULL;

  if (dw_onvif_probe (&probe, NULL, on_match, found, &reason) != DW_OK)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   "No doorbell answered: %s", reason.text);
      return FALSE;
    }
  demo->device.discovery_s
      = (gdouble)(dw_time_boot_ns () - before) / DW_SECOND_NS;
  uri = g_uri_parse (found->xaddr, G_URI_FLAGS_NONE, error);
  if (uri == NULL)
    return FALSE;
  demo->device.uri
      = g_strdup_printf ("onvif://%s:%d", g_uri_get_host (uri),
                         g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : 80);
  demo->device.name = g_strdup (found->name);
  return TRUE;
}

gboolean
demo_device_open (Demo *demo, GError **error)
{
  const gchar *device = demo->options.device;

  demo->device.discovery_s = -1;
  if (device == NULL)
    {
      demo_progress (demo, "Starting the simulated doorbell");
      if (!start_simulator (demo, error))
        return FALSE;
      demo_progress (demo, "Looking for a doorbell (WS-Discovery)");
      return discover (demo, "lo", error);
    }
  demo->device.user = g_strdup (demo->options.user);
  demo->device.password = g_strdup (demo->options.password);
  if (g_str_equal (device, "onvif://"))
    {
      demo_progress (demo, "Looking for a doorbell (WS-Discovery)");
      return discover (demo, NULL, error);
    }
  demo->device.uri = g_strdup (device);
  demo->device.name = g_strdup (device);
  return TRUE;
}

void
demo_device_close (Demo *demo)
{
  DemoDevice *device = &demo->device;

  if (device->process)
    {
      g_subprocess_send_signal (device->process, SIGTERM);
      g_subprocess_wait (device->process, NULL, NULL);
      g_clear_object (&device->process);
    }
  if (device->password)
    sodium_memzero (device->password, strlen (device->password));
  g_clear_pointer (&device->password, g_free);
  g_clear_pointer (&device->user, g_free);
  g_clear_pointer (&device->uri, g_free);
  g_clear_pointer (&device->name, g_free);
}
