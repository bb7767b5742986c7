/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: every value is checked before anything starts. */
#include "options.h"
#include "vendor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_WIDTH 1280
#define DEFAULT_HEIGHT 720
#define DEFAULT_FPS 15
#define DEFAULT_RING_S 6.0
#define DEFAULT_EVERY_S 20.0
/* No number that could be meant. */
#define NOT_GIVEN (-1e300)
/* RTP carries the size of a JPEG picture in bytes of eight pixels. */
#define MJPEG_MOST 2040
#define STREAM_LEAST 16

/* What the option parser fills and the checks below turn into options. */
typedef struct
{
  gchar *size, *fps, *codec, *audio, *password_file;
  gint64 seed;
} Raw;

static gboolean G_GNUC_PRINTF (2, 3)
    fail (GError **error, const gchar *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error)
    *error = g_error_new_valist (G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                                 format, arguments);
  va_end (arguments);
  return FALSE;
}

static gboolean
read_size (const gchar *text, DwSimOptions *options, GError **error)
{
  gchar *end = NULL;
  guint64 width = 0, height = 0;

  if (text == NULL)
    return TRUE;
  if (g_ascii_isdigit (text[0]))
    width = g_ascii_strtoull (text, &end, 10);
  if (end && *end == 'x' && g_ascii_isdigit (end[1]))
    height = g_ascii_strtoull (end + 1, &end, 10);
  if (end == NULL || *end != '\0' || width < 1 || height < 1
      || width > DW_SCENE_MAX_WIDTH || height > DW_SCENE_MAX_HEIGHT)
    return fail (error, "--size %s: expected WIDTHxHEIGHT, 1x1 to %dx%d", text,
                 DW_SCENE_MAX_WIDTH, DW_SCENE_MAX_HEIGHT);
  options->scene.width = (int)width;
  options->scene.height = (int)height;
  options->has_size = TRUE;
  return TRUE;
}

static gboolean
read_fps (const gchar *text, DwSimOptions *options, GError **error)
{
  gchar *end = NULL;
  guint64 n = 0, d = 1;

  if (text == NULL)
    return TRUE;
  if (g_ascii_isdigit (text[0]))
    n = g_ascii_strtoull (text, &end, 10);
  if (end && *end == '/' && g_ascii_isdigit (end[1]))
    d = g_ascii_strtoull (end + 1, &end, 10);
  if (end == NULL || *end != '\0' || n < 1 || n > 240000 || d < 1 || d > 10010
      || n > 240 * d || d > 10 * n)
    return fail (error,
                 "--fps %s: expected frames a second, N or N/D, 1/10 "
                 "to 240",
                 text);
  options->fps_n = (gint)n;
  options->fps_d = (gint)d;
  options->has_fps = TRUE;
  return TRUE;
}

static gboolean
read_choices (const Raw *raw, DwSimOptions *options, GError **error)
{
  if (raw->codec == NULL || strcmp (raw->codec, "h264") == 0)
    options->codec = DW_SIM_H264;
  else if (strcmp (raw->codec, "mjpeg") == 0)
    options->codec = DW_SIM_MJPEG;
  else
    return fail (error, "--codec %s: expected h264 or mjpeg", raw->codec);
  if (raw->audio == NULL || strcmp (raw->audio, "aac") == 0)
    options->audio = DW_SIM_AAC;
  else if (strcmp (raw->audio, "pcmu") == 0)
    options->audio = DW_SIM_PCMU;
  else if (strcmp (raw->audio, "none") == 0)
    options->audio = DW_SIM_SILENT;
  else
    return fail (error, "--audio %s: expected aac, pcmu or none", raw->audio);
  if (dw_sim_vendor (options->vendor) == NULL)
    return fail (error, "--vendor %s: expected " DW_SIM_VENDORS,
                 options->vendor);
  if (raw->seed < 0 || raw->seed > G_MAXUINT32)
    return fail (error, "--seed: expected 0 to %u", G_MAXUINT32);
  options->scene.seed = (uint32_t)raw->seed;
  return TRUE;
}

