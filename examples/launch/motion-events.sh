#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Print presses and motion as they come: the messages "doorbell" and
# "doorbell-motion".
gst-launch-1.0 -m doorbellsrc location=onvif:// name=bell \
  bell.video ! decodebin ! videoconvert ! doorbellmotion ! fakesink
