import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  AcquireMergeLease,
  type MergeLeaseCommand,
  ReclaimMergeLease,
  ReleaseMergeLease,
  RenewMergeLease,
} from '../../src/domain/merge-lease/commands.js';
import { mergeLeaseDecider } from '../../src/domain/merge-lease/decide.js';
import type { MergeLeaseEvent } from '../../src/domain/merge-lease/events.js';
import type { MergeLeaseState } from '../../src/domain/merge-lease/state.js';
import { fromIso } from '../../src/kernel/time.js';
import { given, type History, wish } from '../support/given.js';

type Life = History<MergeLeaseCommand, MergeLeaseEvent, MergeLeaseState>;

/** Three work items, each in two starts of the orchestrator, ask, renew, release and reclaim with whatever fence they remember. */
const step = fc.record({
  who: fc.integer({ min: 1, max: 3 }),
  start: fc.integer({ min: 1, max: 2 }),
  fence: fc.integer({ min: 0, max: 12 }),
  laterS: fc.integer({ min: 0, max: 400 }),
  act: fc.constantFrom('acquire', 'renew', 'release', 'dead', 'alive', 'unknown'),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function commandOf({ who, start, fence, act }: Step, seconds: number): MergeLeaseCommand {
  const workItem = `ORCH-00${who}`;
  const instance = { id: `start-${start}`, pid: start, startTicks: 1, bootId: 'boot' };
  const holder = { repo: 'orchestrator', branch: `feature/${workItem}`, workItem, taskId: who, instance };
  if (act === 'acquire') return wish(AcquireMergeLease, holder, seconds);
  if (act === 'renew') return wish(RenewMergeLease, { fence }, seconds);
  if (act === 'release') return wish(ReleaseMergeLease, { workItem, fence, reason: 'done' }, seconds);
  return wish(ReclaimMergeLease, { fence, process: act }, seconds);
}

function holds(property: (before: Life, command: MergeLeaseCommand, after: Life, step: Step) => void): void {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let life: Life = given(mergeLeaseDecider);
      let seconds = 0;
      for (const next of steps) {
        seconds += next.laterS;
        const command = commandOf(next, seconds);
        const after = life.after(command);
        property(life, command, after, next);
        life = after;
      }
    }),
    { numRuns: 300 },
  );
}

describe('Whatever happens to a merge lease', () => {
  test('there is at most one grant in force, and its fence is higher than every one before', () => {
    holds((before, _command, after) => {
      const grants = after.events.filter(({ type }) => type === 'MergeLeaseGranted').map(({ revision }) => revision);
      expect([...grants].sort((a, b) => a - b)).toEqual(grants);
      if (after.state.status === 'held') expect(after.state.fence).toBe(grants.at(-1));
      if (before.state.status === 'held' && after.state.status === 'held') {
        expect(after.state.fence).toBeGreaterThanOrEqual(before.state.fence);
      }
    });
  });

  test('nobody but its branch gets it from a holder that is alive and in time', () => {
    holds((before, command, after, { act }) => {
      if (before.state.status !== 'held' || after.events.length === before.events.length) return;
      const { grant, expiresAt, fence } = before.state;
      if (fromIso(command.context.at) >= fromIso(expiresAt) || act === 'dead') return;
      const gone = after.events.slice(before.events.length).filter(({ type }) => type !== 'MergeLeaseRenewed');
      for (const event of gone) expect(event.data).toMatchObject({ branch: grant.branch });
      expect(gone.map(({ type }) => type)).not.toContain('MergeLeaseReclaimed');
      expect(fence).toBeGreaterThanOrEqual(0);
    });
  });

  test('a fence that is over renews, releases and reclaims nothing', () => {
    holds((before, _command, after, { act, fence }) => {
      if (act === 'acquire') return;
      const current = before.state.status === 'held' ? before.state.fence : null;
      if (fence !== current) expect(after.events.length).toBe(before.events.length);
    });
  });

  test('a holder that is only unknown loses nothing before its time', () => {
    holds((before, command, after, { act }) => {
      if (act !== 'unknown' || before.state.status !== 'held') return;
      if (fromIso(command.context.at) < fromIso(before.state.expiresAt)) expect(after.state).toEqual(before.state);
    });
  });
});
