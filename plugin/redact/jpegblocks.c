/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fill and mosaic on quantised coefficients: a block of one colour is a DC
 * without AC. */
#include "jpegblocks.h"

#include "redact.h"

#include <string.h>

#define MAX_CHANNELS 3

/* What the tables of T.81, annex K, can code: AC of 10 bits, DC differences of
 * 11. */
#define MAX_AC 1023
#define MIN_DC (-1024)

/* Grey or Y U V; nothing else gets here. */
static int
n_channels (const DwJpegBlocks *blocks)
{
  return blocks->source->num_components == 1 ? 1 : MAX_CHANNELS;
}

/* Blocks of component i that belong to one MCU across or down. */
static int
blocks_across (const DwJpegBlocks *blocks, int i)
{
  return blocks->source->num_components == 1
             ? 1
             : blocks->source->comp_info[i].h_samp_factor;
}

static int
blocks_down (const DwJpegBlocks *blocks, int i)
{
  return blocks->source->num_components == 1
             ? 1
             : blocks->source->comp_info[i].v_samp_factor;
}

static JBLOCKROW
block_row (const DwJpegBlocks *blocks, int i, int y)
{
  j_common_ptr common = (j_common_ptr)blocks->source;

  return common->mem->access_virt_barray (common, blocks->arrays[i],
                                          (JDIMENSION)y, 1, TRUE)[0];
}

