/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device with chosen faults, on loopback. */
#include "fake-device.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_LIFETIME_S 60
#define MAX_PULL_S 30

typedef struct
{
  FakeDevice *device;
  gint fd;
} Connection;

/* -- Reading the question ------------------------------------------------ */

/* What stands between two texts, or NULL. */
static gchar *
between (const gchar *text, const gchar *before, const gchar *after)
{
  const gchar *start = strstr (text, before);
  const gchar *end;

  if (start == NULL)
    return NULL;
  start += strlen (before);
  end = strstr (start, after);
  return end ? g_strndup (start, (gsize)(end - start)) : NULL;
}

/* The text of an element of any prefix. */
static gchar *
element_text (const gchar *xml, const gchar *name)
{
  gchar *pattern = g_strdup_printf ("<[\\w-]*:?%s(?:\\s[^>]*)?>([^<]*)<", name);
  GRegex *regex = g_regex_new (pattern, 0, 0, NULL);
  GMatchInfo *info;
  gchar *text = NULL;

  if (g_regex_match (regex, xml, 0, &info))
    text = g_match_info_fetch (info, 1);
  g_match_info_free (info);
  g_regex_unref (regex);
  g_free (pattern);
  return text;
}

static gchar *
digest_parameter (const gchar *header, const gchar *name)
{
  gchar *pattern = g_strdup_printf ("[ ,]%s=\"?([^\",\r]*)", name);
  GRegex *regex = g_regex_new (pattern, 0, 0, NULL);
  GMatchInfo *info;
  gchar *text = NULL;

  if (g_regex_match (regex, header, 0, &info))
    text = g_match_info_fetch (info, 1);
  g_match_info_free (info);
  g_regex_unref (regex);
  g_free (pattern);
  return text ? text : g_strdup ("");
}

static gchar *
hash_text (const FakeDevice *device, const gchar *format, ...)
{
  GChecksumType type
      = device->algorithm && strcmp (device->algorithm, "SHA-256") == 0
            ? G_CHECKSUM_SHA256
            : G_CHECKSUM_MD5;
  va_list arguments;
  gchar *text, *hash;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  hash = g_compute_checksum_for_string (type, text, -1);
  g_free (text);
  return hash;
}

/* RFC 7616, section 3.4, by GLib's hashes. */
static gboolean
digest_is_right (const FakeDevice *device, const gchar *header)
{
  gchar *user = digest_parameter (header, "username");
  gchar *nonce = digest_parameter (header, "nonce");
  gchar *uri = digest_parameter (header, "uri");
  gchar *count = digest_parameter (header, "nc");
  gchar *client_nonce = digest_parameter (header, "cnonce");
  gchar *response = digest_parameter (header, "response");
  gchar *expected_nonce = g_strdup_printf ("nonce%d", device->nonce_count);
  gchar *a1 = hash_text (device, "%s:fake:%s", user, device->password);
  gchar *a2 = hash_text (device, "POST:%s", uri);
  gchar *expected = hash_text (device, "%s:%s:%s:%s:auth:%s", a1, nonce, count,
                               client_nonce, a2);
  gboolean is_right = strcmp (user, device->user) == 0
                      && strcmp (nonce, expected_nonce) == 0
                      && strcmp (response, expected) == 0;

  g_free (user);
  g_free (nonce);
  g_free (uri);
  g_free (count);
  g_free (client_nonce);
  g_free (response);
  g_free (expected_nonce);
  g_free (a1);
  g_free (a2);
  g_free (expected);
  return is_right;
}

