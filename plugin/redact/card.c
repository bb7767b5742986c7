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

/* A rounded rectangle; the radius may be half its side, which makes a disc.
 * Later shapes lie upon earlier ones. */
typedef struct
{
  int16_t x0, y0, x1, y1, radius;
  uint8_t colour[3]; /* Y U V */
} Shape;

#define GROUND                                                                 \
  {                                                                            \
    34, 134, 124                                                               \
  }
#define GLOW                                                                   \
  {                                                                            \
    44, 135, 123                                                               \
  }
#define FRAME                                                                  \
  {                                                                            \
    96, 126, 130                                                               \
  }
#define LEAF                                                                   \
  {                                                                            \
    70, 132, 124                                                               \
  }
#define PANEL                                                                  \
  {                                                                            \
    57, 133, 123                                                               \
  }
#define METAL                                                                  \
  {                                                                            \
    168, 96, 146                                                               \
  }
#define STEEL                                                                  \
  {                                                                            \
    186, 128, 126                                                              \
  }

static const uint8_t ground[3] = GROUND;

static const Shape shapes[] = {
  { 60, 60, 940, 940, 440, GLOW },
  { 310, 130, 690, 840, 22, FRAME }, /* the door */
  { 334, 154, 666, 840, 8, LEAF },
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

/* Adds how much of each sample the span from..to covers, in units of one of
 * SUB parts. */
static void
cover_span (uint16_t *cover, int64_t from, int64_t to, int scale)
{
  const int64_t unit = (int64_t)SUB * scale;
  int64_t first = from / unit, last = (to - 1) / unit;

  for (int64_t x = first; x <= last; x++)
    {
      int64_t left = from > x * unit ? from : x * unit;
      int64_t right = to < (x + 1) * unit ? to : (x + 1) * unit;

      cover[x] = (uint16_t)(cover[x] + (right - left) / scale);
    }
}

/* Lays one shape on a row of samples. */
static void
draw_shape (const Channel *channel, const Shape *shape, int row, uint8_t *line)
{
  uint16_t cover[DW_MAX_DIMENSION + 1];
  int64_t first = INT64_MAX, last = -1;
  int64_t from[LINES], to[LINES];

  for (int i = 0; i < LINES; i++)
    {
      int64_t y = ((int64_t)row * LINES + i) * SUB * channel->scale_y / LINES
                  + SUB * channel->scale_y / (2 * LINES);

      if (!cut_shape (shape, channel->frame, y, &from[i], &to[i]))
        {
          from[i] = to[i] = 0;
          continue;
        }
      first = from[i] < first ? from[i] : first;
      last = to[i] > last ? to[i] : last;
    }
  if (last <= 0)
    return;
  first /= (int64_t)SUB * channel->scale_x;
  last = (last - 1) / ((int64_t)SUB * channel->scale_x);
  memset (cover + first, 0, (size_t)(last - first + 1) * sizeof cover[0]);
  for (int i = 0; i < LINES; i++)
    if (from[i] < to[i])
      cover_span (cover, from[i], to[i], channel->scale_x);
  for (int64_t x = first; x <= last; x++)
    line[x]
        = (uint8_t)((line[x] * (FULL - cover[x])
                     + shape->colour[channel->component] * cover[x] + FULL / 2)
                    / FULL);
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

      memset (line, ground[channel->component], (size_t)channel->columns);
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
