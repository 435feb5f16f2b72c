#!/usr/bin/env bash
# The words of a telephone call and of a page read aloud, with times, and how long it took.
set -euo pipefail
cd "$(dirname "$0")/.."
speech=${STENO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steno}/speech
recordings=("$speech"/telephone.wav "$speech"/austen-*.wav)

began=$(date +%s%N)
build/steno transcribe --timestamps --no-without-timestamps --language en "${recordings[@]}"
took=$((($(date +%s%N) - began) / 1000000))

python3 - "$took" "${recordings[@]}" <<'PYTHON'
import sys
import wave

seconds = 0
for path in sys.argv[2:]:
    with wave.open(path) as recording:
        seconds += recording.getnframes() / recording.getframerate()
took = int(sys.argv[1]) / 1000
print(f"\n{seconds:.0f} s of speech took {took:.1f} s: {seconds / took:.1f} times as fast as it was said.")
print("Your own recording: build/steno transcribe FILE...")
PYTHON
