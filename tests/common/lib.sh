# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests that run programs: a private network, private folders,
# conditions instead of sleeps, and an end to everything that was started.

sim=$DOORWARD_BUILD/examples/doorbell-sim/doorbell-sim
doorward=$DOORWARD_BUILD/service/doorward
rtsp_server=$DOORWARD_BUILD/tests/nvr/rtsp-server
started=()

# Runs the calling script anew in a network namespace that has nothing but a
# loopback, where ports are free and multicast goes nowhere. Call it first.
enter_namespace ()
{
  local how
  if [ "${DOORWARD_IN_NAMESPACE:-}" != 1 ]; then
    # Root needs no user namespace, and in a chroot gets none.
    for how in --net "--map-root-user --net"; do
      # shellcheck disable=SC2086
      if unshare $how true 2>/dev/null; then
        DOORWARD_IN_NAMESPACE=1 exec unshare $how bash "$@"
      fi
    done
    echo "SKIP: this machine allows no network namespaces"
    exit 77
  fi
  ip link set lo up
  ip link set lo multicast on
  ip route add 239.0.0.0/8 dev lo 2>/dev/null || true
  work=$(mktemp -d)
  export XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config HOME=$work
  trap finish EXIT
}

finish ()
{
  local status=$? pid
  for pid in "${started[@]}"; do
    kill -- "-$pid" 2>/dev/null || true
  done
  for pid in "${started[@]}"; do
    wait "$pid" 2>/dev/null || true
  done
  if [ "$status" -ne 0 ] && [ "$status" -ne 77 ]; then
    tail -n 25 "$work"/*.log 2>/dev/null || true
  fi
  rm -rf "$work"
  exit "$status"
}

fail ()
{
  echo "FAIL: $*"
  exit 1
}

# start NAME COMMAND...: in the background as a process group of its own, so
# that Ctrl-C reaches it; output in $work/NAME.log.
start ()
{
  # Bash functions see their caller's variables: no common name here.
  local start_log=$work/$1.log
  shift
  set -m
  "$@" >"$start_log" 2>&1 &
  set +m
  started+=("$!")
}

# interrupt: Ctrl-C to what was started last, and waits for its end.
interrupt ()
{
  kill -INT -- "-${started[-1]}"
  wait "${started[-1]}" || true
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for ()
{
  local end=$((SECONDS + $1 * ${DOORWARD_SLOW:-1}))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    read -r -t 0.05 <> <(:) || true
  done
}

# wait_for_line SECONDS NAME PATTERN: until the log of NAME has such a line.
wait_for_line ()
{
  wait_for "$1" grep -q -- "$3" "$work/$2.log" \
    || fail "no line '$3' in the log of $2"
}
