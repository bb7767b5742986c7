/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digest nonces carry their time and a keyed hash, so an asker without a
 * password costs no memory; only nonces that a right password was used with
 * are remembered. Where such a memory is full the oldest entry goes, and
 * everything as old as it is refused from then on: forgetting never lets a
 * replay in. */
#include "server-auth.h"

#include "timebase.h"

#include <ctype.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NONCE_LIFE_NS (300 * DW_SECOND_NS)
#define TOKEN_SLACK_NS (300 * DW_SECOND_NS)
#define N_NONCES 256
#define N_TOKENS 4096
#define KEY_SIZE 32
#define NONCE_TEXT 64 /* time, counter and mac in hexadecimal */
#define SHA1_SIZE 20
#define FIELD 256
#define REALM "ONVIF"

typedef struct
{
  char id[NONCE_TEXT + 1];
  int64_t time_ns;
  uint64_t last_count;
  uint64_t seen; /* bit i: last_count - i was used */
} Nonce;

/* Named by its digest, which binds nonce, time and password. Decoded: one
 * digest has several spellings in base64. */
typedef struct
{
  unsigned char digest[SHA1_SIZE];
  int64_t time_ns;
} Token;

struct DwAuth
{
  size_t n_users;
  DwOnvifUser *users;
  unsigned char key[KEY_SIZE];
  pthread_mutex_t lock; /* of all below */
  uint64_t n_challenges;
  Nonce nonces[N_NONCES];
  int64_t nonce_floor_ns; /* not in the table and not newer: refused */
  Token tokens[N_TOKENS];
  int64_t token_floor_ns;
};

static void
to_hex (const unsigned char *bytes, size_t n_bytes, char *out)
{
  for (size_t i = 0; i < n_bytes; i++)
    snprintf (out + 2 * i, 3, "%02x", bytes[i]);
}

/* The MD5 of a text as hexadecimal; "" when there is no MD5 to be had. */
static void
md5_hex (const char *text, char out[33])
{
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;

  out[0] = 0;
  if (EVP_Digest (text, strlen (text), digest, &size, EVP_md5 (), NULL) == 1
      && size == 16)
    to_hex (digest, 16, out);
}

/* The user's password; for a stranger one that nobody has, so that both take
 * the same way. */
static const char *
password_of (const DwAuth *auth, const char *user, bool *is_known)
{
  const char *password = "";

  *is_known = false;
  for (size_t i = 0; i < auth->n_users; i++)
    if (strcmp (auth->users[i].user, user) == 0)
      {
        password = auth->users[i].password;
        *is_known = true;
      }
  return password;
}

/* -- HTTP Digest -------------------------------------------------------- */

typedef struct
{
  char username[FIELD], realm[FIELD], nonce[FIELD], uri[DW_ONVIF_URI];
  char response[FIELD], algorithm[FIELD], qop[FIELD], nc[FIELD], cnonce[FIELD];
} DigestFields;

/* Reads one value, quoted or not, from `*text` on. False: it does not fit. */
static bool
read_value (const char **text, char *out, size_t out_size)
{
  const char *c = *text;
  const bool is_quoted = *c == '"';
  size_t n = 0;

  c += is_quoted;
  while (*c && (is_quoted ? *c != '"' : *c != ',' && !isspace ((uint8_t)*c)))
    {
      if (is_quoted && *c == '\\' && c[1])
        c++;
      if (n + 1 >= out_size)
        return false;
      out[n++] = *c++;
    }
  out[n] = 0;
  if (is_quoted && *c != '"')
    return false;
  *text = c + is_quoted;
  return true;
}

