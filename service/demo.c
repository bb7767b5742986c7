/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `doorward demo`: the whole way once, from finding a doorbell to a share that
 * is called back while it runs, with a report that proves itself. */
#include "commands.h"
#include "demo.h"

#include "plugin.h"
#include "timebase.h"

#include <glib/gstdio.h>
#include <gst/pbutils/pbutils.h>

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_OUT "doorward-demo"
#define DEFAULT_WAIT_S 60

static const char help[]
    = "doorward demo: one visit at the door, and what each share shows of it\n"
      "\n"
      "Finds a doorbell, waits for the bell, records the owner's private "
      "copy,\n"
      "and makes four shares of the visit: for a neighbour without a grant, "
      "with\n"
      "a masked one, with a clear one, and for the police with one that is\n"
      "revoked half-way. Every frame that had to be withheld is then checked.\n"
      "\n"
      "usage: doorward demo [options]\n"
      "  --out DIR           where the results go (default " DEFAULT_OUT "/)\n"
      "  --video FILE        the simulated doorbell plays this file\n"
      "  --device URI        a real doorbell: onvif://HOST[:PORT], or onvif:// "
      "\n"
      "                      for the first one found\n"
      "  --user NAME         of the real doorbell\n"
      "  --password-file F   its password; or DOORWARD_PASSWORD\n"
      "  --wait SECONDS      for the bell (default 60)\n"
      "  --simulator FILE    the program doorbell-sim\n"
      "  --json              print report.json instead of the summary\n"
      "  --help\n"
      "\n"
      "Writes private.mp4, neighbour-denied.mp4, neighbour-masked.mp4,\n"
      "neighbour-clear.mp4, police-revoked.mp4, contact-sheet.png, "
      "report.json.\n"
      "Exit status: 0 all as it should be, 1 something failed, 2 usage.\n";

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

enum
{
  OPTION_OUT = 1000,
  OPTION_VIDEO,
  OPTION_DEVICE,
  OPTION_USER,
  OPTION_PASSWORD_FILE,
  OPTION_WAIT,
  OPTION_SIMULATOR,
  OPTION_JSON,
  OPTION_HELP,
};

static const struct option long_options[] = {
  { "out", required_argument, NULL, OPTION_OUT },
  { "video", required_argument, NULL, OPTION_VIDEO },
  { "device", required_argument, NULL, OPTION_DEVICE },
  { "user", required_argument, NULL, OPTION_USER },
  { "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
  { "wait", required_argument, NULL, OPTION_WAIT },
  { "simulator", required_argument, NULL, OPTION_SIMULATOR },
  { "json", no_argument, NULL, OPTION_JSON },
  { "help", no_argument, NULL, OPTION_HELP },
  { NULL, 0, NULL, 0 },
};

/* Returns an exit status, or -1 to go on. */
static int
parse_options (int argc, char **argv, DemoOptions *options,
               const gchar **password_file)
{
  int option;

  optind = 1;
  while ((option = getopt_long (argc, argv, "", long_options, NULL)) != -1)
    switch (option)
      {
      case OPTION_OUT:
        options->out = optarg;
        break;
      case OPTION_VIDEO:
        options->video = optarg;
        break;
      case OPTION_DEVICE:
        options->device = optarg;
        break;
      case OPTION_USER:
        options->user = optarg;
        break;
      case OPTION_PASSWORD_FILE:
        *password_file = optarg;
        break;
      case OPTION_WAIT:
        options->wait_seconds = (guint)CLAMP (atoi (optarg), 1, 3600);
        break;
      case OPTION_SIMULATOR:
        options->simulator = optarg;
        break;
      case OPTION_JSON:
        options->is_quiet = TRUE;
        break;
      case OPTION_HELP:
        fputs (help, stdout);
        return 0;
      default:
        fputs ("doorward demo --help says what it takes.\n", stderr);
        return 2;
      }
  if (optind < argc || (options->video && options->device))
    {
      fputs (optind < argc ? "doorward demo takes options only.\n"
                           : "--video is for the simulated doorbell: leave "
                             "out --device.\n",
             stderr);
      return 2;
    }
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
command_demo (int argc, char **argv)
{
  Demo demo
      = { .options = { .out = DEFAULT_OUT, .wait_seconds = DEFAULT_WAIT_S } };
  const gchar *password_file = NULL;
  g_autofree gchar *password = NULL;
  g_autoptr (GError) error = NULL;
  int status = parse_options (argc, argv, &demo.options, &password_file);
  gboolean ok;

  if (status >= 0)
    return status;
  if (sodium_init () < 0)
    return 1;
  gst_init (NULL, NULL);
  gst_doorward_register (NULL);
  password = read_password (password_file);
  demo.options.password = password;
  ok = make_folders (&demo, &error) && run_demo (&demo, &error);
  demo_progress (&demo, NULL);
  if (!ok)
    fprintf (stderr, "doorward demo: %s\n", error ? error->message : "failed");
  else if (demo.options.is_quiet)
    print_json (&demo);
  else
    demo_report_print (&demo);
  status = ok && demo_count_failures (&demo) == 0 ? 0 : 1;
  demo_finish (&demo);
  if (password)
    sodium_memzero (password, strlen (password));
  return status;
}