/* True when the MCU touches a filled cell. */
static bool
is_mcu_filled (const DwJpegBlocks *blocks, int x, int y)
{
  const DwMask *mask = blocks->mask;
  const int x0 = x * blocks->mcu_width / DW_MASK_CELL;
  const int y0 = y * blocks->mcu_height / DW_MASK_CELL;
  int x1 = ((x + 1) * blocks->mcu_width - 1) / DW_MASK_CELL;
  int y1 = ((y + 1) * blocks->mcu_height - 1) / DW_MASK_CELL;

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
flatten_mcus (const DwJpegBlocks *blocks, int y, int x0, int x1,
              const JCOEF dc[MAX_CHANNELS])
{
  for (int i = 0; i < n_channels (blocks); i++)
    {
      const int across = blocks_across (blocks, i);
      const int down = blocks_down (blocks, i);

      for (int by = 0; by < down; by++)
        {
          int last = (int)blocks->source->comp_info[i].height_in_blocks;

          if (y * down + by < last)
            flatten (block_row (blocks, i, y * down + by), x0 * across,
                     x1 * across, dc[i]);
        }
    }
}

static void
sum_mcu (const DwJpegBlocks *blocks, int x, int y, Tone tones[MAX_CHANNELS])
{
  for (int i = 0; i < n_channels (blocks); i++)
    {
      const jpeg_component_info *component = &blocks->source->comp_info[i];
      const int across = blocks_across (blocks, i);
      const int down = blocks_down (blocks, i);

      for (int by = y * down; by < (y + 1) * down; by++)
        for (int bx = x * across; bx < (x + 1) * across; bx++)
          if (by < (int)component->height_in_blocks
              && bx < (int)component->width_in_blocks)
            {
              tones[i].sum += block_row (blocks, i, by)[bx][0];
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
fill_tone (const DwJpegBlocks *blocks, JCOEF dc[MAX_CHANNELS])
{
  const int sample[MAX_CHANNELS] = { DW_FILL_Y, DW_FILL_UV, DW_FILL_UV };

  for (int i = 0; i < n_channels (blocks); i++)
    dc[i] = divide_rounded (
        DCTSIZE * (sample[i] - CENTERJSAMPLE),
        blocks->source->comp_info[i].quant_table->quantval[0]);
}

static DwRect
mcus_of (const DwJpegBlocks *blocks, DwRect rect)
{
  int x1 = (rect.x + rect.width + blocks->mcu_width - 1) / blocks->mcu_width;
  int y1 = (rect.y + rect.height + blocks->mcu_height - 1) / blocks->mcu_height;
  DwRect mcus
      = { .x = rect.x / blocks->mcu_width, .y = rect.y / blocks->mcu_height };

  mcus.width = (x1 < blocks->columns ? x1 : blocks->columns) - mcus.x;
  mcus.height = (y1 < blocks->rows ? y1 : blocks->rows) - mcus.y;
  return mcus;
}

/* True when the MCU takes the colour of rectangle r: it is not filled, and no
 * earlier rectangle reaches into it (an MCU of 4:1:1 is wider than a cell). */
static bool
is_mcu_of_rect (const DwJpegBlocks *blocks, size_t r, int x, int y)
{
  const DwRect mcu = { x * blocks->mcu_width, y * blocks->mcu_height,
                       blocks->mcu_width, blocks->mcu_height };

  if (is_mcu_filled (blocks, x, y))
    return false;
  for (size_t i = 0; blocks->mcu_width > DW_MASK_CELL && i < r; i++)
    if (dw_rect_intersect (mcu, blocks->mask->blurred[i]).width > 0)
      return false;
  return true;
}

static void
blur_rect (const DwJpegBlocks *blocks, size_t r)
{
  const DwRect mcus = mcus_of (blocks, blocks->mask->blurred[r]);
  Tone tones[MAX_CHANNELS] = { 0 };
  JCOEF dc[MAX_CHANNELS] = { 0 };

  for (int y = mcus.y; y < mcus.y + mcus.height; y++)
    for (int x = mcus.x; x < mcus.x + mcus.width; x++)
      if (is_mcu_of_rect (blocks, r, x, y))
        sum_mcu (blocks, x, y, tones);
  for (int i = 0; i < MAX_CHANNELS; i++)
    if (tones[i].count > 0)
      dc[i] = divide_rounded (tones[i].sum, tones[i].count);
  for (int y = mcus.y; y < mcus.y + mcus.height; y++)
    for (int x = mcus.x; x < mcus.x + mcus.width; x++)
      if (is_mcu_of_rect (blocks, r, x, y))
        flatten_mcus (blocks, y, x, x + 1, dc);
}

static void
fill_mcus (const DwJpegBlocks *blocks)
{
  JCOEF dc[MAX_CHANNELS] = { 0 };

  fill_tone (blocks, dc);
  for (int y = 0; y < blocks->rows; y++)
    for (int x = 0; x < blocks->columns; x++)
      if (is_mcu_filled (blocks, x, y))
        flatten_mcus (blocks, y, x, x + 1, dc);
}

void
dw_jpeg_blocks_init (DwJpegBlocks *blocks, j_decompress_ptr source,
                     jvirt_barray_ptr *arrays, const DwMask *mask)
{
  /* A single component is not interleaved, whatever its factors. */
  const bool is_single = source->num_components == 1;
  const int h = is_single ? 1 : source->max_h_samp_factor;
  const int v = is_single ? 1 : source->max_v_samp_factor;

  *blocks = (DwJpegBlocks){ .source = source,
                            .arrays = arrays,
                            .mask = mask,
                            .mcu_width = h * DCTSIZE,
                            .mcu_height = v * DCTSIZE };
  blocks->columns = (mask->width + blocks->mcu_width - 1) / blocks->mcu_width;
  blocks->rows = (mask->height + blocks->mcu_height - 1) / blocks->mcu_height;
}

void
dw_jpeg_blocks_redact (const DwJpegBlocks *blocks)
{
  for (size_t r = 0; r < blocks->mask->n_blurred; r++)
    blur_rect (blocks, r);
  fill_mcus (blocks);
}

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

bool
dw_jpeg_blocks_are_codable (const DwJpegBlocks *blocks)
{
  for (int i = 0; i < n_channels (blocks); i++)
    {
      const jpeg_component_info *component = &blocks->source->comp_info[i];

      for (int y = 0; y < (int)component->height_in_blocks; y++)
        {
          const JBLOCKROW row = block_row (blocks, i, y);

          if (!is_row_suspect (row[0],
                               (size_t)component->width_in_blocks * DCTSIZE2))
            continue;
          for (JDIMENSION x = 0; x < component->width_in_blocks; x++)
            if (!is_block_codable (row[x]))
              return false;
        }
    }
  return true;
}
