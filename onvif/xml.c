/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gSOAP as a reader and writer of memory. */
#include "xml.h"

#include "xml-prefixes.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct soap *
dw_xml_new (const struct Namespace *table)
{
  /* Without types: an xsi:type attribute names types of this header only. */
  struct soap *soap
      = soap_new2 (SOAP_C_UTFSTRING | SOAP_XML_TREE,
                   SOAP_C_UTFSTRING | SOAP_XML_TREE | SOAP_XML_NOTYPE);

  if (soap == NULL)
    return NULL;
  soap_set_namespaces (soap, table);
  /* Else an encodingStyle attribute leaks into the body. */
  soap->encodingStyle = NULL;
  soap->maxlevel = DW_XML_MAX_DEPTH + 8;
  soap->maxoccurs = 4096;
  return soap;
}

void
dw_xml_clear (struct soap *soap)
{
  soap_destroy (soap);
  soap_end (soap);
  soap->header = NULL;
  soap->fault = NULL;
  soap->is = NULL;
  soap->os = NULL;
}

void
dw_xml_free (struct soap *soap)
{
  if (soap == NULL)
    return;
  dw_xml_clear (soap);
  soap_free (soap);
}

/* -- Checks before gSOAP sees it ---------------------------------------- */

/* Past the next `end` at or after `at`; NULL when it is missing. */
static const char *
skip_past (const char *at, const char *stop, const char *end)
{
  size_t length = strlen (end);

  for (; (size_t)(stop - at) >= length; at++)
    if (memcmp (at, end, length) == 0)
      return at + length;
  return NULL;
}

static bool
begins_with (const char *at, const char *stop, const char *text)
{
  size_t length = strlen (text);

  return (size_t)(stop - at) >= length && memcmp (at, text, length) == 0;
}

/* Past the '>' that ends the tag, quoted attribute values respected. */
static const char *
skip_tag (const char *at, const char *stop, bool *is_empty)
{
  char quote = '\0';

  *is_empty = false;
  for (; at < stop; at++)
    {
      if (quote != '\0')
        quote = *at == quote ? '\0' : quote;
      else if (*at == '"' || *at == '\'')
        quote = *at;
      else if (*at == '>')
        {
          *is_empty = at[-1] == '/';
          return at + 1;
        }
    }
  return NULL;
}

/* Past the markup that starts at `at`; moves *depth. NULL refuses. */
static const char *
skip_markup (const char *at, const char *stop, int *depth)
{
  bool is_empty;

  if (begins_with (at, stop, "<!--"))
    return skip_past (at + 4, stop, "-->");
  if (begins_with (at, stop, "<![CDATA["))
    return skip_past (at + 9, stop, "]]>");
  if (begins_with (at, stop, "<?"))
    return skip_past (at + 2, stop, "?>");
  if (begins_with (at, stop, "<!"))
    return NULL; /* a document type, and the entities it could bring */
  if (begins_with (at, stop, "</"))
    {
      --*depth;
      return skip_tag (at + 2, stop, &is_empty);
    }
  at = skip_tag (at + 1, stop, &is_empty);
  if (at && !is_empty)
    ++*depth;
  return at;
}

bool
dw_xml_is_html (const char *xml, size_t size)
{
  size_t i = 0;

  while (i < size && isspace ((unsigned char)xml[i]))
    i++;
  return (size - i >= 5 && strncasecmp (xml + i, "<html", 5) == 0)
         || (size - i >= 14
             && strncasecmp (xml + i, "<!doctype html", 14) == 0);
}

DwStatus
dw_xml_check (const char *xml, size_t size)
{
  const char *at = xml, *stop = xml + size;
  int depth = 0;

  if (size > DW_XML_MAX_SIZE)
    return DW_ERROR_LIMIT;
  if (size == 0 || memchr (xml, '\0', size))
    return DW_ERROR_PROTOCOL;
  while ((at = memchr (at, '<', (size_t)(stop - at))))
    {
      at = skip_markup (at, stop, &depth);
      if (at == NULL || depth < 0)
        return DW_ERROR_PROTOCOL;
      if (depth > DW_XML_MAX_DEPTH)
        return DW_ERROR_LIMIT;
    }
  return depth == 0 ? DW_OK : DW_ERROR_PROTOCOL;
}

/* -- Writing ------------------------------------------------------------- */

DwStatus
dw_xml_write (struct soap *soap, struct SOAP_ENV__Header *header,
              const void *body, int type, const char *tag, const char **out)
{
  bool failed;

  *out = NULL;
  soap->version = 2;
  soap->header = header;
  soap->os = out;
  failed = soap_begin_send (soap) || soap_envelope_begin_out (soap)
           || soap_putheader (soap) || soap_body_begin_out (soap)
           || soap_putelement (soap, body, tag, -1, type)
           || soap_body_end_out (soap) || soap_envelope_end_out (soap)
           || soap_end_send (soap);
  soap->os = NULL;
  soap->header = NULL;
  if (failed || *out == NULL)
    return DW_ERROR_NO_MEMORY;
  return DW_OK;
}

/* -- Reading ------------------------------------------------------------- */

static const char *
local_name (const char *name)
{
  const char *colon = name ? strrchr (name, ':') : NULL;

  return colon ? colon + 1 : name ? name : "";
}

