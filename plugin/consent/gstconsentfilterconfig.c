/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads doorward.yaml for one share. */
#include "gstconsentfilterconfig.h"

DwStatus
gst_consent_config_apply (const gchar *path, GstConsentShare *share,
                          DwPolicy *policy, gchar **ledger, DwError *error)
{
  (void)share;
  (void)policy;
  (void)ledger;
  return dw_error_set (error, DW_ERROR_UNSUPPORTED,
                       "config: %s cannot be read by this build", path);
}
