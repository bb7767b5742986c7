#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what Doorward needs on Debian 12, builds it into build/, and shows
# the whole way: a doorbell found, a press, a private recording, and four shares
# of the visit that show exactly what their consent covers.
#   examples/quickstart/run.sh [--out DIR] [--video FILE | --device onvif://HOST]
# All options go to `doorward demo`; see `build/service/doorward demo --help`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/examples/lib/packages.sh"

install_packages "$root" build run
build_tree "$root" "$root/build" -Dtests=false
exec "$root/build/service/doorward" demo \
  --simulator "$root/build/examples/doorbell-sim/doorbell-sim" "$@"
