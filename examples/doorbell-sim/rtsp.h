/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The streams: rtsp://HOST:PORT/main and /sub. */
#pragma once

#include "world.h"

typedef struct DwSimRtsp DwSimRtsp;

/* Listens and serves in the default main context. `world` must outlive it. */
DwSimRtsp *dw_sim_rtsp_new (const DwSimWorld *world, GError **error);
void dw_sim_rtsp_free (DwSimRtsp *rtsp);

gint dw_sim_rtsp_port (DwSimRtsp *rtsp);
