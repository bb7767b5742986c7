/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The demonstration: one visit at the door, recorded for the owner, shared with
 * a neighbour and the police exactly as far as consent goes, and checked. */
#pragma once

#include "level.h"

#include <cairo.h>
#include <gio/gio.h>
#include <gst/gst.h>

#define DEMO_CAMERA "front"
#define DEMO_SHARES 4
#define DEMO_THUMBNAILS 6
#define DEMO_THUMBNAIL_WIDTH 236

typedef struct
{
  const char *out;    /* folder for the results */
  const char *video;  /* file the simulated doorbell plays, or NULL */
  const char *device; /* onvif://..., or NULL for the simulated one */
  const char *user;   /* of the device */
  const char *password_file;
  const gchar *password; /* of the device */
  const char *simulator; /* program, or NULL to look for it */
  guint wait_seconds;    /* for a press */
  gboolean is_quiet;
} DemoOptions;

/* A doorbell: a simulated one that this program started, or a real one. */
typedef struct
{
  GSubprocess *process; /* NULL for a real one */
  gchar *uri;
  gchar *user, *password;
  gchar *name;         /* as discovery told it */
  gdouble discovery_s; /* how long finding it took; < 0: not searched */
} DemoDevice;

/* The owner's private copy. */
typedef struct
{
  gchar *path;
  gint64 start_utc_ns; /* of its first frame */
  gint64 duration_ns;
  gboolean has_press;
  gdouble press_latency_ms; /* from the device's time to our bus */
  gdouble press_at_s;       /* into the recording */
} DemoRecording;

/* What a share is supposed to be, and what it was. */
typedef struct
{
  const gchar *name; /* of the row and of the file */
  const gchar *recipient;
  DwRecipientClass recipient_class;
  const gchar *case_number;
  DwLevel granted;     /* DW_LEVEL_NOTHING: no grant at all */
  gboolean is_revoked; /* half-way, while it runs in real time */

  gchar *path;
  guint frames_in, shown, masked, withheld; /* of the filter */
  GByteArray *levels;   /* of each frame in the file, in order */
  guint cards_bytewise; /* withheld frames equal to the card, byte by byte */
  guint cards_decoded;  /* those of them found again in the decoded file */
  guint bad_cards;      /* withheld frames that were anything else */
  guint frames_in_file;
  gint64 revoked_at_ns; /* BOOTTIME; 0: not revoked */
  gint64 last_shown_ns; /* BOOTTIME of the last frame that showed anything */
  gchar *failure;       /* NULL: all is as it should be */
  cairo_surface_t *thumbnails[DEMO_THUMBNAILS];
} DemoShare;

typedef struct
{
  DemoOptions options;
  gchar *work; /* private folder for ledger and password; removed at the end */
  gchar *ledger;
  DemoDevice device;
  DemoRecording recording;
  cairo_surface_t *thumbnails[DEMO_THUMBNAILS]; /* of the recording */
  DemoShare shares[DEMO_SHARES];
} Demo;

/* Each returns FALSE with `error` set in words for the person who started it.
 */
gboolean demo_device_open (Demo *demo, GError **error);
void demo_device_close (Demo *demo);
gboolean demo_record (Demo *demo, GError **error);
gboolean demo_share_run (Demo *demo, DemoShare *share, GError **error);
void demo_share_finish (DemoShare *share);

/* Reads a finished file back: counts its frames, takes thumbnails, and compares
 * those that must be the card (levels NULL: none) with it. */
gboolean demo_verify_file (const gchar *path, DemoShare *share,
                           cairo_surface_t **thumbnails, GError **error);

/* True when every visible byte of a raw frame is the card's. */
gboolean demo_is_card (GstBuffer *buffer, const GstCaps *caps);

gboolean demo_sheet_write (const Demo *demo, const gchar *path, GError **error);
gboolean demo_report_write (const Demo *demo, const gchar *path,
                            GError **error);
void demo_report_print (const Demo *demo);

/* One line of progress on the terminal, overwritten by the next where the
 * terminal can. NULL ends the line. */
void demo_progress (const Demo *demo, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

/* What an element says went wrong, with the element's name. */
void demo_take_error (GstMessage *message, GError **error);

/* "neighbour-masked" and so on, 0 when nothing is wrong. */
guint demo_count_failures (const Demo *demo);

/* Milliseconds from the revocation to the last frame that showed anything; 0
 * when none came after it. */
gdouble demo_revocation_ms (const DemoShare *share);
