#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Share a motion JPEG camera without decoding a picture.
gst-launch-1.0 -e doorbellsrc location=onvif:// name=bell \
  bell.video ! doorbellmotion \
  ! consentfilter camera=front recipient=anna recipient-class=neighbour \
  ! sharesink location=mjpeg-share.mov
