/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device service: time, services, capabilities, identity, network. */
#include "server-call.h"

#include "timebase.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define T(text) dw_server_text (text)

/* gSOAP's structs are not const. */
static char no[] = "false";
static char yes[] = "true";

static bool
get_system_date_and_time (DwServerCall *call)
{
  const time_t now = (time_t)(dw_time_utc_ns () / DW_SECOND_NS);
  struct tm utc;
  struct tt__Time time_of_day;
  struct tt__Date date;
  struct tt__DateTime both = { .Time = &time_of_day, .Date = &date };
  struct tt__TimeZone zone = { .TZ = T ("UTC0") };
  struct tt__SystemDateTime system = { .DateTimeType = T ("NTP"),
                                       .DaylightSavings = no,
                                       .TimeZone = &zone,
                                       .UTCDateTime = &both,
                                       .LocalDateTime = &both };
  struct _tds__GetSystemDateAndTimeResponse response
      = { .SystemDateAndTime = &system };

  memset (&utc, 0, sizeof utc);
  gmtime_r (&now, &utc);
  time_of_day = (struct tt__Time){ utc.tm_hour, utc.tm_min, utc.tm_sec };
  date = (struct tt__Date){ utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday };
  return dw_server_reply (call, &response);
}

/* -- What there is ------------------------------------------------------ */

static struct tds__DeviceServiceCapabilities *
device_capabilities (const DwServerFacts *facts)
{
  static char none[] = "0";
  static struct tds__NetworkCapabilities network = { no, no, no, no };
  static struct tds__SecurityCapabilities security
      = { .TLS1_x002e2 = no,
          .OnboardKeyGeneration = no,
          .AccessPolicyConfig = no,
          .UsernameToken = yes,
          .HttpDigest = yes,
          .MaxUsers = none };
  static struct tds__SystemCapabilities found = { yes, yes, no, no, no, no };
  static struct tds__SystemCapabilities hidden = { no, no, no, no, no, no };
  static struct tds__DeviceServiceCapabilities discoverable
      = { &network, &security, &found };
  static struct tds__DeviceServiceCapabilities silent
      = { &network, &security, &hidden };

  return facts->is_discoverable ? &discoverable : &silent;
}

static bool
get_services (DwServerCall *call)
{
  const struct _tds__GetServices *request = call->request;
  const char *wish = request->IncludeCapability;
  char xaddrs[4][DW_ONVIF_URI];
  struct tt__OnvifVersion version = { 2, 60 };
  struct tt__OnvifVersion version2 = { 2, 60 };
  struct _tds__Service_Capabilities capabilities[4];
  struct tds__Service services[] = {
    { .Namespace = T ("http://www.onvif.org/ver10/device/wsdl"),
      .XAddr = dw_server_service (call, "device_service", xaddrs[0]),
      .Version = &version },
    { .Namespace = T ("http://www.onvif.org/ver10/media/wsdl"),
      .XAddr = dw_server_service (call, "media_service", xaddrs[1]),
      .Version = &version },
    { .Namespace = T ("http://www.onvif.org/ver20/media/wsdl"),
      .XAddr = dw_server_service (call, "media2_service", xaddrs[2]),
      .Version = &version2 },
    { .Namespace = T ("http://www.onvif.org/ver10/events/wsdl"),
      .XAddr = dw_server_service (call, "event_service", xaddrs[3]),
      .Version = &version },
  };
  struct _tds__GetServicesResponse response
      = { .__sizeService = 4, .Service = services };

  memset (capabilities, 0, sizeof capabilities);
  capabilities[0].tds__Capabilities = device_capabilities (call->facts);
  capabilities[1].trt__Capabilities = dw_server_media_capabilities ();
  capabilities[2].tr2__Capabilities = dw_server_media2_capabilities ();
  capabilities[3].tev__Capabilities = dw_server_event_capabilities ();
  if (wish && (strcmp (wish, "true") == 0 || strcmp (wish, "1") == 0))
    for (size_t i = 0; i < 4; i++)
      services[i].Capabilities = &capabilities[i];
  return dw_server_reply (call, &response);
}

