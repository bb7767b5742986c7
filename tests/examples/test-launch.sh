#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs one launch line of examples/launch as it stands against the simulated
# doorbell, and looks at what came out. Usage: test-launch.sh NAME
set -euo pipefail
. "$DOORWARD_SOURCE/tests/common/lib.sh"
name=$1
enter_namespace "$0" "$@"
export PATH=$DOORWARD_BUILD/service:$PATH

# The README shows exactly these lines.
readme_has_it ()
{
  python3 - "$DOORWARD_SOURCE/examples/launch/$name.sh" \
    "$DOORWARD_SOURCE/README.md" <<'PY'
import re, sys
line = "".join(l for l in open(sys.argv[1]) if not l.startswith("#"))
squeeze = lambda text: re.sub(r"\s+", " ", text)
sys.exit(squeeze(line) not in squeeze(open(sys.argv[2]).read()))
PY
}
readme_has_it || fail "README.md does not show the line of $name.sh"

sim_options=()
[ "$name" != mjpeg-share ] || sim_options+=(--codec mjpeg)
start sim "$sim" --bind 127.0.0.1 --interfaces lo --port 0 --rtsp-port 0 \
  --size 320x240 --fps 10 --ring-at 4 --run-for 120 "${sim_options[@]}"
wait_for_line 20 sim '^ready '

grant ()
{
  doorward grant front anna --class neighbour --level "$1" --live --for 1h \
    "${@:2}" || fail "no grant"
}

line ()
{
  cd "$work"
  sh "$DOORWARD_SOURCE/examples/launch/$name.sh"
}

frames ()
{
  ffprobe -v error -count_frames -select_streams "$2" -show_entries \
    stream=nb_read_frames -of csv=p=0 "$1" | tr -d ',\n'
}

# grows FILE: there is a fragment in it.
has_bytes ()
{
  [ "$(stat -c %s "$1")" -gt "$2" ]
}

case $name in
  watch)
    start line line
    wait_for_line 30 line PLAYING
    interrupt
    grep -qi "error" "$work/line.log" && fail "an error" || true
    ;;
  list)
    line >"$work/line.log" 2>&1
    grep -q "onvif://127.0.0.1" "$work/line.log" || fail "no doorbell listed"
    ;;
  masked-share | mjpeg-share)
    share=$(grep -o "$name\.m.*" "$DOORWARD_SOURCE/examples/launch/$name.sh")
    grant masked
    start line line
    wait_for 40 has_bytes "$work/$share" 20000 || fail "no share"
    interrupt
    [ "$(frames "$work/$share" v)" -ge 10 ] || fail "too few frames"
    ;;
  rtsp-republish)
    grant clear
    start server "$rtsp_server" 8554 record \
      "( rtph264depay name=depay0 ! appsink name=sink sync=false emit-signals=true )"
    wait_for_line 10 server '^ready '
    start line line
    wait_for_line 40 server '^received '
    interrupt
    ;;
  audio-muted)
    grant clear
    start line line
    wait_for 40 has_bytes "$work/$name.mp4" 60000 || fail "no share"
    interrupt
    [ "$(frames "$work/$name.mp4" v)" -ge 10 ] || fail "too few frames"
    [ "$(frames "$work/$name.mp4" a)" -ge 10 ] || fail "no sound track"
    # The sound track is silence: its loudest sample is below -80 dB.
    loudest=$(ffmpeg -hide_banner -i "$work/$name.mp4" -af volumedetect -vn \
      -f null - 2>&1 | sed -n 's/.*max_volume: \(-*[0-9]*\).*/\1/p')
    [ "$loudest" -le -80 ] || fail "there is sound: $loudest dB"
    ;;
  motion-events)
    start line line
    wait_for_line 40 line 'doorbell, .*press'
    wait_for_line 40 line 'doorbell-motion, .*begin'
    interrupt
    ;;
  *)
    fail "no test for the launch line $name"
    ;;
esac
