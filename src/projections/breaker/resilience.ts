import { fromIso } from '../../kernel/time.js';
import type { RunningJob } from '../job/running-jobs.js';
import type { BreakerRow } from './breaker.js';

/** Whether agents may start, as people are told. */
export interface Resilience {
  /** `parked`: a usage limit; `half-open`: one job may probe, or does. */
  readonly state: 'closed' | 'parked' | 'open' | 'half-open';
  readonly consecutive_failures: number;
  /** Before this none starts; null when nothing but a probe is waited for. */
  readonly open_until: string | null;
  /** The job that was let through. */
  readonly probing: number | null;
  readonly reason: string | null;
}

export function resilienceOf(row: BreakerRow | null, running: readonly RunningJob[], nowMs: number): Resilience {
  if (row === null) return { ...CLOSED, consecutive_failures: 0 };
  const known = { ...CLOSED, consecutive_failures: row.consecutive_failures };
  const { reason, parked_until, open_until } = row;
  if (isAhead(parked_until, nowMs)) return { ...known, state: 'parked', open_until: parked_until, reason };
  if (open_until === null) return known;
  const probing = probeAmong(running, row);
  if (probing !== null) return { ...known, state: 'half-open', probing, reason };
  if (isAhead(open_until, nowMs)) return { ...known, state: 'open', open_until, reason };
  return { ...known, state: 'half-open', reason };
}

const CLOSED = { state: 'closed', open_until: null, probing: null, reason: null } as const;

/** Whoever was claimed since the breaker was opened was let through as a probe. */
export function probeAmong(running: readonly RunningJob[], { opened_position }: BreakerRow): number | null {
  return running.find(({ position }) => opened_position !== null && (position ?? 0) > opened_position)?.id ?? null;
}

function isAhead(iso: string | null, nowMs: number): boolean {
  return iso !== null && fromIso(iso) > nowMs;
}