/* A password file holds nothing but the password, which thereby stays out of
 * the list of processes. */
static gboolean
read_users (const Raw *raw, DwSimOptions *options, GError **error)
{
  guint n_users = options->users ? g_strv_length (options->users) : 0;
  guint n_passwords
      = options->passwords ? g_strv_length (options->passwords) : 0;

  if (raw->password_file)
    {
      gchar *text = NULL;

      if (n_users != 1 || n_passwords != 0)
        return fail (error, "--password-file goes with exactly one --user and "
                            "no --password");
      if (!g_file_get_contents (raw->password_file, &text, NULL, error))
        return FALSE;
      text[strcspn (text, "\r\n")] = '\0';
      g_clear_pointer (&options->passwords, g_strfreev);
      options->passwords = g_new0 (gchar *, 2);
      options->passwords[0] = text;
      n_passwords = 1;
    }
  if (n_users != n_passwords)
    return fail (error, "%u of --user but %u passwords: each user needs one",
                 n_users, n_passwords);
  for (guint i = 0; i < n_users; i++)
    if (options->users[i][0] == '\0' || options->passwords[i][0] == '\0'
        || strlen (options->users[i]) > 60
        || strlen (options->passwords[i]) > 120)
      return fail (error,
                   "user %u: expected a name of 1 to 60 and a password "
                   "of 1 to 120 bytes",
                   i + 1);
  return TRUE;
}

static gboolean
check_numbers (const DwSimOptions *options, GError **error)
{
  if (!g_hostname_is_ip_address (options->bind) || strchr (options->bind, ':'))
    return fail (error, "--bind %s: expected an IPv4 address", options->bind);
  if (options->host
      && (options->host[0] == '\0'
          || strpbrk (options->host, "/ \t@:") != NULL))
    return fail (error, "--host: expected a name or an address");
  if (options->port < 0 || options->port > 65535)
    return fail (error, "--port %d: expected 0 to 65535", options->port);
  if (options->rtsp_port < 0 || options->rtsp_port > 65535)
    return fail (error, "--rtsp-port %d: expected 0 to 65535",
                 options->rtsp_port);
  if (!isfinite (options->run_s) || options->run_s < 0 || options->run_s > 1e6)
    return fail (error, "--run-for %g: expected 0 to 1000000 seconds",
                 options->run_s);
  if (!isfinite (options->at_s) || options->at_s < 0 || options->at_s > 1e6)
    return fail (error, "--at %g: expected 0 to 1000000 seconds",
                 options->at_s);
  if (options->frames < 0)
    return fail (error, "--frames %d: expected 1 or more", options->frames);
  return TRUE;
}

static gboolean
check_together (const DwSimOptions *options, GError **error)
{
  DwError problem = { 0 };
  gint width = options->scene.width, height = options->scene.height;

  if ((options->output != NULL) != (options->frames > 0))
    return fail (error, "--output and --frames go together");
  if (options->render && options->output)
    return fail (error, "--render and --output do not go together");
  if (options->video && (options->truth || options->render || options->output))
    return fail (error, "--video has no truth and is not drawn: leave "
                        "--truth, --render and --output out");
  if (dw_scene_check (&options->scene, &problem) != DW_OK)
    return fail (error, "%s", problem.text);
  dw_sim_stream_size (options->codec, &width, &height);
  if (options->codec == DW_SIM_MJPEG && !options->output && !options->render
      && (width > MJPEG_MOST || height > MJPEG_MOST))
    return fail (error, "--codec mjpeg carries at most %d x %d pixels",
                 MJPEG_MOST, MJPEG_MOST);
  return TRUE;
}

static gboolean
check_all (const Raw *raw, DwSimOptions *options, GError **error)
{
  return read_size (raw->size, options, error)
         && read_fps (raw->fps, options, error)
         && read_choices (raw, options, error)
         && read_users (raw, options, error) && check_numbers (options, error)
         && check_together (options, error);
}

