/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorbell-sim without a network: its command line and what it draws into
 * files. */
#include "dwtest.h"
#include "sim-process.h"

#include <glib/gstdio.h>
#include <string.h>

static gchar *folder;

static gchar *
in_folder (const gchar *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
open_folder (void)
{
  folder = g_dir_make_tmp ("doorbell-sim-XXXXXX", NULL);
  fail_unless (folder != NULL);
}

static void
close_folder (void)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree gchar *path = in_folder (name);

      g_unlink (path);
    }
  g_dir_close (dir);
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
}

static gchar *
contents (const gchar *name, gsize *size)
{
  g_autofree gchar *path = in_folder (name);
  gchar *text = NULL;

  fail_unless (g_file_get_contents (path, &text, size, NULL), "no %s", name);
  return text;
}

static void
draw (const gchar *options)
{
  g_autofree gchar *said = NULL;
  gint status = dw_test_sim_run (options, &said);

  fail_unless (status == 0, "%s: %d, %s", options, status, said);
}

static gboolean
same_files (const gchar *a, const gchar *b)
{
  gsize size_a, size_b;
  g_autofree gchar *text_a = contents (a, &size_a);
  g_autofree gchar *text_b = contents (b, &size_b);

  return size_a == size_b && memcmp (text_a, text_b, size_a) == 0;
}

