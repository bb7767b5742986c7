/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Media1 and Media2: one picture source, its profiles, and where they are to
 * be had. Each profile has an encoder of its own, named after it. */
#include "server-call.h"

#include <stdio.h>
#include <string.h>

#define T(text) dw_server_text (text)
#define SOURCE "VideoSource"
#define SOURCE_CONFIGURATION "VideoSourceConfiguration"
#define AUDIO_SOURCE "AudioSource"
#define AUDIO_SOURCE_CONFIGURATION "AudioSourceConfiguration"

/* gSOAP's structs are not const. */
static char no[] = "false";
static char yes[] = "true";
static char most[] = "16"; /* DW_ONVIF_MAX_PROFILES */

/* Everything of one profile that points to another part of it. */
typedef struct
{
  char encoder_token[DW_ONVIF_TEXT + 16];
  char audio_token[DW_ONVIF_TEXT + 16];
  char rate[16], bitrate[16];
  struct tt__IntRectangle bounds;
  struct tt__VideoSourceConfiguration source;
  struct tt__VideoResolution resolution;
  struct tt__VideoRateControl control;
  struct tt__VideoRateControl2 control2;
  struct tt__H264Configuration h264;
  struct tt__IPAddress no_address;
  struct tt__MulticastConfiguration no_multicast;
  struct tt__VideoEncoderConfiguration encoder;
  struct tt__VideoEncoder2Configuration encoder2;
  struct tt__AudioSourceConfiguration audio_source;
  struct tt__AudioEncoderConfiguration audio;
  struct tt__AudioEncoder2Configuration audio2;
  struct tr2__ConfigurationSet set;
} Parts;

struct trt__Capabilities *
dw_server_media_capabilities (void)
{
  static struct trt__ProfileCapabilities profiles = { most };
  static struct trt__StreamingCapabilities streaming = { no, yes, yes, no };
  static struct trt__Capabilities capabilities
      = { yes, no, &profiles, &streaming };

  return &capabilities;
}

struct tr2__Capabilities2 *
dw_server_media2_capabilities (void)
{
  static char types[] = "VideoSource VideoEncoder AudioSource AudioEncoder";
  static struct tr2__ProfileCapabilities profiles = { most, types };
  static struct tr2__StreamingCapabilities streaming = { yes, no, yes, no };
  static struct tr2__Capabilities2 capabilities
      = { yes, no, &profiles, &streaming };

  return &capabilities;
}

/* The source is as large as its largest profile. */
static void
source_size (const DwServerFacts *facts, int *width, int *height, float *rate)
{
  *width = *height = 0;
  *rate = 0;
  for (size_t i = 0; i < facts->n_profiles; i++)
    {
      const DwOnvifProfile *profile = &facts->profiles[i].profile;

      if (profile->width > *width)
        *width = profile->width;
      if (profile->height > *height)
        *height = profile->height;
      if (profile->rate > *rate)
        *rate = profile->rate;
    }
}

static void
fill_source (const DwServerFacts *facts, Parts *parts)
{
  float rate;

  source_size (facts, &parts->bounds.width, &parts->bounds.height, &rate);
  parts->source = (struct tt__VideoSourceConfiguration){
    .token = T (SOURCE_CONFIGURATION),
    .Name = T (SOURCE_CONFIGURATION),
    .UseCount = (int)facts->n_profiles,
    .SourceToken = T (SOURCE),
    .Bounds = &parts->bounds
  };
}

