#!/bin/sh
# Counts the instructions of the kernels on emulated 32-bit ARM (see counts.ts), compares them with counts.json, and with
# --update writes them there. npm run test:arm compares them too.
#
# usage: run.sh [--update]     needs gcc and qemu-arm (Debian: gcc libc6-dev qemu-user)
set -eu

cd "$(dirname "$0")/../../.."
PATH=$PWD/node_modules/.bin:$PATH
npm run --silent build:wasm
exec node test/arm/counts/run.ts "$@"
