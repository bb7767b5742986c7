/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From gSOAP's structures to those of onvif.h. Borrowed strings live as long
 * as the message. Private to onvif/. */
#pragma once

#include "events.h"

#include "dwsoapH.h"

void dw_convert_device (const struct _tds__GetDeviceInformationResponse *from,
                        DwOnvifDevice *out);

/* UTC; DW_ERROR_INVALID when it is missing or impossible. */
DwStatus dw_convert_time (const struct _tds__GetSystemDateAndTimeResponse *from,
                          int64_t *out_ns);

/* Profiles without a token are left out, and those past the last place. */
void dw_convert_profiles (const struct _trt__GetProfilesResponse *from,
                          DwOnvifProfiles *out);
void dw_convert_profiles2 (const struct _tr2__GetProfilesResponse *from,
                           DwOnvifProfiles *out);

/* False when there is no message in it. */
bool
dw_convert_notification (const struct wsnt__NotificationMessageHolderType *from,
                         DwNotification *out);
