#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Watch a doorbell. onvif:// is the first one found; onvif://HOST a certain one.
gst-launch-1.0 playbin uri=onvif://
