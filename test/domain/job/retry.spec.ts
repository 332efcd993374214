import { describe, expect, test } from '@jest/globals';
import { backoffS } from '../../../src/domain/job/retry.js';
import { fromIso } from '../../../src/kernel/time.js';
import { at, START_MS } from '../../support/given.js';
import * as job from '../../support/lives/job-history.js';
import { policyWith } from '../../support/policy.js';

const { abandoned, ended, fenceOf, PERMANENT, queuedJob, runningJob, TRANSIENT, WORK } = job;
const LATER_S = 1_000_000;

/** One attempt after the other ends in the same failure, so far apart that no back-off matters. */
function failing(times: number, failure = TRANSIENT, history = queuedJob(), before = 0): job.JobHistory {
  let current = history;
  for (let time = before + 1; time <= before + times; time += 1) {
    const running = runningJob(current, time * LATER_S);
    current = running.after(ended(running, failure, time * LATER_S));
  }
  return current;
}

function waitS(history: job.JobHistory, since: number): number {
  const { availableAt } = history.last('JobRequeued').data;
  return (fromIso(availableAt ?? '') - START_MS) / 1000 - since;
}

describe('A permanent failure', () => {
  test('is tried again at once while attempts are left', () => {
    const running = runningJob();
    const outcome = running.when(ended(running, PERMANENT));
    expect(outcome.events.at(-1)).toEqual({
      type: 'JobRequeued',
      data: {
        ...job.REF,
        fence: fenceOf(running),
        reason: 'exit 1',
        attempts: 1,
        transientAttempts: 0,
        availableAt: null,
      },
    });
  });

  test('fails the job when the attempts are used up: with the default, after the second run', () => {
    const second = runningJob(failing(1, PERMANENT), LATER_S);
    const outcome = second.when(ended(second, PERMANENT)).thenTypes('RunEnded', 'JobFailed');
    expect(outcome.events.at(-1)?.data).toEqual({ ...job.REF, ...WORK, fence: fenceOf(second), reason: 'exit 1' });
  });

  test('of an attempt that was lost outside the process counts the same', () => {
    const first = runningJob();
    const second = runningJob(first.after(abandoned(first)));
    second.when(abandoned(second)).thenTypes('JobFailed');
  });

  test('fails a job at once that is allowed one attempt', () => {
    const once = runningJob(queuedJob(policyWith({ jobs: { maxAttempts: 1 } })));
    once.when(ended(once, PERMANENT)).thenTypes('RunEnded', 'JobFailed');
  });
});

describe('A transient failure', () => {
  test('gives its attempt back and is counted apart', () => {
    const requeued = failing(1);
    expect(requeued.last('JobRequeued').data).toMatchObject({ attempts: 0, transientAttempts: 1 });
    expect(runningJob(requeued, LATER_S * 2).last('JobClaimed').data.attempt).toBe(1);
  });

  test('is backed off from 30 seconds, give or take a fifth', () => {
    const waited = waitS(failing(1), LATER_S);
    expect(waited).toBeGreaterThanOrEqual(24);
    expect(waited).toBeLessThanOrEqual(36);
  });

  test('fails the job with the ninth: eight are allowed', () => {
    expect(failing(8).state).toMatchObject({ status: 'queued', transientAttempts: 8 });
    expect(failing(9).state).toMatchObject({ status: 'failed' });
  });

  test('of an attempt that was lost outside the process is backed off too', () => {
    const running = runningJob();
    const requeued = running.after(abandoned(running, true));
    expect(requeued.last('JobRequeued').data).toMatchObject({ attempts: 0, transientAttempts: 1 });
    expect(waitS(requeued, 0)).toBeGreaterThanOrEqual(24);
  });

  test('between permanent ones does not give the attempts back that those used up', () => {
    const mixed = failing(1, TRANSIENT, failing(1, PERMANENT), 1);
    expect(mixed.state).toMatchObject({ attempts: 1, transientAttempts: 1 });
    expect(failing(1, PERMANENT, mixed, 2).state).toMatchObject({ status: 'failed' });
  });
});

describe('A usage limit', () => {
  const until = (resetsAt: string) => ({ ...TRANSIENT, class: 'usage-limit', resetsAt });

  test('waits until its reset and uses up nothing', () => {
    const requeued = failing(1, until(at(LATER_S + 5000)));
    expect(requeued.last('JobRequeued').data).toMatchObject({
      attempts: 0,
      transientAttempts: 0,
      availableAt: at(LATER_S + 5000),
    });
  });

  test.each([
    ['past', at(LATER_S - 1)],
    ['now', at(LATER_S)],
    ['no time at all', 'next Tuesday'],
  ])('whose reset is %s is backed off like any other, so that it ends some time', (_when, resetsAt) => {
    const requeued = failing(1, until(resetsAt));
    expect(requeued.last('JobRequeued').data).toMatchObject({ attempts: 0, transientAttempts: 1 });
    expect(waitS(requeued, LATER_S)).toBeGreaterThanOrEqual(24);
  });
});

describe('The back-off', () => {
  test('is the same for the same job and attempt, so that a replay decides the same', () => {
    expect(backoffS(3, 30, '9')).toBe(backoffS(3, 30, '9'));
  });

  test('differs between jobs, so that they do not come back together', () => {
    const waits = ['1', '2', '3', '4', '5'].map((seed) => backoffS(1, 30, seed));
    expect(new Set(waits).size).toBe(5);
  });

  test.each([
    [1, 30],
    [2, 60],
    [3, 120],
    [4, 240],
    [5, 480],
    [6, 960],
  ])('doubles: attempt %i waits %i seconds, give or take a fifth', (attempt, seconds) => {
    for (let seed = 0; seed < 50; seed += 1) {
      const waited = backoffS(attempt, 30, `${seed}`);
      expect(waited).toBeGreaterThanOrEqual(seconds * 0.8);
      expect(waited).toBeLessThan(seconds * 1.2);
    }
  });

  test('never waits longer than an hour', () => {
    expect(backoffS(12, 30, '9')).toBe(3600);
  });
});
