/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may ask: HTTP Digest (RFC 7616: MD5, qop auth) and the username token
 * of WS-Security 1.1 with a password digest. Both refuse what was heard
 * before. Passwords are compared in constant time, and an unknown user costs
 * as much as a wrong password. Safe from any thread. */
#pragma once

#include "onvif.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum
{
  DW_AUTH_REFUSED = 0, /* wrong, malformed, or heard before */
  DW_AUTH_OK,
  DW_AUTH_ABSENT, /* no credentials of this kind */
  DW_AUTH_STALE,  /* the password may be right: ask with a fresh nonce */
} DwAuthVerdict;

typedef struct
{
  const char *user, *digest, *nonce, *created; /* as sent; NULL: absent */
  bool is_digest; /* the password's type is PasswordDigest */
} DwAuthToken;

typedef struct DwAuth DwAuth;

/* Copies the users. Without users everybody is let in. */
DwStatus dw_auth_new (const DwOnvifUser *users, size_t n_users, DwAuth **out);
void dw_auth_free (DwAuth *auth);

bool dw_auth_is_open (const DwAuth *auth);

/* Judges the value of an Authorization header; `boot_ns` is now. */
DwAuthVerdict dw_auth_digest (DwAuth *auth, const char *method,
                              const char *path, const char *authorization,
                              int64_t boot_ns);

/* Judges a username token; `utc_ns` is now. Created may be five minutes off. */
DwAuthVerdict dw_auth_token (DwAuth *auth, const DwAuthToken *token,
                             int64_t utc_ns);

/* The header line "WWW-Authenticate: ...", ended by CRLF. False when it does
 * not fit or no randomness was to be had. */
bool dw_auth_challenge (DwAuth *auth, bool is_stale, int64_t boot_ns, char *out,
                        size_t out_size);
