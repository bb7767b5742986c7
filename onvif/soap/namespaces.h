/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The namespace tables for soap_set_namespaces (). Private to onvif/. */
#pragma once

#include "dwsoapH.h"

/* Device, media and events. */
extern const struct Namespace dw_soap_namespaces[];

/* WS-Discovery of 2005 over WS-Addressing of 2004. */
extern const struct Namespace dw_soap_discovery_namespaces[];
