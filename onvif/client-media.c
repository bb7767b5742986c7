/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles of a device, and where their pictures are. */
#include "client-private.h"

#include <string.h>
#include <unistd.h>

#include "convert.h"
#include "text.h"

#define MEDIA_ACTION "http://www.onvif.org/ver10/media/wsdl/"
#define MEDIA2_ACTION "http://www.onvif.org/ver20/media/wsdl/"

/* How long an advertised host may take to answer before the one that was
 * connected to is used instead. */
#define REACH_MS 1000

static DwStatus
say_no_media (const DwOnvifClient *client, DwError *error)
{
  return dw_error_set (error, DW_ERROR_UNSUPPORTED,
                       "%s offers no media service", client->device.host);
}

/* -- Profiles ------------------------------------------------------------ */

static DwStatus
ask_profiles (DwOnvifClient *client, DwCancel *cancel, DwOnvifProfiles *out,
              DwError *error)
{
  const struct _trt__GetProfiles request;
  const DwCall call = { DW_CALL (trt, GetProfiles), .url = &client->media,
                        .action = MEDIA_ACTION "GetProfiles",
                        .request = &request, .cancel = cancel };
  DwXmlMessage reply;
  DwStatus status = dw_client_call (client, &call, &reply, error);

  if (status == DW_OK)
    dw_convert_profiles (reply.body, out);
  return status;
}

static DwStatus
ask_profiles2 (DwOnvifClient *client, DwCancel *cancel, DwOnvifProfiles *out,
               DwError *error)
{
  char *all = (char *)"All";
  const struct _tr2__GetProfiles request = { .__sizeType = 1, .Type = &all };
  const DwCall call = { DW_CALL (tr2, GetProfiles), .url = &client->media2,
                        .action = MEDIA2_ACTION "GetProfiles",
                        .request = &request, .cancel = cancel };
  DwXmlMessage reply;
  DwStatus status = dw_client_call (client, &call, &reply, error);

  if (status == DW_OK)
    dw_convert_profiles2 (reply.body, out);
  return status;
}

DwStatus
dw_onvif_client_profiles (DwOnvifClient *client, DwCancel *cancel,
                          DwOnvifProfiles *out, DwError *error)
{
  DwStatus status;

  memset (out, 0, sizeof *out);
  if (client->media.host[0])
    status = ask_profiles (client, cancel, out, error);
  else if (client->media2.host[0])
    status = ask_profiles2 (client, cancel, out, error);
  else
    return say_no_media (client, error);
  if (status == DW_OK && out->n_profiles == 0)
    return dw_error_set (error, DW_ERROR_NOT_FOUND, "%s has no media profile",
                         client->device.host);
  return status;
}

static bool
is_playable (const DwOnvifProfile *profile)
{
  return strcmp (profile->codec, "H264") == 0
         || strcmp (profile->codec, "H265") == 0
         || strcmp (profile->codec, "JPEG") == 0;
}

static const DwOnvifProfile *
choose_by_size (const DwOnvifProfiles *profiles, bool is_largest)
{
  const DwOnvifProfile *best = NULL;

  for (size_t i = 0; i < profiles->n_profiles; i++)
    {
      const DwOnvifProfile *profile = &profiles->profiles[i];
      long area = (long)profile->width * profile->height;
      long best_area = best ? (long)best->width * best->height : 0;

      if (!is_playable (profile))
        continue;
      if (best == NULL || (is_largest ? area > best_area : area < best_area))
        best = profile;
    }
  /* Some devices leave the encoder out of the list. */
  if (best == NULL && profiles->n_profiles > 0)
    best = &profiles->profiles[is_largest ? 0 : profiles->n_profiles - 1];
  return best;
}

const DwOnvifProfile *
dw_onvif_profile_choose (const DwOnvifProfiles *profiles, const char *wish)
{
  if (wish == NULL || wish[0] == '\0' || strcmp (wish, "main") == 0)
    return choose_by_size (profiles, true);
  if (strcmp (wish, "sub") == 0)
    return choose_by_size (profiles, false);
  for (size_t i = 0; i < profiles->n_profiles; i++)
    if (strcmp (profiles->profiles[i].token, wish) == 0)
      return &profiles->profiles[i];
  for (size_t i = 0; i < profiles->n_profiles; i++)
    if (strcmp (profiles->profiles[i].name, wish) == 0)
      return &profiles->profiles[i];
  return NULL;
}

/* -- Addresses ----------------------------------------------------------- */

/* True when somebody listens there. */
static DwStatus
reach (const DwUrl *url, DwCancel *cancel)
{
  DwWait wait = dw_wait_new (cancel, REACH_MS);
  DwStatus status;
  int fd;

  if (dw_url_port (url) == 0)
    return DW_OK;
  status = dw_net_connect (url->host, dw_url_port (url), &wait, &fd);
  if (status == DW_OK)
    close (fd);
  return status;
}

