#!/usr/bin/env bash
# Says something through Hark:
#
#   export HARK_URL=http://127.0.0.1:4275 HARK_TOKEN=hark_…
#   notify.sh "The wash is done"
#   make backup 2>&1 | tail -5 | notify.sh -t "Backup" -p 4
#
# A key (-k) makes sending again safe: the same key is said once.
set -euo pipefail

title="" priority=3 key=""
while getopts t:p:k: option; do
  case $option in
    t) title=$OPTARG ;;
    p) priority=$OPTARG ;;
    k) key=$OPTARG ;;
    *) echo "usage: notify.sh [-t TITLE] [-p 1-5] [-k KEY] [TEXT]" >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
text=${*:-$(cat)}

# The token goes by a file descriptor: the list of processes does not show it.
exec curl --fail-with-body --silent --show-error --retry 5 --retry-all-errors --max-time 30 \
  --config <(printf 'header = "Authorization: Bearer %s"\n' "${HARK_TOKEN:?is not set}") \
  --header "Idempotency-Key: ${key:-$(date +%s%N)-$$}" \
  --form-string "text=$text" --form-string "title=$title" --form-string "priority=$priority" \
  "${HARK_URL:-http://127.0.0.1:4275}/api/assistant/fire"
