#!/usr/bin/env bash
# An agent of random behaviour: agent.sh <folder> <seed> <arguments of Claude Code …>
# The same seed, work item and attempt behave the same. `[[<behaviour>]]` in the item's text chooses one.
folder=$1 seed=$2
say() { printf '%s\n' "$1"; }
note() { printf '%s %s %s\n' "$1" "$ORCH_WORK_ITEM" "$ORCH_RUN_ID" >>"$folder/agents"; }

# Held as long as this process lives, and by none of its children: two agents at one work item would be seen here.
mkdir -p "$folder/locks"
exec 9>"$folder/locks/$ORCH_WORK_ITEM"
flock -n 9 || note overlap
note start
say '{"type":"system","subtype":"init","session_id":"s","permissionMode":"dontAsk","claude_code_version":"0.0.0-soak"}'

chance=$(($(printf '%s %s %s' "$seed" "$ORCH_WORK_ITEM" "$ORCH_ATTEMPT" | cksum | cut -d' ' -f1) % 1000))
wished=$(sed -n 's/.*\[\[\([a-z-]*\)\]\].*/\1/p' "$ORCH_TASK_FILE" | head -1)
behaviours=(work work work work work children children crash overload deaf idle mute babble slow slow suicide)
behaviour=${wished:-${behaviours[$((chance % ${#behaviours[@]}))]}}

work() {
  for file in 01-brd.md 02-trz.md 03-acceptance-criteria.md 04-test-plan.yaml; do
    printf 'run: %s\n' "$ORCH_RUN_ID" >"$ORCH_ARTIFACTS_DIR/$file"
  done
}
result() { say "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":$1,\"total_cost_usd\":0.01${2:-}}"; }

sleep "0.$((chance % 10))" 9>&-
case $behaviour in
  work) work && result false ;;
  children)
    (exec sleep 300) 9>&- &
    setsid bash -c 'trap "" INT TERM; while :; do sleep 1; done' 9>&- &
    work && result false
    ;;
  slow) for _ in 1 2 3 4; do sleep 0.6 9>&-; say '{"type":"assistant","message":{"id":"m","content":[]}}'; done; work && result false ;;
  long) for _ in $(seq 600); do sleep 0.2 9>&-; say '{"type":"assistant","message":{"id":"m","content":[]}}'; done; work && result false ;;
  waits) until [ -e "$folder/go" ]; do sleep 0.05 9>&-; done; work && result false ;;
  babble)
    head -c 3000000 /dev/zero | tr '\0' 'x'
    printf '\n{"type":"assi\n{"half":\n'
    work && result false
    ;;
  crash) exit 1 ;;
  overload) result true ',"api_error_status":529' && exit 1 ;;
  deaf)
    trap '' INT TERM
    while :; do sleep 0.5 9>&-; done
    ;;
  idle) result false ;;
  mute) work ;;
  suicide) kill -9 $$ ;;
esac
