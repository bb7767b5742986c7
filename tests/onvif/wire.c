/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The raw client and the device of the server's tests. */
#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const DwOnvifUser users[] = { { WIRE_USER, WIRE_PASSWORD } };

static const DwOnvifServerProfile profiles[] = {
  { { "main", "Main", "H264", 1920, 1080, 25, "AAC" },
    "rtsp://0.0.0.0:8554/main",
    "/snapshot.jpg?profile=main" },
  { { "sub", "Sub & small", "H264", 640, 360, 10, "" },
    "rtsp://192.0.2.1:554/sub",
    "" },
};

static void
answer_http (DwOnvifHttp *http, void *user_data)
{
  (void)user_data;
  if (g_str_equal (http->method, "GET")
      && g_str_has_prefix (http->path, "/snapshot.jpg"))
    {
      http->status = 200;
      http->content_type = "image/jpeg";
      http->body = strdup ("picture");
      http->body_size = strlen ("picture");
    }
  else if (g_str_equal (http->method, "POST")
           && g_str_equal (http->path, "/ring"))
    http->status = 204;
}

void
wire_settings (DwOnvifServerSettings *settings, gboolean has_users)
{
  *settings = (DwOnvifServerSettings){ .bind_address = "127.0.0.1",
                                       .name = "Front door",
                                       .manufacturer = "Acme <&>",
                                       .model = "Bell 1",
                                       .firmware = "1.2.3",
                                       .serial = "0001",
                                       .n_users = has_users ? 1 : 0,
                                       .users = users,
                                       .n_profiles = 2,
                                       .profiles = profiles,
                                       .http = answer_http };
}

DwOnvifServer *
wire_start (const DwOnvifServerSettings *settings)
{
  DwOnvifServer *server = NULL;
  DwError error = { 0 };

  dw_onvif_server_new (settings, &server, &error);
  fail_unless (server != NULL, "%s", error.text);
  return server;
}

int
wire_connect (guint16 port)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_port = htons (port) };
  const struct timeval patience = { .tv_sec = 20 };
  const int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  fail_unless (fd >= 0);
  fail_unless_equals_int (
      connect (fd, (struct sockaddr *)&address, sizeof address), 0);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return fd;
}

gboolean
wire_send (int fd, const void *bytes, gsize size)
{
  gsize done = 0;

  while (done < size)
    {
      const ssize_t n
          = send (fd, (const gchar *)bytes + done, size - done, MSG_NOSIGNAL);

      if (n <= 0)
        return FALSE;
      done += (gsize)n;
    }
  return TRUE;
}

gchar *
wire_read_all (int fd)
{
  GString *text = g_string_new (NULL);
  gchar bytes[4096];
  ssize_t n;

  while ((n = recv (fd, bytes, sizeof bytes, 0)) > 0)
    g_string_append_len (text, bytes, n);
  return g_string_free (text, FALSE);
}

gchar *
wire_read_answer (int fd)
{
  GString *text = g_string_new (NULL);
  gchar byte;

  while (recv (fd, &byte, 1, 0) == 1)
    {
      const gchar *end;
      gchar *length;

      g_string_append_c (text, byte);
      end = strstr (text->str, "\r\n\r\n");
      if (end == NULL)
        continue;
      length = wire_between (text->str, "Content-Length: ", "\r\n");
      fail_unless (length != NULL);
      if (strlen (end + 4) >= (gsize)g_ascii_strtoull (length, NULL, 10))
        {
          g_free (length);
          break;
        }
      g_free (length);
    }
  return g_string_free (text, FALSE);
}

gchar *
wire_post (guint16 port, const gchar *path, const gchar *headers,
           const gchar *body)
{
  gchar *request = g_strdup_printf (
      "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n"
      "Content-Type: application/soap+xml\r\nContent-Length: %zu\r\n%s\r\n%s",
      path, port, strlen (body), headers ? headers : "", body);
  const int fd = wire_connect (port);
  gchar *answer;

  wire_send (fd, request, strlen (request));
  answer = wire_read_all (fd);
  close (fd);
  g_free (request);
  return answer;
}

gchar *
wire_envelope (const gchar *header, const gchar *body)
{
  return g_strdup_printf (
      "<?xml version=\"1.0\"?>"
      "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\""
      " xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\""
      " xmlns:trt=\"http://www.onvif.org/ver10/media/wsdl\""
      " xmlns:tr2=\"http://www.onvif.org/ver20/media/wsdl\""
      " xmlns:tev=\"http://www.onvif.org/ver10/events/wsdl\""
      " xmlns:wsnt=\"http://docs.oasis-open.org/wsn/b-2\""
      " xmlns:a=\"http://www.w3.org/2005/08/addressing\""
      " xmlns:tns1=\"http://www.onvif.org/ver10/topics\">"
      "<e:Header>%s</e:Header><e:Body>%s</e:Body></e:Envelope>",
      header ? header : "", body);
}