/* UsernameToken Profile 1.0, section 3.1, and a clock 5 s wide. */
static gboolean
token_is_right (const FakeDevice *device, const gchar *request)
{
  gchar *user = element_text (request, "Username");
  gchar *password = element_text (request, "Password");
  gchar *nonce = element_text (request, "Nonce");
  gchar *created = element_text (request, "Created");
  gboolean is_right = FALSE;

  if (user && password && nonce && created)
    {
      GChecksum *sum = g_checksum_new (G_CHECKSUM_SHA1);
      GDateTime *then = g_date_time_new_from_iso8601 (created, NULL);
      gint64 now = g_get_real_time () / G_USEC_PER_SEC + device->clock_ahead_s;
      gint64 away = then ? g_date_time_to_unix (then) - now : G_MAXINT32;
      guint8 digest[20];
      gsize size = sizeof digest, n;
      guchar *bytes = g_base64_decode (nonce, &n);
      gchar *expected;

      g_checksum_update (sum, bytes, (gssize)n);
      g_checksum_update (sum, (const guchar *)created, -1);
      g_checksum_update (sum, (const guchar *)device->password, -1);
      g_checksum_get_digest (sum, digest, &size);
      expected = g_base64_encode (digest, size);
      is_right = strcmp (user, device->user) == 0
                 && strcmp (password, expected) == 0 && away > -5 && away < 5;
      g_free (expected);
      g_free (bytes);
      g_checksum_free (sum);
      g_clear_pointer (&then, g_date_time_unref);
    }
  g_free (user);
  g_free (password);
  g_free (nonce);
  g_free (created);
  return is_right;
}

/* -- Writing the answer -------------------------------------------------- */

static gchar *
envelope (const FakeDevice *device, const gchar *body)
{
  return g_strdup_printf (
      "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"%s\" "
      "xmlns:tt=\"http://www.onvif.org/ver10/schema\" "
      "xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\" "
      "xmlns:trt=\"http://www.onvif.org/ver10/media/wsdl\" "
      "xmlns:tev=\"http://www.onvif.org/ver10/events/wsdl\" "
      "xmlns:wsnt=\"http://docs.oasis-open.org/wsn/b-2\" "
      "xmlns:a=\"http://www.w3.org/2005/08/addressing\" "
      "xmlns:ter=\"http://www.onvif.org/ver10/error\">"
      "<s:Body>%s</s:Body></s:Envelope>",
      device->is_soap11 ? "http://schemas.xmlsoap.org/soap/envelope/"
                        : "http://www.w3.org/2003/05/soap-envelope",
      body);
}

static gchar *
http (const FakeDevice *device, const gchar *status, const gchar *headers,
      const gchar *body)
{
  gchar *xml = body[0] ? envelope (device, body) : g_strdup ("");
  gchar *answer;

  if (device->is_chunked)
    answer = g_strdup_printf ("HTTP/1.1 %s\r\n%sTransfer-Encoding: chunked\r\n"
                              "\r\n%x\r\n%.7s\r\n%zx\r\n%s\r\n0\r\n\r\n",
                              status, headers, xml[0] ? 7 : 0, xml,
                              xml[0] ? strlen (xml) - 7 : 0,
                              xml[0] ? xml + 7 : "");
  else
    answer = g_strdup_printf ("HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s",
                              status, headers, strlen (xml), xml);
  g_free (xml);
  return answer;
}

static gchar *
fault (const FakeDevice *device, const gchar *code, const gchar *reason)
{
  gchar *body = g_strdup_printf (
      "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>%s"
      "</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en\">%s"
      "</s:Text></s:Reason></s:Fault>",
      code, reason);
  gchar *answer = http (device, "400 Bad Request", "", body);

  g_free (body);
  return answer;
}

