#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what the tests need, builds into build/, runs every test and ends
# with "N passed, N failed, N skipped".
#   tests/run.sh                 everything
#   tests/run.sh SUITE...        only these suites (a folder of tests/)
# BUILD=DIR builds elsewhere; MESON_OPTIONS="-D..." are for a new build folder.
# RETRY=1 gives up to three failed tests a second attempt, alone, and says so: for
# a machine whose load is not ours.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BUILD:-$root/build}
. "$root/examples/lib/packages.sh"

install_packages "$root" build run test
# shellcheck disable=SC2086
build_tree "$root" "$build" ${MESON_OPTIONS:-}
# The quickstart builds without tests.
if [ "$(meson introspect --buildoptions "$build" | python3 -c '
import json, sys
print([o["value"] for o in json.load(sys.stdin) if o["name"] == "tests"][0])
')" = False ]; then
  meson configure "$build" -Dtests=true
  ninja -C "$build" --quiet
fi

suites=()
for suite in "$@"; do
  suites+=(--suite "$suite")
done
log=$build/meson-logs/testlog.json
rm -f "$log" "$log.first"
status=0
meson test -C "$build" --no-rebuild --print-errorlogs \
  --timeout-multiplier "${TIMEOUT_MULTIPLIER:-1}" "${suites[@]}" || status=$?
logs=("$log")
if [ "$status" -ne 0 ] && [ "${RETRY:-0}" = 1 ]; then
  mapfile -t failed < <(python3 "$root/tests/summary.py" --failed "$log")
  if [ "${#failed[@]}" -ge 1 ] && [ "${#failed[@]}" -le 3 ]; then
    mv "$log" "$log.first"
    logs=("$log.first" "$log")
    status=0
    meson test -C "$build" --no-rebuild --print-errorlogs --num-processes 1 \
      --timeout-multiplier "${TIMEOUT_MULTIPLIER:-1}" "${failed[@]}" \
      || status=$?
  fi
fi
python3 "$root/tests/summary.py" "${logs[@]}" || status=1
exit "$status"
