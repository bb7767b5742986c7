/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client against the project's own server, on loopback. */
#include "dwtest.h"

#include "onvif.h"

#define VISITOR "tns1:RuleEngine/MyRuleDetector/Visitor"

static const DwOnvifUser user = { .user = "owner", .password = "se:cr\"et" };
static const DwOnvifServerProfile profiles[] = {
  { .profile = { .token = "main",
                 .name = "Main",
                 .codec = "H264",
                 .width = 1280,
                 .height = 720,
                 .rate = 25,
                 .audio_codec = "AAC" },
    .stream_uri = "rtsp://127.0.0.1:8554/main?a=1&b=2",
    .snapshot_uri = "/snapshot.jpg?profile=main" },
  { .profile = { .token = "sub",
                 .name = "Sub",
                 .codec = "JPEG",
                 .width = 320,
                 .height = 180,
                 .rate = 12 },
    .stream_uri = "rtsp://127.0.0.1:8554/sub" },
};

static DwOnvifServer *server;
static DwOnvifClient *client;

static void
setup (void)
{
  const DwOnvifServerSettings settings = { .bind_address = "127.0.0.1",
                                           .manufacturer = "Doorward",
                                           .model = "Porch & Co",
                                           .firmware = "2.1",
                                           .serial = "4711",
                                           .mac = "02:00:00:00:00:01",
                                           .n_users = 1,
                                           .users = &user,
                                           .n_profiles = 2,
                                           .profiles = profiles };
  DwOnvifSettings who = { .user = user.user, .password = user.password };
  DwError error = { 0 };
  gchar *location;

  ck_assert_msg (dw_onvif_server_new (&settings, &server, &error) == DW_OK,
                 "%s", error.text);
  location
      = g_strdup_printf ("onvif://127.0.0.1:%u", dw_onvif_server_port (server));
  who.location = location;
  ck_assert_int_eq (dw_onvif_client_new (&who, &client, &error), DW_OK);
  g_free (location);
}

static void
teardown (void)
{
  dw_onvif_client_free (client);
  dw_onvif_server_free (server);
}

static void
connect_it (DwOnvifDevice *device)
{
  DwError error = { 0 };

  ck_assert_msg (dw_onvif_client_connect (client, NULL, device, &error)
                     == DW_OK,
                 "%s", error.text);
}

GST_START_TEST (client_learns_what_the_server_is)
{
  DwOnvifDevice device;
  DwOnvifProfiles found;
  DwError error = { 0 };
  gchar uri[DW_ONVIF_URI];

  connect_it (&device);
  ck_assert_str_eq (device.manufacturer, "Doorward");
  ck_assert_str_eq (device.model, "Porch & Co");
  ck_assert_str_eq (device.firmware, "2.1");
  ck_assert_str_eq (device.serial, "4711");
  ck_assert (device.has_events);
  ck_assert_int_lt (ABS (device.clock_offset_ns),
                    2 * G_GINT64_CONSTANT (1000000000));

  ck_assert_int_eq (dw_onvif_client_profiles (client, NULL, &found, &error),
                    DW_OK);
  ck_assert_uint_eq (found.n_profiles, 2);
  for (guint i = 0; i < 2; i++)
    {
      const DwOnvifProfile *expected = &profiles[i].profile;

      ck_assert_str_eq (found.profiles[i].token, expected->token);
      ck_assert_str_eq (found.profiles[i].name, expected->name);
      ck_assert_str_eq (found.profiles[i].codec, expected->codec);
      ck_assert_str_eq (found.profiles[i].audio_codec, expected->audio_codec);
      ck_assert_int_eq (found.profiles[i].width, expected->width);
      ck_assert_int_eq (found.profiles[i].height, expected->height);
      ck_assert_int_eq ((int)found.profiles[i].rate, (int)expected->rate);
    }
  ck_assert_int_eq (
      dw_onvif_client_stream_uri (client, "main", NULL, uri, &error), DW_OK);
  ck_assert_str_eq (uri, profiles[0].stream_uri);
  ck_assert_int_eq (
      dw_onvif_client_snapshot_uri (client, "main", NULL, uri, &error), DW_OK);
  ck_assert_msg (g_str_has_suffix (uri, "/snapshot.jpg?profile=main")
                     && g_str_has_prefix (uri, "http://127.0.0.1:"),
                 "%s", uri);
  ck_assert_int_ne (
      dw_onvif_client_stream_uri (client, "nosuch", NULL, uri, &error), DW_OK);
  fail_unless (strstr (error.text, "127.0.0.1 answered:"), "%s", error.text);
}
GST_END_TEST;

/* -- Events -------------------------------------------------------------- */

typedef struct
{
  guint n_presses, n_initial;
  gint64 heard_us;
} Heard;

