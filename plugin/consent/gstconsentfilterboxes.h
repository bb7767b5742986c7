/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others found in a picture: the foreground, and boxes of detectors. */
#pragma once

#include "mask.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* Hides all objects that the metas of `buffer` name in a picture of this
 * size. Returns FALSE when there is nothing to go by. Whatever does not fit
 * the picture hides all of it. */
gboolean gst_consent_hide_objects (DwMasker *masker, GstBuffer *buffer,
                                   gint width, gint height);

G_END_DECLS
