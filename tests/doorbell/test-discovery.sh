#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a network of its own: the device monitor lists a doorbell that comes and
# goes, and doorbellsrc finds it without an address, also after its ports moved.
set -euo pipefail
. "$DOORWARD_SOURCE/tests/common/lib.sh"
enter_namespace "$0"

start monitor gst-device-monitor-1.0 -f Video/Source
wait_for_line 30 monitor "Monitoring devices"
start sim "$sim" --size 320x180 --name "Back door" --audio none --rtsp-port 8554
sim_pid=${started[-1]}
wait_for_line 30 monitor "name  : Back door"
wait_for_line 10 monitor "class : Video/Source/Network"
wait_for_line 10 monitor "doorbellsrc location=onvif://127.0.0.1:"

start door gst-launch-1.0 -m doorbellsrc location=onvif:// interfaces=lo \
  ! queue ! fakesink async=false
door_pid=${started[-1]}
wait_for_line 30 door "state=(string)connected, part=(string)stream"
wait_for_line 10 door "Back"

kill -TERM -- "-$sim_pid"
wait "$sim_pid" || true
wait_for_line 30 monitor "Device removed"
wait_for_line 30 door "state=(string)lost"

# Another ONVIF port: its old address answers no more. The simulator's endpoint
# follows from its RTSP port, so it is the same doorbell.
start sim2 "$sim" --size 320x180 --name "Back door" --audio none --rtsp-port 8554
came_back ()
{
  [ "$(grep -c "state=(string)connected, part=(string)stream" \
    "$work/door.log")" -ge 2 ]
}
wait_for 60 came_back || fail "the doorbell was not found again"
kill -INT -- "-$door_pid"
wait "$door_pid" || true
