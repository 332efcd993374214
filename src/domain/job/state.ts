import type { Recorded } from '../../kernel/event.js';
import type { JobEvent, JobQueued } from './events.js';

interface Counters {
  readonly attempts: number;
  readonly transientAttempts: number;
}

export interface QueuedJob extends Counters {
  readonly status: 'queued';
  readonly facts: JobQueued['data'];
  readonly availableAt: string | null;
}

export interface RunningJob extends Counters {
  readonly status: 'running';
  readonly facts: JobQueued['data'];
  /** Revision of the current `JobClaimed`. */
  readonly fence: number;
  readonly runId: string;
  /** `publishing`: the process has ended well and its work is on its way to the forge. `stopping`: reaped, its process is being made sure of. */
  readonly phase: 'claimed' | 'started' | 'publishing' | 'stopping';
  readonly claimedAt: string;
  /** How often its work could not be published. */
  readonly publicationTries: number;
  /** Looks in a row that found the process dead. */
  readonly suspicion: number;
  /** Why it is being stopped; of the phase `stopping` only. */
  readonly reaped: string | null;
}

export type JobState =
  | { readonly status: 'absent' }
  | QueuedJob
  | RunningJob
  | { readonly status: 'done'; readonly facts: JobQueued['data']; readonly fence: number }
  | { readonly status: 'failed'; readonly facts: JobQueued['data'] }
  | {
      readonly status: 'cancelled';
      readonly facts: JobQueued['data'];
      /** The run whose process is still to be stopped. */
      readonly stopping: string | null;
      /** What that run cost was said already. */
      readonly accounted: boolean;
    };

export const ABSENT: JobState = { status: 'absent' };

export function evolveJob(state: JobState, event: Recorded<JobEvent>): JobState {
  if (event.type === 'JobQueued') {
    return { status: 'queued', facts: event.data, availableAt: null, attempts: 0, transientAttempts: 0 };
  }
  if (state.status === 'absent' || event.type === 'StaleOutcomeRefused') return state;
  return evolveKnown(state, event);
}

type Known = Exclude<JobState, { status: 'absent' }>;

function evolveKnown(
  state: Known,
  event: Exclude<Recorded<JobEvent>, { type: 'JobQueued' | 'StaleOutcomeRefused' }>,
): JobState {
  switch (event.type) {
    case 'JobClaimed':
      return state.status === 'queued' ? claimed(state, event.revision, event.data) : state;
    case 'RunStarted':
      return whileRunning(state, { phase: 'started' });
    case 'RunEnded':
      return event.data.failure ? state : whileRunning(state, { phase: 'publishing' });
    case 'PublicationFailed':
      return whileRunning(state, { publicationTries: event.data.tries });
    case 'JobSuspected':
      return whileRunning(state, { suspicion: event.data.streak });
    case 'JobSuspicionCleared':
      return whileRunning(state, { suspicion: 0 });
    case 'JobReaped':
      return whileRunning(state, { phase: 'stopping', reaped: event.data.reason });
    case 'JobRequeued':
      return {
        status: 'queued',
        facts: state.facts,
        availableAt: event.data.availableAt,
        attempts: event.data.attempts,
        transientAttempts: event.data.transientAttempts,
      };
    case 'JobSucceeded':
      return { status: 'done', facts: state.facts, fence: event.data.fence };
    case 'JobFailed':
      return { status: 'failed', facts: state.facts };
    case 'JobCancelled':
      return cancelled(state, event.data.runId);
    case 'RunStopped':
      return state.status === 'cancelled' ? { ...state, stopping: null } : state;
  }
}

function cancelled(job: Known, stopping: string | null): JobState {
  const accounted = job.status === 'running' && job.phase === 'publishing';
  return { status: 'cancelled', facts: job.facts, stopping, accounted };
}

function claimed(
  job: QueuedJob,
  fence: number,
  claim: { readonly runId: string; readonly attempt: number; readonly claimedAt: string },
): RunningJob {
  const { facts, transientAttempts } = job;
  const { runId, attempt: attempts, claimedAt } = claim;
  const counters = { attempts, transientAttempts };
  return {
    status: 'running',
    facts,
    fence,
    runId,
    phase: 'claimed',
    claimedAt,
    publicationTries: 0,
    suspicion: 0,
    reaped: null,
    ...counters,
  };
}

function whileRunning(state: Known, change: Partial<RunningJob>): JobState {
  return state.status === 'running' ? { ...state, ...change } : state;
}
