#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# docs/elements.md says what the elements say of themselves.
set -euo pipefail
case $(gst-inspect-1.0 --version | sed -n 's/.*version 1\.\([0-9]*\)\..*/\1/p') in
  22) ;;
  *)
    echo "SKIP: docs/elements.md is made with GStreamer 1.22"
    exit 77
    ;;
esac
diff -u "$DOORWARD_SOURCE/docs/elements.md" \
  <(bash "$DOORWARD_SOURCE/docs/elements.sh")
