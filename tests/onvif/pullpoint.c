/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pull point against what devices make of it. */
#include "dwtest.h"

#include "fake-device.h"
#include "onvif.h"

#define VISITOR "tns1:RuleEngine/MyRuleDetector/Visitor"

typedef struct
{
  guint n_events;
  DwOnvifEvent events[8];
} Heard;

static void
hear (const DwOnvifEvent *event, void *user_data)
{
  Heard *heard = user_data;

  ck_assert_uint_lt (heard->n_events, G_N_ELEMENTS (heard->events));
  heard->events[heard->n_events++] = *event;
}

static DwOnvifClient *
subscribed (FakeDevice *device)
{
  DwOnvifSettings settings = { .location = fake_device_location (device),
                               .user = "owner",
                               .password = "secret",
                               .deadline_ms = 10000 };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };

  ck_assert_int_eq (dw_onvif_client_new (&settings, &client, &error), DW_OK);
  ck_assert_msg (dw_onvif_client_connect (client, NULL, &info, &error) == DW_OK,
                 "%s", error.text);
  ck_assert_msg (dw_onvif_client_subscribe (client, NULL, &error) == DW_OK,
                 "%s", error.text);
  return client;
}

static void
finish (DwOnvifClient *client, FakeDevice *device)
{
  DwError error = { 0 };

  ck_assert_int_eq (dw_onvif_client_unsubscribe (client, &error), DW_OK);
  ck_assert_int_gt (device->n_unsubscribed, 0);
  ck_assert_int_eq (device->n_both, 0);
  dw_onvif_client_free (client);
  fake_device_stop (device);
}

static void
pull_press (FakeDevice *device, DwOnvifClient *client, Heard *heard)
{
  gchar *press = fake_notification (VISITOR, "Changed", "State", "true");
  DwError error = { 0 };

  memset (heard, 0, sizeof *heard);
  fake_device_notify (device, press);
  g_free (press);
  ck_assert_msg (dw_onvif_client_pull (client, 5000, NULL, hear, heard, &error)
                     == DW_OK,
                 "%s", error.text);
  ck_assert_uint_eq (heard->n_events, 1);
  ck_assert_int_eq (heard->events[0].kind, DW_EVENT_PRESS);
  ck_assert (heard->events[0].is_active);
}

GST_START_TEST (press_is_heard_with_the_time_of_its_arrival)
{
  FakeDevice device = { 0 };
  gint64 now = g_get_real_time () * 1000;
  DwOnvifClient *client;
  Heard heard;

  fake_device_start (&device);
  client = subscribed (&device);
  pull_press (&device, client, &heard);
  ck_assert_str_eq (heard.events[0].topic, VISITOR);
  ck_assert_str_eq (heard.events[0].source, "000");
  ck_assert_str_eq (heard.events[0].value, "true");
  /* The device wrote 2026-13-45T00:61:16Z. */
  ck_assert_int_ge (heard.events[0].time_ns, now);
  ck_assert_int_lt (heard.events[0].time_ns - now,
                    G_GINT64_CONSTANT (60000000000));
  finish (client, &device);
}
GST_END_TEST;

static const struct
{
  FakeSignIn sign_in;
  gboolean wants_absolute, wants_no_time, cannot_renew, is_soap11;
  const gchar *subscription, *prefix_of_wsa;
} devices[] = {
  { .sign_in = FAKE_DIGEST },
  { .sign_in = FAKE_TOKEN },
  { .wants_absolute = TRUE },
  { .wants_no_time = TRUE },
  { .subscription = "" },
  { .subscription = "http:///onvif/pull" },
  { .subscription = "http://0.0.0.0:1/onvif/pull" },
  { .subscription = "http://192.0.2.9:8106:8106/onvif/pull" },
  { .prefix_of_wsa = "wsa" },
  { .prefix_of_wsa = "zz9" },
  { .is_soap11 = TRUE },
};

