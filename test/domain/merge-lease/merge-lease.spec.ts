import { describe, expect, test } from '@jest/globals';
import {
  AcquireMergeLease,
  ReclaimMergeLease,
  ReleaseMergeLease,
  RenewMergeLease,
} from '../../../src/domain/merge-lease/commands.js';
import { mergeLeaseDecider } from '../../../src/domain/merge-lease/decide.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { at, given, wish } from '../../support/given.js';
import { DEFAULT_POLICY } from '../../support/policy.js';

const OURS = { repo: 'orchestrator', branch: 'feature/ORCH-059', workItem: 'ORCH-059', taskId: 42 };
const THEIRS = { ...OURS, branch: 'feature/ORCH-060', workItem: 'ORCH-060', taskId: 43 };
const HERE = { id: 'start-1', pid: 4711, startTicks: 100, bootId: 'boot' };
const RESTARTED = { ...HERE, id: 'start-2', pid: 4712 };

const acquire = (seconds = 0, who = OURS, instance = HERE) => wish(AcquireMergeLease, { ...who, instance }, seconds);
const renew = (fence: number, seconds: number) => wish(RenewMergeLease, { fence }, seconds);
const release = (fence: number | null, who = OURS) =>
  wish(ReleaseMergeLease, { workItem: who.workItem, fence, reason: 'done' });
const reclaim = (process: 'alive' | 'dead' | 'unknown', seconds = 10, fence = 0) =>
  wish(ReclaimMergeLease, { fence, process }, seconds);

const free = given(mergeLeaseDecider);
const held = free.after(acquire());
const grant = (seconds: number, who = OURS, instance = HERE) => ({
  type: 'MergeLeaseGranted' as const,
  data: { ...who, instance, acquiredAt: at(seconds), expiresAt: at(seconds + 300) },
});

describe('a free lease', () => {
  test('is granted for the time to live that is set [MG-03, MG-07]', () => {
    free.when(acquire()).then(grant(0));
  });

  test('is nobody’s to renew, to release or to reclaim [TC-11 of ORCH-043, TC-14b of ORCH-065, MG-08]', () => {
    free.when(renew(0, 1)).thenRefused('merge-lease-lost');
    free.when(release(0)).thenNothing();
    free.when(release(null)).thenNothing();
    free.when(reclaim('dead')).thenNothing();
  });
});

describe('a held lease', () => {
  test('is refused to every other branch, with who holds it and until when', () => {
    held.when(acquire(10, THEIRS)).thenRefused('merge-lease-held');
    const { facts } = held.decide(acquire(10, THEIRS)) as { facts: object };
    expect(facts).toMatchObject({ workItem: 'ORCH-059', branch: OURS.branch, fence: 0, expiresAt: at(300) });
  });

  test('asked for again by its holder stays the same grant, with a new time to live [MG-05]', () => {
    const renewed = { repo: OURS.repo, workItem: OURS.workItem, fence: 0, expiresAt: at(310) };
    held.when(acquire(10)).then({ type: 'MergeLeaseRenewed', data: renewed });
  });

  test('is granted anew to the same branch after a restart, and the old grant is void [MG-05, SC-13]', () => {
    const again = held.after(acquire(10, OURS, RESTARTED));
    expect(again.events.map(({ type }) => type)).toEqual(['MergeLeaseGranted', 'MergeLeaseGranted']);
    again.when(renew(0, 11)).thenRefused('merge-lease-lost');
    again.when(release(0)).thenNothing();
    again.when(renew(1, 11)).thenTypes('MergeLeaseRenewed');
  });

  test('lives on with every renewal', () => {
    const renewed = held.after(renew(0, 250));
    renewed.when(acquire(400, THEIRS)).thenRefused('merge-lease-held');
    renewed.when(acquire(550, THEIRS)).thenTypes('MergeLeaseReclaimed', 'MergeLeaseGranted');
  });

  test('that has run out is reclaimed by whoever asks for it next, exactly at the end of its time [MG-06, MG-07]', () => {
    held.when(acquire(299.999, THEIRS)).thenRefused('merge-lease-held');
    const { events } = held.when(acquire(300, THEIRS));
    expect(events).toEqual([
      expect.objectContaining({
        type: 'MergeLeaseReclaimed',
        data: expect.objectContaining({ branch: OURS.branch, fence: 0, because: 'expired' }),
      }),
      grant(300, THEIRS),
    ]);
  });

  test('that has run out and that nobody wanted is still its holder’s', () => {
    held.when(renew(0, 900)).thenTypes('MergeLeaseRenewed');
  });

  test('is released by its holder, once', () => {
    held.when(release(0)).thenTypes('MergeLeaseReleased').thenNothingMore();
    held.when(release(null)).thenTypes('MergeLeaseReleased');
  });

  test('is not released for another work item, nor for a grant that is over [MG-08]', () => {
    held.when(release(null, THEIRS)).thenNothing();
    held.when(release(7)).thenNothing();
  });
});

