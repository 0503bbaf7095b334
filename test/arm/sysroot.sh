#!/bin/sh
# A root file system of 32-bit ARM (armhf) packages from Debian, for qemu-user: prints its path. It is built once per
# suite and package list and kept, and leaves the machine's own package state alone. (armhf as a foreign architecture
# of dpkg breaks apt-get update where a mirror lacks it, and Node crashes on the libc of the *-armhf-cross packages.)
#
# usage: sysroot.sh SUITE PACKAGE...      SUITE is forky for Node 24, trixie for Node 20
# environment: INKLING_ARM_CACHE, the folder to keep it in; .cache/arm in the project by default
set -eu

fail() {
  echo "sysroot: $*" >&2
  exit 1
}

[ $# -ge 2 ] || fail 'usage: sysroot.sh SUITE PACKAGE...'
suite=$1
shift
cache=${INKLING_ARM_CACHE:-$(cd "$(dirname "$0")/../.." && pwd)/.cache/arm}
name=$(printf '%s' "$suite $*" | tr -c 'A-Za-z0-9.+-' '_')
root=$cache/$name
if [ -d "$root" ]; then
  echo "$root"
  exit 0
fi

for tool in apt-get dpkg; do
  command -v "$tool" >/dev/null || fail "needs $tool: sysroots are made on Debian or a system derived from it"
done
sources=/etc/apt/sources.list.d/debian.sources
[ -r "$sources" ] || fail "needs $sources, to learn which Debian mirror this machine uses"

mkdir -p "$cache"
work=$(mktemp -d "$cache/.making-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/sources" "$work/root"
: >"$work/status"
# The first stanza is the archive itself (security comes after it); only the suite changes.
awk 'BEGIN { RS = ""; ORS = "\n\n" } NR == 1' "$sources" | sed "s/^Suites:.*/Suites: $suite/" >"$work/sources/armhf.sources"

apt() {
  apt-get -q -y \
    -o APT::Architecture=armhf -o APT::Architectures=armhf -o APT::Sandbox::User=root -o Debug::NoLocking=1 \
    -o Dir::State="$work" -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" \
    -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" \
    -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/sources" \
    -o Acquire::Retries=3 "$@" </dev/null >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail "could not get $name (is this machine offline?); nothing was kept"
  }
}
apt -o APT::Update::Error-Mode=any update
apt --no-install-recommends --download-only install "$@"

for package in "$work"/archives/*.deb; do
  dpkg -x "$package" "$work/root" || fail "could not unpack $(basename "$package")"
done
[ -e "$work/root/lib" ] || ln -s usr/lib "$work/root/lib"
rm -rf "$work/root/usr/share/doc" "$work/root/usr/share/man" "$work/root/usr/share/locale"
# Another run may have finished in the meantime; its result is as good.
mv -T "$work/root" "$root" 2>/dev/null || [ -d "$root" ] || fail "could not keep $root"
echo "$root"
