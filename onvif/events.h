/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a notification, as the device wrote it, to an event. Private to
 * onvif/; no SOAP type, so that a table can test it. */
#pragma once

#include "onvif.h"

typedef struct
{
  const char *name, *value; /* NULL reads as "" */
} DwItem;

#define DW_MAX_ITEMS 16

/* Borrows every string. */
typedef struct
{
  const char *topic;
  const char *operation; /* NULL or "": none was sent */
  const char *utc_time;  /* as sent, NULL when not */
  size_t n_sources, n_data;
  DwItem sources[DW_MAX_ITEMS], data[DW_MAX_ITEMS];
} DwNotification;

typedef struct
{
  const DwOnvifTopicRule *rules; /* of the user, first */
  size_t n_rules;
  int64_t arrival_ns;      /* UTC */
  int64_t clock_offset_ns; /* device minus this machine */
} DwEventContext;

void dw_event_read (const DwNotification *notification,
                    const DwEventContext *context, DwOnvifEvent *out);

/* Compares per segment, without prefixes and without a trailing "/.". */
bool dw_topic_equal (const char *a, const char *b);
