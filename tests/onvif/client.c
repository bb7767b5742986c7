/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client against devices that stall, lie about their address, or answer
 * something else. */
#include "dwtest.h"

#include "fake-device.h"
#include "onvif.h"

#include <dirent.h>

#define XML_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n"

static DwOnvifClient *
new_client (FakeDevice *device, guint deadline_ms)
{
  DwOnvifSettings settings = { .location = fake_device_location (device),
                               .deadline_ms = deadline_ms };
  DwOnvifClient *client;
  DwError error = { 0 };

  ck_assert_int_eq (dw_onvif_client_new (&settings, &client, &error), DW_OK);
  return client;
}

/* -- Deadlines ----------------------------------------------------------- */

GST_START_TEST (device_that_stalls_ends_at_the_deadline)
{
  static const gchar *const operations[]
      = { "GetSystemDateAndTime", "GetServices", "GetDeviceInformation" };
  FakeDevice device = { .stall_on = operations[__i__] };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };
  gint64 began;

  fake_device_start (&device);
  client = new_client (&device, 300);
  began = g_get_monotonic_time ();
  ck_assert_int_eq (dw_onvif_client_connect (client, NULL, &info, &error),
                    DW_ERROR_TIMEOUT);
  ck_assert_int_ge (g_get_monotonic_time () - began, 290 * 1000);
  ck_assert_int_lt (g_get_monotonic_time () - began, 5 * G_USEC_PER_SEC);
  ck_assert_msg (strstr (error.text, "127.0.0.1 stopped answering"), "%s",
                 error.text);
  dw_onvif_client_free (client);
  fake_device_stop (&device);
}
GST_END_TEST;

static gpointer
raise_soon (gpointer data)
{
  g_usleep (100 * 1000);
  dw_cancel_raise (data);
  return NULL;
}

GST_START_TEST (cancel_ends_a_call_that_waits)
{
  FakeDevice device = { .stall_on = "GetDeviceInformation" };
  DwCancel *cancel = dw_cancel_new ();
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };
  GThread *thread;
  gint64 began;

  fake_device_start (&device);
  client = new_client (&device, 60000);
  thread = g_thread_new ("raise", raise_soon, cancel);
  began = g_get_monotonic_time ();
  ck_assert_int_eq (dw_onvif_client_connect (client, cancel, &info, &error),
                    DW_ERROR_CANCELLED);
  ck_assert_int_lt (g_get_monotonic_time () - began, 10 * G_USEC_PER_SEC);
  g_thread_join (thread);
  dw_cancel_reset (cancel);
  device.stall_on = NULL;
  ck_assert_int_eq (dw_onvif_client_connect (client, cancel, &info, &error),
                    DW_OK);
  dw_onvif_client_free (client);
  dw_cancel_free (cancel);
  fake_device_stop (&device);
}
GST_END_TEST;

GST_START_TEST (closed_port_is_said_at_once)
{
  FakeDevice device = { 0 };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };

  fake_device_start (&device);
  client = new_client (&device, 30000);
  fake_device_stop (&device);
  ck_assert_int_eq (dw_onvif_client_connect (client, NULL, &info, &error),
                    DW_ERROR_UNREACHABLE);
  ck_assert_msg (strstr (error.text, "127.0.0.1 cannot be reached"), "%s",
                 error.text);
  dw_onvif_client_free (client);
}
GST_END_TEST;

/* -- Other answers ------------------------------------------------------- */

static const struct
{
  const gchar *answer;
  DwStatus status;
  const gchar *says;
} strange[] = {
  { XML_HEAD "Content-Length: 27\r\n\r\n<html><body>Hi</body></html",
    DW_ERROR_PROTOCOL, "web page" },
  { "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", DW_ERROR_PROTOCOL,
    "HTTP 404" },
  { "SSH-2.0-OpenSSH_9.2\r\n", DW_ERROR_PROTOCOL, "not HTTP" },
  { "", DW_ERROR_PROTOCOL, "not HTTP" },
  { XML_HEAD "Content-Length: 500\r\n\r\n<short/>", DW_ERROR_PROTOCOL,
    "broke off" },
  { XML_HEAD "Content-Length: 99999999999\r\n\r\n", DW_ERROR_LIMIT,
    "more than can be right" },
  { XML_HEAD "Content-Length: 8\r\n\r\n<broken>", DW_ERROR_PROTOCOL,
    "not ONVIF" },
  { XML_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n", DW_ERROR_PROTOCOL,
    "not HTTP" },
  { XML_HEAD "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", DW_ERROR_LIMIT,
    "more than can be right" },
};

