#!/usr/bin/env bash
# try_package.sh: installs the .deb of `make package` on a bare Debian 12 and does what README's "Run it for real"
# says, as an ordinary user. Needs root, debootstrap and Debian's mirror; makes the bare system once, in the cache.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${STENO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steno}
bare=$cache/bare
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
((EUID == 0)) || { echo "try_package.sh: needs root" >&2; exit 1; }

if [[ ! -e $bare/made ]]; then
  command -v debootstrap >/dev/null || apt-get install --yes --quiet debootstrap >/dev/null
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m 1 '/debian/$' || true)
  rm -rf --one-file-system "$bare"
  debootstrap --variant=minbase --include=ca-certificates,curl bookworm "$bare" ${mirror:+"$mirror"} >"$work/log" ||
    { cat "$work/log" >&2; exit 1; }
  cp /etc/apt/apt.conf.d/*proxy* "$bare/etc/apt/apt.conf.d/" 2>/dev/null || true
  cp -r /etc/ssl/certs/. "$bare/etc/ssl/certs/"
  touch "$bare/made"
fi
cp -a "$bare" "$work/root"
cp /etc/resolv.conf /etc/hosts "$work/root/etc/"
cp build/steno_*.deb build/steno_*.tar.gz "$work/root/"
cp "$cache/speech/telephone.wav" "$work/root/talk.wav"
cat >"$work/root/try" <<'END'
set -euo pipefail
apt-get -qq update
apt-get -qq -o Dpkg::Use-Pty=0 install --yes /steno_*.deb >/dev/null
useradd --create-home user
cat >/home/user/try <<'USER'
set -euo pipefail
cd
cp /talk.wav meeting.mp3
steno transcribe --diarize meeting.mp3
steno doctor --data-dir data || true
steno serve --data-dir data &
service=$!
until curl -sf http://127.0.0.1:8080/health/ready >/dev/null; do sleep 0.1; done
export STENO_API_KEY=$(steno keys create --data-dir data --name me)
job=$(curl -sS --fail-with-body -H "X-API-Key: $STENO_API_KEY" -F file=@meeting.mp3 -F diarize=true \
  http://127.0.0.1:8080/api/v1/transcribe | sed 's/.*"job_id":"\([^"]*\)".*/\1/')
steno jobs watch "$job"
steno jobs result "$job" | tee out
grep -q 'SPEAKER_01: ' out
kill $service && wait $service
tar xf /steno_*.tar.gz
mv steno_* elsewhere
elsewhere/bin/steno transcribe --diarize meeting.mp3 | grep -q 'SPEAKER_01: '
USER
chown user /home/user/try
exec su --login user --command 'bash /home/user/try'
END
# shellcheck disable=SC2016
unshare --mount bash -c '
  mount -t proc proc "$0/proc" && mkdir -p "$0/dev/shm" && mount -t tmpfs tmpfs "$0/dev/shm" &&
  for device in null zero random urandom; do touch "$0/dev/$device"; mount --bind "/dev/$device" "$0/dev/$device"; done &&
  exec chroot "$0" env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin bash /try' "$work/root"
echo "try_package.sh: installed, transcribed, served; the tarball too"
