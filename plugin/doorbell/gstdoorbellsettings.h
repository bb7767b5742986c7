/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person sets on doorbellsrc: one structure, its properties. A password
 * goes in and never comes out again. */
#pragma once

#include "gstdoorbellguard.h"
#include "location.h"

#include <gst/rtsp/gstrtsptransport.h>

G_BEGIN_DECLS

typedef struct
{
  DwLocation location;
  gchar *user_id, *user_pw; /* before those of the location */
  gchar *profile;
  gchar *camera;
  gchar *interfaces;
  guint latency_ms;
  GstRTSPLowerTrans protocols;
  GstDoorbellEnforce enforce;
  guint timeout_ms;       /* of the first connection; 0: for ever */
  guint stall_timeout_ms; /* 0: never */
  gboolean retry;
} GstDoorbellSettings;

/* `out` is uninitialised memory in both; clear leaves zero. */
void gst_doorbell_settings_init (GstDoorbellSettings *out);
void gst_doorbell_settings_copy (const GstDoorbellSettings *settings,
                                 GstDoorbellSettings *out);
void gst_doorbell_settings_clear (GstDoorbellSettings *settings);

/* NULL: the default. A wrong one leaves no location at all and is told by
 * GST_URI_ERROR without what may be a secret in it. */
gboolean gst_doorbell_settings_set_location (GstDoorbellSettings *settings,
                                             const gchar *text, GError **error);

/* The property `location` is told by GstDoorbellSrc itself, all others by set
 * and get, which return FALSE for an unknown `id`. */
#define GST_DOORBELL_PROP_LOCATION 1
void gst_doorbell_settings_install (GObjectClass *klass);
gboolean gst_doorbell_settings_set (GstDoorbellSettings *settings, guint id,
                                    const GValue *value);
gboolean gst_doorbell_settings_get (const GstDoorbellSettings *settings,
                                    guint id, GValue *value);

G_END_DECLS
