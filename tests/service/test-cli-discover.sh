#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `doorward discover` against doorbells on a network of their own: nobody there,
# two there, one asked directly.
set -euo pipefail
. "$DOORWARD_SOURCE/tests/common/lib.sh"
enter_namespace "$0" "$@"

status=0
"$doorward" discover --wait 0.3 >"$work/none.txt" 2>"$work/none.err" || status=$?
[ "$status" = 1 ] || fail "nobody there: exit status $status"
[ ! -s "$work/none.txt" ] || fail "nobody there, but a table"
grep -q 'no doorbell answered' "$work/none.err" || fail "nobody there, not said"
[ "$("$doorward" discover --wait 0.3 --json 2>/dev/null || true)" = '[]' ] \
  || fail "nobody there: not an empty JSON list"

start front "$sim" --name "Front \"door\"" --port 8081
wait_for_line 20 front '^ready '
start back "$sim" --name Back --port 8082
wait_for_line 20 back '^ready '

"$doorward" discover --wait 2 >"$work/two.txt"
head -n 1 "$work/two.txt" | grep -q '^NAME  *ADDRESS  *HARDWARE  *LOCATION$' \
  || fail "no heading: $(cat "$work/two.txt")"
sed -n 2p "$work/two.txt" \
  | grep -q '^Back  *127\.0\.0\.1 .*  onvif://127\.0\.0\.1:8082$' \
  || fail "no back door: $(cat "$work/two.txt")"
sed -n 3p "$work/two.txt" | grep -q '^Front "door"  .*onvif://127.0.0.1:8081$' \
  || fail "no front door: $(cat "$work/two.txt")"
[ "$(wc -l <"$work/two.txt")" = 3 ] || fail "more than two doorbells"

"$doorward" discover --wait 2 --interface lo --json >"$work/two.json"
python3 - "$work/two.json" <<'PY'
import json, sys

found = json.load(open(sys.argv[1]))
assert [one["name"] for one in found] == ["Back", 'Front "door"'], found
assert found[0]["location"] == "onvif://127.0.0.1:8082", found
assert found[0]["endpoint"].startswith("urn:uuid:"), found
assert found[0]["endpoint"] != found[1]["endpoint"], found
PY

# Both listen on one address here; the kernel gives the question to one of them.
"$doorward" discover --wait 2 --host 127.0.0.1 >"$work/one.txt" \
  || fail "asked directly, no answer"
grep -qE '^(Back|Front "door") ' "$work/one.txt" \
  || fail "asked directly: $(cat "$work/one.txt")"
