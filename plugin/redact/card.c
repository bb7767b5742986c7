/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The card: a closed door and a padlock on a calm, dark ground. Drawn plane by
 * plane in integers from rounded rectangles, edges smoothed by four lines of
 * sixteenths of a pixel, so that the same size always gives the same bytes. */
#include "redact.h"

#include <string.h>

/* Subdivisions of a pixel across, and lines looked at down. */
#define SUB 16
#define LINES 4
#define FULL (SUB * LINES)

/* Shapes are placed on a square of this many units in the middle. */
#define UNITS 1000

typedef enum
{
  GROUND,
  GLOW,
  FRAME,
  LEAF,
  PANEL,
  METAL,
  STEEL,
} Colour;

/* Y U V */
static const uint8_t palette[][3] = {
  [GROUND] = { 34, 134, 124 }, [GLOW] = { 44, 135, 123 },
  [FRAME] = { 96, 126, 130 },  [LEAF] = { 70, 132, 124 },
  [PANEL] = { 57, 133, 123 },  [METAL] = { 168, 96, 146 },
  [STEEL] = { 186, 128, 126 },
};

/* A rounded rectangle; the radius may be half its side, which makes a disc.
 * Later shapes lie upon earlier ones. */
typedef struct
{
  int16_t x0, y0, x1, y1, radius;
  Colour colour;
} Shape;

static const Shape shapes[] = {
  { 60, 60, 940, 940, 440, GLOW },
  { 310, 130, 690, 866, 22, FRAME }, /* the door */
  { 334, 154, 666, 850, 8, LEAF },
  { 372, 196, 482, 420, 8, PANEL },
  { 518, 196, 628, 420, 8, PANEL },
  { 372, 540, 482, 790, 8, PANEL },
  { 518, 540, 628, 790, 8, PANEL },
  { 366, 464, 402, 500, 18, METAL },
  { 262, 836, 738, 868, 10, FRAME },   /* the step */
  { 520, 600, 820, 900, 150, GROUND }, /* the padlock */
  { 606, 648, 734, 800, 64, STEEL },
  { 630, 672, 710, 800, 40, GROUND },
  { 586, 730, 754, 848, 18, METAL },
  { 655, 760, 685, 790, 15, GROUND },
  { 663, 780, 677, 818, 4, GROUND },
};

#define N_SHAPES (sizeof shapes / sizeof shapes[0])

/* One component of one plane: every step bytes from offset, a sample covers
 * scale_x * scale_y pixels. */
typedef struct
{
  const DwFrame *frame;
  int plane, offset, step, component;
  int scale_x, scale_y;
  int columns, rows; /* samples */
} Channel;

static int64_t
square_root (int64_t value)
{
  int64_t root = 0;

  for (int64_t bit = INT64_C (1) << 30; bit > 0; bit >>= 1)
    if ((root + bit) * (root + bit) <= value)
      root += bit;
  return root;
}

/* Units to sixteenths of a pixel along an axis whose size is `extent`. */
static int64_t
place (int units, int side, int extent)
{
  return (int64_t)units * side * SUB / UNITS
         + (int64_t)(extent - side) * SUB / 2;
}

/* Where the line y (sixteenths) cuts the shape; false when it does not. */
static bool
cut_shape (const Shape *shape, const DwFrame *frame, int64_t y, int64_t *from,
           int64_t *to)
{
  const int side = frame->width < frame->height ? frame->width : frame->height;
  const int64_t y0 = place (shape->y0, side, frame->height);
  const int64_t y1 = place (shape->y1, side, frame->height);
  const int64_t radius = (int64_t)shape->radius * side * SUB / UNITS;
  int64_t away = 0, inset = 0;

  if (y < y0 || y >= y1)
    return false;
  if (y < y0 + radius)
    away = y0 + radius - y;
  else if (y > y1 - radius)
    away = y - (y1 - radius);
  if (away > 0)
    inset = radius - square_root (radius * radius - away * away);
  *from = place (shape->x0, side, frame->width) + inset;
  *to = place (shape->x1, side, frame->width) - inset;
  return *from < *to;
}

/* How much of the sample the span from..to covers, of SUB parts. */
static int
cover_sample (int64_t from, int64_t to, int64_t x, int scale)
{
  const int64_t unit = (int64_t)SUB * scale;
  const int64_t left = from > x * unit ? from : x * unit;
  const int64_t right = to < (x + 1) * unit ? to : (x + 1) * unit;

  return left < right ? (int)((right - left) / scale) : 0;
}

/* The lines of one row of samples, cut by one shape; a line that the shape
 * does not reach is empty. */
typedef struct
{
  int64_t from[LINES], to[LINES];
  int64_t first, last;             /* samples touched at all */
  int64_t inner_first, inner_last; /* samples covered whole */
} Cut;

