/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pixel loops for NEON: pairwise widening adds take the place of psadbw. */
#include "motion-kernels.h"

#include "cpu.h"

#include <arm_neon.h>

/* Adds neighbouring pairs of bytes to eight 16-bit counters: at most
 * 8 rows * 2 bytes * 255 * 2 kinds of step, which fits. */
typedef struct
{
  uint16x8_t total, steps;
} Counters;

static inline Counters
count (const DwBand *band, int x)
{
  const uint8_t *p = band->data + x;
  Counters c = { vdupq_n_u16 (0), vdupq_n_u16 (0) };
  uint8x16_t row = vld1q_u8 (p);

  for (int y = 0; y < band->n_rows; y++)
    {
      bool has_next = y + 1 < band->n_rows || band->has_below;
      uint8x16_t next = has_next ? vld1q_u8 (p + band->stride) : row;

      c.total = vpadalq_u8 (c.total, row);
      c.steps = vpadalq_u8 (c.steps, vabdq_u8 (row, vld1q_u8 (p + 1)));
      c.steps = vpadalq_u8 (c.steps, vabdq_u8 (row, next));
      row = next;
      p += band->stride;
    }
  return c;
}

static inline void
store_two (uint16_t *out, uint16x8_t pairs)
{
  uint64x2_t cells = vpaddlq_u32 (vpaddlq_u16 (pairs));

  out[0] = (uint16_t)vgetq_lane_u64 (cells, 0);
  out[1] = (uint16_t)vgetq_lane_u64 (cells, 1);
}

static void
pool8 (const DwBand *band, uint16_t *sum, uint16_t *gradient)
{
  int i = 0;

  for (; (i + 2) * 8 < band->width; i += 2)
    {
      Counters c = count (band, i * 8);

      store_two (sum + i, c.total);
      store_two (gradient + i, c.steps);
    }
  dw_motion_pool_from (band, 8, i, sum, gradient);
}

static void
pool4 (const DwBand *band, uint16_t *sum, uint16_t *gradient)
{
  int i = 0;

  for (; (i + 4) * 4 < band->width; i += 4)
    {
      Counters c = count (band, i * 4);

      vst1_u16 (sum + i, vmovn_u32 (vpaddlq_u16 (c.total)));
      vst1_u16 (gradient + i, vmovn_u32 (vpaddlq_u16 (c.steps)));
    }
  dw_motion_pool_from (band, 4, i, sum, gradient);
}

const DwMotionKernels dw_motion_kernels_neon
    = { "neon", DW_CPU_NEON, pool8, pool4 };
