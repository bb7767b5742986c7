/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Redaction in the coefficient domain of libjpeg-turbo: what is accepted, what
 * is written, and the card. */
#include "jpegredact.h"

#include "jpegblocks.h"
#include "jpegcall.h"
#include "redact.h"

#include <stdlib.h>
#include <string.h>

#define CARD_QUALITY 85

struct DwJpegRedactor
{
  DwJpegCall call;
  const uint8_t *data;
  size_t size;
  const DwMask *mask;
  DwJpegBlocks blocks;
  DwJpegSink picture, card;
  int card_width, card_height;
  DwFrame card_frame;
};

static bool
is_sampling_known (const struct jpeg_decompress_struct *source)
{
  const jpeg_component_info *luma = &source->comp_info[0];
  const int h = luma->h_samp_factor, v = luma->v_samp_factor;

  if (source->num_components == 1)
    return source->jpeg_color_space == JCS_GRAYSCALE;
  for (int i = 1; i < source->num_components; i++)
    if (source->comp_info[i].h_samp_factor != 1
        || source->comp_info[i].v_samp_factor != 1)
      return false;
  return source->jpeg_color_space == JCS_YCbCr
         && ((v == 1 && (h == 1 || h == 2 || h == 4))
             || (v == 2 && (h == 1 || h == 2)));
}

/* Tables that baseline may have; asked after all scans have been read, because
 * tables may stand between them. */
static bool
are_tables_baseline (const struct jpeg_decompress_struct *source)
{
  for (int i = 0; i < source->num_components; i++)
    {
      const JQUANT_TBL *table = source->comp_info[i].quant_table;

      if (table == NULL)
        return false;
      for (int j = 0; j < DCTSIZE2; j++)
        if (table->quantval[j] < 1 || table->quantval[j] > 255)
          return false;
    }
  return true;
}

/* A block costs two bits at least (one code for DC, one for the end of AC):
 * a file that is shorter lies about its size, and must not make us allocate
 * for it. */
static bool
is_size_plausible (const DwJpegRedactor *redactor)
{
  const struct jpeg_decompress_struct *source = &redactor->call.source;
  uint64_t n_blocks = 0;

  for (int i = 0; i < source->num_components; i++)
    n_blocks += (uint64_t)source->comp_info[i].width_in_blocks
                * source->comp_info[i].height_in_blocks;
  return n_blocks / 4 <= redactor->size;
}

static void
read_source (DwJpegRedactor *redactor)
{
  struct jpeg_decompress_struct *source = &redactor->call.source;

  jpeg_mem_src (source, redactor->data, redactor->size);
  jpeg_read_header (source, TRUE);
  if (source->data_precision != 8 || source->progressive_mode
      || source->arith_code
      || (source->num_components != 1 && source->num_components != 3)
      || !is_sampling_known (source))
    dw_jpeg_call_refuse (&redactor->call, DW_ERROR_UNSUPPORTED);
  if ((int)source->image_width != redactor->mask->width
      || (int)source->image_height != redactor->mask->height
      || !is_size_plausible (redactor))
    dw_jpeg_call_refuse (&redactor->call, DW_ERROR_INVALID);
  dw_jpeg_blocks_init (&redactor->blocks, source,
                       jpeg_read_coefficients (source), redactor->mask);
  if (!are_tables_baseline (source))
    dw_jpeg_call_refuse (&redactor->call, DW_ERROR_UNSUPPORTED);
}

/* Standard Huffman tables: optimised ones of the source would tell of the
 * blocks that are gone. */
static void
write_target (DwJpegRedactor *redactor)
{
  struct jpeg_compress_struct *target = &redactor->call.target;

  jpeg_copy_critical_parameters (&redactor->call.source, target);
  for (int i = 0; i < target->num_components; i++)
    target->comp_info[i].component_id = i + 1;
  jpeg_write_coefficients (target, redactor->blocks.arrays);
  jpeg_finish_compress (target);
}

static void
redact_picture (DwJpegCall *call, void *user_data)
{
  DwJpegRedactor *redactor = user_data;

  dw_jpeg_call_open_source (call);
  dw_jpeg_call_open_target (call, &redactor->picture);
  read_source (redactor);
  dw_jpeg_blocks_redact (&redactor->blocks);
  if (!dw_jpeg_blocks_are_codable (&redactor->blocks))
    dw_jpeg_call_refuse (call, DW_ERROR_INVALID);
  write_target (redactor);
  jpeg_finish_decompress (&call->source);
}

/* Repeats the picture's edge in the padding: no ringing into the card. */
static void
repeat_edge (const DwFrame *frame, int plane)
{
  const int row_bytes
      = dw_format_row_bytes (frame->format, plane, frame->width);
  const size_t stride = (size_t)frame->stride[plane];
  uint8_t *last = frame->data[plane];
  uint8_t *end = last + frame->size[plane];

  for (int y = 0; y < dw_format_rows (frame->format, plane, frame->height); y++)
    {
      last = frame->data[plane] + (size_t)y * stride;
      memset (last + row_bytes, last[row_bytes - 1],
              stride - (size_t)row_bytes);
    }
  for (uint8_t *row = last + stride; row < end; row += stride)
    memcpy (row, last, stride);
}

