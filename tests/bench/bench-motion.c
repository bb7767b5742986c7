/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the motion core costs: its pixel loops by instruction set beside the C
 * reference and memcpy on the same frames, the whole core, and JPEG. Frames lie
 * in a ring larger than the caches, as a decoder's pool does. Medians. */
#include "bench.h"

#include "cpu.h"
#include "motion.h"
#include "motion-kernels.h"

#include <jpeglib.h>

#define RING 24 /* frames of 1080p: 50 MB */
#define ROUNDS 201
#define SECOND_NS INT64_C (1000000000)

typedef struct
{
  int width, height, cell;
  uint8_t *ring[RING];
  uint8_t *copy;
  uint16_t *sums;
} Frames;

static void
frames_init (Frames *frames, int width, int height)
{
  size_t size = (size_t)width * (size_t)height;
  uint32_t state = 1;

  *frames = (Frames){ .width = width, .height = height };
  frames->cell = height >= 720 ? 8 : 4;
  frames->copy = malloc (size);
  frames->sums = malloc (size);
  if (frames->copy == NULL || frames->sums == NULL)
    abort ();
  for (int f = 0; f < RING; f++)
    {
      frames->ring[f] = malloc (size);
      if (frames->ring[f] == NULL)
        abort ();
      for (size_t i = 0; i < size; i++)
        {
          state = state * 1664525 + 1013904223;
          frames->ring[f][i]
              = (uint8_t)(60 + i % (size_t)width / 16 + (state >> 29));
        }
    }
}

static void
frames_finish (Frames *frames)
{
  for (int f = 0; f < RING; f++)
    free (frames->ring[f]);
  free (frames->copy);
  free (frames->sums);
}

static void
pool (const Frames *frames, const DwMotionKernels *kernels,
      const uint8_t *picture)
{
  int columns = (frames->width + frames->cell - 1) / frames->cell;

  for (int y = 0; y < frames->height; y += frames->cell)
    {
      int left = frames->height - y;
      bool has_below = left > frames->cell;
      DwBand band
          = { picture + (ptrdiff_t)y * frames->width, frames->width,
              frames->width, has_below ? frames->cell : left, has_below };

      (frames->cell == 8 ? kernels->pool8 : kernels->pool4) (
          &band, frames->sums, frames->sums + columns);
    }
}

/* One case: `kernels` NULL is memcpy, `motion` the whole core. */
typedef struct
{
  const Frames *frames;
  const DwMotionKernels *kernels;
  DwMotion *motion;
  int n;
} Task;

static void
perform (void *user_data)
{
  Task *task = user_data;
  const Frames *frames = task->frames;
  uint8_t *picture = frames->ring[task->n++ % RING];
  DwPlane luma = { picture, frames->width, frames->width, frames->height };
  DwMotionReport report;

  if (task->motion)
    {
      if (dw_motion_push (task->motion, &luma, task->n * SECOND_NS / 10,
                          &report)
          != DW_OK)
        abort ();
    }
  else if (task->kernels == NULL)
    {
      memcpy (frames->copy, picture,
              (size_t)frames->width * (size_t)frames->height);
    }
  else
    {
      pool (frames, task->kernels, picture);
    }
}

static DwMotion *
new_motion (const Frames *frames, unsigned flags)
{
  DwMotionConfig config = { 0 };
  DwMotion *motion;

  if (dw_motion_new (&config, flags, &motion) != DW_OK
      || dw_motion_set_size (motion, frames->width, frames->height) != DW_OK)
    abort ();
  return motion;
}

static unsigned long
encode (const Frames *frames, uint8_t **out)
{
  struct jpeg_compress_struct c;
  struct jpeg_error_mgr errors;
  unsigned long size = 0;
  uint8_t *row = malloc ((size_t)frames->width * 3);

  if (row == NULL)
    abort ();
  *out = NULL;
  c.err = jpeg_std_error (&errors);
  jpeg_create_compress (&c);
  jpeg_mem_dest (&c, out, &size);
  c.image_width = (JDIMENSION)frames->width;
  c.image_height = (JDIMENSION)frames->height;
  c.input_components = 3;
  c.in_color_space = JCS_YCbCr;
  jpeg_set_defaults (&c);
  jpeg_set_quality (&c, 80, TRUE);
  jpeg_start_compress (&c, TRUE);
  for (int y = 0; y < frames->height; y++)
    {
      for (int x = 0; x < frames->width * 3; x++)
        row[x] = x % 3 ? 128 : frames->ring[0][y * frames->width + x / 3];
      jpeg_write_scanlines (&c, &row, 1);
    }
  jpeg_finish_compress (&c);
  jpeg_destroy_compress (&c);
  free (row);
  return size;
}

