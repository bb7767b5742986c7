#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job from end to end: every file is there, the report says what the
# files show, and an independent program agrees. Usage: test-demo.sh [VIDEO]
set -euo pipefail
. "$DOORWARD_SOURCE/tests/common/lib.sh"
video=()
if [ "${1:-}" = video ]; then
  clip=$DOORWARD_SHARED/video/visitor.mp4
  [ -f "$clip" ] || { echo "SKIP: no shared test data for video/visitor.mp4"; exit 77; }
  video=(--video "$clip")
fi
enter_namespace "$0" "$@"
out="$work/a folder"

"$doorward" demo --out "$out" --simulator "$sim" "${video[@]}" \
  || fail "the demonstration failed"

for name in private neighbour-denied neighbour-masked neighbour-clear \
  police-revoked; do
  [ -s "$out/$name.mp4" ] || fail "$name.mp4 is missing"
done
file_is_png ()
{
  [ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ]
}
file_is_png "$out/contact-sheet.png" || fail "no contact sheet"

python3 - "$out" <<'PY'
import json, subprocess, sys

out = sys.argv[1]
report = json.load(open(f"{out}/report.json"))
shares = {share["name"]: share for share in report["shares"]}
assert report["pressed"], "no press was heard"
assert report["press_latency_ms"] < 2000, report["press_latency_ms"]

def frames(name):
    return int(subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v",
         "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0",
         f"{out}/{name}.mp4"], capture_output=True, text=True,
        check=True).stdout.strip().strip(","))

for name, share in shares.items():
    assert share["failure"] == "", (name, share["failure"])
    assert share["bad_cards"] == 0, name
    assert share["frames_in_file"] == frames(name), name
    assert share["cards_bytewise"] == share["withheld"], name
    assert share["shown"] + share["masked"] + share["withheld"] \
        == share["frames_in"], share

denied, masked = shares["neighbour-denied"], shares["neighbour-masked"]
clear, revoked = shares["neighbour-clear"], shares["police-revoked"]
assert denied["withheld"] == denied["frames_in"] > 20
# A machine that is too busy to vouch for the ledger closes for a moment: that
# may cost a share frames, never show one.
assert masked["shown"] == 0 and clear["masked"] == 0
assert masked["masked"] > 0.7 * masked["frames_in"], masked
assert clear["shown"] > 0.7 * clear["frames_in"], clear
assert revoked["recalled"] == revoked["frames_in"] - revoked["frames_in_file"]
assert revoked["shown"] > 5 and revoked["withheld"] > 5
assert revoked["revocation_to_last_frame_shown_ms"] < 200, revoked

def raw(name, filters):
    return subprocess.run(
        ["ffmpeg", "-v", "error", "-i", f"{out}/{name}.mp4", "-an", "-vf",
         filters + ",format=gray", "-f", "rawvideo", "-"],
        capture_output=True, check=True).stdout

# Without a grant all frames are one picture, as another decoder sees it.
small = raw("neighbour-denied", "scale=32:18:flags=area")
first = small[:576]
for at in range(0, len(small) - 575, 576):
    worst = max(abs(a - b) for a, b in zip(first, small[at:at + 576]))
    assert worst <= 6, (at // 576, worst)
# The last frame of the revoked share is that picture too.
last = raw("police-revoked", "scale=32:18:flags=area")[-576:]
assert max(abs(a - b) for a, b in zip(first, last)) <= 6
# The clear share is the recording.
if clear["withheld"] == clear["recalled"] == 0:
    a = raw("private", "scale=32:18:flags=area")
    b = raw("neighbour-clear", "scale=32:18:flags=area")
    n = min(len(a), len(b))
    assert n > 576 * 20
    assert sum(abs(x - y) for x, y in zip(a[:n], b[:n])) / n < 4
print("press latency %.1f ms, revocation to last frame %.1f ms" % (
    report["press_latency_ms"], revoked["revocation_to_last_frame_shown_ms"]))
PY

# No sound rides along where no grant covers it.
for name in neighbour-denied neighbour-masked neighbour-clear police-revoked; do
  ffprobe -v error -show_entries stream=codec_type -of csv=p=0 \
    "$out/$name.mp4" | grep -q audio && fail "$name has a sound track"
done
exit 0