static void
fill_audio (const DwOnvifProfile *profile, Parts *parts)
{
  const bool is_aac = strcmp (profile->audio_codec, "AAC") == 0;

  snprintf (parts->audio_token, sizeof parts->audio_token, "AudioEncoder_%s",
            profile->token);
  parts->audio_source = (struct tt__AudioSourceConfiguration){
    .token = T (AUDIO_SOURCE_CONFIGURATION),
    .Name = T (AUDIO_SOURCE_CONFIGURATION),
    .UseCount = 1,
    .SourceToken = T (AUDIO_SOURCE)
  };
  parts->audio = (struct tt__AudioEncoderConfiguration){
    .token = parts->audio_token,
    .Name = parts->audio_token,
    .UseCount = 1,
    .Encoding = T (profile->audio_codec),
    .Bitrate = T ("64"),
    .SampleRate = T (is_aac ? "48" : "8"),
    .Multicast = &parts->no_multicast,
    .SessionTimeout = T ("PT60S")
  };
  /* Media2 names codecs as RTP does. */
  parts->audio2 = (struct tt__AudioEncoder2Configuration){
    .token = parts->audio_token,
    .Name = parts->audio_token,
    .UseCount = 1,
    .Encoding
    = T (is_aac                                       ? "MP4A-LATM"
         : strcmp (profile->audio_codec, "G711") == 0 ? "PCMU"
                                                      : profile->audio_codec),
    .Multicast = &parts->no_multicast,
    .Bitrate = T ("64"),
    .SampleRate = T (is_aac ? "48" : "8")
  };
}

static void
fill_encoder (const DwOnvifProfile *profile, Parts *parts)
{
  const int rate = profile->rate >= 1 ? (int)(profile->rate + 0.5f) : 1;
  const bool is_h264 = strcmp (profile->codec, "H264") == 0;

  snprintf (parts->encoder_token, sizeof parts->encoder_token,
            "VideoEncoder_%s", profile->token);
  snprintf (parts->rate, sizeof parts->rate, "%d", rate);
  /* An upper bound: a bit a pixel and frame at ten frames a second. */
  snprintf (parts->bitrate, sizeof parts->bitrate, "%d",
            profile->width * profile->height / 100 + 64);
  parts->resolution
      = (struct tt__VideoResolution){ profile->width, profile->height };
  parts->control
      = (struct tt__VideoRateControl){ parts->rate, T ("1"), parts->bitrate };
  parts->control2
      = (struct tt__VideoRateControl2){ .FrameRateLimit = parts->rate,
                                        .BitrateLimit = parts->bitrate };
  parts->h264 = (struct tt__H264Configuration){ parts->rate, T ("Main") };
  parts->no_address = (struct tt__IPAddress){ T ("IPv4"), T ("0.0.0.0") };
  parts->no_multicast
      = (struct tt__MulticastConfiguration){ .Address = &parts->no_address,
                                             .AutoStart = no };
  parts->encoder = (struct tt__VideoEncoderConfiguration){
    .token = parts->encoder_token,
    .Name = parts->encoder_token,
    .UseCount = 1,
    .Encoding = T (profile->codec),
    .Resolution = &parts->resolution,
    .Quality = T ("5"),
    .RateControl = &parts->control,
    .H264 = is_h264 ? &parts->h264 : NULL,
    .Multicast = &parts->no_multicast,
    .SessionTimeout = T ("PT60S")
  };
  parts->encoder2 = (struct tt__VideoEncoder2Configuration){
    .token = parts->encoder_token,
    .GovLength = parts->rate,
    .Profile = is_h264 ? T ("Main") : NULL,
    .Name = parts->encoder_token,
    .UseCount = 1,
    .Encoding = T (profile->codec),
    .Resolution = &parts->resolution,
    .RateControl = &parts->control2,
    .Multicast = &parts->no_multicast,
    .Quality = T ("5")
  };
}

static void
fill_parts (const DwServerFacts *facts, const DwOnvifProfile *profile,
            Parts *parts)
{
  memset (parts, 0, sizeof *parts);
  fill_source (facts, parts);
  fill_encoder (profile, parts);
  if (profile->audio_codec[0])
    fill_audio (profile, parts);
}