static void
set_defaults (DwSimOptions *options, Raw *raw)
{
  memset (options, 0, sizeof *options);
  memset (raw, 0, sizeof *raw);
  options->scene.width = DEFAULT_WIDTH;
  options->scene.height = DEFAULT_HEIGHT;
  options->scene.ring_s = DEFAULT_RING_S;
  options->scene.every_s = NOT_GIVEN;
  options->fps_n = DEFAULT_FPS;
  options->fps_d = 1;
  options->ready_fd = -1;
  raw->seed = 1;
}

static void
fill_in (DwSimOptions *options, gboolean is_night)
{
  options->scene.is_night = is_night;
  options->has_every = options->scene.every_s != NOT_GIVEN;
  if (!options->has_every)
    options->scene.every_s
        = MAX (DEFAULT_EVERY_S, options->scene.ring_s + DW_SCENE_VISIT_S);
  if (options->vendor == NULL)
    options->vendor = g_strdup ("reolink");
  if (options->bind == NULL)
    options->bind = g_strdup ("127.0.0.1");
  if (options->name == NULL)
    options->name = g_strdup ("Front door");
}

static GOptionContext *
picture_options (DwSimOptions *o, Raw *raw, gboolean *is_night)
{
  GOptionContext *context = g_option_context_new (NULL);
  const GOptionEntry entries[] = {
    { "size", 0, 0, G_OPTION_ARG_STRING, &raw->size,
      "Picture of /main (1280x720); /sub has half of each", "WxH" },
    { "fps", 0, 0, G_OPTION_ARG_STRING, &raw->fps, "Frames a second (15)",
      "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &raw->seed,
      "Another number, other people, cars and clouds (1)", "N" },
    { "night", 0, 0, G_OPTION_ARG_NONE, is_night, "The scene by night", NULL },
    { "ring-at", 0, 0, G_OPTION_ARG_DOUBLE, &o->scene.ring_s,
      "The press, from the start of a visit (6); 0: nobody comes", "SECONDS" },
    { "every", 0, 0, G_OPTION_ARG_DOUBLE, &o->scene.every_s,
      "From visit to visit (20, or a loop of the video); 0: only one",
      "SECONDS" },
    { "video", 0, 0, G_OPTION_ARG_FILENAME, &o->video,
      "Loop this file instead of the scene", "FILE" },
    { "truth", 0, 0, G_OPTION_ARG_FILENAME, &o->truth,
      "Write what each frame of /main shows, one JSON object a line", "FILE" },
    { "render", 0, 0, G_OPTION_ARG_FILENAME, &o->render,
      "Draw one frame as PNG and end", "FILE" },
    { "at", 0, 0, G_OPTION_ARG_DOUBLE, &o->at_s,
      "The moment that --render or --output begins with (0)", "SECONDS" },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &o->output,
      "Draw frames as Y4M and end", "FILE" },
    { "frames", 0, 0, G_OPTION_ARG_INT, &o->frames, "How many for --output",
      "N" },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };

  g_option_context_set_summary (
      context, "A doorbell without hardware: an ONVIF device and an RTSP "
               "server whose\ncamera sees a porch, a visitor, a car, a tree "
               "and a neighbour's window.");
  g_option_context_set_description (
      context, "It rings on --ring-at, on SIGUSR1 and by HTTP POST /ring. The "
               "first line on\nstandard output, \"ready onvif://... "
               "rtsp://...\", says that it can be reached.\nExit status: 0 "
               "done, 1 failed, 2 wrong options.");
  g_option_context_add_main_entries (context, entries, NULL);
  return context;
}

