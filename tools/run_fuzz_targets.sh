#!/usr/bin/env bash
# run_fuzz_targets.sh BUILD SECONDS: runs each fuzz target of a build folder for this many seconds, from
# the seeds in tests/fuzz/corpus. Inputs that made a target fail are kept in BUILD/fuzz/NAME.found/.
set -euo pipefail
build=$1
seconds=$2
root=$(cd "$(dirname "$0")/.." && pwd)
export UBSAN_OPTIONS="print_stacktrace=1"

failed=()
for target in "$build"/fuzz/*_fuzz; do
  name=$(basename "$target")
  corpus=$target.corpus
  seeds=$root/tests/fuzz/corpus/${name%_fuzz}
  mkdir -p "$corpus" "$target.found"
  folders=("$corpus")
  [[ ! -d $seeds ]] || folders+=("$seeds")
  log=$target.log
  if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="$target.found/" "${folders[@]}" >"$log" 2>&1; then
    echo "$name: $(awk '/number_of_executed_units/ { print $2 }' "$log") inputs, no failure"
  else
    failed+=("$name")
    tail -n 60 "$log"
  fi
done
((${#failed[@]} == 0)) || {
  echo "failed: ${failed[*]}" >&2
  exit 1
}
