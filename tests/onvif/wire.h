/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client that knows nothing but bytes, and a device to ask: what the server's
 * tests share. Digests are made with GLib, not with what is tested. */
#pragma once

#include "dwtest.h"

#include "onvif.h"

#define WIRE_USER "owner"
#define WIRE_PASSWORD "front door"

/* A device on 127.0.0.1 with two profiles and a snapshot; `has_users` asks for
 * WIRE_USER. The caller may change the settings before wire_start (). */
void wire_settings (DwOnvifServerSettings *settings, gboolean has_users);
DwOnvifServer *wire_start (const DwOnvifServerSettings *settings);

/* A connection to 127.0.0.1 whose reads end after 20 s. */
int wire_connect (guint16 port);

/* Sends all; false when the other side has closed. */
gboolean wire_send (int fd, const void *bytes, gsize size);

/* What comes until the other side closes; g_free () it. */
gchar *wire_read_all (int fd);

/* One answer by its Content-Length; the connection stays open. */
gchar *wire_read_answer (int fd);

/* One POST on a connection of its own; `headers` NULL or "Name: value\r\n". */
gchar *wire_post (guint16 port, const gchar *path, const gchar *headers,
                  const gchar *body);

/* An envelope around `body`; `header` NULL or what goes into the header. */
gchar *wire_envelope (const gchar *header, const gchar *body);

/* Envelope, POST, answer. */
gchar *wire_call (guint16 port, const gchar *path, const gchar *body);

/* The status of an answer; 0 for none. */
int wire_status (const gchar *answer);

/* What stands between `from` and `to`; NULL when it is not there. */
gchar *wire_between (const gchar *text, const gchar *from, const gchar *to);

/* "Authorization: Digest ...\r\n" for a challenge in `answer`. */
gchar *wire_digest (const gchar *answer, const gchar *method, const gchar *path,
                    const gchar *password, guint count);

/* A wsse:Security header. `offset_s` moves Created. */
gchar *wire_token (const gchar *password, gint64 offset_s);

/* How many entries a folder of /proc/self has: descriptors or threads. */
guint wire_count (const gchar *folder);

/* Waits until there are `n` again: the kernel takes a thread that was joined
 * off its list a moment later. */
void wire_expect_count (const gchar *folder, guint n);
