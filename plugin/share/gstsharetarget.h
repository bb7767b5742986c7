/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a share goes: which muxer and sink a location means. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What sharesink builds behind its first gates. `muxer` may be the sink itself
 * (rtspclientsink); `last` is where a second gate goes before. */
typedef struct
{
  GstElement *muxer;      /* takes the encoded streams; floating */
  GstElement *sink;       /* NULL when the muxer is the sink; floating */
  const gchar *video_pad; /* name of the muxer's request pad templates */
  const gchar *audio_pad;
  gboolean has_second_gate; /* between muxer and sink */
  gboolean flushes;    /* gates may flush: a file would be cut to nothing */
  gboolean takes_jpeg; /* else JPEG is transcoded to H.264 */
} GstShareTarget;

/* Reads `location` (a path, file://, rtsp://, srt://, http://, https://, or any
 * URI a sink of this GStreamer handles) and makes its elements. FALSE with
 * `error` set, in words a person understands, when that cannot be. */
gboolean gst_share_target_make (const gchar *location, GstShareTarget *out,
                                GError **error);

/* The first of these factories that is installed, made; NULL and `error`
 * naming all of them otherwise. The list ends with NULL. */
GstElement *gst_share_make_first (const gchar *const *factories,
                                  GError **error);

G_END_DECLS
