import type { JobEvent, RunAccount } from '../../domain/job/events.js';
import type { Recorded, RecordedEvent } from '../../kernel/event.js';
import type { ReadModel } from '../engine/read-model.js';

/** One attempt of a job; with the job's facts beside it, it is a row of the view `agent_runs`. */
export type RunRow = {
  readonly run_id: string;
  readonly job_id: number;
  readonly attempt: number;
  readonly fence: number;
  readonly claimed_at: string;
  readonly pid: number | null;
  readonly start_ticks: number | null;
  readonly boot_id: string | null;
  /** Relative to the data folder. */
  readonly run_directory: string | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  /** `succeeded`, `cancelled`, `reaped`, `ended` while its work is on the way, or the class of the failure; null while it runs. */
  readonly outcome: string | null;
  readonly error: string | null;
  /** Unknown is null, never 0. */
  readonly cost_usd: number | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly turns: number | null;
  readonly session_id: string | null;
};

type Event<T extends JobEvent['type']> = Extract<Recorded<JobEvent>, { type: T }>;
type Told = Event<'RunStarted' | 'RunEnded' | 'JobSucceeded' | 'JobCancelled' | 'JobReaped' | 'RunStopped'>;

export const runs: ReadModel<RunRow> = {
  table: 'runs',
  key: 'run_id',
  version: 3,
  listensTo: ['JobClaimed', 'RunStarted', 'RunEnded', 'JobSucceeded', 'JobCancelled', 'JobReaped', 'RunStopped'],
  keysOf: (event) => runOf(event),
  apply: (row, event) =>
    event.type === 'JobClaimed' ? claimed(event as Event<'JobClaimed'>) : row && { ...row, ...change(event as Told) },
};

/** A job that is cancelled while it is queued has no run. */
function runOf(event: RecordedEvent): readonly string[] {
  const { runId } = event.data as { runId: string | null };
  return runId === null ? [] : [runId];
}

function claimed({ data, revision, recordedAt }: Event<'JobClaimed'>): RunRow {
  return {
    run_id: data.runId,
    job_id: data.jobId,
    attempt: data.attempt,
    fence: revision,
    claimed_at: recordedAt,
    pid: null,
    start_ticks: null,
    boot_id: null,
    run_directory: null,
    started_at: null,
    finished_at: null,
    exit_code: null,
    signal: null,
    outcome: null,
    error: null,
    cost_usd: null,
    input_tokens: null,
    output_tokens: null,
    turns: null,
    session_id: null,
  };
}

function change(event: Told): Partial<RunRow> {
  switch (event.type) {
    case 'RunStarted':
      return started(event);
    case 'RunEnded':
      return ended(event);
    case 'JobSucceeded':
      return { outcome: 'succeeded' };
    case 'JobCancelled':
      return { outcome: 'cancelled', error: event.data.reason, finished_at: event.recordedAt };
    case 'JobReaped':
      return { outcome: 'reaped', error: event.data.reason, finished_at: event.recordedAt };
    case 'RunStopped':
      return stopped(event);
  }
}

/** Of a run that was ended from outside; what was told at its end is not told again. */
function stopped({ data }: Event<'RunStopped'>): Partial<RunRow> {
  return data.endedAt === undefined ? {} : { ...account(data), finished_at: data.endedAt };
}

function started({ data }: Event<'RunStarted'>): Partial<RunRow> {
  return {
    pid: data.pid,
    start_ticks: data.startTicks,
    boot_id: data.bootId,
    run_directory: data.runDirectory,
    started_at: data.startedAt,
  };
}

/** A run that ended well is not a success yet: its work has still to reach the forge. */
function ended({ data }: Event<'RunEnded'>): Partial<RunRow> {
  const { failure } = data;
  return {
    ...account(data),
    finished_at: data.endedAt,
    outcome: failure ? failure.class : 'ended',
    error: failure?.reason ?? null,
  };
}

function account(data: Partial<RunAccount>): Partial<RunRow> {
  return {
    exit_code: data.exitCode ?? null,
    signal: data.signal ?? null,
    cost_usd: data.costUsd ?? null,
    input_tokens: data.inputTokens ?? null,
    output_tokens: data.outputTokens ?? null,
    turns: data.turns ?? null,
    session_id: data.sessionId ?? null,
  };
}
