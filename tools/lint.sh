#!/usr/bin/env bash
# All checks that do not run the code. STENO_TIDY=off skips clang-tidy.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-/usr/bin/python3}

mapfile -t sources < <(git ls-files '*.h' '*.cc')
clang-format --dry-run --Werror "${sources[@]}"
echo "format: ${#sources[@]} files as clang-format has them"

mapfile -t scripts < <(git ls-files '*.sh' .ci/run 'packaging/debian/*')
shellcheck -x "${scripts[@]}"
echo "shellcheck: ${#scripts[@]} scripts without a finding"

"$PYTHON" tools/check_layers.py
"$PYTHON" tools/check_path_of_a_job.py
"$PYTHON" tools/check_source_map.py
"$PYTHON" tools/check_words.py

if [[ ${STENO_TIDY-on} != off ]]; then
  # Clang cannot read the precompiled headers of g++, so clang-tidy gets commands without them. Each
  # source is checked alone, so it must include what it needs.
  cmake --preset release -B build-tidy -D CMAKE_DISABLE_PRECOMPILE_HEADERS=ON -D STENO_UNITY=OFF \
    -D STENO_TESTS=OFF --log-level=WARNING >/dev/null
  ninja -C build-tidy generated/api/system/page_table.inc \
    generated/store/sqlite/migration_table.inc >/dev/null
  # The kernels need flags that only g++ supports.
  mapfile -t units < <(git ls-files 'src/*.cc' ':!src/pipeline/asr/native/kernels_*.cc')
  printf '%s\n' "${units[@]}" | xargs -P "${JOBS:-2}" -n 4 clang-tidy -p build-tidy --quiet \
    2> >(grep -v 'warnings generated' >&2)
  echo "clang-tidy: ${#units[@]} files without a finding"
fi