static bool
parse_fields (const char *text, DigestFields *fields)
{
  const struct
  {
    const char *name;
    char *value;
    size_t size;
  } known[] = {
    { "username", fields->username, sizeof fields->username },
    { "realm", fields->realm, sizeof fields->realm },
    { "nonce", fields->nonce, sizeof fields->nonce },
    { "uri", fields->uri, sizeof fields->uri },
    { "response", fields->response, sizeof fields->response },
    { "algorithm", fields->algorithm, sizeof fields->algorithm },
    { "qop", fields->qop, sizeof fields->qop },
    { "nc", fields->nc, sizeof fields->nc },
    { "cnonce", fields->cnonce, sizeof fields->cnonce },
  };

  memset (fields, 0, sizeof *fields);
  for (;;)
    {
      char other[DW_ONVIF_URI];
      char *value = other;
      size_t value_size = sizeof other;
      size_t name_size;

      text += strspn (text, " \t,");
      if (*text == 0)
        return true;
      name_size = strcspn (text, "= \t,");
      for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen (known[i].name) == name_size
            && strncasecmp (known[i].name, text, name_size) == 0)
          {
            value = known[i].value;
            value_size = known[i].size;
          }
      text += name_size;
      text += strspn (text, " \t");
      if (*text != '=')
        return false;
      text++;
      text += strspn (text, " \t");
      if (!read_value (&text, value, value_size))
        return false;
    }
}

/* The keyed hash over the first half of a nonce. */
static bool
nonce_mac (const DwAuth *auth, const char *half, char out[33])
{
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;

  if (HMAC (EVP_sha256 (), auth->key, KEY_SIZE, (const unsigned char *)half,
            NONCE_TEXT / 2, mac, &size)
          == NULL
      || size < 16)
    return false;
  to_hex (mac, 16, out);
  return true;
}

static bool
nonce_is_ours (const DwAuth *auth, const char *nonce, int64_t *time_ns)
{
  char time_text[17];
  char mac[33];

  if (strlen (nonce) != NONCE_TEXT || !nonce_mac (auth, nonce, mac)
      || CRYPTO_memcmp (mac, nonce + NONCE_TEXT / 2, 32) != 0)
    return false;
  memcpy (time_text, nonce, 16);
  time_text[16] = 0;
  *time_ns = (int64_t)strtoull (time_text, NULL, 16);
  return true;
}

/* A window of 64 counts: parallel connections may overtake each other. */
static bool
count_is_new (Nonce *nonce, uint64_t count)
{
  const uint64_t ahead = count - nonce->last_count;
  const uint64_t behind = nonce->last_count - count;

  if (count > nonce->last_count)
    {
      nonce->seen = ahead < 64 ? nonce->seen << ahead | 1 : 1;
      nonce->last_count = count;
      return true;
    }
  if (behind >= 64 || nonce->seen >> behind & 1)
    return false;
  nonce->seen |= UINT64_C (1) << behind;
  return true;
}

static bool
nonce_use (DwAuth *auth, const char *id, int64_t time_ns, uint64_t count)
{
  Nonce *oldest = &auth->nonces[0];

  for (size_t i = 0; i < N_NONCES; i++)
    {
      if (strcmp (auth->nonces[i].id, id) == 0)
        return count_is_new (&auth->nonces[i], count);
      if (auth->nonces[i].time_ns < oldest->time_ns)
        oldest = &auth->nonces[i];
    }
  if (time_ns <= auth->nonce_floor_ns)
    return false;
  if (oldest->time_ns > auth->nonce_floor_ns)
    auth->nonce_floor_ns = oldest->time_ns;
  if (time_ns <= auth->nonce_floor_ns)
    return false;
  *oldest = (Nonce){ .time_ns = time_ns, .last_count = count, .seen = 1 };
  memcpy (oldest->id, id, NONCE_TEXT + 1);
  return true;
}

static bool
response_is_right (const DwAuth *auth, const char *method,
                   const DigestFields *fields)
{
  char text[4 * FIELD + DW_ONVIF_URI];
  char ha1[33], ha2[33], expected[33];
  bool is_known = false;
  bool is_right;
  const char *password = password_of (auth, fields->username, &is_known);

  snprintf (text, sizeof text, "%s:%s:%s", fields->username, REALM, password);
  md5_hex (text, ha1);
  OPENSSL_cleanse (text, sizeof text);
  snprintf (text, sizeof text, "%s:%s", method, fields->uri);
  md5_hex (text, ha2);
  snprintf (text, sizeof text, "%s:%s:%s:%s:%s:%s", ha1, fields->nonce,
            fields->nc, fields->cnonce, fields->qop, ha2);
  md5_hex (text, expected);
  is_right = strlen (expected) == 32 && strlen (fields->response) == 32
             && CRYPTO_memcmp (expected, fields->response, 32) == 0;
  OPENSSL_cleanse (ha1, sizeof ha1);
  return is_right && is_known;
}

