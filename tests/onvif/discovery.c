/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding devices on the loopback interface: the project's own server, and
 * answers that are no answers. */
#include "dwtest.h"

#include "discovery-message.h"
#include "onvif.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_US (20 * G_USEC_PER_SEC)

/* -- What was found ------------------------------------------------------ */

typedef struct
{
  GMutex lock;
  GCond changed;
  const gchar *endpoint; /* the one that counts: others may share the wire */
  guint n_there, n_gone;
  DwOnvifMatch last;
} Found;

static void
take_match (const DwOnvifMatch *match, void *user_data)
{
  Found *found = user_data;

  g_mutex_lock (&found->lock);
  if (strcmp (match->endpoint, found->endpoint) == 0)
    {
      found->n_gone += match->is_gone;
      found->n_there += !match->is_gone;
      found->last = *match;
      g_cond_broadcast (&found->changed);
    }
  g_mutex_unlock (&found->lock);
}

static gboolean
wait_for (Found *found, const guint *count, guint wanted)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;
  gboolean is_there = TRUE;

  g_mutex_lock (&found->lock);
  while (*count < wanted && is_there)
    is_there = g_cond_wait_until (&found->changed, &found->lock, until);
  g_mutex_unlock (&found->lock);
  return is_there;
}

/* -- A device ------------------------------------------------------------ */

static DwOnvifServer *
start_server (const gchar *uuid)
{
  static const DwOnvifServerProfile profile
      = { .profile = { .token = "main",
                       .name = "main",
                       .codec = "H264",
                       .width = 640,
                       .height = 480,
                       .rate = 25 },
          .stream_uri = "rtsp://127.0.0.1:8554/main" };
  const DwOnvifServerSettings settings = { .bind_address = "127.0.0.1",
                                           .interfaces = "lo",
                                           .is_discoverable = TRUE,
                                           .uuid = uuid,
                                           .name = "Front door",
                                           .manufacturer = "Doorward",
                                           .model = "Test",
                                           .firmware = "1",
                                           .serial = uuid,
                                           .mac = "02:00:00:00:00:01",
                                           .n_profiles = 1,
                                           .profiles = &profile };
  DwOnvifServer *server;
  DwError error = { 0 };

  ck_assert_msg (dw_onvif_server_new (&settings, &server, &error) == DW_OK,
                 "%s", error.text);
  return server;
}

/* "uuid" with or without the scheme is the server's affair. */
static gchar *
endpoint_of (const gchar *uuid)
{
  return g_strdup_printf ("urn:uuid:%s", uuid);
}

static gchar *
new_uuid (void)
{
  return g_uuid_string_random ();
}

GST_START_TEST (device_is_found_once_by_multicast_on_loopback)
{
  gchar *uuid = new_uuid (), *endpoint = endpoint_of (uuid);
  DwOnvifServer *server = start_server (uuid);
  Found found = { .endpoint = endpoint };
  const DwOnvifProbe probe = { .interfaces = "lo", .wait_ms = 1500 };
  gchar *expected
      = g_strdup_printf ("http://127.0.0.1:%u/", dw_onvif_server_port (server));
  DwError error = { 0 };

  ck_assert_msg (dw_onvif_probe (&probe, NULL, take_match, &found, &error)
                     == DW_OK,
                 "%s", error.text);
  ck_assert_uint_eq (found.n_there, 1);
  ck_assert_str_eq (found.last.name, "Front door");
  ck_assert_str_eq (found.last.address, "127.0.0.1");
  ck_assert_msg (g_str_has_prefix (found.last.xaddr, expected), "%s",
                 found.last.xaddr);
  dw_onvif_server_free (server);
  g_free (expected);
  g_free (endpoint);
  g_free (uuid);
}
GST_END_TEST;

