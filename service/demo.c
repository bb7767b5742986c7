/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `doorward demo`: the whole way once, from finding a doorbell to a share that
 * is called back while it runs, with a report that proves itself. */
#include "commands.h"
#include "demo.h"

#include "plugin.h"
#include "timebase.h"

#include <glib/gstdio.h>
#include <gst/pbutils/pbutils.h>

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_OUT "doorward-demo"
#define DEFAULT_WAIT_S 60

static const char about[]
    = "Finds a doorbell, waits for the bell, records the owner's private "
      "copy,\n"
      "and makes four shares of the visit: for a neighbour without a grant, "
      "with\n"
      "a masked one, with a clear one, and for the police with one that is\n"
      "revoked half-way. Every frame that had to be withheld is then checked.\n"
      "\n"
      "Writes private.mp4, neighbour-denied.mp4, neighbour-masked.mp4,\n"
      "neighbour-clear.mp4, police-revoked.mp4, contact-sheet.png, "
      "report.json.\n";

static const DemoShare planned[DEMO_SHARES] = {
  { .name = "neighbour-denied",
    .recipient = "anna",
    .recipient_class = DW_CLASS_NEIGHBOUR },
  { .name = "neighbour-masked",
    .recipient = "anna",
    .recipient_class = DW_CLASS_NEIGHBOUR,
    .granted = DW_LEVEL_MASKED },
  { .name = "neighbour-clear",
    .recipient = "anna",
    .recipient_class = DW_CLASS_NEIGHBOUR,
    .granted = DW_LEVEL_CLEAR },
  { .name = "police-revoked",
    .recipient = "station-5",
    .recipient_class = DW_CLASS_POLICE,
    .case_number = "2026-4711",
    .granted = DW_LEVEL_CLEAR,
    .is_revoked = TRUE },
};

static gboolean
measure_recording (Demo *demo, GError **error)
{
  g_autoptr (GstDiscoverer) discoverer
      = gst_discoverer_new (20 * GST_SECOND, error);
  g_autofree gchar *full = NULL;
  g_autofree gchar *uri = NULL;
  g_autoptr (GstDiscovererInfo) info = NULL;

  if (discoverer == NULL)
    return FALSE;
  full = g_canonicalize_filename (demo->recording.path, NULL);
  uri = gst_filename_to_uri (full, error);
  info = uri ? gst_discoverer_discover_uri (discoverer, uri, error) : NULL;
  if (info == NULL)
    return FALSE;
  demo->recording.duration_ns = (gint64)gst_discoverer_info_get_duration (info);
  return demo_verify_file (demo->recording.path, NULL, demo->thumbnails, error);
}

static gboolean
run_demo (Demo *demo, GError **error)
{
  g_autofree gchar *sheet
      = g_build_filename (demo->options.out, "contact-sheet.png", NULL);
  g_autofree gchar *report
      = g_build_filename (demo->options.out, "report.json", NULL);

  if (!demo_device_open (demo, error) || !demo_record (demo, error))
    return FALSE;
  demo_progress (demo, "Reading the recording");
  if (!measure_recording (demo, error))
    return FALSE;
  for (guint i = 0; i < DEMO_SHARES; i++)
    {
      demo->shares[i] = planned[i];
      if (!demo_share_run (demo, &demo->shares[i], error))
        {
          g_prefix_error (error, "%s: ", planned[i].name);
          return FALSE;
        }
    }
  return demo_sheet_write (demo, sheet, error)
         && demo_report_write (demo, report, error);
}

/* Ledger and password of this run live where only this user can look. */
static gboolean
make_folders (Demo *demo, GError **error)
{
  if (g_mkdir_with_parents (demo->options.out, 0755) != 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                   "The folder %s cannot be made: %s", demo->options.out,
                   g_strerror (errno));
      return FALSE;
    }
  demo->work = g_dir_make_tmp ("doorward-XXXXXX", error);
  if (demo->work)
    demo->ledger = g_build_filename (demo->work, "ledger.db", NULL);
  return demo->work != NULL;
}

static void
remove_work (Demo *demo)
{
  GDir *folder = demo->work ? g_dir_open (demo->work, 0, NULL) : NULL;
  const gchar *name;

  while (folder && (name = g_dir_read_name (folder)))
    {
      g_autofree gchar *path = g_build_filename (demo->work, name, NULL);

      g_unlink (path);
    }
  if (folder)
    g_dir_close (folder);
  if (demo->work)
    g_rmdir (demo->work);
  g_clear_pointer (&demo->work, g_free);
  g_clear_pointer (&demo->ledger, g_free);
}

