#!/bin/sh
# Runs the agreement tests on emulated 32-bit ARM (npm run test:arm): brings an ARM Node 24, builds the WASM and the
# page, then hands over to run.ts. With INKLING_BUILT=1 it takes what the last build left, as .ci/run does after npm test.
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
[ "${INKLING_BUILT:-}" = 1 ] || npm run --silent build
exec node test/arm/run.ts "$sysroot"
