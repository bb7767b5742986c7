/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP Digest (RFC 7616) and the digest of the username token. */
#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEX_SIZE (2 * EVP_MAX_MD_SIZE + 1)
#define NONCE_BYTES 16

/* -- Challenges ---------------------------------------------------------- */

/* Reads one `name=value` or `name="value"`; returns what follows, NULL at the
 * end of the challenge. */
static const char *
read_parameter (const char *at, char *name, char *value, size_t size)
{
  size_t n = 0;

  at += strspn (at, " \t,");
  n = strcspn (at, "=, \t\n");
  if (n == 0 || n >= 32 || at[n] != '=')
    return NULL;
  memcpy (name, at, n);
  name[n] = '\0';
  at += n + 1;
  n = 0;
  if (*at != '"')
    {
      for (; *at && !strchr (", \t\n", *at) && n + 1 < size; at++)
        value[n++] = *at;
      value[n] = '\0';
      return at;
    }
  for (at++; *at && *at != '"' && *at != '\n'; at++)
    {
      if (*at == '\\' && at[1] && at[1] != '\n')
        at++;
      if (n + 1 < size)
        value[n++] = *at;
    }
  value[n] = '\0';
  return *at == '"' ? at + 1 : NULL;
}

static bool
list_has (const char *list, const char *word)
{
  size_t length = strlen (word);

  while (*list)
    {
      size_t n;

      list += strspn (list, " ,\t");
      n = strcspn (list, " ,\t");
      if (n == length && strncasecmp (list, word, n) == 0)
        return true;
      list += n;
    }
  return false;
}

static void
read_algorithm (DwDigestChallenge *challenge)
{
  const char *name = challenge->algorithm;

  challenge->is_session
      = strlen (name) > 5
        && strcasecmp (name + strlen (name) - 5, "-sess") == 0;
  if (name[0] == '\0' || strcasecmp (name, "MD5") == 0
      || strcasecmp (name, "MD5-sess") == 0)
    challenge->hash = DW_DIGEST_MD5;
  else if (strcasecmp (name, "SHA-256") == 0
           || strcasecmp (name, "SHA-256-sess") == 0)
    challenge->hash = DW_DIGEST_SHA256;
  else
    challenge->hash = DW_DIGEST_NONE;
}

/* One challenge after the word Digest. */
static bool
read_challenge (const char *at, DwDigestChallenge *out)
{
  char name[32], value[256];
  bool has_qop = false, has_auth = false;

  memset (out, 0, sizeof *out);
  while ((at = read_parameter (at, name, value, sizeof value)))
    {
      if (strcasecmp (name, "realm") == 0)
        snprintf (out->realm, sizeof out->realm, "%s", value);
      else if (strcasecmp (name, "nonce") == 0)
        snprintf (out->nonce, sizeof out->nonce, "%s", value);
      else if (strcasecmp (name, "opaque") == 0)
        snprintf (out->opaque, sizeof out->opaque, "%s", value);
      else if (strcasecmp (name, "algorithm") == 0)
        snprintf (out->algorithm, sizeof out->algorithm, "%.15s", value);
      else if (strcasecmp (name, "stale") == 0)
        out->is_stale = strcasecmp (value, "true") == 0;
      else if (strcasecmp (name, "qop") == 0)
        {
          has_qop = true;
          has_auth = list_has (value, "auth");
        }
    }
  read_algorithm (out);
  out->has_qop = has_auth;
  return out->hash != DW_DIGEST_NONE && out->nonce[0] != '\0'
         && has_auth == has_qop;
}

DwStatus
dw_digest_read (const char *challenges, DwDigestChallenge *out)
{
  DwDigestChallenge found;

  memset (out, 0, sizeof *out);
  for (const char *at = challenges; *at; at++)
    {
      bool starts = at == challenges || strchr ("\n, \t", at[-1]) != NULL;

      if (starts && strncasecmp (at, "Digest ", 7) == 0
          && read_challenge (at + 7, &found) && found.hash > out->hash)
        *out = found;
    }
  return out->hash == DW_DIGEST_NONE ? DW_ERROR_UNSUPPORTED : DW_OK;
}

/* -- Answers ------------------------------------------------------------- */

/* The hash of the parts joined with ':', in hexadecimal. */
static bool
hash_parts (DwDigestHash hash, const char *const *parts, size_t n_parts,
            char out[HEX_SIZE])
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  bool is_good = context
                 && EVP_DigestInit_ex (context,
                                       hash == DW_DIGEST_SHA256 ? EVP_sha256 ()
                                                                : EVP_md5 (),
                                       NULL);

  for (size_t i = 0; is_good && i < n_parts; i++)
    is_good = (i == 0 || EVP_DigestUpdate (context, ":", 1))
              && EVP_DigestUpdate (context, parts[i], strlen (parts[i]));
  is_good = is_good && EVP_DigestFinal_ex (context, digest, &size);
  EVP_MD_CTX_free (context);
  for (unsigned i = 0; is_good && i < size; i++)
    snprintf (out + 2 * i, 3, "%02x", digest[i]);
  OPENSSL_cleanse (digest, sizeof digest);
  return is_good;
}

