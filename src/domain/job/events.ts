import type { DomainEvent } from '../../kernel/event.js';
import type { Stage } from '../../kernel/pipeline/stage.js';

/** Which job an event is about, for whoever hears of it outside the job's stream. */
export interface JobRef {
  readonly jobId: number;
  readonly taskId: number | null;
  readonly workItem: string | null;
  readonly repo: string;
  /** A role, or a reserved agent without a model (AG-02). */
  readonly agent: string;
}

export type JobQueued = DomainEvent<
  'JobQueued',
  JobRef & {
    /** The stage that the job works for (AMB-11). */
    readonly stage: Stage;
    readonly visit: number;
    readonly round: number;
    readonly feedback: readonly string[];
    readonly maxAttempts: number;
  }
>;

/** The revision of this event is the fence: every outcome of the attempt carries it. */
export type JobClaimed = DomainEvent<
  'JobClaimed',
  JobRef & {
    readonly runId: string;
    /** From 1; for back-off and display only. */
    readonly attempt: number;
    /** The host that runs it. */
    readonly worker: string;
    readonly claimedAt: string;
  }
>;

export type RunStarted = DomainEvent<
  'RunStarted',
  {
    readonly jobId: number;
    readonly fence: number;
    readonly runId: string;
    readonly pid: number;
    /** With the pid and the boot, the identity of the process (AMB-13). */
    readonly startTicks: number;
    readonly bootId: string;
    /** Relative to the data folder. */
    readonly runDirectory: string;
    /** The commit that the run starts from. */
    readonly since: string;
    readonly startedAt: string;
  }
>;

export interface RunFailure {
  readonly class: string;
  readonly transient: boolean;
  readonly reason: string;
  readonly resetsAt: string | null;
}

/** The process has ended and its output is read. A run that ended is not a stage that passed. */
export type RunEnded = DomainEvent<
  'RunEnded',
  {
    readonly jobId: number;
    readonly fence: number;
    readonly runId: string;
    readonly exitCode: number | null;
    readonly signal: string | null;
    /** The commit that the run started from; null when it never started. */
    readonly since: string | null;
    /** Null: the run succeeded. */
    readonly failure: RunFailure | null;
    /** Unknown is null, never 0. */
    readonly costUsd: number | null;
    readonly inputTokens: number | null;
    readonly outputTokens: number | null;
    /** Absent where nobody asked for it yet. */
    readonly turns?: number | null;
    /** Names the agent's own record of the conversation. */
    readonly sessionId?: string | null;
    readonly endedAt: string;
  }
>;

/** The run's work is on the forge and its artifacts are there. */
export type JobSucceeded = DomainEvent<
  'JobSucceeded',
  {
    readonly jobId: number;
    readonly taskId: number | null;
    readonly fence: number;
    readonly runId: string;
    readonly stage: Stage;
    readonly visit: number;
    readonly round: number;
    readonly commit: { readonly head: string; readonly codeTree: string };
    readonly artifacts: readonly { readonly path: string; readonly digest: string }[];
    readonly pullRequest: number | null;
  }
>;

/** The work of a run that ended well could not be brought to the forge; it is tried again then, and nobody's slot is held meanwhile. */
export type PublicationFailed = DomainEvent<
  'PublicationFailed',
  JobRef & {
    readonly fence: number;
    readonly runId: string;
    /** The commit that the run started from. */
    readonly since: string | null;
    readonly reason: string;
    /** From 1. */
    readonly tries: number;
    readonly retryAt: string;
  }
>;

export type JobRequeued = DomainEvent<
  'JobRequeued',
  JobRef & {
    readonly fence: number;
    readonly reason: string;
    readonly attempts: number;
    readonly transientAttempts: number;
    /** Not claimed before; null = at once. */
    readonly availableAt: string | null;
  }
>;

export type JobFailed = DomainEvent<
  'JobFailed',
  JobRef & {
    readonly fence: number;
    readonly stage: Stage;
    readonly visit: number;
    readonly round: number;
    readonly reason: string;
  }
>;

export type JobCancelled = DomainEvent<
  'JobCancelled',
  JobRef & { readonly runId: string | null; readonly reason: string }
>;

/** One look found the process dead; the next one decides (RP-04). */
export type JobSuspected = DomainEvent<
  'JobSuspected',
  JobRef & { readonly fence: number; readonly runId: string; readonly streak: number; readonly because: string }
>;

/** The process was seen alive again. */
export type JobSuspicionCleared = DomainEvent<
  'JobSuspicionCleared',
  JobRef & { readonly fence: number; readonly runId: string }
>;

/** Intent: the attempt is over; make sure that its process is gone, and only then may the job go on. */
export type JobReaped = DomainEvent<
  'JobReaped',
  JobRef & {
    readonly fence: number;
    readonly runId: string;
    readonly tier: 'dead' | 'ceiling';
    readonly reason: string;
  }
>;

/** The process of a cancelled or reaped attempt is gone, verified. */
export type RunStopped = DomainEvent<
  'RunStopped',
  { readonly jobId: number; readonly runId: string } & Partial<RunAccount>
>;

/** How the process ended and what it had cost by then; absent where that was told before, or nobody asked for it yet. */
export type RunAccount = Pick<
  RunEnded['data'],
  'exitCode' | 'signal' | 'endedAt' | 'costUsd' | 'inputTokens' | 'outputTokens' | 'turns' | 'sessionId'
>;

/** An outcome of an attempt that is no longer the current one; it changed nothing. */
export type StaleOutcomeRefused = DomainEvent<
  'StaleOutcomeRefused',
  {
    readonly jobId: number;
    readonly fence: number;
    readonly currentFence: number | null;
    readonly outcome: string;
  }
>;

export type JobEvent =
  | JobQueued
  | JobClaimed
  | RunStarted
  | RunEnded
  | PublicationFailed
  | JobSucceeded
  | JobRequeued
  | JobFailed
  | JobCancelled
  | JobSuspected
  | JobSuspicionCleared
  | JobReaped
  | RunStopped
  | StaleOutcomeRefused;
