#!/usr/bin/env bash
# Runs the scenarios of the required profiles (required.txt).
#
#   conformance/run-all.sh sqlite     the subject on SQLite files, against the goldens
#   conformance/run-all.sh postgres   the subject against a reference, both on PostgreSQL
#   conformance/run-all.sh self       the reference against its own goldens
#
# Further arguments go to run.mjs (--only, --profile, --json …). SUBJECT names a
# built subject; without it ./conformance/subject is built. PostgreSQL is that of
# GATEHOUSE_TEST_POSTGRES, else the scratch server of scripts/postgres.sh.
set -euo pipefail

mode=${1:?sqlite, postgres or self}
shift
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

[ -d node_modules/better-auth ] || ../scripts/node-packages.sh

if [ "$mode" != self ] && [ -z "${SUBJECT:-}" ]; then
	SUBJECT=$scratch/subject
	go build -o "$SUBJECT" ./subject
fi

run() { node run.mjs --required required.txt --quiet "$@"; }

case $mode in
sqlite)
	run --subject-cmd "'$SUBJECT'" --goldens goldens \
		--subject-database-cmd "echo sqlite:\$(mktemp -d '$scratch/XXXXXX')/subject.db" "$@"
	;;
postgres)
	GATEHOUSE_TEST_POSTGRES=${GATEHOUSE_TEST_POSTGRES:-$(../scripts/postgres.sh start)}
	export GATEHOUSE_TEST_POSTGRES
	run --subject-cmd "'$SUBJECT'" \
		--reference-database-cmd ../scripts/new-database.sh \
		--subject-database-cmd ../scripts/new-database.sh "$@"
	;;
self) run --subject-cmd 'node reference-server.mjs' --goldens goldens "$@" ;;
*)
	echo "unknown mode $mode: sqlite, postgres or self" >&2
	exit 2
	;;
esac
