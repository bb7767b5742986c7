/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every instruction set's pixel loops give the bytes of the C reference, for
 * random planes of odd sizes and strides, at the very edge of their memory. */
#include "dwtest.h"

#include "cpu.h"
#include "motion-kernels.h"

#include <string.h>

#define MAX_WIDTH 300
#define GUARD 0xa5

typedef struct
{
  guint8 *memory; /* exactly what may be read: a checker sees one byte more */
  DwBand band;
  guint16 sum[MAX_WIDTH], gradient[MAX_WIDTH];
} Case;

/* Noise, or now and then the extremes that would overflow a counter. */
static void
fill (GRand *random, guint8 *data, gsize size)
{
  gint kind = g_rand_int_range (random, 0, 4);

  for (gsize i = 0; i < size; i++)
    data[i] = kind == 0   ? (guint8)(i % 2 ? 255 : 0)
              : kind == 1 ? 255
                          : (guint8)g_rand_int (random);
}

static void
case_init (Case *c, GRand *random, gint cell, gint width)
{
  gint stride = width + g_rand_int_range (random, 0, 40);
  gint n_rows = g_rand_int_range (random, 1, cell + 1);
  gboolean has_below = n_rows == cell && g_rand_boolean (random);
  gsize size = (gsize)stride * (gsize)(n_rows + has_below - 1) + (gsize)width;

  c->memory = g_malloc (size);
  fill (random, c->memory, size);
  c->band = (DwBand){ c->memory, stride, width, n_rows, has_below };
  memset (c->sum, GUARD, sizeof c->sum);
  memset (c->gradient, GUARD, sizeof c->gradient);
}

static void
check_pool (const DwMotionKernels *kernels, GRand *random, gint cell,
            gint width)
{
  guint16 sum[MAX_WIDTH], gradient[MAX_WIDTH];
  Case c;

  case_init (&c, random, cell, width);
  memset (sum, GUARD, sizeof sum);
  memset (gradient, GUARD, sizeof gradient);
  (cell == 8 ? kernels->pool8 : kernels->pool4) (&c.band, sum, gradient);
  (cell == 8 ? dw_motion_kernels_c.pool8
             : dw_motion_kernels_c.pool4) (&c.band, c.sum, c.gradient);
  fail_unless (memcmp (sum, c.sum, sizeof sum) == 0, "%s, cells of %d: sum",
               kernels->name, cell);
  fail_unless (memcmp (gradient, c.gradient, sizeof gradient) == 0,
               "%s, cells of %d: gradient", kernels->name, cell);
  g_free (c.memory);
}

GST_START_TEST (every_kernel_gives_the_bytes_of_the_reference)
{
  GRand *random = g_rand_new_with_seed (20);
  unsigned flags = dw_cpu_detect ();
  size_t n;
  const DwMotionKernels *const *all = dw_motion_kernels_all (&n);

  for (size_t k = 0; k < n; k++)
    {
      if ((all[k]->needs & ~flags) != 0)
        {
          printf ("SKIP: this machine has no %s\n", all[k]->name);
          continue;
        }
      for (gint i = 0; i < 8; i++)
        for (gint width = 1; width < MAX_WIDTH; width++)
          {
            check_pool (all[k], random, 8, width);
            check_pool (all[k], random, 4, width);
          }
    }
  g_rand_free (random);
}
GST_END_TEST

/* The reference itself, against sums done by hand. */
GST_START_TEST (reference_sums_pixels_and_steps)
{
  static const guint8 picture[3][5]
      = { { 10, 20, 30, 40, 100 }, { 10, 20, 30, 40, 0 }, { 0, 0, 0, 0, 0 } };
  DwBand band = { &picture[0][0], 5, 5, 2, true };
  guint16 sum[2], gradient[2];

  dw_motion_kernels_c.pool4 (&band, sum, gradient);
  assert_equals_int (sum[0], 200);
  assert_equals_int (gradient[0], 10 * 3 + 60 + 10 * 3 + 40 + 100);
  assert_equals_int (sum[1], 100);
  assert_equals_int (gradient[1], 100);
  band.has_below = false;
  dw_motion_kernels_c.pool4 (&band, sum, gradient);
  assert_equals_int (gradient[0], 10 * 3 + 60 + 10 * 3 + 40);
}
GST_END_TEST

GST_START_TEST (limit_to_c_chooses_the_reference)
{
  size_t n;
  const DwMotionKernels *const *all = dw_motion_kernels_all (&n);

  fail_unless (all[n - 1] == &dw_motion_kernels_c);
  fail_unless (dw_motion_kernels_choose (0) == &dw_motion_kernels_c);
  fail_unless (dw_motion_kernels_choose (dw_cpu_limit (dw_cpu_detect (), "c"))
               == &dw_motion_kernels_c);
}
GST_END_TEST

static Suite *
kernels_suite (void)
{
  Suite *suite = suite_create ("motion kernels");
  TCase *tcase = tcase_create ("kernels");

  suite_add_tcase (suite, tcase);
  tcase_set_timeout (tcase, 100);
  tcase_add_test (tcase, every_kernel_gives_the_bytes_of_the_reference);
  tcase_add_test (tcase, reference_sums_pixels_and_steps);
  tcase_add_test (tcase, limit_to_c_chooses_the_reference);
  return suite;
}

GST_CHECK_MAIN (kernels)