/* NULL when the question may pass. */
static gchar *
sign_in_answer (FakeDevice *device, const gchar *request,
                const gchar *operation)
{
  gchar *header = between (request, "Authorization: ", "\r\n");
  gboolean has_token = strstr (request, "UsernameToken") != NULL;
  gboolean is_open = device->sign_in == FAKE_OPEN
                     || (!device->is_closed_for_date
                         && strcmp (operation, "GetSystemDateAndTime") == 0)
                     || strcmp (operation, "GetServices") == 0;
  gboolean is_right = FALSE, is_stale = FALSE;
  gchar *answer = NULL;

  device->n_signed += header || has_token;
  device->n_both += header && has_token;
  if (header && device->sign_in == FAKE_DIGEST)
    {
      is_right = digest_is_right (device, header);
      is_stale = is_right && device->nonce_uses
                 && device->nonce_used++ >= device->nonce_uses;
    }
  if (has_token && device->sign_in >= FAKE_TOKEN)
    is_right = token_is_right (device, request);
  if (!is_open && (!is_right || is_stale))
    {
      gchar *algorithm = device->algorithm ? g_strdup_printf (", algorithm=%s",
                                                              device->algorithm)
                                           : g_strdup ("");

      device->n_refused += (header || has_token) && !is_stale;
      if (is_stale)
        {
          device->nonce_count++;
          device->nonce_used = 0;
        }
      if (device->sign_in == FAKE_DIGEST)
        {
          gchar *challenge = g_strdup_printf (
              "WWW-Authenticate: Basic realm=\"fake\"\r\n"
              "WWW-Authenticate: Digest realm=\"fake\", qop=\"auth,auth-int\""
              ", nonce=\"nonce%d\"%s%s\r\n",
              device->nonce_count, algorithm,
              is_stale && !device->hides_stale ? ", stale=true" : "");

          answer = http (device, "401 Unauthorized", challenge, "");
          g_free (challenge);
        }
      else if (device->sign_in == FAKE_TOKEN_BY_401)
        answer = http (device, "401 Unauthorized", "", "");
      else
        answer = fault (device, "ter:NotAuthorized", "Sender not Authorized");
      g_free (algorithm);
    }
  g_free (header);
  return answer;
}

static gchar *
iso_time (gint64 seconds)
{
  GDateTime *time = g_date_time_new_from_unix_utc (seconds);
  gchar *text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");

  g_date_time_unref (time);
  return text;
}

static gint64
device_now (const FakeDevice *device)
{
  return g_get_real_time () / G_USEC_PER_SEC + device->clock_ahead_s;
}

static gchar *
answer_date (FakeDevice *device)
{
  GDateTime *now = g_date_time_new_from_unix_utc (device_now (device));
  gchar *body = g_strdup_printf (
      "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
      "<tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime><tt:Time>"
      "<tt:Hour>%d</tt:Hour><tt:Minute>%d</tt:Minute><tt:Second>%d"
      "</tt:Second></tt:Time><tt:Date><tt:Year>%d</tt:Year><tt:Month>%d"
      "</tt:Month><tt:Day>%d</tt:Day></tt:Date></tt:UTCDateTime>"
      "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>",
      g_date_time_get_hour (now), g_date_time_get_minute (now),
      g_date_time_get_second (now), g_date_time_get_year (now),
      g_date_time_get_month (now), g_date_time_get_day_of_month (now));
  gchar *answer = http (device, "200 OK", "", body);

  g_date_time_unref (now);
  g_free (body);
  return answer;
}

static gchar *
service_address (const FakeDevice *device, const gchar *path)
{
  return g_strdup_printf (
      "http://%s:%u/onvif/%s",
      device->xaddr_host ? device->xaddr_host : "127.0.0.1",
      device->xaddr_port ? device->xaddr_port : device->port, path);
}

static gchar *
answer_services (FakeDevice *device)
{
  gchar *media = service_address (device, "media");
  gchar *events = service_address (device, "events");
  gchar *body = g_strdup_printf (
      "<tds:GetServicesResponse><tds:Service><tds:Namespace>"
      "http://www.onvif.org/ver10/media/wsdl</tds:Namespace><tds:XAddr>%s"
      "</tds:XAddr></tds:Service><tds:Service><tds:Namespace>"
      "http://www.onvif.org/ver10/events/wsdl</tds:Namespace><tds:XAddr>%s"
      "</tds:XAddr></tds:Service></tds:GetServicesResponse>",
      media, events);
  gchar *answer = http (device, "200 OK", "", body);

  g_free (media);
  g_free (events);
  g_free (body);
  return answer;
}

static gchar *
answer_capabilities (FakeDevice *device)
{
  gchar *media = service_address (device, "media");
  gchar *events = service_address (device, "events");
  gchar *body = g_strdup_printf (
      "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Events><tt:XAddr>%s"
      "</tt:XAddr></tt:Events><tt:Media><tt:XAddr>%s</tt:XAddr></tt:Media>"
      "</tds:Capabilities></tds:GetCapabilitiesResponse>",
      events, media);
  gchar *answer = http (device, "200 OK", "", body);

  g_free (media);
  g_free (events);
  g_free (body);
  return answer;
}

