/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is let in: HTTP Digest and username tokens over a raw connection, with
 * wrong, stale and replayed ones. */
#include "wire.h"

#include <string.h>
#include <unistd.h>

#define DEVICE "/onvif/device_service"
#define SECRET "<tds:GetDeviceInformation/>"

static DwOnvifServer *server;
static guint16 port;

static void
setup (void)
{
  DwOnvifServerSettings settings;

  wire_settings (&settings, TRUE);
  server = wire_start (&settings);
  port = dw_onvif_server_port (server);
}

static void
teardown (void)
{
  dw_onvif_server_free (server);
  server = NULL;
}

/* The answer to SECRET with these HTTP and token headers. */
static gchar *
ask (const gchar *http_header, const gchar *token)
{
  gchar *envelope = wire_envelope (token, SECRET);
  gchar *answer = wire_post (port, DEVICE, http_header, envelope);

  g_free (envelope);
  return answer;
}

/* As ask (), and nothing of the secret in a refusal. */
static int
status_of (const gchar *http_header, const gchar *token)
{
  gchar *answer = ask (http_header, token);
  const int status = wire_status (answer);

  fail_unless ((status == 200) == (strstr (answer, "0001") != NULL));
  if (status != 200)
    fail_unless (strstr (answer, "ter:NotAuthorized"), "%s", answer);
  g_free (answer);
  return status;
}

GST_START_TEST (open_operations_need_no_password)
{
  const gchar *open[] = { "<tds:GetSystemDateAndTime/>", "<tds:GetServices/>",
                          "<tds:GetCapabilities/>" };
  const gchar *closed[] = { "<tds:GetDeviceInformation/>",
                            "<tds:GetScopes/>",
                            "<tds:GetNetworkInterfaces/>",
                            "<trt:GetProfiles/>",
                            "<trt:GetStreamUri/>",
                            "<trt:GetSnapshotUri/>",
                            "<tr2:GetProfiles/>",
                            "<tr2:GetStreamUri/>",
                            "<tev:GetEventProperties/>",
                            "<tev:CreatePullPointSubscription/>",
                            "<tev:PullMessages/>",
                            "<wsnt:Unsubscribe/>",
                            "<trt:GetVideoSources/>",
                            "<wsnt:Renew/>",
                            "<tev:SetSynchronizationPoint/>" };

  for (gsize i = 0; i < G_N_ELEMENTS (open); i++)
    {
      gchar *answer = wire_call (port, DEVICE, open[i]);

      fail_unless (wire_status (answer) == 200, "%s", open[i]);
      g_free (answer);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (closed); i++)
    {
      gchar *answer = wire_call (port, DEVICE, closed[i]);

      fail_unless (wire_status (answer) == 401, "%s", closed[i]);
      fail_unless (strstr (answer, "WWW-Authenticate: Digest "));
      g_free (answer);
    }
}
GST_END_TEST

GST_START_TEST (digest_lets_the_owner_in_and_no_replay)
{
  gchar *challenge = ask (NULL, NULL);
  gchar *one = wire_digest (challenge, "POST", DEVICE, WIRE_PASSWORD, 1);
  gchar *two = wire_digest (challenge, "POST", DEVICE, WIRE_PASSWORD, 2);
  gchar *late = wire_digest (challenge, "POST", DEVICE, WIRE_PASSWORD, 900);
  gchar *early = wire_digest (challenge, "POST", DEVICE, WIRE_PASSWORD, 3);
  gchar *answer;

  fail_unless_equals_int (wire_status (challenge), 401);
  fail_unless_equals_int (status_of (two, NULL), 200);
  /* Two connections may overtake each other; each count serves once. */
  fail_unless_equals_int (status_of (one, NULL), 200);
  answer = ask (one, NULL);
  fail_unless_equals_int (wire_status (answer), 401);
  fail_unless (strstr (answer, "stale=true"));
  g_free (answer);
  fail_unless_equals_int (status_of (two, NULL), 401);
  fail_unless_equals_int (status_of (late, NULL), 200);
  fail_unless_equals_int (status_of (early, NULL), 401);
  g_free (challenge);
  g_free (one);
  g_free (two);
  g_free (late);
  g_free (early);
}
GST_END_TEST

