/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * SECTION:provider-doorbelldeviceprovider
 * @title: doorbelldeviceprovider
 * @short_description: the doorbells of the network
 *
 * Devices of class Video/Source/Network, added when a doorbell says Hello or
 * answers a probe, removed when it says Bye or answers no more. Their
 * properties are `device.api` = onvif, `endpoint`, `address`, `xaddr`,
 * `hardware` and `place`; what their streams are is known only after signing
 * in.
 *
 * ## Launch line
 * |[
 * gst-device-monitor-1.0 -f Video/Source
 * ]|
 */
#include "gstdoorbelldeviceprovider.h"

#include "onvif.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (gst_doorbell_provider_debug);
#define GST_CAT_DEFAULT gst_doorbell_provider_debug

#define DEVICE_CLASS "Video/Source/Network"
/* WS-Discovery lets devices wait up to half a second with their answer. */
#define FIRST_PROBE_MS 1000
#define PROBE_INTERVAL_MS 10000

/* -- One doorbell ------------------------------------------------------- */

struct _GstDoorbellDevice
{
  GstDevice parent;
  gchar *endpoint;
  gchar *location;
};

G_DEFINE_TYPE (GstDoorbellDevice, gst_doorbell_device, GST_TYPE_DEVICE)

static GstElement *
gst_doorbell_device_create_element (GstDevice *device, const gchar *name)
{
  GstElement *element = gst_element_factory_make ("doorbellsrc", name);

  if (element)
    g_object_set (element, "location", GST_DOORBELL_DEVICE (device)->location,
                  NULL);
  return element;
}

static gboolean
gst_doorbell_device_reconfigure (GstDevice *device, GstElement *element)
{
  if (g_strcmp0 (G_OBJECT_TYPE_NAME (element), "GstDoorbellSrc") != 0)
    return FALSE;
  g_object_set (element, "location", GST_DOORBELL_DEVICE (device)->location,
                NULL);
  return TRUE;
}

static void
gst_doorbell_device_finalize (GObject *object)
{
  GstDoorbellDevice *self = GST_DOORBELL_DEVICE (object);

  g_free (self->endpoint);
  g_free (self->location);
  G_OBJECT_CLASS (gst_doorbell_device_parent_class)->finalize (object);
}

static void
gst_doorbell_device_class_init (GstDoorbellDeviceClass *klass)
{
  GstDeviceClass *device_class = GST_DEVICE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_doorbell_device_finalize;
  device_class->create_element = gst_doorbell_device_create_element;
  device_class->reconfigure_element = gst_doorbell_device_reconfigure;
}

static void
gst_doorbell_device_init (GstDoorbellDevice *self)
{
  (void)self;
}

/* "http://192.0.2.7:80/onvif/device_service" as a location for people; https
 * stays what it is. */
static gchar *
location_of_xaddr (const gchar *xaddr)
{
  static const gchar http[] = "http://";

  if (g_ascii_strncasecmp (xaddr, http, strlen (http)) == 0)
    return g_strconcat ("onvif://", xaddr + strlen (http), NULL);
  return g_strdup (xaddr);
}

static void
set_text (GstStructure *properties, const gchar *name, const gchar *text)
{
  gchar *valid = g_utf8_make_valid (text, -1);

  gst_structure_set (properties, name, G_TYPE_STRING, valid, NULL);
  g_free (valid);
}

static GstStructure *
make_properties (const DwOnvifMatch *match)
{
  GstStructure *properties = gst_structure_new ("doorbell", "device.api",
                                                G_TYPE_STRING, "onvif", NULL);

  set_text (properties, "endpoint", match->endpoint);
  set_text (properties, "address", match->address);
  set_text (properties, "xaddr", match->xaddr);
  set_text (properties, "hardware", match->hardware);
  set_text (properties, "place", match->location);
  return properties;
}