static gchar *
answer_stream_uri (FakeDevice *device)
{
  gchar *uri = device->stream_uri
                   ? g_markup_escape_text (device->stream_uri, -1)
                   : g_strdup_printf ("rtsp://127.0.0.1:%u/main", device->port);
  gchar *body = g_strdup_printf (
      "<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>%s</tt:Uri>"
      "</trt:MediaUri></trt:GetStreamUriResponse>",
      uri);
  gchar *answer = http (device, "200 OK", "", body);

  g_free (uri);
  g_free (body);
  return answer;
}

/* -- Events -------------------------------------------------------------- */

static gchar *
answer_create (FakeDevice *device, const gchar *request)
{
  gchar *termination = element_text (request, "InitialTerminationTime");
  gint lifetime = device->lifetime_s ? device->lifetime_s : DEFAULT_LIFETIME_S;
  const gchar *wsa = device->prefix_of_wsa ? device->prefix_of_wsa : "a";
  gchar *address, *now, *then, *body, *answer;

  device->n_created++;
  if ((device->wants_absolute && (!termination || termination[0] == 'P'))
      || (device->wants_no_time && termination))
    {
      g_free (termination);
      return fault (device, "wsnt:UnacceptableInitialTerminationTimeFault",
                    "no such time");
    }
  device->forgets = FALSE;
  address = device->subscription ? g_strdup (device->subscription)
                                 : service_address (device, "pull");
  now = iso_time (device_now (device));
  then = iso_time (device_now (device) + lifetime);
  body = g_strdup_printf (
      "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
      "<%s:Address>%s</%s:Address>%s</tev:SubscriptionReference>"
      "<wsnt:CurrentTime>%s</wsnt:CurrentTime><wsnt:TerminationTime>%s"
      "</wsnt:TerminationTime></tev:CreatePullPointSubscriptionResponse>",
      wsa, address, wsa,
      device->has_references
          ? "<a:ReferenceParameters><x:SubscriptionId "
            "xmlns:x=\"http://www.axis.com/2009/event\">42</x:SubscriptionId>"
            "</a:ReferenceParameters>"
          : "",
      now, then);
  answer = http (device, "200 OK", "", body);
  g_free (termination);
  g_free (address);
  g_free (now);
  g_free (then);
  g_free (body);
  return answer;
}

/* Waits as it was asked to, or until there is something to tell. */
static gchar *
answer_pull (FakeDevice *device, const gchar *request)
{
  gchar *timeout = element_text (request, "Timeout");
  gdouble seconds = timeout && g_str_has_prefix (timeout, "PT")
                        ? g_ascii_strtod (timeout + 2, NULL)
                        : 0;
  gint64 until = g_get_monotonic_time ()
                 + (gint64)(MIN (seconds, MAX_PULL_S) * G_USEC_PER_SEC);
  gchar *body, *answer;

  device->n_pulled++;
  g_free (timeout);
  g_free (device->last_pull);
  device->last_pull = g_strdup (request);
  if (device->forgets)
    return fault (device, "wsrf-rw:ResourceUnknownFault", "no such resource");
  while (device->messages == NULL && !device->answers_at_once
         && !device->is_stopping
         && g_cond_wait_until (&device->changed, &device->lock, until))
    ;
  body = g_strdup_printf ("<tev:PullMessagesResponse><tev:CurrentTime>"
                          "2026-01-01T00:00:00Z</tev:CurrentTime>"
                          "<tev:TerminationTime>0000-00-00T00:00:00Z"
                          "</tev:TerminationTime>%s</tev:PullMessagesResponse>",
                          device->messages ? device->messages : "");
  g_clear_pointer (&device->messages, g_free);
  answer = http (device, "200 OK", "", body);
  g_free (body);
  return answer;
}

