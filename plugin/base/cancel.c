/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cancel flag on an eventfd: readable while raised, so that it can be polled
 * beside a socket. */
#include "cancel.h"

#include "timebase.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct DwCancel
{
  int fd;
};

DwCancel *
dw_cancel_new (void)
{
  DwCancel *cancel = malloc (sizeof *cancel);

  if (cancel == NULL)
    return NULL;
  cancel->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (cancel->fd < 0)
    {
      free (cancel);
      return NULL;
    }
  return cancel;
}

void
dw_cancel_free (DwCancel *cancel)
{
  if (cancel == NULL)
    return;
  close (cancel->fd);
  free (cancel);
}

void
dw_cancel_raise (DwCancel *cancel)
{
  const uint64_t one = 1;
  ssize_t written;

  /* A full counter (EAGAIN) is raised already. */
  do
    written = write (cancel->fd, &one, sizeof one);
  while (written < 0 && errno == EINTR);
}

void
dw_cancel_reset (DwCancel *cancel)
{
  uint64_t count;
  ssize_t n_read;

  do
    n_read = read (cancel->fd, &count, sizeof count);
  while (n_read < 0 && errno == EINTR);
}

bool
dw_cancel_is_raised (const DwCancel *cancel)
{
  struct pollfd waiting = { .fd = dw_cancel_fd (cancel), .events = POLLIN };

  return cancel != NULL && poll (&waiting, 1, 0) > 0;
}

int
dw_cancel_fd (const DwCancel *cancel)
{
  return cancel ? cancel->fd : -1;
}

DwStatus
dw_cancel_wait (DwCancel *cancel, unsigned timeout_ms)
{
  struct pollfd waiting = { .fd = dw_cancel_fd (cancel), .events = POLLIN };
  const int64_t end = dw_time_boot_ns () + timeout_ms * DW_MILLISECOND_NS;

  for (;;)
    {
      int64_t left = end - dw_time_boot_ns ();
      int n;

      /* Rounded up: a wait must not end before its time. */
      left = left > 0 ? (left + DW_MILLISECOND_NS - 1) / DW_MILLISECOND_NS : 0;
      n = poll (&waiting, 1, (int)left);
      if (n > 0)
        return DW_ERROR_CANCELLED;
      if (n == 0)
        return DW_OK;
      if (errno != EINTR)
        return DW_ERROR_IO;
    }
}
