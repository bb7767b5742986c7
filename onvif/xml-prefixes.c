/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Repairs an envelope that uses prefixes without declaring them. gSOAP can
 * ignore namespaces instead, but then confuses elements of the same name
 * (Capabilities within Capabilities), which real answers nest. */
#include "xml-prefixes.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_PREFIXES 16
#define MAX_PREFIX 24
#define MAX_DECLARATION 160

typedef struct
{
  char names[MAX_PREFIXES][MAX_PREFIX];
  size_t n_names;
  bool is_full;
} Prefixes;

static bool
is_name_char (char c)
{
  return isalnum ((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static void
add_prefix (Prefixes *prefixes, const char *name, size_t length)
{
  if (length == 0 || length >= MAX_PREFIX
      || (length == 3 && memcmp (name, "xml", 3) == 0)
      || (length == 5 && memcmp (name, "xmlns", 5) == 0))
    return;
  for (size_t i = 0; i < prefixes->n_names; i++)
    if (strlen (prefixes->names[i]) == length
        && memcmp (prefixes->names[i], name, length) == 0)
      return;
  if (prefixes->n_names == MAX_PREFIXES)
    {
      prefixes->is_full = true;
      return;
    }
  memcpy (prefixes->names[prefixes->n_names], name, length);
  prefixes->names[prefixes->n_names++][length] = '\0';
}

/* The prefix of the name at `at`; returns what follows the whole name. */
static const char *
read_name (const char *at, Prefixes *prefixes)
{
  const char *start = at;

  while (is_name_char (*at))
    at++;
  if (*at == ':')
    {
      add_prefix (prefixes, start, (size_t)(at - start));
      at++;
      while (is_name_char (*at))
        at++;
    }
  return at;
}

/* Names of one tag and its attributes, up to its '>'. */
static const char *
read_tag (const char *at, Prefixes *prefixes)
{
  at = read_name (at, prefixes);
  while (*at != '\0' && *at != '>')
    {
      if (*at == '"' || *at == '\'')
        {
          const char *end = strchr (at + 1, *at);

          if (end == NULL)
            return at + strlen (at);
          at = end + 1;
        }
      else if (is_name_char (*at))
        at = read_name (at, prefixes);
      else
        at++;
    }
  return at;
}

static const char *
skip_section (const char *at, const char *end)
{
  const char *found = strstr (at, end);

  return found ? found + strlen (end) : at + strlen (at);
}

/* Every prefix used; *root is where the root element's name ends. */
static void
collect (const char *xml, Prefixes *prefixes, const char **root)
{
  const char *at = xml;

  *root = NULL;
  while ((at = strchr (at, '<')))
    {
      if (strncmp (at, "<!--", 4) == 0)
        at = skip_section (at, "-->");
      else if (strncmp (at, "<![CDATA[", 9) == 0)
        at = skip_section (at, "]]>");
      else if (at[1] == '?')
        at = skip_section (at, "?>");
      else if (at[1] == '/')
        at++;
      else
        {
          if (*root == NULL)
            {
              Prefixes ignored = { .n_names = 0 };

              *root = read_name (at + 1, &ignored);
            }
          at = read_tag (at + 1, prefixes);
        }
    }
}

/* True when the tag that goes on at `root` has xmlns:NAME. */
static bool
root_declares (const char *root, const char *name)
{
  size_t length = strlen (name);
  const char *end = strchr (root, '>');

  for (const char *at = root; (at = strstr (at, "xmlns:")) && at < end; at++)
    if (strncmp (at + 6, name, length) == 0 && !is_name_char (at[6 + length]))
      return true;
  return false;
}

static const char *
namespace_of (const struct soap *soap, const char *id)
{
  for (const struct Namespace *row = soap->namespaces; row && row->id; row++)
    if (strcmp (id, row->id) == 0)
      return row->ns;
  return NULL;
}

static const char *
known_namespace (const struct soap *soap, const char *prefix)
{
  static const char *const aliases[][2] = {
    { "wsa", "wsa5" },         { "a", "wsa5" },     { "s", "SOAP-ENV" },
    { "env", "SOAP-ENV" },     { "S", "SOAP-ENV" }, { "soap", "SOAP-ENV" },
    { "soapenv", "SOAP-ENV" }, { "d", "wsdd" },     { "onvif", "tt" },
  };

  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
    if (strcmp (prefix, aliases[i][0]) == 0)
      prefix = aliases[i][1];
  return namespace_of (soap, prefix);
}

/* True when an element PREFIX:NAME begins somewhere. */
static bool
has_element (const char *xml, const char *prefix, const char *name)
{
  size_t n_prefix = strlen (prefix), n_name = strlen (name);

  while ((xml = strchr (xml, '<')))
    {
      xml++;
      if (strncmp (xml, prefix, n_prefix) == 0 && xml[n_prefix] == ':'
          && strncmp (xml + n_prefix + 1, name, n_name) == 0
          && !is_name_char (xml[n_prefix + 1 + n_name]))
        return true;
    }
  return false;
}

/* What a prefix of the device's own making must mean: the service whose
 * answer it names, else the schema that all services share. */
static const char *
guess_namespace (const struct soap *soap, const char *xml, const char *prefix)
{
  static const char *const answers[][2] = {
    { "GetSystemDateAndTimeResponse", "tds" },
    { "GetServicesResponse", "tds" },
    { "GetCapabilitiesResponse", "tds" },
    { "GetDeviceInformationResponse", "tds" },
    { "GetProfilesResponse", "trt" },
    { "GetStreamUriResponse", "trt" },
    { "GetSnapshotUriResponse", "trt" },
    { "CreatePullPointSubscriptionResponse", "tev" },
    { "PullMessagesResponse", "tev" },
    { "NotificationMessage", "wsnt" },
    { "RenewResponse", "wsnt" },
    { "ProbeMatches", "wsdd" },
  };

  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
    if (has_element (xml, prefix, answers[i][0]))
      return namespace_of (soap, answers[i][1]);
  return namespace_of (soap, "tt");
}

char *
dw_xml_declare_prefixes (struct soap *soap, const char *xml)
{
  Prefixes prefixes = { .n_names = 0 };
  char declarations[MAX_PREFIXES * MAX_DECLARATION] = "";
  size_t used = 0, size = strlen (xml), at;
  const char *root;
  char *out;

  collect (xml, &prefixes, &root);
  if (root == NULL || prefixes.is_full)
    return NULL;
  for (size_t i = 0; i < prefixes.n_names; i++)
    {
      const char *name = prefixes.names[i];
      const char *space = known_namespace (soap, name);

      if (root_declares (root, name))
        continue;
      if (space == NULL)
        space = guess_namespace (soap, xml, name);
      if (space)
        used += (size_t)snprintf (declarations + used, MAX_DECLARATION,
                                  " xmlns:%s=\"%s\"", name, space);
    }
  if (used == 0)
    return NULL;
  out = soap_malloc (soap, size + used + 1);
  if (out == NULL)
    return NULL;
  at = (size_t)(root - xml);
  memcpy (out, xml, at);
  memcpy (out + at, declarations, used);
  memcpy (out + at + used, xml + at, size - at + 1);
  return out;
}
