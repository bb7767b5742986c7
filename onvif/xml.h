/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gSOAP as a reader and writer of memory: it never sees a socket, and what it
 * reads was checked for size, depth and document types before. Private to
 * onvif/. */
#pragma once

#include "status.h"

#include "dwsoapH.h"

#include <stdbool.h>
#include <stddef.h>

#define DW_XML_MAX_SIZE (1024 * 1024)
#define DW_XML_MAX_DEPTH 64

/* A context for one thread; NULL without memory. `table` is one of those of
 * soap/namespaces.h. */
struct soap *dw_xml_new (const struct Namespace *table);
void dw_xml_free (struct soap *soap);

/* Frees everything that reading and writing made. */
void dw_xml_clear (struct soap *soap);

/* DW_OK when `xml` is at most 1 MiB, at most 64 elements deep, has no document
 * type and no NUL, and every element is closed. Needs no context. */
DwStatus dw_xml_check (const char *xml, size_t size);

/* Writes an envelope around `body` (of the generated type number `type`, as
 * element `tag`), with `header` or NULL. *out lives until dw_xml_clear (). */
DwStatus dw_xml_write (struct soap *soap, struct SOAP_ENV__Header *header,
                       const void *body, int type, const char *tag,
                       const char **out);

/* What was in an envelope. Lives until dw_xml_clear (). */
typedef struct
{
  const char *element;      /* its local name, "" before it was reached */
  int type;                 /* generated type number; 0 for a fault */
  const void *body;         /* NULL for a fault */
  const char *fault_code;   /* innermost subcode, "" when there is none */
  const char *fault_reason; /* what it says, "" when nothing */
} DwXmlMessage;

/* True for a page made for a browser. */
bool dw_xml_is_html (const char *text, size_t size);

/* Reads one envelope; the header is left in soap->header. `type` and `tag` are
 * the only body to accept; 0 and NULL any (DW_ERROR_UNSUPPORTED: one that
 * nobody here reads). A fault is a DW_OK answer without a body. Undeclared
 * prefixes are declared for a second pass. Keeps its own copy of the text until
 * dw_xml_clear (). */
DwStatus dw_xml_read (struct soap *soap, const char *xml, size_t size, int type,
                      const char *tag, DwXmlMessage *out);