static bool
get_service_capabilities (DwServerCall *call)
{
  struct _tds__GetServiceCapabilitiesResponse response
      = { .Capabilities = device_capabilities (call->facts) };

  return dw_server_reply (call, &response);
}

/* Which of the three are asked for; false when only others are. */
static bool
read_categories (const struct _tds__GetCapabilities *request, bool *device,
                 bool *media, bool *events)
{
  bool is_all = request->__sizeCategory == 0;

  *device = *media = *events = false;
  for (int i = 0; i < request->__sizeCategory; i++)
    {
      const char *category = request->Category[i] ? request->Category[i] : "";

      is_all = is_all || strcmp (category, "All") == 0;
      *device = *device || strcmp (category, "Device") == 0;
      *media = *media || strcmp (category, "Media") == 0;
      *events = *events || strcmp (category, "Events") == 0;
    }
  if (is_all)
    *device = *media = *events = true;
  return *device || *media || *events;
}

static bool
get_capabilities (DwServerCall *call)
{
  bool has_device, has_media, has_events;
  char xaddrs[3][DW_ONVIF_URI];
  struct tt__OnvifVersion version = { 2, 60 };
  struct tt__NetworkCapabilities network = { no, no, no, no };
  struct tt__SystemCapabilities system
      = { .DiscoveryResolve = call->facts->is_discoverable ? yes : no,
          .DiscoveryBye = call->facts->is_discoverable ? yes : no,
          .RemoteDiscovery = no,
          .SystemBackup = no,
          .SystemLogging = no,
          .FirmwareUpgrade = no,
          .__sizeSupportedVersions = 1,
          .SupportedVersions = &version };
  struct tt__IOCapabilities io = { T ("0"), T ("0") };
  struct tt__SecurityCapabilities security = { no, no, no, no, no, no, no, no };
  struct tt__DeviceCapabilities device
      = { .XAddr = dw_server_service (call, "device_service", xaddrs[0]),
          .Network = &network,
          .System = &system,
          .IO = &io,
          .Security = &security };
  struct tt__EventCapabilities events
      = { .XAddr = dw_server_service (call, "event_service", xaddrs[1]),
          .WSSubscriptionPolicySupport = no,
          .WSPullPointSupport = yes,
          .WSPausableSubscriptionManagerInterfaceSupport = no };
  struct tt__RealTimeStreamingCapabilities streaming = { no, yes, yes };
  struct tt__ProfileCapabilities profiles = { T ("16") };
  struct tt__MediaCapabilitiesExtension extension = { &profiles };
  struct tt__MediaCapabilities media
      = { .XAddr = dw_server_service (call, "media_service", xaddrs[2]),
          .StreamingCapabilities = &streaming,
          .Extension = &extension };
  struct tt__Capabilities capabilities = { 0 };
  struct _tds__GetCapabilitiesResponse response
      = { .Capabilities = &capabilities };

  if (!read_categories (call->request, &has_device, &has_media, &has_events))
    return dw_server_fault (call, "ter:ActionNotSupported", "ter:NoSuchService",
                            "This device has no such service.");
  capabilities.Device = has_device ? &device : NULL;
  capabilities.Media = has_media ? &media : NULL;
  capabilities.Events = has_events ? &events : NULL;
  return dw_server_reply (call, &response);
}

/* -- Who it is ---------------------------------------------------------- */

static bool
get_device_information (DwServerCall *call)
{
  const DwServerFacts *facts = call->facts;
  struct _tds__GetDeviceInformationResponse response
      = { .Manufacturer = T (facts->manufacturer),
          .Model = T (facts->model),
          .FirmwareVersion = T (facts->firmware),
          .SerialNumber = T (facts->serial),
          .HardwareId = T (facts->model) };

  return dw_server_reply (call, &response);
}

