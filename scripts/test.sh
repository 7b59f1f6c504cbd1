#!/usr/bin/env bash
# Installs what the checks need and is missing, then runs them all.
#
#   scripts/test.sh              everything, as CI does
#   scripts/test.sh unit lint    only these steps
#
# Steps: format vet build lint unit sqlite postgres clients browser
#   unit       go test -race ./..., the stores on SQLite and PostgreSQL
#   sqlite     conformance on SQLite, against the stored transcripts
#   postgres   conformance on PostgreSQL, against a running better-auth
#   clients    better-auth's own client, plain and React, from sign-up to deletion
#   browser    the pages: built as committed, then used in Chromium
#
# GATEHOUSE_TEST_POSTGRES is the superuser URL of a PostgreSQL to use; without
# it a scratch server is started. The last line is "N passed, N failed, N
# skipped", counting steps; the exit code is 1 when one failed.
set -uo pipefail

cd "$(dirname "$0")/.." || exit
all=(format vet build lint unit sqlite postgres clients browser)
steps=("$@")
[ $# -gt 0 ] || steps=("${all[@]}")
[ -d /usr/local/go/bin ] && PATH=$PATH:/usr/local/go/bin
golangci=github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
tools=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/gatehouse-tools
scratch=$(mktemp -d)

# --- what the steps need ---------------------------------------------------

wants() { # whether one of the given steps will run
	local step want
	for step in "${steps[@]}"; do for want in "$@"; do [ "$step" = "$want" ] && return 0; done; done
	return 1
}

installed_postgres() { command -v psql >/dev/null && { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }; }

# Prints the Debian packages that are missing for the wanted steps.
missing_packages() {
	if wants unit; then command -v gcc >/dev/null || echo gcc libc6-dev; fi
	if wants unit postgres && [ -z "${GATEHOUSE_TEST_POSTGRES:-}" ]; then installed_postgres || echo postgresql; fi
	if wants browser; then command -v chromium >/dev/null || [ -n "${CHROMIUM:-}" ] || echo chromium; fi
	if wants sqlite postgres clients browser; then
		command -v node >/dev/null || echo nodejs libnode-dev
		command -v npm >/dev/null || echo npm
		command -v make >/dev/null && command -v g++ >/dev/null && command -v python3 >/dev/null || echo make g++ python3
	fi
}

install_packages() {
	local packages sudo=
	packages=$(missing_packages | tr '\n' ' ')
	[ -n "$packages" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		sudo="sudo -n"
		if ! $sudo true 2>/dev/null; then
			echo "missing, and not root to install it: $packages" >&2
			return 1
		fi
	fi
	echo "installing $packages"
	# shellcheck disable=SC2086 # lists of words
	if ! {
		$sudo apt-get update -q
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages
	} >"$scratch/apt.log" 2>&1; then
		tail -n 30 "$scratch/apt.log" >&2
		return 1
	fi
}

# Building golangci-lint takes minutes once; where that is too long, lint falls
# back to staticcheck, which is most of its rule list.
install_linter() {
	[ -x "$tools/golangci-lint" ] && return
	(cd / && GOBIN=$tools timeout 900 nice -n 10 go install "$golangci") ||
		(cd / && GOBIN=$tools timeout 600 nice -n 10 go install "$staticcheck")
}

start_postgres() {
	[ -z "${GATEHOUSE_TEST_POSTGRES:-}" ] || return 0
	GATEHOUSE_TEST_POSTGRES=$(scripts/postgres.sh start) || return 1
	export GATEHOUSE_TEST_POSTGRES
	[ -z "${CI:-}" ] || stop_postgres=1
}

finish() {
	[ -z "${stop_postgres:-}" ] || scripts/postgres.sh stop
	rm -rf "$scratch"
}
trap finish EXIT

# --- the steps ---------------------------------------------------------------

go_files() { find . -name '*.go' -not -path '*/node_modules/*' -not -path './.work/*'; }

step_format() {
	local unformatted
	unformatted=$(go_files | xargs gofmt -l)
	[ -z "$unformatted" ] || { printf 'gofmt would change:\n%s\n' "$unformatted"; return 1; }
}

step_vet() { go vet ./... && go vet -tags noui ./cmd/gatehouse ./server ./web; }

step_build() {
	go build ./... && go build -o "$scratch/subject" ./conformance/subject && scripts/build.sh "$scratch/gatehouse"
}

step_lint() {
	wait "$linter_job" || { cat "$scratch/linter.log"; return 1; }
	if [ -x "$tools/golangci-lint" ]; then
		"$tools/golangci-lint" run ./...
	else
		echo "golangci-lint could not be built in time: staticcheck instead"
		"$tools/staticcheck" ./...
	fi
}

# Everything once, on SQLite where a test takes either store; then what is
# tested through the test house again on PostgreSQL.
step_unit() {
	go test -race -timeout 20m ./... &&
		GATEHOUSE_TEST_STORE=postgres go test -race -timeout 20m . ./plugins/... ./standard
}

# Waits for the Node packages and builds the server that they test.
have_subject() {
	wait "$node_job" || { cat "$scratch/node.log"; return 1; }
	[ -x "$scratch/subject" ] || go build -o "$scratch/subject" ./conformance/subject
}

step_sqlite() { have_subject && SUBJECT=$scratch/subject conformance/run-all.sh sqlite; }

step_postgres() { have_subject && SUBJECT=$scratch/subject conformance/run-all.sh postgres; }

# The pages build before anything is served from them: the job that installs
# their packages touches nothing else.
step_browser() {
	wait "$web_job" || { cat "$scratch/web.log"; return 1; }
	# The identity provider of these tests is one of the suite's packages.
	wait "$node_job" || { cat "$scratch/node.log"; return 1; }
	INSTALLED=1 scripts/web.sh &&
		go build -o "$scratch/gatehouse" ./cmd/gatehouse &&
		(cd web && GATEHOUSE_BINARY=$scratch/gatehouse npm test --silent)
}

step_clients() { have_subject && node conformance/clients.mjs --subject-cmd "'$scratch/subject'"; }

# --- run -----------------------------------------------------------------------

for step in "${steps[@]}"; do
	[[ " ${all[*]} " == *" $step "* ]] || { echo "no step $step: ${all[*]}" >&2; exit 2; }
done

install_packages || exit 1
if wants unit postgres; then start_postgres || exit 1; fi
if wants sqlite postgres clients browser; then
	{ (cd conformance && npm ls) || scripts/node-packages.sh; } >"$scratch/node.log" 2>&1 &
	node_job=$!
fi
if wants browser; then
	scripts/web.sh --install >"$scratch/web.log" 2>&1 &
	web_job=$!
fi
if wants lint; then
	install_linter >"$scratch/linter.log" 2>&1 &
	linter_job=$!
fi

passed=0
failed=()
for step in "${steps[@]}"; do
	started=$SECONDS
	printf '\n== %s\n' "$step"
	if "step_$step"; then
		passed=$((passed + 1))
		echo "== $step passed in $((SECONDS - started)) s"
	else
		failed+=("$step")
		echo "== $step FAILED after $((SECONDS - started)) s"
	fi
done

echo
[ ${#failed[@]} = 0 ] || echo "failed: ${failed[*]}"
echo "$passed passed, ${#failed[@]} failed, 0 skipped"
[ ${#failed[@]} = 0 ]
