/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The size of a JPEG picture, from its markers alone (ITU-T T.81, annex B). */
#include "jpegredact.h"

#include "picture.h"

enum
{
  MARKER_SOF0 = 0xc0, /* baseline */
  MARKER_SOF1 = 0xc1, /* extended sequential, Huffman */
  MARKER_DHT = 0xc4,
  MARKER_JPG = 0xc8,
  MARKER_DAC = 0xcc,
  MARKER_SOF15 = 0xcf,
  MARKER_RST0 = 0xd0,
  MARKER_SOI = 0xd8,
  MARKER_EOI = 0xd9,
  MARKER_SOS = 0xda,
  MARKER_TEM = 0x01,
};

/* Of the frame header: length 2, precision 1, height 2, width 2, count 1. */
#define FRAME_HEADER 8

static int
read_16 (const uint8_t *at)
{
  return at[0] << 8 | at[1];
}

static bool
is_frame_header (int marker)
{
  return marker >= MARKER_SOF0 && marker <= MARKER_SOF15 && marker != MARKER_DHT
         && marker != MARKER_JPG && marker != MARKER_DAC;
}

static DwStatus
read_frame_header (const uint8_t *at, size_t left, int marker, int *width,
                   int *height)
{
  if (left < FRAME_HEADER)
    return DW_ERROR_INVALID;
  if ((marker != MARKER_SOF0 && marker != MARKER_SOF1) || at[2] != 8
      || (at[7] != 1 && at[7] != 3))
    return DW_ERROR_UNSUPPORTED;
  if (read_16 (at + 3) == 0 || read_16 (at + 5) == 0)
    return DW_ERROR_INVALID;
  if (read_16 (at + 3) > DW_MAX_DIMENSION
      || read_16 (at + 5) > DW_MAX_DIMENSION)
    return DW_ERROR_LIMIT;
  *height = read_16 (at + 3);
  *width = read_16 (at + 5);
  return DW_OK;
}

DwStatus
dw_jpeg_size (const uint8_t *data, size_t size, int *width, int *height)
{
  size_t at = 2;

  *width = *height = 0;
  if (data == NULL || size < 4 || data[0] != 0xff || data[1] != MARKER_SOI)
    return DW_ERROR_INVALID;
  while (size - at >= 4)
    {
      const int marker = data[at + 1];
      size_t length;

      if (data[at] != 0xff)
        return DW_ERROR_INVALID;
      if (marker == 0xff) /* a fill byte */
        {
          at++;
          continue;
        }
      at += 2;
      if (is_frame_header (marker))
        return read_frame_header (data + at, size - at, marker, width, height);
      length = (size_t)read_16 (data + at);
      if (marker == MARKER_TEM
          || (marker >= MARKER_RST0 && marker <= MARKER_SOS) || length < 2
          || length > size - at)
        return DW_ERROR_INVALID;
      at += length;
    }
  return DW_ERROR_INVALID;
}
