#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (5s), one after the other.
set -euo pipefail

time=${FUZZTIME:-5s}
targets=$(go test -list '^Fuzz' ./... | awk '/^Fuzz/ {names[n++] = $1} /^ok/ {for (i = 0; i < n; i++) print $2, names[i]; n = 0}')
count=0
while read -r package name; do
	[ -n "$name" ] || continue
	echo "fuzz $package $name"
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "$package"
	count=$((count + 1))
done <<<"$targets"
echo "$count fuzz targets ran for $time each"
