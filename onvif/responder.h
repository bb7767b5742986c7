/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being found: WS-Discovery of April 2005 from the device's side. Answers
 * Probe and Resolve by multicast and unicast on port 3702, says Hello when it
 * starts and on interfaces that come later, and Bye when it ends. */
#pragma once

#include "server-facts.h"
#include "status.h"

struct soap;

typedef struct DwResponder DwResponder;

/* `facts` must outlive the responder. `interfaces` as in DwOnvifProbe.
 * DW_ERROR_IO when port 3702 is not to be had. */
DwStatus dw_responder_new (const DwServerFacts *facts, const char *interfaces,
                           DwResponder **out, DwError *error);

/* Says Bye and ends the thread. */
void dw_responder_free (DwResponder *responder);

/* -- Messages, without a socket ----------------------------------------- */

/* What every message of one responder shares. */
typedef struct
{
  const DwServerFacts *facts;
  struct soap *soap;
  unsigned instance; /* grows from start to start */
  unsigned number;   /* of the last message */
} DwResponderVoice;

#define DW_RESPONDER_DATAGRAM 1400
#define DW_RESPONDER_MESSAGE_ID 128

/* The answer to a datagram: its size, or 0 when none is due. `address` is the
 * own numeric address that the asker reaches. The asker's message id goes into
 * `id`: the same question comes more than once. */
size_t dw_responder_answer (DwResponderVoice *voice, const char *address,
                            const char *datagram, size_t size,
                            char id[DW_RESPONDER_MESSAGE_ID],
                            char out[DW_RESPONDER_DATAGRAM]);

/* Hello (reachable at `address`) or Bye. */
size_t dw_responder_announce (DwResponderVoice *voice, bool is_bye,
                              const char *address,
                              char out[DW_RESPONDER_DATAGRAM]);
