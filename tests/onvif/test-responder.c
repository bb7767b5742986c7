/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being found, datagram by datagram, on the loopback of a network namespace of
 * its own where that is allowed: Hello, Probe, Resolve, Bye. */
#define _GNU_SOURCE /* unshare () */

#include "wire.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUP "239.255.255.250"
#define UUID "5f5a69c2-e0ae-504f-829b-4cb1d0bbb0aa"
#define ENDPOINT "urn:uuid:" UUID

/* Ports and multicast of our own: another device on this machine, or another
 * test, is not heard here. Without the permission the shared loopback does:
 * answers are told apart by the endpoint. */
static void
isolate (void)
{
  struct ifreq request = { .ifr_name = "lo" };
  int fd;

  if (unshare (CLONE_NEWNET) != 0
      && unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return;
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  request.ifr_flags = IFF_UP | IFF_MULTICAST;
  fail_unless_equals_int (ioctl (fd, SIOCSIFFLAGS, &request), 0);
  close (fd);
}

static struct sockaddr_in
address_of (const gchar *text, guint16 port)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_port = htons (port) };

  inet_pton (AF_INET, text, &address.sin_addr);
  return address;
}

/* A socket on the loopback; `port` 3702 also hears the group. */
static int
open_socket (guint16 port)
{
  const int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const struct sockaddr_in any = address_of ("0.0.0.0", port);
  struct ip_mreqn group = { .imr_ifindex = (int)if_nametoindex ("lo") };
  const int one = 1;

  inet_pton (AF_INET, GROUP, &group.imr_multiaddr);
  inet_pton (AF_INET, "127.0.0.1", &group.imr_address);
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  fail_unless_equals_int (bind (fd, (const struct sockaddr *)&any, sizeof any),
                          0);
  fail_unless_equals_int (
      setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group), 0);
  if (port != 0)
    fail_unless_equals_int (
        setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group),
        0);
  return fd;
}

/* The next datagram that holds `what`; NULL after `wait_ms` without it. */
static gchar *
await (int fd, const gchar *what, guint wait_ms)
{
  const gint64 end = g_get_monotonic_time () + wait_ms * 1000;
  gchar data[65536];

  for (;;)
    {
      const gint64 left_us = end - g_get_monotonic_time ();
      struct timeval patience;
      ssize_t n;

      if (left_us <= 0)
        return NULL;
      patience.tv_sec = left_us / G_USEC_PER_SEC;
      patience.tv_usec = left_us % G_USEC_PER_SEC;
      setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      n = recv (fd, data, sizeof data - 1, 0);
      if (n <= 0)
        continue;
      data[n] = 0;
      if (strstr (data, what))
        return g_strndup (data, (gsize)n);
    }
}

static gchar *
envelope (const gchar *id, const gchar *action, const gchar *body)
{
  return g_strdup_printf (
      "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\""
      " xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""
      " xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\""
      " xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\""
      " xmlns:dn=\"http://www.onvif.org/ver10/network/wsdl\""
      " xmlns:wsdp=\"http://schemas.xmlsoap.org/ws/2006/02/devprof\">"
      "<e:Header><a:MessageID>%s</a:MessageID>"
      "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
      "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/%s</a:Action>"
      "</e:Header><e:Body>%s</e:Body></e:Envelope>",
      id, action, body);
}

static void
ask (int fd, const gchar *to, const gchar *text)
{
  const struct sockaddr_in address = address_of (to, 3702);

  fail_unless (sendto (fd, text, strlen (text), 0,
                       (const struct sockaddr *)&address, sizeof address)
               == (ssize_t)strlen (text));
}

static void
probe (int fd, const gchar *to, const gchar *id, const gchar *inside)
{
  gchar *body = g_strdup_printf ("<d:Probe>%s</d:Probe>", inside);
  gchar *text = envelope (id, "Probe", body);

  ask (fd, to, text);
  g_free (text);
  g_free (body);
}

static DwOnvifServer *
start (DwOnvifServerSettings *settings)
{
  wire_settings (settings, FALSE);
  settings->is_discoverable = true;
  settings->interfaces = "lo";
  settings->uuid = UUID;
  return wire_start (settings);
}

