import type { ProcessSpec, StopReason } from './process-spec.js';

/** How long ago, on a clock that nobody can set. */
export interface Elapsed {
  readonly sinceStartMs: number;
  readonly sinceOutputMs: number;
  /** Null: no result yet, or work went on after it. */
  readonly sinceResultMs: number | null;
}

/** The three clocks of a run; null while it may go on. A result is never lost to the wall clock when both are due. */
export function overdue(limits: ProcessSpec, elapsed: Elapsed): StopReason | null {
  if (elapsed.sinceResultMs !== null && isOver(elapsed.sinceResultMs, limits.lingerMs)) return 'linger';
  if (isOver(elapsed.sinceStartMs, limits.timeoutMs)) return 'timeout';
  if (isOver(elapsed.sinceOutputMs, limits.silenceMs)) return 'silence';
  return null;
}

function isOver(elapsedMs: number, limitMs: number): boolean {
  return limitMs > 0 && elapsedMs >= limitMs;
}
