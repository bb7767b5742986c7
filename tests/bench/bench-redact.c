/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw redaction of 1080p: fill and mosaic per format and instruction set, and
 * the summing kernels alone, against memcpy in the same run. */
#include "bench.h"

#include "cpu.h"
#include "redact-kernels.h"
#include "redact.h"

#define WIDTH 1920
#define HEIGHT 1080
#define ROUNDS 61

/* Runs of a kernel over a row, to be longer than the clock's grain. */
#define KERNEL_RUNS 200

typedef struct
{
  DwFrame frame, copy;
  const DwMask *mask;
  unsigned cpu_flags;
} Job;

static const struct
{
  DwFormat format;
  const char *name;
} formats[] = { { DW_FORMAT_I420, "I420" },
                { DW_FORMAT_NV12, "NV12" },
                { DW_FORMAT_GRAY8, "GRAY8" },
                { DW_FORMAT_YUY2, "YUY2" } };

static const struct
{
  unsigned flags;
  const char *name;
} sets[] = { { DW_CPU_C, "c" },
             { DW_CPU_SSE2, "sse2" },
             { DW_CPU_SSE2 | DW_CPU_AVX2, "avx2" } };

static DwFrame
frame_new (DwFormat format)
{
  DwFrame frame = { .format = format, .width = WIDTH, .height = HEIGHT };

  for (int i = 0; i < dw_format_planes (format); i++)
    {
      frame.stride[i] = dw_format_row_bytes (format, i, WIDTH);
      frame.size[i] = (size_t)frame.stride[i]
                      * (size_t)dw_format_rows (format, i, HEIGHT);
      frame.data[i] = g_malloc (frame.size[i]);
      for (size_t j = 0; j < frame.size[i]; j++)
        frame.data[i][j] = (uint8_t)(j * 2654435761u >> 13);
    }
  return frame;
}

static void
frame_clear (DwFrame *frame)
{
  for (int i = 0; i < dw_format_planes (frame->format); i++)
    g_free (frame->data[i]);
}

static void
run_memcpy (void *user_data)
{
  Job *job = user_data;

  for (int i = 0; i < dw_format_planes (job->frame.format); i++)
    memcpy (job->copy.data[i], job->frame.data[i], job->frame.size[i]);
}

static void
run_redact (void *user_data)
{
  Job *job = user_data;

  if (dw_redact_frame (&job->frame, job->mask, job->cpu_flags) != DW_OK)
    abort ();
}

static void
run_card (void *user_data)
{
  Job *job = user_data;

  if (dw_card_draw (&job->frame) != DW_OK)
    abort ();
}

static void
measure_format (DwFormat format, const char *name, const DwMask *fill,
                const DwMask *mosaic)
{
  const unsigned detected = dw_cpu_detect ();
  Job copy = { frame_new (format), frame_new (format), NULL, 0 };
  Job filled = copy, card = copy, blurred[G_N_ELEMENTS (sets)];
  static BenchCase cases[3 + G_N_ELEMENTS (sets)];
  size_t n = 0;

  filled.mask = fill;
  cases[n++] = (BenchCase){ "memcpy", run_memcpy, &copy, { 0 }, 0 };
  cases[n++] = (BenchCase){ "fill", run_redact, &filled, { 0 }, 0 };
  cases[n++] = (BenchCase){ "card", run_card, &card, { 0 }, 0 };
  for (size_t i = 0; i < G_N_ELEMENTS (sets); i++)
    if ((detected & sets[i].flags) == sets[i].flags)
      {
        blurred[i] = copy;
        blurred[i].mask = mosaic;
        blurred[i].cpu_flags = sets[i].flags;
        cases[n++]
            = (BenchCase){ sets[i].name, run_redact, &blurred[i], { 0 }, 0 };
      }
  bench_run (cases, n, ROUNDS);
  for (size_t i = 0; i < n; i++)
    printf ("%-6s %s%-6s  %6.3f ns/pixel  %5.2f x memcpy\n", name,
            i < 3 ? "" : "mosaic ", cases[i].name,
            cases[i].median_ns / (WIDTH * HEIGHT),
            cases[i].median_ns / cases[0].median_ns);
  frame_clear (&copy.frame);
  frame_clear (&copy.copy);
}

/* A kernel over rows in the first cache: what the instruction set is worth. */
typedef struct
{
  const DwRedactKernels *kernels;
  bool is_phases;
  uint64_t total;
} KernelJob;

static uint8_t row[4 * WIDTH];