static Cut
cut_row (const Channel *channel, const Shape *shape, int row)
{
  const int64_t unit = (int64_t)SUB * channel->scale_x;
  int64_t lowest = INT64_MAX, highest = 0, left = 0, right = INT64_MAX;
  Cut cut;

  for (int i = 0; i < LINES; i++)
    {
      int64_t y = ((int64_t)row * LINES + i) * SUB * channel->scale_y / LINES
                  + SUB * channel->scale_y / (2 * LINES);

      if (!cut_shape (shape, channel->frame, y, &cut.from[i], &cut.to[i]))
        {
          cut.from[i] = cut.to[i] = right = 0;
          continue;
        }
      lowest = cut.from[i] < lowest ? cut.from[i] : lowest;
      highest = cut.to[i] > highest ? cut.to[i] : highest;
      left = cut.from[i] > left ? cut.from[i] : left;
      right = cut.to[i] < right ? cut.to[i] : right;
    }
  cut.first = highest > 0 ? lowest / unit : 0;
  cut.last = highest > 0 ? (highest - 1) / unit : -1;
  cut.inner_first = (left + unit - 1) / unit;
  cut.inner_last = right / unit - 1;
  return cut;
}

/* Lays one shape on a row of samples: its inside at once, its edges sample by
 * sample. */
static void
draw_shape (const Channel *channel, const Shape *shape, int row, uint8_t *line)
{
  const Cut cut = cut_row (channel, shape, row);
  const int colour = palette[shape->colour][channel->component];

  for (int64_t x = cut.first; x <= cut.last; x++)
    {
      int cover = 0;

      if (x == cut.inner_first && x <= cut.inner_last)
        {
          memset (line + x, colour, (size_t)(cut.inner_last - x + 1));
          x = cut.inner_last;
          continue;
        }
      for (int i = 0; i < LINES; i++)
        cover += cover_sample (cut.from[i], cut.to[i], x, channel->scale_x);
      line[x] = (uint8_t)((line[x] * (FULL - cover) + colour * cover + FULL / 2)
                          / FULL);
    }
}

static void
draw_channel (const Channel *channel)
{
  const DwFrame *frame = channel->frame;
  const size_t stride = (size_t)frame->stride[channel->plane];
  uint8_t line[DW_MAX_DIMENSION];

  for (int y = 0; y < channel->rows; y++)
    {
      uint8_t *row
          = frame->data[channel->plane] + (size_t)y * stride + channel->offset;

      memset (line, palette[GROUND][channel->component],
              (size_t)channel->columns);
      for (size_t i = 0; i < N_SHAPES; i++)
        draw_shape (channel, &shapes[i], y, line);
      for (int x = 0; x < channel->columns; x++)
        row[x * channel->step] = line[x];
    }
}

/* Where component 0..2 (Y U V) lies in the frame; false where it has none. */
static bool
channel_of (const DwFrame *frame, int component, Channel *out)
{
  const bool is_luma = component == 0;
  const int half = (frame->width + 1) / 2;

  *out = (Channel){ .frame = frame,
                    .step = 1,
                    .component = component,
                    .scale_x = is_luma ? 1 : 2,
                    .scale_y = is_luma ? 1 : 2,
                    .columns = is_luma ? frame->width : half,
                    .rows = is_luma ? frame->height : (frame->height + 1) / 2 };
  switch (frame->format)
    {
    case DW_FORMAT_I420:
      out->plane = component;
      return true;
    case DW_FORMAT_YV12:
      out->plane = is_luma ? 0 : 3 - component;
      return true;
    case DW_FORMAT_NV12:
    case DW_FORMAT_NV21:
      out->plane = is_luma ? 0 : 1;
      out->step = is_luma ? 1 : 2;
      if (!is_luma)
        out->offset = (component == 2) == (frame->format == DW_FORMAT_NV12);
      return true;
    case DW_FORMAT_YUY2:
    case DW_FORMAT_UYVY:
      out->step = is_luma ? 2 : 4;
      out->scale_y = 1;
      out->rows = frame->height;
      out->offset = is_luma ? 0 : 2 * component - 1;
      if (frame->format == DW_FORMAT_UYVY)
        out->offset = is_luma ? 1 : 2 * component - 2;
      return true;
    case DW_FORMAT_GRAY8:
      return is_luma;
    case DW_FORMAT_NONE:
      break;
    }
  return false;
}

DwStatus
dw_card_draw (DwFrame *frame)
{
  DwStatus status = dw_redact_frame_fill (frame);
  Channel channel;

  if (status != DW_OK)
    return status;
  for (int component = 0; component < 3; component++)
    if (channel_of (frame, component, &channel))
      draw_channel (&channel);
  return DW_OK;
}
