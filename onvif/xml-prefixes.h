/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Repairs an envelope that uses prefixes without declaring them, as many
 * cameras do. Private to onvif/. */
#pragma once

#include "dwsoapH.h"

#include <stddef.h>

/* A copy of `xml`, made in `soap`, whose root element declares every prefix
 * that is used: a known one as what everybody means by it, any other by the
 * elements that it is used for. NULL when there is nothing to repair, when
 * there is too much of it, or without memory. */
char *dw_xml_declare_prefixes (struct soap *soap, const char *xml);