GST_START_TEST (press_is_heard_from_every_kind_of_device)
{
  FakeDevice device = { .user = "owner",
                        .password = "secret",
                        .sign_in = devices[__i__].sign_in,
                        .wants_absolute = devices[__i__].wants_absolute,
                        .wants_no_time = devices[__i__].wants_no_time,
                        .is_soap11 = devices[__i__].is_soap11,
                        .subscription = devices[__i__].subscription,
                        .prefix_of_wsa = devices[__i__].prefix_of_wsa };
  DwOnvifClient *client;
  Heard heard;

  fake_device_start (&device);
  client = subscribed (&device);
  pull_press (&device, client, &heard);
  finish (client, &device);
}
GST_END_TEST;

GST_START_TEST (every_pull_says_where_it_goes_and_what_it_is)
{
  FakeDevice device = { .has_references = TRUE };
  DwOnvifClient *client;
  Heard heard;

  fake_device_start (&device);
  client = subscribed (&device);
  pull_press (&device, client, &heard);
  fail_unless (strstr (device.last_pull, "Action>http://www.onvif.org/"
                                         "ver10/events/wsdl/"
                                         "PullPointSubscription/"
                                         "PullMessagesRequest<"));
  fail_unless (strstr (device.last_pull, "/onvif/pull</"));
  fail_unless (strstr (device.last_pull, "MessageID>urn:uuid:"));
  /* The reference parameter, with its namespace, its text and the mark. */
  ck_assert_msg (g_regex_match_simple (
                     "<x:SubscriptionId[^>]*xmlns:x=\"http://www.axis.com/2009/"
                     "event\"[^>]*>42</x:SubscriptionId>",
                     device.last_pull, 0, 0),
                 "%s", device.last_pull);
  ck_assert_msg (g_regex_match_simple ("<x:SubscriptionId[^>]*wsa5:"
                                       "IsReferenceParameter=\"true\"",
                                       device.last_pull, 0, 0),
                 "%s", device.last_pull);
  finish (client, &device);
}
GST_END_TEST;

GST_START_TEST (initial_state_never_rings)
{
  FakeDevice device = { 0 };
  gchar *state = fake_notification (VISITOR, "Initialized", "State", "true");
  DwOnvifClient *client;
  Heard heard = { 0 };
  DwError error = { 0 };

  fake_device_start (&device);
  client = subscribed (&device);
  fake_device_notify (&device, state);
  ck_assert_int_eq (
      dw_onvif_client_pull (client, 5000, NULL, hear, &heard, &error), DW_OK);
  ck_assert_uint_eq (heard.n_events, 1);
  ck_assert (heard.events[0].is_initial);
  ck_assert (!heard.events[0].is_active);
  g_free (state);
  finish (client, &device);
}
GST_END_TEST;

GST_START_TEST (lost_subscription_is_made_anew)
{
  FakeDevice device = { 0 };
  DwOnvifClient *client;
  Heard heard;

  fake_device_start (&device);
  client = subscribed (&device);
  device.forgets = TRUE;
  pull_press (&device, client, &heard);
  ck_assert_int_eq (device.n_created, 2);
  finish (client, &device);
}
GST_END_TEST;

/* Half of the shortest lifetime that is believed is 5 s. */
GST_START_TEST (subscription_is_renewed_or_made_anew_when_due)
{
  FakeDevice device = { .lifetime_s = 10, .cannot_renew = __i__ == 1 };
  DwOnvifClient *client;
  Heard heard = { 0 };
  DwError error = { 0 };
  gint64 until = g_get_monotonic_time () + 5500 * 1000;

  fake_device_start (&device);
  client = subscribed (&device);
  while (g_get_monotonic_time () < until)
    ck_assert_msg (
        dw_onvif_client_pull (client, 1000, NULL, hear, &heard, &error)
            == DW_OK,
        "%s", error.text);
  pull_press (&device, client, &heard);
  ck_assert_int_ge (device.n_renewed, 1);
  ck_assert_int_eq (device.n_created, __i__ == 1 ? 2 : 1);
  finish (client, &device);
}
GST_END_TEST;

