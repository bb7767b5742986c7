/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One guarded call into libjpeg, which reports errors by longjmp: the state of
 * a call lives here and never in locals. Private to the JPEG redactor. */
#pragma once

#include "status.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

/* Output that grows and is kept between calls; free (data). */
typedef struct
{
  struct jpeg_destination_mgr manager;
  uint8_t *data;
  size_t capacity, size;
} DwJpegSink;

/* False when out of memory. */
bool dw_jpeg_sink_init (DwJpegSink *sink);

typedef struct
{
  struct jpeg_error_mgr errors;
  struct jpeg_decompress_struct source;
  struct jpeg_compress_struct target;
  jmp_buf escape;
  DwStatus status;
} DwJpegCall;

void dw_jpeg_call_init (DwJpegCall *call);

/* What is done in one call; it may leave at any call of libjpeg. */
typedef void (*DwJpegStep) (DwJpegCall *call, void *user_data);

/* Runs `step`, and ends the source and the target that it opened. A warning of
 * libjpeg is an error: the data is damaged. */
DwStatus dw_jpeg_call_run (DwJpegCall *call, DwJpegStep step, void *user_data);

/* Within a step. */
void dw_jpeg_call_open_source (DwJpegCall *call);
void dw_jpeg_call_open_target (DwJpegCall *call, DwJpegSink *sink);
_Noreturn void dw_jpeg_call_refuse (DwJpegCall *call, DwStatus status);
