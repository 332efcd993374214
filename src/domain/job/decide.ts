import type { Decider } from '../../kernel/decider.js';
import type { Policy } from '../../kernel/pipeline/policy.js';
import { Refused } from '../../kernel/refused.js';
import { fromIso } from '../../kernel/time.js';
import * as commands from './commands.js';
import type { JobEvent, JobRef, RunFailure } from './events.js';
import { judge } from './judge.js';
import { afterFailure, publishAgainAt } from './retry.js';
import { ABSENT, evolveJob, type JobState, type QueuedJob, type RunningJob } from './state.js';

type Decision = readonly JobEvent[] | Refused;
type Outcome =
  | commands.ReportRunStarted
  | commands.ReportRunEnded
  | commands.CompleteJob
  | commands.ReportPublicationFailed
  | commands.AbandonAttempt;

export const jobDecider: Decider<commands.JobCommand, JobEvent, JobState> = {
  category: 'job',
  commands: Object.values(commands),
  events: {
    JobQueued: 1,
    JobClaimed: 1,
    RunStarted: 1,
    RunEnded: 1,
    PublicationFailed: 1,
    JobSucceeded: 1,
    JobRequeued: 1,
    JobFailed: 1,
    JobCancelled: 1,
    JobSuspected: 1,
    JobSuspicionCleared: 1,
    JobReaped: 1,
    RunStopped: 1,
    StaleOutcomeRefused: 1,
  },
  initial: ABSENT,
  evolve: evolveJob,
  decide: decideJob,
};

function decideJob(command: commands.JobCommand, state: JobState, policy: Policy): Decision {
  if (command.type === 'QueueJob') return queued(command, state, policy);
  if (state.status === 'absent') return new Refused('unknown-job', `${command.stream} does not exist`);
  switch (command.type) {
    case 'ClaimJob':
      return claimed(command, state);
    case 'CancelJob':
      return cancelled(command, state);
    case 'ReportRunStopped':
      return stopped(command, state, policy);
    case 'JudgeRun':
      return judged(command, state, policy);
    case 'ReportRunStarted':
    case 'ReportRunEnded':
    case 'CompleteJob':
    case 'ReportPublicationFailed':
    case 'AbandonAttempt':
      return outcome(command, state, policy);
  }
}

function queued(command: commands.QueueJob, state: JobState, policy: Policy): Decision {
  if (state.status !== 'absent') return [];
  return [{ type: 'JobQueued', data: { ...command.payload, maxAttempts: policy.jobs.maxAttempts } }];
}

function claimed(command: commands.ClaimJob, state: Exclude<JobState, { status: 'absent' }>): Decision {
  if (state.status !== 'queued') return new Refused('not-queued', `the job is ${state.status}`);
  if (!isDue(state, command.context.at))
    return new Refused('not-due', `the job may not start before ${state.availableAt}`);
  const { runId, worker } = command.payload;
  return [
    {
      type: 'JobClaimed',
      data: { ...refOf(state), runId, attempt: state.attempts + 1, worker, claimedAt: command.context.at },
    },
  ];
}

/** Whether the back-off is over. */
export function isDue(job: QueuedJob, at: string): boolean {
  return job.availableAt === null || fromIso(job.availableAt) <= fromIso(at);
}

function cancelled(command: commands.CancelJob, state: Exclude<JobState, { status: 'absent' }>): Decision {
  if (state.status !== 'queued' && state.status !== 'running') return [];
  const runId = state.status === 'running' ? state.runId : null;
  return [{ type: 'JobCancelled', data: { ...refOf(state), runId, reason: command.payload.reason } }];
}

/** Verified dead: only now may another attempt begin in the same worktree. */
function stopped(
  command: commands.ReportRunStopped,
  state: Exclude<JobState, { status: 'absent' }>,
  policy: Policy,
): Decision {
  const { runId } = command.payload;
  const { jobId } = state.facts;
  const gone: JobEvent = { type: 'RunStopped', data: { jobId, ...command.payload } };
  if (state.status === 'cancelled') {
    if (state.stopping !== runId) return [];
    return [state.accounted ? { type: 'RunStopped', data: { jobId, runId } } : gone];
  }
  if (state.status !== 'running' || state.reaped === null || state.runId !== runId) return [];
  const reason = `reaped: ${state.reaped} (run_id=${runId})`;
  const failure = { class: 'reaped', transient: false, reason, resetsAt: null };
  return [gone, ...retried(state, failure, policy, command.context.at)];
}

