/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every operation of the device and media services over a raw connection, and
 * the plain HTTP beside them. */
#include "wire.h"

#include <string.h>
#include <unistd.h>

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

static void
teardown (void)
{
  dw_onvif_server_free (server);
  server = NULL;
}

/* Asks and expects a 200 that holds each of the texts (NULL ends them). */
static void
expect (const gchar *path, const gchar *body, ...)
{
  gchar *answer = wire_call (port, path, body);
  va_list texts;
  const gchar *text;

  fail_unless (wire_status (answer) == 200, "%s: %s", body, answer);
  va_start (texts, body);
  while ((text = va_arg (texts, const gchar *)))
    fail_unless (strstr (answer, text) != NULL,
                 "no '%s' in the answer to %s: %s", text, body, answer);
  va_end (texts);
  g_free (answer);
}

static void
expect_fault (const gchar *path, const gchar *body, const gchar *subcode)
{
  gchar *answer = wire_call (port, path, body);

  fail_unless (wire_status (answer) >= 400, "%s: %s", body, answer);
  fail_unless (strstr (answer, "s:Fault") && strstr (answer, subcode),
               "no %s in %s", subcode, answer);
  g_free (answer);
}

GST_START_TEST (device_tells_time_and_identity)
{
  GDateTime *now = g_date_time_new_now_utc ();
  gchar *year
      = g_strdup_printf ("<tt:Year>%d</tt:Year>", g_date_time_get_year (now));

  expect ("/onvif/device_service", "<tds:GetSystemDateAndTime/>", year,
          "<tt:UTCDateTime>", "<tt:Hour>", NULL);
  expect ("/onvif/device_service", "<tds:GetDeviceInformation/>",
          "<tds:Manufacturer>Acme &lt;&amp;&gt;</tds:Manufacturer>",
          "<tds:Model>Bell 1<", "<tds:FirmwareVersion>1.2.3<",
          "<tds:SerialNumber>0001<", "<tds:HardwareId>", NULL);
  expect ("/onvif/device_service", "<tds:GetScopes/>",
          "onvif://www.onvif.org/Profile/Streaming<",
          "onvif://www.onvif.org/Profile/T<",
          "onvif://www.onvif.org/type/video_encoder<",
          "onvif://www.onvif.org/name/Front%20door<",
          "onvif://www.onvif.org/hardware/Bell%201<",
          "onvif://www.onvif.org/location/home<", NULL);
  expect ("/onvif/device_service", "<tds:GetHostname/>", "<tt:Name>", NULL);
  g_free (year);
  g_date_time_unref (now);
}
GST_END_TEST

GST_START_TEST (device_tells_services_at_the_address_asked)
{
  gchar *device = g_strdup_printf (
      "<tds:XAddr>http://127.0.0.1:%u/onvif/device_service<", port);
  gchar *events = g_strdup_printf (
      "<tt:XAddr>http://127.0.0.1:%u/onvif/event_service<", port);

  expect ("/onvif/device_service",
          "<tds:GetServices><tds:IncludeCapability>true"
          "</tds:IncludeCapability></tds:GetServices>",
          device, "http://www.onvif.org/ver10/media/wsdl<",
          "http://www.onvif.org/ver20/media/wsdl<",
          "http://www.onvif.org/ver10/events/wsdl<", "HttpDigest=\"true\"",
          "MaxPullPoints=\"16\"", NULL);
  expect ("/onvif/device_service",
          "<tds:GetCapabilities><tds:Category>All</tds:Category>"
          "</tds:GetCapabilities>",
          events, "<tt:WSPullPointSupport>true<", "<tt:Media>",
          "<tt:RTP_RTSP_TCP>true<", NULL);
  expect ("/onvif/device_service", "<tds:GetServiceCapabilities/>",
          "HttpDigest=\"true\"", NULL);
  expect ("/onvif/media_service", "<trt:GetServiceCapabilities/>",
          "SnapshotUri=\"true\"", NULL);
  expect ("/onvif/media2_service", "<tr2:GetServiceCapabilities/>",
          "ConfigurationsSupported=", NULL);
  expect ("/onvif/event_service", "<tev:GetServiceCapabilities/>",
          "WSPullPointSupport=\"true\"", NULL);
  expect_fault ("/onvif/device_service",
                "<tds:GetCapabilities><tds:Category>PTZ</tds:Category>"
                "</tds:GetCapabilities>",
                "ter:NoSuchService");
  g_free (device);
  g_free (events);
}
GST_END_TEST

