import { describe, expect, test } from '@jest/globals';
import { jobs } from '../../src/projections/job/jobs.js';
import { runs } from '../../src/projections/job/runs.js';
import { history, rowsAfter, type Told } from './folding.js';

const ABOUT = { jobId: 3, taskId: 1, workItem: 'ET-001', repo: 'alpha', agent: 'analyst' };
const QUEUED = about('JobQueued', { stage: 'analysis', visit: 1, round: 1, feedback: ['too short'], maxAttempts: 2 });
const CLAIMED = about('JobClaimed', { runId: 'r-1', attempt: 1, worker: 'here' });
const STARTED = about('RunStarted', {
  fence: 1,
  runId: 'r-1',
  pid: 42,
  startTicks: 7,
  bootId: 'b',
  runDirectory: 'runs/r-1',
  since: 'abc',
  startedAt: '2026-01-01T00:00:03.000Z',
});
const FAILURE = { class: 'rate-limit', transient: true, reason: 'too many requests', resetsAt: null };
const REQUEUED = about('JobRequeued', {
  fence: 1,
  reason: 'too many requests',
  attempts: 0,
  transientAttempts: 1,
  availableAt: '2026-01-01T01:00:00.000Z',
});

function about(type: string, data: object): Told {
  return { type, data: { ...ABOUT, ...data }, stream: 'job-3' };
}

function ended(failure: object | null): Told {
  const usage = { costUsd: null, inputTokens: 5, outputTokens: null };
  return about('RunEnded', {
    fence: 1,
    runId: 'r-1',
    exitCode: failure ? 1 : 0,
    signal: null,
    failure,
    ...usage,
    endedAt: 'T',
  });
}

describe('the row of a job', () => {
  test('is queued with its limits and what it is told', () => {
    expect(rowsAfter(jobs, history(QUEUED))[0]).toMatchObject({
      id: 3,
      status: 'queued',
      attempts: 0,
      max_attempts: 2,
      task_content: 'too short',
      started_at: null,
    });
  });

  test('of a claimed job counts the attempt and carries the revision of the claim as its fence', () => {
    expect(rowsAfter(jobs, history(QUEUED, CLAIMED, STARTED))[0]).toMatchObject({
      status: 'running',
      attempts: 1,
      run_id: 'r-1',
      fence: 1,
      pid: 42,
      started_at: '2026-01-01T00:00:02.000Z',
    });
  });

  test('that is queued again has nothing of the old attempt that could be taken for the new one', () => {
    expect(rowsAfter(jobs, history(QUEUED, CLAIMED, STARTED, REQUEUED))[0]).toMatchObject({
      status: 'queued',
      run_id: null,
      pid: null,
      fence: null,
      started_at: null,
      finished_at: null,
      attempts: 0,
      transient_attempts: 1,
      available_at: '2026-01-01T01:00:00.000Z',
      error: 'too many requests',
    });
  });

  test('ends done, failed with the reason, or cancelled as a failed one that says so', () => {
    const end = (last: Told) => rowsAfter(jobs, history(QUEUED, CLAIMED, last))[0];
    expect(end(about('JobSucceeded', { runId: 'r-1' }))).toMatchObject({ status: 'done', error: null });
    expect(end(about('JobFailed', { reason: 'no way' }))).toMatchObject({ status: 'failed', error: 'no way' });
    expect(end(about('JobCancelled', { runId: 'r-1', reason: 'not wanted' }))).toMatchObject({
      status: 'failed',
      error: 'cancelled: not wanted',
    });
  });

  test('of a held job says what holds it, until it is let in', () => {
    const reasons = [{ code: 'active-task', ref: 'ET-000', since: 'T', actor: null, clearsWhen: 'ET-000 is done' }];
    const held = about('JobHeld', { reasons });
    expect(rowsAfter(jobs, history(QUEUED, held))[0]).toMatchObject({ released: 0, waits: JSON.stringify(reasons) });
    expect(rowsAfter(jobs, history(QUEUED, held, about('JobReleased', {})))[0]).toMatchObject({
      released: 1,
      waits: '[]',
    });
  });
});

describe('the row of a run', () => {
  test('knows its process, and that an unknown cost is unknown and not nothing', () => {
    expect(rowsAfter(runs, history(QUEUED, CLAIMED, STARTED, ended(null)))[0]).toMatchObject({
      run_id: 'r-1',
      job_id: 3,
      pid: 42,
      start_ticks: 7,
      exit_code: 0,
      outcome: 'ended',
      cost_usd: null,
      input_tokens: 5,
    });
  });

  test('knows its turns and its session as far as the event tells them', () => {
    const told = ended(null);
    const data = { ...told.data, turns: 12, sessionId: 's-1' };
    expect(rowsAfter(runs, history(QUEUED, CLAIMED, told))[0]).toMatchObject({ turns: null, session_id: null });
    expect(rowsAfter(runs, history(QUEUED, CLAIMED, { ...told, data }))[0]).toMatchObject({
      turns: 12,
      session_id: 's-1',
    });
  });

  test('has succeeded only when its job has', () => {
    const done = about('JobSucceeded', { runId: 'r-1' });
    expect(rowsAfter(runs, history(QUEUED, CLAIMED, ended(null), done))[0]).toMatchObject({ outcome: 'succeeded' });
    expect(rowsAfter(runs, history(QUEUED, CLAIMED, ended(FAILURE)))[0]).toMatchObject({
      outcome: 'rate-limit',
      error: 'too many requests',
    });
  });

  test('is one per attempt', () => {
    const again = about('JobClaimed', { runId: 'r-2', attempt: 2, worker: 'here' });
    const rows = rowsAfter(runs, history(QUEUED, CLAIMED, ended(FAILURE), REQUEUED, again));
    expect(rows.map((row) => [row.run_id, row.attempt])).toEqual([
      ['r-1', 1],
      ['r-2', 2],
    ]);
  });

  test('is not invented for a job that is cancelled before it ran', () => {
    expect(rowsAfter(runs, history(QUEUED, about('JobCancelled', { runId: null, reason: 'not wanted' })))).toEqual([]);
  });
});
