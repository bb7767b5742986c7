/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a consentfilter is told about its share, and what that becomes while
 * it runs: the share's key, its policy, the private zones, and the watcher
 * that keeps the slot. */
#pragma once

#include "watcher.h"

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_CONSENT_MAX_ZONES 32

typedef enum
{
  GST_CONSENT_DENIED_AUTO = 0, /* live: placeholder, recorded: drop */
  GST_CONSENT_DENIED_PLACEHOLDER,
  GST_CONSENT_DENIED_DROP,
} GstConsentDenied;

/* The properties. Strings are owned and may be NULL. */
typedef struct
{
  gchar *ledger;
  gchar *config;
  gchar *camera;
  gchar *recipient;
  DwRecipientClass recipient_class; /* DW_CLASS_NONE: from the config */
  gchar *purpose;
  gchar *case_number;
  gchar *consent_hash;
  gboolean is_live;
  gchar *footage_start;
  GstConsentDenied when_denied;
  gchar *private_zones;
  gint hold_ms; /* -1: from the config */
  gdouble grow; /* 0: from the config */
} GstConsentSettings;

void gst_consent_settings_clear (GstConsentSettings *settings);

/* From READY to READY. Plain values that no other thread changes, and the
 * watcher. */
typedef struct
{
  DwShareKey key;
  gint64 footage_start_ns; /* 0: not known */
  gboolean drops;          /* instead of a card or silence */
  guint n_zones;
  DwPolygon zones[GST_CONSENT_MAX_ZONES];
  guint32 hold_ms;
  gfloat grow;
  DwWatcher *watcher;
} GstConsentShare;

/* Reads the configuration and starts to watch the ledger for `slot`. On error
 * `out` is zero and `error` says which property or file is wrong. */
DwStatus gst_consent_share_open (const GstConsentSettings *settings,
                                 DwSlot *slot, GstConsentShare *out,
                                 DwError *error);

/* Closes the slot. Accepts a zero share. */
void gst_consent_share_close (GstConsentShare *share);

G_END_DECLS