GST_START_TEST (wrong_options_are_refused_with_what_was_expected)
{
  static const struct
  {
    const gchar *options, *says;
  } cases[] = {
    { "--size 640", "expected WIDTHxHEIGHT" },
    { "--size 0x480", "expected WIDTHxHEIGHT" },
    { "--size 640x480x2", "expected WIDTHxHEIGHT" },
    { "--size 99999x480", "7680x4320" },
    { "--size -3x480", "expected WIDTHxHEIGHT" },
    { "--fps 0", "frames a second" },
    { "--fps 1000", "frames a second" },
    { "--fps 30/0", "frames a second" },
    { "--fps many", "frames a second" },
    { "--ring-at 1", "empty for 2 s" },
    { "--ring-at nan", "expected" },
    { "--every 7", "leave" },
    { "--seed -1", "--seed" },
    { "--seed 4294967296", "--seed" },
    { "--codec h265", "h264 or mjpeg" },
    { "--codec mjpeg --size 3000x2000", "at most 2040" },
    { "--audio opus", "aac, pcmu or none" },
    { "--vendor acme", "reolink, ajax" },
    { "--user ann", "each user needs one" },
    { "--password secret", "each user needs one" },
    { "--user ann --password-file /nonexistent", "/nonexistent" },
    { "--password-file /dev/null", "exactly one --user" },
    { "--bind door.example", "IPv4" },
    { "--bind ::1", "IPv4" },
    { "--host a/b", "--host" },
    { "--video x.mp4 --ring-at 1", "empty for 2 s" },
    { "--every -1", "expected 0" },
    { "--port 70000", "--port 70000" },
    { "--rtsp-port -1", "--rtsp-port" },
    { "--run-for -1", "--run-for" },
    { "--frames 3", "go together" },
    { "--output x.y4m", "go together" },
    { "--video x.mp4 --truth y", "no truth" },
    { "--colour red", "--colour" },
    { "stray", "stray" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree gchar *said = NULL;
      gint status = dw_test_sim_run (cases[i].options, &said);

      fail_unless (status == 2, "%s: %d", cases[i].options, status);
      fail_unless (strstr (said, cases[i].says) != NULL, "%s: %s",
                   cases[i].options, said);
      fail_unless (strstr (said, "secret") == NULL);
    }
}
GST_END_TEST

GST_START_TEST (help_names_every_way_to_ring)
{
  g_autofree gchar *said = NULL;

  fail_unless_equals_int (dw_test_sim_run ("--help", &said), 0);
  fail_unless (strstr (said, "SIGUSR1") && strstr (said, "POST /ring")
               && strstr (said, "--ring-at"));
}
GST_END_TEST

GST_START_TEST (what_cannot_be_opened_is_a_failure_not_a_crash)
{
  static const struct
  {
    const gchar *options, *says;
  } cases[] = {
    { "--render /nonexistent/x.png", "/nonexistent/x.png" },
    { "--output /nonexistent/x.y4m --frames 1", "/nonexistent/x.y4m" },
    { "--render /dev/null --truth /nonexistent/t", "/nonexistent/t" },
    { "--video /nonexistent.mp4 --no-discovery", "/nonexistent.mp4" },
    { "--bind 192.0.2.7 --no-discovery", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree gchar *said = NULL;
      gint status = dw_test_sim_run (cases[i].options, &said);

      fail_unless (status == 1, "%s: %d, %s", cases[i].options, status, said);
      fail_unless (strstr (said, cases[i].says) != NULL, "%s: %s",
                   cases[i].options, said);
    }
}
GST_END_TEST

GST_START_TEST (same_seed_same_file_other_seed_other_file)
{
  static const gchar *const runs[][2]
      = { { "a", "5" }, { "b", "5" }, { "c", "6" } };

  open_folder ();
  for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree gchar *options = g_strdup_printf (
          "--output %s/%s.y4m --truth %s/%s.jsonl --frames 12 --at 5.5 "
          "--fps 12 --size 97x55 --seed %s",
          folder, runs[i][0], folder, runs[i][0], runs[i][1]);

      draw (options);
    }
  fail_unless (same_files ("a.y4m", "b.y4m"));
  fail_unless (same_files ("a.jsonl", "b.jsonl"));
  fail_if (same_files ("a.y4m", "c.y4m"));
  close_folder ();
}
GST_END_TEST

GST_START_TEST (y4m_and_truth_have_one_entry_a_frame)
{
  g_autofree gchar *options = NULL, *video = NULL, *truth = NULL;
  gchar **lines;
  gsize size;
  static const gchar header[] = "YUV4MPEG2 W97 H55 F25:2 Ip A1:1 C420jpeg\n";

  open_folder ();
  options = g_strdup_printf ("--output %s/a.y4m --truth %s/a.jsonl "
                             "--frames 30 --at 8 --fps 25/2 --size 97x55",
                             folder, folder);
  draw (options);
  video = contents ("a.y4m", &size);
  fail_unless (g_str_has_prefix (video, header));
  fail_unless_equals_int (size,
                          strlen (header) + 30 * (6 + 97 * 55 + 2 * 49 * 28));
  truth = contents ("a.jsonl", NULL);
  lines = g_strsplit (g_strchomp (truth), "\n", -1);
  fail_unless_equals_int (g_strv_length (lines), 30);
  fail_unless (g_str_has_prefix (lines[0], "{\"index\":0,\"pts\":8000000000,"
                                           "\"size\":[97,55],"));
  fail_unless (g_str_has_prefix (lines[29], "{\"index\":29,"
                                            "\"pts\":10320000000,"));
  fail_unless (strstr (lines[0], "\"visitor\":{\"box\":[")
               && strstr (lines[0], "\"face\":{\"box\":[")
               && strstr (lines[0], "\"plate\":{\"box\":[")
               && strstr (lines[0], "\"window\":{\"box\":["));
  g_strfreev (lines);
  close_folder ();
}
GST_END_TEST

GST_START_TEST (one_frame_is_rendered_as_png)
{
  g_autofree gchar *options = NULL, *picture = NULL;
  gsize size;
  static const guint8 start[]
      = { 0x89, 'P', 'N', 'G', 13, 10, 26, 10,   0, 0, 0, 13,
          'I',  'H', 'D', 'R', 0,  0,  1,  0x40, 0, 0, 0, 0xb4 };

  open_folder ();
  options = g_strdup_printf ("--render %s/a.png --at 8 --size 320x180 --night",
                             folder);
  draw (options);
  picture = contents ("a.png", &size);
  fail_unless (size > sizeof start
               && memcmp (picture, start, sizeof start) == 0);
  close_folder ();
}
GST_END_TEST

static Suite *
sim_program_suite (void)
{
  Suite *suite = suite_create ("sim-program");
  TCase *tests = tcase_create ("program");

  suite_add_tcase (suite, tests);
  tcase_set_timeout (tests, 60);
  tcase_add_test (tests, wrong_options_are_refused_with_what_was_expected);
  tcase_add_test (tests, help_names_every_way_to_ring);
  tcase_add_test (tests, what_cannot_be_opened_is_a_failure_not_a_crash);
  tcase_add_test (tests, same_seed_same_file_other_seed_other_file);
  tcase_add_test (tests, y4m_and_truth_have_one_entry_a_frame);
  tcase_add_test (tests, one_frame_is_rendered_as_png);
  return suite;
}

GST_CHECK_MAIN (sim_program)
