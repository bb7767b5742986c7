/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device may send: SOAP answers and events, datagrams of discovery,
 * HTTP in pieces, challenges, addresses. The first byte picks the reader, so
 * that a corpus of plain XML goes to the one for answers ('<' is one of its
 * bytes). */
#include "fuzz.h"

#include "digest.h"
#include "discovery-message.h"
#include "http.h"
#include "onvif.h"
#include "url.h"

#include <string.h>

static void
read_answer (const char *data, size_t size)
{
  char summary[2048];
  DwError error = { 0 };
  DwStatus status
      = dw_onvif_parse_answer (data, size, summary, sizeof summary, &error);

  FUZZ_ASSERT (strlen (summary) < sizeof summary);
  FUZZ_ASSERT (status == DW_OK || error.text[0] != '\0');
  FUZZ_ASSERT (status == DW_OK || error.status == status);
}

static void
read_datagram (const char *data, size_t size)
{
  DwDiscoveryCodec *codec = dw_discovery_codec_new ();
  DwDiscovery message;

  FUZZ_ASSERT (codec != NULL);
  if (dw_discovery_read (codec, data, size, "192.0.2.7", &message) != DW_OK)
    FUZZ_ASSERT (message.n_matches == 0);
  FUZZ_ASSERT (message.n_matches <= DW_DISCOVERY_MAX_MATCHES);
  for (size_t i = 0; i < message.n_matches; i++)
    FUZZ_ASSERT (message.matches[i].endpoint[0] != '\0');
  dw_discovery_codec_free (codec);
}

/* In pieces of 7: the result must not hang on how the bytes came. */
static void
read_http (const char *data, size_t size)
{
  DwHttpParser whole = { 0 }, parts = { 0 };
  DwHttpReply first = { 0 }, second = { 0 };
  DwStatus status
      = size > 0 ? dw_http_parser_push (&whole, data, size, &first) : DW_OK;
  DwStatus other = DW_OK;

  if (status == DW_OK && !whole.is_done)
    status = dw_http_parser_push (&whole, "", 0, &first);
  for (size_t at = 0; at < size && other == DW_OK && !parts.is_done; at += 7)
    other = dw_http_parser_push (&parts, data + at,
                                 size - at < 7 ? size - at : 7, &second);
  if (other == DW_OK && !parts.is_done)
    other = dw_http_parser_push (&parts, "", 0, &second);
  if (status == DW_OK && other == DW_OK)
    {
      FUZZ_ASSERT (first.status == second.status);
      FUZZ_ASSERT (first.body_size <= DW_HTTP_MAX_BODY);
      FUZZ_ASSERT (first.body[first.body_size] == '\0');
    }
  dw_http_reply_finish (&first);
  dw_http_reply_finish (&second);
  dw_http_parser_finish (&whole);
  dw_http_parser_finish (&parts);
}

static void
read_text (const char *data, size_t size)
{
  char *text = malloc (size + 1), out[DW_DIGEST_TEXT], uri[DW_ONVIF_URI];
  DwDigestChallenge challenge;
  DwUrl url, again;

  FUZZ_ASSERT (text != NULL);
  memcpy (text, data, size);
  text[size] = '\0';
  if (dw_digest_read (text, &challenge) == DW_OK)
    dw_digest_answer (&challenge, "user", "password", "POST", "/", out);
  /* What was written is read as the same. */
  if (dw_url_parse (text, "http", &url) == DW_OK && url.host[0]
      && dw_url_format (&url, uri) == DW_OK
      && dw_url_parse (uri, "http", &again) == DW_OK)
    {
      FUZZ_ASSERT (strcmp (url.host, again.host) == 0);
      FUZZ_ASSERT (url.port == again.port);
      FUZZ_ASSERT (strcmp (url.path, again.path) == 0);
    }
  free (text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *rest = (const char *)data + 1;

  if (size == 0)
    {
      read_answer ("", 0);
      return 0;
    }
  switch (data[0])
    {
    case 'd':
      read_datagram (rest, size - 1);
      break;
    case 'h':
      read_http (rest, size - 1);
      break;
    case 't':
      read_text (rest, size - 1);
      break;
    default:
      read_answer ((const char *)data, size);
      break;
    }
  return 0;
}