/* Writes what the device advertised as it can be used from here. */
static DwStatus
use_uri (const DwOnvifClient *client, const char *advertised, DwCancel *cancel,
         char out[DW_ONVIF_URI], DwError *error)
{
  const char *host = client->device.host;
  char text[DW_ONVIF_URI];
  DwUrl url;

  dw_text_copy (text, sizeof text, advertised);
  if (text[0] == '\0' || strstr (text, "://") == NULL
      || dw_url_parse (text, "rtsp", &url) != DW_OK)
    return dw_error_set (error, DW_ERROR_PROTOCOL,
                         "%s gave an address that cannot be used", host);
  if (!dw_url_host_is_usable (url.host, host))
    dw_text_keep (url.host, sizeof url.host, host);
  else if (strcmp (url.host, host) != 0)
    {
      DwStatus status = reach (&url, cancel);

      if (status == DW_ERROR_CANCELLED)
        return dw_error_set (error, status, "the call to %s was cancelled",
                             host);
      if (status != DW_OK)
        dw_text_keep (url.host, sizeof url.host, host);
    }
  if (dw_url_format (&url, out) == DW_OK)
    return DW_OK;
  return dw_error_set (error, DW_ERROR_LIMIT, "%s gave an address too long",
                       host);
}

static DwStatus
ask_stream_uri (DwOnvifClient *client, const char *token, DwCancel *cancel,
                const char **uri, DwError *error)
{
  struct tt__Transport transport = { .Protocol = (char *)"RTSP" };
  struct tt__StreamSetup setup
      = { .Stream = (char *)"RTP-Unicast", .Transport = &transport };
  const struct _trt__GetStreamUri request
      = { .StreamSetup = &setup, .ProfileToken = (char *)token };
  const DwCall call = { DW_CALL (trt, GetStreamUri), .url = &client->media,
                        .action = MEDIA_ACTION "GetStreamUri",
                        .request = &request, .cancel = cancel };
  const struct _trt__GetStreamUriResponse *answer;
  DwXmlMessage reply;
  DwStatus status = dw_client_call (client, &call, &reply, error);

  answer = reply.body;
  *uri = status == DW_OK && answer->MediaUri ? answer->MediaUri->Uri : NULL;
  return status;
}

static DwStatus
ask_stream_uri2 (DwOnvifClient *client, const char *token, DwCancel *cancel,
                 const char **uri, DwError *error)
{
  const struct _tr2__GetStreamUri request
      = { .Protocol = (char *)"RTSP", .ProfileToken = (char *)token };
  const DwCall call = { DW_CALL (tr2, GetStreamUri), .url = &client->media2,
                        .action = MEDIA2_ACTION "GetStreamUri",
                        .request = &request, .cancel = cancel };
  const struct _tr2__GetStreamUriResponse *answer;
  DwXmlMessage reply;
  DwStatus status = dw_client_call (client, &call, &reply, error);

  answer = reply.body;
  *uri = status == DW_OK ? answer->Uri : NULL;
  return status;
}

DwStatus
dw_onvif_client_stream_uri (DwOnvifClient *client, const char *token,
                            DwCancel *cancel, char out[DW_ONVIF_URI],
                            DwError *error)
{
  const char *uri = NULL;
  DwStatus status;

  out[0] = '\0';
  if (client->media.host[0])
    status = ask_stream_uri (client, token, cancel, &uri, error);
  else if (client->media2.host[0])
    status = ask_stream_uri2 (client, token, cancel, &uri, error);
  else
    return say_no_media (client, error);
  if (status != DW_OK)
    return status;
  return use_uri (client, uri, cancel, out, error);
}

static DwStatus
ask_snapshot_uri (DwOnvifClient *client, const char *token, DwCancel *cancel,
                  const char **uri, DwError *error)
{
  const struct _trt__GetSnapshotUri request = { .ProfileToken = (char *)token };
  const DwCall call = { DW_CALL (trt, GetSnapshotUri), .url = &client->media,
                        .action = MEDIA_ACTION "GetSnapshotUri",
                        .request = &request, .cancel = cancel };
  const struct _trt__GetSnapshotUriResponse *answer;
  DwXmlMessage reply;
  DwStatus status = dw_client_call (client, &call, &reply, error);

  answer = reply.body;
  *uri = status == DW_OK && answer->MediaUri ? answer->MediaUri->Uri : NULL;
  return status;
}

static DwStatus
ask_snapshot_uri2 (DwOnvifClient *client, const char *token, DwCancel *cancel,
                   const char **uri, DwError *error)
{
  const struct _tr2__GetSnapshotUri request = { .ProfileToken = (char *)token };
  const DwCall call = { DW_CALL (tr2, GetSnapshotUri), .url = &client->media2,
                        .action = MEDIA2_ACTION "GetSnapshotUri",
                        .request = &request, .cancel = cancel };
  const struct _tr2__GetSnapshotUriResponse *answer;
  DwXmlMessage reply;
  DwStatus status = dw_client_call (client, &call, &reply, error);

  answer = reply.body;
  *uri = status == DW_OK ? answer->Uri : NULL;
  return status;
}

DwStatus
dw_onvif_client_snapshot_uri (DwOnvifClient *client, const char *token,
                              DwCancel *cancel, char out[DW_ONVIF_URI],
                              DwError *error)
{
  const char *uri = NULL;
  DwStatus status;

  out[0] = '\0';
  if (client->media.host[0])
    status = ask_snapshot_uri (client, token, cancel, &uri, error);
  else if (client->media2.host[0])
    status = ask_snapshot_uri2 (client, token, cancel, &uri, error);
  else
    return say_no_media (client, error);
  if (status != DW_OK)
    return status;
  return use_uri (client, uri, cancel, out, error);
}
