#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# List the doorbells of this network; add -f to follow them come and go.
gst-device-monitor-1.0 Video/Source
