/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Redaction in the coefficient domain of libjpeg-turbo. Every call makes its
 * own decompressor and compressor, so that no table of an earlier picture can
 * colour the next; only the output buffers stay. libjpeg leaves by longjmp:
 * all state lives in the redactor, none in locals. */
#include "jpegredact.h"

#include "redact.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

/* What libjpeg may allocate for one picture: 33 million pixels of 4:2:0. */
#define MEMORY_LIMIT (256L << 20)

/* Larger than any picture that fits the memory limit. */
#define OUTPUT_LIMIT ((size_t)512 << 20)

#define CARD_QUALITY 85
#define MAX_CHANNELS 3

/* What the tables of T.81, annex K, can code: AC of 10 bits, DC differences of
 * 11. */
#define MAX_AC 1023
#define MIN_DC (-1024)

/* Output that grows and is kept between calls. */
typedef struct
{
  struct jpeg_destination_mgr manager;
  uint8_t *data;
  size_t capacity, size;
} Sink;

/* The picture at work, in MCUs. */
typedef struct
{
  const DwMask *mask;
  jvirt_barray_ptr *arrays;
  int mcu_width, mcu_height; /* pixels */
  int columns, rows;
} Work;

struct DwJpegRedactor
{
  struct jpeg_error_mgr errors;
  struct jpeg_decompress_struct source;
  struct jpeg_compress_struct target;
  jmp_buf escape;
  DwStatus status;
  const uint8_t *data;
  size_t size;
  Work work;
  Sink picture, card;
  int card_width, card_height;
  DwFrame card_frame;
};

typedef void (*Step) (DwJpegRedactor *redactor);

/* -- libjpeg's callbacks -------------------------------------------------- */

static void
on_error (j_common_ptr common)
{
  DwJpegRedactor *redactor = common->client_data;

  if (redactor->status == DW_OK)
    switch (common->err->msg_code)
      {
      case JERR_OUT_OF_MEMORY:
        redactor->status = DW_ERROR_NO_MEMORY;
        break;
      case JERR_NO_BACKING_STORE: /* over max_memory_to_use */
      case JERR_IMAGE_TOO_BIG:
      case JERR_WIDTH_OVERFLOW:
        redactor->status = DW_ERROR_LIMIT;
        break;
      default:
        redactor->status = DW_ERROR_INVALID;
        break;
      }
  longjmp (redactor->escape, 1);
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

static void
refuse (DwJpegRedactor *redactor, DwStatus status)
{
  redactor->status = status;
  longjmp (redactor->escape, 1);
}

static void
sink_start (j_compress_ptr target)
{
  Sink *sink = (Sink *)target->dest;

  sink->size = 0;
  sink->manager.next_output_byte = sink->data;
  sink->manager.free_in_buffer = sink->capacity;
}

static boolean
sink_grow (j_compress_ptr target)
{
  DwJpegRedactor *redactor = target->client_data;
  Sink *sink = (Sink *)target->dest;
  size_t capacity = sink->capacity * 2;
  uint8_t *data;

  /* libjpeg asks when the buffer is full, whatever free_in_buffer says. */
  if (capacity > OUTPUT_LIMIT)
    refuse (redactor, DW_ERROR_LIMIT);
  data = realloc (sink->data, capacity);
  if (data == NULL)
    refuse (redactor, DW_ERROR_NO_MEMORY);
  sink->manager.next_output_byte = data + sink->capacity;
  sink->manager.free_in_buffer = capacity - sink->capacity;
  sink->data = data;
  sink->capacity = capacity;
  return TRUE;
}

static void
sink_end (j_compress_ptr target)
{
  Sink *sink = (Sink *)target->dest;

  sink->size = sink->capacity - sink->manager.free_in_buffer;
}

static bool
sink_init (Sink *sink)
{
  sink->capacity = 64 << 10;
  sink->data = malloc (sink->capacity);
  sink->manager.init_destination = sink_start;
  sink->manager.empty_output_buffer = sink_grow;
  sink->manager.term_destination = sink_end;
  return sink->data != NULL;
}

/* The only place that libjpeg comes back to. */
static bool
run_guarded (DwJpegRedactor *redactor, Step step)
{
  if (setjmp (redactor->escape) != 0)
    return false;
  step (redactor);
  return true;
}

static void
create_source (DwJpegRedactor *redactor)
{
  jpeg_create_decompress (&redactor->source);
  redactor->source.client_data = redactor;
  redactor->source.mem->max_memory_to_use = MEMORY_LIMIT;
}

static void
create_target (DwJpegRedactor *redactor, Sink *sink)
{
  jpeg_create_compress (&redactor->target);
  redactor->target.client_data = redactor;
  redactor->target.mem->max_memory_to_use = MEMORY_LIMIT;
  redactor->target.dest = &sink->manager;
}

/* -- What is accepted ----------------------------------------------------- */

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
  const struct jpeg_decompress_struct *source = &redactor->source;
  uint64_t n_blocks = 0;

  for (int i = 0; i < source->num_components; i++)
    n_blocks += (uint64_t)source->comp_info[i].width_in_blocks
                * source->comp_info[i].height_in_blocks;
  return n_blocks / 4 <= redactor->size;
}

