/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BGRx to I420: ITU-R BT.601 with video range, in 16-bit fixed point. */
#include "scene.h"

static uint8_t
luma (const uint8_t *p)
{
  return (
      uint8_t)(16
               + ((6417 * p[0] + 33039 * p[1] + 16829 * p[2] + 32768) >> 16));
}

static void
luma_row (const uint8_t *in, int width, uint8_t *out)
{
  for (int x = 0; x < width; x++)
    out[x] = luma (in + 4 * x);
}

static void
chroma_row (const uint8_t *upper, const uint8_t *lower, int width, uint8_t *u,
            uint8_t *v)
{
  for (int x = 0; x < width; x += 2)
    {
      int right = x + 1 < width ? 4 * (x + 1) : 4 * x;
      int sum[3];

      for (int c = 0; c < 3; c++)
        sum[c] = upper[4 * x + c] + upper[right + c] + lower[4 * x + c]
                 + lower[right + c];
      *u++ = (uint8_t)((28785 * sum[0] - 19071 * sum[1] - 9714 * sum[2]
                        + 128 * 262144 + 131072)
                       >> 18);
      *v++ = (uint8_t)((28785 * sum[2] - 24103 * sum[1] - 4682 * sum[0]
                        + 128 * 262144 + 131072)
                       >> 18);
    }
}

void
dw_scene_to_i420 (const DwPlane *plane, const DwFrame *frame)
{
  for (int y = 0; y < plane->height; y++)
    luma_row (plane->data + (size_t)y * plane->stride, plane->width,
              frame->data[0] + (size_t)y * frame->stride[0]);
  for (int y = 0; y < plane->height; y += 2)
    {
      const uint8_t *upper = plane->data + (size_t)y * plane->stride;
      const uint8_t *lower
          = y + 1 < plane->height ? upper + plane->stride : upper;

      chroma_row (upper, lower, plane->width,
                  frame->data[1] + (size_t)(y / 2) * frame->stride[1],
                  frame->data[2] + (size_t)(y / 2) * frame->stride[2]);
    }
}
