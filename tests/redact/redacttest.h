/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the redaction tests share: reproducible chance, frames with odd strides
 * and guard bytes, random masks, and a second, slow opinion on which byte
 * shows which pixel. */
#pragma once

#include "dwtest.h"

#include "redact.h"

#include <string.h>

#define GUARD 32
#define GUARD_BYTE 0xa5

/* -- Chance --------------------------------------------------------------- */

/* Marsaglia's xorshift64. */
static inline uint64_t
chance (uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static inline int
chance_below (uint64_t *state, int limit)
{
  return (int)((chance (state) >> 11) % (uint64_t)limit);
}

static inline void
chance_fill (uint64_t *state, uint8_t *bytes, size_t n)
{
  for (size_t i = 0; i < n; i++)
    bytes[i] = (uint8_t)(chance (state) >> 24);
}

/* -- Frames --------------------------------------------------------------- */

static const DwFormat all_formats[] = {
  DW_FORMAT_I420,  DW_FORMAT_YV12, DW_FORMAT_NV12, DW_FORMAT_NV21,
  DW_FORMAT_GRAY8, DW_FORMAT_YUY2, DW_FORMAT_UYVY,
};

/* Strides and sizes vary with `seed`: none, some or much padding right and
 * below, also a last row that ends with its last pixel. */
static inline DwFrame
frame_new (DwFormat format, int width, int height, uint64_t *seed)
{
  DwFrame frame = { .format = format, .width = width, .height = height };

  for (int i = 0; i < dw_format_planes (format); i++)
    {
      int row_bytes = dw_format_row_bytes (format, i, width);
      int rows = dw_format_rows (format, i, height);
      uint8_t *memory;

      frame.stride[i]
          = row_bytes + (chance_below (seed, 3) ? chance_below (seed, 37) : 0);
      frame.size[i]
          = (size_t)frame.stride[i] * (size_t)(rows - 1) + (size_t)row_bytes;
      if (chance_below (seed, 3))
        frame.size[i] += (size_t)chance_below (seed, 3 * frame.stride[i]);
      memory = g_malloc (frame.size[i] + 2 * GUARD);
      memset (memory, GUARD_BYTE, frame.size[i] + 2 * GUARD);
      frame.data[i] = memory + GUARD;
      chance_fill (seed, frame.data[i], frame.size[i]);
    }
  return frame;
}

static inline DwFrame
frame_copy (const DwFrame *frame)
{
  DwFrame copy = *frame;

  for (int i = 0; i < dw_format_planes (frame->format); i++)
    copy.data[i] = (uint8_t *)g_memdup2 (frame->data[i] - GUARD,
                                         frame->size[i] + 2 * GUARD)
                   + GUARD;
  return copy;
}

static inline void
frame_clear (DwFrame *frame)
{
  for (int i = 0; i < dw_format_planes (frame->format); i++)
    g_free (frame->data[i] - GUARD);
}

/* Guard bytes included. */
static inline void
assert_frames_equal (const DwFrame *a, const DwFrame *b)
{
  for (int i = 0; i < dw_format_planes (a->format); i++)
    fail_unless (
        memcmp (a->data[i] - GUARD, b->data[i] - GUARD, a->size[i] + 2 * GUARD)
            == 0,
        "format %d %dx%d plane %d differs", a->format, a->width, a->height, i);
}

static inline void
assert_guards_whole (const DwFrame *frame)
{
  int n_broken = 0;

  for (int i = 0; i < dw_format_planes (frame->format); i++)
    for (int j = 0; j < GUARD; j++)
      n_broken += frame->data[i][-1 - j] != GUARD_BYTE
                  || frame->data[i][frame->size[i] + (size_t)j] != GUARD_BYTE;
  fail_unless_equals_int (n_broken, 0);
}

/* What a byte shows. */
typedef struct
{
  bool is_padding;
  bool is_filled;
  int component; /* 0 Y, 1 U, 2 V */
  int rect;      /* blurred rectangle it lies in, -1 for none */
} ByteInfo;

/* Which pixels the byte at `offset` of a plane shows: x, y, width, height; all
 * zero for padding. Deliberately by sample, not by cell. */
static inline DwRect
byte_pixels (const DwFrame *frame, int plane, size_t offset, int *component)
{
  const int stride = frame->stride[plane];
  const int x = (int)(offset % (size_t)stride);
  const int y = (int)(offset / (size_t)stride);
  DwRect pixels = { x, y, 1, 1 };

  *component = 0;
  switch (frame->format)
    {
    case DW_FORMAT_YUY2:
    case DW_FORMAT_UYVY:
      {
        int phase = frame->format == DW_FORMAT_YUY2 ? x % 4 : x % 4 ^ 1;

        if (phase % 2 == 0)
          pixels = (DwRect){ x / 4 * 2 + phase / 2, y, 1, 1 };
        else
          pixels = (DwRect){ x / 4 * 2, y, 2, 1 };
        *component = phase % 2 ? 1 + phase / 2 : 0;
        break;
      }
    case DW_FORMAT_NV12:
    case DW_FORMAT_NV21:
      if (plane == 0)
        break;
      pixels = (DwRect){ x / 2 * 2, y * 2, 2, 2 };
      *component = 1 + x % 2;
      break;
    default:
      if (plane == 0)
        break;
      pixels = (DwRect){ x * 2, y * 2, 2, 2 };
      *component = plane;
      break;
    }
  return dw_rect_intersect (pixels,
                            (DwRect){ 0, 0, frame->width, frame->height });
}

static inline ByteInfo
byte_info (const DwFrame *frame, const DwMask *mask, int plane, size_t offset)
{
  ByteInfo info = { .rect = -1 };
  DwRect pixels = byte_pixels (frame, plane, offset, &info.component);

  info.is_padding = pixels.width == 0;
  for (int y = pixels.y; y < pixels.y + pixels.height; y++)
    for (int x = pixels.x; x < pixels.x + pixels.width; x++)
      if (mask->cells[(y / DW_MASK_CELL) * mask->columns + x / DW_MASK_CELL]
          != DW_CELL_KEEP)
        info.is_filled = true;
  for (size_t i = 0; i < mask->n_blurred; i++)
    if (dw_rect_intersect (pixels, mask->blurred[i]).width > 0)
      info.rect = (int)i;
  return info;
}

/* -- Masks ---------------------------------------------------------------- */

/* Random rectangles, groups and polygons through a masker; the mask borrows
 * from it. */
static inline DwMask
random_mask (DwMasker *masker, int width, int height, bool is_blurred,
             uint64_t *seed)
{
  const int n = chance_below (seed, 5);
  DwMask mask;

  fail_unless (dw_masker_set_size (masker, width, height) == DW_OK);
  dw_masker_begin (masker, 1);
  for (int i = 0; i < n; i++)
    {
      DwRect rect = { chance_below (seed, width), chance_below (seed, height),
                      1 + chance_below (seed, 1 + width / 3),
                      1 + chance_below (seed, 1 + height / 3) };

      dw_masker_hide_rect (masker, rect);
    }
  if (chance_below (seed, 3) == 0)
    {
      DwPolygon polygon = { .n_points = 3 + chance_below (seed, 4) };

      for (int i = 0; i < polygon.n_points; i++)
        polygon.points[i] = (DwPoint){ chance_below (seed, 1001) / 1000.0f,
                                       chance_below (seed, 1001) / 1000.0f };
      dw_masker_hide_polygon (masker, &polygon);
    }
  if (chance_below (seed, 20) == 0)
    dw_masker_hide_all (masker);
  dw_masker_end (masker, is_blurred, &mask);
  fail_unless (dw_mask_is_valid (&mask));
  return mask;
}
