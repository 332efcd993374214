import fc from 'fast-check';
import { CancelJob, JudgeRun, ReportRunStopped, type JobCommand } from '../../../src/domain/job/commands.js';
import { at, START_MS, wish } from '../given.js';
import * as job from './job-history.js';

const HOUR_S = 3600;
type Report = (claimed: job.JobHistory, seconds: number) => JobCommand;

/** What an attempt, the current one or an older one, may report. */
export const REPORTS = {
  started: (claimed) => job.started(claimed),
  succeeded: (claimed, seconds) => job.ended(claimed, null, seconds),
  failed: (claimed, seconds) => job.ended(claimed, job.PERMANENT, seconds),
  overloaded: (claimed, seconds) => job.ended(claimed, job.TRANSIENT, seconds),
  limited: (claimed, seconds) => job.ended(claimed, { ...job.TRANSIENT, resetsAt: at(seconds + HOUR_S) }, seconds),
  completed: (claimed) => job.completed(claimed),
  unpublished: (claimed, seconds) => job.unpublished(claimed, seconds),
  lost: (claimed, seconds) => job.abandoned(claimed, false, seconds),
  seenAlive: (claimed) => look(claimed, 'alive'),
  seenDead: (claimed) => look(claimed, 'dead'),
  stopped: (claimed) => wish(ReportRunStopped, { runId: claimed.last('JobClaimed').data.runId }),
} satisfies Record<string, Report>;

/** A minute after the claim, so that it is not the ceiling that decides. */
function look(claimed: job.JobHistory, process: 'alive' | 'dead'): JudgeRun {
  const minuteLater = (Date.parse(claimed.last('JobClaimed').data.claimedAt) - START_MS) / 1000 + 60;
  return wish(JudgeRun, { fence: job.fenceOf(claimed), evidence: { process, pid: 4711, exit: null } }, minuteLater);
}

const report = fc.record({
  kind: fc.constantFrom(...(Object.keys(REPORTS) as (keyof typeof REPORTS)[])),
  /** How many claims ago the reporting attempt was the current one. */
  age: fc.nat({ max: 2 }),
});
const claim = fc.constant({ kind: 'claim', age: 0 } as const);
const cancel = fc.constant({ kind: 'cancel', age: 0 } as const);
export const moves = fc.array(
  fc.oneof({ arbitrary: report, weight: 12 }, { arbitrary: claim, weight: 8 }, { arbitrary: cancel, weight: 1 }),
  { maxLength: 60, size: 'max' },
);
export type Moves = typeof moves extends fc.Arbitrary<infer M> ? M : never;

/** Every command with the history it was given to; half an hour passes between them. */
export function walk(steps: Moves): readonly { command: JobCommand; before: job.JobHistory }[] {
  let history = job.queuedJob();
  const claims: job.JobHistory[] = [];
  return steps.flatMap(({ kind, age }, index) => {
    const command = commandOf(kind, claims.at(-1 - age), index * (HOUR_S / 2));
    if (!command) return [];
    const before = history;
    history = history.after(command);
    if (command.type === 'ClaimJob' && history !== before) claims.push(history);
    return [{ command, before }];
  });
}

function commandOf(
  kind: Moves[number]['kind'],
  attempt: job.JobHistory | undefined,
  seconds: number,
): JobCommand | null {
  if (kind === 'claim') return job.claim(`run-${seconds}`, seconds);
  if (kind === 'cancel') return wish(CancelJob, { reason: 'not needed' });
  return attempt ? REPORTS[kind](attempt, seconds) : null;
}

export function end(steps: Moves): job.JobHistory {
  const last = walk(steps).at(-1);
  return last ? last.before.after(last.command) : job.queuedJob();
}
