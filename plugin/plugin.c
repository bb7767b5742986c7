/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers the features, nothing else. */
#include "plugin.h"

#include "gstconsentfilter.h"
#include "gstconsentgate.h"
#include "gstsharesink.h"
#include "gstdoorbellmotion.h"
#include "gstdoorbelldeviceprovider.h"
#include "gstdoorbellsrc.h"

gboolean
gst_doorward_register (GstPlugin *plugin)
{
  gboolean ok = TRUE;

  ok &= GST_ELEMENT_REGISTER (consentfilter, plugin);
  ok &= GST_ELEMENT_REGISTER (consentgate, plugin);
  ok &= GST_ELEMENT_REGISTER (sharesink, plugin);
  ok &= GST_ELEMENT_REGISTER (doorbellmotion, plugin);
  ok &= GST_ELEMENT_REGISTER (doorbellsrc, plugin);
  ok &= GST_DEVICE_PROVIDER_REGISTER (doorbelldeviceprovider, plugin);
  return ok;
}

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_doorward_register (plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, doorward,
                   "Doorbells whose pictures are shared by consent only",
                   plugin_init, VERSION, "GPL", PACKAGE, GST_PACKAGE_ORIGIN)
