#!/usr/bin/env bash
# A scratch PostgreSQL server for tests, on loopback only, never for real data:
# it trusts every local connection and does not flush to disk.
#
#   scripts/postgres.sh [start]   start it unless it runs; print its superuser URL
#   scripts/postgres.sh url       print the URL
#   scripts/postgres.sh stop      stop it and delete its files
#
# GATEHOUSE_POSTGRES_PORT (25432) and GATEHOUSE_POSTGRES_DIR choose another one.
set -euo pipefail

port=${GATEHOUSE_POSTGRES_PORT:-25432}
dir=${GATEHOUSE_POSTGRES_DIR:-${TMPDIR:-/tmp}/gatehouse-postgres-$port}
url="postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable"

die() {
	echo "postgres.sh: $*" >&2
	exit 1
}

# PostgreSQL refuses to run as root; its package brings a user for it.
user=$(id -un)
if [ "$user" = root ]; then
	user=postgres
	id "$user" >/dev/null 2>&1 || user=nobody
fi

as_user() {
	if [ "$user" = "$(id -un)" ]; then "$@"; else runuser -u "$user" -- "$@"; fi
}

find_bin() {
	local bin
	bin=$(find /usr/lib/postgresql /usr/pgsql-* /opt/homebrew/opt/postgresql* -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
	[ -n "$bin" ] || bin=$(command -v initdb) || die "PostgreSQL is not installed (Debian: apt-get install postgresql)"
	dirname "$bin"
}

start() {
	local bin log="$dir/server.log"
	bin=$(find_bin)
	mkdir -p "$dir"
	[ -O "$dir" ] || [ "$(stat -c %U "$dir")" = "$user" ] || die "$dir belongs to someone else"
	if [ "$user" != "$(id -un)" ]; then chown "$user" "$dir"; fi
	chmod 700 "$dir"
	cd "$dir"
	if as_user test -f "$dir/data/PG_VERSION"; then
		if "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; then return; fi
		rm -rf "$dir/data" # left by a server that was killed
	fi
	as_user "$bin/initdb" -D "$dir/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
	as_user "$bin/pg_ctl" start -D "$dir/data" -l "$log" -w -t 30 -s -o "-p $port -k '$dir' \
		-c listen_addresses=127.0.0.1 -c max_connections=200 -c shared_buffers=256MB \
		-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c log_min_messages=error" >&2 ||
		die "cannot start; the log is $log (is port $port in use?)"
}

stop() {
	[ -d "$dir/data" ] || return 0
	cd /
	as_user "$(find_bin)/pg_ctl" stop -D "$dir/data" -m immediate -w -s >&2 || true
	rm -rf "$dir"
}

case ${1:-start} in
start)
	exec 9>"${TMPDIR:-/tmp}/gatehouse-postgres-$port-$UID.lock"
	flock 9
	start 9>&- # the server must not inherit the lock
	echo "$url"
	;;
url) echo "$url" ;;
stop) stop ;;
*) die "unknown command $1: start, url or stop" ;;
esac
