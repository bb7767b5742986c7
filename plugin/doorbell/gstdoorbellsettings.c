/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorbellsrc's properties, as rows where they are alike. */
#include "gstdoorbellsettings.h"

#include <gst/gst.h>
#include <string.h>

#define DEFAULT_LOCATION "onvif://"
#define DEFAULT_PROFILE "main"
#define DEFAULT_LATENCY 200
#define DEFAULT_PROTOCOLS                                                      \
  (GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_UDP_MCAST                   \
   | GST_RTSP_LOWER_TRANS_TCP)
#define DEFAULT_ENFORCE GST_DOORBELL_ENFORCE_NETWORK
#define DEFAULT_TIMEOUT 20000
#define DEFAULT_STALL_TIMEOUT 8000
#define DEFAULT_RETRY TRUE
#define MAX_MS (24 * 3600 * 1000)
#define HIDDEN_PASSWORD "********"

#define FLAGS                                                                  \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

enum
{
  PROP_0,
  PROP_LOCATION = GST_DOORBELL_PROP_LOCATION,
  PROP_PROTOCOLS,
  PROP_ENFORCE,
  PROP_RETRY,
  PROP_FIRST_ROW,
};

typedef struct
{
  const gchar *name, *nick, *blurb;
  gsize offset;
  const gchar *text; /* default */
  guint number;      /* default of a row that is not a text */
  gboolean is_number;
} Row;

#define TEXT(name, nick, field, default, blurb)                                \
  {                                                                            \
    name, nick, blurb, G_STRUCT_OFFSET (GstDoorbellSettings, field), default,  \
        0, FALSE                                                               \
  }
#define NUMBER(name, nick, field, default, blurb)                              \
  {                                                                            \
    name, nick, blurb, G_STRUCT_OFFSET (GstDoorbellSettings, field), NULL,     \
        default, TRUE                                                          \
  }

static const Row rows[] = {
  TEXT ("user-id", "User", user_id, NULL,
        "User name at the doorbell; before the one in location"),
  TEXT ("user-pw", "Password", user_pw, NULL,
        "Password at the doorbell; reads as asterisks"),
  TEXT ("profile", "Profile", profile, DEFAULT_PROFILE,
        "main (the largest picture), sub (the smallest), a profile's token or "
        "name"),
  TEXT ("camera", "Camera", camera, NULL,
        "Name carried in messages and events; unset: the device's own"),
  TEXT ("interfaces", "Interfaces", interfaces, NULL,
        "Network interfaces for discovery, such as eth0,wlan0; unset: all "
        "that are up"),
  NUMBER ("latency", "Latency", latency_ms, DEFAULT_LATENCY,
          "Milliseconds to buffer against network jitter"),
  NUMBER ("timeout", "Timeout", timeout_ms, DEFAULT_TIMEOUT,
          "Milliseconds until the first connection is given up with an error; "
          "0: never"),
  NUMBER ("stall-timeout", "Stall timeout", stall_timeout_ms,
          DEFAULT_STALL_TIMEOUT,
          "Milliseconds without data until the connection counts as lost; "
          "0: never"),
};

static gpointer
field_of (const GstDoorbellSettings *settings, const Row *row)
{
  return (guint8 *)settings + row->offset;
}

static const Row *
row_of (guint id)
{
  if (id < PROP_FIRST_ROW || id - PROP_FIRST_ROW >= G_N_ELEMENTS (rows))
    return NULL;
  return &rows[id - PROP_FIRST_ROW];
}

void
gst_doorbell_settings_init (GstDoorbellSettings *out)
{
  memset (out, 0, sizeof *out);
  gst_doorbell_settings_set_location (out, NULL, NULL);
  out->protocols = DEFAULT_PROTOCOLS;
  out->enforce = DEFAULT_ENFORCE;
  out->retry = DEFAULT_RETRY;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].is_number)
      *(guint *)field_of (out, &rows[i]) = rows[i].number;
    else
      *(gchar **)field_of (out, &rows[i]) = g_strdup (rows[i].text);
}

void
gst_doorbell_settings_copy (const GstDoorbellSettings *settings,
                            GstDoorbellSettings *out)
{
  *out = *settings;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (!rows[i].is_number)
      *(gchar **)field_of (out, &rows[i])
          = g_strdup (*(gchar **)field_of (settings, &rows[i]));
}

