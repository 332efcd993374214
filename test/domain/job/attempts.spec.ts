import { describe, expect, test } from '@jest/globals';
import { CancelJob, ClaimJob, QueueJob, ReportRunStopped } from '../../../src/domain/job/commands.js';
import { isDue } from '../../../src/domain/job/decide.js';
import { jobDecider } from '../../../src/domain/job/decide.js';
import { at, given, History, wish } from '../../support/given.js';
import * as job from '../../support/lives/job-history.js';
import { policyWith } from '../../support/policy.js';

const {
  abandoned,
  claim,
  completed,
  ended,
  fenceOf,
  JOB,
  PERMANENT,
  queuedJob,
  REF,
  runningJob,
  stale,
  started,
  WORK,
} = job;
const cancel = wish(CancelJob, { reason: 'rejected' });

/** The first attempt was lost, the second one runs. */
function secondAttempt(): { first: job.JobHistory; second: job.JobHistory } {
  const first = runningJob();
  const second = runningJob(first.after(abandoned(first)));
  return { first, second };
}

describe('A job is queued', () => {
  test('with the attempts that the settings allow', () => {
    const generous = policyWith({ jobs: { maxAttempts: 5 } });
    given(jobDecider)
      .under(generous)
      .when(wish(QueueJob, JOB))
      .then({ type: 'JobQueued', data: { ...JOB, maxAttempts: 5 } });
  });

  test('once, however often it is asked for', () => {
    queuedJob().when(wish(QueueJob, JOB)).thenNothing();
    runningJob().when(wish(QueueJob, JOB)).thenNothing();
  });

  test('before anything else can happen to it', () => {
    given(jobDecider).when(claim()).thenRefused('unknown-job');
    const lost = History.begin(jobDecider).and({ type: 'RunStopped', data: { jobId: 9, runId: 'run-1' } });
    expect(lost.state).toEqual({ status: 'absent' });
  });
});

describe('A claim', () => {
  test('of a queued job starts its first attempt', () => {
    queuedJob()
      .when(claim('run-1'))
      .then({ type: 'JobClaimed', data: { ...REF, runId: 'run-1', attempt: 1, worker: 'here', claimedAt: at(0) } });
  });

  test('is refused to everyone else while an attempt runs', () => {
    runningJob().when(claim('run-2')).thenRefused('not-queued');
  });

  test('gives its own place in the stream as the fence', () => {
    expect(queuedJob().after(claim()).state).toMatchObject({ status: 'running', fence: 1 });
  });

  test('is refused until the back-off is over, and granted from then on', () => {
    const failing = runningJob();
    const waiting = failing.after(ended(failing, { ...job.TRANSIENT, resetsAt: at(60) }));
    waiting.when(claim('run-2', 59)).thenRefused('not-due');
    waiting.when(claim('run-2', 60)).thenTypes('JobClaimed');
  });

  test('is possible at once for a job that waits for nothing', () => {
    const { state } = queuedJob();
    expect(state.status === 'queued' && isDue(state, at(0))).toBe(true);
  });
});

describe('A run', () => {
  test('that started is recorded once', () => {
    const claimed = queuedJob().after(claim());
    claimed.when(started(claimed)).thenTypes('RunStarted').thenNothingMore();
  });

  test('that ended well is not yet a job that succeeded', () => {
    const running = runningJob();
    const outcome = running.when(ended(running)).thenTypes('RunEnded');
    expect(outcome.history.state).toMatchObject({ status: 'running', phase: 'publishing' });
    outcome.thenNothingMore();
  });

  test('whose work is published makes the job succeed, and says what the work was for', () => {
    const running = runningJob();
    const published = running.after(ended(running));
    const outcome = published.when(completed(published));
    expect(outcome.events).toEqual([{ type: 'JobSucceeded', data: { ...WORK, ...completed(published).payload } }]);
    outcome.thenNothingMore();
  });

  test('that has not ended well cannot make the job succeed', () => {
    const running = runningJob();
    running.when(completed(running)).thenRefused('run-not-ended');
  });

  test('that failed is recorded before what follows from it', () => {
    const running = runningJob();
    running.when(ended(running, PERMANENT)).thenTypes('RunEnded', 'JobRequeued');
  });

  test('that was lost after it ended well does not start late', () => {
    const running = runningJob();
    const publishing = running.after(ended(running));
    publishing.when(started(publishing)).thenNothing();
  });
});

