/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plays a video file in real time, over and over, for all streams at once. */
#pragma once

#include "world.h"

/* Opens and starts the file; fails when it holds no picture. */
DwSimPlayer *dw_sim_player_new (const DwSimOptions *options, GError **error);
void dw_sim_player_free (DwSimPlayer *player);

/* Of the file as it is played. */
void dw_sim_player_picture (DwSimPlayer *player, gint *width, gint *height,
                            gint *fps_n, gint *fps_d);
/* Of one loop; 0: not known. */
gdouble dw_sim_player_seconds (DwSimPlayer *player);
gboolean dw_sim_player_has_audio (DwSimPlayer *player);
GstClockTime dw_sim_player_epoch (DwSimPlayer *player);

/* From now on what is played goes into these appsrcs as well; either may be
 * NULL. Any thread. */
void dw_sim_player_attach (DwSimPlayer *player, GstElement *video,
                           GstElement *audio);
void dw_sim_player_detach (DwSimPlayer *player, GstElement *video,
                           GstElement *audio);

/* The picture that is shown now, or NULL. */
GstSample *dw_sim_player_present (DwSimPlayer *player);
