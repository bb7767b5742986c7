/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client against the server, both from this tree: sign in, learn the
 * streams, hear the press in every maker's manner, discovery on the loopback.
 */
#include "wire.h"

#include <string.h>

typedef struct
{
  guint n;
  DwOnvifEvent last;
} Heard;

static void
on_event (const DwOnvifEvent *event, void *user_data)
{
  Heard *heard = user_data;

  heard->n++;
  heard->last = *event;
}

static DwOnvifClient *
client_for (DwOnvifServer *server, const char *password,
            const DwOnvifTopicRule *rules, size_t n_rules)
{
  gchar *location
      = g_strdup_printf ("onvif://127.0.0.1:%u", dw_onvif_server_port (server));
  const DwOnvifSettings settings = { .location = location,
                                     .user = password ? WIRE_USER : NULL,
                                     .password = password,
                                     .rules = rules,
                                     .n_rules = n_rules };
  DwOnvifClient *client = NULL;
  DwError error = { 0 };

  fail_unless (dw_onvif_client_new (&settings, &client, &error) == DW_OK, "%s",
               error.text);
  g_free (location);
  return client;
}

static void
learn (gboolean has_users)
{
  DwOnvifServerSettings settings;
  DwOnvifServer *server;
  DwOnvifClient *client;
  DwOnvifDevice device;
  DwOnvifProfiles profiles;
  const DwOnvifProfile *profile;
  char uri[DW_ONVIF_URI];
  DwError error = { 0 };
  gchar *snapshot;

  wire_settings (&settings, has_users);
  server = wire_start (&settings);
  client = client_for (server, has_users ? WIRE_PASSWORD : NULL, NULL, 0);
  fail_unless (dw_onvif_client_connect (client, NULL, &device, &error) == DW_OK,
               "%s", error.text);
  fail_unless_equals_string (device.manufacturer, "Acme <&>");
  fail_unless_equals_string (device.model, "Bell 1");
  fail_unless_equals_string (device.serial, "0001");
  fail_unless (device.has_events && device.has_media2);
  fail_unless (ABS (device.clock_offset_ns) < 3 * INT64_C (1000000000));

  fail_unless (dw_onvif_client_profiles (client, NULL, &profiles, &error)
                   == DW_OK,
               "%s", error.text);
  fail_unless_equals_int (profiles.n_profiles, 2);
  profile = dw_onvif_profile_choose (&profiles, "main");
  fail_unless (profile != NULL);
  fail_unless_equals_string (profile->token, "main");
  fail_unless_equals_string (profile->codec, "H264");
  fail_unless_equals_int (profile->width, 1920);
  fail_unless_equals_int ((int)profile->rate, 25);
  fail_unless_equals_string (profile->audio_codec, "AAC");
  profile = dw_onvif_profile_choose (&profiles, "sub");
  fail_unless_equals_string (profile->name, "Sub & small");

  fail_unless (dw_onvif_client_stream_uri (client, "main", NULL, uri, &error)
                   == DW_OK,
               "%s", error.text);
  fail_unless_equals_string (uri, "rtsp://127.0.0.1:8554/main");
  snapshot = g_strdup_printf ("http://127.0.0.1:%u/snapshot.jpg?profile=main",
                              dw_onvif_server_port (server));
  fail_unless (dw_onvif_client_snapshot_uri (client, "main", NULL, uri, &error)
                   == DW_OK,
               "%s", error.text);
  fail_unless_equals_string (uri, snapshot);
  g_free (snapshot);
  dw_onvif_client_free (client);
  dw_onvif_server_free (server);
}

GST_START_TEST (client_learns_an_open_device)
{
  learn (FALSE);
}
GST_END_TEST

GST_START_TEST (client_learns_a_device_with_a_password)
{
  learn (TRUE);
}
GST_END_TEST