static void
read_source (DwJpegRedactor *redactor)
{
  struct jpeg_decompress_struct *source = &redactor->source;
  Work *work = &redactor->work;
  int h, v;

  jpeg_mem_src (source, redactor->data, redactor->size);
  jpeg_read_header (source, TRUE);
  if (source->data_precision != 8 || source->progressive_mode
      || source->arith_code
      || (source->num_components != 1 && source->num_components != 3)
      || !is_sampling_known (source))
    refuse (redactor, DW_ERROR_UNSUPPORTED);
  if ((int)source->image_width != work->mask->width
      || (int)source->image_height != work->mask->height
      || !is_size_plausible (redactor))
    refuse (redactor, DW_ERROR_INVALID);
  work->arrays = jpeg_read_coefficients (source);
  if (!are_tables_baseline (source))
    refuse (redactor, DW_ERROR_UNSUPPORTED);

  /* A single component is not interleaved, whatever its factors. */
  h = source->num_components == 1 ? 1 : source->max_h_samp_factor;
  v = source->num_components == 1 ? 1 : source->max_v_samp_factor;
  work->mcu_width = h * DCTSIZE;
  work->mcu_height = v * DCTSIZE;
  work->columns = (work->mask->width + work->mcu_width - 1) / work->mcu_width;
  work->rows = (work->mask->height + work->mcu_height - 1) / work->mcu_height;
}

/* -- Blocks --------------------------------------------------------------- */

/* Blocks of component i that belong to one MCU across or down. */
static int
blocks_across (const DwJpegRedactor *redactor, int i)
{
  return redactor->source.num_components == 1
             ? 1
             : redactor->source.comp_info[i].h_samp_factor;
}

static int
blocks_down (const DwJpegRedactor *redactor, int i)
{
  return redactor->source.num_components == 1
             ? 1
             : redactor->source.comp_info[i].v_samp_factor;
}

static JBLOCKROW
block_row (DwJpegRedactor *redactor, int i, int y)
{
  j_common_ptr common = (j_common_ptr)&redactor->source;

  return common->mem->access_virt_barray (common, redactor->work.arrays[i],
                                          (JDIMENSION)y, 1, TRUE)[0];
}

/* True when the MCU touches a filled cell. */
static bool
is_mcu_filled (const Work *work, int x, int y)
{
  const DwMask *mask = work->mask;
  const int x0 = x * work->mcu_width / DW_MASK_CELL;
  const int y0 = y * work->mcu_height / DW_MASK_CELL;
  int x1 = ((x + 1) * work->mcu_width - 1) / DW_MASK_CELL;
  int y1 = ((y + 1) * work->mcu_height - 1) / DW_MASK_CELL;

  x1 = x1 < mask->columns ? x1 : mask->columns - 1;
  y1 = y1 < mask->rows ? y1 : mask->rows - 1;
  for (int cy = y0; cy <= y1; cy++)
    for (int cx = x0; cx <= x1; cx++)
      if (mask->cells[(size_t)cy * (size_t)mask->columns + (size_t)cx]
          != DW_CELL_KEEP)
        return true;
  return false;
}

/* The DCs of one component under one rectangle. */
typedef struct
{
  int64_t sum, count;
} Tone;

static void
flatten (JBLOCKROW row, int x0, int x1, JCOEF dc)
{
  memset (row + x0, 0, (size_t)(x1 - x0) * sizeof *row);
  for (int x = x0; x < x1; x++)
    row[x][0] = dc;
}

/* MCUs x0..x1 of a row of MCUs get one DC a component, and no AC. */
static void
flatten_mcus (DwJpegRedactor *redactor, int y, int x0, int x1,
              const JCOEF dc[MAX_CHANNELS])
{
  for (int i = 0; i < redactor->source.num_components; i++)
    {
      const int across = blocks_across (redactor, i);
      const int down = blocks_down (redactor, i);

      for (int by = 0; by < down; by++)
        {
          int last = (int)redactor->source.comp_info[i].height_in_blocks;

          if (y * down + by < last)
            flatten (block_row (redactor, i, y * down + by), x0 * across,
                     x1 * across, dc[i]);
        }
    }
}

