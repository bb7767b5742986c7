/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets that wait for the peer, the deadline and the cancel at once. */
#include "net.h"

#include "text.h"
#include "timebase.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

DwWait
dw_wait_new (DwCancel *cancel, uint32_t timeout_ms)
{
  return (DwWait){ .cancel = cancel,
                   .deadline_ns
                   = dw_time_boot_ns () + timeout_ms * DW_MILLISECOND_NS };
}

int
dw_wait_left_ms (const DwWait *wait)
{
  int64_t left = wait->deadline_ns - dw_time_boot_ns ();

  if (left <= 0)
    return 0;
  left = (left + DW_MILLISECOND_NS - 1) / DW_MILLISECOND_NS;
  return left > 3600000 ? 3600000 : (int)left;
}

DwStatus
dw_net_wait (int fd, short events, const DwWait *wait)
{
  struct pollfd polled[2] = {
    { .fd = fd, .events = events },
    { .fd = dw_cancel_fd (wait->cancel), .events = POLLIN },
  };

  for (;;)
    {
      int left = dw_wait_left_ms (wait), n;

      if (dw_cancel_is_raised (wait->cancel))
        return DW_ERROR_CANCELLED;
      n = poll (polled, 2, left);
      if (n < 0 && errno != EINTR)
        return DW_ERROR_IO;
      if (dw_cancel_is_raised (wait->cancel))
        return DW_ERROR_CANCELLED;
      if (n > 0 && polled[0].revents)
        return DW_OK;
      if (n == 0 && left == 0)
        return DW_ERROR_TIMEOUT;
    }
}

/* -- Names --------------------------------------------------------------- */

/* Shared by the caller and the thread that asks; the last one frees it. */
typedef struct
{
  atomic_int n_owners;
  char host[256];
  char port[8];
  int answer; /* an eventfd: written when done */
  int failed;
  DwNetAddresses found;
} Question;

static void
question_unref (Question *question)
{
  if (atomic_fetch_sub (&question->n_owners, 1) != 1)
    return;
  close (question->answer);
  free (question);
}

static void
take_addresses (const struct addrinfo *list, DwNetAddresses *out)
{
  out->n_addresses = 0;
  for (; list && out->n_addresses < DW_NET_MAX_ADDRESSES; list = list->ai_next)
    {
      if (list->ai_addrlen > sizeof out->addresses->address)
        continue;
      memcpy (&out->addresses[out->n_addresses].address, list->ai_addr,
              list->ai_addrlen);
      out->addresses[out->n_addresses++].length = list->ai_addrlen;
    }
}

static int
ask (const char *host, const char *port, int flags, DwNetAddresses *out)
{
  struct addrinfo hints
      = { .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV };
  struct addrinfo *list = NULL;
  int failed = getaddrinfo (host, port, &hints, &list);

  out->n_addresses = 0;
  if (failed == 0)
    take_addresses (list, out);
  if (list)
    freeaddrinfo (list);
  return failed || out->n_addresses == 0;
}

static void *
ask_thread (void *data)
{
  Question *question = data;
  const uint64_t one = 1;
  ssize_t written;

  question->failed = ask (question->host, question->port, 0, &question->found);
  do
    written = write (question->answer, &one, sizeof one);
  while (written < 0 && errno == EINTR);
  question_unref (question);
  return NULL;
}

static Question *
question_new (const char *host, const char *port)
{
  Question *question = calloc (1, sizeof *question);

  if (question == NULL)
    return NULL;
  question->answer = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (strlen (host) >= sizeof question->host || question->answer < 0)
    {
      if (question->answer >= 0)
        close (question->answer);
      free (question);
      return NULL;
    }
  dw_text_keep (question->host, sizeof question->host, host);
  snprintf (question->port, sizeof question->port, "%s", port);
  atomic_init (&question->n_owners, 2);
  return question;
}

static DwStatus
ask_on_thread (const char *host, const char *port, const DwWait *wait,
               DwNetAddresses *out)
{
  Question *question = question_new (host, port);
  pthread_attr_t attributes;
  pthread_t thread;
  DwStatus status;
  int failed;

  if (question == NULL)
    return DW_ERROR_NO_MEMORY;
  pthread_attr_init (&attributes);
  pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  failed = pthread_create (&thread, &attributes, ask_thread, question);
  pthread_attr_destroy (&attributes);
  if (failed)
    {
      atomic_store (&question->n_owners, 1);
      question_unref (question);
      return DW_ERROR_NO_MEMORY;
    }
  status = dw_net_wait (question->answer, POLLIN, wait);
  if (status == DW_OK && question->failed)
    status = DW_ERROR_UNREACHABLE;
  if (status == DW_OK)
    *out = question->found;
  question_unref (question);
  return status;
}

DwStatus
dw_net_resolve (const char *host, uint16_t port, const DwWait *wait,
                DwNetAddresses *out)
{
  char text[8];

  memset (out, 0, sizeof *out);
  snprintf (text, sizeof text, "%u", port);
  if (host[0] == '\0')
    return DW_ERROR_UNREACHABLE;
  if (ask (host, text, AI_NUMERICHOST, out) == 0)
    return DW_OK;
  return ask_on_thread (host, text, wait, out);
}

/* -- Connections --------------------------------------------------------- */

static DwStatus
connect_one (const struct sockaddr *address, socklen_t length,
             const DwWait *wait, int *out)
{
  int fd = socket (address->sa_family,
                   SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int failure = 0, on = 1;
  socklen_t size = sizeof failure;
  DwStatus status = DW_OK;

  *out = -1;
  if (fd < 0)
    return DW_ERROR_IO;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect (fd, address, length) != 0)
    {
      status = errno == EINPROGRESS ? dw_net_wait (fd, POLLOUT, wait)
                                    : DW_ERROR_UNREACHABLE;
      if (status == DW_OK
          && (getsockopt (fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0
              || failure != 0))
        status = DW_ERROR_UNREACHABLE;
    }
  if (status != DW_OK)
    {
      close (fd);
      return status;
    }
  *out = fd;
  return DW_OK;
}

DwStatus
dw_net_connect (const char *host, uint16_t port, const DwWait *wait, int *out)
{
  DwNetAddresses found;
  DwStatus status = dw_net_resolve (host, port, wait, &found);

  *out = -1;
  if (status != DW_OK)
    return status;
  for (size_t i = 0; i < found.n_addresses; i++)
    {
      /* An address that does not answer leaves time for the next. */
      DwWait part
          = dw_wait_new (wait->cancel, (uint32_t)dw_wait_left_ms (wait)
                                           / (uint32_t)(found.n_addresses - i));

      status = connect_one ((struct sockaddr *)&found.addresses[i].address,
                            found.addresses[i].length, &part, out);
      if (status == DW_OK || status == DW_ERROR_CANCELLED)
        break;
    }
  return status;
}
