#!/bin/sh
# Runs the bundle, kernels and training on emulated 32-bit ARM (npm run test:arm): brings an ARM Node 24, makes the bundle,
# and hands over to run.ts. README.md explains it.
#
# usage: run.sh [PART...]     all parts unless some are named
set -eu

cd "$(dirname "$0")/../.."
PATH=$PWD/node_modules/.bin:$PATH

for tool in qemu-arm-static qemu-arm gcc; do
  command -v "$tool" >/dev/null || {
    echo "test:arm: needs $tool (Debian: apt-get install qemu-user-static qemu-user gcc libc6-dev)" >&2
    exit 1
  }
done
sysroot=$(sh test/arm/sysroot.sh forky nodejs)
npm run --silent bundle
exec node test/arm/run.ts "$sysroot" "$@"
