/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From gSOAP's structures to those of onvif.h. */
#include "convert.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"
#include "timebase.h"

#define MAX_SIDE 32768

void
dw_convert_device (const struct _tds__GetDeviceInformationResponse *from,
                   DwOnvifDevice *out)
{
  dw_text_copy (out->manufacturer, sizeof out->manufacturer,
                from->Manufacturer);
  dw_text_copy (out->model, sizeof out->model, from->Model);
  dw_text_copy (out->firmware, sizeof out->firmware, from->FirmwareVersion);
  dw_text_copy (out->serial, sizeof out->serial, from->SerialNumber);
  dw_text_copy (out->hardware, sizeof out->hardware, from->HardwareId);
}

DwStatus
dw_convert_time (const struct _tds__GetSystemDateAndTimeResponse *from,
                 int64_t *out_ns)
{
  const struct tt__SystemDateTime *system = from->SystemDateAndTime;
  const struct tt__DateTime *utc = system ? system->UTCDateTime : NULL;
  char text[96];

  *out_ns = 0;
  if (utc == NULL || utc->Date == NULL || utc->Time == NULL)
    return DW_ERROR_INVALID;
  snprintf (text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ",
            utc->Date->Year, utc->Date->Month, utc->Date->Day, utc->Time->Hour,
            utc->Time->Minute, utc->Time->Second);
  return dw_time_parse (text, 0, out_ns);
}

/* -- Profiles ------------------------------------------------------------ */

/* One word for a codec, whichever service named it. */
static void
copy_codec (char out[16], const char *name)
{
  static const char *const aliases[][2] = {
    { "H.264", "H264" }, { "H.265", "H265" },    { "HEVC", "H265" },
    { "MJPEG", "JPEG" }, { "MP4A-LATM", "AAC" }, { "MPEG4-GENERIC", "AAC" },
    { "PCMU", "G711" },  { "PCMA", "G711" },
  };

  dw_text_copy (out, 16, name);
  for (char *c = out; *c; c++)
    *c = (char)toupper ((unsigned char)*c);
  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
    if (strcmp (out, aliases[i][0]) == 0)
      dw_text_keep (out, 16, aliases[i][1]);
}

static void
copy_size (const struct tt__VideoResolution *from, DwOnvifProfile *out)
{
  if (from && from->Width > 0 && from->Width <= MAX_SIDE && from->Height > 0
      && from->Height <= MAX_SIDE)
    {
      out->width = from->Width;
      out->height = from->Height;
    }
}

static float
read_rate (const char *text)
{
  float rate = text ? strtof (text, NULL) : 0.0f;

  return rate > 0.0f && rate <= 1000.0f ? rate : 0.0f;
}

void
dw_convert_profiles (const struct _trt__GetProfilesResponse *from,
                     DwOnvifProfiles *out)
{
  memset (out, 0, sizeof *out);
  for (int i = 0; i < from->__sizeProfiles; i++)
    {
      const struct tt__Profile *profile = &from->Profiles[i];
      const struct tt__VideoEncoderConfiguration *video
          = profile->VideoEncoderConfiguration;
      DwOnvifProfile *to = &out->profiles[out->n_profiles];

      if (profile->token == NULL || out->n_profiles == DW_ONVIF_MAX_PROFILES)
        continue;
      dw_text_copy (to->token, sizeof to->token, profile->token);
      dw_text_copy (to->name, sizeof to->name, profile->Name);
      if (video)
        {
          copy_codec (to->codec, video->Encoding);
          copy_size (video->Resolution, to);
          if (video->RateControl)
            to->rate = read_rate (video->RateControl->FrameRateLimit);
        }
      if (profile->AudioEncoderConfiguration)
        copy_codec (to->audio_codec,
                    profile->AudioEncoderConfiguration->Encoding);
      out->n_profiles++;
    }
}

void
dw_convert_profiles2 (const struct _tr2__GetProfilesResponse *from,
                      DwOnvifProfiles *out)
{
  memset (out, 0, sizeof *out);
  for (int i = 0; i < from->__sizeProfiles; i++)
    {
      const struct tr2__MediaProfile *profile = &from->Profiles[i];
      const struct tr2__ConfigurationSet *set = profile->Configurations;
      DwOnvifProfile *to = &out->profiles[out->n_profiles];

      if (profile->token == NULL || out->n_profiles == DW_ONVIF_MAX_PROFILES)
        continue;
      dw_text_copy (to->token, sizeof to->token, profile->token);
      dw_text_copy (to->name, sizeof to->name, profile->Name);
      if (set && set->VideoEncoder)
        {
          copy_codec (to->codec, set->VideoEncoder->Encoding);
          copy_size (set->VideoEncoder->Resolution, to);
          if (set->VideoEncoder->RateControl)
            to->rate
                = read_rate (set->VideoEncoder->RateControl->FrameRateLimit);
        }
      if (set && set->AudioEncoder)
        copy_codec (to->audio_codec, set->AudioEncoder->Encoding);
      out->n_profiles++;
    }
}

/* -- Events -------------------------------------------------------------- */

static size_t
borrow_items (const struct tt__ItemList *list, DwItem out[DW_MAX_ITEMS])
{
  size_t n = 0;

  for (int i = 0; list && i < list->__sizeSimpleItem && n < DW_MAX_ITEMS; i++)
    out[n++] = (DwItem){ .name = list->SimpleItem[i].Name,
                         .value = list->SimpleItem[i].Value };
  return n;
}

bool
dw_convert_notification (const struct wsnt__NotificationMessageHolderType *from,
                         DwNotification *out)
{
  const struct tt__Message *message
      = from->Message ? from->Message->tt__Message : NULL;

  memset (out, 0, sizeof *out);
  if (message == NULL || from->Topic == NULL)
    return false;
  out->topic = from->Topic->__item;
  out->operation = message->PropertyOperation;
  out->utc_time = message->UtcTime;
  out->n_sources = borrow_items (message->Source, out->sources);
  out->n_data = borrow_items (message->Data, out->data);
  return true;
}