GST_START_TEST (device_tells_network_with_a_hardware_address)
{
  gchar *answer = wire_call (port, "/onvif/device_service",
                             "<tds:GetNetworkInterfaces/>");
  gchar *mac = wire_between (answer, "<tt:HwAddress>", "<");

  fail_unless (mac && g_regex_match_simple ("^02(:[0-9a-f]{2}){5}$", mac, 0, 0),
               "%s", answer);
  fail_unless (strstr (answer, "<tt:Address>127.0.0.1</tt:Address>"
                               "<tt:PrefixLength>8<"));
  g_free (mac);
  g_free (answer);
}
GST_END_TEST

GST_START_TEST (media_tells_profiles)
{
  expect ("/onvif/media_service", "<trt:GetProfiles/>", "token=\"main\"",
          "token=\"sub\"", "<tt:Name>Sub &amp; small<", "<tt:Encoding>H264<",
          "<tt:Width>1920<", "<tt:Height>360<", "<tt:FrameRateLimit>25<",
          "<tt:BitrateLimit>", "<tt:Encoding>AAC<",
          "x=\"0\" y=\"0\" width=\"1920\" height=\"1080\"", NULL);
  expect ("/onvif/media_service",
          "<trt:GetProfile><trt:ProfileToken>sub</trt:ProfileToken>"
          "</trt:GetProfile>",
          "<trt:Profile token=\"sub\"", "<tt:Width>640<", NULL);
  expect ("/onvif/media_service", "<trt:GetVideoSources/>", "<tt:Framerate>25<",
          "<tt:Width>1920<", NULL);
  expect ("/onvif/media_service", "<trt:GetVideoSourceConfigurations/>",
          "<tt:SourceToken>VideoSource<", "<tt:Bounds", NULL);
  expect ("/onvif/media_service", "<trt:GetVideoEncoderConfigurations/>",
          "token=\"VideoEncoder_main\"", "<tt:RateControl>", NULL);
  expect ("/onvif/media_service",
          "<trt:GetVideoEncoderConfiguration><trt:ConfigurationToken>"
          "VideoEncoder_sub</trt:ConfigurationToken>"
          "</trt:GetVideoEncoderConfiguration>",
          "<tt:Width>640<", NULL);
  expect_fault ("/onvif/media_service",
                "<trt:GetProfile><trt:ProfileToken>none</trt:ProfileToken>"
                "</trt:GetProfile>",
                "ter:NoProfile");
  expect_fault ("/onvif/media_service", "<trt:GetProfile/>", "ter:NoProfile");
  expect_fault ("/onvif/media_service", "<trt:GetVideoEncoderConfiguration/>",
                "ter:NoConfig");
}
GST_END_TEST

GST_START_TEST (media_tells_addresses)
{
  gchar *snapshot = g_strdup_printf (
      "<tt:Uri>http://127.0.0.1:%u/snapshot.jpg?profile=main<", port);

  expect ("/onvif/media_service",
          "<trt:GetStreamUri><trt:ProfileToken>main</trt:ProfileToken>"
          "</trt:GetStreamUri>",
          "<tt:Uri>rtsp://127.0.0.1:8554/main<", NULL);
  expect ("/onvif/media_service",
          "<trt:GetStreamUri><trt:ProfileToken>sub</trt:ProfileToken>"
          "</trt:GetStreamUri>",
          "<tt:Uri>rtsp://192.0.2.1:554/sub<", NULL);
  expect ("/onvif/media_service",
          "<trt:GetSnapshotUri><trt:ProfileToken>main</trt:ProfileToken>"
          "</trt:GetSnapshotUri>",
          snapshot, NULL);
  expect_fault ("/onvif/media_service",
                "<trt:GetSnapshotUri><trt:ProfileToken>sub</trt:ProfileToken>"
                "</trt:GetSnapshotUri>",
                "ter:ActionNotSupported");
  g_free (snapshot);
}
GST_END_TEST

