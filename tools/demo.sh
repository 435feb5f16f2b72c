#!/usr/bin/env bash
# The words of a telephone call and of a book read aloud, with times, and how long it took.
set -euo pipefail
cd "$(dirname "$0")/.."
speech=${STENO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steno}/speech
call=("$speech/telephone.wav")
book=("$speech"/austen-*.wav)

began=$(date +%s%N)
echo "A telephone call, as subtitles:"
build/steno transcribe --format srt --max-line-width 80 --max-line-count 1 "${call[@]}"
echo
echo "Lines of a book, read aloud:"
build/steno transcribe --timestamps "${book[@]}"
took=$((($(date +%s%N) - began) / 1000000))

python3 - "$took" "${call[@]}" "${book[@]}" <<'PYTHON'
import sys
import wave

seconds = 0
for path in sys.argv[2:]:
    with wave.open(path) as recording:
        seconds += recording.getnframes() / recording.getframerate()
took = int(sys.argv[1]) / 1000
print(f"\n{seconds:.0f} s of speech took {took:.1f} s.")
print("Your own recording: build/steno transcribe FILE...")
PYTHON
