import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const OWNER = 'ORCH_GIT_OWNER';
const MIRROR = 'ORCH_GIT_MIRROR';
const ASK_FOR_MS = 10_000;
const GIVE_UP_AFTER_MS = 15_000;
const LOOK_AGAIN_MS = 25;

/** The mark of a git that we started: which service, on which mirror. */
export function ownerTag(mirror: string): Readonly<Record<string, string>> {
  return { [OWNER]: String(process.pid), [MIRROR]: mirror };
}

/**
 * A service that was killed leaves its git behind, in the middle of a checkout or a fetch. It is ended before anybody else
 * works there: two gits that write one worktree, or one record of it, spoil each other's files. Asked first, for git takes its
 * locks and half-made worktrees with it. The git of a service that lives is left alone.
 */
export async function endOrphans(mirror: string): Promise<void> {
  const begun = performance.now();
  for (let found = orphansOf(mirror); found.length > 0; found = orphansOf(mirror)) {
    const waitedMs = performance.now() - begun;
    if (waitedMs > GIVE_UP_AFTER_MS) return; // The kernel holds it; git's own locks have to do.
    for (const pid of found) signal(pid, waitedMs < ASK_FOR_MS ? 'SIGTERM' : 'SIGKILL');
    await pause(LOOK_AGAIN_MS);
  }
}

function orphansOf(mirror: string): number[] {
  return processes().filter((pid) => {
    const environment = read(`/proc/${pid}/environ`).split('\0');
    if (!environment.includes(`${MIRROR}=${mirror}`)) return false;
    const owner = environment.find((entry) => entry.startsWith(`${OWNER}=`))?.slice(OWNER.length + 1);
    return !ancestorsOf(pid).includes(Number(owner));
  });
}

function ancestorsOf(pid: number): number[] {
  const ancestors: number[] = [];
  for (let parent = parentOf(pid); parent > 0 && !ancestors.includes(parent); parent = parentOf(parent)) {
    ancestors.push(parent);
  }
  return ancestors;
}

/** The fields are counted from the last bracket: the name before it may hold anything (proc(5)). */
function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

/** None where there is no `/proc`: then git's own locks have to do. */
function processes(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
