/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server tells of itself, checked and completed once at the start. */
#pragma once

#include "onvif.h"
#include "server-call.h"

/* Copies what the device is from the settings, makes what was left out (uuid,
 * MAC and scopes) and refuses what has no place in an answer. `port` stays 0.
 */
DwStatus dw_server_facts_fill (DwServerFacts *facts,
                               const DwOnvifServerSettings *settings,
                               DwError *error);