/* For between quotes. */
static void
quote (const char *text, char *out, size_t size)
{
  size_t used = 0;

  for (; *text && used + 2 < size; text++)
    {
      if ((unsigned char)*text < ' ')
        continue;
      if (*text == '"' || *text == '\\')
        out[used++] = '\\';
      out[used++] = *text;
    }
  out[used] = '\0';
}

static bool
make_client_nonce (char out[2 * NONCE_BYTES + 1])
{
  unsigned char bytes[NONCE_BYTES];

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    return false;
  for (size_t i = 0; i < sizeof bytes; i++)
    snprintf (out + 2 * i, 3, "%02x", bytes[i]);
  return true;
}

DwStatus
dw_digest_answer (DwDigestChallenge *challenge, const char *user,
                  const char *password, const char *method, const char *uri,
                  char out[DW_DIGEST_TEXT])
{
  char a1[HEX_SIZE], a2[HEX_SIZE], response[HEX_SIZE], count[16];
  char client_nonce[2 * NONCE_BYTES + 1], name[2 * DW_ONVIF_TEXT];
  char realm[512], opaque[512];
  const char *first[] = { user, challenge->realm, password };
  const char *session[] = { a1, challenge->nonce, client_nonce };
  const char *second[] = { method, uri };
  const char *plain[] = { a1, challenge->nonce, a2 };
  const char *full[]
      = { a1, challenge->nonce, count, client_nonce, "auth", a2 };
  DwDigestHash hash = challenge->hash;
  int used;

  out[0] = '\0';
  challenge->count++;
  snprintf (count, sizeof count, "%08x", challenge->count);
  if (!make_client_nonce (client_nonce) || !hash_parts (hash, first, 3, a1)
      || (challenge->is_session && !hash_parts (hash, session, 3, a1))
      || !hash_parts (hash, second, 2, a2)
      || !(challenge->has_qop ? hash_parts (hash, full, 6, response)
                              : hash_parts (hash, plain, 3, response)))
    return DW_ERROR_NO_MEMORY;
  quote (user, name, sizeof name);
  quote (challenge->realm, realm, sizeof realm);
  quote (challenge->opaque, opaque, sizeof opaque);
  used = snprintf (out, DW_DIGEST_TEXT,
                   "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", "
                   "uri=\"%s\", response=\"%s\"",
                   name, realm, challenge->nonce, uri, response);
  if (used < DW_DIGEST_TEXT && challenge->algorithm[0])
    used += snprintf (out + used, (size_t)(DW_DIGEST_TEXT - used),
                      ", algorithm=%s", challenge->algorithm);
  if (used < DW_DIGEST_TEXT && opaque[0])
    used += snprintf (out + used, (size_t)(DW_DIGEST_TEXT - used),
                      ", opaque=\"%s\"", opaque);
  if (used < DW_DIGEST_TEXT && challenge->has_qop)
    used += snprintf (out + used, (size_t)(DW_DIGEST_TEXT - used),
                      ", qop=auth, nc=%s, cnonce=\"%s\"", count, client_nonce);
  else if (used < DW_DIGEST_TEXT && challenge->is_session)
    used += snprintf (out + used, (size_t)(DW_DIGEST_TEXT - used),
                      ", cnonce=\"%s\"", client_nonce);
  OPENSSL_cleanse (a1, sizeof a1);
  return used < DW_DIGEST_TEXT ? DW_OK : DW_ERROR_LIMIT;
}

/* -- Username token ------------------------------------------------------ */

DwStatus
dw_token_digest (const char *created, const char *password,
                 char nonce[DW_TOKEN_TEXT], char digest[DW_TOKEN_TEXT])
{
  unsigned char bytes[NONCE_BYTES], hash[EVP_MAX_MD_SIZE];
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  unsigned size = 0;
  bool is_good = context && RAND_bytes (bytes, sizeof bytes) == 1
                 && EVP_DigestInit_ex (context, EVP_sha1 (), NULL)
                 && EVP_DigestUpdate (context, bytes, sizeof bytes)
                 && EVP_DigestUpdate (context, created, strlen (created))
                 && EVP_DigestUpdate (context, password, strlen (password))
                 && EVP_DigestFinal_ex (context, hash, &size);

  EVP_MD_CTX_free (context);
  nonce[0] = digest[0] = '\0';
  if (!is_good)
    return DW_ERROR_NO_MEMORY;
  EVP_EncodeBlock ((unsigned char *)nonce, bytes, sizeof bytes);
  EVP_EncodeBlock ((unsigned char *)digest, hash, (int)size);
  return DW_OK;
}
