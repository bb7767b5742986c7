#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Publish a doorbell to a media server (MediaMTX, for one) that anna may read.
gst-launch-1.0 -e doorbellsrc location=onvif:// name=bell \
  bell.video ! decodebin ! videoconvert ! doorbellmotion \
  ! consentfilter camera=front recipient=anna recipient-class=neighbour \
  ! sharesink location=rtsp://127.0.0.1:8554/front
