/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a client shows who it is, to devices that ask in every way. */
#include "dwtest.h"

#include "fake-device.h"
#include "onvif.h"

#include <math.h>

static DwStatus
connect_as (FakeDevice *device, const gchar *user, const gchar *password,
            DwOnvifClient **client, DwOnvifDevice *info, DwError *error)
{
  DwOnvifSettings settings = { .location = fake_device_location (device),
                               .user = user,
                               .password = password };

  ck_assert_int_eq (dw_onvif_client_new (&settings, client, error), DW_OK);
  return dw_onvif_client_connect (*client, NULL, info, error);
}

GST_START_TEST (password_is_shown_only_after_the_device_asks)
{
  FakeDevice device = { .sign_in = FAKE_OPEN };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };

  fake_device_start (&device);
  ck_assert_int_eq (
      connect_as (&device, "owner", "secret", &client, &info, &error), DW_OK);
  ck_assert_str_eq (info.model, "Porch");
  ck_assert_int_eq (device.n_signed, 0);
  dw_onvif_client_free (client);
  fake_device_stop (&device);
}
GST_END_TEST;

/* Each way of asking; loop test over the table. */
static const struct
{
  FakeSignIn sign_in;
  const gchar *algorithm;
  gboolean is_closed_for_date;
  gint nonce_uses;
  gboolean hides_stale;
  gint clock_ahead_s;
} ways[] = {
  { .sign_in = FAKE_DIGEST },
  { .sign_in = FAKE_DIGEST, .algorithm = "MD5" },
  { .sign_in = FAKE_DIGEST, .algorithm = "SHA-256" },
  { .sign_in = FAKE_DIGEST, .is_closed_for_date = TRUE },
  { .sign_in = FAKE_DIGEST, .nonce_uses = 2 },
  { .sign_in = FAKE_DIGEST, .nonce_uses = 2, .hides_stale = TRUE },
  { .sign_in = FAKE_DIGEST, .clock_ahead_s = -7200 },
  { .sign_in = FAKE_TOKEN },
  { .sign_in = FAKE_TOKEN, .clock_ahead_s = 3600 },
  { .sign_in = FAKE_TOKEN, .clock_ahead_s = -86400 * 400 },
  { .sign_in = FAKE_TOKEN, .is_closed_for_date = TRUE },
  { .sign_in = FAKE_TOKEN_BY_401, .clock_ahead_s = 30 },
};

GST_START_TEST (right_password_is_taken_in_every_way_of_asking)
{
  FakeDevice device = { .sign_in = ways[__i__].sign_in,
                        .user = "owner",
                        .password = "s\"e<c>ret",
                        .algorithm = ways[__i__].algorithm,
                        .is_closed_for_date = ways[__i__].is_closed_for_date,
                        .nonce_uses = ways[__i__].nonce_uses,
                        .hides_stale = ways[__i__].hides_stale,
                        .clock_ahead_s = ways[__i__].clock_ahead_s };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwOnvifProfiles profiles;
  DwError error = { 0 };
  double offset_s;

  fake_device_start (&device);
  ck_assert_msg (
      connect_as (&device, "owner", "s\"e<c>ret", &client, &info, &error)
          == DW_OK,
      "%s", error.text);
  ck_assert_str_eq (info.serial, "4711");
  offset_s = (double)info.clock_offset_ns / 1e9;
  ck_assert_msg (fabs (offset_s - ways[__i__].clock_ahead_s) < 3, "%g",
                 offset_s);
  for (int i = 0; i < 5; i++)
    ck_assert_msg (dw_onvif_client_profiles (client, NULL, &profiles, &error)
                       == DW_OK,
                   "%s", error.text);
  ck_assert_int_eq (device.n_refused, 0);
  ck_assert_int_gt (device.n_signed, 0);
  ck_assert_int_eq (device.n_both, 0);
  dw_onvif_client_free (client);
  fake_device_stop (&device);
}
GST_END_TEST;

GST_START_TEST (wrong_password_is_tried_once_and_said_clearly)
{
  FakeDevice device = { .sign_in = __i__ == 0   ? FAKE_DIGEST
                                   : __i__ == 1 ? FAKE_TOKEN
                                                : FAKE_TOKEN_BY_401,
                        .user = "owner",
                        .password = "secret" };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwOnvifProfiles profiles;
  DwError error = { 0 };
  gint n_requests;

  fake_device_start (&device);
  ck_assert_int_eq (
      connect_as (&device, "owner", "hunter2", &client, &info, &error),
      DW_ERROR_REFUSED);
  ck_assert_int_eq (device.n_refused, 1);
  ck_assert_msg (strstr (error.text, "127.0.0.1 refused the password"), "%s",
                 error.text);
  ck_assert (strstr (error.text, "hunter2") == NULL);
  ck_assert_str_eq (info.model, "");

  n_requests = device.n_requests;
  ck_assert_int_eq (dw_onvif_client_connect (client, NULL, &info, &error),
                    DW_ERROR_REFUSED);
  ck_assert_int_eq (dw_onvif_client_profiles (client, NULL, &profiles, &error),
                    DW_ERROR_REFUSED);
  ck_assert_int_eq (device.n_requests, n_requests);
  dw_onvif_client_free (client);
  fake_device_stop (&device);
}
GST_END_TEST;

GST_START_TEST (missing_password_is_asked_for)
{
  FakeDevice device = { .sign_in = __i__ == 0 ? FAKE_DIGEST : FAKE_TOKEN,
                        .user = "owner",
                        .password = "secret" };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };

  fake_device_start (&device);
  ck_assert_int_eq (connect_as (&device, NULL, NULL, &client, &info, &error),
                    DW_ERROR_REFUSED);
  ck_assert_msg (strstr (error.text, "asks for a user"), "%s", error.text);
  ck_assert_int_eq (device.n_signed, 0);
  dw_onvif_client_free (client);
  fake_device_stop (&device);
}
GST_END_TEST;

GST_START_TEST (password_in_the_location_is_decoded_and_used)
{
  FakeDevice device
      = { .sign_in = FAKE_DIGEST, .user = "owner", .password = "a@b/c" };
  gchar *location;
  DwOnvifSettings settings = { 0 };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };

  fake_device_start (&device);
  location
      = g_strdup_printf ("onvif://owner:a%%40b%%2Fc@127.0.0.1:%u", device.port);
  settings.location = location;
  ck_assert_int_eq (dw_onvif_client_new (&settings, &client, &error), DW_OK);
  ck_assert_msg (dw_onvif_client_connect (client, NULL, &info, &error) == DW_OK,
                 "%s", error.text);
  dw_onvif_client_free (client);
  fake_device_stop (&device);
  g_free (location);
}
GST_END_TEST;

static Suite *
signin_suite (void)
{
  Suite *suite = suite_create ("signin");
  TCase *cases = tcase_create ("signin");

  suite_add_tcase (suite, cases);
  tcase_add_test (cases, password_is_shown_only_after_the_device_asks);
  tcase_add_loop_test (cases, right_password_is_taken_in_every_way_of_asking, 0,
                       G_N_ELEMENTS (ways));
  tcase_add_loop_test (cases, wrong_password_is_tried_once_and_said_clearly, 0,
                       3);
  tcase_add_loop_test (cases, missing_password_is_asked_for, 0, 2);
  tcase_add_test (cases, password_in_the_location_is_decoded_and_used);
  return suite;
}

GST_CHECK_MAIN (signin)