GST_START_TEST (first_answer_ends_the_search_when_one_is_enough)
{
  gchar *uuid = new_uuid (), *endpoint = endpoint_of (uuid);
  DwOnvifServer *server = start_server (uuid);
  Found found = { .endpoint = endpoint };
  const DwOnvifProbe probe
      = { .interfaces = "lo", .wait_ms = 60000, .stop_at_first = TRUE };
  gint64 began = g_get_monotonic_time ();
  DwError error = { 0 };

  ck_assert_int_eq (dw_onvif_probe (&probe, NULL, take_match, &found, &error),
                    DW_OK);
  ck_assert_int_lt (g_get_monotonic_time () - began, 30 * G_USEC_PER_SEC);
  dw_onvif_server_free (server);
  g_free (endpoint);
  g_free (uuid);
}
GST_END_TEST;

/* -- Answers that are none ----------------------------------------------- */

typedef struct
{
  int fd;
  guint16 port;
  gint stop; /* atomic */
  GThread *thread;
} Liar;

static gchar *
id_of (const gchar *probe)
{
  const gchar *id = strstr (probe, "urn:uuid:");

  return id ? g_strndup (id, strcspn (id, "<")) : g_strdup ("urn:uuid:none");
}

static gchar *
answer_of (const gchar *relates_to, const gchar *endpoint, const gchar *type)
{
  return g_strdup_printf (
      "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
      "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
      "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header>"
      "<a:RelatesTo>%s</a:RelatesTo></s:Header><s:Body><d:ProbeMatches>"
      "<d:ProbeMatch><a:EndpointReference><a:Address>%s</a:Address>"
      "</a:EndpointReference><d:Types>%s</d:Types><d:XAddrs>"
      "http://127.0.0.1/x</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body>"
      "</s:Envelope>",
      relates_to, endpoint, type);
}

/* Answers each datagram with what must be ignored, then truly. */
static gpointer
lie (gpointer data)
{
  Liar *liar = data;
  gchar probe[4096];
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  gssize n;

  while ((n = recvfrom (liar->fd, probe, sizeof probe - 1, 0,
                        (struct sockaddr *)&from, &size))
             >= 0
         && !g_atomic_int_get (&liar->stop))
    {
      gchar *id, *answers[5];

      probe[n] = '\0';
      id = id_of (probe);
      answers[0] = g_strdup ("<not><xml");
      answers[1] = answer_of ("urn:uuid:another-question", "urn:uuid:stray",
                              "dn:NetworkVideoTransmitter");
      answers[2] = answer_of (id, "urn:uuid:drive", "pub:Computer");
      answers[3]
          = answer_of (id, "urn:uuid:true", "dn:NetworkVideoTransmitter");
      answers[4] = g_strdup (answers[3]);
      for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
        {
          sendto (liar->fd, answers[i], strlen (answers[i]), 0,
                  (struct sockaddr *)&from, size);
          g_free (answers[i]);
        }
      g_free (id);
    }
  return NULL;
}

/* A socket on an address of its own, so that no other device is asked. */
static int
listen_on (const gchar *host)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_port = htons (DW_DISCOVERY_PORT) };
  int on = 1;
  int fd = socket (AF_INET, SOCK_DGRAM, 0);

  inet_pton (AF_INET, host, &address.sin_addr);
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ck_assert_int_eq (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

static void
liar_start (Liar *liar, const gchar *host)
{
  liar->fd = listen_on (host);
  liar->thread = g_thread_new ("liar", lie, liar);
}

static void
liar_stop (Liar *liar, const gchar *host)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_port = htons (DW_DISCOVERY_PORT) };

  inet_pton (AF_INET, host, &address.sin_addr);
  g_atomic_int_set (&liar->stop, 1);
  sendto (liar->fd, "", 1, 0, (struct sockaddr *)&address, sizeof address);
  g_thread_join (liar->thread);
  close (liar->fd);
}

typedef struct
{
  guint n;
  gchar endpoint[DW_ONVIF_TEXT];
} Counted;

