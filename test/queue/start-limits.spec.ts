import { describe, expect, test } from '@jest/globals';
import type { BreakerRow } from '../../src/projections/breaker/breaker.js';
import { StartLimits } from '../../src/queue/start-limits.js';
import { at, record, START_MS } from '../support/given.js';
import { policyWith } from '../support/policy.js';

const LIMITED = policyWith({ budget: { dayUsd: 1, taskUsd: 0.5 } });
const DAY_MS = 24 * 3_600_000;
const OPENED = { jobId: 1, runId: 'r', reason: 'busy', consecutive: 3, until: at(60) };

function after(limits: StartLimits, type: string, data: object, nowMs = START_MS): StartLimits {
  const [event] = record([{ type, data }]);
  limits.apply(event as Parameters<StartLimits['apply']>[0], nowMs);
  return limits;
}

function booked(scope: 'day' | 'task', key: string, totalUsd: number | null) {
  return { scope, key, totalUsd, runId: 'r', workItem: 'ET-001', costUsd: totalUsd, unknownRuns: 0 };
}

const seconds = (count: number) => START_MS + count * 1000;

describe('the budget of a day', () => {
  test('stops every agent when it is reached, until the next UTC day', () => {
    const limits = after(new StartLimits(LIMITED), 'CostBooked', booked('day', '2026-01-01', 1));
    expect(limits.allows(START_MS)).toBe(false);
    expect(limits.nextAt(START_MS)).toBe(START_MS + DAY_MS);
    expect(limits.allows(START_MS + DAY_MS - 1)).toBe(false);
    expect(limits.allows(START_MS + DAY_MS)).toBe(true);
  });

  test('that is known from before the restart counts like one that was heard of', () => {
    const limits = new StartLimits(LIMITED);
    const row = {
      id: 'day 2026-01-01',
      scope: 'day',
      purse: '2026-01-01',
      unknown_runs: 0,
      booked_at: '',
      position: 1,
    } as const;
    limits.loadBudget({ ...row, total_usd: 1.5 });
    expect(limits.allows(START_MS)).toBe(false);
  });
});

describe('the budget of a task', () => {
  test('stops the agents of this task and of no other', () => {
    const limits = after(new StartLimits(LIMITED), 'CostBooked', booked('task', 'ET-001', 0.5));
    expect([limits.isSpent('ET-001'), limits.isSpent('ET-002'), limits.isSpent(null)]).toEqual([true, false, false]);
    expect(limits.allows(START_MS)).toBe(true);
  });
});

describe('an open breaker', () => {
  test('lets nobody through before its time, and then one at a time', () => {
    const limits = after(new StartLimits(LIMITED), 'BreakerOpened', OPENED);
    expect([limits.allows(seconds(59)), limits.allows(seconds(60))]).toEqual([false, true]);
    expect(limits.nextAt(seconds(10))).toBe(seconds(60));
    limits.started(7);
    expect(limits.allows(seconds(61))).toBe(false);
  });

  test('lets everybody through once it is closed', () => {
    const limits = after(new StartLimits(LIMITED), 'BreakerOpened', OPENED);
    limits.started(7);
    expect(after(limits, 'BreakerClosed', { jobId: 7, runId: 'r', consecutive: 3 }).allows(START_MS)).toBe(true);
  });

  test('lets another probe through a probe time after one that came to nothing', () => {
    const limits = after(new StartLimits(LIMITED), 'BreakerOpened', OPENED);
    limits.started(7);
    after(limits, 'JobRequeued', { jobId: 7 }, seconds(100));
    expect([limits.allows(seconds(159)), limits.allows(seconds(160))]).toEqual([false, true]);
  });

  test('keeps its place for the next one when the probe could not be claimed', () => {
    const limits = after(new StartLimits(LIMITED), 'BreakerOpened', OPENED);
    limits.started(7);
    limits.notStarted(7);
    expect(limits.allows(seconds(60))).toBe(true);
  });

  test('is as open after a restart as before it, with the probe that still runs', () => {
    const row: BreakerRow = {
      ...{
        id: 'agents' as const,
        consecutive_failures: 3,
        reason: 'busy',
        open_until: at(60),
        opened_at: at(0),
        opened_position: 1,
      },
      ...{ parked_until: null, parked_at: null, parked_position: null },
    };
    const limits = new StartLimits(LIMITED);
    limits.loadBreaker(row, 7);
    expect(limits.allows(seconds(60))).toBe(false);
    limits.loadBreaker(row, null);
    expect([limits.allows(seconds(59)), limits.allows(seconds(60))]).toEqual([false, true]);
  });
});

describe('a usage limit', () => {
  test('parks every agent until its reset, and needs no probe afterwards', () => {
    const limits = after(new StartLimits(LIMITED), 'AgentsParked', {
      jobId: 1,
      runId: 'r',
      reason: 'limit',
      until: at(60),
    });
    expect(limits.allows(seconds(59))).toBe(false);
    limits.started(7);
    expect(limits.allows(seconds(60))).toBe(true);
    expect(limits.nextAt(seconds(60))).toBeNull();
  });
});
