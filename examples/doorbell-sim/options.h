/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of doorbell-sim. */
#pragma once

#include "scene.h"

#include <glib.h>

typedef enum
{
  DW_SIM_H264 = 0,
  DW_SIM_MJPEG,
} DwSimCodec;

typedef enum
{
  DW_SIM_AAC = 0,
  DW_SIM_PCMU,
  DW_SIM_SILENT,
} DwSimAudio;

typedef struct
{
  DwSceneSettings scene;
  gint fps_n, fps_d;                     /* frames a second */
  gboolean has_size, has_fps, has_every; /* given: a file does not decide */
  DwSimCodec codec;
  DwSimAudio audio;
  gchar *vendor;
  gchar *video;  /* a file instead of the scene */
  gchar *truth;  /* JSON Lines */
  gchar *render; /* one PNG, then end */
  gchar *output; /* Y4M, then end */
  gint frames;
  gdouble at_s;
  gchar **users, **passwords; /* of the same length; NULL: open */
  gchar *bind, *host, *interfaces, *name;
  gint port, rtsp_port, ready_fd;
  gboolean is_hidden; /* no discovery */
  gdouble run_s;      /* 0: until a signal */
} DwSimOptions;

/* Reads and checks everything; FALSE with a sentence in `error` when anything
 * is wrong. --help prints and exits. */
gboolean dw_sim_options_parse (DwSimOptions *options, gint argc, gchar **argv,
                               GError **error);
void dw_sim_options_finish (DwSimOptions *options);

/* The next size that the codec of the streams can carry. */
void dw_sim_stream_size (DwSimCodec codec, gint *width, gint *height);
