/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a call of a core says about how it went: a status for the program and
 * a sentence for the person. */
#pragma once

typedef enum
{
  DW_OK = 0,
  DW_ERROR_INVALID,     /* the input is malformed or out of range */
  DW_ERROR_UNSUPPORTED, /* well-formed, but nothing this build can treat */
  DW_ERROR_NO_MEMORY,
  DW_ERROR_LIMIT,     /* larger than a bound this program sets itself */
  DW_ERROR_IO,        /* file, database or socket failed */
  DW_ERROR_TIMEOUT,   /* the deadline of the call passed */
  DW_ERROR_CANCELLED, /* somebody else ended the call through its DwCancel */
  DW_ERROR_REFUSED,   /* the password, the permission or the policy says no */
  DW_ERROR_NOT_FOUND,
  DW_ERROR_UNREACHABLE, /* no such host, or nobody listens there */
  DW_ERROR_PROTOCOL,    /* the other side answered something else */
} DwStatus;

/* A sentence that says what happened, where, and what to do. Never holds a
 * secret. The zero value is "nothing to say". */
typedef struct
{
  DwStatus status;
  char text[384];
} DwError;

/* A short name such as "timed out". Static storage, never NULL. */
const char *dw_status_text (DwStatus status);

/* Writes `status` and the printf-style text into `error` (NULL: nothing is
 * written) and returns `status`, so that a caller can return at once. A text
 * that is too long is cut. */
DwStatus dw_error_set (DwError *error, DwStatus status, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));
