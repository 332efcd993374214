#!/bin/sh
# strike.sh <folder>: kills the orchestrator, as a deploy of itself does; once per drill.
folder=$1
mkdir "$folder/struck-$(cat "$folder/drill")" 2>/dev/null || exit 0
kill -9 "$(cat "$folder/pid")"
