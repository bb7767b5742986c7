/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pull points over a raw connection: subscribers, properties, filters, ends
 * and limits. */
#include "wire.h"

#include "timebase.h"

#include <string.h>
#include <unistd.h>

#define EVENTS "/onvif/event_service"
#define VISITOR "tns1:RuleEngine/MyRuleDetector/Visitor"

static DwOnvifServer *server;
static guint16 port;

static void
setup (void)
{
  DwOnvifServerSettings settings;
  static const DwOnvifServerEvent topics[]
      = { { VISITOR, "Source", "000", "State", "false", true },
          { "tns1:VideoSource/MotionAlarm", "Source", "0", "State", "false",
            true },
          { "tns1:RuleEngine/MyRuleDetector", NULL, NULL, "A<b", "1", false },
          { "tns1:Device/tnsaxis:IO/Port", "port", "0", "state", "0", true } };

  wire_settings (&settings, FALSE);
  settings.n_topics = G_N_ELEMENTS (topics);
  settings.topics = topics;
  server = wire_start (&settings);
  port = dw_onvif_server_port (server);
}

static void
teardown (void)
{
  dw_onvif_server_free (server);
  server = NULL;
}

static void
emit (const gchar *topic, const gchar *value, gboolean is_property)
{
  const DwOnvifServerEvent event = { .topic = topic,
                                     .source_name = "Source",
                                     .source_value = "000",
                                     .data_name = "State",
                                     .data_value = value,
                                     .is_property = is_property };

  fail_unless_equals_int (dw_onvif_server_emit (server, &event), DW_OK);
}

/* The path of a new pull point. */
static gchar *
subscribe (const gchar *arguments)
{
  gchar *body = g_strdup_printf ("<tev:CreatePullPointSubscription>%s"
                                 "</tev:CreatePullPointSubscription>",
                                 arguments);
  gchar *answer = wire_call (port, EVENTS, body);
  gchar *path = NULL;

  fail_unless (wire_status (answer) == 200, "%s", answer);
  path = wire_between (answer, "<wsa5:Address>http://127.0.0.1:", "<");
  fail_unless (path && strchr (path, '/'), "%s", answer);
  memmove (path, strchr (path, '/'), strlen (strchr (path, '/')) + 1);
  fail_unless (strstr (answer, "<wsnt:TerminationTime>20"));
  g_free (answer);
  g_free (body);
  return path;
}

static gchar *
pull (const gchar *path, const gchar *timeout, guint limit)
{
  gchar *body = g_strdup_printf (
      "<tev:PullMessages><tev:Timeout>%s</tev:Timeout>"
      "<tev:MessageLimit>%u</tev:MessageLimit></tev:PullMessages>",
      timeout, limit);
  gchar *answer = wire_call (port, path, body);

  g_free (body);
  return answer;
}

static guint
count (const gchar *text, const gchar *what)
{
  guint n = 0;

  for (; (text = strstr (text, what)); text++)
    n++;
  return n;
}

/* What one pull on another thread saw, and how long it took. */
typedef struct
{
  GThread *thread;
  const gchar *path;
  gchar *answer;
  gint64 took_us;
} Puller;

static gpointer
pull_thread (gpointer data)
{
  Puller *puller = data;
  const gint64 start = g_get_monotonic_time ();

  puller->answer = pull (puller->path, "PT20S", 10);
  puller->took_us = g_get_monotonic_time () - start;
  return NULL;
}

/* A pull whose request is on its way; finish_pull () reads the answer. */
static int
begin_pull (const gchar *path)
{
  gchar *envelope = wire_envelope (
      NULL, "<tev:PullMessages><tev:Timeout>PT20S</tev:Timeout>"
            "<tev:MessageLimit>10</tev:MessageLimit></tev:PullMessages>");
  gchar *request = g_strdup_printf (
      "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
      "Content-Length: %zu\r\n\r\n%s",
      path, strlen (envelope), envelope);
  const int fd = wire_connect (port);

  fail_unless (wire_send (fd, request, strlen (request)));
  g_free (envelope);
  g_free (request);
  return fd;
}

static gchar *
finish_pull (int fd)
{
  gchar *answer = wire_read_all (fd);

  close (fd);
  return answer;
}