static struct tt__Profile
make_profile (const DwServerFacts *facts, const DwOnvifProfile *profile,
              Parts *parts)
{
  const bool has_audio = profile->audio_codec[0] != 0;

  fill_parts (facts, profile, parts);
  return (struct tt__Profile){ .token = T (profile->token),
                               .fixed = yes,
                               .Name = T (profile->name),
                               .VideoSourceConfiguration = &parts->source,
                               .AudioSourceConfiguration
                               = has_audio ? &parts->audio_source : NULL,
                               .VideoEncoderConfiguration = &parts->encoder,
                               .AudioEncoderConfiguration
                               = has_audio ? &parts->audio : NULL };
}

/* NULL with the fault set when there is no such profile. */
static const DwOnvifServerProfile *
find_profile (DwServerCall *call, const char *token)
{
  for (size_t i = 0; token && i < call->facts->n_profiles; i++)
    if (strcmp (call->facts->profiles[i].profile.token, token) == 0)
      return &call->facts->profiles[i];
  dw_server_fault (call, "ter:InvalidArgVal", "ter:NoProfile",
                   "There is no profile with this token.");
  return NULL;
}

/* -- Media1 ------------------------------------------------------------- */

static bool
get_service_capabilities (DwServerCall *call)
{
  struct _trt__GetServiceCapabilitiesResponse response
      = { .Capabilities = dw_server_media_capabilities () };

  return dw_server_reply (call, &response);
}

static bool
get_profiles (DwServerCall *call)
{
  const DwServerFacts *facts = call->facts;
  Parts parts[DW_ONVIF_MAX_PROFILES];
  struct tt__Profile profiles[DW_ONVIF_MAX_PROFILES];
  struct _trt__GetProfilesResponse response
      = { .__sizeProfiles = (int)facts->n_profiles, .Profiles = profiles };

  for (size_t i = 0; i < facts->n_profiles; i++)
    profiles[i] = make_profile (facts, &facts->profiles[i].profile, &parts[i]);
  return dw_server_reply (call, &response);
}

static bool
get_profile (DwServerCall *call)
{
  const struct _trt__GetProfile *request = call->request;
  const DwOnvifServerProfile *found
      = find_profile (call, request->ProfileToken);
  Parts parts;
  struct tt__Profile profile;
  struct _trt__GetProfileResponse response = { .Profile = &profile };

  if (found == NULL)
    return false;
  profile = make_profile (call->facts, &found->profile, &parts);
  return dw_server_reply (call, &response);
}

static bool
get_video_sources (DwServerCall *call)
{
  char rate_text[16];
  float rate;
  struct tt__VideoResolution resolution;
  struct tt__VideoSource source = { .token = T (SOURCE),
                                    .Framerate = rate_text,
                                    .Resolution = &resolution };
  struct _trt__GetVideoSourcesResponse response
      = { .__sizeVideoSources = 1, .VideoSources = &source };

  source_size (call->facts, &resolution.Width, &resolution.Height, &rate);
  snprintf (rate_text, sizeof rate_text, "%d", (int)(rate + 0.5f));
  return dw_server_reply (call, &response);
}

static bool
get_video_source_configurations (DwServerCall *call)
{
  Parts parts;
  struct _trt__GetVideoSourceConfigurationsResponse response
      = { .__sizeConfigurations = 1, .Configurations = &parts.source };

  memset (&parts, 0, sizeof parts);
  fill_source (call->facts, &parts);
  return dw_server_reply (call, &response);
}

static bool
get_video_encoder_configurations (DwServerCall *call)
{
  const DwServerFacts *facts = call->facts;
  Parts parts[DW_ONVIF_MAX_PROFILES];
  struct tt__VideoEncoderConfiguration encoders[DW_ONVIF_MAX_PROFILES];
  struct _trt__GetVideoEncoderConfigurationsResponse response
      = { .__sizeConfigurations = (int)facts->n_profiles,
          .Configurations = encoders };

  for (size_t i = 0; i < facts->n_profiles; i++)
    {
      fill_parts (facts, &facts->profiles[i].profile, &parts[i]);
      encoders[i] = parts[i].encoder;
    }
  return dw_server_reply (call, &response);
}

