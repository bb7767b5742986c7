#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Share picture and sound; a grant without --audio gives silence.
gst-launch-1.0 -e doorbellsrc location=onvif:// name=bell \
  sharesink location=audio-muted.mp4 name=share \
  bell.video ! decodebin ! videoconvert ! doorbellmotion \
  ! consentfilter camera=front recipient=anna recipient-class=neighbour \
  ! queue ! share.video \
  bell.audio ! decodebin ! audioconvert \
  ! consentfilter camera=front recipient=anna recipient-class=neighbour \
  ! queue ! share.audio