GST_START_TEST (event_reaches_two_subscribers)
{
  gchar *paths[] = { subscribe (""), subscribe ("") };
  Puller pullers[2];

  for (int i = 0; i < 2; i++)
    {
      pullers[i] = (Puller){ .path = paths[i] };
      pullers[i].thread = g_thread_new ("pull", pull_thread, &pullers[i]);
    }
  emit (VISITOR, "true", TRUE);
  for (int i = 0; i < 2; i++)
    {
      g_thread_join (pullers[i].thread);
      fail_unless (strstr (pullers[i].answer, ">" VISITOR "<"), "%s",
                   pullers[i].answer);
      fail_unless (strstr (pullers[i].answer, "PropertyOperation=\"Changed\""));
      fail_unless (strstr (pullers[i].answer, "Name=\"State\" Value=\"true\""));
      fail_unless (strstr (pullers[i].answer, "Name=\"Source\" Value=\"000\""));
      fail_unless (strstr (pullers[i].answer,
                           "PullPointSubscription/PullMessagesResponse<"));
      fail_unless (pullers[i].took_us < 15 * G_USEC_PER_SEC);
      g_free (pullers[i].answer);
      g_free (paths[i]);
    }
}
GST_END_TEST

GST_START_TEST (property_is_told_to_a_newcomer_as_initialized)
{
  gchar *path, *answer;

  emit (VISITOR, "false", TRUE);
  emit ("tns1:VideoSource/Alarm", "true", FALSE);
  path = subscribe ("");
  answer = pull (path, "PT0S", 10);
  fail_unless_equals_int (count (answer, "<wsnt:NotificationMessage>"), 1);
  fail_unless (strstr (answer, "PropertyOperation=\"Initialized\""));
  g_free (answer);

  /* A pulse has no state. */
  emit ("tns1:VideoSource/Alarm", "true", FALSE);
  answer = pull (path, "PT0S", 10);
  fail_unless_equals_int (count (answer, "<wsnt:NotificationMessage>"), 1);
  fail_if (strstr (answer, "PropertyOperation"));
  g_free (answer);

  answer = wire_call (port, path, "<tev:SetSynchronizationPoint/>");
  fail_unless_equals_int (wire_status (answer), 200);
  g_free (answer);
  answer = pull (path, "PT5S", 10);
  fail_unless_equals_int (count (answer, "<wsnt:NotificationMessage>"), 1);
  fail_unless (strstr (answer, "PropertyOperation=\"Initialized\""));
  g_free (answer);
  g_free (path);
}
GST_END_TEST

GST_START_TEST (pull_waits_no_longer_than_its_timeout)
{
  gchar *path = subscribe ("");
  const gint64 start = g_get_monotonic_time ();
  gchar *answer = pull (path, "PT0.3S", 10);
  const gint64 took_us = g_get_monotonic_time () - start;

  fail_unless_equals_int (wire_status (answer), 200);
  fail_unless_equals_int (count (answer, "NotificationMessage"), 0);
  fail_unless (took_us >= 300000 && took_us < 5 * G_USEC_PER_SEC);
  g_free (answer);
  g_free (path);
}
GST_END_TEST

GST_START_TEST (message_limit_and_queue_are_bounded)
{
  gchar *path = subscribe ("");
  gchar *answer;

  for (int i = 0; i < 100; i++)
    {
      gchar *value = g_strdup_printf ("n%d", i);

      emit (VISITOR, value, TRUE);
      g_free (value);
    }
  answer = pull (path, "PT0S", 3);
  fail_unless_equals_int (count (answer, "<wsnt:NotificationMessage>"), 3);
  /* The oldest were dropped: 64 are kept. */
  fail_unless (strstr (answer, "\"n36\"") && !strstr (answer, "\"n35\""));
  g_free (answer);
  answer = pull (path, "PT0S", 1000);
  fail_unless_equals_int (count (answer, "<wsnt:NotificationMessage>"), 32);
  g_free (answer);
  answer = pull (path, "PT0S", 1000);
  fail_unless (strstr (answer, "\"n99\""));
  g_free (answer);
  g_free (path);
}
GST_END_TEST

GST_START_TEST (filter_takes_its_topics_only)
{
#define FILTER(text)                                                           \
  "<tev:Filter><wsnt:TopicExpression Dialect=\"http://www.onvif.org/ver10/"    \
  "tev/topicExpression/ConcreteSet\">" text                                    \
  "</wsnt:TopicExpression></tev:Filter>"
  gchar *exact = subscribe (FILTER (VISITOR "|tns1:Other/Thing"));
  gchar *below = subscribe (FILTER ("tns1:RuleEngine//."));
  gchar *other = subscribe (FILTER ("tns1:VideoSource/MotionAlarm"));
  gchar *answer;

  emit (VISITOR, "true", TRUE);
  emit ("tns1:RuleEngine/CellMotionDetector/Motion", "true", TRUE);
  answer = pull (exact, "PT0S", 10);
  fail_unless_equals_int (count (answer, "<wsnt:NotificationMessage>"), 1);
  g_free (answer);
  answer = pull (below, "PT0S", 10);
  fail_unless_equals_int (count (answer, "<wsnt:NotificationMessage>"), 2);
  g_free (answer);
  answer = pull (other, "PT0S", 10);
  fail_unless_equals_int (count (answer, "<wsnt:NotificationMessage>"), 0);
  g_free (answer);
  g_free (exact);
  g_free (below);
  g_free (other);
}
GST_END_TEST

