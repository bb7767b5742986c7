/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libjpeg-turbo's coefficient access, held on a short leash: the size must be
 * the expected one, one sequential pass, every warning is an error. */
#include "motion-jpeg.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#define MAX_SCANS 4 /* components of a sequential picture, each on its own */

struct DwMotionJpeg
{
  struct jpeg_decompress_struct decompress;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf on_error;
};

/* What the first coefficients say about the mean of each quarter of a block:
 * the mean over four samples of cos ((2x + 1) u pi / 16) for u = 1 and 3; for
 * even u it is 0. */
#define HALF_1 0.640729f
#define HALF_3 (-0.224995f)

static DwMotionJpeg *
owner (j_common_ptr common)
{
  return common->client_data;
}

static void
fail (j_common_ptr common)
{
  longjmp (owner (common)->on_error, 1);
}

/* A damaged picture is no picture. Stray bytes between segments, which some
 * cameras pad with, harm nothing. */
static void
emit (j_common_ptr common, int level)
{
  if (level < 0 && common->err->msg_code != JWRN_EXTRANEOUS_DATA)
    fail (common);
}

static void
print_nothing (j_common_ptr common)
{
  (void)common;
}

static void
limit_scans (j_common_ptr common)
{
  if (((j_decompress_ptr)common)->input_scan_number > MAX_SCANS)
    fail (common);
}

static bool
create (DwMotionJpeg *jpeg)
{
  if (setjmp (jpeg->on_error) != 0)
    return false;
  jpeg_create_decompress (&jpeg->decompress);
  jpeg->decompress.progress = &jpeg->progress;
  return true;
}

DwMotionJpeg *
dw_motion_jpeg_new (void)
{
  DwMotionJpeg *jpeg = calloc (1, sizeof *jpeg);

  if (jpeg == NULL)
    return NULL;
  jpeg->decompress.err = jpeg_std_error (&jpeg->errors);
  jpeg->decompress.client_data = jpeg;
  jpeg->errors.error_exit = fail;
  jpeg->errors.emit_message = emit;
  jpeg->errors.output_message = print_nothing;
  jpeg->progress.progress_monitor = limit_scans;
  if (!create (jpeg))
    {
      free (jpeg);
      return NULL;
    }
  return jpeg;
}

void
dw_motion_jpeg_free (DwMotionJpeg *jpeg)
{
  if (jpeg == NULL)
    return;
  jpeg_destroy_decompress (&jpeg->decompress);
  free (jpeg);
}

static bool
is_supported (const struct jpeg_decompress_struct *d,
              const DwMotionJpegInput *input)
{
  const jpeg_component_info *luma = d->comp_info;

  return d->image_width == (JDIMENSION)input->width
         && d->image_height == (JDIMENSION)input->height && !d->progressive_mode
         && !d->arith_code && d->data_precision == 8
         && (d->jpeg_color_space == JCS_YCbCr
             || d->jpeg_color_space == JCS_GRAYSCALE)
         && luma->h_samp_factor == d->max_h_samp_factor
         && luma->v_samp_factor == d->max_v_samp_factor;
}

/* The gradient's size from the lowest frequencies: a wave of frequency u
 * steps 2 sin (u pi / 16) of its amplitude from pixel to pixel. */
static float
block_gradient (const JCOEF *block, const float *scale)
{
  float across = 0.39f * fabsf ((float)block[1] * scale[1])
                 + 0.77f * fabsf ((float)block[2] * scale[2])
                 + 1.11f * fabsf ((float)block[3] * scale[3]);
  float down = 0.39f * fabsf ((float)block[8] * scale[8])
               + 0.77f * fabsf ((float)block[16] * scale[16])
               + 1.11f * fabsf ((float)block[24] * scale[24]);
  float both = 0.55f * fabsf ((float)block[9] * scale[9]);

  return 0.11f * (across + down + both);
}

static float
clamp_grey (float value)
{
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/* The mean of the quarter at (right, lower): the sum over the coefficients
 * that have one. `scale` holds the quantiser. */
static float
quarter_mean (const JCOEF *block, const float *scale, int right, int lower)
{
  static const int odd[2] = { 1, 3 };
  static const float half[2] = { HALF_1, HALF_3 };
  float x = right ? -1.0f : 1.0f, y = lower ? -1.0f : 1.0f;
  float dc = (float)block[0] * scale[0] * 0.125f + 128;
  float sum = 0;

  for (int i = 0; i < 2; i++)
    {
      int u = odd[i], v = 8 * odd[i];

      sum += x * half[i] * (float)block[u] * scale[u] * 0.176777f;
      sum += y * half[i] * (float)block[v] * scale[v] * 0.176777f;
    }
  sum += x * y * HALF_1 * HALF_1 * (float)block[9] * scale[9] * 0.25f;
  return clamp_grey (dc + sum);
}

static void
read_block (const JCOEF *block, const float *scale, DwBackground *background,
            int bx, int by, int cell_size)
{
  float gradient = block_gradient (block, scale);
  int split = 8 / cell_size;

  for (int i = 0; i < split * split; i++)
    {
      int x = bx * split + i % split, y = by * split + i / split;
      int cell = y * background->columns + x;

      if (x >= background->columns || y >= background->rows)
        continue;
      background->gradient[cell] = gradient;
      background->mean[cell]
          = split == 1 ? clamp_grey ((float)block[0] * scale[0] * 0.125f + 128)
                       : quarter_mean (block, scale, i % split, i / split);
    }
}

static void
read_blocks (struct jpeg_decompress_struct *d, jvirt_barray_ptr luma,
             DwBackground *background, int cell_size)
{
  const jpeg_component_info *info = d->comp_info;
  float scale[64];

  for (int i = 0; i < 64; i++)
    scale[i] = (float)info->quant_table->quantval[i];
  for (JDIMENSION by = 0; by < info->height_in_blocks; by++)
    {
      JBLOCKARRAY rows
          = d->mem->access_virt_barray ((j_common_ptr)d, luma, by, 1, FALSE);

      for (JDIMENSION bx = 0; bx < info->width_in_blocks; bx++)
        read_block (rows[0][bx], scale, background, (int)bx, (int)by,
                    cell_size);
    }
}

DwStatus
dw_motion_jpeg_read (DwMotionJpeg *jpeg, const DwMotionJpegInput *input,
                     DwBackground *background)
{
  struct jpeg_decompress_struct *d = &jpeg->decompress;
  jvirt_barray_ptr *coefficients;

  if (setjmp (jpeg->on_error) != 0)
    {
      jpeg_abort_decompress (d);
      return DW_ERROR_INVALID;
    }
  jpeg_mem_src (d, input->data, (unsigned long)input->size);
  (void)jpeg_read_header (d, TRUE);
  if (!is_supported (d, input))
    {
      jpeg_abort_decompress (d);
      return DW_ERROR_UNSUPPORTED;
    }
  coefficients = jpeg_read_coefficients (d);
  if (d->comp_info[0].quant_table == NULL)
    fail ((j_common_ptr)d);
  read_blocks (d, coefficients[0], background, input->cell_size);
  jpeg_abort_decompress (d);
  return DW_OK;
}
