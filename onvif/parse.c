/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any answer from memory, told in one line a fact: for tests, for fuzzing, and
 * for a person with a capture at hand. */
#include "onvif.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "convert.h"
#include "soap/namespaces.h"
#include "text.h"
#include "timebase.h"
#include "xml.h"

typedef struct
{
  char *text;
  size_t size, used;
} Summary;

static void __attribute__ ((format (printf, 2, 3)))
say (Summary *summary, const char *format, ...)
{
  char line[1024];
  va_list arguments;
  size_t length;

  va_start (arguments, format);
  vsnprintf (line, sizeof line, format, arguments);
  va_end (arguments);
  length = strlen (line);
  if (summary->used + length + 2 > summary->size)
    return;
  memcpy (summary->text + summary->used, line, length);
  summary->used += length;
  summary->text[summary->used++] = '\n';
  summary->text[summary->used] = '\0';
}

static void
say_text (Summary *summary, const char *name, const char *text)
{
  char copy[DW_ONVIF_URI];

  if (text == NULL)
    return;
  dw_text_copy (copy, sizeof copy, text);
  say (summary, "%s=%s", name, copy);
}

/* -- Device -------------------------------------------------------------- */

static void
say_device (const void *body, Summary *summary)
{
  const struct _tds__GetDeviceInformationResponse *device = body;

  say_text (summary, "manufacturer", device->Manufacturer);
  say_text (summary, "model", device->Model);
  say_text (summary, "firmware", device->FirmwareVersion);
  say_text (summary, "serial", device->SerialNumber);
  say_text (summary, "hardware", device->HardwareId);
}

static void
say_time (const void *body, Summary *summary)
{
  char text[DW_TIME_TEXT];
  int64_t time_ns;

  if (dw_convert_time (body, &time_ns) == DW_OK)
    say (summary, "time=%s", dw_time_format (time_ns, text));
  else
    say (summary, "time=impossible");
}

static void
say_services (const void *body, Summary *summary)
{
  const struct _tds__GetServicesResponse *services = body;

  for (int i = 0; i < services->__sizeService; i++)
    {
      char name[DW_ONVIF_URI], address[DW_ONVIF_URI];

      dw_text_copy (name, sizeof name, services->Service[i].Namespace);
      dw_text_copy (address, sizeof address, services->Service[i].XAddr);
      say (summary, "service %s xaddr=%s", name, address);
    }
}

static void
say_capabilities (const void *body, Summary *summary)
{
  const struct _tds__GetCapabilitiesResponse *answer = body;
  const struct tt__Capabilities *capabilities = answer->Capabilities;

  if (capabilities == NULL)
    return;
  if (capabilities->Device)
    say_text (summary, "device xaddr", capabilities->Device->XAddr);
  if (capabilities->Media)
    say_text (summary, "media xaddr", capabilities->Media->XAddr);
  if (capabilities->Events)
    say_text (summary, "events xaddr", capabilities->Events->XAddr);
}

static void
say_scopes (const void *body, Summary *summary)
{
  const struct _tds__GetScopesResponse *scopes = body;

  for (int i = 0; i < scopes->__sizeScopes; i++)
    say_text (summary, "scope", scopes->Scopes[i].ScopeItem);
}

/* -- Media --------------------------------------------------------------- */

static void
say_profiles (const DwOnvifProfiles *profiles, Summary *summary)
{
  for (size_t i = 0; i < profiles->n_profiles; i++)
    {
      const DwOnvifProfile *profile = &profiles->profiles[i];

      say (summary, "profile token=%s name=%s %dx%d %s rate=%g audio=%s",
           profile->token, profile->name, profile->width, profile->height,
           profile->codec, (double)profile->rate, profile->audio_codec);
    }
}

static void
say_profiles1 (const void *body, Summary *summary)
{
  DwOnvifProfiles profiles;

  dw_convert_profiles (body, &profiles);
  say_profiles (&profiles, summary);
}

