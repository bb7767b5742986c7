/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control thread of doorbellsrc: finds the doorbell, signs in, learns the
 * stream's address, holds the RTSP connection, and begins again when it is
 * lost. Everything that can wait for a network waits here. */
#pragma once

#include "gstdoorbelllistener.h"
#include "gstdoorbellsettings.h"
#include "gstdoorbellstream.h"

G_BEGIN_DECLS

/* On threads of the session, except those of `stream`. */
typedef struct
{
  GstDoorbellStreamFuncs stream;
  GstDoorbellListenerFuncs listener;
  void (*begin) (gpointer user_data); /* before each connection */
  void (*name) (const gchar *name, gpointer user_data);
  /* For good: no further attempt is made. */
  void (*fail) (DwStatus status, const gchar *text, gpointer user_data);
  /* Microseconds without data on this connection; -1: there was none yet. */
  gint64 (*idle_us) (gpointer user_data);
} GstDoorbellSessionFuncs;

typedef struct _GstDoorbellSession GstDoorbellSession;

/* Copies the settings; `owner` and `funcs` are borrowed for life. NULL when no
 * descriptor could be had. */
GstDoorbellSession *
gst_doorbell_session_new (GstBin *owner, const GstDoorbellSettings *settings,
                          const GstDoorbellSessionFuncs *funcs,
                          gpointer user_data);

/* Begins; the functions are called from now on. False: no thread. */
gboolean gst_doorbell_session_start (GstDoorbellSession *session);

/* Tells the session to end; does not wait. */
void gst_doorbell_session_stop (GstDoorbellSession *session);

/* Stops, joins and frees. Not on a thread of the session. NULL is accepted. */
void gst_doorbell_session_free (GstDoorbellSession *session);

/* Any thread, never blocks: the connection's first data is there; it ended,
 * and why (the first reason counts); the pipeline plays or not. */
void gst_doorbell_session_data (GstDoorbellSession *session);
void gst_doorbell_session_lost (GstDoorbellSession *session, DwStatus status,
                                const gchar *text);
void gst_doorbell_session_set_playing (GstDoorbellSession *session,
                                       gboolean is_playing);

G_END_DECLS