static void
sum_mcu (DwJpegRedactor *redactor, int x, int y, Tone tones[MAX_CHANNELS])
{
  for (int i = 0; i < redactor->source.num_components; i++)
    {
      const jpeg_component_info *component = &redactor->source.comp_info[i];
      const int across = blocks_across (redactor, i);
      const int down = blocks_down (redactor, i);

      for (int by = y * down; by < (y + 1) * down; by++)
        for (int bx = x * across; bx < (x + 1) * across; bx++)
          if (by < (int)component->height_in_blocks
              && bx < (int)component->width_in_blocks)
            {
              tones[i].sum += block_row (redactor, i, by)[bx][0];
              tones[i].count++;
            }
    }
}

/* The nearest to a / b for b > 0, halves away from zero. */
static JCOEF
divide_rounded (int64_t a, int64_t b)
{
  return (JCOEF)(a >= 0 ? (2 * a + b) / (2 * b) : -((-2 * a + b) / (2 * b)));
}

/* The DC that comes nearest to the fill colour with this picture's tables:
 * 8 * (sample - 128), quantised. Chroma 128 is 0 whatever the table. */
static void
fill_tone (const DwJpegRedactor *redactor, JCOEF dc[MAX_CHANNELS])
{
  const int sample[MAX_CHANNELS] = { DW_FILL_Y, DW_FILL_UV, DW_FILL_UV };

  for (int i = 0; i < redactor->source.num_components; i++)
    dc[i] = divide_rounded (
        DCTSIZE * (sample[i] - CENTERJSAMPLE),
        redactor->source.comp_info[i].quant_table->quantval[0]);
}

static DwRect
mcus_of (const Work *work, DwRect rect)
{
  int x1 = (rect.x + rect.width + work->mcu_width - 1) / work->mcu_width;
  int y1 = (rect.y + rect.height + work->mcu_height - 1) / work->mcu_height;
  DwRect mcus
      = { .x = rect.x / work->mcu_width, .y = rect.y / work->mcu_height };

  mcus.width = (x1 < work->columns ? x1 : work->columns) - mcus.x;
  mcus.height = (y1 < work->rows ? y1 : work->rows) - mcus.y;
  return mcus;
}

/* True when the MCU takes the colour of rectangle r: it is not filled, and no
 * earlier rectangle reaches into it (an MCU of 4:1:1 is wider than a cell). */
static bool
is_mcu_of_rect (const Work *work, size_t r, int x, int y)
{
  const DwRect mcu = { x * work->mcu_width, y * work->mcu_height,
                       work->mcu_width, work->mcu_height };

  if (is_mcu_filled (work, x, y))
    return false;
  for (size_t i = 0; work->mcu_width > DW_MASK_CELL && i < r; i++)
    if (dw_rect_intersect (mcu, work->mask->blurred[i]).width > 0)
      return false;
  return true;
}

static void
blur_rect (DwJpegRedactor *redactor, size_t r)
{
  const Work *work = &redactor->work;
  const DwRect mcus = mcus_of (work, work->mask->blurred[r]);
  Tone tones[MAX_CHANNELS] = { 0 };
  JCOEF dc[MAX_CHANNELS] = { 0 };

  for (int y = mcus.y; y < mcus.y + mcus.height; y++)
    for (int x = mcus.x; x < mcus.x + mcus.width; x++)
      if (is_mcu_of_rect (work, r, x, y))
        sum_mcu (redactor, x, y, tones);
  for (int i = 0; i < MAX_CHANNELS; i++)
    if (tones[i].count > 0)
      dc[i] = divide_rounded (tones[i].sum, tones[i].count);
  for (int y = mcus.y; y < mcus.y + mcus.height; y++)
    for (int x = mcus.x; x < mcus.x + mcus.width; x++)
      if (is_mcu_of_rect (work, r, x, y))
        flatten_mcus (redactor, y, x, x + 1, dc);
}

static void
fill_mcus (DwJpegRedactor *redactor)
{
  const Work *work = &redactor->work;
  JCOEF dc[MAX_CHANNELS];

  fill_tone (redactor, dc);
  for (int y = 0; y < work->rows; y++)
    for (int x = 0; x < work->columns; x++)
      if (is_mcu_filled (work, x, y))
        flatten_mcus (redactor, y, x, x + 1, dc);
}

/* -- Range ----------------------------------------------------------------- */

