/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns a consentfilter's properties and the configuration into a share that
 * is watched. Anything unclear is an error here: a share that starts is one
 * that somebody named. */
#include "gstconsentfiltershare.h"

#include "gstconsentfilterconfig.h"
#include "timebase.h"

#include <string.h>

#define DEFAULT_HOLD_MS 1000
#define DEFAULT_GROW 1.5f

void
gst_consent_settings_clear (GstConsentSettings *settings)
{
  g_free (settings->ledger);
  g_free (settings->config);
  g_free (settings->camera);
  g_free (settings->recipient);
  g_free (settings->purpose);
  g_free (settings->case_number);
  g_free (settings->consent_hash);
  g_free (settings->footage_start);
  g_free (settings->private_zones);
  memset (settings, 0, sizeof *settings);
}

static DwStatus
copy_text (gchar *to, gsize size, const gchar *from, const gchar *property,
           DwError *error)
{
  if (from == NULL)
    from = "";
  if (g_strlcpy (to, from, size) >= size)
    return dw_error_set (error, DW_ERROR_INVALID, "%s: longer than %u bytes",
                         property, (guint)size - 1);
  return DW_OK;
}

static DwStatus
check_names (const DwShareKey *key, DwError *error)
{
  if (!dw_name_is_valid (key->camera))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "camera: a name of letters, digits and . _ - @ is "
                         "needed, got \"%s\"",
                         key->camera);
  if (!dw_name_is_valid (key->recipient))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "recipient: a name of letters, digits and . _ - @ is "
                         "needed, got \"%s\"",
                         key->recipient);
  if (key->purpose[0] != '\0' && !dw_name_is_valid (key->purpose))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "purpose: letters, digits and . _ - @ only");
  if (key->case_number[0] != '\0' && !dw_case_is_valid (key->case_number))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "case-number: letters, digits, blanks and "
                         ". _ - @ / only");
  if (key->recipient_class == DW_CLASS_NONE)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "recipient-class: needed, because no configuration "
                         "says what %s is",
                         key->recipient);
  return DW_OK;
}

static DwStatus
fill_key (const GstConsentSettings *settings, DwShareKey *key, DwError *error)
{
  DwStatus status;

  status = copy_text (key->camera, sizeof key->camera, settings->camera,
                      "camera", error);
  if (status == DW_OK)
    status = copy_text (key->recipient, sizeof key->recipient,
                        settings->recipient, "recipient", error);
  if (status == DW_OK)
    status = copy_text (key->purpose, sizeof key->purpose, settings->purpose,
                        "purpose", error);
  if (status == DW_OK)
    status = copy_text (key->case_number, sizeof key->case_number,
                        settings->case_number, "case-number", error);
  if (status == DW_OK)
    status = copy_text (key->consent_hash, sizeof key->consent_hash,
                        settings->consent_hash, "consent-hash", error);
  key->recipient_class = settings->recipient_class;
  key->is_live = settings->is_live;
  return status;
}

/* One polygon: "x,y x,y x,y". */
static gboolean
parse_polygon (const gchar *text, DwPolygon *out)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t", -1);

  memset (out, 0, sizeof *out);
  for (guint i = 0; words[i] != NULL; i++)
    {
      const gchar *second;
      gchar *end = NULL;
      DwPoint *point;

      if (words[i][0] == '\0')
        continue;
      if (out->n_points == DW_MAX_POLYGON_POINTS)
        return FALSE;
      point = &out->points[out->n_points];
      point->x = (gfloat)g_ascii_strtod (words[i], &end);
      if (end == words[i] || *end != ',')
        return FALSE;
      second = end + 1;
      point->y = (gfloat)g_ascii_strtod (second, &end);
      if (end == second || *end != '\0')
        return FALSE;
      out->n_points++;
    }
  return dw_polygon_is_valid (out);
}

static DwStatus
add_zones (const gchar *text, GstConsentShare *share, DwError *error)
{
  g_auto (GStrv) parts = g_strsplit (text ? text : "", ";", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (g_strstrip (parts[i])[0] == '\0')
        continue;
      if (share->n_zones == GST_CONSENT_MAX_ZONES
          || !parse_polygon (parts[i], &share->zones[share->n_zones]))
        return dw_error_set (error, DW_ERROR_INVALID,
                             "private-zones: expected up to %d polygons such "
                             "as \"0,0 0.5,0 0.5,1\" separated by \";\", got "
                             "\"%s\"",
                             GST_CONSENT_MAX_ZONES, parts[i]);
      share->n_zones++;
    }
  return DW_OK;
}

static gchar *
default_ledger (void)
{
  return g_build_filename (g_get_user_data_dir (), "doorward", "ledger.db",
                           NULL);
}

static DwStatus
read_times (const GstConsentSettings *settings, GstConsentShare *share,
            DwError *error)
{
  const gchar *text = settings->footage_start;

  if (text == NULL || text[0] == '\0')
    return DW_OK;
  if (dw_time_parse (text, dw_time_utc_ns (), &share->footage_start_ns)
      == DW_OK)
    return DW_OK;
  return dw_error_set (error, DW_ERROR_INVALID,
                       "footage-start: expected a time such as "
                       "2026-11-23T20:15:00Z, got \"%s\"",
                       text);
}

/* What the properties say, over what the configuration has said. */
static DwStatus
prepare (const GstConsentSettings *settings, GstConsentShare *share,
         DwPolicy *policy, gchar **ledger, DwError *error)
{
  const gchar *config = settings->config;
  DwStatus status;

  share->hold_ms = DEFAULT_HOLD_MS;
  share->grow = DEFAULT_GROW;
  dw_policy_init (policy);
  status = fill_key (settings, &share->key, error);
  if (status == DW_OK && config && config[0] != '\0')
    status = gst_consent_config_apply (config, share, policy, ledger, error);
  if (status == DW_OK)
    status = add_zones (settings->private_zones, share, error);
  if (status == DW_OK)
    status = check_names (&share->key, error);
  if (status == DW_OK)
    status = read_times (settings, share, error);
  if (settings->hold_ms >= 0)
    share->hold_ms = (guint32)settings->hold_ms;
  if (settings->grow > 0.)
    share->grow = (gfloat)MAX (settings->grow, 1.);
  share->drops = settings->when_denied == GST_CONSENT_DENIED_DROP
                 || (settings->when_denied == GST_CONSENT_DENIED_AUTO
                     && !settings->is_live);
  if (settings->ledger && settings->ledger[0] != '\0')
    {
      g_free (*ledger);
      *ledger = g_strdup (settings->ledger);
    }
  else if (*ledger == NULL)
    *ledger = default_ledger ();
  return status;
}

DwStatus
gst_consent_share_open (const GstConsentSettings *settings, DwSlot *slot,
                        GstConsentShare *out, DwError *error)
{
  g_autofree gchar *ledger = NULL;
  DwPolicy policy;
  DwStatus status;

  memset (out, 0, sizeof *out);
  status = prepare (settings, out, &policy, &ledger, error);
  if (status == DW_OK)
    status = dw_watcher_new (ledger, &policy, &out->key, slot, &out->watcher,
                             error);
  if (status != DW_OK)
    memset (out, 0, sizeof *out);
  return status;
}

void
gst_consent_share_close (GstConsentShare *share)
{
  dw_watcher_free (share->watcher);
  memset (share, 0, sizeof *share);
}
