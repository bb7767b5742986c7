/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers to "who are you": HTTP Digest (RFC 7616) and the digest of the
 * username token (WS-Security UsernameToken Profile 1.0). Private to onvif/. */
#pragma once

#include "onvif.h"

typedef enum
{
  DW_DIGEST_NONE = 0,
  DW_DIGEST_MD5,
  DW_DIGEST_SHA256,
} DwDigestHash;

/* What the other side asked for. */
typedef struct
{
  DwDigestHash hash;
  bool has_qop;    /* auth */
  bool is_session; /* MD5-sess, SHA-256-sess */
  bool is_stale;
  char realm[256];
  char nonce[256];
  char opaque[256];
  char algorithm[16]; /* as sent, "" when not */
  unsigned count;     /* how often the nonce was used */
} DwDigestChallenge;

/* Picks the strongest Digest from WWW-Authenticate values, one a line.
 * DW_ERROR_UNSUPPORTED when there is none. */
DwStatus dw_digest_read (const char *challenges, DwDigestChallenge *out);

#define DW_DIGEST_TEXT 2048

/* Writes the value of an Authorization header; counts the nonce up. */
DwStatus dw_digest_answer (DwDigestChallenge *challenge, const char *user,
                           const char *password, const char *method,
                           const char *uri, char out[DW_DIGEST_TEXT]);

#define DW_TOKEN_TEXT 48

/* Base64 (SHA-1 (nonce + created + password)), and the nonce in Base64. */
DwStatus dw_token_digest (const char *created, const char *password,
                          char nonce[DW_TOKEN_TEXT],
                          char digest[DW_TOKEN_TEXT]);
