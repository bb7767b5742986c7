#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's motion reads a consent-filtered RTSP stream: no grant, a clear grant,
# revoked, granted again. It must never lose the stream, and what it takes must
# be the card whenever there is no grant.
set -euo pipefail
. "$DOORWARD_SOURCE/tests/common/lib.sh"
enter_namespace "$0" "$@"
command -v motion >/dev/null || { echo "SKIP: motion is not installed"; exit 77; }

start sim "$sim" --bind 127.0.0.1 --interfaces lo --port 0 --rtsp-port 0 \
  --size 640x480 --fps 10 --ring-at 4 --run-for 200
wait_for_line 20 sim '^ready '
device=$(sed -n 's/^ready \(onvif:[^ ]*\).*/\1/p' "$work/sim.log")

"$doorward" grant front anna --class neighbour --level clear --live --for 1h \
  --purpose made-for-the-ledger >/dev/null
# The pad by its name: which of the camera's streams comes first is chance, and
# a decoder of sound leaves the server waiting for a picture.
start server "$rtsp_server" 8554 play "( doorbellsrc name=door location=$device door.video ! decodebin ! videoconvert ! video/x-raw,format=I420 ! doorbellmotion ! consentfilter camera=front recipient=anna recipient-class=neighbour ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=20 ! h264parse config-interval=-1 ! consentgate ! rtph264pay name=pay0 pt=96 )"
wait_for_line 20 server '^ready '

mkdir "$work/motion"
cat >"$work/motion.conf" <<CONF
daemon off
setup_mode off
log_file $work/motion-own.log
log_level 6
target_dir $work/motion
camera_name front
netcam_url rtsp://127.0.0.1:8554/front
width 640
height 480
framerate 10
picture_output off
movie_output off
snapshot_interval 1
snapshot_filename snapshot-%v
on_camera_lost echo lost >> $work/lost
on_event_start echo start >> $work/events
webcontrol_port 0
stream_port 0
CONF
start motion motion -n -c "$work/motion.conf"

# same_picture A B: the pictures, as 16x12 grey cells, differ by less than a
# codec does.
same_picture ()
{
  python3 - "$1" "$2" <<'PY'
import subprocess, sys
def cells(path):
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-vf",
                          "scale=16:12:flags=area,format=gray", "-f",
                          "rawvideo", "-"], capture_output=True).stdout
    return raw if len(raw) == 192 else sys.exit(2)
a, b = cells(sys.argv[1]), cells(sys.argv[2])
sys.exit(max(abs(x - y) for x, y in zip(a, b)) > 12)
PY
}

shows_card ()
{
  same_picture "$work/motion/lastsnap.jpg" "$work/card.jpg"
}

shows_scene ()
{
  [ -s "$work/motion/lastsnap.jpg" ] && ! shows_card
}

snapshot_is_new ()
{
  [ "$work/motion/lastsnap.jpg" -nt "$work/mark" ]
}

# Without a stream motion goes on, with a grey picture that is no card and no
# scene either.
expect_signal ()
{
  [ ! -e "$work/lost" ] || fail "motion lost the stream"
}

# next_snapshot: one that began after this moment.
next_snapshot ()
{
  touch "$work/mark"
  wait_for 20 snapshot_is_new || fail "motion takes no pictures any more"
  expect_signal
}

first_snapshot ()
{
  [ -s "$work/motion/lastsnap.jpg" ]
}

wait_for 60 first_snapshot || fail "motion never saw the stream"
# motion connects, disconnects and connects again: until then the picture is
# its own.
wait_for_line 60 motion-own 'Camera (front) connected'
next_snapshot
next_snapshot
cp "$work/motion/lastsnap.jpg" "$work/card.jpg"
echo "no grant: motion sees one picture"
next_snapshot
next_snapshot
shows_card || fail "without a grant the picture changes"

# Prints the grant's ID.
grant ()
{
  "$doorward" grant front anna --class neighbour --level clear --live --for 1h \
    --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["grant"])'
}

first=$(grant)
wait_for 30 shows_scene || fail "granted, and still the card"
expect_signal
echo "granted: motion sees the scene"

"$doorward" revoke "$first" >/dev/null
# What motion had received before, it may still be decoding.
wait_for 10 shows_card || { expect_signal; fail "revoked, still the scene"; }
for _ in 1 2 3; do
  next_snapshot
  shows_card || fail "revoked, and the scene came back"
done
echo "revoked: motion sees the card"

grant >/dev/null
wait_for 30 shows_scene || fail "granted again, and still the card"
echo "granted again: motion sees the scene"
expect_signal
wait_for 60 test -s "$work/events" || fail "motion saw no motion"
expect_signal
