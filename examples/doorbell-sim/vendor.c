/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of vendors; the topics are those of real devices. */
#include "vendor.h"

#include <string.h>

static const DwSimVendor vendors[] = {
  { "reolink", "Reolink", "Video Doorbell",
    "tns1:RuleEngine/MyRuleDetector/Visitor", "Source", "000", "State", "true",
    "false" },
  { "ajax", "Ajax", "DoorBell", "tns1:RuleEngine/RingDetector/Detection",
    "VideoSourceToken", "VideoSource_1", "Detected", "true", "false" },
  { "mobotix", "MOBOTIX", "T26", "tns1:VideoSource/Alarm", NULL, NULL, "Ring",
    "true", NULL },
  { "axis", "AXIS", "A8004-VE", "tns1:Device/tnsaxis:IO/Port", "port", "0",
    "state", "1", "0" },
  { "2n", "2N", "IP Verso", "tns1:Device/Trigger/DigitalInput", "InputToken",
    "virtual-1", "LogicalState", "true", "false" },
  { "generic", "Doorward", "Doorbell Simulator",
    "tns1:Device/Trigger/DigitalInput", "InputToken", "bell", "LogicalState",
    "true", "false" },
};

const DwSimVendor *
dw_sim_vendor (const gchar *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (vendors); i++)
    if (strcmp (vendors[i].name, name) == 0)
      return &vendors[i];
  return NULL;
}
