#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (5s), one after the other.
set -euo pipefail

time=${FUZZTIME:-5s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# On a busy machine the fuzzer may miss its own end and call that a failure
# (https://go.dev/issue/75804): then, and only then, it runs again, twice at most.
fuzz() { # package, target
	local try
	for try in first second third; do
		if go test -run '^$' -fuzz "^$2\$" -fuzztime "$time" "$1" 2>&1 | tee "$log"; then
			return
		fi
		grep -q 'context deadline exceeded' "$log" || return 1
		echo "the $try run missed its end"
	done
	return 1
}

targets=$(go test -list '^Fuzz' ./... |
	awk '/^Fuzz/ {names[n++] = $1} /^ok/ {for (i = 0; i < n; i++) print $2, names[i]; n = 0}')
count=0
while read -r package name; do
	[ -n "$name" ] || continue
	echo "fuzz $package $name"
	fuzz "$package" "$name"
	count=$((count + 1))
done <<<"$targets"
echo "$count fuzz targets ran for $time each"
