import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { postDeployDecider } from '../../src/domain/post-deploy/decide.js';
import type { PostDeployEvent } from '../../src/domain/post-deploy/events.js';
import type { Recorded } from '../../src/kernel/event.js';
import * as life from '../support/lives/watch-history.js';
import { steps, walk, type Steps } from '../support/lives/watch-walk.js';

function holds(property: (taken: Steps) => void): void {
  fc.assert(fc.property(steps, property), { numRuns: 300 });
}

type Of<T extends PostDeployEvent['type']> = Extract<Recorded<PostDeployEvent>, { type: T }>;

function only<T extends PostDeployEvent['type']>(events: readonly Recorded<PostDeployEvent>[], type: T) {
  return events.filter((event): event is Of<T> => event.type === type);
}

describe('Whatever happens between deploys, checks, restarts and rollbacks', () => {
  test('every watch that is armed ends with exactly one verdict', () => {
    holds((taken) => {
      const { events } = walk(taken).toTheEnd().production;
      const armed = only(events, 'WatchArmed').map(({ data }) => data.watchId);
      const ended = only(events, 'WatchEnded').map(({ data }) => data.watchId);
      expect([...ended].sort()).toEqual([...armed].sort());
      expect(new Set(armed).size).toBe(armed.length);
    });
  });

  test('one watch is on at a time, and nothing is measured outside of one', () => {
    holds((taken) => {
      let on: number | null = null;
      for (const event of walk(taken).production.events) {
        if (event.type === 'WatchArmed') expect(on).toBeNull();
        if (event.type === 'WatchArmed') on = event.data.watchId;
        if (event.type === 'ProductionProbed') expect(event.data.watchId).toBe(on);
        if (event.type === 'WatchEnded') on = null;
      }
    });
  });

  test('the schedule is kept: no check is twice or made up, and all are accounted for', () => {
    holds((taken) => {
      const { events } = walk(taken).toTheEnd().production;
      for (const { data: watch } of only(events, 'WatchArmed')) {
        const checks = only(events, 'ProductionProbed').filter(({ data }) => data.watchId === watch.watchId);
        const numbers = [0, ...checks.map(({ data }) => data.check)];
        checks.forEach(({ data }, index) => expect(data.missed).toBe(data.check - (numbers[index] ?? 0) - 1));
        expect(numbers.at(-1)).toBeLessThanOrEqual(watch.schedule.checks);
        const end = only(events, 'WatchEnded').find(({ data }) => data.watchId === watch.watchId)?.data;
        expect(end?.schedule).toEqual(watch.schedule);
        expect(end?.checks.total).toBe(checks.length);
        expect(checks.length + (end?.checks.missed ?? NaN)).toBeLessThanOrEqual(watch.schedule.checks);
      }
    });
  });

  test('no check is early', () => {
    holds((taken) => {
      for (const { command, before } of walk(taken).moments) {
        const { watch } = before.state;
        if (command.type !== 'ReportProbe' || !watch || before.when(command).events.length === 0) continue;
        const { startedAt, until, intervalMs } = watch.schedule;
        const dueMs = Math.min(Date.parse(startedAt) + command.payload.check * intervalMs, Date.parse(until));
        expect(Date.parse(command.context.at)).toBeGreaterThanOrEqual(dueMs);
      }
    });
  });

  test('HEALTHY is proven, DEGRADED is a row of failures as long as the threshold', () => {
    holds((taken) => {
      const { events } = walk(taken).toTheEnd().production;
      for (const { data } of only(events, 'WatchEnded')) {
        const answers = only(events, 'ProductionProbed')
          .filter((event) => event.data.watchId === data.watchId && event.data.answer !== 'unmeasured')
          .map((event) => event.data.answer);
        const lastThree = answers.slice(-data.schedule.threshold);
        const isRow = lastThree.length === data.schedule.threshold && lastThree.every((answer) => answer === 'failed');
        expect(data.status === 'DEGRADED').toBe(isRow);
        if (data.status !== 'HEALTHY') continue;
        expect(answers.at(-1)).toBe('ok');
        expect(answers.length * 2).toBeGreaterThanOrEqual(data.schedule.checks);
      }
    });
  });

  test('a deploy is undone once at most, never a rollback, and only to what was seen healthy before', () => {
    holds((taken) => {
      const { events } = walk(taken).toTheEnd().production;
      const orders = only(events, 'RollbackOrdered');
      expect(new Set(orders.map(({ data }) => data.watchId)).size).toBe(orders.length);
      for (const order of orders) {
        const verdicts = only(events, 'WatchEnded').filter(({ revision }) => revision < order.revision);
        expect(verdicts.at(-1)?.data).toMatchObject({
          watchId: order.data.watchId,
          rollbackOf: null,
          action: 'ROLLBACK',
        });
        const good = verdicts.filter(({ data }) => data.status === 'HEALTHY' && data.revision !== null).at(-1);
        expect(order.data.to).toEqual(good?.data.revision);
      }
    });
  });

  test('our own production is never undone by itself', () => {
    holds((taken) => {
      const { events } = walk(taken, life.OURS.repo).toTheEnd().production;
      expect(only(events, 'RollbackOrdered')).toEqual([]);
      expect(only(events, 'WatchEnded').filter(({ data }) => data.action === 'ROLLBACK')).toEqual([]);
    });
  });

  test('the same command again changes nothing', () => {
    holds((taken) => {
      for (const { command, before } of walk(taken).moments) expect(before.after(command).decide(command)).toEqual([]);
    });
  });

  test('the facts of any prefix fold to the state that was decided on', () => {
    holds((taken) => {
      for (const { before } of walk(taken).moments) {
        const stored = JSON.parse(JSON.stringify(before.events)) as typeof before.events;
        const state = stored.reduce(
          (folded, event) => postDeployDecider.evolve(folded, event),
          postDeployDecider.initial,
        );
        expect(state).toEqual(before.state);
      }
    });
  });
});

test('the courses that are tried bring about everything that can happen to a production', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(steps, (taken) => {
      walk(taken).production.events.forEach((event) => seen.add(event.type));
    }),
    { numRuns: 500, seed: 1 },
  );
  // Publishing a log has no course of its own: it moves nothing.
  expect([...seen, 'WatchLogPublished'].sort()).toEqual(Object.keys(postDeployDecider.events).sort());
});
