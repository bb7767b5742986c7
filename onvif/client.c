/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One device: its clock, its services, who it is. */
#include "client-private.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "soap/namespaces.h"
#include "text.h"
#include "timebase.h"

#define DEVICE_PATH "/onvif/device_service"
#define DEVICE_ACTION "http://www.onvif.org/ver10/device/wsdl/"

/* -- Life ---------------------------------------------------------------- */

/* The device tells whole seconds: on average half a one has passed. What lies
 * within that resolution is no offset: taken for one, it would shift the time
 * of every event of a device whose clock is right. */
static int64_t
offset_between (int64_t ours_ns, int64_t theirs_ns)
{
  int64_t offset_ns = theirs_ns + DW_SECOND_NS / 2 - ours_ns;

  return offset_ns > -DW_SECOND_NS && offset_ns < DW_SECOND_NS ? 0 : offset_ns;
}

static DwStatus
read_settings (DwOnvifClient *client, const DwOnvifSettings *settings,
               DwError *error)
{
  DwUrl *url = &client->device;

  if (settings->location == NULL
      || dw_url_parse (settings->location, "onvif", url) != DW_OK
      || url->host[0] == '\0')
    return dw_error_set (error, DW_ERROR_INVALID,
                         "expected onvif://HOST[:PORT], http://HOST or HOST "
                         "as the address of the doorbell");
  if (strcmp (url->scheme, "onvif") == 0)
    dw_text_keep (url->scheme, sizeof url->scheme, "http");
  if (strcmp (url->scheme, "http") != 0 && strcmp (url->scheme, "https") != 0)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "expected onvif://, http:// or https://, not %s://",
                         url->scheme);
  if (url->path[0] == '\0' || strcmp (url->path, "/") == 0)
    dw_text_keep (url->path, sizeof url->path, DEVICE_PATH);
  if (settings->user && settings->user[0])
    {
      const char *password = settings->password ? settings->password : "";

      if (strlen (settings->user) >= sizeof client->user
          || strlen (password) >= sizeof client->password)
        return dw_error_set (error, DW_ERROR_LIMIT,
                             "the user or the password is too long");
      dw_text_keep (client->user, sizeof client->user, settings->user);
      dw_text_keep (client->password, sizeof client->password, password);
    }
  else
    {
      dw_text_keep (client->user, sizeof client->user, url->user);
      dw_text_keep (client->password, sizeof client->password, url->password);
    }
  OPENSSL_cleanse (url->user, sizeof url->user);
  OPENSSL_cleanse (url->password, sizeof url->password);
  return DW_OK;
}

static bool
copy_rules (DwOnvifClient *client, const DwOnvifSettings *settings)
{
  if (settings->n_rules == 0)
    return true;
  client->rules = calloc (settings->n_rules, sizeof *client->rules);
  if (client->rules == NULL)
    return false;
  memcpy (client->rules, settings->rules,
          settings->n_rules * sizeof *client->rules);
  client->n_rules = settings->n_rules;
  return true;
}

DwStatus
dw_onvif_client_new (const DwOnvifSettings *settings, DwOnvifClient **out,
                     DwError *error)
{
  DwOnvifClient *client = calloc (1, sizeof *client);
  DwStatus status;

  *out = NULL;
  if (client == NULL)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "no memory");
  status = read_settings (client, settings, error);
  client->deadline_ms
      = settings->deadline_ms ? settings->deadline_ms : DW_ONVIF_DEADLINE_MS;
  if (status == DW_OK)
    client->soap = dw_xml_new (dw_soap_namespaces);
  if (status == DW_OK
      && (client->soap == NULL || !copy_rules (client, settings)))
    status = dw_error_set (error, DW_ERROR_NO_MEMORY, "no memory");
  if (status != DW_OK)
    {
      dw_onvif_client_free (client);
      return status;
    }
  *out = client;
  return DW_OK;
}

void
dw_onvif_client_free (DwOnvifClient *client)
{
  if (client == NULL)
    return;
  for (size_t i = 0; i < client->pull.n_references; i++)
    free (client->pull.references[i]);
  dw_xml_free (client->soap);
  free (client->rules);
  OPENSSL_cleanse (client, sizeof *client);
  free (client);
}

/* -- Services ------------------------------------------------------------ */

bool
dw_client_service_url (const DwOnvifClient *client, const char *xaddr,
                       DwUrl *out)
{
  char text[DW_ONVIF_URI];

  dw_text_copy (text, sizeof text, xaddr);
  text[strcspn (text, " \t\r\n")] = '\0';
  if (text[0] == '\0' || dw_url_parse (text, "http", out) != DW_OK)
    {
      memset (out, 0, sizeof *out);
      return false;
    }
  /* The user chose how the device is spoken to, and where it is. */
  out->port = strcmp (out->scheme, client->device.scheme) == 0
                  ? dw_url_port (out)
                  : dw_url_port (&client->device);
  dw_text_keep (out->scheme, sizeof out->scheme, client->device.scheme);
  dw_text_keep (out->host, sizeof out->host, client->device.host);
  memset (out->user, 0, sizeof out->user);
  memset (out->password, 0, sizeof out->password);
  return true;
}