GST_START_TEST (media2_tells_the_same)
{
  gchar *answer
      = wire_call (port, "/onvif/media2_service", "<tr2:GetProfiles/>");

  fail_unless_equals_int (wire_status (answer), 200);
  fail_if (strstr (answer, "<tr2:Configurations>"));
  g_free (answer);
  expect ("/onvif/media2_service",
          "<tr2:GetProfiles><tr2:Type>All</tr2:Type></tr2:GetProfiles>",
          "<tr2:Profiles token=\"main\"",
          "<tr2:VideoEncoder token=", "<tt:Width>640<",
          "<tt:Encoding>MP4A-LATM<", NULL);
  expect ("/onvif/media2_service",
          "<tr2:GetStreamUri><tr2:Protocol>RTSP</tr2:Protocol>"
          "<tr2:ProfileToken>main</tr2:ProfileToken></tr2:GetStreamUri>",
          "<tr2:Uri>rtsp://127.0.0.1:8554/main<", NULL);
  expect ("/onvif/media2_service",
          "<tr2:GetSnapshotUri><tr2:ProfileToken>main</tr2:ProfileToken>"
          "</tr2:GetSnapshotUri>",
          "/snapshot.jpg?profile=main<", NULL);
  expect_fault ("/onvif/media2_service",
                "<tr2:GetProfiles><tr2:Token>none</tr2:Token>"
                "</tr2:GetProfiles>",
                "ter:NoProfile");
}
GST_END_TEST

GST_START_TEST (unknown_operation_is_a_fault)
{
  expect_fault ("/onvif/device_service", "<tds:FormatDisk/>",
                "ter:ActionNotSupported");
  expect_fault ("/onvif/device_service",
                "<x:GetProfiles xmlns:x=\"urn:other\"/>",
                "ter:ActionNotSupported");
  /* An answer is no question. */
  expect_fault ("/onvif/device_service", "<tds:GetHostnameResponse/>",
                "ter:ActionNotSupported");
}
GST_END_TEST

GST_START_TEST (plain_http_is_served_beside_soap)
{
  static const gchar get[] = "GET /snapshot.jpg?profile=main HTTP/1.1\r\n"
                             "Host: x\r\nConnection: close\r\n\r\n";
  static const gchar put[] = "PUT /ring HTTP/1.0\r\n\r\n";
  int fd = wire_connect (port);
  gchar *answer;

  wire_send (fd, get, sizeof get - 1);
  answer = wire_read_all (fd);
  fail_unless_equals_int (wire_status (answer), 200);
  fail_unless (strstr (answer, "Content-Type: image/jpeg\r\n"));
  fail_unless (g_str_has_suffix (answer, "\r\n\r\npicture"));
  close (fd);
  g_free (answer);

  answer = wire_post (port, "/ring", NULL, "");
  fail_unless_equals_int (wire_status (answer), 204);
  g_free (answer);
  answer = wire_post (port, "/elsewhere", NULL, "");
  fail_unless_equals_int (wire_status (answer), 404);
  g_free (answer);

  fd = wire_connect (port);
  wire_send (fd, put, sizeof put - 1);
  answer = wire_read_all (fd);
  fail_unless_equals_int (wire_status (answer), 405);
  close (fd);
  g_free (answer);
}
GST_END_TEST