describe('An outcome of an attempt that is no longer the current one changes nothing and leaves a trace', () => {
  test.each([
    ['started', started],
    ['ended', ended],
    ['published', completed],
    ['abandoned', abandoned],
  ] as const)('when the earlier attempt says that it was %s', (_what, report) => {
    const { first, second } = secondAttempt();
    const late = report(first);
    const outcome = second.when(late);
    outcome.then({
      type: 'StaleOutcomeRefused',
      data: { jobId: 9, fence: fenceOf(first), currentFence: fenceOf(second), outcome: late.type },
    });
    expect(outcome.history.state).toEqual(second.state);
  });

  test('when the job went back to the queue meanwhile', () => {
    const running = runningJob();
    const requeued = running.after(abandoned(running));
    requeued.when(completed(running)).then(stale(running, 'CompleteJob', null));
  });

  test('when the job was cancelled meanwhile', () => {
    const running = runningJob();
    running
      .after(cancel)
      .when(ended(running))
      .then(stale(running, 'ReportRunEnded', null));
  });

  test('when the job was given up meanwhile, because an effect still waits for its answer', () => {
    const { second } = secondAttempt();
    const failed = second.after(abandoned(second));
    expect(failed.state).toMatchObject({ status: 'failed' });
    failed.when(ended(second)).then(stale(second, 'ReportRunEnded', null));
  });

  test('but a repeated report of the attempt that succeeded is nothing new', () => {
    const running = runningJob();
    const done = running.after(ended(running)).after(completed(running));
    done.when(ended(running)).thenNothing();
    done.when(abandoned(running)).thenNothing();
  });

  test('and an older attempt of a job that succeeded is still a trace', () => {
    const { first, second } = secondAttempt();
    second
      .afterAll(ended(second), completed(second))
      .when(completed(first))
      .then(stale(first, 'CompleteJob', null));
  });
});

describe('A cancelled job', () => {
  test('that waited is over at once', () => {
    const outcome = queuedJob().when(cancel);
    outcome.then({ type: 'JobCancelled', data: { ...REF, runId: null, reason: 'rejected' } });
    outcome.thenNothingMore();
    outcome.history.when(wish(ClaimJob, { runId: 'run-1', worker: 'here' })).thenRefused('not-queued');
  });

  test('that ran names the run that is to be stopped', () => {
    const running = runningJob();
    const { runId } = running.last('JobClaimed').data;
    const outcome = running.when(cancel);
    outcome.then({ type: 'JobCancelled', data: { ...REF, runId, reason: 'rejected' } });
    expect(outcome.history.state).toMatchObject({ status: 'cancelled', stopping: runId });
  });

  test('hears what its run had cost when it was stopped, but not a second time what was told at its end', () => {
    const running = runningJob();
    const { runId } = running.last('JobClaimed').data;
    const account = { exitCode: null, signal: 'SIGINT', endedAt: at(9), costUsd: 0.2, inputTokens: 1, outputTokens: 1 };
    const stopped = wish(ReportRunStopped, { runId, ...account, turns: 2, sessionId: null });
    const told = { jobId: 9, runId, ...account, turns: 2, sessionId: null };
    running.after(cancel).when(stopped).then({ type: 'RunStopped', data: told });
    const publishing = running.after(ended(running)).after(cancel);
    publishing.when(stopped).then({ type: 'RunStopped', data: { jobId: 9, runId } });
  });

  test('hears once that its process is gone', () => {
    const running = runningJob();
    const { runId } = running.last('JobClaimed').data;
    const stopped = wish(ReportRunStopped, { runId });
    running.after(cancel).when(stopped).thenTypes('RunStopped').thenNothingMore();
  });

  test('hears nothing of the process of another run', () => {
    runningJob()
      .after(cancel)
      .when(wish(ReportRunStopped, { runId: 'another' }))
      .thenNothing();
  });

  test('alone can be told that its process is gone', () => {
    const running = runningJob();
    const { runId } = running.last('JobClaimed').data;
    running.when(wish(ReportRunStopped, { runId })).thenNothing();
    expect(running.and({ type: 'RunStopped', data: { jobId: 9, runId } }).state).toEqual(running.state);
  });

  test('cannot be one that has ended already', () => {
    const running = runningJob();
    running.afterAll(ended(running), completed(running)).when(cancel).thenNothing();
  });
});

describe('A fact that fits no state of the job changes nothing', () => {
  test('when it is a claim of a job that is not queued', () => {
    const cancelled = queuedJob().after(cancel);
    const data = { ...REF, runId: 'run-1', attempt: 1, worker: 'here', claimedAt: at(0) };
    expect(cancelled.and({ type: 'JobClaimed', data }).state).toEqual(cancelled.state);
  });

  test('when it is the start of a run that was cancelled', () => {
    const running = runningJob();
    const late = running.last('RunStarted').data;
    const cancelled = running.after(cancel);
    expect(cancelled.and({ type: 'RunStarted', data: late }).state).toEqual(cancelled.state);
  });
});
