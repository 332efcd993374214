#!/bin/sh
# production-hook.sh <folder> <command>: deploys by the command, and kills the orchestrator at the point of the drill.
folder=$1
command=$2
here=$(dirname "$0")
point=$(cat "$folder/point")
strike_at() {
  [ "$point" != "$1" ] || "$here/strike.sh" "$folder"
}

echo "$ORCH_DEPLOY_ID $(cat "$folder/drill") $point" >>"$folder/starts"
before=$(cat "$folder/pid")
if [ "$point" = exit-recorded ]; then
  # Whoever carries the tag of a run is ended with it; this one comes after the end.
  record="$folder/data/runs/deploy-$ORCH_DEPLOY_ID/exit.json"
  # Through ssh the result of an attempt lies beside its claim.
  [ ! -d ../claim ] || record="$(dirname "$PWD")/result"
  env -u ORCH_RUN_ID setsid sh -c 'until [ -s "$1" ]; do sleep 0.01; done; exec "$2" "$3"' \
    watch "$record" "$here/strike.sh" "$folder" </dev/null >/dev/null 2>&1 &
fi
strike_at hook-silent
echo "{\"check\":\"S1\",\"block\":\"S\",\"kind\":\"REAL\",\"ok\":true,\"detail\":\"deploy $ORCH_DEPLOY_ID\"}"
if [ "$point" = hook-middle ]; then
  strike_at hook-middle
  while [ "$(cat "$folder/pid")" = "$before" ]; do sleep 0.05; done
fi
sh -c "$command"
code=$?
strike_at hook-end
exit $code
