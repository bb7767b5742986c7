/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events between those who emit them and those who pull them: the pull points,
 * their queues and the states that a new subscriber is told first. Bounded in
 * everything; emitting never waits for a subscriber. Times are boot time
 * unless named utc. Safe from any thread. */
#pragma once

#include "onvif.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DW_HUB_SUBSCRIPTIONS 16
#define DW_HUB_QUEUE 64
#define DW_HUB_PROPERTIES 64
#define DW_HUB_FILTER 512
#define DW_HUB_ID 40

typedef enum
{
  DW_HUB_PULSE = 0, /* not a property */
  DW_HUB_INITIALIZED,
  DW_HUB_CHANGED,
} DwHubOperation;

typedef struct
{
  char topic[DW_ONVIF_TEXT];
  char source_name[DW_ONVIF_TEXT], source_value[DW_ONVIF_TEXT];
  char data_name[DW_ONVIF_TEXT], data_value[DW_ONVIF_TEXT];
  DwHubOperation operation;
  int64_t utc_ns;
} DwHubMessage;

typedef struct DwHub DwHub;

DwStatus dw_hub_new (DwHub **out);
void dw_hub_free (DwHub *hub);

/* Makes a topic known to dw_hub_topics () before it is emitted. */
DwStatus dw_hub_declare (DwHub *hub, const DwOnvifServerEvent *event);

/* Queues the event for every subscriber whose filter fits; a full queue loses
 * its oldest. DW_ERROR_INVALID when the topic is no path of known prefixes. */
DwStatus dw_hub_emit (DwHub *hub, const DwOnvifServerEvent *event);

/* A pull point until `end_ns`, its queue holding the present properties.
 * `filter` is a topic expression of the concrete-set dialect ("a/b|c//."),
 * prefixes ignored; NULL or "" is everything. DW_ERROR_LIMIT when all are
 * taken. */
DwStatus dw_hub_subscribe (DwHub *hub, const char *filter, int64_t end_ns,
                           char id[DW_HUB_ID]);

/* Takes up to `max` messages, oldest first. DW_ERROR_NOT_FOUND when the
 * subscription has ended. *end_ns tells its end. */
DwStatus dw_hub_pull (DwHub *hub, const char *id, DwHubMessage *out, size_t max,
                      size_t *n_out, int64_t *end_ns);

/* Sets the end; `only_later` never brings it forward. */
DwStatus dw_hub_renew (DwHub *hub, const char *id, int64_t end_ns,
                       bool only_later);
DwStatus dw_hub_unsubscribe (DwHub *hub, const char *id);

/* Queues the present properties again, as Initialized. */
DwStatus dw_hub_synchronize (DwHub *hub, const char *id);

/* Copies one message for each topic that was declared or emitted, operation
 * DW_HUB_CHANGED for a property; returns how many. */
size_t dw_hub_topics (DwHub *hub, DwHubMessage *out, size_t max);
