/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection to one host, plain or TLS. OpenSSL works on memory only, so
 * that every wait is on this file's socket, with a deadline and a cancel. */
#include "stream.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TLS_CHUNK 16384

struct DwStream
{
  int fd;
  SSL_CTX *context; /* NULL: plain */
  SSL *ssl;
  BIO *in, *out; /* owned by ssl */
};

/* -- Plain --------------------------------------------------------------- */

static DwStatus
raw_write (int fd, const void *data, size_t size, const DwWait *wait)
{
  const char *at = data;

  while (size > 0)
    {
      DwStatus status = dw_net_wait (fd, POLLOUT, wait);
      ssize_t n;

      if (status != DW_OK)
        return status;
      n = send (fd, at, size, MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN && errno != EINTR)
        return DW_ERROR_IO;
      if (n > 0)
        {
          at += n;
          size -= (size_t)n;
        }
    }
  return DW_OK;
}

static DwStatus
raw_read (int fd, void *data, size_t size, const DwWait *wait, size_t *got)
{
  *got = 0;
  for (;;)
    {
      DwStatus status = dw_net_wait (fd, POLLIN, wait);
      ssize_t n;

      if (status != DW_OK)
        return status;
      n = recv (fd, data, size, 0);
      if (n >= 0)
        {
          *got = (size_t)n;
          return DW_OK;
        }
      if (errno != EAGAIN && errno != EINTR)
        return DW_ERROR_IO;
    }
}

/* -- TLS ----------------------------------------------------------------- */

static DwStatus
tls_flush (DwStream *stream, const DwWait *wait)
{
  char chunk[TLS_CHUNK];
  int n;

  while ((n = BIO_read (stream->out, chunk, sizeof chunk)) > 0)
    {
      DwStatus status = raw_write (stream->fd, chunk, (size_t)n, wait);

      if (status != DW_OK)
        return status;
    }
  return DW_OK;
}

static DwStatus
tls_fill (DwStream *stream, const DwWait *wait)
{
  char chunk[TLS_CHUNK];
  size_t n;
  DwStatus status = raw_read (stream->fd, chunk, sizeof chunk, wait, &n);

  if (status != DW_OK)
    return status;
  if (n == 0)
    return DW_ERROR_IO;
  return BIO_write (stream->in, chunk, (int)n) == (int)n ? DW_OK
                                                         : DW_ERROR_NO_MEMORY;
}

/* What to do after an OpenSSL call that returned `result` <= 0; DW_OK: again.
 */
static DwStatus
tls_again (DwStream *stream, int result, const DwWait *wait)
{
  int reason = SSL_get_error (stream->ssl, result);
  DwStatus status = tls_flush (stream, wait);

  if (status != DW_OK)
    return status;
  if (reason == SSL_ERROR_WANT_READ)
    return tls_fill (stream, wait);
  return reason == SSL_ERROR_WANT_WRITE ? DW_OK : DW_ERROR_PROTOCOL;
}

static DwStatus
tls_handshake (DwStream *stream, const DwWait *wait)
{
  int result;

  while ((result = SSL_connect (stream->ssl)) != 1)
    {
      DwStatus status = tls_again (stream, result, wait);

      if (status != DW_OK)
        return status;
    }
  return tls_flush (stream, wait);
}

