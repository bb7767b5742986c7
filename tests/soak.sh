#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What takes too long for every run: fuzzing, the storm of revocations and the
# policy's properties at length. Prints one line a part and ends with
# "N passed, N failed, 0 skipped"; docs/soak.md holds the last results.
#   tests/soak.sh                all of it: about 50 minutes
#   tests/soak.sh MINUTES        so long for each fuzz target (default 10)
#   tests/soak.sh MINUTES PART   only fuzz, storm or policy
# STORM (changes, default 20000) and WORLDS (a property, default 1000000)
# change the other two. What a fuzzer finds is kept in build-fuzz/found/.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
minutes=${1:-10}
only=${2:-all}
storm=${STORM:-20000}
worlds=${WORLDS:-1000000}
n_passed=0 n_failed=0
. "$root/examples/lib/packages.sh"

case $minutes in
  '' | *[!0-9]*) echo "usage: tests/soak.sh [MINUTES [fuzz|storm|policy]]"
    exit 2 ;;
esac

# part NAME LOG COMMAND...: the last word on it, the time it took.
part ()
{
  local name=$1 log=$2 start=$SECONDS
  shift 2
  if "$@" >"$log" 2>&1; then
    n_passed=$((n_passed + 1))
    echo "passed: $name, $((SECONDS - start)) s"
  else
    n_failed=$((n_failed + 1))
    echo "FAILED: $name, $((SECONDS - start)) s, see $log"
    tail -n 20 "$log"
  fi
}

fuzz ()
{
  local build=$root/build-fuzz name found
  install_packages "$root" build check || return 1
  if [ ! -f "$build/build.ninja" ]; then
    CC=clang meson setup "$build" "$root" -Dfuzz=true -Db_lundef=false \
      >/dev/null || return 1
  fi
  for name in jpeg soap yaml; do
    ninja -C "$build" "tests/fuzz/fuzz-$name" >"$build/found.log" || {
      cat "$build/found.log"
      return 1
    }
    found=$build/found/$name
    mkdir -p "$found"
    part "fuzz $name, $minutes min" "$build/found/$name.log" \
      "$build/tests/fuzz/fuzz-$name" -max_total_time=$((minutes * 60)) \
      -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="$build/found/$name-" \
      "$found" "$root/tests/fuzz/corpus/$name"
    sed -nE 's/^#([0-9]+)\s+DONE\s+(cov: [0-9]+).*(exec\/s: [0-9]+).*/  \1 inputs, \2, \3/p' \
      "$build/found/$name.log"
  done
}

# tested NAME LOG TEST VARIABLE...: a test of meson, for as long as it takes.
tested ()
{
  local name=$1 log=$2 test=$3
  shift 3
  part "$name" "$log" env "$@" CK_TIMEOUT_MULTIPLIER=1000 \
    meson test -C "$root/build" --no-rebuild --timeout-multiplier 0 --verbose \
    "$test"
}

storm ()
{
  tested "storm of $storm changes" "$root/build/soak-storm.log" storm \
    DOORWARD_STORM="$storm"
  grep -oE '[a-z].* passed, .* after a revocation' "$root/build/soak-storm.log" \
    | sed 's/^/  /'
}

policy ()
{
  tested "policy, $worlds worlds a property" "$root/build/soak-policy.log" \
    policy-properties DW_TEST_ROUNDS="$worlds"
  grep -oE '[a-z].*: [0-9]+ worlds, .*' "$root/build/soak-policy.log" \
    | sed 's/^/  /'
}

echo "CPU $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)," \
  "commit $(git -C "$root" describe --always --dirty)"
status=0
[ "$only" != all ] && [ "$only" != fuzz ] || fuzz || status=1
if [ "$only" != fuzz ]; then
  install_packages "$root" build run test || exit 1
  build_tree "$root" "$root/build" || exit 1
fi
[ "$only" != all ] && [ "$only" != storm ] || storm
[ "$only" != all ] && [ "$only" != policy ] || policy
echo "$n_passed passed, $n_failed failed, 0 skipped"
[ "$status" -eq 0 ] && [ "$n_failed" -eq 0 ] && [ "$n_passed" -gt 0 ]