DwAuthVerdict
dw_auth_digest (DwAuth *auth, const char *method, const char *path,
                const char *authorization, int64_t boot_ns)
{
  DigestFields fields;
  int64_t time_ns = 0;
  uint64_t count;
  char *end = NULL;
  bool is_new;

  if (authorization == NULL || authorization[0] == 0)
    return DW_AUTH_ABSENT;
  if (strncasecmp (authorization, "Digest ", 7) != 0
      || !parse_fields (authorization + 7, &fields))
    return DW_AUTH_REFUSED;
  count = strtoull (fields.nc, &end, 16);
  /* Without qop there is no count, and nothing tells a replay. */
  if (strcmp (fields.realm, REALM) != 0 || strcmp (fields.qop, "auth") != 0
      || strlen (fields.nc) != 8 || *end != 0 || count == 0
      || fields.cnonce[0] == 0 || strcmp (fields.uri, path) != 0
      || (fields.algorithm[0] && strcasecmp (fields.algorithm, "MD5") != 0))
    return DW_AUTH_REFUSED;
  if (!nonce_is_ours (auth, fields.nonce, &time_ns))
    return DW_AUTH_STALE;
  if (!response_is_right (auth, method, &fields))
    return DW_AUTH_REFUSED;
  if (boot_ns < time_ns || boot_ns - time_ns > NONCE_LIFE_NS)
    return DW_AUTH_STALE;
  pthread_mutex_lock (&auth->lock);
  is_new = nonce_use (auth, fields.nonce, time_ns, count);
  pthread_mutex_unlock (&auth->lock);
  return is_new ? DW_AUTH_OK : DW_AUTH_STALE;
}

bool
dw_auth_challenge (DwAuth *auth, bool is_stale, int64_t boot_ns, char *out,
                   size_t out_size)
{
  char half[NONCE_TEXT / 2 + 1];
  char mac[33];
  uint64_t number;
  int n;

  pthread_mutex_lock (&auth->lock);
  number = ++auth->n_challenges;
  pthread_mutex_unlock (&auth->lock);
  snprintf (half, sizeof half, "%016" PRIx64 "%016" PRIx64, (uint64_t)boot_ns,
            number);
  if (!nonce_mac (auth, half, mac))
    return false;
  n = snprintf (out, out_size,
                "WWW-Authenticate: Digest realm=\"" REALM "\", qop=\"auth\", "
                "algorithm=MD5, nonce=\"%s%s\"%s\r\n",
                half, mac, is_stale ? ", stale=true" : "");
  return n > 0 && (size_t)n < out_size;
}

/* -- Username token ----------------------------------------------------- */

/* -1 when it is not base64 or does not fit. */
static int
from_base64 (const char *text, unsigned char *out, size_t out_size)
{
  const size_t size = strlen (text);
  int n;

  if (size == 0 || size % 4 != 0 || size / 4 * 3 > out_size)
    return -1;
  n = EVP_DecodeBlock (out, (const unsigned char *)text, (int)size);
  if (n > 0 && text[size - 1] == '=')
    n -= text[size - 2] == '=' ? 2 : 1;
  return n;
}