static void
hear (const DwOnvifEvent *event, void *user_data)
{
  Heard *heard = user_data;

  heard->heard_us = g_get_monotonic_time ();
  heard->n_initial += event->is_initial;
  heard->n_presses += event->kind == DW_EVENT_PRESS && event->is_active
                      && !event->is_initial;
}

static void
press (gboolean is_active)
{
  const DwOnvifServerEvent event = { .topic = VISITOR,
                                     .source_name = "Source",
                                     .source_value = "000",
                                     .data_name = "State",
                                     .data_value = is_active ? "true" : "false",
                                     .is_property = true };

  ck_assert_int_eq (dw_onvif_server_emit (server, &event), DW_OK);
}

static gpointer
press_soon (gpointer data)
{
  gint64 *pressed_us = data;

  g_usleep (100 * 1000);
  *pressed_us = g_get_monotonic_time ();
  press (TRUE);
  return NULL;
}

GST_START_TEST (press_reaches_a_waiting_client_at_once)
{
  DwOnvifDevice device;
  DwError error = { 0 };
  Heard heard = { 0 };
  gint64 pressed_us = 0;
  GThread *thread;

  press (FALSE);
  connect_it (&device);
  ck_assert_msg (dw_onvif_client_subscribe (client, NULL, &error) == DW_OK,
                 "%s", error.text);
  thread = g_thread_new ("press", press_soon, &pressed_us);
  for (guint i = 0; i < 20 && heard.n_presses == 0; i++)
    ck_assert_msg (
        dw_onvif_client_pull (client, 2000, NULL, hear, &heard, &error)
            == DW_OK,
        "%s", error.text);
  g_thread_join (thread);
  ck_assert_uint_eq (heard.n_presses, 1);
  ck_assert_uint_ge (heard.n_initial, 1);
  /* Generous: the machine may be busy. */
  ck_assert_int_lt (heard.heard_us - pressed_us, 2 * G_USEC_PER_SEC);
  ck_assert_int_eq (dw_onvif_client_unsubscribe (client, &error), DW_OK);
}
GST_END_TEST;

GST_START_TEST (press_before_the_subscription_never_rings)
{
  DwOnvifDevice device;
  DwError error = { 0 };
  Heard heard = { 0 };

  press (TRUE);
  connect_it (&device);
  ck_assert_int_eq (dw_onvif_client_subscribe (client, NULL, &error), DW_OK);
  for (guint i = 0; i < 3; i++)
    ck_assert_int_eq (
        dw_onvif_client_pull (client, 300, NULL, hear, &heard, &error), DW_OK);
  ck_assert_uint_eq (heard.n_presses, 0);
  ck_assert_uint_ge (heard.n_initial, 1);
  ck_assert_int_eq (dw_onvif_client_unsubscribe (client, &error), DW_OK);
}
GST_END_TEST;

GST_START_TEST (hundred_subscriptions_leave_no_slot_taken)
{
  DwOnvifDevice device;
  DwError error = { 0 };
  Heard heard = { 0 };

  connect_it (&device);
  for (guint i = 0; i < 100; i++)
    {
      ck_assert_msg (dw_onvif_client_subscribe (client, NULL, &error) == DW_OK,
                     "%u: %s", i, error.text);
      press (i % 2 == 0);
      ck_assert_int_eq (
          dw_onvif_client_pull (client, 1000, NULL, hear, &heard, &error),
          DW_OK);
      ck_assert_int_eq (dw_onvif_client_unsubscribe (client, &error), DW_OK);
    }
}
GST_END_TEST;

GST_START_TEST (wrong_password_is_refused_in_words)
{
  DwOnvifSettings settings = { .user = "owner", .password = "wrong" };
  gchar *location
      = g_strdup_printf ("127.0.0.1:%u", dw_onvif_server_port (server));
  DwOnvifClient *stranger;
  DwOnvifDevice device;
  DwError error = { 0 };

  settings.location = location;
  ck_assert_int_eq (dw_onvif_client_new (&settings, &stranger, &error), DW_OK);
  ck_assert_int_eq (dw_onvif_client_connect (stranger, NULL, &device, &error),
                    DW_ERROR_REFUSED);
  fail_unless (strstr (error.text, "127.0.0.1 refused the password"), "%s",
               error.text);
  dw_onvif_client_free (stranger);
  g_free (location);
}
GST_END_TEST;

static Suite *
pair_suite (void)
{
  Suite *suite = suite_create ("pair");
  TCase *cases = tcase_create ("pair");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, setup, teardown);
  tcase_add_test (cases, client_learns_what_the_server_is);
  tcase_add_test (cases, press_reaches_a_waiting_client_at_once);
  tcase_add_test (cases, press_before_the_subscription_never_rings);
  tcase_add_test (cases, hundred_subscriptions_leave_no_slot_taken);
  tcase_add_test (cases, wrong_password_is_refused_in_words);
  return suite;
}

GST_CHECK_MAIN (pair)
