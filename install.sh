#!/bin/sh
# Installs Inkling for this user, or upgrades it. Needs Node; no root, no npm, no compiler, no network.
#
# usage: sh install.sh [inkling-VERSION.tgz [inkling-models-VERSION.tgz]]
#
# Without a file it takes the newest inkling-VERSION.tgz that lies beside it, with the models of the same version if they do;
# in an unpacked bundle, that bundle. INKLING_HOME names another folder than ~/inkling. There it makes
#
#   releases/    the release in use and the one before, each in a folder of its own
#   current      a link to the release in use; `inkling service rollback` exchanges it with previous
#   previous     a link to the release before
#   inkling      the command
#
# What people taught is not there but in ~/.local/share/inkling, and stays. Whenever this is interrupted, `current` points to a
# whole release, and running it again completes it.
set -eu
umask 022

home=${INKLING_HOME:-${HOME:?is not set}/inkling}
case $home in [~] | [~]/*) home=$HOME${home#?} ;; esac # in quotes, and in files of variables, no shell expands it
case $home in /*) ;; *) home=$PWD/$home ;; esac
here=$(cd "$(dirname "$0")" && pwd -P)
work=

say() {
  printf '%s\n' "$*"
}

fail() {
  printf 'install: %s\n' "$*" >&2
  exit 1
}

trap '[ -z "$work" ] || rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The command that installs Node on this system.
node_advice() {
  case ${PREFIX:-} in
    */com.termux/*)
      echo 'pkg install nodejs-lts'
      return
      ;;
  esac
  if command -v apk; then
    echo 'doas apk add nodejs'
  elif command -v apt-get; then
    echo 'sudo apt-get install nodejs (Debian 14 has Node 24; older ones need one of https://nodejs.org/en/download)'
  elif command -v dnf; then
    echo 'sudo dnf install nodejs'
  elif command -v pacman; then
    echo 'sudo pacman -S nodejs-lts-krypton'
  else
    echo 'see https://nodejs.org/en/download'
  fi | tail -n 1
}

check_node() {
  command -v node >/dev/null || fail "needs Node 22.13 or newer, and there is none; to install it: $(node_advice)"
  found=$(node -p process.versions.node) || fail "Node does not run: $(command -v node)"
  major=${found%%.*}
  minor=${found#*.}
  minor=${minor%%.*}
  [ "$major" -gt 22 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 13 ]; } ||
    fail "needs Node 22.13 or newer, this is Node $found; to install a newer one: $(node_advice)"
}

# Sets `bundle`, a file or a folder, and `models`, a file or nothing.
choose_files() {
  bundle=${1:-}
  models=${2:-}
  [ -z "$bundle" ] || return 0
  if [ -d "$here/build/server" ] && [ ! -f "$here/server/cli.ts" ]; then
    case $here in */releases/*) fail "this one is installed already; run the install.sh of a newer bundle" ;; esac
    bundle=$here
    return
  fi
  # shellcheck disable=SC2012 # of these names ls writes nothing else
  bundle=$(ls -t "$here"/inkling-[0-9]*.tgz 2>/dev/null | head -n 1)
  [ -n "$bundle" ] || fail "no inkling-VERSION.tgz beside $0; usage: sh install.sh inkling-VERSION.tgz"
  models=$here/inkling-models-${bundle##*/inkling-}
  [ -f "$models" ] || models=
}

