#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs a command; what it says is shown only when it fails.
output=$("$@" 2>&1) || {
  status=$?
  printf '%s\n' "$output" >&2
  exit "$status"
}