GST_START_TEST (wrong_password_is_refused_in_words)
{
  DwOnvifServerSettings settings;
  DwOnvifServer *server;
  DwOnvifClient *client;
  DwOnvifDevice device;
  DwError error = { 0 };

  wire_settings (&settings, TRUE);
  server = wire_start (&settings);
  client = client_for (server, "guess", NULL, 0);
  fail_unless_equals_int (
      dw_onvif_client_connect (client, NULL, &device, &error),
      DW_ERROR_REFUSED);
  fail_unless (strstr (error.text, "127.0.0.1") != NULL
                   && strstr (error.text, "password") != NULL
                   && strstr (error.text, "guess") == NULL,
               "%s", error.text);
  dw_onvif_client_free (client);
  dw_onvif_server_free (server);
}
GST_END_TEST

/* How each maker says that somebody has pressed the button. */
static const struct
{
  DwOnvifServerEvent pressed;
  const char *released; /* NULL: a pulse */
} makers[] = {
  { { "tns1:RuleEngine/MyRuleDetector/Visitor", "Source", "000", "State",
      "true", true },
    "false" },
  { { "tns1:RuleEngine/RingDetector/Detection", "VideoSourceToken", "V0",
      "Detected", "true", true },
    "false" },
  { { "tns1:VideoSource/Alarm", NULL, NULL, "Ring", "true", false }, NULL },
  { { "tns1:VideoSource/Alarm", NULL, NULL, "CameraBellButton", "true", false },
    NULL },
  { { "tns1:Device/tnsaxis:IO/Port", "port", "0", "state", "1", true }, "0" },
  { { "tns1:Device/Trigger/DigitalInput", "InputToken", "bell", "LogicalState",
      "true", true },
    "false" },
};

GST_START_TEST (press_is_heard_in_every_manner)
{
  DwOnvifServerSettings settings;
  DwOnvifServer *server;
  DwOnvifClient *client;
  DwOnvifDevice device;
  DwError error = { 0 };
  /* An input is the bell only where the owner says so. */
  const DwOnvifTopicRule rules[]
      = { { .topic = "tns1:Device/Trigger/DigitalInput",
            .source = "bell",
            .kind = DW_EVENT_PRESS },
          { .topic = "tns1:Device/tnsaxis:IO/Port",
            .source = "0",
            .item = "state",
            .kind = DW_EVENT_PRESS } };

  wire_settings (&settings, TRUE);
  server = wire_start (&settings);
  client = client_for (server, WIRE_PASSWORD, rules, G_N_ELEMENTS (rules));
  fail_unless (dw_onvif_client_connect (client, NULL, &device, &error) == DW_OK,
               "%s", error.text);
  fail_unless (dw_onvif_client_subscribe (client, NULL, &error) == DW_OK, "%s",
               error.text);
  for (gsize i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      DwOnvifServerEvent event = makers[i].pressed;
      Heard heard = { 0 };

      fail_unless_equals_int (dw_onvif_server_emit (server, &event), DW_OK);
      for (int tries = 0; heard.n == 0 && tries < 5; tries++)
        fail_unless (
            dw_onvif_client_pull (client, 5000, NULL, on_event, &heard, &error)
                == DW_OK,
            "%s", error.text);
      fail_unless_equals_int (heard.n, 1);
      fail_unless (heard.last.kind == DW_EVENT_PRESS, "%s", event.topic);
      fail_unless (heard.last.is_active && !heard.last.is_initial, "%s",
                   event.topic);
      if (makers[i].released == NULL)
        continue;
      event.data_value = makers[i].released;
      heard = (Heard){ 0 };
      fail_unless_equals_int (dw_onvif_server_emit (server, &event), DW_OK);
      for (int tries = 0; heard.n == 0 && tries < 5; tries++)
        fail_unless (
            dw_onvif_client_pull (client, 5000, NULL, on_event, &heard, &error)
                == DW_OK,
            "%s", error.text);
      fail_unless (heard.last.kind == DW_EVENT_PRESS && !heard.last.is_active,
                   "%s", event.topic);
    }
  fail_unless_equals_int (dw_onvif_client_unsubscribe (client, &error), DW_OK);
  dw_onvif_client_free (client);
  dw_onvif_server_free (server);
}
GST_END_TEST