GST_START_TEST (ended_subscription_is_a_fault)
{
  gchar *path = subscribe ("<tev:InitialTerminationTime>PT1S"
                           "</tev:InitialTerminationTime>");
  gchar *gone = subscribe ("");
  gchar *answer = wire_call (port, gone, "<wsnt:Unsubscribe/>");

  fail_unless_equals_int (wire_status (answer), 200);
  g_free (answer);
  answer = pull (gone, "PT1S", 1);
  fail_unless_equals_int (wire_status (answer), 400);
  fail_unless (strstr (answer, "ResourceUnknownFault"));
  g_free (answer);
  answer = wire_call (port, gone, "<wsnt:Unsubscribe/>");
  fail_unless_equals_int (wire_status (answer), 400);
  g_free (answer);
  answer = wire_call (port, gone, "<tev:SetSynchronizationPoint/>");
  fail_unless_equals_int (wire_status (answer), 400);
  g_free (answer);
  /* A pull of another subscription waits out the second. */
  g_free (gone);
  gone = subscribe ("");
  answer = pull (gone, "PT1.1S", 1);
  fail_unless_equals_int (wire_status (answer), 200);
  g_free (answer);
  answer = wire_call (port, path, "<wsnt:Renew/>");
  fail_unless_equals_int (wire_status (answer), 400);
  fail_unless (strstr (answer, "ResourceUnknownFault"));
  g_free (answer);
  answer = pull (EVENTS, "PT1S", 1);
  fail_unless_equals_int (wire_status (answer), 400);
  g_free (answer);
  g_free (path);
  g_free (gone);
}
GST_END_TEST

GST_START_TEST (unsubscribe_ends_a_pull_that_waits)
{
  gchar *path = subscribe ("");
  const int fd = begin_pull (path);
  gchar *answer = wire_call (port, path, "<wsnt:Unsubscribe/>");

  fail_unless_equals_int (wire_status (answer), 200);
  g_free (answer);
  answer = finish_pull (fd);
  fail_unless (strstr (answer, "ResourceUnknownFault"), "%s", answer);
  g_free (answer);
  g_free (path);
}
GST_END_TEST

GST_START_TEST (shutdown_answers_a_pull_that_waits)
{
  gchar *path = subscribe ("");
  const int fd = begin_pull (path);
  const gint64 start = g_get_monotonic_time ();
  gchar *answer;

  /* Any other call that was answered came after the pull was taken. */
  answer = wire_call (port, EVENTS, "<tev:GetServiceCapabilities/>");
  g_free (answer);
  teardown ();
  answer = finish_pull (fd);
  fail_unless_equals_int (wire_status (answer), 200);
  fail_unless (g_get_monotonic_time () - start < 10 * G_USEC_PER_SEC);
  g_free (answer);
  g_free (path);
}
GST_END_TEST