static void
count_match (const DwOnvifMatch *match, void *user_data)
{
  Counted *counted = user_data;

  counted->n++;
  g_strlcpy (counted->endpoint, match->endpoint, sizeof counted->endpoint);
}

GST_START_TEST (only_true_answers_count_and_each_device_once)
{
  static const gchar host[] = "127.4.5.6";
  const DwOnvifProbe probe = { .unicast = host, .wait_ms = 1000 };
  Liar liar = { 0 };
  Counted counted = { 0 };
  DwError error = { 0 };

  liar_start (&liar, host);
  ck_assert_msg (dw_onvif_probe (&probe, NULL, count_match, &counted, &error)
                     == DW_OK,
                 "%s", error.text);
  ck_assert_uint_eq (counted.n, 1);
  ck_assert_str_eq (counted.endpoint, "urn:uuid:true");
  liar_stop (&liar, host);
}
GST_END_TEST;

GST_START_TEST (silence_is_said_and_cancel_ends_it)
{
  DwOnvifProbe probe = { .unicast = "127.7.7.7", .wait_ms = 300 };
  DwCancel *cancel = dw_cancel_new ();
  Counted counted = { 0 };
  DwError error = { 0 };
  int silent = listen_on (probe.unicast);

  ck_assert_int_eq (
      dw_onvif_probe (&probe, NULL, count_match, &counted, &error),
      DW_ERROR_NOT_FOUND);
  fail_unless (strstr (error.text, "no doorbell answered"), "%s", error.text);
  probe.wait_ms = 60000;
  dw_cancel_raise (cancel);
  ck_assert_int_eq (
      dw_onvif_probe (&probe, cancel, count_match, &counted, &error),
      DW_ERROR_CANCELLED);
  probe.unicast = NULL;
  probe.interfaces = "nosuchcard0";
  ck_assert_int_eq (
      dw_onvif_probe (&probe, NULL, count_match, &counted, &error),
      DW_ERROR_UNREACHABLE);
  ck_assert_uint_eq (counted.n, 0);
  dw_cancel_free (cancel);
  close (silent);
}
GST_END_TEST;

/* -- The watch ----------------------------------------------------------- */

GST_START_TEST (watch_sees_a_device_come_and_say_goodbye)
{
  gchar *uuid = new_uuid (), *endpoint = endpoint_of (uuid);
  Found found = { .endpoint = endpoint };
  DwOnvifServer *server;
  DwOnvifWatch *watch;
  DwError error = { 0 };

  ck_assert_msg (
      dw_onvif_watch_new ("lo", 60000, take_match, &found, &watch, &error)
          == DW_OK,
      "%s", error.text);
  /* Whether it is seen by its Hello or by an answer. */
  server = start_server (uuid);
  ck_assert (wait_for (&found, &found.n_there, 1));
  ck_assert_str_eq (found.last.name, "Front door");
  dw_onvif_server_free (server);
  /* The next question is a minute away: this is the Bye. */
  ck_assert (wait_for (&found, &found.n_gone, 1));
  dw_onvif_watch_free (watch);
  ck_assert_uint_eq (found.n_there, 1);
  g_free (endpoint);
  g_free (uuid);
}
GST_END_TEST;

static Suite *
discovery_suite (void)
{
  Suite *suite = suite_create ("discovery");
  TCase *cases = tcase_create ("discovery");

  suite_add_tcase (suite, cases);
  tcase_add_test (cases, device_is_found_once_by_multicast_on_loopback);
  tcase_add_test (cases, first_answer_ends_the_search_when_one_is_enough);
  tcase_add_test (cases, only_true_answers_count_and_each_device_once);
  tcase_add_test (cases, silence_is_said_and_cancel_ends_it);
  tcase_add_test (cases, watch_sees_a_device_come_and_say_goodbye);
  return suite;
}

GST_CHECK_MAIN (discovery)
