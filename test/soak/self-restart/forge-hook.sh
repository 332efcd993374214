#!/bin/sh
# A reference-transaction hook of the forge's repository: <state> as argument, "<old> <new> <reference>" on standard input.
folder=FOLDER
here=HERE
state=$1
point=$(cat "$folder/point")
case "$point $state" in
  'merged-unheard committed' | 'log-refused prepared' | 'log-unheard committed') ;;
  *) exit 0 ;;
esac
[ ! -e "$folder/struck-$(cat "$folder/drill")" ] || exit 0
while read -r _ new reference; do
  if [ "$point" = merged-unheard ]; then
    [ "$reference" = refs/heads/main ] || continue
  else
    git show --name-only --format= "$new" 2>/dev/null | grep -q '/14-deploy-log.md$' || continue
    [ "${reference#refs/heads/}" != "$reference" ] && [ "$reference" != refs/heads/main ] || continue
  fi
  "$here/strike.sh" "$folder"
  [ "$point" != log-refused ] || exit 1
done
exit 0
