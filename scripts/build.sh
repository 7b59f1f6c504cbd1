#!/usr/bin/env bash
# Builds the released gatehouse: static, without debugger tables, the paths of
# this machine left out. Fails when it has 30 MB or more.
#
#   scripts/build.sh [FILE]     default: gatehouse, in the project's folder
set -euo pipefail

cd "$(dirname "$0")/.."
out=${1:-gatehouse}
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$out" ./cmd/gatehouse
bytes=$(wc -c <"$out")
printf '%s has %d.%d MB\n' "$out" $((bytes / 1000000)) $((bytes / 100000 % 10))
if [ "$bytes" -ge 30000000 ]; then
	echo "the released binary is to stay under 30 MB: go tool nm -size -sort size tells what grew" >&2
	exit 1
fi
