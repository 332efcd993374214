import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jobDecider } from '../../src/domain/job/decide.js';
import { isRefused } from '../../src/kernel/refused.js';
import * as job from '../support/lives/job-history.js';
import { end, moves, walk, type Moves } from '../support/lives/job-walk.js';

function holds(property: (steps: Moves) => void): void {
  fc.assert(fc.property(moves, property), { numRuns: 300 });
}

const ENDS: readonly string[] = ['JobSucceeded', 'JobFailed', 'JobCancelled'];

describe('Whatever happens to a job', () => {
  test('one attempt runs at a time', () => {
    holds((steps) => {
      let running = false;
      for (const { type } of end(steps).events) {
        if (type === 'JobClaimed') expect(running).toBe(false);
        if (type === 'JobClaimed') running = true;
        if (type === 'JobRequeued' || ENDS.includes(type)) running = false;
      }
    });
  });

  test('every outcome carries the fence of the current claim', () => {
    holds((steps) => {
      let fence: number | null = null;
      for (const event of end(steps).events) {
        if (event.type === 'JobClaimed') fence = event.revision;
        if ('fence' in event.data && event.type !== 'StaleOutcomeRefused') expect(event.data.fence).toBe(fence);
      }
    });
  });

  test('it ends once, and nothing but traces and the stop of its process follows', () => {
    holds((steps) => {
      const types = end(steps).events.map((event) => event.type);
      const over = types.findIndex((type) => ENDS.includes(type));
      const after = over < 0 ? [] : types.slice(over + 1);
      expect(after.filter((type) => type !== 'StaleOutcomeRefused' && type !== 'RunStopped')).toEqual([]);
      expect(after.filter((type) => type === 'RunStopped').length).toBeLessThanOrEqual(1);
    });
  });

  test('it is never tried more often than it is allowed', () => {
    holds((steps) => {
      for (const event of end(steps).events) {
        if (event.type === 'JobClaimed') expect(event.data.attempt).toBeLessThanOrEqual(2);
        if (event.type === 'JobRequeued') expect(event.data.transientAttempts).toBeLessThanOrEqual(8);
      }
    });
  });

  test('the facts of any prefix fold to the state that was decided on', () => {
    holds((steps) => {
      for (const { before } of walk(steps)) {
        const stored = JSON.parse(JSON.stringify(before.events)) as typeof before.events;
        const state = stored.reduce((folded, event) => jobDecider.evolve(folded, event), jobDecider.initial);
        expect(state).toEqual(before.state);
      }
    });
  });

  test('the same command again changes nothing; at most it leaves a trace', () => {
    holds((steps) => {
      for (const { command, before } of walk(steps)) {
        const after = before.after(command);
        // A second look at a dead process is evidence of its own: the first one only suspects.
        if (command.type === 'JudgeRun') continue;
        const again = after.decide(command);
        if (isRefused(again)) continue;
        expect(again.filter((event) => event.type !== 'StaleOutcomeRefused')).toEqual([]);
        expect(after.and(...again).state).toEqual(after.state);
      }
    });
  });

  test('an outcome that was not heard before is always answered by an event, so that its effect is settled', () => {
    holds((steps) => {
      const history = end(steps);
      for (const { command, before } of walk(steps)) {
        const claimed = before.after(command);
        if (command.type !== 'ClaimJob' || claimed === before || history.state.status === 'done') continue;
        const fence = job.fenceOf(claimed);
        const heard = history.events.some((event) => event.type === 'RunEnded' && event.data.fence === fence);
        if (!heard) expect(history.when(job.ended(claimed)).events).not.toEqual([]);
      }
    });
  });
});

test('the courses that are tried bring about everything that can happen to a job', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(moves, (steps) => {
      end(steps).events.forEach((event) => seen.add(event.type));
    }),
    { numRuns: 1000, seed: 1 },
  );
  expect([...seen].sort()).toEqual(Object.keys(jobDecider.events).sort());
});
