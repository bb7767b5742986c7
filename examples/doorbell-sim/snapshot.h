/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The present frame as a JPEG. */
#pragma once

#include "world.h"

typedef struct DwSimSnapshot DwSimSnapshot;

/* `world` must outlive it. */
DwSimSnapshot *dw_sim_snapshot_new (const DwSimWorld *world);
void dw_sim_snapshot_free (DwSimSnapshot *snapshot);

/* A JPEG for malloc's free (), NULL when it cannot be made. Any thread. */
void *dw_sim_snapshot_take (DwSimSnapshot *snapshot, gboolean is_sub,
                            gsize *size);