/** Claim before act (INV-11): the loser of a race, an old fence or an ended job, does nothing at all. */
function judged(command: commands.JudgeRun, state: Exclude<JobState, { status: 'absent' }>, policy: Policy): Decision {
  const { fence, evidence } = command.payload;
  if (state.status !== 'running' || state.fence !== fence || state.phase === 'stopping') return [];
  const verdict = judge(state, evidence, policy.reaper, command.context.at);
  const about = { ...refOf(state), fence, runId: state.runId };
  switch (verdict.kind) {
    case 'leave':
    case 'finalise':
      return [];
    case 'clear':
      return [{ type: 'JobSuspicionCleared', data: about }];
    case 'suspect':
      return [{ type: 'JobSuspected', data: { ...about, streak: verdict.streak, because: verdict.because } }];
    case 'reap':
      return [{ type: 'JobReaped', data: { ...about, tier: verdict.tier, reason: verdict.reason } }];
  }
}

/**
 * Only the current attempt's outcome counts; an older one changes nothing and leaves a trace (INV-11), which also settles
 * the effect that reports it.
 */
function outcome(command: Outcome, state: Exclude<JobState, { status: 'absent' }>, policy: Policy): Decision {
  const isCurrent = state.status === 'running' && state.fence === command.payload.fence;
  if (!isCurrent || state.phase === 'stopping') return stale(command, state);
  switch (command.type) {
    case 'ReportRunStarted':
      if (state.phase !== 'claimed') return [];
      return [{ type: 'RunStarted', data: { jobId: state.facts.jobId, ...command.payload } }];
    case 'ReportRunEnded':
      return ended(command, state, policy);
    case 'CompleteJob':
      if (state.phase !== 'publishing') return new Refused('run-not-ended', 'the run has not ended well yet');
      return [{ type: 'JobSucceeded', data: { ...whatFor(state), ...command.payload } }];
    case 'ReportPublicationFailed':
      return unpublished(command, state, policy);
    case 'AbandonAttempt':
      return retried(state, abandonment(command.payload), policy, command.context.at);
  }
}

function stale(command: Outcome, state: Exclude<JobState, { status: 'absent' }>): Decision {
  if (state.status === 'done' && state.fence === command.payload.fence) return [];
  const currentFence = state.status === 'running' ? state.fence : null;
  const { fence } = command.payload;
  return [
    { type: 'StaleOutcomeRefused', data: { jobId: state.facts.jobId, fence, currentFence, outcome: command.type } },
  ];
}

function ended(command: commands.ReportRunEnded, state: RunningJob, policy: Policy): Decision {
  if (state.phase === 'publishing') return [];
  const runEnded: JobEvent = { type: 'RunEnded', data: { jobId: state.facts.jobId, ...command.payload } };
  const { failure } = command.payload;
  return failure ? [runEnded, ...retried(state, failure, policy, command.context.at)] : [runEnded];
}

/** The work is paid for and lies there: it is not done again because a forge is down. */
function unpublished(command: commands.ReportPublicationFailed, state: RunningJob, policy: Policy): Decision {
  if (state.phase !== 'publishing') return new Refused('run-not-ended', 'the run has not ended well yet');
  const { fence, runId, since, reason, tries } = command.payload;
  if (tries <= state.publicationTries) return [];
  const seed = `publication-${state.facts.jobId}`;
  const retryAt = publishAgainAt(tries, policy.jobs, { at: command.context.at, seed });
  const about = { ...refOf(state), fence, reason };
  if (retryAt !== null) return [{ type: 'PublicationFailed', data: { ...about, runId, since, tries, retryAt } }];
  const given = `its work could not be published in ${tries} tries, the last one: ${reason}`;
  return [{ type: 'JobFailed', data: { ...about, ...whatFor(state), reason: given } }];
}

function retried(state: RunningJob, failure: RunFailure, policy: Policy, at: string): readonly JobEvent[] {
  const { facts, fence, attempts, transientAttempts } = state;
  const seed = `${facts.jobId}`;
  const verdict = afterFailure(failure, { attempts, transientAttempts, maxAttempts: facts.maxAttempts }, policy.jobs, {
    at,
    seed,
  });
  if (verdict.kind === 'fail')
    return [{ type: 'JobFailed', data: { ...refOf(state), ...whatFor(state), fence, reason: failure.reason } }];
  const { attempts: left, availableAt } = verdict;
  return [
    {
      type: 'JobRequeued',
      data: {
        ...refOf(state),
        fence,
        reason: failure.reason,
        attempts: left,
        transientAttempts: verdict.transientAttempts,
        availableAt,
      },
    },
  ];
}

function abandonment(payload: commands.AbandonAttempt['payload']): RunFailure {
  return { class: 'abandoned', transient: payload.transient, reason: payload.reason, resetsAt: null };
}

function whatFor(state: RunningJob) {
  const { jobId, taskId, stage, visit, round } = state.facts;
  return { jobId, taskId, stage, visit, round };
}

function refOf({ facts }: { readonly facts: JobRef }): JobRef {
  const { jobId, taskId, workItem, repo, agent } = facts;
  return { jobId, taskId, workItem, repo, agent };
}
