/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JPEG pictures made for tests: drawn by chance, changed block by block, and
 * read back as coefficients. libjpeg ends the program on an error here: these
 * pictures are ours. */
#pragma once

#include "redacttest.h"

#include <jpeglib.h>

typedef struct
{
  int width, height;
  int h, v; /* sampling factors of luma */
  int quality;
  bool is_grey, is_progressive, is_arithmetic, is_optimised;
  bool has_extras; /* EXIF, comment, thumbnail, bytes after the end */
  int restart_rows;
} JpegRecipe;

typedef struct
{
  unsigned char *data;
  unsigned long size;
} Jpeg;

#define EXTRA_SECRET "GPS 50.0755N 14.4378E"

static inline void
jpeg_write_extras (j_compress_ptr compress)
{
  static const char exif[] = "Exif\0\0" EXTRA_SECRET;
  static const char jfxx[] = "JFXX\0\x13" EXTRA_SECRET;

  jpeg_write_marker (compress, JPEG_APP0 + 1, (const JOCTET *)exif,
                     sizeof exif);
  jpeg_write_marker (compress, JPEG_APP0, (const JOCTET *)jfxx, sizeof jfxx);
  jpeg_write_marker (compress, JPEG_APP0 + 13, (const JOCTET *)EXTRA_SECRET,
                     sizeof EXTRA_SECRET);
  jpeg_write_marker (compress, JPEG_COM, (const JOCTET *)EXTRA_SECRET,
                     sizeof EXTRA_SECRET);
}

static inline void
jpeg_append (Jpeg *jpeg, const char *text)
{
  unsigned char *longer = malloc (jpeg->size + strlen (text));

  memcpy (longer, jpeg->data, jpeg->size);
  memcpy (longer + jpeg->size, text, strlen (text));
  free (jpeg->data);
  jpeg->data = longer;
  jpeg->size += strlen (text);
}

/* A soft slope with noise on it, so that blocks differ. */
static inline void
jpeg_draw_row (JSAMPLE *row, const JpegRecipe *recipe, int y, uint64_t *seed)
{
  const int n = recipe->is_grey ? 1 : 3;

  for (int x = 0; x < recipe->width; x++)
    for (int c = 0; c < n; c++)
      row[x * n + c]
          = (JSAMPLE)((x * (3 + c) + y * (5 - c) + chance_below (seed, 60))
                      & 0xff);
}

static inline void
jpeg_set_recipe (j_compress_ptr compress, const JpegRecipe *recipe)
{
  compress->optimize_coding = recipe->is_optimised;
  compress->restart_in_rows = recipe->restart_rows;
  compress->arith_code = recipe->is_arithmetic;
  if (recipe->is_progressive)
    jpeg_simple_progression (compress);
}

static inline Jpeg
jpeg_make (const JpegRecipe *recipe, uint64_t *seed)
{
  struct jpeg_compress_struct compress;
  struct jpeg_error_mgr errors;
  Jpeg jpeg = { NULL, 0 };
  JSAMPLE *row = g_malloc ((gsize)recipe->width * 3);

  compress.err = jpeg_std_error (&errors);
  jpeg_create_compress (&compress);
  jpeg_mem_dest (&compress, &jpeg.data, &jpeg.size);
  compress.image_width = (JDIMENSION)recipe->width;
  compress.image_height = (JDIMENSION)recipe->height;
  compress.input_components = recipe->is_grey ? 1 : 3;
  compress.in_color_space = recipe->is_grey ? JCS_GRAYSCALE : JCS_YCbCr;
  jpeg_set_defaults (&compress);
  jpeg_set_quality (&compress, recipe->quality, TRUE);
  compress.comp_info[0].h_samp_factor = recipe->h;
  compress.comp_info[0].v_samp_factor = recipe->v;
  jpeg_set_recipe (&compress, recipe);
  jpeg_start_compress (&compress, TRUE);
  if (recipe->has_extras)
    jpeg_write_extras (&compress);
  for (int y = 0; y < recipe->height; y++)
    {
      jpeg_draw_row (row, recipe, y, seed);
      jpeg_write_scanlines (&compress, &row, 1);
    }
  jpeg_finish_compress (&compress);
  jpeg_destroy_compress (&compress);
  g_free (row);
  if (recipe->has_extras)
    jpeg_append (&jpeg, EXTRA_SECRET);
  return jpeg;
}

