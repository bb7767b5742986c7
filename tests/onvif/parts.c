/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's parts alone: addresses, digests, HTTP in pieces, XML checks,
 * the datagrams of discovery. */
#include "dwtest.h"

#include "digest.h"
#include "discovery-message.h"
#include "discovery-socket.h"
#include "http.h"
#include "url.h"

/* -- Addresses ----------------------------------------------------------- */

static const struct
{
  const gchar *text;
  const gchar *scheme, *host, *path, *user, *password;
  guint16 port;
  const gchar *written;
} good[] = {
  { "onvif://door", "onvif", "door", "", "", "", 0, "onvif://door" },
  { "door:8000", "http", "door", "", "", "", 8000, "http://door:8000" },
  { "HTTP://Door/a?b#c", "http", "Door", "/a?b#c", "", "", 0,
    "http://Door/a?b#c" },
  { "rtsp://h:8106:8106/x", "rtsp", "h", "/x", "", "", 8106,
    "rtsp://h:8106/x" },
  { "http://[fe80::1]:80/x", "http", "fe80::1", "/x", "", "", 80,
    "http://[fe80::1]:80/x" },
  { "http://fe80::1/x", "http", "fe80::1", "/x", "", "", 0,
    "http://[fe80::1]/x" },
  { "http://u:p%40q@h/", "http", "h", "/", "u", "p@q", 0, "http://h/" },
  { "http://u:p@q@h/", "http", "h", "/", "u", "p@q", 0, "http://h/" },
  { "http://h?x=http://y", "http", "h", "/?x=http://y", "", "", 0,
    "http://h/?x=http://y" },
  { "http://:80/x", "http", "", "/x", "", "", 80, "http://:80/x" },
};

GST_START_TEST (address_is_taken_apart_and_written_again)
{
  gchar out[DW_ONVIF_URI];
  DwUrl url;

  ck_assert_int_eq (dw_url_parse (good[__i__].text, "http", &url), DW_OK);
  ck_assert_str_eq (url.scheme, good[__i__].scheme);
  ck_assert_str_eq (url.host, good[__i__].host);
  ck_assert_str_eq (url.path, good[__i__].path);
  ck_assert_str_eq (url.user, good[__i__].user);
  ck_assert_str_eq (url.password, good[__i__].password);
  ck_assert_uint_eq (url.port, good[__i__].port);
  ck_assert_int_eq (dw_url_format (&url, out), DW_OK);
  ck_assert_str_eq (out, good[__i__].written);
}
GST_END_TEST;