typedef struct
{
  const Frames *frames;
  DwMotion *motion; /* NULL: decode */
  uint8_t *data;
  unsigned long size;
  int n;
} JpegTask;

static void
decode (const JpegTask *task)
{
  struct jpeg_decompress_struct d;
  struct jpeg_error_mgr errors;
  uint8_t *row = task->frames->copy;

  d.err = jpeg_std_error (&errors);
  jpeg_create_decompress (&d);
  jpeg_mem_src (&d, task->data, task->size);
  jpeg_read_header (&d, TRUE);
  d.out_color_space = JCS_YCbCr;
  jpeg_start_decompress (&d);
  while (d.output_scanline < d.output_height)
    jpeg_read_scanlines (&d, &row, 1);
  jpeg_finish_decompress (&d);
  jpeg_destroy_decompress (&d);
}

static void
perform_jpeg (void *user_data)
{
  JpegTask *task = user_data;
  DwMotionReport report;

  if (task->motion == NULL)
    decode (task);
  else if (dw_motion_push_jpeg (task->motion, task->data, task->size,
                                task->n++ * SECOND_NS / 10, &report)
           != DW_OK)
    abort ();
}

static void
run_jpeg (const Frames *frames)
{
  JpegTask ours = { .frames = frames }, full = { .frames = frames };
  static BenchCase cases[2];

  ours.motion = new_motion (frames, dw_cpu_detect ());
  ours.size = full.size = encode (frames, &ours.data);
  full.data = ours.data;
  cases[0]
      = (BenchCase){ .name = "core", .func = perform_jpeg, .user_data = &ours };
  cases[1] = (BenchCase){ .name = "full decode",
                          .func = perform_jpeg,
                          .user_data = &full };
  bench_run (cases, 2, 101);
  printf ("  JPEG q80 4:2:0, %lu kB: core %.2f ms, full decode %.2f ms\n",
          ours.size / 1000, cases[0].median_ns / 1e6, cases[1].median_ns / 1e6);
  dw_motion_free (ours.motion);
  free (ours.data);
}

static void
add (BenchCase *cases, size_t *n, const char *name, Task *task)
{
  cases[*n] = (BenchCase){ .name = name, .func = perform, .user_data = task };
  (*n)++;
}

static void
run (int width, int height)
{
  static BenchCase cases[16];
  Task tasks[16] = { { NULL } };
  size_t n_kernels, n = 0, k;
  const DwMotionKernels *const *all = dw_motion_kernels_all (&n_kernels);
  double pixels = (double)width * height;
  unsigned flags = dw_cpu_detect ();
  Frames frames;

  frames_init (&frames, width, height);
  tasks[0].frames = &frames;
  add (cases, &n, "memcpy", &tasks[0]);
  for (k = 0; k < n_kernels; k++)
    {
      if ((all[k]->needs & ~flags) != 0)
        continue;
      for (int kind = 0; kind < 2; kind++)
        {
          Task *task = &tasks[n];

          *task = (Task){ .frames = &frames, .kernels = all[k] };
          if (kind == 1)
            task->motion = new_motion (&frames, all[k]->needs);
          add (cases, &n, all[k]->name, task);
        }
    }
  bench_run (cases, n, ROUNDS);
  printf ("%dx%d: memcpy %.4f ns a pixel\n", width, height,
          cases[0].median_ns / pixels);
  for (k = 1; k < n; k += 2)
    {
      printf ("  %-5s pool %.4f ns a pixel, whole core %.3f ms\n",
              cases[k].name, cases[k].median_ns / pixels,
              cases[k + 1].median_ns / 1e6);
      dw_motion_free (tasks[k + 1].motion);
    }
  run_jpeg (&frames);
  frames_finish (&frames);
}

int
main (void)
{
  bench_print_head ("motion core");
  run (640, 360);
  run (1280, 720);
  run (1920, 1080);
  return 0;
}
