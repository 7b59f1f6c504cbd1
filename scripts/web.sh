#!/usr/bin/env bash
# Checks and builds the pages, and fails when web/dist is not what the sources
# say. After a change of the sources: run it, then commit web/dist as well.
#
#   scripts/web.sh           installs, checks, builds, compares with the commit
#   scripts/web.sh --update  the same without the comparison
#   scripts/web.sh --install only installs; INSTALLED=1 does all but that
set -euo pipefail
cd "$(dirname "$0")/../web"
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
[ -n "${INSTALLED:-}" ] || npm ci --silent
[ "${1:-}" = --install ] && exit
npm run --silent check
npm run --silent build
node build.mjs --check
[ "${1:-}" = --update ] && exit
if [ -n "$(git status --porcelain -- dist)" ]; then
	git --no-pager diff --stat -- dist
	echo "web/dist is not what the sources say: commit it" >&2
	exit 1
fi