GST_START_TEST (strange_answer_is_an_error_in_words)
{
  FakeDevice device = { .answer_on = "GetDeviceInformation",
                        .answer = strange[__i__].answer };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };

  fake_device_start (&device);
  client = new_client (&device, 5000);
  ck_assert_msg (dw_onvif_client_connect (client, NULL, &info, &error)
                     == strange[__i__].status,
                 "%s", error.text);
  ck_assert_msg (strstr (error.text, strange[__i__].says), "%s", error.text);
  ck_assert_str_eq (info.model, "");
  dw_onvif_client_free (client);
  fake_device_stop (&device);
}
GST_END_TEST;

GST_START_TEST (endless_answer_is_cut_at_the_bound)
{
  GString *answer = g_string_new (XML_HEAD "\r\n<a>");
  FakeDevice device = { .answer_on = "GetDeviceInformation" };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };

  while (answer->len < 3 * 1024 * 1024)
    g_string_append (answer, "<b>endless</b>");
  device.answer = answer->str;
  fake_device_start (&device);
  client = new_client (&device, 20000);
  ck_assert_int_eq (dw_onvif_client_connect (client, NULL, &info, &error),
                    DW_ERROR_LIMIT);
  dw_onvif_client_free (client);
  fake_device_stop (&device);
  g_string_free (answer, TRUE);
}
GST_END_TEST;

static const struct
{
  gboolean is_soap11, is_chunked, has_no_services;
} dialects[] = { { .is_soap11 = TRUE },
                 { .is_chunked = TRUE },
                 { .has_no_services = TRUE },
                 { TRUE, TRUE, TRUE } };

GST_START_TEST (dialects_are_understood)
{
  FakeDevice device = { .is_soap11 = dialects[__i__].is_soap11,
                        .is_chunked = dialects[__i__].is_chunked,
                        .has_no_services = dialects[__i__].has_no_services };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwOnvifProfiles profiles;
  DwError error = { 0 };

  fake_device_start (&device);
  client = new_client (&device, 5000);
  ck_assert_msg (dw_onvif_client_connect (client, NULL, &info, &error) == DW_OK,
                 "%s", error.text);
  ck_assert (info.has_events);
  ck_assert_int_eq (dw_onvif_client_profiles (client, NULL, &profiles, &error),
                    DW_OK);
  ck_assert_str_eq (profiles.profiles[0].token, "p0");
  dw_onvif_client_free (client);
  fake_device_stop (&device);
}
GST_END_TEST;

/* A structure that is read as another would be a way in. */
GST_START_TEST (answer_of_another_type_is_refused)
{
  static const gchar *const bodies[] = {
    "<tds:GetServicesResponse><tds:Service><tds:Namespace>x</tds:Namespace>"
    "</tds:Service></tds:GetServicesResponse>",
    "<tds:GetDeviceInformationResponse xsi:type=\"tt:Profile\">"
    "<tds:Model>x</tds:Model></tds:GetDeviceInformationResponse>",
    "<tds:GetServicesResponse xsi:type=\"tt:ItemList\"/>",
    "<tds:Unknown/>",
    "",
  };
  gchar *xml = g_strdup_printf (
      "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xmlns:tt=\"http://www.onvif.org/ver10/schema\" "
      "xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\"><s:Body>%s"
      "</s:Body></s:Envelope>",
      bodies[__i__]);
  gchar *answer = g_strdup_printf (XML_HEAD "Content-Length: %zu\r\n\r\n%s",
                                   strlen (xml), xml);
  FakeDevice device = { .answer_on = "GetDeviceInformation", .answer = answer };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };

  fake_device_start (&device);
  client = new_client (&device, 5000);
  ck_assert_msg (dw_onvif_client_connect (client, NULL, &info, &error)
                     == DW_ERROR_PROTOCOL,
                 "%s", error.text);
  ck_assert_str_eq (info.model, "");
  dw_onvif_client_free (client);
  fake_device_stop (&device);
  g_free (answer);
  g_free (xml);
}
GST_END_TEST;

