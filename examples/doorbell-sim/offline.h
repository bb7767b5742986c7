/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures without a network: one PNG, or a Y4M with its truth. */
#pragma once

#include "options.h"

/* Draws what --render or --output asks for. */
DwStatus dw_sim_offline (const DwSimOptions *options, DwError *error);
