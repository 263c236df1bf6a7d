#!/usr/bin/env bash
# Builds the dashboard if Node is there. The monitor works without it, so a
# dashboard that cannot be built is said, and is no failure.
set -euo pipefail

without="The monitor starts without its dashboard; the API works all the same."
if ! command -v npm >/dev/null; then
	echo "Node is not installed. $without Install Node 20.19 or later to get it."
	exit 0
fi
go tool task dashboard || echo "The dashboard could not be built: see above. $without"
