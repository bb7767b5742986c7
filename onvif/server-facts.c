/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of a device: a stable endpoint and hardware address are derived
 * from its serial number, so that recorders know it again after a restart. */
#include "server-facts.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define SCOPE "onvif://www.onvif.org/"

/* Printable, and short enough to be told whole. */
static bool
copy_text (char out[DW_ONVIF_TEXT], const char *text, const char *otherwise)
{
  const char *from = text && text[0] ? text : otherwise;
  const size_t size = strlen (from);

  if (size >= DW_ONVIF_TEXT)
    return false;
  for (size_t i = 0; i < size; i++)
    if (iscntrl ((unsigned char)from[i]))
      return false;
  memcpy (out, from, size + 1);
  return true;
}

/* Appends a scope, its value percent-encoded and cut to `room` bytes: an
 * answer of discovery must fit one datagram. */
static void
add_scope (DwServerFacts *facts, const char *kind, const char *value,
           size_t room)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz0123456789-._~";
  char *out = facts->scopes[facts->n_scopes++];
  size_t size = (size_t)snprintf (out, DW_SERVER_SCOPE / 2, SCOPE "%s", kind);
  const size_t limit = size + room;

  for (; *value && size + 3 <= limit; value++)
    if (strchr (plain, *value))
      out[size++] = *value;
    else
      size += (size_t)snprintf (out + size, 4, "%%%02X",
                                (unsigned)(unsigned char)*value);
  out[size] = 0;
}

/* A name-based identifier (version 5) and a locally administered address. */
static bool
derive (DwServerFacts *facts)
{
  unsigned char hash[EVP_MAX_MD_SIZE];
  char name[2 * DW_ONVIF_TEXT + 16];
  unsigned size = 0;

  snprintf (name, sizeof name, "doorward/%s/%s", facts->model, facts->serial);
  if (EVP_Digest (name, strlen (name), hash, &size, EVP_sha256 (), NULL) != 1
      || size < 22)
    return false;
  hash[6] = (unsigned char)((hash[6] & 0x0f) | 0x50);
  hash[8] = (unsigned char)((hash[8] & 0x3f) | 0x80);
  if (facts->endpoint[0] == 0)
    snprintf (facts->endpoint, sizeof facts->endpoint,
              "urn:uuid:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
              "%02x%02x%02x%02x%02x%02x",
              hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6],
              hash[7], hash[8], hash[9], hash[10], hash[11], hash[12], hash[13],
              hash[14], hash[15]);
  if (facts->mac[0] == 0)
    snprintf (facts->mac, sizeof facts->mac, "02:%02x:%02x:%02x:%02x:%02x",
              hash[16], hash[17], hash[18], hash[19], hash[20]);
  return true;
}

/* An address that stands for all of them tells an asker nothing. */
static void
copy_bound (DwServerFacts *facts, const char *address)
{
  if (address && strcmp (address, "0.0.0.0") != 0
      && strcmp (address, "::") != 0)
    snprintf (facts->bound, sizeof facts->bound,
              strchr (address, ':') ? "[%s]" : "%s", address);
}

static bool
copy_profiles (DwServerFacts *facts, const DwOnvifServerSettings *settings)
{
  if (settings->n_profiles > DW_ONVIF_MAX_PROFILES)
    return false;
  facts->n_profiles = settings->n_profiles;
  for (size_t i = 0; i < facts->n_profiles; i++)
    {
      const DwOnvifServerProfile *profile = &settings->profiles[i];

      if (profile->profile.token[0] == 0 || profile->profile.width <= 0
          || profile->profile.height <= 0)
        return false;
      facts->profiles[i] = *profile;
    }
  return true;
}

static bool
copy_endpoint (DwServerFacts *facts, const char *uuid)
{
  if (uuid == NULL || uuid[0] == 0)
    return true;
  if (strncmp (uuid, "urn:uuid:", 9) == 0)
    uuid += 9;
  if (strlen (uuid) > 64 || uuid[strspn (uuid, "0123456789abcdefABCDEF-")] != 0)
    return false;
  snprintf (facts->endpoint, sizeof facts->endpoint, "urn:uuid:%s", uuid);
  return true;
}

DwStatus
dw_server_facts_fill (DwServerFacts *facts,
                      const DwOnvifServerSettings *settings, DwError *error)
{
  char location[DW_ONVIF_TEXT];

  memset (facts, 0, sizeof *facts);
  facts->is_discoverable = settings->is_discoverable;
  facts->has_users = settings->n_users > 0;
  if (!copy_text (facts->host, settings->host, "")
      || !copy_text (facts->name, settings->name, "Doorbell")
      || !copy_text (facts->manufacturer, settings->manufacturer, "Doorward")
      || !copy_text (facts->model, settings->model, "Doorbell")
      || !copy_text (facts->firmware, settings->firmware, "1.0")
      || !copy_text (facts->serial, settings->serial, "1")
      || !copy_text (facts->mac, settings->mac, "")
      || !copy_text (location, settings->location, "home"))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "a name of the ONVIF server is longer than %d "
                         "characters or not printable",
                         DW_ONVIF_TEXT - 1);
  if (!copy_endpoint (facts, settings->uuid))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "'%s' is no UUID for the ONVIF server",
                         settings->uuid);
  if (!copy_profiles (facts, settings))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "an ONVIF server needs at most %d profiles, each "
                         "with a token and a size",
                         DW_ONVIF_MAX_PROFILES);
  copy_bound (facts, settings->bind_address);
  if (!derive (facts))
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "no SHA-256 to be had");
  add_scope (facts, "Profile/Streaming", "", 0);
  add_scope (facts, "Profile/T", "", 0);
  add_scope (facts, "type/video_encoder", "", 0);
  add_scope (facts, "name/", facts->name, 48);
  add_scope (facts, "hardware/", facts->model, 32);
  add_scope (facts, "location/", location, 32);
  return DW_OK;
}