static bool
get_video_encoder_configuration (DwServerCall *call)
{
  const struct _trt__GetVideoEncoderConfiguration *request = call->request;
  Parts parts;
  struct _trt__GetVideoEncoderConfigurationResponse response
      = { .Configuration = &parts.encoder };

  for (size_t i = 0; i < call->facts->n_profiles; i++)
    {
      fill_parts (call->facts, &call->facts->profiles[i].profile, &parts);
      if (request->ConfigurationToken
          && strcmp (parts.encoder_token, request->ConfigurationToken) == 0)
        return dw_server_reply (call, &response);
    }
  return dw_server_fault (call, "ter:InvalidArgVal", "ter:NoConfig",
                          "There is no configuration with this token.");
}

/* -- Addresses ---------------------------------------------------------- */

/* The host part of the authority: what comes before its port. */
static int
host_size (const char *authority)
{
  const char *bracket = strchr (authority, ']');
  const char *colon = strchr (bracket ? bracket : authority, ':');

  return (int)(colon ? (size_t)(colon - authority) : strlen (authority));
}

/* False when there is no such profile. */
static bool
stream_uri (DwServerCall *call, const char *token, char out[DW_ONVIF_URI])
{
  static const char any[] = "rtsp://0.0.0.0";
  const DwOnvifServerProfile *found = find_profile (call, token);
  const char *uri = found ? found->stream_uri : "";

  if (strncmp (uri, any, sizeof any - 1) == 0)
    snprintf (out, DW_ONVIF_URI, "rtsp://%.*s%s", host_size (call->authority),
              call->authority, uri + sizeof any - 1);
  else
    snprintf (out, DW_ONVIF_URI, "%s", uri);
  return found != NULL;
}

static bool
snapshot_uri (DwServerCall *call, const char *token, char out[DW_ONVIF_URI])
{
  const DwOnvifServerProfile *found = find_profile (call, token);

  if (found == NULL)
    return false;
  if (found->snapshot_uri[0] == 0)
    return dw_server_fault (call, "ter:ActionNotSupported", NULL,
                            "This profile has no snapshot.");
  if (found->snapshot_uri[0] != '/')
    snprintf (out, DW_ONVIF_URI, "%s", found->snapshot_uri);
  else if (snprintf (out, DW_ONVIF_URI, "http://%s%s", call->authority,
                     found->snapshot_uri)
           >= DW_ONVIF_URI)
    return dw_server_fault (call, "ter:Action", NULL,
                            "The address is too long.");
  return true;
}

static bool
get_stream_uri (DwServerCall *call)
{
  const struct _trt__GetStreamUri *request = call->request;
  char uri[DW_ONVIF_URI];
  struct tt__MediaUri media = { .Uri = uri,
                                .InvalidAfterConnect = no,
                                .InvalidAfterReboot = no,
                                .Timeout = T ("PT0S") };
  struct _trt__GetStreamUriResponse response = { .MediaUri = &media };

  return stream_uri (call, request->ProfileToken, uri)
         && dw_server_reply (call, &response);
}

static bool
get_snapshot_uri (DwServerCall *call)
{
  const struct _trt__GetSnapshotUri *request = call->request;
  char uri[DW_ONVIF_URI];
  struct tt__MediaUri media = { .Uri = uri,
                                .InvalidAfterConnect = no,
                                .InvalidAfterReboot = no,
                                .Timeout = T ("PT0S") };
  struct _trt__GetSnapshotUriResponse response = { .MediaUri = &media };

  return snapshot_uri (call, request->ProfileToken, uri)
         && dw_server_reply (call, &response);
}

/* -- Media2 ------------------------------------------------------------- */

static bool
get_service_capabilities2 (DwServerCall *call)
{
  struct _tr2__GetServiceCapabilitiesResponse response
      = { .Capabilities = dw_server_media2_capabilities () };

  return dw_server_reply (call, &response);
}

