/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For programs that link the elements instead of loading the plugin. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Registers all features with `plugin`, or without one (NULL: statically).
 * Call after gst_init (). */
gboolean gst_doorward_register (GstPlugin *plugin);

G_END_DECLS
