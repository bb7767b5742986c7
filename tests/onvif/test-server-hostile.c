/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bad and rude clients: broken HTTP, hostile XML, slow bodies, silent and
 * greedy connections. After each the next client is served at once. */
#include "wire.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICE "/onvif/device_service"

static DwOnvifServer *server;
static guint16 port;

static void
setup (void)
{
  DwOnvifServerSettings settings;

  wire_settings (&settings, FALSE);
  server = wire_start (&settings);
  port = dw_onvif_server_port (server);
}

/* Another client is served, and soon. */
static void
check_alive (void)
{
  const gint64 start = g_get_monotonic_time ();
  gchar *answer = wire_call (port, DEVICE, "<tds:GetHostname/>");

  fail_unless (wire_status (answer) == 200, "%s", answer);
  fail_unless (g_get_monotonic_time () - start < 4 * G_USEC_PER_SEC);
  g_free (answer);
}

static void
teardown (void)
{
  check_alive ();
  dw_onvif_server_free (server);
  server = NULL;
}

static gchar *
raw (const gchar *request)
{
  const int fd = wire_connect (port);
  gchar *answer;

  wire_send (fd, request, strlen (request));
  answer = wire_read_all (fd);
  close (fd);
  return answer;
}

GST_START_TEST (broken_http_is_refused_by_its_name)
{
  static const struct
  {
    const gchar *request;
    int status;
  } rows[] = {
    { "nonsense\r\n\r\n", 400 },
    { "GET\r\n\r\n", 400 },
    { " / HTTP/1.1\r\n\r\n", 400 },
    { "GET nowhere HTTP/1.1\r\n\r\n", 400 },
    { "GET / HTTP/2.0\r\n\r\n", 505 },
    { "GET / SPEECH/1.1\r\n\r\n", 505 },
    { "GET / HTTP/1.1\r\nno colon\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400 },
    { "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      400 },
    { "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400 },
    { "POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", 413 },
    { "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"
      "\r\n0\r\n\r\n",
      400 },
    { "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501 },
    { "POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
      415 },
    { "POST / HTTP/1.1\r\nExpect: miracles\r\n\r\n", 417 },
    { "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400 },
    { "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n", 413 },
    { "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "ffffffffffffffff\r\n",
      413 },
    { "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
      400 },
    { "POST " DEVICE " HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n"
      "\r\n",
      400 },
    { "DELETE / HTTP/1.1\r\nConnection: close\r\n\r\n", 405 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gchar *answer = raw (rows[i].request);

      fail_unless (wire_status (answer) == rows[i].status, "row %zu: %s", i,
                   answer);
      g_free (answer);
    }
}
GST_END_TEST

GST_START_TEST (endless_heads_and_paths_are_refused)
{
  gchar *filler = g_strnfill (20000, 'a');
  gchar *request = g_strdup_printf ("GET /%s HTTP/1.1\r\n\r\n", filler);
  gchar *answer = raw (request);

  fail_unless_equals_int (wire_status (answer), 431);
  g_free (answer);
  g_free (request);
  filler[1000] = 0;
  request = g_strdup_printf ("GET /%s HTTP/1.1\r\n\r\n", filler);
  answer = raw (request);
  fail_unless_equals_int (wire_status (answer), 414);
  g_free (answer);
  g_free (request);
  g_free (filler);
  filler = g_strnfill (3000, 'a');
  request = g_strdup_printf (
      "GET / HTTP/1.1\r\nAuthorization: Digest %s\r\n\r\n", filler);
  answer = raw (request);
  fail_unless_equals_int (wire_status (answer), 431);
  g_free (answer);
  g_free (request);
  g_free (filler);
}
GST_END_TEST

GST_START_TEST (body_may_come_in_chunks_and_bytes)
{
  gchar *body = wire_envelope (NULL, "<tds:GetHostname/>");
  GString *request
      = g_string_new ("POST " DEVICE " HTTP/1.1\r\nConnection: close\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n");
  const int fd = wire_connect (port);
  gchar *answer;

  for (const gchar *c = body; *c; c += MIN (strlen (c), 7))
    g_string_append_printf (request, "%zx;ext=1\r\n%.7s\r\n",
                            MIN (strlen (c), 7), c);
  g_string_append (request, "0\r\nTrailer: x\r\n\r\n");
  for (gsize i = 0; i < request->len; i++)
    fail_unless (wire_send (fd, request->str + i, 1));
  answer = wire_read_all (fd);
  fail_unless (wire_status (answer) == 200, "%s", answer);
  close (fd);
  g_free (answer);
  g_string_free (request, TRUE);
  g_free (body);
}
GST_END_TEST

GST_START_TEST (client_that_expects_to_be_told_continues)
{
  static const gchar head[] = "POST " DEVICE " HTTP/1.1\r\nConnection: close"
                              "\r\nExpect: 100-continue\r\nContent-Length: %zu"
                              "\r\n\r\n";
  gchar *body = wire_envelope (NULL, "<tds:GetHostname/>");
  gchar *request = g_strdup_printf (head, strlen (body));
  const int fd = wire_connect (port);
  gchar interim[25];
  gchar *answer;

  wire_send (fd, request, strlen (request));
  fail_unless_equals_int (recv (fd, interim, sizeof interim, MSG_WAITALL), 25);
  fail_unless (memcmp (interim, "HTTP/1.1 100 Continue\r\n\r\n", 25) == 0);
  wire_send (fd, body, strlen (body));
  answer = wire_read_all (fd);
  fail_unless_equals_int (wire_status (answer), 200);
  close (fd);
  g_free (answer);
  g_free (request);
  g_free (body);
}
GST_END_TEST

static gchar *
nested (guint depth)
{
  GString *xml = g_string_new (NULL);
  gchar *body;

  for (guint i = 0; i < depth; i++)
    g_string_append (xml, "<a>");
  for (guint i = 0; i < depth; i++)
    g_string_append (xml, "</a>");
  body = wire_envelope (xml->str, "<tds:GetHostname/>");
  g_string_free (xml, TRUE);
  return body;
}

GST_START_TEST (hostile_xml_is_refused)
{
  gchar *good = wire_envelope (NULL, "<tds:GetHostname/>");
  gchar *rows[] = {
    g_strdup ("<!DOCTYPE x [<!ENTITY a \"aaaa\">]><x>&a;</x>"),
    g_strdup (
        "<?xml version=\"1.0\"?><!DOCTYPE x SYSTEM \"file:///etc/passwd\">"
        "<x/>"),
    g_strndup (good, strlen (good) - 20),
    g_strndup (good, 30),
    g_strdup ("POST /onvif/device_service HTTP/1.1\r\n\r\n<x/>"),
    g_strdup ("{\"json\": true}"),
    g_strdup ("<x"),
    g_strdup ("<x>"),
    g_strdup ("</x>"),
    g_strdup ("\xff\xfe<\0x"),
    nested (100),
    nested (100000),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gchar *answer = wire_post (port, DEVICE, NULL, rows[i]);

      fail_unless (wire_status (answer) == 400, "row %zu: %s", i, answer);
      fail_unless (strstr (answer, "<s:Value>ter:"), "row %zu", i);
      g_free (answer);
      g_free (rows[i]);
    }
  g_free (good);
}
GST_END_TEST

GST_START_TEST (mutated_requests_do_no_harm)
{
  const gchar *bodies[]
      = { "<tev:CreatePullPointSubscription><tev:Filter><wsnt:TopicExpression "
          "Dialect=\"x\">tns1:A//.</wsnt:TopicExpression></tev:Filter>"
          "<tev:InitialTerminationTime>PT1H2M3S</tev:InitialTerminationTime>"
          "</tev:CreatePullPointSubscription>",
          "<tev:PullMessages><tev:Timeout>PT0S</tev:Timeout>"
          "<tev:MessageLimit>10</tev:MessageLimit></tev:PullMessages>",
          "<tr2:GetProfiles><tr2:Token>main</tr2:Token><tr2:Type>All</tr2:Type>"
          "</tr2:GetProfiles>" };
  GRand *rand = g_rand_new_with_seed (3702);

  for (guint i = 0; i < 600; i++)
    {
      gchar *token = wire_token (WIRE_PASSWORD, 0);
      gchar *body = wire_envelope (token, bodies[i % 3]);
      const guint n_changes = (guint)g_rand_int_range (rand, 1, 6);
      gchar *answer;

      for (guint j = 0; j < n_changes; j++)
        body[g_rand_int_range (rand, 0, (gint)strlen (body))]
            = (gchar)g_rand_int_range (rand, 1, 256);
      answer = wire_post (port, "/onvif/event_service", NULL, body);
      fail_unless (wire_status (answer) == 200 || wire_status (answer) == 400
                       || wire_status (answer) == 500,
                   "%s", answer);
      g_free (answer);
      g_free (body);
      g_free (token);
    }
  g_rand_free (rand);
}
GST_END_TEST

GST_START_TEST (host_that_is_no_host_is_not_repeated)
{
  gchar *body = wire_envelope (NULL, "<tds:GetServices/>");
  gchar *request = g_strdup_printf (
      "POST " DEVICE " HTTP/1.1\r\nHost: evil\"/><x>\r\nConnection: close\r\n"
      "Content-Length: %zu\r\n\r\n%s",
      strlen (body), body);
  gchar *answer = raw (request);

  fail_unless_equals_int (wire_status (answer), 200);
  fail_if (strstr (answer, "evil"));
  fail_unless (strstr (answer, "http://127.0.0.1:"));
  g_free (answer);
  g_free (request);
  g_free (body);
}
GST_END_TEST

/* `n` connections that have sent `text` and then nothing. */
static int *
rude_clients (guint n, const gchar *text)
{
  int *fds = g_new (int, n);

  for (guint i = 0; i < n; i++)
    {
      fds[i] = wire_connect (port);
      wire_send (fds[i], text, strlen (text));
    }
  return fds;
}

static void
close_all (int *fds, guint n)
{
  for (guint i = 0; i < n; i++)
    close (fds[i]);
  g_free (fds);
}

GST_START_TEST (silent_and_slow_clients_delay_nobody)
{
  int *idle = rude_clients (30, "");
  int *heads = rude_clients (30, "POST " DEVICE " HTTP/1.1\r\nHo");
  int *bodies = rude_clients (
      30, "POST " DEVICE " HTTP/1.1\r\nContent-Length: 900000\r\n\r\n<e:Enve");

  check_alive ();
  close_all (idle, 30);
  close_all (heads, 30);
  close_all (bodies, 30);
}
GST_END_TEST

GST_START_TEST (slow_body_is_given_up)
{
  const int fd = wire_connect (port);
  static const gchar head[]
      = "POST " DEVICE " HTTP/1.1\r\nContent-Length: 1000\r\n\r\n<e:Enve";
  const gint64 start = g_get_monotonic_time ();
  gchar *answer;

  wire_send (fd, head, sizeof head - 1);
  answer = wire_read_all (fd);
  fail_unless (wire_status (answer) == 408, "%s", answer);
  fail_unless (g_get_monotonic_time () - start < 18 * G_USEC_PER_SEC);
  close (fd);
  g_free (answer);
}
GST_END_TEST

GST_START_TEST (pulls_that_wait_take_no_worker)
{
  gchar *created = wire_call (port, "/onvif/event_service",
                              "<tev:CreatePullPointSubscription/>");
  gchar *path = wire_between (created, "/onvif/event/", "<");
  gchar *body = wire_envelope (
      NULL, "<tev:PullMessages><tev:Timeout>PT30S</tev:Timeout>"
            "<tev:MessageLimit>1</tev:MessageLimit></tev:PullMessages>");
  gchar *request = g_strdup_printf (
      "POST /onvif/event/%s HTTP/1.1\r\nContent-Length: %zu\r\n\r\n%s", path,
      strlen (body), body);
  int *pulls = rude_clients (50, request);

  fail_unless (path != NULL);
  check_alive ();
  close_all (pulls, 50);
  g_free (request);
  g_free (body);
  g_free (path);
  g_free (created);
}
GST_END_TEST

GST_START_TEST (client_that_never_reads_delays_nobody)
{
  gchar *body = wire_envelope (NULL, "<trt:GetProfiles/>");
  gchar *request = g_strdup_printf (
      "POST " DEVICE " HTTP/1.1\r\nContent-Length: %zu\r\n\r\n%s",
      strlen (body), body);
  int *greedy = rude_clients (20, request);

  for (guint i = 0; i < 20; i++)
    for (guint j = 0; j < 200; j++)
      if (send (greedy[i], request, strlen (request),
                MSG_DONTWAIT | MSG_NOSIGNAL)
          < 0)
        break;
  check_alive ();
  close_all (greedy, 20);
  g_free (request);
  g_free (body);
}
GST_END_TEST

GST_START_TEST (more_connections_than_there_is_room_for)
{
  int *idle = rude_clients (300, "");

  /* The oldest of them made room. */
  check_alive ();
  close_all (idle, 300);
}
GST_END_TEST

GST_START_TEST (connections_that_vanish_leave_nothing)
{
  const guint n_fds = wire_count ("/proc/self/fd");
  const gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  const struct linger reset = { .l_onoff = 1 };
  int *fds = rude_clients (60, "POST " DEVICE " HTTP/1.1\r\n");

  for (guint i = 0; i < 60; i += 2)
    setsockopt (fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close_all (fds, 60);
  while (wire_count ("/proc/self/fd") != n_fds)
    {
      fail_unless (g_get_monotonic_time () < end);
      check_alive ();
    }
}
GST_END_TEST

static Suite *
server_hostile_suite (void)
{
  Suite *suite = suite_create ("onvif-server-hostile");
  TCase *hostile = tcase_create ("hostile");

  tcase_add_checked_fixture (hostile, setup, teardown);
  tcase_add_test (hostile, broken_http_is_refused_by_its_name);
  tcase_add_test (hostile, endless_heads_and_paths_are_refused);
  tcase_add_test (hostile, body_may_come_in_chunks_and_bytes);
  tcase_add_test (hostile, client_that_expects_to_be_told_continues);
  tcase_add_test (hostile, hostile_xml_is_refused);
  tcase_add_test (hostile, mutated_requests_do_no_harm);
  tcase_add_test (hostile, host_that_is_no_host_is_not_repeated);
  tcase_add_test (hostile, silent_and_slow_clients_delay_nobody);
  tcase_add_test (hostile, slow_body_is_given_up);
  tcase_add_test (hostile, pulls_that_wait_take_no_worker);
  tcase_add_test (hostile, client_that_never_reads_delays_nobody);
  tcase_add_test (hostile, more_connections_than_there_is_room_for);
  tcase_add_test (hostile, connections_that_vanish_leave_nothing);
  suite_add_tcase (suite, hostile);
  return suite;
}

GST_CHECK_MAIN (server_hostile);