/* -- Addresses ----------------------------------------------------------- */

GST_START_TEST (services_are_called_on_the_host_that_was_named)
{
  static const struct
  {
    const gchar *host;
    guint16 port;
  } lies[] = { { "192.0.2.1", 0 },
               { "0.0.0.0", 0 },
               { "169.254.1.1", 0 },
               { "evil.example", 0 },
               { "127.0.0.1", 1 } };
  FakeDevice device
      = { .xaddr_host = lies[__i__].host, .xaddr_port = lies[__i__].port };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwOnvifProfiles profiles;
  DwError error = { 0 };

  fake_device_start (&device);
  client = new_client (&device, 5000);
  ck_assert_int_eq (dw_onvif_client_connect (client, NULL, &info, &error),
                    DW_OK);
  ck_assert_msg (dw_onvif_client_profiles (client, NULL, &profiles, &error)
                     == DW_OK,
                 "%s", error.text);
  dw_onvif_client_free (client);
  fake_device_stop (&device);
}
GST_END_TEST;

static const struct
{
  const gchar *advertised, *expected; /* NULL: an error */
} uris[] = {
  { "rtsp://0.0.0.0:554/main", "rtsp://127.0.0.1:554/main" },
  { "rtsp://169.254.3.4/main?x=1&y=2", "rtsp://127.0.0.1/main?x=1&y=2" },
  { "rtsp://:554/main", "rtsp://127.0.0.1:554/main" },
  { "rtsp://user:pass@0.0.0.0/main", "rtsp://127.0.0.1/main" },
  { "rtsp://[::]:8554/main", "rtsp://127.0.0.1:8554/main" },
  { "rtsp://0.0.0.0:8106:8106/main", "rtsp://127.0.0.1:8106/main" },
  { "  rtsp://0.0.0.0/main\n ", "rtsp://127.0.0.1/main" },
  /* Nobody listens there: behind a router, the host that does answer. */
  { "rtsp://127.0.0.2:1/main", "rtsp://127.0.0.1:1/main" },
  { "not an address", NULL },
  { "", NULL },
  { "rtsp://0.0.0.0/a b", NULL },
};

GST_START_TEST (stream_uri_is_usable_from_here)
{
  FakeDevice device = { .stream_uri = uris[__i__].advertised };
  gchar out[DW_ONVIF_URI];
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwError error = { 0 };
  DwStatus status;

  fake_device_start (&device);
  client = new_client (&device, 5000);
  ck_assert_int_eq (dw_onvif_client_connect (client, NULL, &info, &error),
                    DW_OK);
  status = dw_onvif_client_stream_uri (client, "p0", NULL, out, &error);
  if (uris[__i__].expected)
    ck_assert_str_eq (out, uris[__i__].expected);
  ck_assert_int_eq (status, uris[__i__].expected ? DW_OK : DW_ERROR_PROTOCOL);
  dw_onvif_client_free (client);
  fake_device_stop (&device);
}
GST_END_TEST;

GST_START_TEST (bad_locations_are_refused)
{
  static const gchar *const locations[]
      = { NULL,          "",           "onvif://",      "ftp://host",
          "host:0",      "host:99999", "host:12x",      "ho st",
          "http://[::1", "host:1:2",   "onvif://a\nb/x" };
  DwOnvifSettings settings = { .location = locations[__i__] };
  DwOnvifClient *client;
  DwError error = { 0 };

  ck_assert_int_eq (dw_onvif_client_new (&settings, &client, &error),
                    DW_ERROR_INVALID);
  ck_assert (client == NULL);
  ck_assert_str_ne (error.text, "");
}
GST_END_TEST;

/* -- Profiles ------------------------------------------------------------ */

