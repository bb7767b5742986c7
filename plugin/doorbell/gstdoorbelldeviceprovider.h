/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists the doorbells of the network, live, by WS-Discovery. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_DOORBELL_DEVICE_PROVIDER                                      \
  (gst_doorbell_device_provider_get_type ())
G_DECLARE_FINAL_TYPE (GstDoorbellDeviceProvider, gst_doorbell_device_provider,
                      GST, DOORBELL_DEVICE_PROVIDER, GstDeviceProvider)

GST_DEVICE_PROVIDER_REGISTER_DECLARE (doorbelldeviceprovider)

/* One doorbell: creates a doorbellsrc with its location. */
#define GST_TYPE_DOORBELL_DEVICE (gst_doorbell_device_get_type ())
G_DECLARE_FINAL_TYPE (GstDoorbellDevice, gst_doorbell_device, GST,
                      DOORBELL_DEVICE, GstDevice)

G_END_DECLS
