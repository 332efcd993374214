import { Command } from '../../kernel/command.js';
import type { RunEvidence } from './judge.js';
import type { JobQueued, JobSucceeded, PublicationFailed, RunEnded, RunStarted, RunStopped } from './events.js';

export class QueueJob extends Command<Omit<JobQueued['data'], 'maxAttempts'>> {
  readonly type = 'QueueJob';
}

export class ClaimJob extends Command<{ readonly runId: string; readonly worker: string }> {
  readonly type = 'ClaimJob';
}

export class ReportRunStarted extends Command<Omit<RunStarted['data'], 'jobId'>> {
  readonly type = 'ReportRunStarted';
}

export class ReportRunEnded extends Command<Omit<RunEnded['data'], 'jobId'>> {
  readonly type = 'ReportRunEnded';
}

/** The run's work is published, with everything that the stage demands. */
export class CompleteJob extends Command<
  Pick<JobSucceeded['data'], 'fence' | 'runId' | 'commit' | 'artifacts' | 'pullRequest'>
> {
  readonly type = 'CompleteJob';
}

/** Git or the forge could not be reached, or did not answer as they should; the work lies in the worktree. */
export class ReportPublicationFailed extends Command<
  Pick<PublicationFailed['data'], 'fence' | 'runId' | 'since' | 'reason' | 'tries'>
> {
  readonly type = 'ReportPublicationFailed';
}

/** The attempt came to nothing outside the process: an artifact is missing, the branch could not be cut, the push was refused. */
export class AbandonAttempt extends Command<{
  readonly fence: number;
  readonly reason: string;
  /** Does not use up an attempt. */
  readonly transient: boolean;
}> {
  readonly type = 'AbandonAttempt';
}

export class CancelJob extends Command<{ readonly reason: string }> {
  readonly type = 'CancelJob';
}

/** What a look at a running attempt found; the decision is `judge`. */
export class JudgeRun extends Command<{ readonly fence: number; readonly evidence: RunEvidence }> {
  readonly type = 'JudgeRun';
}

/** The process of a cancelled or reaped attempt is verified dead. */
export class ReportRunStopped extends Command<Omit<RunStopped['data'], 'jobId'>> {
  readonly type = 'ReportRunStopped';
}

export type JobCommand =
  | QueueJob
  | ClaimJob
  | ReportRunStarted
  | ReportRunEnded
  | CompleteJob
  | ReportPublicationFailed
  | AbandonAttempt
  | CancelJob
  | JudgeRun
  | ReportRunStopped;
