/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Locations as people write them, and waits that grow. */
#include "dwtest.h"

#include "backoff.h"
#include "location.h"

typedef struct
{
  const gchar *text;
  DwLocationKind kind; /* NONE: refused */
  const gchar *uri, *host;
  guint port;
  const gchar *user, *password;
} Row;

static const Row rows[] = {
  { "onvif://", DW_LOCATION_DISCOVER, "onvif://", "", 0, "", "" },
  { "ONVIF:///", DW_LOCATION_DISCOVER, "onvif://", "", 0, "", "" },
  { "onvif://bell:pw@", DW_LOCATION_DISCOVER, "onvif://", "", 0, "bell", "pw" },
  { "onvif://192.0.2.7", DW_LOCATION_ONVIF, "onvif://192.0.2.7", "192.0.2.7", 0,
    "", "" },
  { "onvif://192.0.2.7:8080/onvif/device_service", DW_LOCATION_ONVIF,
    "onvif://192.0.2.7:8080/onvif/device_service", "192.0.2.7", 8080, "", "" },
  { "onvif://bell:s%40cr%2Ft@door.local", DW_LOCATION_ONVIF,
    "onvif://door.local", "door.local", 0, "bell", "s@cr/t" },
  { "onvif://bell:a@b@door", DW_LOCATION_ONVIF, "onvif://door", "door", 0,
    "bell", "a@b" },
  { "onvif://bell@door:81", DW_LOCATION_ONVIF, "onvif://door:81", "door", 81,
    "bell", "" },
  { "onvif://[2001:db8::7]:8000", DW_LOCATION_ONVIF,
    "onvif://[2001:db8::7]:8000", "2001:db8::7", 8000, "", "" },
  { "onvif://[fe80::1]", DW_LOCATION_ONVIF, "onvif://[fe80::1]", "fe80::1", 0,
    "", "" },
  { "https://door/onvif/device_service", DW_LOCATION_ONVIF,
    "https://door/onvif/device_service", "door", 0, "", "" },
  { "rtsp://u:p@cam/stream?a=b@c", DW_LOCATION_RTSP, "rtsp://cam/stream?a=b@c",
    "cam", 0, "u", "p" },
  { "RtspT://cam:554/x", DW_LOCATION_RTSP, "rtspt://cam:554/x", "cam", 554, "",
    "" },
  { "", DW_LOCATION_NONE },
  { "192.0.2.7", DW_LOCATION_NONE },
  { "file:///etc/passwd", DW_LOCATION_NONE },
  { "onvif:/door", DW_LOCATION_NONE },
  { "onvif://door:0", DW_LOCATION_NONE },
  { "onvif://door:65536", DW_LOCATION_NONE },
  { "onvif://door:99999999999999999999", DW_LOCATION_NONE },
  { "onvif://door:", DW_LOCATION_NONE },
  { "onvif://door:8x", DW_LOCATION_NONE },
  { "onvif://:80", DW_LOCATION_NONE },
  { "onvif://[::1", DW_LOCATION_NONE },
  { "onvif://[::1]x", DW_LOCATION_NONE },
  { "onvif://2001:db8::7", DW_LOCATION_NONE },
  { "onvif://u:%zz@door", DW_LOCATION_NONE },
  { "onvif://u:%0@door", DW_LOCATION_NONE },
  { "onvif://u:%00@door", DW_LOCATION_NONE },
  { "onvif://do or", DW_LOCATION_NONE },
  { "onvif://door\n", DW_LOCATION_NONE },
  { "rtsp://", DW_LOCATION_NONE },
  { "http:///path", DW_LOCATION_NONE },
};

GST_START_TEST (locations_are_read_by_the_table)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Row *row = &rows[i];
      DwLocation location;
      DwError error = { DW_OK, "" };
      const DwStatus status = dw_location_parse (row->text, &location, &error);

      fail_unless (location.kind == row->kind, "%s", row->text);
      if (row->kind == DW_LOCATION_NONE)
        {
          fail_unless_equals_int (status, DW_ERROR_INVALID);
          fail_unless (error.text[0] != '\0', "%s", row->text);
          fail_unless_equals_string (location.uri, "");
          fail_unless_equals_string (location.password, "");
          continue;
        }
      fail_unless_equals_int (status, DW_OK);
      fail_unless_equals_string (location.uri, row->uri);
      fail_unless_equals_string (location.host, row->host);
      fail_unless_equals_int (location.port, row->port);
      fail_unless_equals_string (location.user, row->user);
      fail_unless_equals_string (location.password, row->password);
    }
}

GST_END_TEST

GST_START_TEST (null_and_overlong_locations_are_refused)
{
  gchar *text = g_strnfill (2000, 'a');
  gchar *uri = g_strconcat ("onvif://u:", text, "@door", NULL);
  DwLocation location;

  memcpy (text, "onvif://", 8);
  fail_unless (dw_location_parse (NULL, &location, NULL) != DW_OK);
  fail_unless (dw_location_parse (text, &location, NULL) != DW_OK);
  fail_unless (dw_location_parse (uri, &location, NULL) != DW_OK);
  g_free (text);
  g_free (uri);
}

GST_END_TEST

GST_START_TEST (an_error_never_holds_the_password)
{
  DwLocation location;
  DwError error = { DW_OK, "" };

  fail_unless (dw_location_parse ("onvif://u:hunter2@door:x", &location, &error)
               != DW_OK);
  fail_unless (strstr (error.text, "hunter2") == NULL);
}

GST_END_TEST

GST_START_TEST (waits_double_with_jitter_and_stay_within_bounds)
{
  static const guint32 longest[] = { 1000, 2000, 4000, 8000, 16000, 30000 };

  for (guint32 random = 0; random < 5; random++)
    {
      const guint32 pick = random * 0x3fffffff;
      DwBackoff backoff = { 0 };

      for (guint i = 0; i < 100; i++)
        {
          const guint32 limit = longest[MIN (i, 5)];
          const guint32 wait = dw_backoff_next_ms (&backoff, pick);

          fail_unless (wait >= limit / 2 && wait <= limit, "%u: %u", i, wait);
        }
      dw_backoff_reset (&backoff);
      fail_unless (dw_backoff_next_ms (&backoff, pick) <= 1000);
    }
}

GST_END_TEST

static Suite *
location_suite (void)
{
  Suite *suite = suite_create ("doorbell-location");
  TCase *tcase = tcase_create ("core");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, locations_are_read_by_the_table);
  tcase_add_test (tcase, null_and_overlong_locations_are_refused);
  tcase_add_test (tcase, an_error_never_holds_the_password);
  tcase_add_test (tcase, waits_double_with_jitter_and_stay_within_bounds);
  return suite;
}

GST_CHECK_MAIN (location)