static bool
tls_prepare (DwStream *stream, const char *host)
{
  X509_VERIFY_PARAM *checks;
  BIO *in, *out;

  stream->context = SSL_CTX_new (TLS_client_method ());
  if (stream->context == NULL)
    return false;
  SSL_CTX_set_verify (stream->context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_default_verify_paths (stream->context);
  stream->ssl = SSL_new (stream->context);
  in = BIO_new (BIO_s_mem ());
  out = BIO_new (BIO_s_mem ());
  if (stream->ssl == NULL || in == NULL || out == NULL)
    {
      BIO_free (in);
      BIO_free (out);
      return false;
    }
  SSL_set_bio (stream->ssl, in, out);
  stream->in = in;
  stream->out = out;
  checks = SSL_get0_param (stream->ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc (checks, host) == 1)
    return true;
  return X509_VERIFY_PARAM_set1_host (checks, host, 0) == 1
         && SSL_set_tlsext_host_name (stream->ssl, host) == 1;
}

static DwStatus
tls_open (DwStream *stream, const char *host, const DwWait *wait,
          DwError *error)
{
  DwStatus status;
  long verdict;

  ERR_clear_error ();
  if (!tls_prepare (stream, host))
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "no memory for TLS");
  status = tls_handshake (stream, wait);
  verdict = SSL_get_verify_result (stream->ssl);
  ERR_clear_error ();
  if (status == DW_OK)
    return DW_OK;
  if (status == DW_ERROR_PROTOCOL && verdict != X509_V_OK)
    return dw_error_set (error, DW_ERROR_REFUSED,
                         "%s shows a certificate that is not trusted (%s): "
                         "add its issuer to the system's certificates",
                         host, X509_verify_cert_error_string (verdict));
  return dw_error_set (error, status, "%s: no TLS connection (%s)", host,
                       dw_status_text (status));
}

/* -- Either -------------------------------------------------------------- */

static DwStatus
say_no_connection (const DwUrl *url, DwStatus status, DwError *error)
{
  unsigned port = dw_url_port (url);

  if (status == DW_ERROR_TIMEOUT)
    return dw_error_set (error, status, "%s did not answer on port %u",
                         url->host, port);
  if (status == DW_ERROR_UNREACHABLE)
    return dw_error_set (error, status,
                         "%s cannot be reached on port %u: is it switched on, "
                         "and is the address right?",
                         url->host, port);
  return dw_error_set (error, status, "%s: no connection to port %u (%s)",
                       url->host, port, dw_status_text (status));
}

DwStatus
dw_stream_open (const DwUrl *url, const DwWait *wait, DwStream **out,
                DwError *error)
{
  DwStream *stream = calloc (1, sizeof *stream);
  DwStatus status;

  *out = NULL;
  if (stream == NULL)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "no memory");
  status = dw_net_connect (url->host, dw_url_port (url), wait, &stream->fd);
  if (status != DW_OK)
    {
      free (stream);
      return say_no_connection (url, status, error);
    }
  if (strcmp (url->scheme, "https") == 0)
    status = tls_open (stream, url->host, wait, error);
  if (status != DW_OK)
    {
      dw_stream_close (stream);
      return status;
    }
  *out = stream;
  return DW_OK;
}

void
dw_stream_close (DwStream *stream)
{
  if (stream == NULL)
    return;
  SSL_free (stream->ssl);
  SSL_CTX_free (stream->context);
  close (stream->fd);
  free (stream);
}

DwStatus
dw_stream_write (DwStream *stream, const void *data, size_t size,
                 const DwWait *wait)
{
  int result;

  if (stream->ssl == NULL)
    return raw_write (stream->fd, data, size, wait);
  while ((result = SSL_write (stream->ssl, data, (int)size)) <= 0)
    {
      DwStatus status = tls_again (stream, result, wait);

      if (status != DW_OK)
        return status;
    }
  return tls_flush (stream, wait);
}

DwStatus
dw_stream_read (DwStream *stream, void *data, size_t size, const DwWait *wait,
                size_t *got)
{
  int result;

  *got = 0;
  if (stream->ssl == NULL)
    return raw_read (stream->fd, data, size, wait, got);
  while ((result = SSL_read (stream->ssl, data, (int)size)) <= 0)
    {
      DwStatus status;

      if (SSL_get_error (stream->ssl, result) == SSL_ERROR_ZERO_RETURN)
        return DW_OK;
      status = tls_again (stream, result, wait);
      if (status != DW_OK)
        return status;
    }
  *got = (size_t)result;
  return DW_OK;
}
