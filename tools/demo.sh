#!/usr/bin/env bash
# Starts the service, creates a key, and transcribes a telephone call as a client, first without and then
# with speakers. On a terminal, the service then runs until Enter is pressed.
set -euo pipefail
cd "$(dirname "$0")/.."
call=${STENO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steno}/speech/telephone.wav
data=$(mktemp -d)
service=

finish() {
  if [[ -n $service ]] && kill "$service" 2>/dev/null; then wait "$service" || true; fi
  rm -rf "$data"
}
trap finish EXIT

# Prints a line in another colour than the output of the commands.
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

build/steno serve --data-dir "$data" --listen 127.0.0.1:0 --log-level warning &
service=$!
until [[ -s $data/run/serve.json ]]; do
  kill -0 "$service" 2>/dev/null || exit 1
  sleep 0.01
done
url=http://$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["addresses"][0])' \
  "$data/run/serve.json")
key=$(build/steno keys create --data-dir "$data" --name demo)
say "The service runs at $url, with its data in $data."

began=$(date +%s%N)
say "\$ curl -H 'X-API-Key: …' -H 'Content-Type: audio/wav' --data-binary @telephone.wav $url/api/v1/transcribe?language=en"
answer=$(curl -sS --fail-with-body -H "X-API-Key: $key" -H 'Content-Type: audio/wav' \
  --data-binary @"$call" "$url/api/v1/transcribe?language=en")
echo "$answer"
id_in() { python3 -c 'import json, sys; print(json.load(sys.stdin)["job_id"])' <<<"$1"; }
job=$(id_in "$answer")

say "\$ curl $url/api/v1/jobs/$job/events"
curl -sSN --fail-with-body -H "X-API-Key: $key" "$url/api/v1/jobs/$job/events" |
  python3 -c '
import json, sys
for line in sys.stdin:
    if not line.startswith("data: "):
        continue
    news = json.loads(line[6:])
    if "text" in news:
        print("{start:7.2f} - {end:5.2f} {text}".format(**news))
    elif "progress" in news:
        print("  {stage} {progress:.0f} %".format(**news))
'
took=$((($(date +%s%N) - began) / 1000000))

say "\$ curl $url/api/v1/jobs/$job/result?format=srt&max_line_width=80&max_line_count=1"
curl -sS --fail-with-body -H "X-API-Key: $key" "$url/api/v1/jobs/$job/result?format=srt&max_line_width=80&max_line_count=1"
say "30 s of speech took $((took / 1000)).$(printf %03d $((took % 1000))) s, the model's start included."

say "\$ curl -H 'X-API-Key: …' --json '{\"diarize\": true}' $url/api/v1/jobs/$job/rerun"
answer=$(curl -sS --fail-with-body -H "X-API-Key: $key" --json '{"diarize": true}' "$url/api/v1/jobs/$job/rerun")
echo "$answer"
told=$(id_in "$answer")
state=
until [[ $state =~ '"status":"'(completed|failed)'"' ]]; do
  state=$(curl -sS --fail-with-body -H "X-API-Key: $key" "$url/api/v1/jobs/$told?wait=30")
done
say "\$ curl $url/api/v1/jobs/$told/result?format=txt"
curl -sS --fail-with-body -H "X-API-Key: $key" "$url/api/v1/jobs/$told/result?format=txt"
say "Who says what, without hearing the words again."
cat <<END
The API is described at $url/docs as long as the service runs.
Next:
  build/steno serve --data-dir data                           the service, at 127.0.0.1:8080
  build/steno keys create --data-dir data --name me           a key for it
  build/steno transcribe FILE...                              without any service
END
if [[ -t 0 && -t 1 ]]; then
  read -rp "Press Enter to end the service. "
fi
