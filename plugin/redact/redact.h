/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes pixels out of a raw frame so that nothing can bring them back.
 *
 * Fill is one constant colour (Y 16, U 128, V 128) on every plane, padding
 * included: two frames that differ only under the mask become byte-identical.
 * Chroma shared between a filled cell and a kept one is filled. */
#pragma once

#include "mask.h"
#include "picture.h"
#include "status.h"

#define DW_FILL_Y 16
#define DW_FILL_UV 128

/* Applies `mask` in place. Whatever is wrong with the arguments (a mask of
 * another size, a frame that is not valid) gives an error, and then the
 * caller must not show the frame. `cpu_flags` as for dw_motion_new ().
 * Padding is filled in all rows whatever the mask. Allocates nothing. */
DwStatus dw_redact_frame (DwFrame *frame, const DwMask *mask,
                          unsigned cpu_flags);

/* Fills the whole frame, padding included. */
DwStatus dw_redact_frame_fill (DwFrame *frame);

/* Draws the card that stands where nothing may be shown: a drawing that
 * depends on format and size only, any size from 1x1. Padding is filled. */
DwStatus dw_card_draw (DwFrame *frame);
