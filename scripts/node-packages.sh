#!/usr/bin/env bash
# Installs the conformance suite's Node packages as its lock file says.
# better-sqlite3 is compiled here instead of downloading a built one; a Node with
# its headers beside it (Debian's libnode-dev, NodeSource) needs no download for that.
set -euo pipefail

cd "$(dirname "$0")/../conformance"
prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
if [ -e "$prefix/include/node/node.h" ]; then export npm_config_nodedir=$prefix; fi
export npm_config_build_from_source=true
npm ci --no-audit --no-fund
node -e 'new (require("better-sqlite3"))(":memory:").close()'
