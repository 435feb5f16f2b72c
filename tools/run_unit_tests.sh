#!/usr/bin/env bash
# run_unit_tests.sh BUILD [CTEST_OPTION...]: the unit tests of a build folder. With
# STENO_REQUIRE_ALL=1 a skipped test is a failure.
set -euo pipefail
build=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
export TSAN_OPTIONS="suppressions=$here/tsan.supp:second_deadlock_stack=1"
export ASAN_OPTIONS="detect_stack_use_after_return=1"
export LSAN_OPTIONS="suppressions=$here/lsan.supp:print_suppressions=0"
export UBSAN_OPTIONS="print_stacktrace=1"

log=$build/unit_tests.log
ctest --test-dir "$build" --output-on-failure --parallel "${JOBS:-2}" --timeout 300 \
  --no-tests=error "$@" 2>&1 | tee "$log" | grep -Ev '^ +Start |\.\.\. +Passed '
if [[ ${STENO_REQUIRE_ALL-} == 1 ]] && grep -q '\*\*\*Skipped' "$log"; then
  grep '\*\*\*Skipped' "$log"
  echo "skipped tests count as failures here" >&2
  exit 1
fi
