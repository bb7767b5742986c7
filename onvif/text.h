/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of a stranger, made fit to keep and to show. Private to onvif/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Copies `text` (NULL: "") without surrounding white space, cut to fit between
 * two characters; control characters and broken UTF-8 become '?'. */
void dw_text_copy (char *out, size_t size, const char *text);

/* Copies `text` as it is, cut to fit. */
void dw_text_keep (char *out, size_t size, const char *text);

/* ASCII letters match in either case; "" is in every text. */
bool dw_text_contains (const char *text, const char *part);
