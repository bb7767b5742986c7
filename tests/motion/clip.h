/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a grey clip frame by frame, for tests that look at real scenes. */
#pragma once

#include <gst/gst.h>

typedef struct
{
  GstElement *pipeline, *sink;
  GstSample *sample;
  GstBuffer *buffer;
  GstMapInfo map;
  gint width, height, stride;
  const guint8 *data; /* of the frame read last */
} Clip;

/* FALSE, and why on stdout, when the file cannot be read. */
gboolean clip_open (Clip *clip, const gchar *path);

/* FALSE at the end. */
gboolean clip_next (Clip *clip);

void clip_close (Clip *clip);