/* Media2 tells a profile's configurations only when they are asked for. */
static bool
wants_type (const struct _tr2__GetProfiles *request, const char *type)
{
  for (int i = 0; i < request->__sizeType; i++)
    if (request->Type[i]
        && (strcmp (request->Type[i], "All") == 0
            || strcmp (request->Type[i], type) == 0))
      return true;
  return false;
}

static bool
get_profiles2 (DwServerCall *call)
{
  const struct _tr2__GetProfiles *request = call->request;
  const DwServerFacts *facts = call->facts;
  const bool is_one = request->Token && request->Token[0];
  Parts parts[DW_ONVIF_MAX_PROFILES];
  struct tr2__MediaProfile profiles[DW_ONVIF_MAX_PROFILES];
  struct _tr2__GetProfilesResponse response = { .Profiles = profiles };

  if (is_one && find_profile (call, request->Token) == NULL)
    return false;
  for (size_t i = 0; i < facts->n_profiles; i++)
    {
      const DwOnvifProfile *profile = &facts->profiles[i].profile;
      const bool has_audio = profile->audio_codec[0] != 0;
      Parts *part = &parts[response.__sizeProfiles];

      if (is_one && strcmp (profile->token, request->Token) != 0)
        continue;
      fill_parts (facts, profile, part);
      if (wants_type (request, "VideoSource"))
        part->set.VideoSource = &part->source;
      if (wants_type (request, "VideoEncoder"))
        part->set.VideoEncoder = &part->encoder2;
      if (has_audio && wants_type (request, "AudioSource"))
        part->set.AudioSource = &part->audio_source;
      if (has_audio && wants_type (request, "AudioEncoder"))
        part->set.AudioEncoder = &part->audio2;
      profiles[response.__sizeProfiles++] = (struct tr2__MediaProfile){
        .token = T (profile->token),
        .fixed = yes,
        .Name = T (profile->name),
        .Configurations = request->__sizeType ? &part->set : NULL
      };
    }
  return dw_server_reply (call, &response);
}

static bool
get_stream_uri2 (DwServerCall *call)
{
  const struct _tr2__GetStreamUri *request = call->request;
  char uri[DW_ONVIF_URI];
  struct _tr2__GetStreamUriResponse response = { .Uri = uri };

  return stream_uri (call, request->ProfileToken, uri)
         && dw_server_reply (call, &response);
}

static bool
get_snapshot_uri2 (DwServerCall *call)
{
  const struct _tr2__GetSnapshotUri *request = call->request;
  char uri[DW_ONVIF_URI];
  struct _tr2__GetSnapshotUriResponse response = { .Uri = uri };

  return snapshot_uri (call, request->ProfileToken, uri)
         && dw_server_reply (call, &response);
}

const DwServerOperation dw_server_media_operations[] = {
  DW_OPERATION (trt, GetServiceCapabilities, NULL, true,
                get_service_capabilities),
  DW_OPERATION (trt, GetProfiles, NULL, false, get_profiles),
  DW_OPERATION (trt, GetProfile, NULL, false, get_profile),
  DW_OPERATION (trt, GetVideoSources, NULL, false, get_video_sources),
  DW_OPERATION (trt, GetVideoSourceConfigurations, NULL, false,
                get_video_source_configurations),
  DW_OPERATION (trt, GetVideoEncoderConfigurations, NULL, false,
                get_video_encoder_configurations),
  DW_OPERATION (trt, GetVideoEncoderConfiguration, NULL, false,
                get_video_encoder_configuration),
  DW_OPERATION (trt, GetStreamUri, NULL, false, get_stream_uri),
  DW_OPERATION (trt, GetSnapshotUri, NULL, false, get_snapshot_uri),
  DW_OPERATION (tr2, GetServiceCapabilities, NULL, true,
                get_service_capabilities2),
  DW_OPERATION (tr2, GetProfiles, NULL, false, get_profiles2),
  DW_OPERATION (tr2, GetStreamUri, NULL, false, get_stream_uri2),
  DW_OPERATION (tr2, GetSnapshotUri, NULL, false, get_snapshot_uri2),
  { 0 },
};
