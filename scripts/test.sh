#!/usr/bin/env bash
# Runs every suite, fast ones first, and sums up at the end. With names as
# arguments it runs only those: vet frontend go verify fuzz lint browser.
set -uo pipefail

suites="vet frontend go verify fuzz lint browser"
chosen=${*:-$suites}
for suite in $chosen; do
	if [[ " $suites " != *" $suite "* ]]; then
		echo "There is no suite $suite. The suites: $suites." >&2
		exit 2
	fi
done
passed=0 failed=0 skipped=0 summary=""

note() { # state, suite, remark
	summary+=$(printf '  %-8s %-9s %s' "$1" "$2" "$3")$'\n'
}

run() { # suite, command…
	local suite=$1 start=$SECONDS
	shift
	echo "=== $suite"
	if ("$@"); then
		passed=$((passed + 1))
		note passed "$suite" "$((SECONDS - start)) s"
	else
		failed=$((failed + 1))
		note FAILED "$suite" "$((SECONDS - start)) s"
	fi
}

skip() { # suite, reason
	echo "=== $1: not run, $2"
	skipped=$((skipped + 1))
	note "not run" "$1" "$2"
}

suite_vet() { run vet go vet ./...; }

suite_go() {
	if [ "$(go env CGO_ENABLED)" = 1 ] && command -v "$(go env CC)" >/dev/null; then
		run go go test -race ./...
		return
	fi
	run go go test ./...
	skip race "the race detector needs a C compiler"
}

frontend() {
	go tool task packages && (cd frontend && npm run typecheck && npm run lint && npm test) &&
		go tool task dashboard
}

suite_frontend() {
	if ! command -v npm >/dev/null; then
		skip frontend "Node is not installed"
		return
	fi
	run frontend frontend
}

browser() { go tool task dashboard && cd frontend && npm run e2e; }

suite_browser() {
	if ! command -v npm >/dev/null || [ ! -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
		skip browser "it needs Node and chromium (CHROMIUM=/path/to/it)"
		return
	fi
	run browser browser
}

verify() { cd knative/verify && go test ./...; }

suite_verify() {
	if [ ! -f knative/verify/go.mod ]; then
		skip verify "knative/verify is not there"
		return
	fi
	run verify verify
}

suite_fuzz() { FUZZTIME=${FUZZTIME:-3s} run fuzz scripts/fuzz.sh; }

suite_lint() { run lint go tool task lint; }

for suite in $chosen; do
	"suite_$suite"
done
printf '\n%s\nsuites: %d passed, %d failed, %d skipped\n' "$summary" "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