static bool
token_is_right (const DwAuth *auth, const DwAuthToken *token,
                unsigned char digest[SHA1_SIZE])
{
  unsigned char text[192 + DW_TIME_TEXT + DW_ONVIF_TEXT];
  unsigned char told[64];
  unsigned char expected[EVP_MAX_MD_SIZE];
  unsigned expected_size = 0;
  bool is_known = false;
  bool is_right;
  const char *password = password_of (auth, token->user, &is_known);
  const size_t created_size = strlen (token->created);
  const size_t password_size = strlen (password);
  const int nonce_size = from_base64 (token->nonce, text, 192);
  size_t size = nonce_size > 0 ? (size_t)nonce_size : 0;

  if (size == 0 || from_base64 (token->digest, told, sizeof told) != SHA1_SIZE)
    return false;
  memcpy (text + size, token->created, created_size);
  size += created_size;
  /* Bytes to be hashed, no text that wants an end.
   * NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
  memcpy (text + size, password, password_size);
  size += password_size;
  is_right
      = EVP_Digest (text, size, expected, &expected_size, EVP_sha1 (), NULL)
            == 1
        && expected_size == SHA1_SIZE
        && CRYPTO_memcmp (expected, told, SHA1_SIZE) == 0;
  OPENSSL_cleanse (text, sizeof text);
  memcpy (digest, expected, SHA1_SIZE);
  return is_right && is_known;
}

static bool
token_is_new (DwAuth *auth, const unsigned char digest[SHA1_SIZE],
              int64_t time_ns)
{
  Token *oldest = &auth->tokens[0];

  for (size_t i = 0; i < N_TOKENS; i++)
    {
      if (auth->tokens[i].time_ns != 0
          && memcmp (auth->tokens[i].digest, digest, SHA1_SIZE) == 0)
        return false;
      if (auth->tokens[i].time_ns < oldest->time_ns)
        oldest = &auth->tokens[i];
    }
  if (oldest->time_ns > auth->token_floor_ns)
    auth->token_floor_ns = oldest->time_ns;
  if (time_ns <= auth->token_floor_ns)
    return false;
  oldest->time_ns = time_ns;
  memcpy (oldest->digest, digest, SHA1_SIZE);
  return true;
}

DwAuthVerdict
dw_auth_token (DwAuth *auth, const DwAuthToken *token, int64_t utc_ns)
{
  unsigned char digest[SHA1_SIZE];
  int64_t time_ns = 0;
  int64_t off_ns;
  bool is_new;

  if (token->user == NULL)
    return DW_AUTH_ABSENT;
  if (token->digest == NULL || token->nonce == NULL || token->created == NULL
      || !token->is_digest || strlen (token->created) >= DW_TIME_TEXT
      || !isdigit ((unsigned char)token->created[0])
      || dw_time_parse (token->created, utc_ns, &time_ns) != DW_OK)
    return DW_AUTH_REFUSED;
  off_ns = utc_ns - time_ns;
  if (utc_ns == 0 || off_ns > TOKEN_SLACK_NS || off_ns < -TOKEN_SLACK_NS
      || !token_is_right (auth, token, digest))
    return DW_AUTH_REFUSED;
  pthread_mutex_lock (&auth->lock);
  is_new = token_is_new (auth, digest, time_ns);
  pthread_mutex_unlock (&auth->lock);
  return is_new ? DW_AUTH_OK : DW_AUTH_REFUSED;
}

/* -- Life --------------------------------------------------------------- */

DwStatus
dw_auth_new (const DwOnvifUser *users, size_t n_users, DwAuth **out)
{
  DwAuth *auth;

  *out = NULL;
  for (size_t i = 0; i < n_users; i++)
    if (memchr (users[i].user, 0, DW_ONVIF_TEXT) == NULL
        || memchr (users[i].password, 0, DW_ONVIF_TEXT) == NULL
        || users[i].user[0] == 0)
      return DW_ERROR_INVALID;
  auth = calloc (1, sizeof *auth);
  if (auth == NULL)
    return DW_ERROR_NO_MEMORY;
  pthread_mutex_init (&auth->lock, NULL);
  auth->users = calloc (n_users + 1, sizeof *users);
  auth->n_users = n_users;
  if (auth->users == NULL || RAND_bytes (auth->key, KEY_SIZE) != 1)
    {
      dw_auth_free (auth);
      return DW_ERROR_NO_MEMORY;
    }
  if (n_users > 0)
    memcpy (auth->users, users, n_users * sizeof *users);
  *out = auth;
  return DW_OK;
}

void
dw_auth_free (DwAuth *auth)
{
  if (auth == NULL)
    return;
  if (auth->users)
    OPENSSL_cleanse (auth->users, auth->n_users * sizeof *auth->users);
  free (auth->users);
  pthread_mutex_destroy (&auth->lock);
  OPENSSL_cleanse (auth, sizeof *auth);
  free (auth);
}

bool
dw_auth_is_open (const DwAuth *auth)
{
  return auth->n_users == 0;
}