GST_START_TEST (unusable_hosts_are_told_from_usable_ones)
{
  static const struct
  {
    const gchar *host, *peer;
    gboolean is_usable;
  } hosts[] = {
    { "", "192.0.2.1", FALSE },
    { "0.0.0.0", "192.0.2.1", FALSE },
    { "::", "192.0.2.1", FALSE },
    { "169.254.1.2", "192.0.2.1", FALSE },
    { "169.254.1.2", "169.254.9.9", TRUE },
    { "fe80::1", "192.0.2.1", FALSE },
    { "127.0.0.1", "192.0.2.1", FALSE },
    { "127.0.0.1", "localhost", TRUE },
    { "::1", "192.0.2.1", FALSE },
    { "192.0.2.7", "192.0.2.1", TRUE },
    { "camera.local", "192.0.2.1", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    ck_assert_msg (dw_url_host_is_usable (hosts[i].host, hosts[i].peer)
                       == hosts[i].is_usable,
                   "%s from %s", hosts[i].host, hosts[i].peer);
}
GST_END_TEST;

/* -- Digest -------------------------------------------------------------- */

GST_START_TEST (strongest_digest_is_chosen)
{
  DwDigestChallenge challenge;

  ck_assert_int_eq (
      dw_digest_read ("Basic realm=\"x\"\n"
                      "Digest realm=\"a, \\\"b\\\"\", nonce=\"n1\", "
                      "qop=\"auth\", algorithm=MD5, stale=TRUE\n"
                      "Digest realm=\"c\",nonce=\"n2\",qop=auth,"
                      "algorithm=SHA-256,opaque=\"o\"\n",
                      &challenge),
      DW_OK);
  ck_assert_int_eq (challenge.hash, DW_DIGEST_SHA256);
  ck_assert_str_eq (challenge.nonce, "n2");
  ck_assert_str_eq (challenge.opaque, "o");
  ck_assert (challenge.has_qop);
  ck_assert_int_eq (
      dw_digest_read ("Digest realm=\"a, \\\"b\\\"\", nonce=\"n1\", stale=TRUE",
                      &challenge),
      DW_OK);
  ck_assert_str_eq (challenge.realm, "a, \"b\"");
  ck_assert (challenge.is_stale);
  ck_assert (!challenge.has_qop);
}
GST_END_TEST;

GST_START_TEST (challenge_that_cannot_be_met_is_unsupported)
{
  static const gchar *const challenges[]
      = { "",
          "Basic realm=\"x\"",
          "Digest realm=\"x\"",
          "Digest nonce=\"x\", algorithm=SHA-512",
          "Digest nonce=\"x\", qop=\"auth-int\"",
          "Digest nonce=\"unfinished",
          "Negotiate" };
  DwDigestChallenge challenge;

  for (guint i = 0; i < G_N_ELEMENTS (challenges); i++)
    ck_assert_msg (dw_digest_read (challenges[i], &challenge)
                       == DW_ERROR_UNSUPPORTED,
                   "%s", challenges[i]);
}
GST_END_TEST;

/* RFC 2069's example without qop, whose response no client nonce changes,
 * with the response of its erratum. */
GST_START_TEST (digest_without_qop_is_the_example_of_the_rfc)
{
  DwDigestChallenge challenge;
  gchar out[DW_DIGEST_TEXT];

  ck_assert_int_eq (
      dw_digest_read ("Digest realm=\"testrealm@host.com\", "
                      "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
                      "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
                      &challenge),
      DW_OK);
  ck_assert_int_eq (dw_digest_answer (&challenge, "Mufasa", "CircleOfLife",
                                      "GET", "/dir/index.html", out),
                    DW_OK);
  fail_unless (strstr (out, "response=\"1949323746fe6a43ef61f9606e7febea\""),
               "%s", out);
  fail_unless (strstr (out, "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""));
  fail_unless (!strstr (out, "qop"));
}
GST_END_TEST;

GST_START_TEST (nonce_is_counted_and_client_nonces_differ)
{
  DwDigestChallenge challenge;
  gchar first[DW_DIGEST_TEXT], second[DW_DIGEST_TEXT];

  dw_digest_read ("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"", &challenge);
  dw_digest_answer (&challenge, "u\"x", "p", "POST", "/", first);
  dw_digest_answer (&challenge, "u\"x", "p", "POST", "/", second);
  fail_unless (strstr (first, "nc=00000001"));
  fail_unless (strstr (second, "nc=00000002"));
  fail_unless (strstr (first, "username=\"u\\\"x\""));
  ck_assert_str_ne (strstr (first, "cnonce"), strstr (second, "cnonce"));
}
GST_END_TEST;

/* -- HTTP ---------------------------------------------------------------- */

static const struct
{
  const gchar *answer;
  gint status;
  const gchar *body;
} whole[] = {
  { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello" },
  { "HTTP/1.0 500 No\ncontent-length:5\n\nhello", 500, "hello" },
  { "HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end" },
  { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    "ok",
    200, "ok" },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;x=y\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n",
    200, "hello 0123456789" },
  { "HTTP/1.1 204 None\r\n\r\n", 204, "" },
  { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "" },
};

GST_START_TEST (answer_is_read_the_same_in_pieces_of_any_size)
{
  const gchar *answer = whole[__i__].answer;
  gsize size = strlen (answer);

  for (gsize piece = 1; piece <= size; piece++)
    {
      DwHttpParser parser = { 0 };
      DwHttpReply reply = { 0 };

      for (gsize at = 0; at < size && !parser.is_done; at += piece)
        ck_assert_int_eq (dw_http_parser_push (&parser, answer + at,
                                               MIN (piece, size - at), &reply),
                          DW_OK);
      if (!parser.is_done)
        ck_assert_int_eq (dw_http_parser_push (&parser, "", 0, &reply), DW_OK);
      ck_assert_int_eq (reply.status, whole[__i__].status);
      ck_assert_str_eq (reply.body, whole[__i__].body);
      dw_http_reply_finish (&reply);
      dw_http_parser_finish (&parser);
    }
}
GST_END_TEST;

GST_START_TEST (every_challenge_of_an_answer_is_kept)
{
  static const gchar answer[] = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\n"
                                "www-authenticate: Digest nonce=\"n\"\r\n"
                                "Content-Length: 0\r\n\r\n";
  DwHttpParser parser = { 0 };
  DwHttpReply reply = { 0 };

  dw_http_parser_push (&parser, answer, strlen (answer), &reply);
  ck_assert_str_eq (reply.challenge, "Basic\nDigest nonce=\"n\"\n");
  dw_http_reply_finish (&reply);
  dw_http_parser_finish (&parser);
}
GST_END_TEST;

/* -- Hostile XML --------------------------------------------------------- */

static DwStatus
parse_text (const GString *xml, DwError *error)
{
  gchar summary[4096];

  return dw_onvif_parse_answer (xml->str, xml->len, summary, sizeof summary,
                                error);
}

GST_START_TEST (document_types_and_entities_are_refused)
{
  static const gchar *const heads[] = {
    "<!DOCTYPE x [<!ENTITY a \"b\">]>",
    "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">",
    "<!ENTITY a \"b\">",
    "<!doctype html>",
  };
  GString *xml = g_string_new (heads[__i__]);
  DwError error = { 0 };

  g_string_append (xml, "<s:Envelope><s:Body><tds:GetDeviceInformationResponse>"
                        "<tds:Model>&a;</tds:Model>"
                        "</tds:GetDeviceInformationResponse></s:Body>"
                        "</s:Envelope>");
  ck_assert_int_eq (parse_text (xml, &error), DW_ERROR_PROTOCOL);
  g_string_free (xml, TRUE);
}
GST_END_TEST;

GST_START_TEST (depth_and_size_are_bounded)
{
  GString *xml = g_string_new ("<s:Envelope><s:Body>");
  DwError error = { 0 };

  for (gint i = 0; i < 100; i++)
    g_string_append (xml, "<a>");
  for (gint i = 0; i < 100; i++)
    g_string_append (xml, "</a>");
  g_string_append (xml, "</s:Body></s:Envelope>");
  ck_assert_int_eq (parse_text (xml, &error), DW_ERROR_LIMIT);
  g_string_assign (xml, "<s:Envelope><s:Body/></s:Envelope>");
  while (xml->len <= 1024 * 1024)
    g_string_append (xml, "<!-- and more, and more, and more, and more -->");
  ck_assert_int_eq (parse_text (xml, &error), DW_ERROR_LIMIT);
  g_string_free (xml, TRUE);
}
GST_END_TEST;

/* Every prefix of a good answer, and every byte of it changed. */
GST_START_TEST (broken_answers_are_errors_and_never_more)
{
  static const gchar good_answer[]
      = "<?xml version=\"1.0\"?><s:Envelope "
        "xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>"
        "<tev:PullMessagesResponse><wsnt:NotificationMessage><wsnt:Topic>"
        "tns1:RuleEngine/MyRuleDetector/Visitor</wsnt:Topic><wsnt:Message>"
        "<tt:Message PropertyOperation=\"Changed\"><tt:Data><tt:SimpleItem "
        "Name=\"State\" Value=\"true\"/></tt:Data></tt:Message></wsnt:Message>"
        "</wsnt:NotificationMessage></tev:PullMessagesResponse></s:Body>"
        "</s:Envelope>";
  static const gchar changes[] = { '<', '>', '"', '&', '\0', ':', '/', '\xff' };
  GString *xml = g_string_new (good_answer);
  gchar summary[4096];
  DwError error = { 0 };

  ck_assert_int_eq (dw_onvif_parse_answer (xml->str, xml->len, summary,
                                           sizeof summary, &error),
                    DW_OK);
  fail_unless (strstr (summary, "event kind=press active=1"));
  for (gsize size = 0; size < xml->len; size++)
    ck_assert_int_ne (dw_onvif_parse_answer (good_answer, size, summary,
                                             sizeof summary, &error),
                      DW_OK);
  for (gsize at = 0; at < xml->len; at += 3)
    for (gsize i = 0; i < sizeof changes; i++)
      {
        gchar kept = xml->str[at];

        xml->str[at] = changes[i];
        parse_text (xml, &error);
        xml->str[at] = kept;
      }
  g_string_free (xml, TRUE);
}
GST_END_TEST;

GST_START_TEST (fault_is_told_with_its_reason)
{
  GString *xml = g_string_new (
      "<s:Envelope><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value>"
      "<s:Subcode><s:Value>ter:InvalidArgVal</s:Value><s:Subcode><s:Value>"
      "ter:NoProfile</s:Value></s:Subcode></s:Subcode></s:Code><s:Reason>"
      "<s:Text>no such \x01 profile</s:Text></s:Reason></s:Fault></s:Body>"
      "</s:Envelope>");
  gchar summary[256];
  DwError error = { 0 };

  ck_assert_int_eq (dw_onvif_parse_answer (xml->str, xml->len, summary,
                                           sizeof summary, &error),
                    DW_OK);
  ck_assert_str_eq (summary, "fault: NoProfile no such ? profile\n");
  g_string_free (xml, TRUE);
}
GST_END_TEST;

/* -- Discovery ----------------------------------------------------------- */

static gchar *
matches_of (const gchar *types, const gchar *scopes, const gchar *xaddrs)
{
  return g_strdup_printf (
      "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
      "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
      "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header>"
      "<a:RelatesTo>urn:uuid:1</a:RelatesTo></s:Header><s:Body>"
      "<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>"
      "urn:uuid:door</a:Address></a:EndpointReference><d:Types>%s</d:Types>"
      "<d:Scopes>%s</d:Scopes><d:XAddrs>%s</d:XAddrs><d:MetadataVersion>1"
      "</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body>"
      "</s:Envelope>",
      types, scopes, xaddrs);
}

static const struct
{
  const gchar *types, *scopes, *xaddrs;
  const gchar *xaddr; /* NULL: no device */
} targets[] = {
  { "dn:NetworkVideoTransmitter", "", "http://192.0.2.7/onvif/device_service",
    "http://192.0.2.7/onvif/device_service" },
  { "x:Other dn:NetworkVideoTransmitter tds:Device", "", "http://h/x",
    "http://h/x" },
  { "tds:Device", "onvif://www.onvif.org/name/x", "http://h/x", "http://h/x" },
  { "", "onvif://www.onvif.org/type/video_encoder", "http://h/x",
    "http://h/x" },
  /* A network drive, and a printer. */
  { "wsdp:Device pub:Computer", "", "http://h/x", NULL },
  { "tds:DeviceX NetworkVideoTransmitterX", "http://scope", "http://h/x",
    NULL },
  /* The sender's own address, before others, before useless ones. */
  { "dn:NetworkVideoTransmitter", "",
    "http://[fe80::1]/a http://0.0.0.0/b http://192.0.2.7:8000/c http://h/d",
    "http://192.0.2.7:8000/c" },
  { "dn:NetworkVideoTransmitter", "", "http://169.254.1.1/a http://10.1.1.1/b",
    "http://10.1.1.1/b" },
  { "dn:NetworkVideoTransmitter", "", "http://0.0.0.0:81/a",
    "http://192.0.2.7:81/a" },
  { "dn:NetworkVideoTransmitter", "", "http://192.0.2.7:81:81/a",
    "http://192.0.2.7:81/a" },
  { "dn:NetworkVideoTransmitter", "", "gopher://x junk ftp://y",
    "http://junk" },
};

GST_START_TEST (match_is_an_onvif_device_with_its_best_address)
{
  DwDiscoveryCodec *codec = dw_discovery_codec_new ();
  gchar *xml = matches_of (targets[__i__].types, targets[__i__].scopes,
                           targets[__i__].xaddrs);
  DwDiscovery message;

  ck_assert_int_eq (
      dw_discovery_read (codec, xml, strlen (xml), "192.0.2.7", &message),
      DW_OK);
  ck_assert_int_eq (message.kind, DW_DISCOVERY_MATCHES);
  ck_assert_str_eq (message.relates_to, "urn:uuid:1");
  ck_assert_uint_eq (message.n_matches, targets[__i__].xaddr != NULL);
  if (targets[__i__].xaddr)
    {
      ck_assert_str_eq (message.matches[0].endpoint, "urn:uuid:door");
      ck_assert_str_eq (message.matches[0].xaddr, targets[__i__].xaddr);
      ck_assert_str_eq (message.matches[0].address, "192.0.2.7");
    }
  g_free (xml);
  dw_discovery_codec_free (codec);
}
GST_END_TEST;

GST_START_TEST (scopes_give_name_hardware_and_location)
{
  DwDiscoveryCodec *codec = dw_discovery_codec_new ();
  gchar *xml = matches_of ("dn:NetworkVideoTransmitter",
                           "onvif://www.onvif.org/Profile/Streaming\n"
                           "onvif://www.onvif.org/name/Front%20door%2F1 "
                           "onvif://www.onvif.org/hardware/T26 "
                           "onvif://www.onvif.org/location/city/K%C3%B6ln "
                           "onvif://www.onvif.org/name/second",
                           "http://192.0.2.7/x");
  DwDiscovery message;

  dw_discovery_read (codec, xml, strlen (xml), "192.0.2.7", &message);
  ck_assert_str_eq (message.matches[0].name, "Front door/1");
  ck_assert_str_eq (message.matches[0].hardware, "T26");
  ck_assert_str_eq (message.matches[0].location, "city/K\xc3\xb6ln");
  g_free (xml);
  dw_discovery_codec_free (codec);
}
GST_END_TEST;

GST_START_TEST (probe_is_small_and_each_has_its_own_id)
{
  DwDiscoveryCodec *codec = dw_discovery_codec_new ();
  gchar first[DW_DISCOVERY_ID], second[DW_DISCOVERY_ID];
  gchar text[DW_DISCOVERY_MAX_PROBE];

  ck_assert_int_eq (dw_discovery_write_probe (codec, "tds:Device", first, text),
                    DW_OK);
  ck_assert_int_eq (
      dw_discovery_write_probe (codec, "tds:Device", second, text), DW_OK);
  ck_assert_str_ne (first, second);
  fail_unless (strstr (text, second));
  fail_unless (strstr (text, ">tds:Device</"));
  fail_unless (
      strstr (text, "http://schemas.xmlsoap.org/ws/2004/08/addressing"));
  fail_unless (strstr (text, "http://schemas.xmlsoap.org/ws/2005/04/discovery"
                             "/Probe</"));
  dw_discovery_codec_free (codec);
}
GST_END_TEST;

GST_START_TEST (interface_list_names_whole_interfaces)
{
  ck_assert (dw_discovery_wants (NULL, "lo"));
  ck_assert (dw_discovery_wants ("", "lo"));
  ck_assert (dw_discovery_wants ("eth0, lo", "lo"));
  ck_assert (!dw_discovery_wants ("eth0,lo1", "lo"));
  ck_assert (!dw_discovery_wants ("eth", "eth0"));
}
GST_END_TEST;

static Suite *
parts_suite (void)
{
  Suite *suite = suite_create ("parts");
  TCase *cases = tcase_create ("parts");

  suite_add_tcase (suite, cases);
  tcase_add_loop_test (cases, address_is_taken_apart_and_written_again, 0,
                       G_N_ELEMENTS (good));
  tcase_add_test (cases, unusable_hosts_are_told_from_usable_ones);
  tcase_add_test (cases, strongest_digest_is_chosen);
  tcase_add_test (cases, challenge_that_cannot_be_met_is_unsupported);
  tcase_add_test (cases, digest_without_qop_is_the_example_of_the_rfc);
  tcase_add_test (cases, nonce_is_counted_and_client_nonces_differ);
  tcase_add_loop_test (cases, answer_is_read_the_same_in_pieces_of_any_size, 0,
                       G_N_ELEMENTS (whole));
  tcase_add_test (cases, every_challenge_of_an_answer_is_kept);
  tcase_add_loop_test (cases, document_types_and_entities_are_refused, 0, 4);
  tcase_add_test (cases, depth_and_size_are_bounded);
  tcase_add_test (cases, broken_answers_are_errors_and_never_more);
  tcase_add_test (cases, fault_is_told_with_its_reason);
  tcase_add_loop_test (cases, match_is_an_onvif_device_with_its_best_address, 0,
                       G_N_ELEMENTS (targets));
  tcase_add_test (cases, scopes_give_name_hardware_and_location);
  tcase_add_test (cases, probe_is_small_and_each_has_its_own_id);
  tcase_add_test (cases, interface_list_names_whole_interfaces);
  return suite;
}

GST_CHECK_MAIN (parts)
