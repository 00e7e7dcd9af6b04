#!/usr/bin/env bash
# Builds the committed sources twice, in two directories, with another umask, time zone, locale and a while between, and
# compares the jar, the archives, the Debian package and the bill of materials byte by byte.
#
#   src/packaging/test-reproducible.sh [OPTION OF MVN]...      not -o, with which there is no bill of materials
set -euo pipefail
cd "$(dirname "$0")/../.."

commit=$(git rev-parse HEAD)
work=$(mktemp -d "${TMPDIR:-/tmp}/completion-writebehind-twice.XXXXXX")
trap 'rm -rf "$work"' EXIT

build() { # directory, umask, time zone, locale
  local directory=$1 mask=$2 zone=$3 locale=$4
  shift 4
  (
    umask "$mask"
    git clone -q . "$directory"
    cd "$directory"
    git checkout -q "$commit"
    TZ=$zone LC_ALL=$locale LANG=$locale mvn -B -ntp -q "$@" package -Dmaven.test.skip >&2
    cd target
    sha256sum completion-writebehind.jar completion-writebehind-*.tar.gz completion-writebehind-*.zip \
      completion-writebehind_*_all.deb bom.json
  )
}

build "$work/one" 022 UTC C.UTF-8 "$@" >"$work/one.sha256"
build "$work/another place/two" 077 Asia/Kathmandu tr_TR.UTF-8 "$@" >"$work/two.sha256"
cat "$work/one.sha256"
if ! diff "$work/one.sha256" "$work/two.sha256"; then
  echo "test-reproducible: these differ between two builds of one commit" >&2
  exit 1
fi
echo "$(wc -l <"$work/one.sha256") passed, 0 failed"
