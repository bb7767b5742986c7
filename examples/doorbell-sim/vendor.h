/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the doorbells of different makers say over ONVIF that somebody rings:
 * there is no standard topic, so each has its own. */
#pragma once

#include <glib.h>

#define DW_SIM_VENDORS "reolink, ajax, mobotix, axis, 2n or generic"

typedef struct
{
  const gchar *name;
  const gchar *manufacturer, *model;
  const gchar *topic;
  const gchar *source_name, *source_value; /* NULL: none */
  const gchar *data_name, *on, *off;       /* off NULL: a pulse */
} DwSimVendor;

/* NULL for a name that is not in the table. */
const DwSimVendor *dw_sim_vendor (const gchar *name);