/* One of them at least may be out of range; in a form that vectorises. */
static bool
is_row_suspect (const JCOEF *coefficients, size_t n)
{
  unsigned suspect = 0;

  for (size_t i = 0; i < n; i++)
    suspect |= (uint16_t)(coefficients[i] + MAX_AC) > 2 * MAX_AC;
  return suspect != 0;
}

static bool
is_block_codable (const JCOEF *block)
{
  if (block[0] < MIN_DC || block[0] > MAX_AC)
    return false;
  for (int i = 1; i < DCTSIZE2; i++)
    if (block[i] < -MAX_AC || block[i] > MAX_AC)
      return false;
  return true;
}

/* A damaged picture may hold coefficients that no 8-bit picture has, and for
 * which the standard tables have no code: libjpeg would write them as noise. */
static void
check_range (DwJpegRedactor *redactor)
{
  for (int i = 0; i < redactor->source.num_components; i++)
    {
      const jpeg_component_info *component = &redactor->source.comp_info[i];

      for (int y = 0; y < (int)component->height_in_blocks; y++)
        {
          const JBLOCKROW row = block_row (redactor, i, y);

          if (!is_row_suspect (row[0],
                               (size_t)component->width_in_blocks * DCTSIZE2))
            continue;
          for (JDIMENSION x = 0; x < component->width_in_blocks; x++)
            if (!is_block_codable (row[x]))
              refuse (redactor, DW_ERROR_INVALID);
        }
    }
}

/* -- Output --------------------------------------------------------------- */

/* Standard Huffman tables: optimised ones of the source would tell of the
 * blocks that are gone. */
static void
write_target (DwJpegRedactor *redactor)
{
  struct jpeg_compress_struct *target = &redactor->target;

  jpeg_copy_critical_parameters (&redactor->source, target);
  for (int i = 0; i < target->num_components; i++)
    target->comp_info[i].component_id = i + 1;
  jpeg_write_coefficients (target, redactor->work.arrays);
  jpeg_finish_compress (target);
}

static void
redact_picture (DwJpegRedactor *redactor)
{
  create_source (redactor);
  create_target (redactor, &redactor->picture);
  read_source (redactor);
  for (size_t r = 0; r < redactor->work.mask->n_blurred; r++)
    blur_rect (redactor, r);
  fill_mcus (redactor);
  check_range (redactor);
  write_target (redactor);
  jpeg_finish_decompress (&redactor->source);
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
encode_card (DwJpegRedactor *redactor)
{
  struct jpeg_compress_struct *target = &redactor->target;
  const DwFrame *frame = &redactor->card_frame;
  JSAMPROW luma[2 * DCTSIZE], cb[DCTSIZE], cr[DCTSIZE];
  JSAMPARRAY planes[3] = { luma, cb, cr };

  create_target (redactor, &redactor->card);
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

/* Ends libjpeg's objects, also half-made or never made ones (all zero). */
static void
end_call (DwJpegRedactor *redactor)
{
  jpeg_destroy_compress (&redactor->target);
  jpeg_destroy_decompress (&redactor->source);
  memset (&redactor->target, 0, sizeof redactor->target);
  memset (&redactor->source, 0, sizeof redactor->source);
}

/* Errors must have somewhere to go while the objects are being made. */
static void
begin_call (DwJpegRedactor *redactor)
{
  redactor->status = DW_OK;
  redactor->source.err = redactor->target.err = &redactor->errors;
  redactor->source.client_data = redactor->target.client_data = redactor;
}

DwStatus
dw_jpeg_redactor_new (DwJpegRedactor **out)
{
  DwJpegRedactor *redactor = calloc (1, sizeof *redactor);

  *out = NULL;
  if (redactor == NULL)
    return DW_ERROR_NO_MEMORY;
  jpeg_std_error (&redactor->errors);
  redactor->errors.error_exit = on_error;
  redactor->errors.emit_message = on_message;
  redactor->errors.output_message = on_output;
  if (!sink_init (&redactor->picture) || !sink_init (&redactor->card))
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
  bool is_done;

  *out_data = NULL;
  *out_size = 0;
  if (data == NULL || size == 0 || !dw_mask_is_valid (mask))
    return DW_ERROR_INVALID;
  begin_call (redactor);
  redactor->data = data;
  redactor->size = size;
  redactor->work = (Work){ .mask = mask };
  is_done = run_guarded (redactor, redact_picture);
  end_call (redactor);
  if (!is_done)
    return redactor->status;
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
      begin_call (redactor);
      if (status == DW_OK && !run_guarded (redactor, encode_card))
        status = redactor->status;
      end_call (redactor);
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