static void
run_kernel (void *user_data)
{
  KernelJob *job = user_data;
  uint64_t sums[DW_N_PHASES] = { 0 };

  for (int i = 0; i < KERNEL_RUNS; i++)
    if (job->is_phases)
      job->kernels->sum_phases (row, (int)sizeof row, sums);
    else
      sums[0] += job->kernels->sum (row, (int)sizeof row);
  job->total += sums[0];
}

static void
measure_kernels (bool is_phases)
{
  static BenchCase cases[G_N_ELEMENTS (sets)];
  KernelJob jobs[G_N_ELEMENTS (sets)];
  size_t n = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (sets); i++)
    if ((dw_cpu_detect () & sets[i].flags) == sets[i].flags)
      {
        jobs[n] = (KernelJob){ dw_redact_kernels_choose (sets[i].flags),
                               is_phases, 0 };
        cases[n] = (BenchCase){ sets[i].name, run_kernel, &jobs[n], { 0 }, 0 };
        n++;
      }
  bench_run (cases, n, ROUNDS);
  for (size_t i = 0; i < n; i++)
    printf ("%-10s %-6s  %6.3f ns/byte   %5.2f times as fast as c\n",
            is_phases ? "sum_phases" : "sum", cases[i].name,
            cases[i].median_ns / (double)(KERNEL_RUNS * sizeof row),
            cases[0].median_ns / cases[i].median_ns);
}

/* The mask of one frame: a foreground of three groups on 8-pixel cells, a
 * detector's box, a private zone and a grant's region. */
typedef struct
{
  DwMasker *masker;
  uint8_t *grid;
  int64_t time_ns;
  bool is_blurred;
} MaskJob;

static void
run_masker (void *user_data)
{
  static const DwPolygon zone = {
    5, { { 0.7f, 0 }, { 1, 0 }, { 1, 0.4f }, { 0.9f, 0.5f }, { 0.7f, 0.4f } }
  };
  static const DwPolygon region
      = { 4, { { 0, 0.1f }, { 1, 0 }, { 1, 1 }, { 0, 1 } } };
  MaskJob *job = user_data;
  DwMask mask;

  job->time_ns += 33000000;
  dw_masker_begin (job->masker, job->time_ns);
  dw_masker_hide_grid (job->masker, job->grid, WIDTH / 8, HEIGHT / 8, 8, 8);
  dw_masker_hide_rect (job->masker, (DwRect){ 300, 300, 200, 400 });
  dw_masker_hide_polygon (job->masker, &zone);
  dw_masker_hide_outside (job->masker, &region, 1);
  dw_masker_end (job->masker, job->is_blurred, &mask);
}

static void
measure_masker (void)
{
  static BenchCase cases[2];
  MaskJob jobs[2] = { { .is_blurred = false }, { .is_blurred = true } };

  for (size_t i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      jobs[i].grid = g_malloc0 (WIDTH / 8 * HEIGHT / 8);
      for (int y = 40; y < 100; y++)
        for (int x = 20; x < 200; x += x % 60 == 40 ? 40 : 1)
          jobs[i].grid[y * WIDTH / 8 + x] = 1;
      if (dw_masker_new (1000, 1.5f, &jobs[i].masker) != DW_OK
          || dw_masker_set_size (jobs[i].masker, WIDTH, HEIGHT) != DW_OK)
        abort ();
      cases[i] = (BenchCase){
        i == 0 ? "masked" : "blurred", run_masker, &jobs[i], { 0 }, 0
      };
    }
  bench_run (cases, G_N_ELEMENTS (cases), ROUNDS);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      printf ("masker %-7s %6.1f us/frame\n", cases[i].name,
              cases[i].median_ns / 1000);
      dw_masker_free (jobs[i].masker);
      g_free (jobs[i].grid);
    }
}

int
main (void)
{
  const int columns = (WIDTH + 15) / 16, rows = (HEIGHT + 15) / 16;
  const DwRect whole = { 0, 0, columns * 16, rows * 16 };
  uint8_t *filled = g_malloc0 ((gsize)(columns * rows));
  uint8_t *kept = g_malloc ((gsize)(columns * rows));
  DwMask fill = { .width = WIDTH,
                  .height = HEIGHT,
                  .columns = columns,
                  .rows = rows,
                  .cells = filled };
  DwMask mosaic = fill;

  memset (kept, DW_CELL_KEEP, (size_t)(columns * rows));
  mosaic.cells = kept;
  mosaic.n_blurred = 1;
  mosaic.blurred = &whole;
  bench_print_head ("Raw redaction of the whole picture, 1920x1080");
  for (size_t i = 0; i < G_N_ELEMENTS (formats); i++)
    measure_format (formats[i].format, formats[i].name, &fill, &mosaic);
  measure_kernels (false);
  measure_kernels (true);
  measure_masker ();
  g_free (filled);
  g_free (kept);
  return 0;
}
