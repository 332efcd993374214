import type { AdmissionEvent } from '../../domain/admission/events.js';
import type { JobEvent } from '../../domain/job/events.js';
import type { Recorded, RecordedEvent } from '../../kernel/event.js';
import type { Stage } from '../../kernel/pipeline/stage.js';
import type { ReadModel } from '../engine/read-model.js';

/** The four statuses that a job can be in (QU-01); a cancelled job is a failed one that says so. */
export type JobStatus = 'queued' | 'running' | 'done' | 'failed';

export type JobRow = {
  readonly id: number;
  readonly agent: string;
  readonly repo: string;
  readonly task_id: number | null;
  readonly work_item_id: string | null;
  readonly stage: Stage;
  readonly visit: number;
  readonly round: number;
  readonly status: JobStatus;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly transient_attempts: number;
  readonly available_at: string | null;
  readonly run_id: string | null;
  readonly pid: number | null;
  /** Revision of the current `JobClaimed`. */
  readonly fence: number | null;
  readonly worker: string | null;
  readonly task_content: string | null;
  /** An analyst's job that admission has let in. */
  readonly released: 0 | 1;
  /** JSON list of `WaitReason`: why admission holds it. */
  readonly waits: string;
  readonly error: string | null;
  readonly queued_at: string;
  readonly started_at: string | null;
  /** Its run has ended well, and its work is on the way to the forge: it is running still, and holds no slot. */
  readonly publishing_since: string | null;
  readonly finished_at: string | null;
};

type Told =
  | Extract<
      Recorded<JobEvent>,
      {
        type:
          | ('JobClaimed' | 'RunStarted' | 'RunEnded' | 'PublicationFailed')
          | ('JobSucceeded' | 'JobRequeued' | 'JobFailed' | 'JobCancelled');
      }
    >
  | Extract<Recorded<AdmissionEvent>, { type: 'JobHeld' | 'JobReleased' | 'AdmissionClosed' }>;

export const jobs: ReadModel<JobRow> = {
  table: 'jobs',
  key: 'id',
  version: 3,
  listensTo: [
    ...['JobQueued', 'JobClaimed', 'RunStarted', 'RunEnded', 'PublicationFailed'],
    ...['JobSucceeded', 'JobRequeued', 'JobFailed', 'JobCancelled'],
    ...['JobHeld', 'JobReleased', 'AdmissionClosed'],
  ],
  keysOf: (event) => [(event.data as { jobId: number }).jobId],
  apply: (row, event) =>
    event.type === 'JobQueued' ? queued(event as QueuedEvent) : row && { ...row, ...change(event as Told) },
};

type QueuedEvent = Extract<Recorded<JobEvent>, { type: 'JobQueued' }>;

function queued({ data, recordedAt }: QueuedEvent): JobRow {
  return {
    id: data.jobId,
    agent: data.agent,
    repo: data.repo,
    task_id: data.taskId,
    work_item_id: data.workItem,
    stage: data.stage,
    visit: data.visit,
    round: data.round,
    status: 'queued',
    attempts: 0,
    max_attempts: data.maxAttempts,
    transient_attempts: 0,
    available_at: null,
    task_content: data.feedback.length > 0 ? data.feedback.join('\n\n') : null,
    ...NOT_LET_IN,
    error: null,
    queued_at: recordedAt,
    started_at: null,
    publishing_since: null,
    finished_at: null,
    ...NOBODY,
  };
}

/** What admission says of a job that has just been queued. */
const NOT_LET_IN = { released: 0, waits: '[]' } as const;

/** Nothing of it is on the way any more. */
const PUBLISHED = { publishing_since: null, available_at: null } as const;

/** A requeue leaves nothing of the old attempt that could be taken for the new one (AMB-13). */
const NOBODY = { run_id: null, pid: null, fence: null, worker: null } as const;

function change(event: Told): Partial<JobRow> {
  switch (event.type) {
    case 'JobClaimed':
      return claimed(event);
    case 'RunStarted':
      return { pid: event.data.pid };
    case 'RunEnded':
      return event.data.failure ? {} : { publishing_since: event.recordedAt };
    case 'PublicationFailed':
      return { available_at: event.data.retryAt, error: event.data.reason };
    case 'JobHeld':
      return { released: 0, waits: JSON.stringify(event.data.reasons) };
    case 'JobReleased':
      return { released: 1, waits: '[]' };
    case 'AdmissionClosed':
      return NOT_LET_IN;
    case 'JobRequeued':
      return requeued(event);
    case 'JobSucceeded':
      return { status: 'done', ...PUBLISHED, error: null, finished_at: event.recordedAt };
    case 'JobFailed':
      return { status: 'failed', ...PUBLISHED, error: event.data.reason, finished_at: event.recordedAt };
    case 'JobCancelled':
      return {
        status: 'failed',
        ...PUBLISHED,
        error: `cancelled: ${event.data.reason}`,
        finished_at: event.recordedAt,
      };
  }
}

function claimed(event: RecordedEvent<Extract<JobEvent, { type: 'JobClaimed' }>>): Partial<JobRow> {
  const { attempt, runId, worker } = event.data;
  const started = { started_at: event.recordedAt, finished_at: null, available_at: null, ...NOT_LET_IN };
  return { status: 'running', attempts: attempt, run_id: runId, pid: null, fence: event.revision, worker, ...started };
}

function requeued({ data }: RecordedEvent<Extract<JobEvent, { type: 'JobRequeued' }>>): Partial<JobRow> {
  return {
    status: 'queued',
    attempts: data.attempts,
    transient_attempts: data.transientAttempts,
    available_at: data.availableAt,
    error: data.reason,
    ...NOT_LET_IN,
    started_at: null,
    publishing_since: null,
    finished_at: null,
    ...NOBODY,
  };
}