static void
say_profiles2 (const void *body, Summary *summary)
{
  DwOnvifProfiles profiles;

  dw_convert_profiles2 (body, &profiles);
  say_profiles (&profiles, summary);
}

static void
say_encoder (const void *body, Summary *summary)
{
  const struct _trt__GetVideoEncoderConfigurationResponse *answer = body;
  struct tt__Profile profile
      = { .token = (char *)"",
          .VideoEncoderConfiguration = answer->Configuration };
  struct _trt__GetProfilesResponse one
      = { .__sizeProfiles = 1, .Profiles = &profile };
  DwOnvifProfiles profiles;

  dw_convert_profiles (&one, &profiles);
  if (answer->Configuration)
    say (summary, "encoder %dx%d %s rate=%g", profiles.profiles[0].width,
         profiles.profiles[0].height, profiles.profiles[0].codec,
         (double)profiles.profiles[0].rate);
}

static void
say_stream_uri (const void *body, Summary *summary)
{
  const struct _trt__GetStreamUriResponse *answer = body;

  if (answer->MediaUri)
    say_text (summary, "uri", answer->MediaUri->Uri);
}

static void
say_snapshot_uri (const void *body, Summary *summary)
{
  const struct _trt__GetSnapshotUriResponse *answer = body;

  if (answer->MediaUri)
    say_text (summary, "uri", answer->MediaUri->Uri);
}

static void
say_stream_uri2 (const void *body, Summary *summary)
{
  say_text (summary, "uri",
            ((const struct _tr2__GetStreamUriResponse *)body)->Uri);
}

static void
say_snapshot_uri2 (const void *body, Summary *summary)
{
  say_text (summary, "uri",
            ((const struct _tr2__GetSnapshotUriResponse *)body)->Uri);
}

/* -- Events -------------------------------------------------------------- */

static void
say_subscription (const void *body, Summary *summary)
{
  const struct _tev__CreatePullPointSubscriptionResponse *answer = body;
  const struct wsa5__EndpointReferenceType *reference
      = answer->SubscriptionReference;

  say_text (summary, "subscription",
            reference && reference->Address ? reference->Address : "");
  if (reference && reference->ReferenceParameters)
    say (summary, "references=%d", reference->ReferenceParameters->__size);
  say_text (summary, "termination", answer->wsnt__TerminationTime);
}

static void
say_renewal (const void *body, Summary *summary)
{
  say_text (summary, "termination",
            ((const struct _wsnt__RenewResponse *)body)->TerminationTime);
}

static void
say_messages (const void *body, Summary *summary)
{
  const struct _tev__PullMessagesResponse *answer = body;
  DwEventContext context = { .n_rules = 0 };

  dw_time_parse (answer->CurrentTime, 0, &context.arrival_ns);
  for (int i = 0; i < answer->__sizeNotificationMessage; i++)
    {
      DwNotification notification;
      DwOnvifEvent event;

      if (!dw_convert_notification (&answer->wsnt__NotificationMessage[i],
                                    &notification))
        continue;
      dw_event_read (&notification, &context, &event);
      say (summary,
           "event kind=%s active=%d initial=%d topic=%s source=%s value=%s",
           dw_event_kind_text (event.kind), event.is_active, event.is_initial,
           event.topic, event.source, event.value);
    }
}

/* -- Discovery ----------------------------------------------------------- */

static void
say_target (const struct wsdd__TargetType *target, Summary *summary)
{
  if (target->wsa5__EndpointReference)
    say_text (summary, "endpoint", target->wsa5__EndpointReference->Address);
  say_text (summary, "types", target->Types);
  say_text (summary, "xaddrs", target->XAddrs);
  if (target->Scopes)
    say_text (summary, "scopes", target->Scopes->__item);
}