DwStatus
dw_client_measure_clock (DwOnvifClient *client, DwCancel *cancel,
                         DwError *error)
{
  const struct _tds__GetSystemDateAndTime request;
  const DwCall call
      = { DW_CALL (tds, GetSystemDateAndTime), .url = &client->device,
          .action = DEVICE_ACTION "GetSystemDateAndTime", .request = &request,
          .cancel = cancel };
  int64_t before = dw_time_utc_ns (), after, theirs;
  DwSignIn sign_in = client->sign_in;
  DwXmlMessage reply;
  DwStatus status;

  /* Stamped first: a sign-in within this call must not measure again. */
  client->clock_measured_ns = dw_time_boot_ns ();
  client->sign_in = sign_in == DW_SIGN_TOKEN ? DW_SIGN_NONE : sign_in;
  status = dw_client_call (client, &call, &reply, error);
  if (client->sign_in == DW_SIGN_NONE)
    client->sign_in = sign_in;
  if (status != DW_OK)
    return status;
  after = dw_time_utc_ns ();
  if (dw_convert_time (reply.body, &theirs) == DW_OK)
    client->clock_offset_ns = offset_between (before / 2 + after / 2, theirs);
  return DW_OK;
}

static DwStatus
ask_services (DwOnvifClient *client, DwCancel *cancel, DwError *error)
{
  const struct _tds__GetServices request
      = { .IncludeCapability = (char *)"false" };
  const DwCall call = { DW_CALL (tds, GetServices), .url = &client->device,
                        .action = DEVICE_ACTION "GetServices",
                        .request = &request, .cancel = cancel };
  const struct _tds__GetServicesResponse *services;
  DwXmlMessage reply;
  DwStatus status = dw_client_call (client, &call, &reply, error);

  if (status != DW_OK)
    return status;
  services = reply.body;
  for (int i = 0; i < services->__sizeService; i++)
    {
      const char *name = services->Service[i].Namespace;
      const char *xaddr = services->Service[i].XAddr;

      if (name == NULL)
        continue;
      if (strstr (name, "/ver10/media/"))
        dw_client_service_url (client, xaddr, &client->media);
      else if (strstr (name, "/ver20/media/"))
        dw_client_service_url (client, xaddr, &client->media2);
      else if (strstr (name, "/ver10/events/"))
        dw_client_service_url (client, xaddr, &client->events);
    }
  return DW_OK;
}

static DwStatus
ask_capabilities (DwOnvifClient *client, DwCancel *cancel, DwError *error)
{
  char *category = (char *)"All";
  const struct _tds__GetCapabilities request
      = { .__sizeCategory = 1, .Category = &category };
  const DwCall call = { DW_CALL (tds, GetCapabilities), .url = &client->device,
                        .action = DEVICE_ACTION "GetCapabilities",
                        .request = &request, .cancel = cancel };
  const struct tt__Capabilities *capabilities;
  DwXmlMessage reply;
  DwStatus status = dw_client_call (client, &call, &reply, error);

  if (status != DW_OK)
    return status;
  capabilities = ((const struct _tds__GetCapabilitiesResponse *)reply.body)
                     ->Capabilities;
  if (capabilities && capabilities->Media)
    dw_client_service_url (client, capabilities->Media->XAddr, &client->media);
  if (capabilities && capabilities->Events)
    dw_client_service_url (client, capabilities->Events->XAddr,
                           &client->events);
  return DW_OK;
}

/* An answer that cannot be used, from a device that does answer. */
static bool
is_only_unsupported (DwStatus status)
{
  return status == DW_ERROR_UNSUPPORTED || status == DW_ERROR_PROTOCOL
         || status == DW_ERROR_INVALID;
}

static DwStatus
learn_services (DwOnvifClient *client, DwCancel *cancel, DwError *error)
{
  DwStatus status = ask_services (client, cancel, error);

  if (status != DW_OK && !is_only_unsupported (status))
    return status;
  if (client->media.host[0] || client->media2.host[0])
    return DW_OK;
  return ask_capabilities (client, cancel, error);
}

/* -- Who it is ----------------------------------------------------------- */

static DwStatus
ask_information (DwOnvifClient *client, DwCancel *cancel, DwOnvifDevice *out,
                 DwError *error)
{
  const struct _tds__GetDeviceInformation request;
  const DwCall call
      = { DW_CALL (tds, GetDeviceInformation), .url = &client->device,
          .action = DEVICE_ACTION "GetDeviceInformation", .request = &request,
          .cancel = cancel };
  DwXmlMessage reply;
  DwStatus status = dw_client_call (client, &call, &reply, error);

  if (status == DW_OK)
    dw_convert_device (reply.body, out);
  return status;
}

DwStatus
dw_onvif_client_connect (DwOnvifClient *client, DwCancel *cancel,
                         DwOnvifDevice *out, DwError *error)
{
  DwOnvifDevice device;
  DwStatus status;

  memset (out, 0, sizeof *out);
  memset (&device, 0, sizeof device);
  status = dw_client_measure_clock (client, cancel, error);
  /* Not every device has a clock to tell; but what is no ONVIF device at all
   * will fail the next question too, and in better words. */
  if (status == DW_OK || is_only_unsupported (status))
    status = learn_services (client, cancel, error);
  if (status == DW_OK)
    status = ask_information (client, cancel, &device, error);
  if (status != DW_OK && status != DW_ERROR_UNSUPPORTED)
    return status;
  device.clock_offset_ns = client->clock_offset_ns;
  device.has_events = client->events.host[0] != '\0';
  device.has_media2 = client->media2.host[0] != '\0';
  *out = device;
  return DW_OK;
}
