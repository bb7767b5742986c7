/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What doorward.yaml says about one share. */
#pragma once

#include "gstconsentfiltershare.h"

G_BEGIN_DECLS

/* Fills in what the configuration says about the camera and the recipient of
 * `share->key`: class (where it is not set), private zones, holding and growing
 * of masks; and the ceilings and the ledger's place (NULL: not said; g_free ()
 * it). On error nothing may be shown. */
DwStatus gst_consent_config_apply (const gchar *path, GstConsentShare *share,
                                   DwPolicy *policy, gchar **ledger,
                                   DwError *error);

G_END_DECLS