/* The innermost subcode says most. */
static void
read_fault (const struct SOAP_ENV__Fault *fault, DwXmlMessage *out)
{
  const struct SOAP_ENV__Code *code = fault->SOAP_ENV__Code;

  out->fault_code = local_name (fault->faultcode);
  out->fault_reason = fault->faultstring ? fault->faultstring : "";
  for (int depth = 0; code && depth < 8; depth++)
    {
      out->fault_code = local_name (code->SOAP_ENV__Value);
      code = code->SOAP_ENV__Subcode;
    }
  if (fault->SOAP_ENV__Reason && fault->SOAP_ENV__Reason->SOAP_ENV__Text)
    out->fault_reason = fault->SOAP_ENV__Reason->SOAP_ENV__Text;
}

/* The generated reader knows a type by the name of its structure; those of
 * WS-Discovery share one. */
static void
find_type (struct soap *soap, int *type, const char **tag)
{
  static const struct
  {
    const char *tag;
    int type;
  } targets[] = {
    { "wsdd:ProbeMatches", SOAP_TYPE_wsdd__ProbeMatchesType },
    { "wsdd:ResolveMatches", SOAP_TYPE_wsdd__ResolveMatchesType },
    { "wsdd:Probe", SOAP_TYPE_wsdd__ProbeType },
    { "wsdd:Resolve", SOAP_TYPE_wsdd__ResolveType },
    { "wsdd:Hello", SOAP_TYPE_wsdd__TargetType },
    { "wsdd:Bye", SOAP_TYPE_wsdd__TargetType },
  };

  for (size_t i = 0; *type == 0 && i < sizeof targets / sizeof *targets; i++)
    if (soap_match_tag (soap, soap->tag, targets[i].tag) == SOAP_OK)
      {
        *type = targets[i].type;
        *tag = targets[i].tag;
      }
}

/* The generated reader takes the type from an attribute or the element's name
 * only; those of WS-Discovery are told to it. */
static void *
read_body (struct soap *soap, const char *tag, int *type)
{
  switch (*type)
    {
    case SOAP_TYPE_wsdd__ProbeMatchesType:
      return soap_in_wsdd__ProbeMatchesType (soap, tag, NULL, NULL);
    case SOAP_TYPE_wsdd__ResolveMatchesType:
      return soap_in_wsdd__ResolveMatchesType (soap, tag, NULL, NULL);
    case SOAP_TYPE_wsdd__ProbeType:
      return soap_in_wsdd__ProbeType (soap, tag, NULL, NULL);
    case SOAP_TYPE_wsdd__ResolveType:
      return soap_in_wsdd__ResolveType (soap, tag, NULL, NULL);
    case SOAP_TYPE_wsdd__TargetType:
      return soap_in_wsdd__TargetType (soap, tag, NULL, NULL);
    default:
      return soap_getelement (soap, tag, type);
    }
}

/* DW_ERROR_UNSUPPORTED for an element that nobody here reads. */
static DwStatus
read_pass (struct soap *soap, const char *text, int type, const char *tag,
           DwXmlMessage *out)
{
  soap->is = text;
  if (soap_begin_recv (soap) || soap_envelope_begin_in (soap)
      || soap_recv_header (soap) || soap_body_begin_in (soap)
      || soap_peek_element (soap))
    return DW_ERROR_PROTOCOL;
  out->element = soap_strdup (soap, local_name (soap->tag));
  if (out->element == NULL)
    return DW_ERROR_NO_MEMORY;
  if (strcmp (out->element, "Fault") == 0)
    {
      if (soap_getfault (soap) || soap->fault == NULL)
        return DW_ERROR_PROTOCOL;
      read_fault (soap->fault, out);
      return DW_OK;
    }
  find_type (soap, &type, &tag);
  out->type = type;
  out->body = read_body (soap, tag, &out->type);
  /* The generated reader goes by what the other side wrote: another type must
   * never be taken for the one that was asked for. */
  if (type != 0 && out->type != type)
    return DW_ERROR_PROTOCOL;
  if (out->body && soap_body_end_in (soap) == SOAP_OK
      && soap_envelope_end_in (soap) == SOAP_OK)
    return DW_OK;
  return out->body == NULL && out->type == 0 && soap->error == SOAP_TAG_MISMATCH
             ? DW_ERROR_UNSUPPORTED
             : DW_ERROR_PROTOCOL;
}

DwStatus
dw_xml_read (struct soap *soap, const char *xml, size_t size, int type,
             const char *tag, DwXmlMessage *out)
{
  static const DwXmlMessage nothing
      = { .element = "", .fault_code = "", .fault_reason = "" };
  DwStatus status = dw_xml_check (xml, size);
  char *text;

  *out = nothing;
  if (status != DW_OK)
    return status;
  text = soap_malloc (soap, size + 1);
  if (text == NULL)
    return DW_ERROR_NO_MEMORY;
  memcpy (text, xml, size);
  text[size] = '\0';
  for (int pass = 0; pass < 2 && text; pass++)
    {
      *out = nothing;
      soap->header = NULL;
      soap->fault = NULL;
      status = read_pass (soap, text, type, tag, out);
      soap_end_recv (soap);
      soap->is = NULL;
      if (status != DW_ERROR_PROTOCOL && status != DW_ERROR_UNSUPPORTED)
        break;
      text = dw_xml_declare_prefixes (soap, text);
    }
  if (status != DW_OK)
    {
      out->body = NULL;
      out->type = 0;
    }
  return status;
}
