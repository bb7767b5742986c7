/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pipeline around one doorbellsrc, its bus, and what its pads gave. */
#pragma once

#include <gst/gst.h>

typedef struct
{
  GstElement *pipeline, *door;
  GstBus *bus;

  /* Counted by probes on the pads "video" and "audio". */
  gint n_buffers[2];
  gint n_disconts;
  gint n_backwards; /* timestamps that went back */
  gint n_events;    /* custom event `doorbell` of kind press */
  gint n_pads, n_no_more_pads, n_removed;
  gint64 utc_error_us; /* of the last video buffer's footage time */
  GstClockTime last[2];
} Stage;

/* `launch` describes the pipeline; the doorbellsrc is called "door". */
void stage_init (Stage *stage, const gchar *format, ...) G_GNUC_PRINTF (2, 3);
void stage_play (Stage *stage);
void stage_finish (Stage *stage);

/* Waits up to 20 s for `n` more video buffers. */
void stage_flow (Stage *stage, gint n);

/* Takes messages from the bus until one fits, up to 20 s; the caller's, NULL
 * when none came. Of type element, `name` is the structure's, and `field` (if
 * not NULL) has the string `value`. */
GstMessage *stage_wait_type (Stage *stage, GstMessageType type);
GstMessage *stage_wait_element (Stage *stage, const gchar *name,
                                const gchar *field, const gchar *value);

/* How many such messages wait on the bus now; takes all messages. */
guint stage_count (Stage *stage, GstMessageType type, const gchar *name);
