import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { Config } from '../../config/config.js';
import type { Clock } from '../../kernel/clock.js';
import { toIso } from '../../kernel/time.js';
import { readDisk } from '../upkeep/disk-watch.js';
import { missing, note, ok, type Finding } from './finding.js';

const GIB = 1024 ** 3;
/** `merge-tree --write-tree`, which says what conflicts without a worktree. */
const GIT_LEAST = [2, 38] as const;
const SKEW_MS_MAX = 5_000;
const ANSWER_MS_MAX = 10_000;

export async function disk({ dataDir, limits }: Config): Promise<readonly Finding[]> {
  const place = existing(dataDir);
  await access(place, constants.W_OK);
  const { usedPercent, freeBytes } = await readDisk(place);
  const says = `${place} can be written; the disk is ${usedPercent.toFixed(0)} % full, ${(freeBytes / GIB).toFixed(1)} GiB are free`;
  const isFull = usedPercent >= limits.diskAlertPercent;
  return [isFull ? missing('disk', `${says}: make room, the limit is ${limits.diskAlertPercent} %`) : ok('disk', says)];
}

/** Where the folder is, or will be made. */
function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path));
}

/** Compared with whoever we work with: both are asked anyway, and their answers carry their time. */
export async function clock({ gitea, plane }: Config, ours: Clock): Promise<readonly Finding[]> {
  const url = gitea?.url ?? plane?.url;
  if (!url) return [note('clock', `it says ${toIso(ours.now())}; there is nobody to compare it with`)];
  const skewMs = await skewTo(url, ours);
  if (skewMs === null) return [note('clock', `${url} does not say its time`)];
  const says = `it is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} that of ${url}`;
  return [Math.abs(skewMs) > SKEW_MS_MAX ? missing('clock', `${says}: let it be set by NTP`) : ok('clock', says)];
}

async function skewTo(url: string, ours: Clock): Promise<number | null> {
  const before = ours.now();
  const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_MS_MAX) });
  const theirs = Date.parse(answer.headers.get('date') ?? '');
  // A header names whole seconds.
  return Number.isNaN(theirs) ? null : (before + ours.now()) / 2 - (theirs + 500);
}

export async function git(): Promise<readonly Finding[]> {
  const { stdout } = await execa('git', ['--version']);
  const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number) ?? [];
  const isEnough = major > GIT_LEAST[0] || (major === GIT_LEAST[0] && minor >= GIT_LEAST[1]);
  return [isEnough ? ok('git', stdout) : missing('git', `${stdout}: install ${GIT_LEAST.join('.')} or newer`)];
}

/** Found, not run: what it would do is not known. */
export async function agentCommand({ agent }: Config): Promise<readonly Finding[]> {
  const [program = ''] = agent.command;
  const places = program.includes('/') ? [program] : (process.env['PATH'] ?? '').split(delimiter);
  const candidates = program.includes('/') ? places : places.map((place) => join(place, program));
  for (const candidate of candidates)
    if (await isProgram(candidate)) return [ok('agent', `${program} is ${candidate}`)];
  const where = isAbsolute(program) ? 'does not exist or cannot be run' : 'is not on the PATH';
  return [missing('agent', `ORCH_AGENT_COMMAND names ${program}, which ${where}`)];
}

/** `obstacle`: why agents cannot be enclosed here; null when they can. */
export async function agentSandbox(
  { agent }: Config,
  obstacle: () => Promise<string | null>,
): Promise<readonly Finding[]> {
  if (agent.sandbox === 'none') return [note('sandbox', 'ORCH_AGENT_SANDBOX is none: agents see all of this machine')];
  const why = await obstacle();
  if (why === null) return [ok('sandbox', 'agents run under bubblewrap')];
  return [missing('sandbox', `bubblewrap does not work here (${why}): install it, and allow user namespaces`)];
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
