/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The meta that carries the foreground from doorbellmotion to consentfilter.
 *
 * Addressed by the grid, so it follows a plain scale; whatever else moves
 * pixels (crop, flip, rotate, a scale that adds borders) loses or invalidates
 * it, and consentfilter then fills the whole frame. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What lies where: the cells of the motion core over one picture. */
typedef struct
{
  gint width, height; /* of the picture */
  gint columns, rows;
  gint cell_size; /* pixels of the picture the motion core saw */
} GstForegroundGrid;

typedef struct
{
  GstMeta meta;
  gint width, height; /* of the picture that it describes */
  gint columns, rows;
  gint cell_size;    /* pixels of the picture the motion core saw */
  gint source_width; /* of the picture the motion core saw */
  gint source_height;
  gboolean is_learned; /* FALSE: everything is foreground */
  GBytes *cells;       /* rows * columns bytes: 0 background, 1 foreground */
} GstForegroundMeta;

GType gst_foreground_meta_api_get_type (void);
const GstMetaInfo *gst_foreground_meta_get_info (void);
#define GST_FOREGROUND_META_API_TYPE (gst_foreground_meta_api_get_type ())

/* NULL when there is none. */
GstForegroundMeta *gst_buffer_get_foreground_meta (GstBuffer *buffer);

/* Takes its own reference of `cells`, rows * columns bytes. The buffer must be
 * meta-writable. */
GstForegroundMeta *
gst_buffer_add_foreground_meta (GstBuffer *buffer,
                                const GstForegroundGrid *grid,
                                gboolean is_learned, GBytes *cells);

G_END_DECLS