static GstDevice *
make_device (const DwOnvifMatch *match)
{
  const gchar *name = match->name[0] ? match->name : match->address;
  gchar *valid = g_utf8_make_valid (name, -1);
  GstStructure *properties = make_properties (match);
  GstCaps *caps
      = gst_caps_from_string ("video/x-h264; video/x-h265; image/jpeg");
  GstDoorbellDevice *device = g_object_new (
      GST_TYPE_DOORBELL_DEVICE, "display-name", valid, "device-class",
      DEVICE_CLASS, "caps", caps, "properties", properties, NULL);

  device->endpoint = g_strdup (match->endpoint);
  device->location = location_of_xaddr (match->xaddr);
  gst_caps_unref (caps);
  gst_structure_free (properties);
  g_free (valid);
  return GST_DEVICE (device);
}

/* -- The provider ------------------------------------------------------- */

enum
{
  PROP_0,
  PROP_INTERFACES,
};

struct _GstDoorbellDeviceProvider
{
  GstDeviceProvider parent;
  gchar *interfaces; /* under the object lock */
  DwOnvifWatch *watch;
};

G_DEFINE_TYPE (GstDoorbellDeviceProvider, gst_doorbell_device_provider,
               GST_TYPE_DEVICE_PROVIDER)
GST_DEVICE_PROVIDER_REGISTER_DEFINE (doorbelldeviceprovider,
                                     "doorbelldeviceprovider", GST_RANK_PRIMARY,
                                     GST_TYPE_DOORBELL_DEVICE_PROVIDER)

static gchar *
get_interfaces (GstDoorbellDeviceProvider *self)
{
  gchar *interfaces;

  GST_OBJECT_LOCK (self);
  interfaces = g_strdup (self->interfaces);
  GST_OBJECT_UNLOCK (self);
  return interfaces;
}

/* The device of an endpoint that is listed already; a new ref or NULL. */
static GstDevice *
find_device (GstDoorbellDeviceProvider *self, const gchar *endpoint)
{
  GstDevice *found = NULL;

  GST_OBJECT_LOCK (self);
  for (GList *l = GST_DEVICE_PROVIDER (self)->devices; l && !found; l = l->next)
    if (strcmp (GST_DOORBELL_DEVICE (l->data)->endpoint, endpoint) == 0)
      found = gst_object_ref (l->data);
  GST_OBJECT_UNLOCK (self);
  return found;
}

/* On the watch's thread. A new address is a changed device. */
static gboolean
is_same (GstDevice *a, GstDevice *b)
{
  GstStructure *of_a = gst_device_get_properties (a);
  GstStructure *of_b = gst_device_get_properties (b);
  gboolean same = gst_structure_is_equal (of_a, of_b);

  gst_structure_free (of_a);
  gst_structure_free (of_b);
  return same;
}

static void
on_match (const DwOnvifMatch *match, gpointer user_data)
{
  GstDeviceProvider *provider = user_data;
  GstDevice *known = find_device (user_data, match->endpoint);
  GstDevice *device = match->is_gone ? NULL : make_device (match);

  GST_INFO_OBJECT (provider, "%s %s", match->endpoint,
                   match->is_gone ? "is gone" : match->xaddr);
  if (known && device && is_same (known, device))
    gst_object_unref (gst_object_ref_sink (device));
  else if (known && device)
    gst_device_provider_device_changed (provider, device, known);
  else if (known)
    gst_device_provider_device_remove (provider, known);
  else if (device)
    gst_device_provider_device_add (provider, device);
  g_clear_pointer (&known, gst_object_unref);
}

static gboolean
gst_doorbell_device_provider_start (GstDeviceProvider *provider)
{
  GstDoorbellDeviceProvider *self = GST_DOORBELL_DEVICE_PROVIDER (provider);
  gchar *interfaces = get_interfaces (self);
  const DwOnvifProbe first
      = { .interfaces = interfaces, .wait_ms = FIRST_PROBE_MS };
  DwError error = { DW_OK, "" };
  DwStatus status;

  /* Whoever lists devices right after the start, as gst-device-monitor-1.0
   * does, gets those that are there. */
  dw_onvif_probe (&first, NULL, on_match, self, NULL);
  status = dw_onvif_watch_new (interfaces, PROBE_INTERVAL_MS, on_match, self,
                               &self->watch, &error);
  g_free (interfaces);
  if (status != DW_OK)
    GST_WARNING_OBJECT (self, "%s", error.text);
  return status == DW_OK;
}