static gchar *
answer_renew (FakeDevice *device)
{
  gchar *now, *then, *body, *answer;

  device->n_renewed++;
  if (device->cannot_renew)
    return fault (device, "ter:ActionNotSupported", "not implemented");
  now = iso_time (device_now (device));
  then = iso_time (device_now (device) + DEFAULT_LIFETIME_S);
  body = g_strdup_printf (
      "<wsnt:RenewResponse><wsnt:TerminationTime>%s</wsnt:TerminationTime>"
      "<wsnt:CurrentTime>%s</wsnt:CurrentTime></wsnt:RenewResponse>",
      then, now);
  answer = http (device, "200 OK", "", body);
  g_free (now);
  g_free (then);
  g_free (body);
  return answer;
}

/* -- One question -------------------------------------------------------- */

static gchar *
answer_operation (FakeDevice *device, const gchar *request,
                  const gchar *operation)
{
  if (strcmp (operation, "GetSystemDateAndTime") == 0)
    return answer_date (device);
  if (strcmp (operation, "GetServices") == 0)
    return device->has_no_services
               ? fault (device, "ter:ActionNotSupported", "Not implemented")
               : answer_services (device);
  if (strcmp (operation, "GetCapabilities") == 0)
    return answer_capabilities (device);
  if (strcmp (operation, "GetDeviceInformation") == 0)
    return http (device, "200 OK", "",
                 "<tds:GetDeviceInformationResponse><tds:Manufacturer>Fake"
                 "</tds:Manufacturer><tds:Model>Porch</tds:Model>"
                 "<tds:FirmwareVersion>1</tds:FirmwareVersion>"
                 "<tds:SerialNumber>4711</tds:SerialNumber>"
                 "</tds:GetDeviceInformationResponse>");
  if (strcmp (operation, "GetProfiles") == 0)
    return http (device, "200 OK", "",
                 "<trt:GetProfilesResponse><trt:Profiles token=\"p0\">"
                 "<tt:Name>Main</tt:Name></trt:Profiles>"
                 "</trt:GetProfilesResponse>");
  if (strcmp (operation, "GetStreamUri") == 0)
    return answer_stream_uri (device);
  if (strcmp (operation, "CreatePullPointSubscription") == 0)
    return answer_create (device, request);
  if (strcmp (operation, "PullMessages") == 0)
    return answer_pull (device, request);
  if (strcmp (operation, "Renew") == 0)
    return answer_renew (device);
  if (strcmp (operation, "Unsubscribe") == 0)
    {
      device->n_unsubscribed++;
      return http (device, "200 OK", "", "<wsnt:UnsubscribeResponse/>");
    }
  return fault (device, "ter:ActionNotSupported", "not implemented");
}

/* NULL: no answer, for ever. */
static gchar *
answer_request (FakeDevice *device, const gchar *request)
{
  GRegex *regex = g_regex_new ("Body>\\s*<[\\w-]+:(\\w+)", 0, 0, NULL);
  GMatchInfo *info;
  gchar *operation, *answer;

  g_regex_match (regex, request, 0, &info);
  operation = g_match_info_fetch (info, 1);
  g_match_info_free (info);
  g_regex_unref (regex);
  if (operation == NULL)
    operation = g_strdup ("");
  device->n_requests++;
  if (g_strcmp0 (device->stall_on, operation) == 0)
    answer = NULL;
  else if (g_strcmp0 (device->answer_on, operation) == 0)
    answer = g_strdup (device->answer);
  else
    {
      answer = sign_in_answer (device, request, operation);
      if (answer == NULL)
        answer = answer_operation (device, request, operation);
    }
  g_free (operation);
  return answer;
}

/* -- Sockets ------------------------------------------------------------- */

static gboolean
is_complete (const GString *request)
{
  const gchar *end = strstr (request->str, "\r\n\r\n");
  gchar *length;
  gsize wanted;

  if (end == NULL)
    return FALSE;
  length = between (request->str, "Content-Length: ", "\r\n");
  wanted = length ? (gsize)g_ascii_strtoull (length, NULL, 10) : 0;
  g_free (length);
  return request->len >= (gsize)(end + 4 - request->str) + wanted;
}

