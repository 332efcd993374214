import {
  AbandonAttempt,
  ClaimJob,
  CompleteJob,
  QueueJob,
  ReportPublicationFailed,
  ReportRunEnded,
  ReportRunStarted,
  type JobCommand,
} from '../../../src/domain/job/commands.js';
import { jobDecider } from '../../../src/domain/job/decide.js';
import type { JobEvent, RunEnded, RunFailure } from '../../../src/domain/job/events.js';
import type { JobState } from '../../../src/domain/job/state.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { at, History, wish } from '../given.js';

export type JobHistory = History<JobCommand, JobEvent, JobState>;

export const JOB: QueueJob['payload'] = {
  jobId: 9,
  taskId: 42,
  workItem: 'ET-001',
  repo: 'enduro-trails',
  agent: 'developer',
  stage: 'development',
  visit: 3,
  round: 1,
  feedback: [],
};
/** Which job it is, for whoever hears of it outside its stream. */
export const REF = { jobId: 9, taskId: 42, workItem: 'ET-001', repo: 'enduro-trails', agent: 'developer' } as const;
/** What an outcome says it was for. */
export const WORK = { jobId: 9, taskId: 42, stage: 'development', visit: 3, round: 1 } as const;

export const PERMANENT: RunFailure = { class: 'failed', transient: false, reason: 'exit 1', resetsAt: null };
export const TRANSIENT: RunFailure = { class: 'overloaded', transient: true, reason: 'overloaded', resetsAt: null };

export function queuedJob(policy?: Policy): JobHistory {
  return History.begin(jobDecider, policy).after(wish(QueueJob, JOB));
}

export function claim(runId = 'run-1', seconds = 0): ClaimJob {
  return wish(ClaimJob, { runId, worker: 'here' }, seconds);
}

/** The fence of the attempt that runs; of none, that of the last one. */
export function fenceOf(history: JobHistory): number {
  return history.last('JobClaimed').revision;
}

export function runningJob(history = queuedJob(), seconds = 0): JobHistory {
  const claimed = history.after(claim(`run-${history.events.length}`, seconds));
  return claimed.after(started(claimed));
}

export function started(history: JobHistory): ReportRunStarted {
  const { runId } = history.last('JobClaimed').data;
  const process = { pid: 4711, startTicks: 5, bootId: 'boot', runDirectory: 'runs/1', since: 'base', startedAt: at(1) };
  return wish(ReportRunStarted, { fence: fenceOf(history), runId, ...process });
}

export function ended(history: JobHistory, failure: RunFailure | null = null, seconds = 0): ReportRunEnded {
  const { runId } = history.last('JobClaimed').data;
  const end: Omit<RunEnded['data'], 'jobId' | 'fence' | 'runId'> = {
    exitCode: failure ? 1 : 0,
    signal: null,
    since: 'base',
    failure,
    costUsd: 0.25,
    inputTokens: 100,
    outputTokens: 20,
    endedAt: at(seconds),
  };
  return wish(ReportRunEnded, { fence: fenceOf(history), runId, ...end }, seconds);
}

export function completed(history: JobHistory): CompleteJob {
  const { runId } = history.last('JobClaimed').data;
  const commit = { head: 'aaa111', codeTree: 'tree-1' };
  return wish(CompleteJob, { fence: fenceOf(history), runId, commit, artifacts: [], pullRequest: 7 });
}

export function abandoned(history: JobHistory, transient = false, seconds = 0): AbandonAttempt {
  return wish(AbandonAttempt, { fence: fenceOf(history), reason: 'the push was refused', transient }, seconds);
}

export function unpublished(history: JobHistory, seconds = 0): ReportPublicationFailed {
  const { runId } = history.last('JobClaimed').data;
  const { state } = history;
  const tries = (state.status === 'running' ? state.publicationTries : 0) + 1;
  const what = { runId, since: 'base', tries, reason: 'the forge is down' };
  return wish(ReportPublicationFailed, { fence: fenceOf(history), ...what }, seconds);
}

export function stale(history: JobHistory, outcome: JobCommand['type'], currentFence: number | null): JobEvent {
  return { type: 'StaleOutcomeRefused', data: { jobId: JOB.jobId, fence: fenceOf(history), currentFence, outcome } };
}
