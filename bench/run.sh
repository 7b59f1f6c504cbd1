#!/usr/bin/env bash
# Measures Gatehouse beside better-auth and the floor and writes
# bench/results/compare.md and compare.svg. Arguments go to bench/compare:
#
#   bench/run.sh                               everything: about a quarter of an hour
#   bench/run.sh -rounds 1 -for 2s             a first look
#   bench/run.sh -stores sqlite -only Gatehouse,floor
set -euo pipefail

cd "$(dirname "$0")/.."
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

compile() { go build -trimpath -ldflags='-s -w' -o "$build/$1" "$2"; }
compile compare ./bench/compare
compile floor ./bench/floor
compile subject ./conformance/subject
compile gatehouse ./cmd/gatehouse
[ -d conformance/node_modules/better-auth ] || scripts/node-packages.sh

"$build/compare" -floor "$build/floor" -subject "$build/subject" -binary "$build/gatehouse" \
	-reference conformance/reference-server.mjs -postgres "$(scripts/postgres.sh start)" "$@"
