/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JPEG redaction without decoding against turbojpeg's decode, fill and encode
 * in the same run: 1080p, quality 80, 4:2:0, a quarter of the picture. */
#include "bench.h"

#include "cpu.h"
#include "jpegredact.h"
#include "redact.h"

#include <turbojpeg.h>

#define WIDTH 1920
#define HEIGHT 1080
#define QUALITY 80
#define ROUNDS 41

typedef struct
{
  const unsigned char *jpeg;
  unsigned long jpeg_size;
  DwMask mask;
  DwJpegRedactor *redactor;
  tjhandle decoder, encoder;
  DwFrame frame;
  unsigned char *out;
  unsigned long out_size;
} Job;

static void
run_redact (void *user_data)
{
  Job *job = user_data;
  const uint8_t *out;
  size_t size;

  if (dw_jpeg_redact (job->redactor, job->jpeg, job->jpeg_size, &job->mask,
                      &out, &size)
      != DW_OK)
    abort ();
}

/* Planes all the way: the fastest that turbojpeg can be asked for. */
static void
run_turbojpeg (void *user_data)
{
  Job *job = user_data;

  if (tjDecompressToYUVPlanes (job->decoder, job->jpeg, job->jpeg_size,
                               job->frame.data, WIDTH, job->frame.stride,
                               HEIGHT, TJFLAG_FASTDCT)
          != 0
      || dw_redact_frame (&job->frame, &job->mask, dw_cpu_detect ()) != DW_OK
      || tjCompressFromYUVPlanes (
             job->encoder, (const unsigned char **)job->frame.data, WIDTH,
             job->frame.stride, HEIGHT, TJSAMP_420, &job->out, &job->out_size,
             QUALITY, TJFLAG_FASTDCT)
             != 0)
    abort ();
}

static void
run_decode (void *user_data)
{
  Job *job = user_data;

  if (tjDecompressToYUVPlanes (job->decoder, job->jpeg, job->jpeg_size,
                               job->frame.data, WIDTH, job->frame.stride,
                               HEIGHT, TJFLAG_FASTDCT)
      != 0)
    abort ();
}

static void
frame_init (DwFrame *frame)
{
  *frame
      = (DwFrame){ .format = DW_FORMAT_I420, .width = WIDTH, .height = HEIGHT };
  for (int i = 0; i < 3; i++)
    {
      frame->stride[i] = dw_format_row_bytes (frame->format, i, WIDTH);
      frame->size[i] = (size_t)frame->stride[i]
                       * (size_t)dw_format_rows (frame->format, i, HEIGHT);
      frame->data[i] = g_malloc (frame->size[i]);
    }
}

/* Slopes, edges and sensor noise: about as many bytes as a camera makes. */
static void
draw_scene (DwFrame *frame)
{
  uint32_t state = 1;

  for (int p = 0; p < 3; p++)
    for (int y = 0; y < dw_format_rows (frame->format, p, HEIGHT); y++)
      for (int x = 0; x < frame->stride[p]; x++)
        {
          int value = 60 + x / 16 + y / 12 + (x / 90 + y / 70) % 2 * 40;

          state = state * 1664525u + 1013904223u;
          value += p == 0 ? (int)(state >> 28) - 8 : 0;
          frame->data[p][y * frame->stride[p] + x]
              = (uint8_t)CLAMP (value, 0, 255);
        }
}

static void
measure (Job *job, const char *name)
{
  static BenchCase cases[3];

  cases[0] = (BenchCase){
    "turbojpeg decode + fill + encode", run_turbojpeg, job, { 0 }, 0
  };
  cases[1] = (BenchCase){ "turbojpeg decode alone", run_decode, job, { 0 }, 0 };
  cases[2] = (BenchCase){ "dw_jpeg_redact", run_redact, job, { 0 }, 0 };
  bench_run (cases, G_N_ELEMENTS (cases), ROUNDS);
  printf ("%s, picture of %lu bytes\n", name, job->jpeg_size);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    printf ("  %-33s %6.2f ms  %5.2f times as fast\n", cases[i].name,
            cases[i].median_ns / 1e6, cases[0].median_ns / cases[i].median_ns);
}

int
main (void)
{
  const int columns = (WIDTH + 15) / 16, rows = (HEIGHT + 15) / 16;
  uint8_t *cells = g_malloc ((gsize)(columns * rows));
  unsigned char *jpeg = NULL;
  Job job = { .mask = { .width = WIDTH,
                        .height = HEIGHT,
                        .columns = columns,
                        .rows = rows,
                        .cells = cells } };

  frame_init (&job.frame);
  draw_scene (&job.frame);
  job.decoder = tjInitDecompress ();
  job.encoder = tjInitCompress ();
  if (dw_jpeg_redactor_new (&job.redactor) != DW_OK
      || tjCompressFromYUVPlanes (job.encoder,
                                  (const unsigned char **)job.frame.data, WIDTH,
                                  job.frame.stride, HEIGHT, TJSAMP_420, &jpeg,
                                  &job.jpeg_size, QUALITY, 0)
             != 0)
    abort ();
  job.jpeg = jpeg;
  bench_print_head ("JPEG redaction, 1920x1080, quality 80, 4:2:0");
  memset (cells, DW_CELL_KEEP, (size_t)(columns * rows));
  for (int y = rows / 4; y < rows / 4 + rows / 2; y++)
    memset (cells + y * columns + columns / 4, DW_CELL_FILL,
            (size_t)(columns / 2));
  measure (&job, "a quarter masked");
  memset (cells, DW_CELL_KEEP, (size_t)(columns * rows));
  measure (&job, "nothing masked");

  dw_jpeg_redactor_free (job.redactor);
  tjDestroy (job.decoder);
  tjDestroy (job.encoder);
  tjFree (jpeg);
  tjFree (job.out);
  for (int i = 0; i < 3; i++)
    g_free (job.frame.data[i]);
  g_free (cells);
  return 0;
}
