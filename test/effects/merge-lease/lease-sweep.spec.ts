import { beforeEach, describe, expect, test } from '@jest/globals';
import { LeaseSweep, type SweepWorld } from '../../../src/effects/merge-lease/lease-sweep.js';
import { livenessOf, thisInstance } from '../../../src/effects/merge-lease/this-instance.js';
import { type LeaseKey } from '../../../src/effects/merge-lease/merge-leases.js';
import type { MergeLeaseEvent } from '../../../src/domain/merge-lease/events.js';
import { BackgroundStats } from '../../../src/kernel/background-stats.js';
import type { Recorded } from '../../../src/kernel/event.js';
import { mergeLeases, type MergeLeaseRow } from '../../../src/projections/merge-lease/merge-leases.js';
import { rowsAfter } from '../../projections/folding.js';
import { KEY, LeaseWorld } from './lease-world.js';

const NOBODY = 999_999_999;
const ELSEWHERE: LeaseKey = { ...KEY, repo: 'enduro-trails' };

/** Leases that processes took and never gave back, and the rows that tell of them. */
class Yard {
  readonly stats = new BackgroundStats();
  readonly work: SweepWorld['work'] = { mergeLeases: () => this.rows() };

  constructor(readonly leases = new LeaseWorld()) {}

  get sweep(): LeaseSweep {
    const { commands, clock, policy } = this.leases;
    return new LeaseSweep({ commands, clock, policy, work: this.work, stats: this.stats });
  }

  /** The process is killed while it works: nobody gives the lease back, and nobody renews it. */
  async abandon(key: LeaseKey, pid: number): Promise<void> {
    const keeper = this.leases.keeper({ ...thisInstance(), id: `of ${pid}`, pid });
    await new Promise<void>((working) => {
      void keeper.whileHolding(key, () => new Promise<void>(() => working()), new AbortController().signal);
    });
  }

  async rows(): Promise<MergeLeaseRow[]> {
    const streams = ['merge-lease-orchestrator', 'merge-lease-enduro-trails'];
    const pages = await Promise.all(
      streams.map((stream) => this.leases.log.readStream(stream, { after: -1, limit: 100 })),
    );
    return rowsAfter(mergeLeases, pages.flat() as Recorded<MergeLeaseEvent>[]);
  }

  async held(): Promise<readonly string[]> {
    return (await this.rows()).map(({ repo }) => repo);
  }
}

let yard: Yard;
beforeEach(() => {
  yard = new Yard();
});

describe('a sweep over the merge leases', () => {
  test('frees one whose process is dead, however young [TC-10 of ORCH-065, AC-6]', async () => {
    await yard.abandon(KEY, NOBODY);
    expect(await yard.sweep.sweep()).toBe(1);
    expect([await yard.held(), yard.stats.reaper.leaseReclaimedTotal]).toEqual([[], 1]);
    expect((await yard.leases.types()).at(-1)).toBe('MergeLeaseReclaimed');
  });

  test('frees one of a live process that is over its time [TC-11 of ORCH-065, AC-7]', async () => {
    await yard.abandon(KEY, process.pid);
    yard.leases.now += 999_000;
    expect(await yard.sweep.sweep()).toBe(1);
  });

  test('leaves a live holder within its time alone [TC-12 of ORCH-065, AC-8]', async () => {
    await yard.abandon(KEY, process.pid);
    yard.leases.now += 10_000;
    expect(await yard.sweep.sweep()).toBe(0);
    expect(await yard.held()).toEqual(['orchestrator']);
  });

  test('does not look beyond the merge gate [TC-13a of ORCH-065]', async () => {
    await yard.abandon(ELSEWHERE, NOBODY);
    yard.leases.now += 999_000;
    expect(await yard.sweep.sweep()).toBe(0);
    expect(await yard.held()).toEqual(['enduro-trails']);
  });

  test('looks at exactly the listed repositories [TC-13b of ORCH-065]', async () => {
    yard = new Yard(new LeaseWorld(300, ['enduro-trails']));
    await yard.abandon(ELSEWHERE, NOBODY);
    await yard.abandon(KEY, NOBODY);
    expect(await yard.sweep.sweep()).toBe(1);
    expect(await yard.held()).toEqual(['orchestrator']);
  });

  test('that cannot read, or has nothing to read, comes to nothing at the start [TC-14a, TC-14b, TC-21b of ORCH-065]', async () => {
    expect(await yard.sweep.sweep()).toBe(0);
    yard.work.mergeLeases = () => Promise.reject(new Error('the read models are gone'));
    await yard.sweep.atStart();
    expect(yard.stats.reaper.leaseReclaimedTotal).toBe(0);
  });

  test('goes on after one repository that is in trouble [INV-04, MG-28]', async () => {
    yard = new Yard(new LeaseWorld(300, ['enduro-trails', 'orchestrator']));
    await yard.abandon(KEY, NOBODY);
    await yard.abandon(ELSEWHERE, NOBODY);
    const { commands } = yard.leases;
    const execute = commands.execute.bind(commands);
    commands.execute = ((command: { stream: string }) =>
      command.stream.endsWith('enduro-trails')
        ? Promise.reject(new Error('busy'))
        : execute(command as never)) as never;
    expect(await yard.sweep.sweep()).toBe(1);
    expect(await yard.held()).toEqual(['enduro-trails']);
  });

  test('is off with its switch [TC-15 of ORCH-065, AC-14]', async () => {
    Object.assign(yard.leases.policy.reaper, { leaseReclaimEnabled: false });
    try {
      await yard.abandon(KEY, NOBODY);
      yard.leases.now += 999_000;
      expect(await yard.sweep.sweep()).toBe(0);
      expect(await yard.held()).toEqual(['orchestrator']);
    } finally {
      Object.assign(yard.leases.policy.reaper, { leaseReclaimEnabled: true });
    }
  });
});

describe('the process that holds a lease', () => {
  const here = thisInstance();

  test('is alive when it is this one, and dead when no process has its number [pid_alive of ORCH-065]', () => {
    expect(livenessOf(here)).toBe('alive');
    expect(livenessOf({ ...here, pid: NOBODY })).toBe('dead');
  });

  test('is dead when another one has its number by now [MG-27]', () => {
    expect(livenessOf({ ...here, startTicks: (here.startTicks ?? 0) + 1 })).toBe('dead');
    expect(livenessOf({ ...here, bootId: 'an earlier boot' })).toBe('dead');
  });

  test('is unknown when nobody recorded which one it was', () => {
    expect(livenessOf({ ...here, startTicks: null })).toBe('unknown');
    expect(livenessOf({ ...here, pid: 0 })).toBe('unknown');
  });
});
