# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the scripts: installs what a group of packages.txt names and is
# not there yet.

# install_packages ROOT GROUP...: says what it installs before it does.
install_packages ()
{
  local root=$1 group name missing=() as_root=()
  shift
  for group in "$@"; do
    while read -r name; do
      dpkg-query -W -f '${Status}' "$name" 2>/dev/null \
        | grep -q 'ok installed' || missing+=("$name")
    done < <(awk -v g="$group" '$1 == g { print $2 }' "$root/packages.txt")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "These Debian packages are missing and sudo is not here:" >&2
      echo "  ${missing[*]}" >&2
      echo "Run as root: apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing Debian packages: ${missing[*]}"
  # A source that does not answer is no reason to stop: the install will say.
  "${as_root[@]}" apt-get update -q >/dev/null || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install \
    -q -y --no-install-recommends "${missing[@]}" >/dev/null
}

# build_tree ROOT BUILD [MESON OPTION...]: configures once (the options are for
# then), compiles what has changed.
build_tree ()
{
  local root=$1 build=$2
  shift 2
  if [ ! -f "$build/build.ninja" ]; then
    echo "Configuring $build"
    meson setup "$build" "$root" "$@" >"$build.log" 2>&1 || {
      cat "$build.log" >&2
      return 1
    }
    mv "$build.log" "$build/setup.log"
  fi
  echo "Building in $build"
  ninja -C "$build" --quiet
}
