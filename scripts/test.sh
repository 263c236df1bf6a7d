#!/usr/bin/env bash
# Runs every suite, fast ones first, and sums up at the end: what failed, with
# the lines that say why, and then one line for each suite. With names as
# arguments it runs only those: vet frontend go kafka couchbase verify
# fuzz lint browser.
# STRICT=1 takes a suite that cannot run for one that failed.
set -uo pipefail

suites="vet frontend go kafka couchbase verify fuzz lint browser"
chosen=${*:-$suites}
for suite in $chosen; do
	if [[ " $suites " != *" $suite "* ]]; then
		echo "There is no suite $suite. The suites: $suites." >&2
		exit 2
	fi
done
passed=0 failed=0 skipped=0 summary=""
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

note() { # state, suite, remark
	summary+=$(printf '  %-8s %-9s %s' "$1" "$2" "$3")$'\n'
}

run() { # suite, command…
	local suite=$1 start=$SECONDS
	shift
	echo "=== $suite"
	if ("$@") 2>&1 | tee "$logs/$suite"; then
		passed=$((passed + 1))
		rm "$logs/$suite"
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
	if [ "${STRICT:-}" = 1 ]; then failed=$((failed + 1)); fi
}

# telling prints the lines of a failed suite that say what failed and why: the
# names of failed tests with what follows them, else the last lines.
telling() { # log, number of lines
	sed 's/\x1b\[[0-9;]*m//g' "$1" | awk -v most="$2" '
		/^ *--- FAIL|^panic: |WARNING: DATA RACE|FAIL: .*txtar:|^ *FAIL +.*\.test\.|AssertionError|^ +[0-9]+\) |^ *Error: |: error TS|^# / { left = 4 }
		/^FAIL\t/ { left = 1 }
		left > 0 && NF > 0 { print substr($0, 1, 300); left--; if (++printed == most) exit }
		END { exit printed == 0 }
	' || tail -n "$2" "$1" | cut -c1-300
}

explain() {
	local log share
	for log in "$logs"/*; do
		[ -f "$log" ] || continue
		share=$((40 / $(find "$logs" -type f | wc -l)))
		printf '\n=== why %s failed\n' "$(basename "$log")"
		telling "$log" "$share"
	done
}

suite_vet() { run vet go vet ./...; }

# raced runs the Go tests under the race detector, but for those in which calls of
# the Couchbase client end before it knows their collection: there it reads the
# length of a list that it changes elsewhere, for a line of its log
# (collectionscomponent.go of gocbcore v10.8.1). The suite couchbase runs those.
raced() {
	local packages
	packages=$(go list ./... | grep -Ev '/shared/storage/couchbase(/internal/link)?$')
	# shellcheck disable=SC2086
	go test -race -timeout 30m -skip "$client_races" $packages
}

client_races='TestFoldWhileTheClusterFails|TestFoldCosts|TestFold.*/couchbase|TestDrop/couchbase'

suite_go() {
	if [ "$(go env CGO_ENABLED)" = 1 ] && command -v "$(go env CC)" >/dev/null; then
		run go raced
		return
	fi
	run go go test -timeout 30m ./...
	skip race "the race detector needs a C compiler"
}

# kafka runs what needs a real broker, one at a time, and ends with the table of
# the faults that it has seen.
kafka() {
	local out status
	out=$(mktemp)
	go test -count=1 -timeout 30m ./shared/kafka -broker ${LONG:+-long} -v | tee "$out" | grep -v '^=== '
	status=${PIPESTATUS[0]}
	go test -count=1 -timeout 30m ./functions/standalone -broker -run Kafka -v | grep -v "^=== "
	[ "${PIPESTATUS[0]}" -eq 0 ] || status=1
	grep '^fault:' "$out"
	rm "$out"
	return "$status"
}

suite_kafka() {
	local reason
	if ! reason=$(go run ./scripts/kafka broker -check 2>&1); then
		skip kafka "${reason%%$'\n'*}"
		return
	fi
	run kafka kafka
	if ! reason=$(scripts/examples/venv.sh 2>&1 >/dev/null); then
		skip python "${reason##*$'\n'}"
		return
	fi
	run python go test -count=1 -timeout 15m ./scripts/examples -broker
}

# promises prints which promises of the storage suite a test has seen kept.
promises() { # test, output
	sed -n "s|^ *--- PASS: $1/\([^ ]*\) .*|\1|p" "$2" | sort
}

# couchbase runs the driver on a stand-in for a cluster, with its faults, and, if
# COUCHBASE_CONN names one, on a real cluster. It ends with the table of faults
# and with how many promises of the storage suite each place has kept, which have
# to be those that SQLite keeps.
couchbase() {
	local out status place
	out=$(mktemp)
	go test -count=1 -timeout 30m -v ./shared/storage/couchbase/... | tee "$out" | grep -Ev '^(=== | +--- PASS)'
	status=${PIPESTATUS[0]}
	go test -count=1 -v ./shared/storage/sqlite -run '^TestContract$' >>"$out" || status=1
	go test -count=1 -timeout 15m ./functions/store -run "$client_races" || status=1
	sed -n 's/^\( *[a-z_]*_test\.go:[0-9]*: \)\{0,1\}\(fault: .*\)/\2/p' "$out"
	for place in TestContract TestContractOnStandIn TestContractOnRealCluster; do
		echo "suite: $(promises "$place" "$out" | wc -l) promises kept in $place"
		if [ "$place" = TestContractOnRealCluster ] && [ -z "${COUCHBASE_CONN:-}" ]; then
			echo "suite: COUCHBASE_CONN is not set, so all of this stands on the stand-in, and nothing on a real cluster"
		elif ! diff <(promises TestContract "$out") <(promises "$place" "$out"); then
			echo "suite: $place does not keep what SQLite keeps"
			status=1
		fi
	done
	rm "$out"
	return "$status"
}

suite_couchbase() { run couchbase couchbase; }

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
explain
printf '\n%s\nsuites: %d passed, %d failed, %d skipped\n' "$summary" "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
