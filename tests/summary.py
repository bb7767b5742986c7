#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts meson test logs: says what was skipped and why, and ends with the line
"N passed, N failed, N skipped". Exits 1 when a test failed or none ran. Of
several logs a later one replaces the results it repeats, and says so.
    summary.py LOG...
    summary.py --failed LOG     only the names of what failed"""
import json
import re
import sys

counts = {"passed": 0, "failed": 0, "skipped": 0}
KINDS = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}



def read(path):
    try:
        with open(path, encoding="utf-8") as log:
            return [json.loads(line) for line in log if line.strip()]
    except OSError as error:
        print(f"no test log: {error}")
        return []


if sys.argv[1] == "--failed":
    for result in read(sys.argv[2]):
        if result["result"] not in KINDS:
            print(result["name"].split(" / ")[-1])
    sys.exit(0)

by_name = {}
for path in sys.argv[1:]:
    for result in read(path):
        if result["name"] in by_name:
            print(f"SECOND ATTEMPT: {result['name']} ({result['result']})")
        by_name[result["name"]] = result
results = list(by_name.values())

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