GST_START_TEST (profiles_are_chosen_by_size_token_and_name)
{
  static const DwOnvifProfiles profiles
      = { .n_profiles = 4,
          .profiles = { { .token = "a",
                          .name = "b",
                          .codec = "H264",
                          .width = 1280,
                          .height = 720 },
                        { .token = "b",
                          .name = "x",
                          .codec = "H265",
                          .width = 2560,
                          .height = 1440 },
                        { .token = "c",
                          .name = "y",
                          .codec = "JPEG",
                          .width = 640,
                          .height = 360 },
                        { .token = "d",
                          .name = "z",
                          .codec = "MPEG4",
                          .width = 4096,
                          .height = 2160 } } };
  static const DwOnvifProfiles none = { .n_profiles = 0 };

  ck_assert_str_eq (dw_onvif_profile_choose (&profiles, NULL)->token, "b");
  ck_assert_str_eq (dw_onvif_profile_choose (&profiles, "")->token, "b");
  ck_assert_str_eq (dw_onvif_profile_choose (&profiles, "main")->token, "b");
  ck_assert_str_eq (dw_onvif_profile_choose (&profiles, "sub")->token, "c");
  ck_assert_str_eq (dw_onvif_profile_choose (&profiles, "b")->token, "b");
  ck_assert_str_eq (dw_onvif_profile_choose (&profiles, "z")->token, "d");
  ck_assert (dw_onvif_profile_choose (&profiles, "q") == NULL);
  ck_assert (dw_onvif_profile_choose (&none, NULL) == NULL);
}
GST_END_TEST;

/* -- Resources ----------------------------------------------------------- */

static int
count_descriptors (void)
{
  DIR *folder = opendir ("/proc/self/fd");
  int n = 0;

  while (readdir (folder))
    n++;
  closedir (folder);
  return n;
}

GST_START_TEST (thousand_calls_keep_no_descriptor)
{
  FakeDevice device
      = { .sign_in = FAKE_DIGEST, .user = "owner", .password = "secret" };
  DwOnvifSettings settings = { .user = "owner", .password = "secret" };
  DwOnvifClient *client;
  DwOnvifDevice info;
  DwOnvifProfiles profiles;
  DwError error = { 0 };
  int before;

  fake_device_start (&device);
  settings.location = fake_device_location (&device);
  before = count_descriptors ();
  ck_assert_int_eq (dw_onvif_client_new (&settings, &client, &error), DW_OK);
  ck_assert_int_eq (dw_onvif_client_connect (client, NULL, &info, &error),
                    DW_OK);
  for (int i = 0; i < 1000; i++)
    ck_assert_msg (dw_onvif_client_profiles (client, NULL, &profiles, &error)
                       == DW_OK,
                   "%s", error.text);
  dw_onvif_client_free (client);
  fake_device_stop (&device);
  /* The listening socket is gone too. */
  ck_assert_int_eq (count_descriptors (), before - 1);
}
GST_END_TEST;

static Suite *
client_suite (void)
{
  Suite *suite = suite_create ("client");
  TCase *cases = tcase_create ("client");

  suite_add_tcase (suite, cases);
  tcase_add_loop_test (cases, device_that_stalls_ends_at_the_deadline, 0, 3);
  tcase_add_test (cases, cancel_ends_a_call_that_waits);
  tcase_add_test (cases, closed_port_is_said_at_once);
  tcase_add_loop_test (cases, strange_answer_is_an_error_in_words, 0,
                       G_N_ELEMENTS (strange));
  tcase_add_loop_test (cases, answer_of_another_type_is_refused, 0, 5);
  tcase_add_test (cases, endless_answer_is_cut_at_the_bound);
  tcase_add_loop_test (cases, dialects_are_understood, 0,
                       G_N_ELEMENTS (dialects));
  tcase_add_loop_test (cases, services_are_called_on_the_host_that_was_named, 0,
                       5);
  tcase_add_loop_test (cases, stream_uri_is_usable_from_here, 0,
                       G_N_ELEMENTS (uris));
  tcase_add_loop_test (cases, bad_locations_are_refused, 0, 11);
  tcase_add_test (cases, profiles_are_chosen_by_size_token_and_name);
  tcase_add_test (cases, thousand_calls_keep_no_descriptor);
  return suite;
}

GST_CHECK_MAIN (client)
