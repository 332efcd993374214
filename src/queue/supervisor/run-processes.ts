import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { identify, isAlive, isOver, statOf } from './process-identity.js';

const LOOK_AGAIN_MS = 25;

/**
 * Every process of a run: its group, its session, and whoever carries its tag in the environment. An agent's tools start
 * sessions of their own, which no signal to the group reaches.
 */
export function processesOf(runId: string, leader: number | null): number[] {
  const tag = `ORCH_RUN_ID=${runId}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isOf(pid, tag, leader));
}

/** Asks first, then kills, until nobody is left or the time is up; answers with those that are left. */
export async function sweep(runId: string, leader: number | null, graceMs: number): Promise<number[]> {
  const asked = await signalUntilGone(runId, leader, { signal: 'SIGTERM', forMs: graceMs });
  if (asked.length === 0) return asked;
  return signalUntilGone(runId, leader, { signal: 'SIGKILL', forMs: 5_000 });
}

/** INT lets an agent settle its account and print a result, TERM ends it, KILL needs no consent (agents-facts A7). */
export async function climbStopLadder(leader: number, killGraceMs: number, isGone: () => boolean): Promise<void> {
  const steps = [
    ['SIGINT', killGraceMs / 2],
    ['SIGTERM', killGraceMs],
    ['SIGKILL', 5_000],
  ] as const;
  for (const [signal, forMs] of steps) {
    signalGroup(leader, signal);
    // A stopped process would keep the signal for later.
    if (signal !== 'SIGKILL') signalGroup(leader, 'SIGCONT');
    if (await within(forMs, isGone)) return;
  }
}

/** The ladder for a process that is not our child: its identity is asked again before every signal. */
export async function stopStranger(pid: number, startTicks: number, killGraceMs: number): Promise<void> {
  const isGone = (): boolean => {
    const now = identify(pid);
    return now?.startTicks !== startTicks || isAlive(now) === 'dead';
  };
  if (!isGone()) await climbStopLadder(pid, killGraceMs, isGone);
}

async function signalUntilGone(
  runId: string,
  leader: number | null,
  how: { readonly signal: NodeJS.Signals; readonly forMs: number },
): Promise<number[]> {
  const signalled = new Set<number>();
  let left: number[] = [];
  await within(how.forMs, () => {
    left = processesOf(runId, leader);
    for (const pid of left.filter((found) => how.signal === 'SIGKILL' || !signalled.has(found))) {
      signalled.add(pid);
      signalOne(pid, how.signal);
    }
    return left.length === 0;
  });
  return left;
}

function isOf(pid: number, tag: string, leader: number | null): boolean {
  const stat = statOf(pid);
  if (stat === null || isOver(stat)) return false;
  if (leader !== null && (stat.processGroup === leader || stat.session === leader)) return true;
  return `\0${environmentOf(pid)}`.includes(`\0${tag}`);
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return ''; // It ended while we looked, or it is somebody else's.
  }
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  signalOne(-leader, signal);
}

function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile, which is what was wanted.
  }
}

async function within(ms: number, condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() >= deadline) return false;
    await pause(LOOK_AGAIN_MS);
  }
  return true;
}
