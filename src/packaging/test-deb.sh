#!/usr/bin/env bash
# Takes the Debian package through its life in a small Debian of its own: install, refuse to start without a database,
# serve, upgrade beside edited settings, remove, purge beside a journal that is needed, and come back to it.
#
#   src/packaging/test-deb.sh [PACKAGE.deb]      else the one in target/
#
# Needs root, debootstrap, dpkg-deb, unshare and curl, and the first time Debian's mirror; WRITEBEHIND_TEST_CACHE names
# where the small Debian is kept for the next run (else below the temporary directory). Nothing else is touched: it runs
# in namespaces of its own, which take its mounts and processes with them.
# shellcheck disable=SC2016 # dpkg-query fills in what is in single quotes
set -euo pipefail

suite=bookworm
cache=${WRITEBEHIND_TEST_CACHE:-${TMPDIR:-/tmp}/completion-writebehind-packaging}

if [ "${1:-}" != --inside ]; then
  cd "$(dirname "$0")/../.."
  package=$(realpath "${1:-$(echo target/completion-writebehind_*_all.deb)}")
  for tool in debootstrap dpkg-deb unshare curl; do
    command -v "$tool" >/dev/null || { echo "test-deb: $tool is not installed" >&2; exit 77; }
  done
  [ "$(id -u)" = 0 ] || { echo "test-deb: needs root, for chroot" >&2; exit 77; }
  mkdir -p "$cache"
  if [ ! -e "$cache/$suite.tar" ]; then
    base=$(mktemp -d "$cache/base.XXXXXX")
    debootstrap --variant=minbase --include=default-jre-headless,mariadb-server-core,mariadb-client-core,adduser \
      "$suite" "$base" >"$cache/debootstrap.log"
    tar -C "$base" -cf "$cache/$suite.tar.new" .
    mv "$cache/$suite.tar.new" "$cache/$suite.tar"
    rm -rf "$base"
  fi
  work=$(mktemp -d "$cache/run.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  unshare --mount --pid --fork --mount-proc --kill-child bash "$PWD/src/packaging/test-deb.sh" --inside "$package" "$work" \
    "$cache/$suite.tar"
  exit
fi

package=$2 work=$3 base=$4
root=$work/root
tests=0

mkdir "$root"
mount --bind "$root" "$root" # else Java finds no file system around the journal
tar -C "$root" -xf "$base"
chmod 755 "$root"
mount -t proc proc "$root/proc"
umask 027 # as careful administrators have it
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
unset "${!WRITEBEHIND_@}" JAVA_HOME JAVA_OPTS JAVA_TOOL_OPTIONS

inside() { chroot "$root" "$@"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; tail -n 30 "$work"/*.log >&2; exit 1; }
passed() { tests=$((tests + 1)); printf 'ok %s\n' "$*"; }
is() { # what, expected, actual
  [ "$2" = "$3" ] || fail "$1: expected '$2', was '$3'"
  passed "$1"
}
says() { # what, file, text
  grep -q -F -- "$3" "$2" || { cat "$2" >&2; fail "$1: nothing says '$3'"; }
  passed "$1"
}
mode() { inside stat -c '%a %U:%G' "$1"; }
there() { [ -e "$root$1" ] && echo yes || echo no; }
exit_code() { # log, command...
  local log=$1 code=0
  shift
  inside "$@" >"$log" 2>&1 </dev/null || code=$?
  echo "$code"
}
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}
install_package() { # file
  cp "$1" "$root/tmp/package.deb"
  inside apt-get install -y -q -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    --no-install-recommends /tmp/package.deb >"$work/apt.log" 2>&1 </dev/null || fail "apt-get install"
}
start_database() {
  chroot "$root" mariadbd --no-defaults --user=root --datadir=/var/lib/mysql --bind-address=127.0.0.1 \
    --port="$database_port" --socket=/run/mariadb.sock --pid-file=/run/mariadb.pid >"$work/mariadb.log" 2>&1 &
  database=$!
  for _ in $(seq 300); do
    ! sql 'SELECT 1' >/dev/null 2>&1 || return 0
    sleep 0.1
  done
  fail "MariaDB does not start"
}
stop_database() {
  sql SHUTDOWN
  wait "$database"
}
sql() { inside mariadb --no-defaults -S /run/mariadb.sock -N -e "$1"; }
serve() { # as the unit does it; the log in $1
  chroot "$root" /usr/bin/writebehind serve >"$1" 2>&1 </dev/null &
  service=$!
  for _ in $(seq 600); do
    ! grep -q 'Listening on' "$1" || return 0
    kill -0 "$service" 2>/dev/null || fail "the service ended at its start"
    sleep 0.1
  done
  fail "the service does not start"
}
stop_service() {
  local code=0
  kill -TERM "$service"
  wait "$service" || code=$?
  is "SIGTERM to the command reaches the service, which ends in order" 0 "$code"
}
write() { # block, acknowledgement
  curl -s -o "$work/answer" -w '%{http_code}' "http://127.0.0.1:$port/v1/completions?ack=$2" \
    -H 'content-type: application/json' -d "{\"user_id\": 42, \"completion\": 0.5, \"course_key\": \
\"course-v1:Org+Course+Run\", \"block_key\": \"block-v1:Org+Course+Run+type@video+block@$1\"}"
}
rows() { sql "SELECT COUNT(*) FROM openedx.completion_blockcompletion"; }

port=$(free_port) management_port=$(free_port) database_port=$(free_port)
mkdir -p "$root/run" "$root/tmp"

# --- install
install_package "$package"
passed "apt-get installs it, with Debian's Java"
says "the first installation says what to do next" "$work/apt.log" "name the database in /etc/default"
is "the user may not log in" /usr/sbin/nologin "$(inside getent passwd writebehind | cut -d: -f7)"
is "the user's home is the state directory" /var/lib/completion-writebehind \
  "$(inside getent passwd writebehind | cut -d: -f6)"
is "the state directory is the service's alone" "700 writebehind:writebehind" "$(mode /var/lib/completion-writebehind)"
is "secrets are for root and the service" "640 root:writebehind" "$(mode /etc/default/completion-writebehind)"
is "settings are for root and the service" "640 root:writebehind" "$(mode /etc/completion-writebehind/writebehind.yaml)"
is "the command is for all" "755 root:root" "$(mode /usr/bin/writebehind)"
is "the unit starts with the machine" yes \
  "$([ -L "$root/etc/systemd/system/multi-user.target.wants/completion-writebehind.service" ] && echo yes || echo no)"
is "both are conffiles" 2 "$(inside dpkg-query -W -f '${Conffiles}\n' completion-writebehind | grep -c '^ /etc/')"
is "its files are as packed" "" "$(inside dpkg --verify completion-writebehind)"
is "--version answers" 0 "$(exit_code "$work/version.log" writebehind --version)"
says "--version tells one" "$work/version.log" "writebehind 0."

# --- no database
is "serve ends with 2 without a database, which the unit does not restart" 2 \
  "$(exit_code "$work/unset.log" writebehind serve)"
says "serve says what is missing" "$work/unset.log" "database.uri"
is "check ends with 2, too" 2 "$(exit_code "$work/unset.log" writebehind check)"
is "nothing was left by that" "" "$(inside find /var/lib/completion-writebehind -type f)"

# --- serve
inside mariadb-install-db --no-defaults --force --skip-test-db --user=root --datadir=/var/lib/mysql --auth-root-authentication-method=normal \
  >"$work/mariadb.log" 2>&1 || fail "MariaDB's tables can't be made"
start_database
password="pa\$\$'w\`o\"rd&" encoded='pa%24%24%27w%60o%22rd&'
sql "CREATE DATABASE openedx CHARACTER SET utf8mb4; CREATE USER lms@127.0.0.1 IDENTIFIED BY '${password//\'/\\\'}';
  GRANT ALL ON openedx.* TO lms@127.0.0.1"
cat >>"$root/etc/default/completion-writebehind" <<END
WRITEBEHIND_DATABASE_URI=mysql://lms:$encoded@127.0.0.1:$database_port/openedx
WRITEBEHIND_HTTP_PORT="$port"
WRITEBEHIND_MANAGEMENT_PORT=$management_port
WRITEBEHIND_SHUTDOWN_DRAIN_TIMEOUT=2s
JAVA_OPTS=-Xmx256m -Dtried=yes
EVIL=\$(touch /tmp/run-by-a-shell)
END
is "check ends with 1 before the table is there" 1 "$(exit_code "$work/check.log" writebehind check)"
is "migrate creates the table, by a password that a shell would trip over" 0 \
  "$(exit_code "$work/migrate.log" writebehind migrate)"
is "check ends with 0 then" 0 "$(exit_code "$work/check.log" writebehind check)"
is "the environment's file is read, not run" no "$(there /tmp/run-by-a-shell)"
chmod 700 "$root/root"
is "it works from a directory that its user may not enter" 0 \
  "$(exit_code "$work/check.log" sh -c 'cd /root && exec writebehind check')"
is "what the caller sets goes before the file" 2 \
  "$(exit_code "$work/check.log" env WRITEBEHIND_DATABASE_URI=nonsense writebehind check)"
is "others can't read the secrets, and are told what is missing" 2 \
  "$(exit_code "$work/nobody.log" setpriv --reuid=nobody --regid=nogroup --clear-groups writebehind check)"

serve "$work/serve.log"
java=$service
is "root's command becomes the service's user" "$(inside id -u writebehind)" "$(awk '/^Uid:/ {print $2}' "/proc/$java/status")"
is "it is Java itself by then" java "$(cat "/proc/$java/comm")"
is "JAVA_OPTS come from the file" 1 "$(tr '\0' '\n' <"/proc/$java/cmdline" | grep -c -x -e -Dtried=yes)"
is "it is ready" 200 "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$management_port/health/ready")"
is "a write reaches the table" 200 "$(write first database)"
kill -HUP "$java"
is "SIGHUP, as ExecReload sends it, ends nothing" 200 "$(write second database)"
is "the journal is the service's alone" "700 writebehind:writebehind" "$(mode /var/lib/completion-writebehind/journal)"

stop_database
is "a write is kept while the database is away" 202 "$(write third journal)"
stop_service
says "what is not in the table stays in the journal" "$work/serve.log" "stay in the journal"

# --- upgrade
sed -i 's/^  interval: 250ms$/  interval: 111ms/' "$root/etc/completion-writebehind/writebehind.yaml"
mkdir "$work/next"
dpkg-deb -R "$package" "$work/next/tree"
sed -i 's/^Version: .*/Version: 9.9.9/' "$work/next/tree/DEBIAN/control"
sed -i '1i # The next version says more here.' "$work/next/tree/etc/completion-writebehind/writebehind.yaml"
dpkg-deb --root-owner-group -Zgzip -b "$work/next/tree" "$work/next/next.deb" >/dev/null
install_package "$work/next/next.deb"
is "an upgrade installs the next version" 9.9.9 "$(inside dpkg-query -W -f '${Version}' completion-writebehind)"
says "edited settings are kept" "$root/etc/completion-writebehind/writebehind.yaml" "  interval: 111ms"
says "the new ones lie beside them" "$root/etc/completion-writebehind/writebehind.yaml.dpkg-dist" "The next version"
says "secrets are kept" "$root/etc/default/completion-writebehind" "$encoded"
is "still for root and the service" "640 root:writebehind" "$(mode /etc/default/completion-writebehind)"
is "and so are the settings" "640 root:writebehind" "$(mode /etc/completion-writebehind/writebehind.yaml)"
is "an upgrade does not tell again how to begin" 0 "$(grep -c 'name the database' "$work/apt.log" || true)"

# --- remove, purge
inside dpkg --remove completion-writebehind >"$work/remove.log" 2>&1
is "a removal takes the program" no "$(there /usr/bin/writebehind)"
is "and leaves settings" yes "$(there /etc/completion-writebehind/writebehind.yaml)"
is "and journal" yes "$(there /var/lib/completion-writebehind/journal)"
inside dpkg --purge completion-writebehind >"$work/purge.log" 2>&1
is "a purge takes the settings" no "$(there /etc/completion-writebehind)"
is "and secrets" no "$(there /etc/default/completion-writebehind)"
is "and the unit's link" no \
  "$([ -L "$root/etc/systemd/system/multi-user.target.wants/completion-writebehind.service" ] && echo yes || echo no)"
is "but not a journal that holds writes" yes "$(there /var/lib/completion-writebehind/journal)"
says "and says so" "$work/purge.log" "/var/lib/completion-writebehind is kept"

# --- back again
install_package "$package"
start_database
printf 'WRITEBEHIND_DATABASE_URI=mysql://lms:%s@127.0.0.1:%s/openedx\nWRITEBEHIND_HTTP_PORT=%s\n%s\n' "$encoded" \
  "$database_port" "$port" "WRITEBEHIND_MANAGEMENT_PORT=$management_port" >>"$root/etc/default/completion-writebehind"
is "two writes are in the table by now" 2 "$(rows)"
serve "$work/again.log"
is "flush answers once everything is in the table" 200 \
  "$(curl -s -o /dev/null -w '%{http_code}' -X POST "http://127.0.0.1:$management_port/admin/flush")"
is "what the purge kept has reached the table" 3 "$(rows)"
stop_service
stop_database

# --- never used
rm -r "$root/var/lib/completion-writebehind/journal"
inside dpkg --purge completion-writebehind >"$work/purge.log" 2>&1
is "a purge without a journal takes the state directory" no "$(there /var/lib/completion-writebehind)"
is "and says nothing of it" 0 "$(grep -c kept "$work/purge.log" || true)"

echo "$tests passed, 0 failed"