describe('a reclaim without anybody asking for the lease', () => {
  const policy = (change: { merge?: Partial<Policy['merge']>; on?: boolean }): Policy => ({
    ...DEFAULT_POLICY,
    merge: { ...DEFAULT_POLICY.merge, ...change.merge },
    reaper: { ...DEFAULT_POLICY.reaper, leaseReclaimEnabled: change.on ?? true },
  });

  test('takes it from a dead process at once, without waiting for the time to live [TC-10 of ORCH-065, MG-16]', () => {
    const reclaimed = { repo: OURS.repo, branch: OURS.branch, workItem: OURS.workItem, fence: 0 };
    const why = { because: 'dead-pid' as const, reason: 'dead pid 4711' };
    held.when(reclaim('dead')).then({ type: 'MergeLeaseReclaimed', data: { ...reclaimed, ...why } });
  });

  test('takes it from a live process that has not renewed it in time [TC-11 of ORCH-065]', () => {
    const { events } = held.when(reclaim('alive', 999));
    expect(events).toMatchObject([{ data: { because: 'expired', reason: expect.stringContaining('999 s old') } }]);
  });

  test('of a lease that is both says dead [MG-26]', () => {
    expect(held.when(reclaim('dead', 999)).events).toMatchObject([{ data: { because: 'dead-pid' } }]);
  });

  test('leaves a live holder alone, and one of whom nothing is known [TC-12 of ORCH-065, MG-17, INV-13]', () => {
    held.when(reclaim('alive')).thenNothing();
    held.when(reclaim('unknown')).thenNothing();
  });

  test('of a grant that is over touches nobody', () => {
    held
      .after(release(0))
      .after(acquire(20, THEIRS))
      .when(reclaim('dead', 30, 0))
      .thenNothing();
  });

  test('is none of its business outside the merge gate, however dead and old [TC-13a of ORCH-065, MG-19]', () => {
    const elsewhere = free.after(acquire(0, { ...OURS, repo: 'enduro-trails' }));
    elsewhere.when(reclaim('dead', 999)).thenNothing();
    const listed = policy({ merge: { gateRepos: ['enduro-trails'] } });
    elsewhere.under(listed).when(reclaim('dead')).thenTypes('MergeLeaseReclaimed');
    held.under(listed).when(reclaim('dead')).thenNothing();
  });

  test('of a listed repository is made, self-hosting or not [TC-13b of ORCH-065, MG-20]', () => {
    const history = free.after(acquire(0, { ...OURS, repo: 'enduro-trails' }));
    history
      .under(policy({ merge: { gateRepos: ['enduro-trails', 'orchestrator'] } }))
      .when(reclaim('dead'))
      .thenTypes('MergeLeaseReclaimed');
  });

  test('is off with its switch; then only whoever asks takes over what has run out [TC-15 of ORCH-065, MG-22]', () => {
    const off = held.under(policy({ on: false }));
    off.when(reclaim('dead', 999)).thenNothing();
    off.when(acquire(999, THEIRS)).thenTypes('MergeLeaseReclaimed', 'MergeLeaseGranted');
  });

  test('is off where the merge gate is [AMB-55]', () => {
    held
      .under(policy({ merge: { gateEnabled: false } }))
      .when(reclaim('dead', 999))
      .thenNothing();
  });
});
