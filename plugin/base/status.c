/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status names and the one way to write an error. */
#include "status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

const char *
dw_status_text (DwStatus status)
{
  switch (status)
    {
    case DW_OK:
      return "done";
    case DW_ERROR_INVALID:
      return "malformed input";
    case DW_ERROR_UNSUPPORTED:
      return "not supported";
    case DW_ERROR_NO_MEMORY:
      return "out of memory";
    case DW_ERROR_LIMIT:
      return "over a limit";
    case DW_ERROR_IO:
      return "input/output error";
    case DW_ERROR_TIMEOUT:
      return "timed out";
    case DW_ERROR_CANCELLED:
      return "cancelled";
    case DW_ERROR_REFUSED:
      return "refused";
    case DW_ERROR_NOT_FOUND:
      return "not found";
    case DW_ERROR_UNREACHABLE:
      return "unreachable";
    case DW_ERROR_PROTOCOL:
      return "unexpected answer";
    }
  return "unknown status";
}

DwStatus
dw_error_set (DwError *error, DwStatus status, const char *format, ...)
{
  va_list arguments;

  if (error == NULL)
    return status;
  error->status = status;
  va_start (arguments, format);
  vsnprintf (error->text, sizeof error->text, format, arguments);
  va_end (arguments);
  return status;
}