/* Coefficients of a picture, open for reading and changing. */
typedef struct
{
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  jvirt_barray_ptr *arrays;
} Coefficients;

static inline void
coefficients_open (Coefficients *coefficients, const void *data, size_t size)
{
  coefficients->jpeg.err = jpeg_std_error (&coefficients->errors);
  jpeg_create_decompress (&coefficients->jpeg);
  jpeg_mem_src (&coefficients->jpeg, data, size);
  jpeg_read_header (&coefficients->jpeg, TRUE);
  coefficients->arrays = jpeg_read_coefficients (&coefficients->jpeg);
}

static inline void
coefficients_close (Coefficients *coefficients)
{
  jpeg_finish_decompress (&coefficients->jpeg);
  jpeg_destroy_decompress (&coefficients->jpeg);
}

static inline JCOEF *
coefficients_block (Coefficients *coefficients, int component, int x, int y)
{
  j_common_ptr common = (j_common_ptr)&coefficients->jpeg;

  return common->mem->access_virt_barray (
      common, coefficients->arrays[component], (JDIMENSION)y, 1, TRUE)[0][x];
}

/* Writes changed coefficients as a new picture. */
static inline Jpeg
coefficients_write (Coefficients *coefficients, const JpegRecipe *recipe)
{
  struct jpeg_compress_struct compress;
  struct jpeg_error_mgr errors;
  Jpeg jpeg = { NULL, 0 };

  compress.err = jpeg_std_error (&errors);
  jpeg_create_compress (&compress);
  jpeg_mem_dest (&compress, &jpeg.data, &jpeg.size);
  jpeg_copy_critical_parameters (&coefficients->jpeg, &compress);
  jpeg_set_recipe (&compress, recipe);
  jpeg_write_coefficients (&compress, coefficients->arrays);
  jpeg_finish_compress (&compress);
  jpeg_destroy_compress (&compress);
  return jpeg;
}

/* The pixels that are lost or kept together with a block: its MCU. */
static inline DwRect
block_pixels (const Coefficients *coefficients, int component, int x, int y)
{
  const struct jpeg_decompress_struct *jpeg = &coefficients->jpeg;
  const jpeg_component_info *info = &jpeg->comp_info[component];
  const bool is_single = jpeg->num_components == 1;
  const int width = is_single ? 8 : 8 * jpeg->max_h_samp_factor;
  const int height = is_single ? 8 : 8 * jpeg->max_v_samp_factor;

  return dw_rect_intersect (
      (DwRect){ x / (is_single ? 1 : info->h_samp_factor) * width,
                y / (is_single ? 1 : info->v_samp_factor) * height, width,
                height },
      (DwRect){ 0, 0, (int)jpeg->image_width, (int)jpeg->image_height });
}

static inline bool
is_block_filled (const Coefficients *coefficients, const DwMask *mask,
                 int component, int x, int y)
{
  const DwRect pixels = block_pixels (coefficients, component, x, y);

  for (int py = pixels.y; py < pixels.y + pixels.height; py++)
    for (int px = pixels.x; px < pixels.x + pixels.width; px++)
      if (mask->cells[py / DW_MASK_CELL * mask->columns + px / DW_MASK_CELL]
          != DW_CELL_KEEP)
        return true;
  return false;
}

/* The first blurred rectangle that reaches into the block's MCU, or -1. */
static inline int
block_rect (const Coefficients *coefficients, const DwMask *mask, int component,
            int x, int y)
{
  const DwRect pixels = block_pixels (coefficients, component, x, y);

  for (size_t i = 0; i < mask->n_blurred; i++)
    if (dw_rect_intersect (pixels, mask->blurred[i]).width > 0)
      return (int)i;
  return -1;
}