GST_START_TEST (hello_probe_resolve_and_bye)
{
  const int ear = open_socket (3702);
  const int mouth = open_socket (0);
  DwOnvifServerSettings settings;
  DwOnvifServer *server = start (&settings);
  gchar *xaddr = g_strdup_printf ("http://127.0.0.1:%u/onvif/device_service<",
                                  dw_onvif_server_port (server));
  gchar *text = await (ear, ENDPOINT, 5000);
  gchar *question;

  fail_unless (text && strstr (text, "discovery/Hello<"), "%s", text);
  fail_unless (strstr (text, xaddr) && strstr (text, "MetadataVersion>1<"));
  g_free (text);

  probe (mouth, GROUP, "urn:uuid:1",
         "<d:Types>dn:NetworkVideoTransmitter</d:Types>");
  text = await (mouth, ENDPOINT, 5000);
  fail_unless (text && strstr (text, "discovery/ProbeMatches<"), "%s", text);
  fail_unless (strstr (text, ">urn:uuid:1</a:RelatesTo>"));
  fail_unless (strstr (text, "dn:NetworkVideoTransmitter tds:Device<"));
  fail_unless (strstr (text, "onvif://www.onvif.org/name/Front%20door"));
  fail_unless (
      strstr (text, "http://schemas.xmlsoap.org/ws/2004/08/addressing"));
  fail_unless (strstr (text, xaddr));
  fail_unless (strlen (text) < 1400);
  g_free (text);

  question = envelope ("urn:uuid:2", "Resolve",
                       "<d:Resolve><a:EndpointReference><a:Address>" ENDPOINT
                       "</a:Address></a:EndpointReference></d:Resolve>");
  ask (mouth, GROUP, question);
  g_free (question);
  text = await (mouth, ENDPOINT, 5000);
  fail_unless (text && strstr (text, "discovery/ResolveMatches<"), "%s", text);
  fail_unless (strstr (text, ">urn:uuid:2</a:RelatesTo>"));
  fail_unless (strstr (text, xaddr));
  g_free (text);

  dw_onvif_server_free (server);
  text = await (ear, "discovery/Bye<", 5000);
  fail_unless (text && strstr (text, ENDPOINT), "%s", text);
  g_free (text);
  g_free (xaddr);
  close (ear);
  close (mouth);
}
GST_END_TEST

GST_START_TEST (unicast_probe_is_answered)
{
  const int mouth = open_socket (0);
  DwOnvifServerSettings settings;
  DwOnvifServer *server = start (&settings);
  gchar *text = NULL;

  /* A name for the outside replaces the address. */
  dw_onvif_server_free (server);
  settings.host = "door.example";
  server = wire_start (&settings);
  /* Nobody else may hear the question, so it is asked until heard: the thread
   * joins the loopback in its own time. */
  for (int i = 0; text == NULL && i < 25; i++)
    {
      gchar *id = g_strdup_printf ("urn:uuid:unicast-%d", i);

      probe (mouth, "127.0.0.1", id, "");
      text = await (mouth, ENDPOINT, 200);
      g_free (id);
    }
  fail_unless (text && strstr (text, "http://door.example:"), "%s", text);
  g_free (text);
  dw_onvif_server_free (server);
  close (mouth);
}
GST_END_TEST

#define SCOPES(rule, text) "<d:Scopes" rule ">" text "</d:Scopes>"
#define ONVIF "onvif://www.onvif.org/"
#define RULE "http://schemas.xmlsoap.org/ws/2005/04/discovery/"

GST_START_TEST (only_what_is_meant_for_it_is_answered)
{
  static const struct
  {
    const gchar *inside;
    gboolean is_ours;
  } rows[] = {
    { "", TRUE },
    { "<d:Types>tds:Device</d:Types>", TRUE },
    { "<d:Types> tds:Device\n dn:NetworkVideoTransmitter </d:Types>", TRUE },
    { "<d:Types>wsdp:Device</d:Types>", FALSE },
    { "<d:Types>tds:Device dn:NetworkVideoDisplay</d:Types>", FALSE },
    { "<d:Types>dn:Device</d:Types>", FALSE },
    { "<d:Types xmlns:q=\"http://www.onvif.org/ver10/device/wsdl\">q:Device"
      "</d:Types>",
      TRUE },
    { "<d:Types>other:NetworkVideoTransmitter</d:Types>", FALSE },
    { SCOPES ("", ONVIF "Profile/T"), TRUE },
    { SCOPES ("", ONVIF "Profile/"), TRUE },
    { SCOPES ("", ONVIF "Profile"), TRUE },
    { SCOPES ("", "ONVIF://WWW.onvif.org/Profile/T"), TRUE },
    { SCOPES ("", "onvif://www.onvif.org"), TRUE },
    { SCOPES ("", ONVIF "profile/T"), FALSE },
    { SCOPES ("", ONVIF "Prof"), FALSE },
    { SCOPES ("", ONVIF "Profile/T/more"), FALSE },
    { SCOPES ("", ONVIF "Profile/T " ONVIF "Profile/G"), FALSE },
    { SCOPES ("", ONVIF "Profile/T " ONVIF "location/home"), TRUE },
    { SCOPES (" MatchBy=\"" RULE "rfc3986\"", ONVIF "name/Front%20door"),
      TRUE },
    { SCOPES (" MatchBy=\"" RULE "strcmp0\"", ONVIF "Profile/T"), TRUE },
    { SCOPES (" MatchBy=\"" RULE "strcmp0\"", ONVIF "Profile"), FALSE },
    { SCOPES (" MatchBy=\"" RULE "ldap\"", ONVIF "Profile/T"), FALSE },
    { SCOPES ("", "http://www.onvif.org/Profile/T"), FALSE },
  };
  const int ear = open_socket (3702);
  const int mouth = open_socket (0);
  DwOnvifServerSettings settings;
  DwOnvifServer *server = start (&settings);
  gboolean is_answered[G_N_ELEMENTS (rows)] = { FALSE };
  gchar *text = await (ear, ENDPOINT, 5000);

  g_free (text);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gchar *id = g_strdup_printf ("urn:uuid:row-%zu-", i);

      probe (mouth, GROUP, id, rows[i].inside);
      g_free (id);
    }
  /* Answers are held back 40 ms at most. */
  while ((text = await (mouth, ENDPOINT, 500)))
    {
      gchar *row = wire_between (text, ">urn:uuid:row-", "-<");

      fail_unless (row != NULL, "%s", text);
      is_answered[g_ascii_strtoull (row, NULL, 10)] = TRUE;
      g_free (row);
      g_free (text);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    fail_unless (is_answered[i] == rows[i].is_ours, "row %zu: %s", i,
                 rows[i].inside);
  dw_onvif_server_free (server);
  close (ear);
  close (mouth);
}
GST_END_TEST

