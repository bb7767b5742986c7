/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes pixels out of a JPEG picture without decoding it: blocks under the
 * mask get one constant DC and no AC, in the coefficient domain of
 * libjpeg-turbo. Only baseline sequential Huffman pictures of 1 or 3
 * components; progressive, arithmetic, 12-bit and damaged ones are refused.
 * Of the markers only JFIF is kept: EXIF, comments, thumbnails, and bytes after
 * EOI do not ride along. */
#pragma once

#include "mask.h"
#include "status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct DwJpegRedactor DwJpegRedactor;

DwStatus dw_jpeg_redactor_new (DwJpegRedactor **out);
void dw_jpeg_redactor_free (DwJpegRedactor *redactor);

/* Size and components without reading the picture data. */
DwStatus dw_jpeg_size (const uint8_t *data, size_t size, int *width,
                       int *height);

/* Redacts one picture. A block (MCU where chroma is shared) that touches a
 * filled cell is filled whole. `*out_data` is borrowed from the redactor until
 * its next call. The mask's size must be the picture's. With a mask that keeps
 * everything the picture is still rewritten without its extra markers.
 * On any error nothing is given out. One thread at a time. */
DwStatus dw_jpeg_redact (DwJpegRedactor *redactor, const uint8_t *data,
                         size_t size, const DwMask *mask,
                         const uint8_t **out_data, size_t *out_size);

/* Encodes the card (see dw_card_draw) at this size, 4:2:0, once for each new
 * size; the bytes depend on the size only. Borrowed like above. */
DwStatus dw_jpeg_card (DwJpegRedactor *redactor, int width, int height,
                       const uint8_t **out_data, size_t *out_size);