static void
say_probe_matches (const void *body, Summary *summary)
{
  const struct wsdd__ProbeMatchesType *matches = body;

  for (int i = 0; i < matches->__sizeProbeMatch; i++)
    say_target (&matches->ProbeMatch[i], summary);
}

static void
say_nothing (const void *body, Summary *summary)
{
  (void)body;
  (void)summary;
}

static const struct
{
  int type;
  void (*say) (const void *body, Summary *summary);
} readers[] = {
  { SOAP_TYPE__tds__GetDeviceInformationResponse, say_device },
  { SOAP_TYPE__tds__GetSystemDateAndTimeResponse, say_time },
  { SOAP_TYPE__tds__GetServicesResponse, say_services },
  { SOAP_TYPE__tds__GetCapabilitiesResponse, say_capabilities },
  { SOAP_TYPE__tds__GetScopesResponse, say_scopes },
  { SOAP_TYPE__trt__GetProfilesResponse, say_profiles1 },
  { SOAP_TYPE__tr2__GetProfilesResponse, say_profiles2 },
  { SOAP_TYPE__trt__GetVideoEncoderConfigurationResponse, say_encoder },
  { SOAP_TYPE__trt__GetStreamUriResponse, say_stream_uri },
  { SOAP_TYPE__trt__GetSnapshotUriResponse, say_snapshot_uri },
  { SOAP_TYPE__tr2__GetStreamUriResponse, say_stream_uri2 },
  { SOAP_TYPE__tr2__GetSnapshotUriResponse, say_snapshot_uri2 },
  { SOAP_TYPE__tev__CreatePullPointSubscriptionResponse, say_subscription },
  { SOAP_TYPE__tev__PullMessagesResponse, say_messages },
  { SOAP_TYPE__wsnt__RenewResponse, say_renewal },
  { SOAP_TYPE__wsnt__UnsubscribeResponse, say_nothing },
  { SOAP_TYPE__tev__SetSynchronizationPointResponse, say_nothing },
  { SOAP_TYPE_wsdd__ProbeMatchesType, say_probe_matches },
};

static DwStatus
tell (const DwXmlMessage *message, Summary *summary, DwError *error)
{
  char text[256];

  if (message->body == NULL)
    {
      dw_text_copy (text, sizeof text, message->fault_reason);
      say (summary, "fault: %s %s", message->fault_code, text);
      return DW_OK;
    }
  for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
    if (readers[i].type == message->type)
      {
        say (summary, "answer=%s", message->element);
        readers[i].say (message->body, summary);
        return DW_OK;
      }
  return dw_error_set (error, DW_ERROR_UNSUPPORTED,
                       "nothing here reads the answer %.100s",
                       message->element);
}

DwStatus
dw_onvif_parse_answer (const char *xml, size_t size, char *summary,
                       size_t summary_size, DwError *error)
{
  Summary told = { .text = summary, .size = summary_size };
  struct soap *soap;
  DwXmlMessage message;
  DwStatus status;

  if (summary_size > 0)
    summary[0] = '\0';
  if (xml == NULL)
    return dw_error_set (error, DW_ERROR_INVALID, "there is no answer");
  if (dw_xml_is_html (xml, size))
    return dw_error_set (error, DW_ERROR_PROTOCOL,
                         "the answer is a web page, not ONVIF");
  soap = dw_xml_new (dw_soap_namespaces);
  if (soap == NULL)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "no memory");
  status = dw_xml_read (soap, xml, size, 0, NULL, &message);
  if (status == DW_OK)
    status = tell (&message, &told, error);
  else if (status == DW_ERROR_UNSUPPORTED)
    dw_error_set (error, status, "nothing here reads the answer %.100s",
                  message.element);
  else if (status == DW_ERROR_LIMIT)
    dw_error_set (error, status,
                  "the answer is larger or deeper than is right");
  else
    dw_error_set (error, status, "the answer is not a SOAP message");
  dw_xml_free (soap);
  return status;
}
