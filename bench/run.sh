#!/usr/bin/env bash
# Measures Steno beside faster-whisper, which it installs into a folder of its own in the cache.
# Arguments go to run.py, or behind the word "service" to service/run.py.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${STENO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steno}
peer=$cache/bench-peer
wanted=$(sha256sum <bench/requirements.txt)
if [[ $(cat "$peer/.installed" 2>/dev/null) != "$wanted" ]]; then
  rm -rf "$peer"
  "${PYTHON:-/usr/bin/python3}" -m venv "$peer"
  "$peer/bin/pip" install --quiet --require-hashes --only-binary=:all: -r bench/requirements.txt
  echo "$wanted" >"$peer/.installed"
fi
script=bench/run.py
[[ ${1-} == service ]] && shift && script=bench/service/run.py
exec "$peer/bin/python" "$script" --cache "$cache" "$@"