GST_START_TEST (wrong_digest_is_refused)
{
  gchar *challenge = ask (NULL, NULL);
  gchar *wrong = wire_digest (challenge, "POST", DEVICE, "guess", 1);
  gchar *method = wire_digest (challenge, "GET", DEVICE, WIRE_PASSWORD, 2);
  gchar *path = wire_digest (challenge, "POST", "/other", WIRE_PASSWORD, 3);
  gchar *right = wire_digest (challenge, "POST", DEVICE, WIRE_PASSWORD, 4);
  gchar *user = g_strdup (right);
  gchar *nonce = g_strdup (right);
  gchar *unquoted = g_strdup (right);
  const gchar *nonsense[] = {
    "Authorization: Basic b3duZXI6ZnJvbnQgZG9vcg==\r\n",
    "Authorization: Digest\r\n",
    "Authorization: Digest ,,,=\"\"\r\n",
    "Authorization: Digest username=\"owner\r\n",
    "Authorization: Digest username=\"owner\", response=\"\"\r\n",
  };

  memcpy (strstr (user, "\"owner\""), "\"elmer\"", 7);
  fail_unless (strstr (nonce, "nonce=\"") != NULL);
  /* A nonce of a later time that we never gave. */
  strstr (nonce, "nonce=\"")[20] ^= 1;
  strstr (unquoted, "cnonce=\"")[7] = ' ';
  fail_unless_equals_int (status_of (wrong, NULL), 401);
  fail_unless_equals_int (status_of (method, NULL), 401);
  fail_unless_equals_int (status_of (path, NULL), 401);
  fail_unless_equals_int (status_of (user, NULL), 401);
  fail_unless_equals_int (status_of (nonce, NULL), 401);
  fail_unless_equals_int (status_of (unquoted, NULL), 401);
  for (gsize i = 0; i < G_N_ELEMENTS (nonsense); i++)
    fail_unless_equals_int (status_of (nonsense[i], NULL), 401);
  /* None of this spoils the right one. */
  fail_unless_equals_int (status_of (right, NULL), 200);
  g_free (challenge);
  g_free (wrong);
  g_free (method);
  g_free (path);
  g_free (right);
  g_free (user);
  g_free (nonce);
  g_free (unquoted);
}
GST_END_TEST

GST_START_TEST (token_lets_the_owner_in_and_no_replay)
{
  gchar *token = wire_token (WIRE_PASSWORD, 0);
  gchar *respelled;
  gchar *equals;

  fail_unless_equals_int (status_of (NULL, token), 200);
  fail_unless_equals_int (status_of (NULL, token), 400);
  /* The same digest in another spelling of base64: the last letter holds two
   * bits that nobody reads. */
  respelled = g_strdup (token);
  equals = strstr (respelled, "=</w:Password>");
  fail_unless (equals != NULL);
  equals[-1] = (gchar)(equals[-1] + 1);
  fail_unless_equals_int (status_of (NULL, respelled), 400);
  g_free (token);
  g_free (respelled);
}
GST_END_TEST

GST_START_TEST (wrong_or_old_token_is_refused)
{
  static const struct
  {
    const gchar *password;
    gint64 offset_s;
    int status;
  } rows[] = { { "guess", 0, 400 },          { "", 0, 400 },
               { WIRE_PASSWORD, -301, 400 }, { WIRE_PASSWORD, 310, 400 },
               { WIRE_PASSWORD, -280, 200 }, { WIRE_PASSWORD, 280, 200 } };
  gchar *token = wire_token (WIRE_PASSWORD, 0);
  gchar **parts = g_strsplit (token, "#PasswordDigest", 2);
  gchar *as_text = g_strjoinv ("#PasswordText", parts);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gchar *one = wire_token (rows[i].password, rows[i].offset_s);
      const int status = status_of (NULL, one);

      fail_unless (status == rows[i].status, "row %zu: %d", i, status);
      g_free (one);
    }
  fail_unless_equals_int (status_of (NULL, as_text), 400);
  g_free (token);
  g_strfreev (parts);
  g_free (as_text);
}
GST_END_TEST

GST_START_TEST (wrong_digest_is_not_saved_by_a_right_token)
{
  gchar *challenge = ask (NULL, NULL);
  gchar *wrong = wire_digest (challenge, "POST", DEVICE, "guess", 1);
  gchar *token = wire_token (WIRE_PASSWORD, 0);

  fail_unless_equals_int (status_of (wrong, token), 401);
  g_free (challenge);
  g_free (wrong);
  g_free (token);
}
GST_END_TEST

GST_START_TEST (plain_http_needs_the_same_password)
{
  gchar *answer = wire_post (port, "/ring", NULL, "");
  gchar *right = wire_digest (answer, "POST", "/ring", WIRE_PASSWORD, 1);
  gchar *wrong = wire_digest (answer, "POST", "/ring", "guess", 2);

  fail_unless_equals_int (wire_status (answer), 401);
  g_free (answer);
  answer = wire_post (port, "/ring", right, "");
  fail_unless_equals_int (wire_status (answer), 204);
  g_free (answer);
  answer = wire_post (port, "/ring", wrong, "");
  fail_unless_equals_int (wire_status (answer), 401);
  g_free (answer);
  g_free (right);
  g_free (wrong);
}
GST_END_TEST

static Suite *
server_auth_suite (void)
{
  Suite *suite = suite_create ("onvif-server-auth");
  TCase *auth = tcase_create ("auth");

  tcase_add_checked_fixture (auth, setup, teardown);
  tcase_add_test (auth, open_operations_need_no_password);
  tcase_add_test (auth, digest_lets_the_owner_in_and_no_replay);
  tcase_add_test (auth, wrong_digest_is_refused);
  tcase_add_test (auth, token_lets_the_owner_in_and_no_replay);
  tcase_add_test (auth, wrong_or_old_token_is_refused);
  tcase_add_test (auth, wrong_digest_is_not_saved_by_a_right_token);
  tcase_add_test (auth, plain_http_needs_the_same_password);
  suite_add_tcase (suite, auth);
  return suite;
}

GST_CHECK_MAIN (server_auth);
