/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorbell-sim: draws to a file, or is a doorbell until it is told to stop. */
#include "device.h"
#include "offline.h"
#include "player.h"
#include "rtsp.h"
#include "timebase.h"

#include <errno.h>
#include <glib-unix.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define PRESS_MS 1000
#define MOTION_MS 50
#define EXIT_FAILED 1
#define EXIT_USAGE 2

typedef struct
{
  DwSimOptions *options;
  DwSimWorld world;
  GMainLoop *loop;
  DwSimRtsp *rtsp;
  DwSimSnapshot *snapshot;
  DwSimDevice *device;
  guint release;     /* timer that lets go of the button */
  gint64 next_press; /* scene time, -1: none */
  gboolean has_motion;
} Sim;

static gboolean
on_release (gpointer data)
{
  Sim *sim = data;

  sim->release = 0;
  dw_sim_device_press (sim->device, FALSE);
  return G_SOURCE_REMOVE;
}

static gboolean
on_ring (gpointer data)
{
  Sim *sim = data;
  gboolean will_end;

  if (sim->device == NULL)
    return G_SOURCE_CONTINUE;
  /* A second press within the first one begins anew. */
  if (sim->release)
    {
      g_source_remove (sim->release);
      on_release (sim);
    }
  will_end = dw_sim_device_press (sim->device, TRUE);
  if (will_end)
    sim->release = g_timeout_add (PRESS_MS, on_release, sim);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_ring_once (gpointer data)
{
  on_ring (data);
  return G_SOURCE_REMOVE;
}

/* From a thread of the HTTP server to the main loop. */
static void
ring_from_anywhere (gpointer data)
{
  g_idle_add_full (G_PRIORITY_HIGH, on_ring_once, data, NULL);
}

/* Rings when a press is due, then sleeps until the next one. */
static gboolean
on_due (gpointer data)
{
  Sim *sim = data;
  gint64 now = dw_sim_world_now (&sim->world);

  if (sim->next_press >= 0 && now >= sim->next_press)
    {
      on_ring (sim);
      sim->next_press
          = dw_scene_next_press (&sim->options->scene, sim->next_press + 1);
    }
  if (sim->next_press >= 0)
    g_timeout_add (
        (guint)CLAMP ((sim->next_press - now + 999999) / 1000000, 1, 3600000),
        on_due, sim);
  return G_SOURCE_REMOVE;
}

static gboolean
on_motion (gpointer data)
{
  Sim *sim = data;
  DwSceneMoment moment
      = dw_scene_moment (&sim->options->scene, dw_sim_world_now (&sim->world));
  gboolean moves = moment.has_visitor || moment.has_car;

  if (moves != sim->has_motion)
    dw_sim_device_motion (sim->device, moves);
  sim->has_motion = moves;
  return G_SOURCE_CONTINUE;
}

static gboolean
on_end (gpointer data)
{
  Sim *sim = data;

  g_main_loop_quit (sim->loop);
  return G_SOURCE_CONTINUE;
}

/* What was not asked for follows the file: its size, its rate, and a press
 * once a loop (or once in so many loops that 20 s pass). */
static gboolean
open_video (Sim *sim, GError **error)
{
  DwSimWorld *world = &sim->world;
  DwSimOptions *o = sim->options;
  gint width, height, fps_n, fps_d;
  gdouble loop_s;

  world->player = dw_sim_player_new (o, error);
  if (world->player == NULL)
    return FALSE;
  dw_sim_player_picture (world->player, &width, &height, &fps_n, &fps_d);
  loop_s = dw_sim_player_seconds (world->player);
  if (!o->has_size)
    {
      world->width = width;
      world->height = height;
    }
  if (!o->has_fps && fps_n > 0)
    {
      o->fps_n = fps_n;
      o->fps_d = fps_d;
    }
  if (!o->has_every && loop_s > 0)
    o->scene.every_s = loop_s * ceil (o->scene.every_s / loop_s);
  return TRUE;
}

static gboolean
open_world (Sim *sim, GError **error)
{
  DwSimWorld *world = &sim->world;
  DwSimOptions *o = sim->options;
  GstClock *clock;

  world->options = o;
  world->width = o->scene.width;
  world->height = o->scene.height;
  if (o->truth)
    world->truth = fopen (o->truth, "wb");
  if (o->truth && world->truth == NULL)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                   "cannot write %s: %s", o->truth, g_strerror (errno));
      return FALSE;
    }
  if (o->video && !open_video (sim, error))
    return FALSE;
  clock = gst_system_clock_obtain ();
  world->epoch = world->player ? dw_sim_player_epoch (world->player)
                               : gst_clock_get_time (clock);
  world->utc_epoch_ns = dw_time_utc_ns () - dw_sim_world_now (world);
  gst_object_unref (clock);
  return TRUE;
}

