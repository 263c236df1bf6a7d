#!/usr/bin/env bash
# Makes a Python environment with what probe.py needs, if it is not there yet,
# and prints the path of its interpreter.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v python3 >/dev/null; then
	echo "Python 3 is not installed" >&2
	exit 1
fi
wanted=$(cat requirements.txt)
folder=${XDG_CACHE_HOME:-$HOME/.cache}/api-endpoint-monitor/python-${wanted//[^a-z0-9.]/-}
python=$folder/bin/python
if [ ! -x "$python" ] || ! "$python" -c "import confluent_kafka" 2>/dev/null; then
	if ! python3 -m venv --clear "$folder" >&2; then
		echo "Python's venv is not installed (Debian: python3-venv)" >&2
		exit 1
	fi
	if ! "$python" -m pip install --quiet --disable-pip-version-check --requirement requirements.txt >&2; then
		echo "pip could not fetch $wanted" >&2
		exit 1
	fi
fi
echo "$python"