static gpointer
serve (gpointer data)
{
  Connection *connection = data;
  FakeDevice *device = connection->device;
  GString *request = g_string_new (NULL);
  gchar chunk[4096], *answer;
  gssize n = 1;

  while (!is_complete (request)
         && (n = recv (connection->fd, chunk, sizeof chunk, 0)) > 0)
    g_string_append_len (request, chunk, n);
  g_mutex_lock (&device->lock);
  answer = n > 0 ? answer_request (device, request->str) : NULL;
  g_mutex_unlock (&device->lock);
  if (answer)
    {
      gsize size = strlen (answer), sent = 0;

      while (sent < size
             && (n = send (connection->fd, answer + sent, size - sent,
                           MSG_NOSIGNAL))
                    > 0)
        sent += (gsize)n;
      shutdown (connection->fd, SHUT_WR);
    }
  /* Until the client closes: it must, whatever happens. */
  while (recv (connection->fd, chunk, sizeof chunk, 0) > 0)
    ;
  close (connection->fd);
  g_free (answer);
  g_string_free (request, TRUE);
  g_free (connection);
  g_mutex_lock (&device->lock);
  device->n_connections_open--;
  g_cond_broadcast (&device->changed);
  g_mutex_unlock (&device->lock);
  return NULL;
}

static gpointer
accept_loop (gpointer data)
{
  FakeDevice *device = data;
  gint fd;

  while ((fd = accept (device->fd, NULL, NULL)) >= 0)
    {
      Connection *connection = g_new0 (Connection, 1);

      connection->device = device;
      connection->fd = fd;
      g_mutex_lock (&device->lock);
      device->n_connections_open++;
      g_mutex_unlock (&device->lock);
      g_thread_unref (g_thread_new ("fake", serve, connection));
    }
  return NULL;
}

void
fake_device_start (FakeDevice *device)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;

  g_mutex_init (&device->lock);
  g_cond_init (&device->changed);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  device->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (device->fd, >=, 0);
  g_assert_cmpint (
      bind (device->fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (listen (device->fd, 64), ==, 0);
  g_assert_cmpint (getsockname (device->fd, (struct sockaddr *)&address, &size),
                   ==, 0);
  device->port = ntohs (address.sin_port);
  device->thread = g_thread_new ("fake-accept", accept_loop, device);
}

void
fake_device_stop (FakeDevice *device)
{
  g_mutex_lock (&device->lock);
  device->is_stopping = TRUE;
  g_cond_broadcast (&device->changed);
  g_mutex_unlock (&device->lock);
  shutdown (device->fd, SHUT_RDWR);
  g_thread_join (device->thread);
  close (device->fd);
  g_mutex_lock (&device->lock);
  while (device->n_connections_open > 0)
    g_cond_wait (&device->changed, &device->lock);
  g_mutex_unlock (&device->lock);
  g_free (device->messages);
  g_free (device->last_pull);
  g_mutex_clear (&device->lock);
  g_cond_clear (&device->changed);
}

const gchar *
fake_device_location (const FakeDevice *device)
{
  static gchar location[32];

  g_snprintf (location, sizeof location, "127.0.0.1:%u", device->port);
  return location;
}

void
fake_device_notify (FakeDevice *device, const gchar *xml)
{
  g_mutex_lock (&device->lock);
  g_free (device->messages);
  device->messages = g_strdup (xml);
  g_cond_broadcast (&device->changed);
  g_mutex_unlock (&device->lock);
}

gchar *
fake_notification (const gchar *topic, const gchar *operation,
                   const gchar *item, const gchar *value)
{
  return g_strdup_printf (
      "<wsnt:NotificationMessage><wsnt:Topic>%s</wsnt:Topic><wsnt:Message>"
      "<tt:Message UtcTime=\"2026-13-45T00:61:16Z\" PropertyOperation=\"%s\">"
      "<tt:Source><tt:SimpleItem Name=\"Source\" Value=\"000\"/></tt:Source>"
      "<tt:Data><tt:SimpleItem Name=\"%s\" Value=\"%s\"/></tt:Data>"
      "</tt:Message></wsnt:Message></wsnt:NotificationMessage>",
      topic, operation, item, value);
}
