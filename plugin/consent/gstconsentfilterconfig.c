/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads doorward.yaml for one share. A file that cannot be read whole is an
 * error, never a reason to go on with defaults. */
#include "gstconsentfilterconfig.h"

#include "configuration.h"

static const gchar *
lookup_environment (const gchar *name)
{
  return g_getenv (name);
}

static DwStatus
load_config (const gchar *path, DwConfig *config, DwError *error)
{
  g_autofree DwDiagnostics *diagnostics = g_new0 (DwDiagnostics, 1);
  DwStatus status
      = dw_config_load (path, lookup_environment, config, diagnostics);

  if (status == DW_OK)
    return DW_OK;
  if (diagnostics->n_errors > 0)
    {
      gchar line[sizeof error->text];

      dw_diagnostic_format (path, &diagnostics->errors[0], line, sizeof line);
      return dw_error_set (error, status, "%s", line);
    }
  return dw_error_set (error, status, "%s: %s", path, dw_status_text (status));
}

/* What the configuration says about this camera and this recipient. A camera
 * it does not know is an error: its private zones would be missing. */
static DwStatus
apply (const DwConfig *config, GstConsentShare *share, DwError *error)
{
  const DwCameraConfig *camera = dw_config_camera (config, share->key.camera);
  const DwRecipientConfig *recipient
      = dw_config_recipient (config, share->key.recipient);

  if (camera == NULL)
    return dw_error_set (error, DW_ERROR_NOT_FOUND,
                         "camera: the configuration knows no \"%s\"",
                         share->key.camera);
  if (share->key.recipient_class == DW_CLASS_NONE && recipient)
    share->key.recipient_class = recipient->recipient_class;
  for (gsize i = 0; i < camera->n_private_zones; i++)
    {
      if (share->n_zones == GST_CONSENT_MAX_ZONES)
        return dw_error_set (error, DW_ERROR_LIMIT,
                             "private-zones: more than %d of them",
                             GST_CONSENT_MAX_ZONES);
      share->zones[share->n_zones++] = camera->private_zones[i];
    }
  share->hold_ms = config->mask_hold_ms;
  share->grow = config->mask_grow;
  return DW_OK;
}

DwStatus
gst_consent_config_apply (const gchar *path, GstConsentShare *share,
                          DwPolicy *policy, gchar **ledger, DwError *error)
{
  g_autofree DwConfig *config = g_new0 (DwConfig, 1);
  DwStatus status = load_config (path, config, error);

  if (status == DW_OK)
    status = apply (config, share, error);
  if (status == DW_OK)
    {
      *policy = config->policy;
      if (config->ledger[0] != '\0')
        *ledger = g_strdup (config->ledger);
    }
  dw_config_wipe (config);
  return status;
}