static bool
get_scopes (DwServerCall *call)
{
  struct tt__Scope scopes[DW_SERVER_SCOPES];
  struct _tds__GetScopesResponse response
      = { .__sizeScopes = (int)call->facts->n_scopes, .Scopes = scopes };

  for (size_t i = 0; i < call->facts->n_scopes; i++)
    scopes[i] = (struct tt__Scope){ .ScopeDef = T ("Fixed"),
                                    .ScopeItem = T (call->facts->scopes[i]) };
  return dw_server_reply (call, &response);
}

static bool
get_hostname (DwServerCall *call)
{
  struct tt__HostnameInformation information
      = { .FromDHCP = no, .Name = T ("doorbell") };
  struct _tds__GetHostnameResponse response
      = { .HostnameInformation = &information };

  return dw_server_reply (call, &response);
}

/* -- Network ------------------------------------------------------------ */

static int
prefix_length (const struct sockaddr *mask)
{
  uint32_t bits = 0;

  if (mask && mask->sa_family == AF_INET)
    bits = ntohl (
        ((const struct sockaddr_in *)(const void *)mask)->sin_addr.s_addr);
  for (int n = 0;; n++)
    if (n == 32 || !(bits & UINT32_C (0x80000000) >> n))
      return n;
}

/* The interface of this IPv4 address: its name and the size of its network. */
static bool
find_interface (const char *address, char name[IF_NAMESIZE], int *prefix)
{
  struct ifaddrs *all = NULL;
  bool is_found = false;

  if (getifaddrs (&all) != 0)
    return false;
  for (const struct ifaddrs *one = all; one && !is_found; one = one->ifa_next)
    {
      char text[INET_ADDRSTRLEN];

      if (one->ifa_addr == NULL || one->ifa_addr->sa_family != AF_INET)
        continue;
      inet_ntop (
          AF_INET,
          &((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr,
          text, sizeof text);
      if (strcmp (text, address) != 0)
        continue;
      snprintf (name, IF_NAMESIZE, "%s", one->ifa_name);
      *prefix = prefix_length (one->ifa_netmask);
      is_found = true;
    }
  freeifaddrs (all);
  return is_found;
}

/* Only the interface that was asked: a caller learns no other network. */
static bool
get_network_interfaces (DwServerCall *call)
{
  char name[IF_NAMESIZE] = "eth0";
  char address[80];
  struct tt__PrefixedIPv4Address manual = { .Address = address };
  struct tt__IPv4Configuration configuration
      = { .__sizeManual = 1, .Manual = &manual, .DHCP = no };
  struct tt__IPv4NetworkInterface ipv4
      = { .Enabled = yes, .Config = &configuration };
  struct tt__NetworkInterfaceInfo info
      = { .Name = name, .HwAddress = T (call->facts->mac), .MTU = 1500 };
  struct tt__NetworkInterface interface = { .token = T ("eth0"),
                                            .Enabled = yes,
                                            .Info = &info };
  struct _tds__GetNetworkInterfacesResponse response
      = { .__sizeNetworkInterfaces = 1, .NetworkInterfaces = &interface };

  snprintf (address, sizeof address, "%s", call->http->local);
  address[strcspn (address, ":")] = 0;
  if (find_interface (address, name, &manual.PrefixLength))
    interface.IPv4 = &ipv4;
  return dw_server_reply (call, &response);
}

const DwServerOperation dw_server_device_operations[] = {
  DW_OPERATION (tds, GetSystemDateAndTime, NULL, true,
                get_system_date_and_time),
  DW_OPERATION (tds, GetServices, NULL, true, get_services),
  DW_OPERATION (tds, GetServiceCapabilities, NULL, true,
                get_service_capabilities),
  DW_OPERATION (tds, GetCapabilities, NULL, true, get_capabilities),
  DW_OPERATION (tds, GetDeviceInformation, NULL, false, get_device_information),
  DW_OPERATION (tds, GetScopes, NULL, false, get_scopes),
  DW_OPERATION (tds, GetHostname, NULL, true, get_hostname),
  DW_OPERATION (tds, GetNetworkInterfaces, NULL, false, get_network_interfaces),
  { 0 },
};