void
gst_doorbell_settings_clear (GstDoorbellSettings *settings)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (!rows[i].is_number)
      g_free (*(gchar **)field_of (settings, &rows[i]));
  memset (settings, 0, sizeof *settings);
}

gboolean
gst_doorbell_settings_set_location (GstDoorbellSettings *settings,
                                    const gchar *text, GError **error)
{
  DwLocation location;
  DwError why;

  if (dw_location_parse (text ? text : DEFAULT_LOCATION, &location, &why)
      != DW_OK)
    {
      g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI,
                           why.text);
      /* Zero: what was meant is not known, and any other doorbell is wrong. */
      settings->location = location;
      return FALSE;
    }
  settings->location = location;
  return TRUE;
}

static void
install_row (GObjectClass *klass, guint id, const Row *row)
{
  GParamSpec *spec;

  if (row->is_number)
    spec = g_param_spec_uint (row->name, row->nick, row->blurb, 0, MAX_MS,
                              row->number, FLAGS);
  else
    spec = g_param_spec_string (row->name, row->nick, row->blurb, row->text,
                                FLAGS);
  g_object_class_install_property (klass, id, spec);
}

void
gst_doorbell_settings_install (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PROP_LOCATION,
      g_param_spec_string (
          "location", "Location",
          "onvif://[user:pw@]HOST[:PORT], onvif:// for the first doorbell "
          "found, or rtsp:// of a camera without ONVIF",
          DEFAULT_LOCATION, FLAGS));
  g_object_class_install_property (
      klass, PROP_PROTOCOLS,
      g_param_spec_flags ("protocols", "Protocols",
                          "Allowed lower transport protocols",
                          GST_TYPE_RTSP_LOWER_TRANS, DEFAULT_PROTOCOLS, FLAGS));
  g_object_class_install_property (
      klass, PROP_ENFORCE,
      g_param_spec_enum (
          "enforce", "Enforce",
          "What needs a consentgate: nothing, all that leaves this machine, "
          "files as well",
          GST_TYPE_DOORBELL_ENFORCE, DEFAULT_ENFORCE, FLAGS));
  g_object_class_install_property (
      klass, PROP_RETRY,
      g_param_spec_boolean ("retry", "Retry",
                            "Connect anew after a failure; off: every failure "
                            "is an error",
                            DEFAULT_RETRY, FLAGS));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    install_row (klass, PROP_FIRST_ROW + i, &rows[i]);
}

static void
set_row (GstDoorbellSettings *settings, const Row *row, const GValue *value)
{
  if (row->is_number)
    *(guint *)field_of (settings, row) = g_value_get_uint (value);
  else
    {
      gchar **text = field_of (settings, row);

      g_free (*text);
      *text = g_value_dup_string (value);
    }
}

gboolean
gst_doorbell_settings_set (GstDoorbellSettings *settings, guint id,
                           const GValue *value)
{
  const Row *row = row_of (id);

  if (row)
    set_row (settings, row, value);
  else if (id == PROP_PROTOCOLS)
    settings->protocols = g_value_get_flags (value);
  else if (id == PROP_ENFORCE)
    settings->enforce = g_value_get_enum (value);
  else if (id == PROP_RETRY)
    settings->retry = g_value_get_boolean (value);
  else
    return FALSE;
  return TRUE;
}

static void
get_row (const GstDoorbellSettings *settings, const Row *row, GValue *value)
{
  const gchar *text = *(gchar **)field_of (settings, row);

  /* Pipeline graphs and verbose programs print every property. */
  if (strcmp (row->name, "user-pw") == 0 && text && text[0])
    text = HIDDEN_PASSWORD;
  g_value_set_string (value, text);
}

gboolean
gst_doorbell_settings_get (const GstDoorbellSettings *settings, guint id,
                           GValue *value)
{
  const Row *row = row_of (id);

  if (row && row->is_number)
    g_value_set_uint (value, *(guint *)field_of (settings, row));
  else if (row)
    get_row (settings, row, value);
  else if (id == PROP_LOCATION)
    g_value_set_string (value, settings->location.uri);
  else if (id == PROP_PROTOCOLS)
    g_value_set_flags (value, settings->protocols);
  else if (id == PROP_ENFORCE)
    g_value_set_enum (value, settings->enforce);
  else if (id == PROP_RETRY)
    g_value_set_boolean (value, settings->retry);
  else
    return FALSE;
  return TRUE;
}
