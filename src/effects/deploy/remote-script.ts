/** What is run on the other host, by its `sh`. One folder per attempt; the `claim` in it is made once, by whoever runs the hook. */
export interface RemoteAttempt {
  readonly key: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Bytes of the hook's output that come back. */
const TAIL_BYTES = 262_144;

/**
 * Takes the checkout from standard input and starts the hook in a session of its own. Started twice, the second runner finds the claim
 * and goes; a checkout that did not arrive whole is noticed by the checksum of its archive.
 */
export function startScript(attempt: RemoteAttempt): string {
  return `${folder(attempt.key)}
mkdir -p "$dir" || { echo "refused cannot write $dir"; exit 0; }
if [ ! -e "$dir/claim" ]; then
  work="$dir/checkout.$$"
  mkdir "$work" && tar -xzf - -C "$work" || { echo "refused the checkout did not arrive whole"; exit 0; }
  printf %s ${quoted(runner(attempt))} > "$dir/run.$$" || { echo "refused cannot write $dir"; exit 0; }
  command -v setsid >/dev/null || { echo "refused the host has no setsid"; exit 0; }
  setsid sh "$dir/run.$$" "$dir" "$work" </dev/null >/dev/null 2>&1 &
fi
n=0
while [ ! -s "$dir/pid" ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
if [ -s "$dir/pid" ]; then echo "started $(cat "$dir/pid")"; else echo "refused the hook did not come up"; fi`;
}

function runner({ command, env }: RemoteAttempt): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return `dir=$1; work=$2
mkdir "$dir/claim" 2>/dev/null || exit 0
echo $$ > "$dir/pid.new" && mv "$dir/pid.new" "$dir/pid"
${exports.join('\n')}
(cd "$work" && exec sh -c ${quoted(command)}) </dev/null >"$dir/output" 2>&1
code=$?
echo "$code $(date -u +%Y-%m-%dT%H:%M:%S.000Z)" > "$dir/result.new" && mv "$dir/result.new" "$dir/result"
rm -rf "$work"
`;
}

/** `absent`, `abandoned`, `starting`, `running <pid>`, `lost` or `ended <code> <when>`, the last with the output behind it. */
export function statusScript(key: string): string {
  return `${folder(key)}
ended() { echo "ended $(cat "$dir/result")"; tail -c ${TAIL_BYTES} "$dir/output"; exit 0; }
[ -e "$dir/result" ] && ended
if [ -s "$dir/pid" ]; then
  kill -0 "$(cat "$dir/pid")" 2>/dev/null && { echo "running $(cat "$dir/pid")"; exit 0; }
  [ -e "$dir/result" ] && ended
  echo lost
elif [ -e "$dir/abandoned" ]; then echo abandoned
elif [ -e "$dir/claim" ]; then echo starting
else echo absent; fi`;
}

/** Takes the claim itself, so that a start that is still on its way finds it taken: after \`abandoned\` nothing can begin any more. */
export function abandonScript(key: string): string {
  return `${folder(key)}
mkdir -p "$dir"
if mkdir "$dir/claim" 2>/dev/null; then : > "$dir/abandoned"; fi
if [ -e "$dir/abandoned" ]; then echo abandoned; else echo "started $(cat "$dir/pid" 2>/dev/null)"; fi`;
}

export function stopScript(key: string): string {
  return `${folder(key)}
[ -s "$dir/pid" ] || exit 0
kill -TERM -- "-$(cat "$dir/pid")" 2>/dev/null
n=0
while kill -0 "$(cat "$dir/pid")" 2>/dev/null && [ $n -lt 50 ]; do sleep 0.1; n=$((n + 1)); done
kill -KILL -- "-$(cat "$dir/pid")" 2>/dev/null
echo stopped`;
}

function folder(key: string): string {
  return `umask 077\ndir="$HOME/.orchestrator/deploys/"${quoted(key)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
