#!/bin/sh
# Runs a bundled JavaScript file on an emulated 32-bit ARM Node 24 and counts its instructions (see instructions.c).
# Exact to about 0.2 % from run to run. Mark both ends of the stretch to measure with os.getPriority(process.pid); another
# process id marks as well, but Node throws where there is no such process.
#
# usage: instructions.sh FILE.mjs [ARGUMENT...]     needs gcc and qemu-arm (Debian: gcc libc6-dev qemu-user)
# environment: INKLING_ARM_CPU, a -cpu value of qemu-arm; cortex-a15 by default
set -eu

here=$(cd "$(dirname "$0")" && pwd)
for tool in gcc qemu-arm; do
  command -v "$tool" >/dev/null || {
    echo "instructions: needs $tool (Debian: apt-get install gcc libc6-dev qemu-user)" >&2
    exit 1
  }
done
[ $# -ge 1 ] || {
  echo 'usage: instructions.sh FILE.mjs [ARGUMENT...]' >&2
  exit 2
}

root=$(sh "$here/../sysroot.sh" forky nodejs)
plugin=$here/../../../.cache/arm/instructions.so
if [ ! "$plugin" -nt "$here/instructions.c" ]; then
  # aside and then into place: another run may be doing the same, or using it
  mkdir -p "$(dirname "$plugin")"
  gcc -O2 -Wall -Wextra -shared -fPIC -o "$plugin.$$" "$here/instructions.c"
  mv "$plugin.$$" "$plugin"
fi
exec qemu-arm -cpu "${INKLING_ARM_CPU:-cortex-a15}" -plugin "file=$plugin" -L "$root" "$root/usr/bin/node" "$@"