GST_START_TEST (hostile_datagrams_are_not_answered)
{
  const int ear = open_socket (3702);
  const int mouth = open_socket (0);
  DwOnvifServerSettings settings;
  DwOnvifServer *server = start (&settings);
  gchar *good = envelope ("urn:uuid:good", "Probe", "<d:Probe/>");
  gchar *filler = g_strnfill (20000, ' ');
  gchar *large = g_strconcat (good, filler, NULL);
  gchar *no_id = envelope ("", "Probe", "<d:Probe/>");
  GRand *rand = g_rand_new_with_seed (3702);
  gchar *text = await (ear, ENDPOINT, 5000);

  g_free (text);
  ask (mouth, GROUP, "");
  ask (mouth, GROUP, "<");
  ask (mouth, GROUP, large);
  ask (mouth, GROUP, "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>");
  for (int i = 0; i < 300; i++)
    {
      gchar *copy = g_strdup (no_id);

      for (int j = 0; j < 4; j++)
        copy[g_rand_int_range (rand, 0, (gint)strlen (copy))]
            = (gchar)g_rand_int_range (rand, 1, 256);
      copy[g_rand_int_range (rand, 1, (gint)strlen (copy))] = 0;
      ask (mouth, GROUP, copy);
      g_free (copy);
    }
  fail_unless (await (mouth, ENDPOINT, 300) == NULL);
  /* The same question twice is one question. */
  ask (mouth, GROUP, good);
  ask (mouth, GROUP, good);
  text = await (mouth, ENDPOINT, 5000);
  fail_unless (text && strstr (text, "urn:uuid:good"));
  g_free (text);
  fail_unless (await (mouth, ENDPOINT, 300) == NULL);
  g_rand_free (rand);
  g_free (good);
  g_free (filler);
  g_free (large);
  g_free (no_id);
  dw_onvif_server_free (server);
  close (ear);
  close (mouth);
}
GST_END_TEST

GST_START_TEST (longest_names_fit_one_datagram)
{
  const int ear = open_socket (3702);
  DwOnvifServerSettings settings;
  DwOnvifServer *server;
  gchar *name = g_strnfill (127, '&');
  gchar *text;

  wire_settings (&settings, FALSE);
  settings.is_discoverable = true;
  settings.interfaces = "lo";
  settings.uuid = UUID;
  settings.name = settings.model = settings.location = name;
  settings.host = "door.a-rather-long-label-for-a-house.example.org";
  server = wire_start (&settings);
  text = await (ear, ENDPOINT, 5000);
  fail_unless (text != NULL);
  fail_unless (strlen (text) <= 1400, "%zu", strlen (text));
  g_free (text);
  g_free (name);
  dw_onvif_server_free (server);
  close (ear);
}
GST_END_TEST

GST_START_TEST (no_thread_or_descriptor_is_left)
{
  DwOnvifServerSettings settings;
  guint n_fds, n_threads;

  /* A sanitizer starts a thread of its own beside the first one. */
  dw_onvif_server_free (start (&settings));
  n_fds = wire_count ("/proc/self/fd");
  n_threads = wire_count ("/proc/self/task");
  for (int i = 0; i < 10; i++)
    dw_onvif_server_free (start (&settings));
  wire_expect_count ("/proc/self/fd", n_fds);
  wire_expect_count ("/proc/self/task", n_threads);
}
GST_END_TEST

static Suite *
responder_suite (void)
{
  Suite *suite = suite_create ("onvif-responder");
  TCase *discovery = tcase_create ("discovery");

  tcase_add_unchecked_fixture (discovery, isolate, NULL);
  tcase_add_test (discovery, hello_probe_resolve_and_bye);
  tcase_add_test (discovery, unicast_probe_is_answered);
  tcase_add_test (discovery, only_what_is_meant_for_it_is_answered);
  tcase_add_test (discovery, hostile_datagrams_are_not_answered);
  tcase_add_test (discovery, longest_names_fit_one_datagram);
  tcase_add_test (discovery, no_thread_or_descriptor_is_left);
  suite_add_tcase (suite, discovery);
  return suite;
}

GST_CHECK_MAIN (responder);