static void
demo_finish (Demo *demo)
{
  demo_device_close (demo);
  remove_work (demo);
  g_clear_pointer (&demo->recording.path, g_free);
  for (guint i = 0; i < DEMO_SHARES; i++)
    demo_share_finish (&demo->shares[i]);
  for (guint i = 0; i < DEMO_THUMBNAILS; i++)
    g_clear_pointer (&demo->thumbnails[i], cairo_surface_destroy);
}

static gchar *
read_password (const gchar *path)
{
  gchar *text = NULL;

  if (path == NULL)
    return g_strdup (g_getenv ("DOORWARD_PASSWORD"));
  if (g_file_get_contents (path, &text, NULL, NULL))
    g_strchomp (text);
  return text;
}

/* Returns an exit code, or -1 to go on. */
static int
parse_options (const DwCommand *command, int argc, char **argv,
               DemoOptions *options)
{
  const char *wait = NULL;
  bool is_json = false;
  const DwOption rows[] = {
    { .name = "out",
      .value = "DIR",
      .help = "where the results go\n(default " DEFAULT_OUT ")",
      .text = &options->out },
    { .name = "video",
      .value = "FILE",
      .help = "the simulated doorbell plays this film",
      .text = &options->video },
    { .name = "device",
      .value = "URI",
      .help = "a real doorbell: onvif://HOST[:PORT], or\n"
              "onvif:// for the first one found",
      .text = &options->device },
    { .name = "user",
      .value = "NAME",
      .help = "of the real doorbell",
      .text = &options->user },
    { .name = "password-file",
      .value = "FILE",
      .help = "its password; or set DOORWARD_PASSWORD",
      .text = &options->password_file },
    { .name = "wait",
      .value = "SECONDS",
      .help = "for the bell (default 60)",
      .text = &wait },
    { .name = "simulator",
      .value = "FILE",
      .help = "the program doorbell-sim",
      .text = &options->simulator },
    { .name = "json",
      .help = "print report.json, not the summary",
      .flag = &is_json },
  };
  const DwSyntax syntax = { .usage = "[OPTION...]",
                            .about = about,
                            .options = rows,
                            .n_options = G_N_ELEMENTS (rows) };
  DwArguments arguments;
  guint64 seconds = DEFAULT_WAIT_S;

  if (!dw_cli_parse (command, &syntax, argc, argv, &arguments))
    return arguments.code;
  if (options->video && options->device)
    return dw_cli_wrong_usage (
        command, "--video is for the simulated doorbell: leave out --device");
  if (wait && !g_ascii_string_to_unsigned (wait, 10, 1, 3600, &seconds, NULL))
    return dw_cli_wrong_usage (command, "--wait: '%s' is not 1 to 3600", wait);
  if (options->out == NULL)
    options->out = DEFAULT_OUT;
  options->wait_seconds = (guint)seconds;
  options->is_quiet = is_json;
  return -1;
}

static void
print_json (const Demo *demo)
{
  g_autofree gchar *path
      = g_build_filename (demo->options.out, "report.json", NULL);
  g_autofree gchar *text = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL))
    fputs (text, stdout);
}

int
dw_command_demo (const DwCommand *command, int argc, char **argv)
{
  Demo demo = { 0 };
  g_autofree gchar *password = NULL;
  g_autoptr (GError) error = NULL;
  int code = parse_options (command, argc, argv, &demo.options);
  gboolean ok;

  if (code >= 0)
    return code;
  if (sodium_init () < 0)
    return dw_cli_refuse (command, "no random numbers on this machine");
  gst_init (NULL, NULL);
  gst_doorward_register (NULL);
  password = read_password (demo.options.password_file);
  demo.options.password = password;
  ok = make_folders (&demo, &error) && run_demo (&demo, &error);
  demo_progress (&demo, NULL);
  code
      = ok && demo_count_failures (&demo) == 0 ? DW_EXIT_DONE : DW_EXIT_REFUSED;
  if (!ok)
    dw_cli_refuse (command, "%s", error ? error->message : "failed");
  else if (demo.options.is_quiet)
    print_json (&demo);
  else
    demo_report_print (&demo);
  demo_finish (&demo);
  if (password)
    sodium_memzero (password, strlen (password));
  return dw_cli_finish (command, code);
}
