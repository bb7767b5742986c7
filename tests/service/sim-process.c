/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes and plain HTTP for the tests of the simulator. */
#include "sim-process.h"
#include "dwtest.h"

#include <signal.h>
#include <string.h>

gchar *
dw_test_sim_program (void)
{
  const gchar *build = g_getenv ("DOORWARD_BUILD");

  fail_unless (build != NULL, "DOORWARD_BUILD is not set");
  return g_build_filename (build, "examples", "doorbell-sim", "doorbell-sim",
                           NULL);
}

static GSubprocess *
spawn (const gchar *options, const gchar *more, GSubprocessFlags flags)
{
  g_autofree gchar *program = dw_test_sim_program ();
  g_autofree gchar *line
      = g_strdup_printf ("program %s%s%s", options, *more ? " " : "", more);
  gchar **argv = g_strsplit (line, " ", -1);
  GError *error = NULL;
  GSubprocess *process;

  g_free (argv[0]);
  argv[0] = g_steal_pointer (&program);
  process = g_subprocess_newv ((const gchar *const *)argv, flags, &error);
  fail_unless (process != NULL, "%s", error ? error->message : "");
  g_strfreev (argv);
  return process;
}

void
dw_test_sim_start (DwTestSim *sim, const gchar *options)
{
  GDataInputStream *lines;
  g_autofree gchar *line = NULL;
  gchar **words;

  sim->process = spawn (*options ? options : "--port=0", "--no-discovery",
                        G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  sim->output = g_object_ref (g_subprocess_get_stdout_pipe (sim->process));
  lines = g_data_input_stream_new (sim->output);
  line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  fail_unless (line && g_str_has_prefix (line, "ready onvif://"),
               "no ready line but: %s", line ? line : "nothing");
  words = g_strsplit (line, " ", -1);
  fail_unless_equals_int (g_strv_length (words), 4);
  sim->onvif = g_strdup (words[1] + strlen ("onvif://"));
  sim->main_uri = g_strdup (words[2]);
  sim->sub_uri = g_strdup (words[3]);
  g_strfreev (words);
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines),
                                               FALSE);
  g_object_unref (lines);
}

void
dw_test_sim_stop (DwTestSim *sim)
{
  GError *error = NULL;

  g_subprocess_send_signal (sim->process, SIGTERM);
  fail_unless (g_subprocess_wait (sim->process, NULL, &error));
  fail_unless (g_subprocess_get_if_exited (sim->process),
               "the simulator died of signal %d",
               g_subprocess_get_if_signaled (sim->process)
                   ? g_subprocess_get_term_sig (sim->process)
                   : 0);
  fail_unless_equals_int (g_subprocess_get_exit_status (sim->process), 0);
  g_clear_object (&sim->output);
  g_clear_object (&sim->process);
  g_clear_pointer (&sim->onvif, g_free);
  g_clear_pointer (&sim->main_uri, g_free);
  g_clear_pointer (&sim->sub_uri, g_free);
}

gint
dw_test_sim_run (const gchar *options, gchar **said)
{
  GSubprocess *process = spawn (options, "",
                                G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                    | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  GError *error = NULL;
  gint status;

  fail_unless (
      g_subprocess_communicate_utf8 (process, NULL, NULL, said, NULL, &error),
      "%s", error ? error->message : "");
  fail_unless (g_subprocess_get_if_exited (process));
  status = g_subprocess_get_exit_status (process);
  g_object_unref (process);
  return status;
}

static GByteArray *
read_all (GInputStream *stream)
{
  GByteArray *all = g_byte_array_new ();
  guint8 block[16384];
  gssize n;

  while ((n = g_input_stream_read (stream, block, sizeof block, NULL, NULL))
         > 0)
    g_byte_array_append (all, block, (guint)n);
  return all;
}

gint
dw_test_http (const gchar *host_port, const gchar *method, const gchar *path,
              GBytes **body)
{
  GSocketClient *client = g_socket_client_new ();
  g_autofree gchar *request
      = g_strdup_printf ("%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n"
                         "Connection: close\r\n\r\n",
                         method, path, host_port);
  GSocketConnection *connection;
  GByteArray *answer;
  gint status = 0;
  const gchar *end;

  g_socket_client_set_timeout (client, 20);
  connection
      = g_socket_client_connect_to_host (client, host_port, 80, NULL, NULL);
  fail_unless (connection != NULL, "nobody listens at %s", host_port);
  g_output_stream_write_all (
      g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
      strlen (request), NULL, NULL, NULL);
  answer = read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_byte_array_append (answer, (const guint8 *)"", 1);
  sscanf ((const gchar *)answer->data, "HTTP/1.%*d %d", &status);
  end = strstr ((const gchar *)answer->data, "\r\n\r\n");
  if (body && end)
    {
      gsize head = (gsize)(end + 4 - (const gchar *)answer->data);

      *body = g_bytes_new (end + 4, answer->len - 1 - head);
    }
  g_byte_array_unref (answer);
  g_object_unref (connection);
  g_object_unref (client);
  return status;
}