GST_START_TEST (connection_is_kept_for_the_next_request)
{
  static const gchar two[]
      = "GET /snapshot.jpg HTTP/1.1\r\nHost: x\r\n\r\n"
        "HEAD /snapshot.jpg HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const int fd = wire_connect (port);
  gchar *answer;

  wire_send (fd, two, sizeof two - 1);
  answer = wire_read_answer (fd);
  fail_unless (g_str_has_suffix (answer, "picture"));
  fail_unless (strstr (answer, "Connection: keep-alive\r\n"));
  g_free (answer);
  answer = wire_read_all (fd);
  fail_unless (strstr (answer, "Content-Length: 7\r\n"));
  fail_unless (strstr (answer, "Connection: close\r\n"));
  fail_if (strstr (answer, "picture"));
  g_free (answer);
  close (fd);
}
GST_END_TEST

GST_START_TEST (settings_that_make_no_device_are_refused)
{
  DwOnvifServerSettings settings;
  DwOnvifServer *other = NULL;
  DwOnvifServerProfile profile = { { "t", "", "H264", 0, 0, 0, "" }, "", "" };
  DwError error = { 0 };

  wire_settings (&settings, FALSE);
  settings.port = port;
  fail_unless_equals_int (dw_onvif_server_new (&settings, &other, &error),
                          DW_ERROR_IO);
  fail_unless (other == NULL && strstr (error.text, "cannot listen"));
  settings.port = 0;
  settings.bind_address = "doorbell.example";
  fail_unless_equals_int (dw_onvif_server_new (&settings, &other, &error),
                          DW_ERROR_INVALID);
  wire_settings (&settings, FALSE);
  settings.uuid = "not hexadecimal";
  fail_unless_equals_int (dw_onvif_server_new (&settings, &other, &error),
                          DW_ERROR_INVALID);
  wire_settings (&settings, FALSE);
  settings.name = "line\nbreak";
  fail_unless_equals_int (dw_onvif_server_new (&settings, &other, &error),
                          DW_ERROR_INVALID);
  wire_settings (&settings, FALSE);
  settings.n_profiles = 1;
  settings.profiles = &profile;
  fail_unless_equals_int (dw_onvif_server_new (&settings, &other, &error),
                          DW_ERROR_INVALID);
  fail_unless (other == NULL);
}
GST_END_TEST

GST_START_TEST (nothing_is_left_after_free)
{
  DwOnvifServerSettings settings;
  const guint n_fds = wire_count ("/proc/self/fd");
  const guint n_threads = wire_count ("/proc/self/task");

  wire_settings (&settings, FALSE);
  for (int i = 0; i < 20; i++)
    {
      DwOnvifServer *other = wire_start (&settings);
      const int idle = wire_connect (dw_onvif_server_port (other));
      gchar *answer = wire_call (dw_onvif_server_port (other),
                                 "/onvif/device_service", "<tds:GetHostname/>");

      fail_unless_equals_int (wire_status (answer), 200);
      g_free (answer);
      dw_onvif_server_free (other);
      close (idle);
    }
  wire_expect_count ("/proc/self/fd", n_fds);
  wire_expect_count ("/proc/self/task", n_threads);
}
GST_END_TEST

static Suite *
server_suite (void)
{
  Suite *suite = suite_create ("onvif-server");
  TCase *services = tcase_create ("services");

  tcase_add_checked_fixture (services, setup, teardown);
  tcase_add_test (services, device_tells_time_and_identity);
  tcase_add_test (services, device_tells_services_at_the_address_asked);
  tcase_add_test (services, device_tells_network_with_a_hardware_address);
  tcase_add_test (services, media_tells_profiles);
  tcase_add_test (services, media_tells_addresses);
  tcase_add_test (services, media2_tells_the_same);
  tcase_add_test (services, unknown_operation_is_a_fault);
  tcase_add_test (services, plain_http_is_served_beside_soap);
  tcase_add_test (services, connection_is_kept_for_the_next_request);
  tcase_add_test (services, settings_that_make_no_device_are_refused);
  tcase_add_test (services, nothing_is_left_after_free);
  suite_add_tcase (suite, services);
  return suite;
}

GST_CHECK_MAIN (server);
