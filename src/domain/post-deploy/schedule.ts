import type { Policy } from '../../kernel/pipeline/policy.js';
import { fromIso, toIso } from '../../kernel/time.js';
import type { Schedule } from './events.js';

/** PD-04: a check every interval, the last one at the end of the window. */
export function scheduleFrom(startedAt: string, settings: Policy['postDeploy']): Schedule {
  const windowMs = Math.round(settings.windowS * 1000);
  const intervalMs = Math.max(1, Math.round(settings.intervalS * 1000));
  return {
    startedAt,
    until: toIso(fromIso(startedAt) + windowMs),
    intervalMs,
    checks: Math.max(1, Math.ceil(windowMs / intervalMs)),
    threshold: settings.failThreshold,
  };
}

/** The check whose time it is now, 0 before the first; `over` once it is too late even for the last one. */
export function checkDueAt(schedule: Schedule, nowMs: number): number | 'over' {
  const elapsedMs = nowMs - fromIso(schedule.startedAt);
  const lateMs = nowMs - fromIso(schedule.until);
  if (lateMs < 0) return Math.max(0, Math.floor(elapsedMs / schedule.intervalMs));
  return lateMs < schedule.intervalMs ? schedule.checks : 'over';
}

export function windowSeconds({ startedAt, until }: Schedule): number {
  return (fromIso(until) - fromIso(startedAt)) / 1000;
}
