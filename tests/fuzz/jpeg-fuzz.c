/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JPEG from anyone: redaction and motion. A picture that is given out is one
 * that can be redacted again, to the same bytes. */
#include "fuzz.h"

#include "jpegredact.h"
#include "motion.h"

#include <string.h>

/* Larger ones only cost time. */
#define MAX_PIXELS (1 << 18)

/* A mask that depends on the picture's bytes, now filled, now blurred. */
static void
make_mask (DwMasker *masker, const uint8_t *data, size_t size, DwMask *mask)
{
  const unsigned salt = data[size / 2];

  dw_masker_begin (masker, 0);
  if (salt % 4 != 0)
    dw_masker_hide_rect (masker, (DwRect){ (int)salt / 4, (int)salt / 8,
                                           1 + (int)salt / 2, 40 });
  if (salt % 3 == 0)
    dw_masker_hide_rect (masker, (DwRect){ 70, 3, 9, (int)salt });
  if (salt % 5 == 0)
    {
      const DwPolygon polygon = { 3, { { 0, 0 }, { 1, 0.5f }, { 0, 1 } } };

      dw_masker_hide_polygon (masker, &polygon);
    }
  dw_masker_end (masker, salt % 2 != 0, mask);
}

static void
redact_twice (const uint8_t *data, size_t size, const DwMask *mask)
{
  DwJpegRedactor *first, *second;
  const uint8_t *out, *again;
  size_t out_size, again_size;
  int width, height;

  FUZZ_ASSERT (dw_jpeg_redactor_new (&first) == DW_OK);
  FUZZ_ASSERT (dw_jpeg_redactor_new (&second) == DW_OK);
  if (dw_jpeg_redact (first, data, size, mask, &out, &out_size) == DW_OK)
    {
      FUZZ_ASSERT (dw_jpeg_size (out, out_size, &width, &height) == DW_OK);
      FUZZ_ASSERT (width == mask->width && height == mask->height);
      FUZZ_ASSERT (
          dw_jpeg_redact (second, out, out_size, mask, &again, &again_size)
          == DW_OK);
      FUZZ_ASSERT (out_size == again_size
                   && memcmp (out, again, out_size) == 0);
    }
  else
    FUZZ_ASSERT (out == NULL && out_size == 0);
  dw_jpeg_redactor_free (first);
  dw_jpeg_redactor_free (second);
}

static void
watch_motion (const uint8_t *data, size_t size, int width, int height)
{
  const DwMotionConfig config = { 0 };
  DwMotionReport report;
  DwMotion *motion;

  FUZZ_ASSERT (dw_motion_new (&config, 0, &motion) == DW_OK);
  if (dw_motion_set_size (motion, width, height) == DW_OK)
    for (int i = 0; i < 2; i++)
      if (dw_motion_push_jpeg (motion, data, size, i * 40000000, &report)
          != DW_OK)
        FUZZ_ASSERT (!report.is_learned && report.foreground == NULL);
  dw_motion_free (motion);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int width = 64, height = 48;
  DwMasker *masker;
  DwMask mask;

  if (size == 0
      || (dw_jpeg_size (data, size, &width, &height) == DW_OK
          && (int64_t)width * height > MAX_PIXELS))
    return 0;
  /* What is refused by size goes on under another one. */
  if (width == 0)
    width = height = 48;
  FUZZ_ASSERT (dw_masker_new (0, 1, &masker) == DW_OK);
  FUZZ_ASSERT (dw_masker_set_size (masker, width, height) == DW_OK);
  make_mask (masker, data, size, &mask);
  redact_twice (data, size, &mask);
  watch_motion (data, size, width, height);
  dw_masker_free (masker);
  return 0;
}
