import { readFileSync } from 'node:fs';

/** A pid alone names whoever has it now; with its start and the boot of the machine it names one process for ever (AMB-13). */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to start: field 22 of `/proc/<pid>/stat`. */
  readonly startTicks: number;
  readonly bootId: string;
}

/** `unknown` counts as alive wherever somebody could be harmed (RP-08). */
export type Liveness = 'alive' | 'dead' | 'unknown';

export interface ProcessStat {
  readonly state: string;
  readonly processGroup: number;
  readonly session: number;
  readonly startTicks: number;
}

/** Null when there is no such process, or none that we may see. */
export function identify(pid: number): ProcessIdentity | null {
  const stat = statOf(pid);
  return stat === null ? null : { pid, startTicks: stat.startTicks, bootId: bootId() };
}

export function isAlive(identity: Partial<ProcessIdentity> | null | undefined): Liveness {
  const { pid, startTicks, bootId: boot } = identity ?? {};
  if (!isPositive(pid)) return 'unknown';
  if (isAnotherBoot(boot)) return 'dead';
  const stat = statOf(pid);
  if (stat === null) return withoutStat(pid);
  if (isOver(stat)) return 'dead';
  if (!isPositive(startTicks)) return 'unknown';
  return stat.startTicks === startTicks ? 'alive' : 'dead';
}

/** A zombie has ended; only its parent has not looked yet. */
export function isOver(stat: ProcessStat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}

function isAnotherBoot(boot: string | undefined): boolean {
  return Boolean(boot) && bootId() !== '' && boot !== bootId();
}

/** The command name may hold spaces and brackets, so the fields are counted from its last bracket (proc(5)). */
export function statOf(pid: number): ProcessStat | null {
  const text = readOrNull(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', , group, session] = fields;
  return { state, processGroup: Number(group), session: Number(session), startTicks: Number(fields[19]) };
}

let thisBoot: string | null = null;

export function bootId(): string {
  thisBoot ??= readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return thisBoot;
}

/** `/proc` may hide the processes of others (`hidepid`): then the signal that is none still tells. */
function withoutStat(pid: number): Liveness {
  try {
    process.kill(pid, 0);
    return 'unknown';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'dead' : 'alive';
  }
}

function isPositive(value: number | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
