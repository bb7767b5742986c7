#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts a meson test log: says what was skipped and why, and ends with the
line "N passed, N failed, N skipped". Exits 1 when a test failed or none ran."""
import json
import re
import sys

counts = {"passed": 0, "failed": 0, "skipped": 0}
KINDS = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}

try:
    with open(sys.argv[1], encoding="utf-8") as log:
        results = [json.loads(line) for line in log if line.strip()]
except OSError as error:
    print(f"no test log: {error}")
    results = []

for result in results:
    kind = KINDS.get(result["result"], "failed")
    output = result.get("stdout") or ""
    # A gstcheck program holds many tests; each of them counts.
    checks = re.search(r"^(\d+)%: Checks: (\d+), Failures: (\d+), Errors: (\d+)",
                       output, re.M)
    if checks:
        total = int(checks[2])
        failed = int(checks[3]) + int(checks[4])
        if kind == "failed" and failed == 0:
            failed = 1
        counts["failed"] += failed
        counts["passed"] += max(total - failed, 0)
    else:
        counts[kind] += 1
    for line in output.splitlines():
        if line.startswith("SKIP"):
            print(f"{result['name']}: {line}")
            if checks:
                counts["skipped"] += 1
                counts["passed"] -= 1
    if kind == "failed":
        print(f"FAILED: {result['name']} ({result['result'].lower()})")

print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
sys.exit(1 if counts["failed"] or not counts["passed"] else 0)
