#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Share with a neighbour, into a file, whatever is private filled. Without
#   doorward grant front anna --class neighbour --level masked --live --for 1h
# the file shows a card.
gst-launch-1.0 -e doorbellsrc location=onvif:// name=bell \
  bell.video ! decodebin ! videoconvert ! doorbellmotion \
  ! consentfilter camera=front recipient=anna recipient-class=neighbour \
  ! sharesink location=masked-share.mp4