# Unpacks a file into $work/release, whatever its outer folder is called: inkling-VERSION, or package in one made by npm.
unpack() {
  mkdir -p "$work/unpacked" "$work/release"
  tar -xzf "$1" -C "$work/unpacked" || fail "cannot unpack $1: is it whole, and is there room in $home?"
  cp -R "$work/unpacked"/*/. "$work/release/" || fail "cannot write to $home: is there room?"
  rm -rf "$work/unpacked"
}

# A folder's digest is of the names and contents in it.
digest() {
  if [ -d "$bundle" ]; then
    (cd "$bundle" && find . -type f ! -path './.cache/*' -exec sha256sum {} + | LC_ALL=C sort) | sha256sum
  else
    cat "$bundle" ${models:+"$models"} | sha256sum
  fi | cut -c 1-8
}

# rename PATH NEW: replaces NEW in one step, which neither `ln -sf` nor a portable `mv` does with a link to a folder.
rename() {
  node -e 'require("fs").renameSync(process.argv[1], process.argv[2])' "$1" "$2"
}

# point LINK TARGET
point() {
  ln -s "$2" "$work/link"
  rename "$work/link" "$home/$1"
}

# version_of FOLDER: what a whole program prints
version_of() {
  [ -f "$1/server/inkling.js" ] && NODE_DISABLE_COMPILE_CACHE=1 node "$1/server/inkling.js" --version
}

# Models of the release in use that the new one does not bring: of the second file, or the owner's own.
keep_models() {
  for model in "$home"/current/weights/*/; do
    name=$(basename "$model")
    [ ! -d "$model" ] || [ -e "$work/release/weights/$name" ] || cp -R "$model" "$work/release/weights/$name"
  done
}

# Sets `release` and makes releases/$release, unless it is there: it is whole and on disk before it gets its name.
make_release() {
  if [ -d "$bundle" ]; then
    mkdir "$work/release"
    for part in package.json README.md LICENSE install.sh server build weights; do
      cp -R "$bundle/$part" "$work/release/" || fail "cannot write to $home: is there room?"
    done
  else
    unpack "$bundle"
  fi
  [ -z "$models" ] || unpack "$models"
  version=$(version_of "$work/release") || fail "$bundle holds no Inkling that runs with Node $found"
  release=releases/$version-$(digest)
  ! version_of "$home/$release" >/dev/null 2>&1 || return 0
  keep_models
  sync
  rm -rf "${home:?}/$release" # one that does not run
  mv "$work/release" "$home/$release"
}

write_command() {
  shell=$(command -v sh) # Android has none in /bin
  case $shell in /*) ;; *) shell=/bin/sh ;; esac
  cat >"$work/inkling" <<END
#!$shell
exec node "$home/current/server/inkling.js" "\$@"
END
  chmod 755 "$work/inkling"
  rename "$work/inkling" "$home/inkling"
}

remove_old_releases() {
  current=$(readlink "$home/current")
  previous=$(readlink "$home/previous" || true)
  for folder in "$home"/releases/*; do
    case releases/${folder##*/} in "$current" | "$previous") ;; *) rm -rf "$folder" ;; esac
  done
}

[ $# -le 2 ] || fail 'usage: sh install.sh [inkling-VERSION.tgz [inkling-models-VERSION.tgz]]'
check_node
choose_files "$@"
for file in "$bundle" "$models"; do [ -z "$file" ] || [ -r "$file" ] || fail "cannot read $file"; done
[ ! -e "$home" ] || [ -d "$home/releases" ] || [ -z "$(ls -A "$home")" ] ||
  fail "$home is there and no installation of Inkling; INKLING_HOME=FOLDER sh install.sh takes another folder"

mkdir -p "$home/releases"
rm -rf "$home"/.installing-* # of an installation that was interrupted
work=$(mktemp -d "$home/.installing-XXXXXX")
make_release
before=$(readlink "$home/current" || true)
if [ "$before" != "$release" ]; then
  [ -z "$before" ] || point previous "$before"
  point current "$release"
fi
write_command
remove_old_releases

case $before in
  '') say "Inkling $version is installed in $home." ;;
  "$release") say "Inkling $version was installed in $home already." ;;
  *) say "Inkling $version is installed in $home. The release before is kept: $home/inkling service rollback" ;;
esac
if "$home/inkling" service status >/dev/null 2>&1; then
  "$home/inkling" service restart
else
  "$home/inkling" doctor || say 'Something above keeps it from serving: mend that first.'
  say "Type  $home/inkling serve            to start it now, until Ctrl-C,"
  say "or    $home/inkling service install  to have it run always."
fi