GST_START_TEST (state_at_subscription_never_rings)
{
  DwOnvifServerSettings settings;
  DwOnvifServer *server;
  DwOnvifClient *client;
  DwOnvifDevice device;
  DwError error = { 0 };
  Heard heard = { 0 };

  wire_settings (&settings, FALSE);
  server = wire_start (&settings);
  fail_unless_equals_int (dw_onvif_server_emit (server, &makers[0].pressed),
                          DW_OK);
  client = client_for (server, NULL, NULL, 0);
  fail_unless_equals_int (
      dw_onvif_client_connect (client, NULL, &device, &error), DW_OK);
  fail_unless_equals_int (dw_onvif_client_subscribe (client, NULL, &error),
                          DW_OK);
  for (int tries = 0; heard.n == 0 && tries < 5; tries++)
    fail_unless (
        dw_onvif_client_pull (client, 5000, NULL, on_event, &heard, &error)
            == DW_OK,
        "%s", error.text);
  fail_unless (heard.n > 0 && heard.last.is_initial);
  dw_onvif_client_unsubscribe (client, &error);
  dw_onvif_client_free (client);
  dw_onvif_server_free (server);
}
GST_END_TEST

GST_START_TEST (many_rounds_leave_no_subscription)
{
  DwOnvifServerSettings settings;
  DwOnvifServer *server;
  DwOnvifClient *client;
  DwOnvifDevice device;
  DwError error = { 0 };

  wire_settings (&settings, TRUE);
  server = wire_start (&settings);
  client = client_for (server, WIRE_PASSWORD, NULL, 0);
  fail_unless_equals_int (
      dw_onvif_client_connect (client, NULL, &device, &error), DW_OK);
  /* Three times as many as there are at a time. */
  for (int i = 0; i < 48; i++)
    {
      fail_unless (dw_onvif_client_subscribe (client, NULL, &error) == DW_OK,
                   "round %d: %s", i, error.text);
      fail_unless (dw_onvif_client_unsubscribe (client, &error) == DW_OK,
                   "round %d: %s", i, error.text);
    }
  dw_onvif_client_free (client);
  dw_onvif_server_free (server);
}
GST_END_TEST

#define UUID "0b41e7a6-6f0f-5c4e-9d5f-8a5d9a3f1c11"

static void
on_match (const DwOnvifMatch *match, void *user_data)
{
  if (g_str_equal (match->endpoint, "urn:uuid:" UUID))
    *(DwOnvifMatch *)user_data = *match;
}

GST_START_TEST (probe_finds_the_device)
{
  DwOnvifServerSettings settings;
  DwOnvifServer *server;
  DwOnvifMatch found = { 0 };
  const DwOnvifProbe probe = { .interfaces = "lo", .wait_ms = 1000 };
  DwError error = { 0 };
  gchar *xaddr;

  wire_settings (&settings, FALSE);
  settings.is_discoverable = true;
  settings.interfaces = "lo";
  settings.uuid = UUID;
  settings.location = "Gate 7";
  server = wire_start (&settings);
  /* The responder joins the loopback in its own time. */
  for (int tries = 0; found.xaddr[0] == 0 && tries < 5; tries++)
    dw_onvif_probe (&probe, NULL, on_match, &found, &error);
  xaddr = g_strdup_printf ("http://127.0.0.1:%u/onvif/device_service",
                           dw_onvif_server_port (server));
  fail_unless_equals_string (found.xaddr, xaddr);
  fail_unless_equals_string (found.name, "Front door");
  fail_unless_equals_string (found.hardware, "Bell 1");
  fail_unless_equals_string (found.location, "Gate 7");
  g_free (xaddr);
  dw_onvif_server_free (server);
}
GST_END_TEST

static Suite *
server_client_suite (void)
{
  Suite *suite = suite_create ("onvif-server-client");
  TCase *both = tcase_create ("both");

  tcase_add_test (both, client_learns_an_open_device);
  tcase_add_test (both, client_learns_a_device_with_a_password);
  tcase_add_test (both, wrong_password_is_refused_in_words);
  tcase_add_test (both, press_is_heard_in_every_manner);
  tcase_add_test (both, state_at_subscription_never_rings);
  tcase_add_test (both, many_rounds_leave_no_subscription);
  tcase_add_test (both, probe_finds_the_device);
  suite_add_tcase (suite, both);
  return suite;
}

GST_CHECK_MAIN (server_client);
