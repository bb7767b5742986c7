/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The XML namespaces of ONVIF, for gSOAP: which prefix of the generated code
 * stands for which, and which older ones are read as the same. */
#include "namespaces.h"

/* SOAP 1.1 answers to SOAP 1.2 questions happen: both are read. */
#define ENVELOPE                                                               \
  {                                                                            \
    "SOAP-ENV", "http://www.w3.org/2003/05/soap-envelope",                     \
        "http://schemas.xmlsoap.org/soap/envelope/", NULL                      \
  }
#define ENCODING                                                               \
  {                                                                            \
    "SOAP-ENC", "http://www.w3.org/2003/05/soap-encoding",                     \
        "http://schemas.xmlsoap.org/soap/encoding/", NULL                      \
  }
#define SCHEMA_INSTANCE                                                        \
  {                                                                            \
    "xsi", "http://www.w3.org/2001/XMLSchema-instance", NULL, NULL             \
  }
#define SCHEMA                                                                 \
  {                                                                            \
    "xsd", "http://www.w3.org/2001/XMLSchema", NULL, NULL                      \
  }
#define WSS "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"

const struct Namespace dw_soap_namespaces[] = {
  ENVELOPE,
  ENCODING,
  SCHEMA_INSTANCE,
  SCHEMA,
  { "wsa5", "http://www.w3.org/2005/08/addressing",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing", NULL },
  { "wsse", WSS "wssecurity-secext-1.0.xsd", NULL, NULL },
  { "wsu", WSS "wssecurity-utility-1.0.xsd", NULL, NULL },
  { "tds", "http://www.onvif.org/ver10/device/wsdl", NULL, NULL },
  { "trt", "http://www.onvif.org/ver10/media/wsdl", NULL, NULL },
  { "tr2", "http://www.onvif.org/ver20/media/wsdl", NULL, NULL },
  { "tev", "http://www.onvif.org/ver10/events/wsdl", NULL, NULL },
  { "wsnt", "http://docs.oasis-open.org/wsn/b-2", NULL, NULL },
  { "wstop", "http://docs.oasis-open.org/wsn/t-1", NULL, NULL },
  { "tt", "http://www.onvif.org/ver10/schema", NULL, NULL },
  { "wsdd", "http://schemas.xmlsoap.org/ws/2005/04/discovery",
    "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01", NULL },
  { "tns1", "http://www.onvif.org/ver10/topics", NULL, NULL },
  { "ter", "http://www.onvif.org/ver10/error", NULL, NULL },
  { "tnsaxis", "http://www.axis.com/2009/event/topics", NULL, NULL },
  { "tnshik", "http://www.hikvision.com/2011/event/topics", NULL, NULL },
  { NULL, NULL, NULL, NULL },
};

/* Short, so that an answer fits one datagram; the addressing of 2004. */
const struct Namespace dw_soap_discovery_namespaces[] = {
  ENVELOPE,
  { "SOAP-ENC", "http://www.w3.org/2003/05/soap-encoding", NULL, NULL },
  SCHEMA_INSTANCE,
  SCHEMA,
  { "wsa5", "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "http://www.w3.org/2005/08/addressing", NULL },
  { "wsdd", "http://schemas.xmlsoap.org/ws/2005/04/discovery",
    "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01", NULL },
  { "dn", "http://www.onvif.org/ver10/network/wsdl", NULL, NULL },
  { "tds", "http://www.onvif.org/ver10/device/wsdl", NULL, NULL },
  { NULL, NULL, NULL, NULL },
};

/* gSOAP's own library asks for this name; every context here gets one of the
 * tables above. */
struct Namespace namespaces[] = { { NULL, NULL, NULL, NULL } };