static gboolean
open_doors (Sim *sim, GError **error)
{
  sim->rtsp = dw_sim_rtsp_new (&sim->world, error);
  if (sim->rtsp == NULL)
    return FALSE;
  sim->snapshot = dw_sim_snapshot_new (&sim->world);
  sim->device
      = dw_sim_device_new (&sim->world, dw_sim_rtsp_port (sim->rtsp),
                           sim->snapshot, ring_from_anywhere, sim, error);
  return sim->device != NULL;
}

/* One line that scripts wait for. */
static void
say_ready (Sim *sim)
{
  const DwSimOptions *o = sim->options;
  const gchar *host = dw_sim_world_host (&sim->world);
  gint rtsp = dw_sim_rtsp_port (sim->rtsp);
  g_autofree gchar *line = g_strdup_printf (
      "ready onvif://%s:%d rtsp://%s:%d/main rtsp://%s:%d/sub\n", host,
      dw_sim_device_port (sim->device), host, rtsp, host, rtsp);

  fputs (line, stdout);
  fflush (stdout);
  if (o->ready_fd < 0)
    return;
  if (write (o->ready_fd, line, strlen (line)) < 0)
    g_printerr ("doorbell-sim: cannot write to descriptor %d: %s\n",
                o->ready_fd, g_strerror (errno));
  close (o->ready_fd);
}

static void
close_all (Sim *sim)
{
  dw_sim_device_free (sim->device);
  dw_sim_rtsp_free (sim->rtsp);
  dw_sim_snapshot_free (sim->snapshot);
  dw_sim_player_free (sim->world.player);
  if (sim->world.truth && fclose (sim->world.truth) != 0)
    g_printerr ("doorbell-sim: cannot write %s: %s\n", sim->options->truth,
                g_strerror (errno));
  g_main_loop_unref (sim->loop);
}

static int
serve (DwSimOptions *options)
{
  Sim sim = { .options = options };
  GError *error = NULL;
  gboolean is_good;

  sim.loop = g_main_loop_new (NULL, FALSE);
  is_good = open_world (&sim, &error) && open_doors (&sim, &error);
  if (is_good)
    {
      g_unix_signal_add (SIGTERM, on_end, &sim);
      g_unix_signal_add (SIGINT, on_end, &sim);
      g_unix_signal_add (SIGUSR1, on_ring, &sim);
      if (options->run_s > 0)
        g_timeout_add ((guint)(options->run_s * 1000), on_end, &sim);
      sim.next_press = dw_scene_next_press (&options->scene, 0);
      on_due (&sim);
      if (sim.world.player == NULL)
        g_timeout_add (MOTION_MS, on_motion, &sim);
      say_ready (&sim);
      g_main_loop_run (sim.loop);
    }
  else
    g_printerr ("doorbell-sim: %s\n", error->message);
  g_clear_error (&error);
  close_all (&sim);
  return is_good ? 0 : EXIT_FAILED;
}

static int
draw_only (const DwSimOptions *options)
{
  DwError error = { 0 };

  if (dw_sim_offline (options, &error) == DW_OK)
    return 0;
  g_printerr ("doorbell-sim: %s\n", error.text);
  return EXIT_FAILED;
}

int
main (int argc, char **argv)
{
  DwSimOptions options;
  GError *error = NULL;
  int status;

  signal (SIGPIPE, SIG_IGN);
  if (!dw_sim_options_parse (&options, argc, argv, &error))
    {
      g_printerr ("doorbell-sim: %s\nTry doorbell-sim --help\n",
                  error->message);
      g_clear_error (&error);
      dw_sim_options_finish (&options);
      return EXIT_USAGE;
    }
  if (options.render || options.output)
    status = draw_only (&options);
  else
    {
      gst_init (NULL, NULL);
      status = serve (&options);
    }
  dw_sim_options_finish (&options);
  return status;
}
