#!/bin/sh
# The deploy hook of the orchestrator itself, for `staging.command`, `production.command` and `rollbackCommand` (DEP-13 to DEP-17).
# Runs on the host that has docker, in a checkout of the revision. The actions, by ORCH_ACTION or as the first argument:
#
#   build-staging  builds the staging image from this checkout, labelled with its revision and code tree
#   deploy         ORCH_ENVIRONMENT=staging: build-staging, restart, health, the staging check inside the container
#                  ORCH_ENVIRONMENT=production: the staging image, if it is of the expected revision, becomes production
#   rollback       what ran before the last deploy runs again
#
# Exit 0: healthy. 1: failed, and what ran before runs (again). 2: failed and not restored, a person must look.
set -u

SOURCE_IMAGE=${SOURCE_IMAGE:-orchestrator:staging}
TARGET_IMAGE=${TARGET_IMAGE:-orchestrator:production}
ROLLBACK_IMAGE=${ROLLBACK_IMAGE:-orchestrator:rollback}
# Compose files of the host, whose service runs the image TARGET_IMAGE, or SOURCE_IMAGE in staging.
COMPOSE_FILE=${COMPOSE_FILE:-}
STAGING_COMPOSE_FILE=${STAGING_COMPOSE_FILE:-}
COMPOSE_SERVICE=${COMPOSE_SERVICE:-orchestrator}
HEALTH_URL=${HEALTH_URL:-http://127.0.0.1:8500/health}
STAGING_HEALTH_URL=${STAGING_HEALTH_URL:-http://127.0.0.1:8501/health}
HEALTH_TRIES=${HEALTH_TRIES:-60}
HEALTH_PAUSE_S=${HEALTH_PAUSE_S:-2}
STATE_DIR=${STATE_DIR:-$HOME/.orchestrator/hook}

ACTION=${1:-${ORCH_ACTION:-}}
ENVIRONMENT=${ORCH_ENVIRONMENT:-}
DEPLOY_ID=${ORCH_DEPLOY_ID:-}
REVISION=${ORCH_EXPECTED_REVISION:-${EXPECTED_REVISION:-${GIT_SHA:-}}}
TREE=${ORCH_EXPECTED_TREE:-}

say() { printf '%s\n' "$*"; }
untouched() { say "$*; nothing was changed"; exit 1; }
a_person_must_look() { say "$*; a person must look"; exit 2; }

image_id() { docker image inspect --format '{{.Id}}' "$1" 2>/dev/null; }
label() { docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2>/dev/null; }

# restart <compose file>: with the image that the tag names now
restart() { docker compose -f "$1" up -d --no-build --no-deps --force-recreate "$COMPOSE_SERVICE"; }

# The image of the container, which a tag that was moved meanwhile need not name.
running_image() {
  container=$(docker compose -f "$COMPOSE_FILE" ps -q "$COMPOSE_SERVICE") || return 1
  [ -z "$container" ] || docker inspect --format '{{.Image}}' "$container"
}

# healthy <url>: answers with 200 before the tries are used up
healthy() {
  tries=$HEALTH_TRIES
  while [ "$tries" -gt 0 ]; do
    [ "$(curl --silent --max-time 5 --output /dev/null --write-out '%{http_code}' "$1")" = 200 ] && return 0
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] && sleep "$HEALTH_PAUSE_S"
  done
  return 1
}

build_staging() {
  [ -n "$REVISION" ] || untouched "ORCH_EXPECTED_REVISION is not set"
  say "building $SOURCE_IMAGE from $REVISION"
  docker build -f docker/Dockerfile --build-arg "GIT_SHA=$REVISION" --build-arg "CODE_TREE=$TREE" -t "$SOURCE_IMAGE" .
}

deploy_staging() {
  [ -n "$STAGING_COMPOSE_FILE" ] || untouched "STAGING_COMPOSE_FILE is not set"
  before=$(image_id "$SOURCE_IMAGE") || before=
  build_staging || untouched "the image could not be built"
  restart "$STAGING_COMPOSE_FILE" && healthy "$STAGING_HEALTH_URL" || restore_staging "$before"
  # Whatever it says, staging stays up with what was checked, so that somebody can look.
  docker compose -f "$STAGING_COMPOSE_FILE" exec -T "$COMPOSE_SERVICE" node scripts/staging-check.mjs || exit 1
}

restore_staging() {
  say "staging with $REVISION is not healthy"
  [ -n "$1" ] || a_person_must_look "there is no earlier staging image"
  docker tag "$1" "$SOURCE_IMAGE" && restart "$STAGING_COMPOSE_FILE" && healthy "$STAGING_HEALTH_URL" ||
    a_person_must_look "the earlier staging could not be restored"
  say "the earlier staging runs again"
  exit 1
}

# The merge commit is another commit than the one that staging tested, of the same code: either label will do, and one must (DEP-16).
# of_expected_revision <image>
of_expected_revision() {
  revision=$(label "$1" org.opencontainers.image.revision) || revision=
  tree=$(label "$1" orchestrator.code-tree) || tree=
  [ -n "$REVISION" ] && [ "$revision" = "$REVISION" ] && return 0
  [ -n "$TREE" ] && [ "$tree" = "$TREE" ] && return 0
  say "$1 is of revision ${revision:-unknown}, expected ${REVISION:-none}"
  return 1
}

deploy_production() {
  of_expected_revision "$SOURCE_IMAGE" || untouched "build staging anew"
  snapshot || untouched "the running image could not be kept as $ROLLBACK_IMAGE"
  say "production becomes $SOURCE_IMAGE ($REVISION)"
  docker tag "$SOURCE_IMAGE" "$TARGET_IMAGE" && restart "$COMPOSE_FILE" && healthy "$HEALTH_URL" && return 0
  say "production with $REVISION is not healthy"
  [ -e "$STATE_DIR/snapshot-$DEPLOY_ID" ] || a_person_must_look "there was no production before, and nothing to restore"
  back_to_snapshot || a_person_must_look "the image that ran before could not be restored"
  say "the image that ran before runs again"
  return 1
}

# Once for each deploy: an attempt that was cut off must not take its own new image for the one that ran before.
snapshot() {
  [ -e "$STATE_DIR/snapshot-$DEPLOY_ID" ] && return 0
  running=$(running_image) || return 1
  [ -n "$running" ] || return 0
  docker tag "$running" "$ROLLBACK_IMAGE" && : >"$STATE_DIR/snapshot-$DEPLOY_ID"
}

back_to_snapshot() {
  image_id "$ROLLBACK_IMAGE" >/dev/null || return 1
  docker tag "$ROLLBACK_IMAGE" "$TARGET_IMAGE" && restart "$COMPOSE_FILE" && healthy "$HEALTH_URL"
}

roll_back() {
  of_expected_revision "$ROLLBACK_IMAGE" || a_person_must_look "what runs was left as it is"
  back_to_snapshot || a_person_must_look "production with $ROLLBACK_IMAGE is not healthy"
  say "production runs $ROLLBACK_IMAGE"
}

# once <function>: a deploy id that has come to an end is answered with that end.
once() {
  [ -n "$DEPLOY_ID" ] || untouched "ORCH_DEPLOY_ID is not set"
  [ -n "$COMPOSE_FILE" ] || untouched "COMPOSE_FILE is not set"
  mkdir -p "$STATE_DIR" || untouched "$STATE_DIR cannot be written"
  result=$STATE_DIR/result-$ACTION-$DEPLOY_ID
  [ -e "$result" ] && { say "deploy $DEPLOY_ID has ended before"; exit "$(cat "$result")"; }
  ("$1")
  code=$?
  printf '%s\n' "$code" >"$result.new" && mv "$result.new" "$result"
  exit "$code"
}

case "$ACTION:$ENVIRONMENT" in
  build-staging:*) build_staging ;;
  deploy:staging) deploy_staging ;;
  deploy:production) once deploy_production ;;
  rollback:production) once roll_back ;;
  *) untouched "the action \"$ACTION\" of \"$ENVIRONMENT\" is not known: build-staging, deploy of staging or production, rollback of production" ;;
esac
