import { beforeEach, describe, expect, test } from '@jest/globals';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import { BackgroundStats } from '../../../src/kernel/background-stats.js';
import { toIso } from '../../../src/kernel/time.js';
import { queueAt } from '../../../src/projections/queue/queue-at.js';
import { whyAt } from '../../../src/projections/why/why-at.js';
import { policyWith } from '../../support/policy.js';
import { seed } from '../../support/seed.js';
import { TaskStory } from '../../support/task-story.js';

const POLICY = policyWith({ budget: { dayUsd: 5, taskUsd: 2 }, maxConcurrency: 3 });
const TODAY = toIso(Date.now()).slice(0, 10);
const LATER = toIso(Date.now() + 3_600_000);

let log: InMemoryEventLog;
let story: TaskStory;

beforeEach(async () => {
  log = new InMemoryEventLog();
  story = new TaskStory(log);
  await story.open();
  await story.queueJob();
});

async function queue() {
  const settings = { policy: POLICY, pollIntervalS: 5, stats: new BackgroundStats() };
  return queueAt(log, await log.head(), settings);
}

async function reasons() {
  return (await whyAt(log, 'ET-001', await log.head(), POLICY))?.reasons ?? [];
}

function book(scope: 'day' | 'task', key: string, totalUsd: number | null) {
  const data = { scope, key, totalUsd, costUsd: totalUsd, runId: 'r', workItem: 'ET-001', unknownRuns: 0 };
  return seed(log, { stream: `budget-${scope}-${key}`, type: 'CostBooked', data });
}

function breaker(type: string, data: object) {
  return seed(log, { stream: 'breaker', type, data: { jobId: 1, runId: 'r', reason: 'overloaded', ...data } });
}

describe('a budget that is reached', () => {
  test('holds the task with the event that reached it, and shows in the queue', async () => {
    await book('day', TODAY, 4.99);
    expect(await reasons()).toEqual([]);
    expect((await queue()).budget).toMatchObject({ day_reached: false, tasks_reached: [] });
    const day = await book('day', TODAY, 5);
    const task = await book('task', 'ET-001', 2);
    expect(await reasons()).toMatchObject([
      { code: 'budget', ref: `day ${TODAY}`, position: day.position },
      { code: 'budget', ref: 'task ET-001', position: task.position },
    ]);
    expect((await queue()).budget).toMatchObject({ day_reached: true, tasks_reached: ['ET-001'] });
  });

  test('of another day or another task holds nobody', async () => {
    await book('day', '2020-01-01', 50);
    await book('task', 'ET-002', 50);
    expect(await reasons()).toEqual([]);
  });
});

describe('the breaker', () => {
  test('is closed while nothing failed', async () => {
    expect((await queue()).resilience).toMatchObject({
      ...{ state: 'closed', consecutive_failures: 0, open_until: null, probing: null },
    });
  });

  test('that is open holds every job until its time, and names the event that opened it', async () => {
    await breaker('AgentFailureCounted', { consecutive: 3 });
    const opened = await breaker('BreakerOpened', { consecutive: 3, until: LATER });
    expect((await queue()).resilience).toMatchObject({ state: 'open', consecutive_failures: 3, open_until: LATER });
    expect(await reasons()).toMatchObject([{ code: 'resilience', position: opened.position }]);
    await breaker('BreakerClosed', { consecutive: 3 });
    expect((await queue()).resilience).toMatchObject({ state: 'closed', consecutive_failures: 0 });
    expect(await reasons()).toEqual([]);
  });

  test('whose time is over shows the job that probes, and others wait for its end', async () => {
    const other = new TaskStory(log, 'ET-002');
    await other.open();
    const job = await other.queueJob('developer');
    await breaker('BreakerOpened', { consecutive: 3, until: toIso(0) });
    expect((await queue()).resilience).toMatchObject({ state: 'half-open', probing: null });
    expect(await reasons()).toEqual([]);
    const data = { ...job.data, taskId: other.taskId, runId: 'probe', attempt: 1, worker: 'here' };
    await other.job(job, 'JobClaimed', data);
    const { jobId } = job.data as { jobId: number };
    expect((await queue()).resilience).toMatchObject({ state: 'half-open', probing: jobId });
    expect((await reasons())[0]).toMatchObject({
      code: 'resilience',
      clearsWhen: expect.stringContaining(`job ${jobId}`),
    });
  });

  test('of a usage limit parks until the reset', async () => {
    await breaker('AgentsParked', { until: LATER, reason: 'usage limit' });
    expect((await queue()).resilience).toMatchObject({ state: 'parked', open_until: LATER, reason: 'usage limit' });
    expect((await reasons())[0]?.clearsWhen).toContain('usage limit');
  });
});
