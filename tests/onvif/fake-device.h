/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device with chosen faults, on loopback: what real ones get wrong, written
 * by hand and without the project's own server, so that the client is not
 * tested against its own misreadings. */
#pragma once

#include <glib.h>

typedef enum
{
  FAKE_OPEN = 0,
  FAKE_DIGEST,      /* HTTP 401 with a challenge */
  FAKE_TOKEN,       /* NotAuthorized faults, username token */
  FAKE_TOKEN_BY_401 /* HTTP 401 without a challenge, username token */
} FakeSignIn;

typedef struct
{
  /* What it does. Set before fake_device_new (), or under the lock. */
  FakeSignIn sign_in;
  const gchar *user, *password;
  const gchar *algorithm;      /* of Digest; NULL: none is named (MD5) */
  gboolean is_closed_for_date; /* even the date asks for a password */
  gint nonce_uses;             /* 0: a nonce lives for ever */
  gboolean hides_stale;        /* an old nonce is refused without a word */
  gint clock_ahead_s;
  const gchar *stall_on;    /* operation that is never answered */
  const gchar *answer_on;   /* operation that gets `answer` */
  const gchar *answer;      /* the whole HTTP answer, head included */
  gboolean has_no_services; /* GetServices is a fault */
  gboolean is_soap11, is_chunked;
  const gchar *prefix_of_wsa; /* "wsa" undeclared when set */
  const gchar *xaddr_host;    /* NULL: itself */
  guint16 xaddr_port;         /* 0: itself */
  const gchar *stream_uri;    /* NULL: one on its own host */
  const gchar *subscription;  /* Address; NULL: itself, "": empty */
  gboolean has_references;    /* identity in ReferenceParameters */
  gboolean wants_absolute;    /* refuses durations */
  gboolean wants_no_time;     /* refuses every InitialTerminationTime */
  gboolean cannot_renew;
  gint lifetime_s;          /* 0: 60 */
  gboolean answers_at_once; /* pulls never wait */
  gboolean forgets;         /* the next pull finds no subscription */
  gchar *messages;          /* for the next pull; taken */

  /* What it saw. */
  gint n_requests, n_signed, n_refused;
  gint n_created, n_pulled, n_renewed, n_unsubscribed, n_both;
  gint n_connections_open;
  gchar *last_pull;

  GMutex lock;
  GCond changed;
  gint fd;
  guint16 port;
  gboolean is_stopping;
  GThread *thread;
  gint nonce_count;
  gint nonce_used;
} FakeDevice;

/* Listens; `device` is zero except for its settings. */
void fake_device_start (FakeDevice *device);
void fake_device_stop (FakeDevice *device);

/* "127.0.0.1:PORT"; static. */
const gchar *fake_device_location (const FakeDevice *device);

/* Hands `xml` (NotificationMessage elements) to the next pull. */
void fake_device_notify (FakeDevice *device, const gchar *xml);

/* A notification of one source and one data item. */
gchar *fake_notification (const gchar *topic, const gchar *operation,
                          const gchar *item, const gchar *value);
