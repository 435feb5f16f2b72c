#!/usr/bin/env bash
# Compares Steno with its peers, which are installed into a separate folder of the cache: by default with
# faster-whisper (run.py); with the argument "service", with FastAPI (service/run.py); with the argument
# "diarize", with sherpa-onnx (diarize/run.py). The remaining arguments are passed on. With the argument
# "decode", compares decoding in a child with decoding in the process (decode/decode_bench.cc).
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${STENO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steno}

# install FOLDER REQUIREMENTS: creates a Python environment with these packages unless it exists.
install() {
  local wanted
  wanted=$(sha256sum <"$2")
  [[ $(cat "$1/.installed" 2>/dev/null) != "$wanted" ]] || return 0
  rm -rf "$1"
  "${PYTHON:-/usr/bin/python3}" -m venv "$1"
  "$1/bin/pip" install --quiet --require-hashes --only-binary=:all: -r "$2"
  echo "$wanted" >"$1/.installed"
}

if [[ ${1-} == decode ]]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  speech=$cache/speech/telephone.wav
  for name in telephone.wav telephone.mp3 telephone.m4a telephone.ogg telephone.flac; do
    ffmpeg -nostdin -v error -y -i "$speech" "$folder/$name"
  done
  ffmpeg -nostdin -v error -y -stream_loop 119 -i "$speech" -ar 44100 -ac 2 "$folder/hour.wav"
  ffmpeg -nostdin -v error -y -stream_loop 119 -i "$speech" "$folder/hour.mp3"
  echo '| recording | in the process | first samples in a child | all samples in a child | memory of the child |'
  echo '|---|---|---|---|---|'
  build/steno_decode_bench 51 "$folder"/telephone.*
  build/steno_decode_bench 5 "$folder"/hour.*
  exit
fi
if [[ ${1-} == diarize ]]; then
  peer=$cache/bench-diarize
  install "$peer" bench/diarize/requirements.txt
  meetings=pyannote.audio-2.1.1.tar.gz # contains clips of AMI meetings and their speakers
  [[ -e $peer/$meetings ]] ||
    "$peer/bin/pip" download --quiet --no-deps --no-binary=:all: --no-build-isolation --dest "$peer" \
      --require-hashes -r bench/diarize/meetings.txt
  exec "$peer/bin/python" bench/diarize/run.py --cache "$cache" --sdist "$peer/$meetings" "${@:2}"
fi
peer=$cache/bench-peer
install "$peer" bench/requirements.txt
script=bench/run.py
[[ ${1-} == service ]] && shift && script=bench/service/run.py
exec "$peer/bin/python" "$script" --cache "$cache" "$@"
