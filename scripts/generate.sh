#!/usr/bin/env bash
# Writes again what is generated from the code: the README's table of settings,
# the API's document and the dashboard's API client.
set -euo pipefail

go test ./functions/query -run OpenAPI -update
go run ./scripts/settings -readme README.md
if command -v npm >/dev/null; then
	go tool task packages
	(cd frontend && npm run generate)
else
	echo "Node is not installed: the dashboard's API client was left as it is."
fi
