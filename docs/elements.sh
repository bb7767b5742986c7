#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints docs/elements.md from what gst-inspect-1.0 says of the built plugin.
#   GST_PLUGIN_PATH=build/plugin docs/elements.sh > docs/elements.md
set -euo pipefail

cat <<'HEAD'
# Elements

Made by `docs/elements.sh` from `gst-inspect-1.0` of GStreamer 1.22; a test
fails when it differs. The sections at the top of each `plugin/*/gst*.c` hold the
messages field by field.
HEAD
for element in doorbellsrc doorbellmotion consentfilter consentgate sharesink; do
  printf '\n## %s\n\n```\n' "$element"
  gst-inspect-1.0 --no-colors "$element" \
    | grep -vE '^  (Filename|Version|Source module|Binary package|Origin URL) ' \
    | sed -n '/^Factory Details/,$p' | sed 's/[[:space:]]*$//' \
    | sed '/share-id  *:/,+2s/Default: [0-9]*/Default: random/' \
    | sed '/^Element Signals:/,$d' | awk 'NF || !blank { print } { blank = !NF }'
  printf '```\n'
done
