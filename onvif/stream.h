/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection to one host, plain or TLS. Private to onvif/. */
#pragma once

#include "net.h"
#include "url.h"

typedef struct DwStream DwStream;

/* Connects to the host and port of `url`; "https" speaks TLS, and there only
 * to a host whose certificate the system trusts. */
DwStatus dw_stream_open (const DwUrl *url, const DwWait *wait, DwStream **out,
                         DwError *error);
void dw_stream_close (DwStream *stream);

DwStatus dw_stream_write (DwStream *stream, const void *data, size_t size,
                          const DwWait *wait);

/* At least one byte; *got is 0 at the end. */
DwStatus dw_stream_read (DwStream *stream, void *data, size_t size,
                         const DwWait *wait, size_t *got);
