#!/bin/sh
# libraries_of_debian.sh PROGRAM FOLDER: prints the Debian packages of the shared libraries that the program and the
# libraries in FOLDER need.
set -eu
for file in "$1" "$2"/*; do LD_LIBRARY_PATH=$2 ldd "$file"; done |
  awk -v own="$2" '$2 == "=>" && index($3, own) != 1 { print $3 }' | sort -u | while read -r path; do
  # Only what the program itself names: its packages bring the rest.
  if objdump -p "$1" "$2"/* | grep -q "NEEDED *$(basename "$path")$"; then
    dpkg-query --search "$(readlink -f "$path")" "$path" 2>/dev/null | head -1 | cut -d: -f1
  fi
done | sort -u | tr '\n' ' '