static void
gst_doorbell_device_provider_stop (GstDeviceProvider *provider)
{
  GstDoorbellDeviceProvider *self = GST_DOORBELL_DEVICE_PROVIDER (provider);

  dw_onvif_watch_free (self->watch);
  self->watch = NULL;
}

static void
collect (const DwOnvifMatch *match, gpointer user_data)
{
  GList **devices = user_data;

  if (!match->is_gone)
    *devices
        = g_list_prepend (*devices, gst_object_ref_sink (make_device (match)));
}

static GList *
gst_doorbell_device_provider_probe (GstDeviceProvider *provider)
{
  gchar *interfaces = get_interfaces (GST_DOORBELL_DEVICE_PROVIDER (provider));
  const DwOnvifProbe probe = { .interfaces = interfaces };
  GList *devices = NULL;
  DwError error = { DW_OK, "" };

  if (dw_onvif_probe (&probe, NULL, collect, &devices, &error) != DW_OK)
    GST_INFO_OBJECT (provider, "%s", error.text);
  g_free (interfaces);
  return devices;
}

static void
gst_doorbell_device_provider_set_property (GObject *object, guint id,
                                           const GValue *value,
                                           GParamSpec *pspec)
{
  GstDoorbellDeviceProvider *self = GST_DOORBELL_DEVICE_PROVIDER (object);

  if (id != PROP_INTERFACES)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  GST_OBJECT_LOCK (self);
  g_free (self->interfaces);
  self->interfaces = g_value_dup_string (value);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_doorbell_device_provider_get_property (GObject *object, guint id,
                                           GValue *value, GParamSpec *pspec)
{
  if (id == PROP_INTERFACES)
    g_value_take_string (
        value, get_interfaces (GST_DOORBELL_DEVICE_PROVIDER (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_doorbell_device_provider_finalize (GObject *object)
{
  GstDoorbellDeviceProvider *self = GST_DOORBELL_DEVICE_PROVIDER (object);

  dw_onvif_watch_free (self->watch);
  g_free (self->interfaces);
  G_OBJECT_CLASS (gst_doorbell_device_provider_parent_class)->finalize (object);
}

static void
gst_doorbell_device_provider_class_init (GstDoorbellDeviceProviderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstDeviceProviderClass *provider_class = GST_DEVICE_PROVIDER_CLASS (klass);

  object_class->set_property = gst_doorbell_device_provider_set_property;
  object_class->get_property = gst_doorbell_device_provider_get_property;
  object_class->finalize = gst_doorbell_device_provider_finalize;
  provider_class->start = gst_doorbell_device_provider_start;
  provider_class->stop = gst_doorbell_device_provider_stop;
  provider_class->probe = gst_doorbell_device_provider_probe;
  g_object_class_install_property (
      object_class, PROP_INTERFACES,
      g_param_spec_string ("interfaces", "Interfaces",
                           "Network interfaces for discovery, such as "
                           "eth0,wlan0; unset: all that are up",
                           NULL,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                               | GST_PARAM_MUTABLE_READY));
  gst_device_provider_class_set_static_metadata (
      provider_class, "Doorbell device provider", DEVICE_CLASS,
      "Lists the doorbells of the network by WS-Discovery",
      "The Doorward authors");
  GST_DEBUG_CATEGORY_INIT (gst_doorbell_provider_debug, "doorbellprovider", 0,
                           "doorbells of the network");
}

static void
gst_doorbell_device_provider_init (GstDoorbellDeviceProvider *self)
{
  (void)self;
}