static void
add_device_options (GOptionContext *context, DwSimOptions *o, Raw *raw)
{
  const GOptionEntry entries[] = {
    { "codec", 0, 0, G_OPTION_ARG_STRING, &raw->codec, "h264 or mjpeg (h264)",
      "NAME" },
    { "audio", 0, 0, G_OPTION_ARG_STRING, &raw->audio,
      "aac, pcmu or none (aac)", "NAME" },
    { "vendor", 0, 0, G_OPTION_ARG_STRING, &o->vendor,
      "Ring in the manner of " DW_SIM_VENDORS " (reolink)", "NAME" },
    { "user", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->users,
      "Who may sign in; may be repeated, each with a --password", "NAME" },
    { "password", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->passwords,
      "The user's password", "TEXT" },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &raw->password_file,
      "The same from the first line of a file", "FILE" },
    { "bind", 0, 0, G_OPTION_ARG_STRING, &o->bind,
      "Address to listen on (127.0.0.1); 0.0.0.0: the whole network",
      "ADDRESS" },
    { "host", 0, 0, G_OPTION_ARG_STRING, &o->host,
      "What addresses say that are handed out (the one bound to)", "NAME" },
    { "port", 0, 0, G_OPTION_ARG_INT, &o->port, "ONVIF and HTTP; 0: any free",
      "N" },
    { "rtsp-port", 0, 0, G_OPTION_ARG_INT, &o->rtsp_port, "RTSP; 0: any free",
      "N" },
    { "interfaces", 0, 0, G_OPTION_ARG_STRING, &o->interfaces,
      "Network cards to be discovered on (lo when bound to 127.0.0.1, "
      "else all)",
      "LIST" },
    { "no-discovery", 0, 0, G_OPTION_ARG_NONE, &o->is_hidden,
      "Do not answer discovery", NULL },
    { "name", 0, 0, G_OPTION_ARG_STRING, &o->name, "Name of the doorbell",
      "TEXT" },
    { "ready-fd", 0, 0, G_OPTION_ARG_INT, &o->ready_fd,
      "Write the ready line to this descriptor as well", "N" },
    { "run-for", 0, 0, G_OPTION_ARG_DOUBLE, &o->run_s,
      "End after this; 0: on SIGTERM or SIGINT", "SECONDS" },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };

  g_option_context_add_main_entries (context, entries, NULL);
}

static void
free_raw (Raw *raw)
{
  g_free (raw->size);
  g_free (raw->fps);
  g_free (raw->codec);
  g_free (raw->audio);
  g_free (raw->password_file);
}

gboolean
dw_sim_options_parse (DwSimOptions *options, gint argc, gchar **argv,
                      GError **error)
{
  Raw raw;
  gboolean is_night = FALSE, is_good;
  GOptionContext *context;

  set_defaults (options, &raw);
  context = picture_options (options, &raw, &is_night);
  add_device_options (context, options, &raw);
  is_good = g_option_context_parse (context, &argc, &argv, error);
  g_option_context_free (context);
  fill_in (options, is_night);
  if (is_good && argc > 1)
    is_good = fail (error, "unexpected argument %s", argv[1]);
  is_good = is_good && check_all (&raw, options, error);
  free_raw (&raw);
  return is_good;
}

void
dw_sim_options_finish (DwSimOptions *options)
{
  g_free (options->vendor);
  g_free (options->video);
  g_free (options->truth);
  g_free (options->render);
  g_free (options->output);
  g_strfreev (options->users);
  g_strfreev (options->passwords);
  g_free (options->bind);
  g_free (options->host);
  g_free (options->interfaces);
  g_free (options->name);
  memset (options, 0, sizeof *options);
}

/* H.264 with 4:2:0 chroma needs even sizes, RTP/JPEG multiples of eight. */
void
dw_sim_stream_size (DwSimCodec codec, gint *width, gint *height)
{
  gint grid = codec == DW_SIM_MJPEG ? 8 : 2;

  *width = MAX ((*width + grid - 1) / grid * grid, STREAM_LEAST);
  *height = MAX ((*height + grid - 1) / grid * grid, STREAM_LEAST);
}