/* The card as an I420 frame whose planes reach to whole MCUs. */
static DwStatus
make_card_frame (DwFrame *frame, int width, int height)
{
  DwStatus status;

  *frame
      = (DwFrame){ .format = DW_FORMAT_I420, .width = width, .height = height };
  for (int i = 0; i < 3; i++)
    {
      const int unit = i == 0 ? 2 * DCTSIZE : DCTSIZE;
      int rows = dw_format_rows (frame->format, i, height);

      frame->stride[i] = dw_format_row_bytes (frame->format, i, width);
      frame->stride[i] = (frame->stride[i] + unit - 1) / unit * unit;
      rows = (rows + unit - 1) / unit * unit;
      frame->size[i] = (size_t)frame->stride[i] * (size_t)rows;
      frame->data[i] = malloc (frame->size[i]);
      if (frame->data[i] == NULL)
        return DW_ERROR_NO_MEMORY;
    }
  status = dw_card_draw (frame);
  for (int i = 0; status == DW_OK && i < 3; i++)
    repeat_edge (frame, i);
  return status;
}

static void
encode_card (DwJpegCall *call, void *user_data)
{
  DwJpegRedactor *redactor = user_data;
  struct jpeg_compress_struct *target = &call->target;
  const DwFrame *frame = &redactor->card_frame;
  JSAMPROW luma[2 * DCTSIZE], cb[DCTSIZE], cr[DCTSIZE];
  JSAMPARRAY planes[3] = { luma, cb, cr };

  dw_jpeg_call_open_target (call, &redactor->card);
  target->image_width = (JDIMENSION)frame->width;
  target->image_height = (JDIMENSION)frame->height;
  target->input_components = 3;
  target->in_color_space = JCS_YCbCr;
  jpeg_set_defaults (target); /* 4:2:0 */
  jpeg_set_quality (target, CARD_QUALITY, TRUE);
  target->raw_data_in = TRUE;
  jpeg_start_compress (target, TRUE);
  for (size_t y = 0; y < (size_t)frame->height; y += 2 * DCTSIZE)
    {
      for (size_t i = 0; i < 2 * DCTSIZE; i++)
        luma[i] = frame->data[0] + (y + i) * (size_t)frame->stride[0];
      for (size_t i = 0; i < DCTSIZE; i++)
        {
          cb[i] = frame->data[1] + (y / 2 + i) * (size_t)frame->stride[1];
          cr[i] = frame->data[2] + (y / 2 + i) * (size_t)frame->stride[2];
        }
      jpeg_write_raw_data (target, planes, 2 * DCTSIZE);
    }
  jpeg_finish_compress (target);
}

DwStatus
dw_jpeg_redactor_new (DwJpegRedactor **out)
{
  DwJpegRedactor *redactor = calloc (1, sizeof *redactor);

  *out = NULL;
  if (redactor == NULL)
    return DW_ERROR_NO_MEMORY;
  dw_jpeg_call_init (&redactor->call);
  if (!dw_jpeg_sink_init (&redactor->picture)
      || !dw_jpeg_sink_init (&redactor->card))
    {
      dw_jpeg_redactor_free (redactor);
      return DW_ERROR_NO_MEMORY;
    }
  *out = redactor;
  return DW_OK;
}

void
dw_jpeg_redactor_free (DwJpegRedactor *redactor)
{
  if (redactor == NULL)
    return;
  free (redactor->picture.data);
  free (redactor->card.data);
  free (redactor);
}

DwStatus
dw_jpeg_redact (DwJpegRedactor *redactor, const uint8_t *data, size_t size,
                const DwMask *mask, const uint8_t **out_data, size_t *out_size)
{
  DwStatus status;

  *out_data = NULL;
  *out_size = 0;
  if (data == NULL || size == 0 || !dw_mask_is_valid (mask))
    return DW_ERROR_INVALID;
  redactor->data = data;
  redactor->size = size;
  redactor->mask = mask;
  status = dw_jpeg_call_run (&redactor->call, redact_picture, redactor);
  if (status != DW_OK)
    return status;
  *out_data = redactor->picture.data;
  *out_size = redactor->picture.size;
  return DW_OK;
}

DwStatus
dw_jpeg_card (DwJpegRedactor *redactor, int width, int height,
              const uint8_t **out_data, size_t *out_size)
{
  DwStatus status;

  *out_data = NULL;
  *out_size = 0;
  if (width < 1 || height < 1 || width > DW_MAX_DIMENSION
      || height > DW_MAX_DIMENSION)
    return DW_ERROR_INVALID;
  if (width != redactor->card_width || height != redactor->card_height)
    {
      redactor->card_width = redactor->card_height = 0;
      status = make_card_frame (&redactor->card_frame, width, height);
      if (status == DW_OK)
        status = dw_jpeg_call_run (&redactor->call, encode_card, redactor);
      for (int i = 0; i < 3; i++)
        free (redactor->card_frame.data[i]);
      redactor->card_frame = (DwFrame){ 0 };
      if (status != DW_OK)
        return status;
      redactor->card_width = width;
      redactor->card_height = height;
    }
  *out_data = redactor->card.data;
  *out_size = redactor->card.size;
  return DW_OK;
}