GST_START_TEST (device_that_never_waits_is_not_flooded)
{
  FakeDevice device = { .answers_at_once = TRUE };
  DwOnvifClient *client;
  Heard heard = { 0 };
  DwError error = { 0 };
  gint64 began;

  fake_device_start (&device);
  client = subscribed (&device);
  began = g_get_monotonic_time ();
  while (g_get_monotonic_time () - began < 3 * G_USEC_PER_SEC)
    ck_assert_int_eq (
        dw_onvif_client_pull (client, 10000, NULL, hear, &heard, &error),
        DW_OK);
  /* 0, 100, 200, 400, 800, 1000, 1000 ms */
  ck_assert_int_le (device.n_pulled, 8);
  ck_assert_int_ge (device.n_pulled, 3);
  finish (client, &device);
}
GST_END_TEST;

static gpointer
raise_soon (gpointer data)
{
  g_usleep (200 * 1000);
  dw_cancel_raise (data);
  return NULL;
}

GST_START_TEST (cancelled_pull_still_gives_its_slot_back)
{
  FakeDevice device = { 0 };
  DwCancel *cancel = dw_cancel_new ();
  DwOnvifClient *client;
  Heard heard = { 0 };
  DwError error = { 0 };
  GThread *thread;
  gint64 began;

  fake_device_start (&device);
  client = subscribed (&device);
  thread = g_thread_new ("raise", raise_soon, cancel);
  began = g_get_monotonic_time ();
  ck_assert_int_eq (
      dw_onvif_client_pull (client, 20000, cancel, hear, &heard, &error),
      DW_ERROR_CANCELLED);
  ck_assert_int_lt (g_get_monotonic_time () - began, 10 * G_USEC_PER_SEC);
  g_thread_join (thread);
  finish (client, &device);
  dw_cancel_free (cancel);
}
GST_END_TEST;

GST_START_TEST (pull_without_subscription_is_refused)
{
  DwOnvifSettings settings = { .location = "127.0.0.1:1" };
  DwOnvifClient *client;
  DwError error = { 0 };

  ck_assert_int_eq (dw_onvif_client_new (&settings, &client, &error), DW_OK);
  ck_assert_int_eq (dw_onvif_client_pull (client, 10, NULL, hear, NULL, &error),
                    DW_ERROR_INVALID);
  ck_assert_int_eq (dw_onvif_client_subscribe (client, NULL, &error),
                    DW_ERROR_UNSUPPORTED);
  ck_assert_int_eq (dw_onvif_client_unsubscribe (client, &error), DW_OK);
  dw_onvif_client_free (client);
}
GST_END_TEST;

static Suite *
pullpoint_suite (void)
{
  Suite *suite = suite_create ("pullpoint");
  TCase *cases = tcase_create ("pullpoint");

  suite_add_tcase (suite, cases);
  tcase_add_test (cases, press_is_heard_with_the_time_of_its_arrival);
  tcase_add_loop_test (cases, press_is_heard_from_every_kind_of_device, 0,
                       G_N_ELEMENTS (devices));
  tcase_add_test (cases, every_pull_says_where_it_goes_and_what_it_is);
  tcase_add_test (cases, initial_state_never_rings);
  tcase_add_test (cases, lost_subscription_is_made_anew);
  tcase_add_loop_test (cases, subscription_is_renewed_or_made_anew_when_due, 0,
                       2);
  tcase_add_test (cases, device_that_never_waits_is_not_flooded);
  tcase_add_test (cases, cancelled_pull_still_gives_its_slot_back);
  tcase_add_test (cases, pull_without_subscription_is_refused);
  return suite;
}

GST_CHECK_MAIN (pullpoint)
