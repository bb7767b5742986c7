/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libjpeg's error exits, memory bound and output. Every call makes its own
 * decompressor and compressor, so that no table of an earlier picture can
 * colour the next; only the output buffers stay. */
#include "jpegcall.h"

#include <stdlib.h>
#include <string.h>

#include <jerror.h>

/* What libjpeg may allocate for one picture: 33 million pixels of 4:2:0. */
#define MEMORY_LIMIT (256L << 20)

/* Larger than any picture that fits the memory limit. */
#define OUTPUT_LIMIT ((size_t)512 << 20)

static void
on_error (j_common_ptr common)
{
  DwJpegCall *call = common->client_data;

  if (call->status == DW_OK)
    switch (common->err->msg_code)
      {
      case JERR_OUT_OF_MEMORY:
        call->status = DW_ERROR_NO_MEMORY;
        break;
      case JERR_NO_BACKING_STORE: /* over max_memory_to_use */
      case JERR_IMAGE_TOO_BIG:
      case JERR_WIDTH_OVERFLOW:
        call->status = DW_ERROR_LIMIT;
        break;
      default:
        call->status = DW_ERROR_INVALID;
        break;
      }
  longjmp (call->escape, 1);
}

/* A warning (level below 0) means damaged data: refused like an error. */
static void
on_message (j_common_ptr common, int level)
{
  if (level < 0)
    on_error (common);
}

static void
on_output (j_common_ptr common)
{
  (void)common;
}

void
dw_jpeg_call_refuse (DwJpegCall *call, DwStatus status)
{
  call->status = status;
  longjmp (call->escape, 1);
}

static void
sink_start (j_compress_ptr target)
{
  DwJpegSink *sink = (DwJpegSink *)target->dest;

  sink->size = 0;
  sink->manager.next_output_byte = sink->data;
  sink->manager.free_in_buffer = sink->capacity;
}

static boolean
sink_grow (j_compress_ptr target)
{
  DwJpegCall *call = target->client_data;
  DwJpegSink *sink = (DwJpegSink *)target->dest;
  size_t capacity = sink->capacity * 2;
  uint8_t *data;

  /* libjpeg asks when the buffer is full, whatever free_in_buffer says. */
  if (capacity > OUTPUT_LIMIT)
    dw_jpeg_call_refuse (call, DW_ERROR_LIMIT);
  data = realloc (sink->data, capacity);
  if (data == NULL)
    dw_jpeg_call_refuse (call, DW_ERROR_NO_MEMORY);
  sink->manager.next_output_byte = data + sink->capacity;
  sink->manager.free_in_buffer = capacity - sink->capacity;
  sink->data = data;
  sink->capacity = capacity;
  return TRUE;
}

static void
sink_end (j_compress_ptr target)
{
  DwJpegSink *sink = (DwJpegSink *)target->dest;

  sink->size = sink->capacity - sink->manager.free_in_buffer;
}

bool
dw_jpeg_sink_init (DwJpegSink *sink)
{
  sink->capacity = 64 << 10;
  sink->data = malloc (sink->capacity);
  sink->manager.init_destination = sink_start;
  sink->manager.empty_output_buffer = sink_grow;
  sink->manager.term_destination = sink_end;
  return sink->data != NULL;
}

void
dw_jpeg_call_open_source (DwJpegCall *call)
{
  jpeg_create_decompress (&call->source);
  call->source.client_data = call;
  call->source.mem->max_memory_to_use = MEMORY_LIMIT;
}

void
dw_jpeg_call_open_target (DwJpegCall *call, DwJpegSink *sink)
{
  jpeg_create_compress (&call->target);
  call->target.client_data = call;
  call->target.mem->max_memory_to_use = MEMORY_LIMIT;
  call->target.dest = &sink->manager;
}

void
dw_jpeg_call_init (DwJpegCall *call)
{
  memset (call, 0, sizeof *call);
  jpeg_std_error (&call->errors);
  call->errors.error_exit = on_error;
  call->errors.emit_message = on_message;
  call->errors.output_message = on_output;
}

/* The only place that libjpeg comes back to. */
static bool
run_guarded (DwJpegCall *call, DwJpegStep step, void *user_data)
{
  if (setjmp (call->escape) != 0)
    return false;
  step (call, user_data);
  return true;
}

DwStatus
dw_jpeg_call_run (DwJpegCall *call, DwJpegStep step, void *user_data)
{
  bool is_done;

  call->status = DW_OK;
  /* Errors must have somewhere to go while the objects are being made. */
  call->source.err = call->target.err = &call->errors;
  call->source.client_data = call->target.client_data = call;
  is_done = run_guarded (call, step, user_data);
  /* Ends half-made and never made (all zero) objects as well. */
  jpeg_destroy_compress (&call->target);
  jpeg_destroy_decompress (&call->source);
  memset (&call->target, 0, sizeof call->target);
  memset (&call->source, 0, sizeof call->source);
  return is_done ? DW_OK : call->status;
}