GST_START_TEST (times_may_be_relative_or_absolute)
{
  static const struct
  {
    const gchar *text;
    gboolean is_good;
  } rows[] = { { "PT60S", TRUE },
               { "PT1M", TRUE },
               { "PT1H30M", TRUE },
               { "P1DT0.5S", TRUE },
               { "P400D", TRUE },
               { "2200-01-01T00:00:00Z", TRUE },
               { "2200-01-01T00:00:00.5+01:00", TRUE },
               { "2001-01-01T00:00:00Z", FALSE },
               { "PT0S", FALSE },
               { "-PT60S", FALSE },
               { "P", FALSE },
               { "PT", FALSE },
               { "PT5X", FALSE },
               { "PT99999999999S", FALSE },
               { "now", FALSE },
               { "+2h", FALSE },
               { "", FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gchar *path = subscribe ("");
      gchar *body = g_strdup_printf ("<wsnt:Renew><wsnt:TerminationTime>%s"
                                     "</wsnt:TerminationTime></wsnt:Renew>",
                                     rows[i].text);
      gchar *create = g_strdup_printf (
          "<tev:CreatePullPointSubscription><tev:InitialTerminationTime>%s"
          "</tev:InitialTerminationTime></tev:CreatePullPointSubscription>",
          rows[i].text);
      gchar *answer = wire_call (port, path, body);

      fail_unless ((wire_status (answer) == 200) == rows[i].is_good,
                   "Renew %s: %s", rows[i].text, answer);
      fail_unless (rows[i].is_good
                   || strstr (answer, "UnacceptableTerminationTime"));
      g_free (answer);
      answer = wire_call (port, EVENTS, create);
      fail_unless ((wire_status (answer) == 200) == rows[i].is_good,
                   "Create %s: %s", rows[i].text, answer);
      fail_unless (rows[i].is_good
                   || strstr (answer, "UnacceptableInitialTerminationTime"));
      g_free (answer);
      answer = wire_call (port, path, "<wsnt:Unsubscribe/>");
      g_free (answer);
      g_free (path);
      g_free (body);
      g_free (create);
    }
}
GST_END_TEST

GST_START_TEST (seventeenth_subscription_is_refused)
{
  gchar *paths[16];
  gchar *answer;

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    paths[i] = subscribe ("");
  answer = wire_call (port, EVENTS, "<tev:CreatePullPointSubscription/>");
  fail_unless_equals_int (wire_status (answer), 500);
  fail_unless (strstr (answer, "SubscribeCreationFailedFault"));
  g_free (answer);
  answer = wire_call (port, paths[7], "<wsnt:Unsubscribe/>");
  g_free (answer);
  g_free (paths[7]);
  paths[7] = subscribe ("");
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    g_free (paths[i]);
}
GST_END_TEST

GST_START_TEST (event_properties_list_the_topics_as_a_tree)
{
  gchar *answer = wire_call (port, EVENTS, "<tev:GetEventProperties/>");

  fail_unless_equals_int (wire_status (answer), 200);
  fail_unless (
      strstr (answer,
              "<tns1:RuleEngine><MyRuleDetector wstop:topic=\"true\">"
              "<tt:MessageDescription IsProperty=\"false\"><tt:Data>"
              "<tt:SimpleItemDescription Name=\"A&lt;b\" "
              "Type=\"xsd:int\"/></tt:Data>"
              "</tt:MessageDescription><Visitor wstop:topic=\"true\">"
              "<tt:MessageDescription IsProperty=\"true\">"
              "<tt:Source><tt:SimpleItemDescription Name=\"Source\" "
              "Type=\"tt:ReferenceToken\"/></tt:Source><tt:Data>"
              "<tt:SimpleItemDescription Name=\"State\" Type=\"xsd:boolean\"/>"
              "</tt:Data></tt:MessageDescription></Visitor></MyRuleDetector>"
              "</tns1:RuleEngine><tns1:VideoSource><MotionAlarm"),
      "%s", answer);
  fail_unless (strstr (answer, "<tns1:Device><tnsaxis:IO><Port "));
  fail_unless (strstr (answer, "xmlns:tnsaxis=\"http://www.axis.com/"));
  g_free (answer);
}
GST_END_TEST

GST_START_TEST (topic_that_no_one_could_read_is_refused)
{
  const gchar *bad[] = { "",          "Visitor",    "tns2:A/B", "tns1:",
                         "tns1:A//B", "tns1:A/",    "/tns1:A",  "tns1:A/b:c",
                         "tns1:A B",  "tns1:A<x/>", "tns1:A/1", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const DwOnvifServerEvent event = { .topic = bad[i] };

      fail_unless (dw_onvif_server_emit (server, &event) == DW_ERROR_INVALID,
                   "%s", bad[i] ? bad[i] : "(null)");
    }
}
GST_END_TEST

static Suite *
server_events_suite (void)
{
  Suite *suite = suite_create ("onvif-server-events");
  TCase *events = tcase_create ("events");

  tcase_add_checked_fixture (events, setup, teardown);
  tcase_add_test (events, event_reaches_two_subscribers);
  tcase_add_test (events, property_is_told_to_a_newcomer_as_initialized);
  tcase_add_test (events, pull_waits_no_longer_than_its_timeout);
  tcase_add_test (events, message_limit_and_queue_are_bounded);
  tcase_add_test (events, filter_takes_its_topics_only);
  tcase_add_test (events, ended_subscription_is_a_fault);
  tcase_add_test (events, unsubscribe_ends_a_pull_that_waits);
  tcase_add_test (events, shutdown_answers_a_pull_that_waits);
  tcase_add_test (events, times_may_be_relative_or_absolute);
  tcase_add_test (events, seventeenth_subscription_is_refused);
  tcase_add_test (events, event_properties_list_the_topics_as_a_tree);
  tcase_add_test (events, topic_that_no_one_could_read_is_refused);
  suite_add_tcase (suite, events);
  return suite;
}

GST_CHECK_MAIN (server_events);