gchar *
wire_call (guint16 port, const gchar *path, const gchar *body)
{
  gchar *envelope = wire_envelope (NULL, body);
  gchar *answer = wire_post (port, path, NULL, envelope);

  g_free (envelope);
  return answer;
}

int
wire_status (const gchar *answer)
{
  return g_str_has_prefix (answer, "HTTP/1.1 ") ? atoi (answer + 9) : 0;
}

gchar *
wire_between (const gchar *text, const gchar *from, const gchar *to)
{
  const gchar *start = strstr (text, from);
  const gchar *end = start ? strstr (start + strlen (from), to) : NULL;

  if (end == NULL)
    return NULL;
  start += strlen (from);
  return g_strndup (start, (gsize)(end - start));
}

static gchar *
md5 (gchar *text)
{
  gchar *hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, text, -1);

  g_free (text);
  return hash;
}

gchar *
wire_digest (const gchar *answer, const gchar *method, const gchar *path,
             const gchar *password, guint count)
{
  gchar *realm = wire_between (answer, "realm=\"", "\"");
  gchar *nonce = wire_between (answer, "nonce=\"", "\"");
  gchar *ha1, *ha2, *response, *header;

  fail_unless (realm != NULL && nonce != NULL, "no challenge in %s", answer);
  ha1 = md5 (g_strdup_printf (WIRE_USER ":%s:%s", realm, password));
  ha2 = md5 (g_strdup_printf ("%s:%s", method, path));
  response = md5 (
      g_strdup_printf ("%s:%s:%08x:0a4f113b:auth:%s", ha1, nonce, count, ha2));
  header = g_strdup_printf (
      "Authorization: Digest username=\"" WIRE_USER "\", realm=\"%s\", "
      "nonce=\"%s\", uri=\"%s\", algorithm=MD5, qop=auth, nc=%08x, "
      "cnonce=\"0a4f113b\", response=\"%s\"\r\n",
      realm, nonce, path, count, response);
  g_free (realm);
  g_free (nonce);
  g_free (ha1);
  g_free (ha2);
  g_free (response);
  return header;
}

gchar *
wire_token (const gchar *password, gint64 offset_s)
{
  static const guchar nonce[] = "sixteen byte key";
  static guint n_tokens;
  GDateTime *now = g_date_time_new_now_utc ();
  GDateTime *then = g_date_time_add_seconds (now, (gdouble)offset_s);
  gchar *second = g_date_time_format (then, "%Y-%m-%dT%H:%M:%S");
  gchar *created = g_strdup_printf ("%s.%03uZ", second, ++n_tokens % 1000);
  GChecksum *sum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize digest_size = sizeof digest;
  gchar *digest64, *nonce64, *header;

  g_checksum_update (sum, nonce, 16);
  g_checksum_update (sum, (const guchar *)created, -1);
  g_checksum_update (sum, (const guchar *)password, -1);
  g_checksum_get_digest (sum, digest, &digest_size);
  digest64 = g_base64_encode (digest, digest_size);
  nonce64 = g_base64_encode (nonce, 16);
#define WSS "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
  header = g_strdup_printf (
      "<w:Security xmlns:w=\"" WSS "wssecurity-secext-1.0.xsd\" xmlns:u=\"" WSS
      "wssecurity-utility-1.0.xsd\" e:mustUnderstand=\"1\"><w:UsernameToken>"
      "<w:Username>" WIRE_USER "</w:Username><w:Password Type=\"" WSS
      "username-token-profile-1.0#PasswordDigest\">%s</w:Password>"
      "<w:Nonce>%s</w:Nonce><u:Created>%s</u:Created>"
      "</w:UsernameToken></w:Security>",
      digest64, nonce64, created);
  g_free (digest64);
  g_free (nonce64);
  g_free (created);
  g_free (second);
  g_checksum_free (sum);
  g_date_time_unref (then);
  g_date_time_unref (now);
  return header;
}

guint
wire_count (const gchar *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  fail_unless (dir != NULL);
  while (g_dir_read_name (dir))
    n++;
  g_dir_close (dir);
  return n;
}

void
wire_expect_count (const gchar *folder, guint n)
{
  const gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  guint now = wire_count (folder);

  while (now != n && g_get_monotonic_time () < end)
    {
      g_thread_yield ();
      now = wire_count (folder);
    }
  fail_unless (now == n, "%u entries in %s, not %u", now, folder, n);
}
