#!/usr/bin/env bash
# Creates an empty database on the server of GATEHOUSE_TEST_POSTGRES (else on
# the scratch server of postgres.sh) and prints its URL.
set -euo pipefail

server=${GATEHOUSE_TEST_POSTGRES:-$("$(dirname "$0")/postgres.sh" start)}
name=gatehouse_$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
# template0 has no connections, so several of these can run at once.
psql -qX -v ON_ERROR_STOP=1 "$server" -c "CREATE DATABASE $name TEMPLATE template0" >&2
address=${server%%\?*}
echo "${address%/*}/$name${server#"$address"}"
