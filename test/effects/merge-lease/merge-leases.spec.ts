import { describe, expect, test } from '@jest/globals';
import { ReleaseMergeLease } from '../../../src/domain/merge-lease/commands.js';
import { RecordSettings } from '../../../src/domain/settings/commands.js';
import { type Outcome, OutcomeOvertaken } from '../../../src/effects/effect.js';
import { fencedBy } from '../../../src/effects/merge-lease/fenced.js';
import { MergeLeaseLost } from '../../../src/effects/merge-lease/grant.js';
import type { HeldLease } from '../../../src/kernel/pipeline/held-lease.js';
import { isRefused } from '../../../src/kernel/refused.js';
import { commandContext } from '../../support/given.js';
import { until } from '../../support/until.js';
import { KEY, LeaseWorld, OTHER } from './lease-world.js';

/** What stands for every outcome: whether it reached the log. */
function outcomeIn({ commands }: LeaseWorld): Outcome {
  return {
    report: async (type, stream, payload, { key = '', pins = [] } = {}) => {
      const answer = await commands.execute(new type(stream, payload, commandContext({ commandId: key }), pins));
      if (isRefused(answer)) throw new OutcomeOvertaken(type.name, stream, answer.sentence);
    },
  };
}

function report(outcome: Outcome, hash: string): Promise<void> {
  return outcome.report(RecordSettings, 'settings', { values: {}, hash, version: '1' } as never, { key: hash });
}

/** Somebody else is let in while we think that we hold it. */
async function overtake(world: LeaseWorld): Promise<void> {
  const release = { workItem: KEY.workItem, fence: null, reason: 'an operator took it away' };
  await world.commands.execute(new ReleaseMergeLease('merge-lease-orchestrator', release, commandContext()));
}

describe('work under a merge lease', () => {
  test('begins when it is granted, and gives it back at its end, well or badly', async () => {
    const world = new LeaseWorld();
    const leases = world.keeper();
    const result = await leases.whileHolding(KEY, async (lease) => [lease.repo, lease.fence], world.stopping.signal);
    expect(result).toEqual(['orchestrator', 0]);
    const failing = leases.whileHolding(OTHER, () => Promise.reject(new Error('no')), world.stopping.signal);
    await expect(failing).rejects.toThrow('no');
    expect(await world.types()).toEqual([
      ...['MergeLeaseGranted', 'MergeLeaseReleased'],
      ...['MergeLeaseGranted', 'MergeLeaseReleased'],
    ]);
  });

  test('of one process is done in the order in which it was asked for, never two at once', async () => {
    const world = new LeaseWorld();
    const leases = world.keeper();
    const log: string[] = [];
    const work = (name: string) => async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} ends`);
    };
    const asked = [KEY, OTHER, KEY].map((key, index) =>
      leases.whileHolding(key, work(`${index}`), world.stopping.signal),
    );
    await Promise.all(asked);
    expect(log).toEqual(['0', '1', '2'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  test('waits for another process, and begins once that one gives it back', async () => {
    const world = new LeaseWorld();
    let finish = (): void => undefined;
    const first = world.keeper().whileHolding(KEY, () => new Promise<void>((done) => (finish = done)), never());
    await until(async () => (await world.types()).length === 1, 'the first one holds it');
    let begun = false;
    const second = world.keeper().whileHolding(OTHER, async () => void (begun = true), never());
    expect(begun).toBe(false);
    finish();
    await Promise.all([first, second]);
    expect(begun).toBe(true);
  });

  test('is given up while it waits when the orchestrator stops', async () => {
    const world = new LeaseWorld();
    let finish = (): void => undefined;
    const first = world.keeper().whileHolding(KEY, () => new Promise<void>((done) => (finish = done)), never());
    await until(async () => (await world.types()).length === 1, 'the first one holds it');
    const second = world.keeper().whileHolding(OTHER, () => Promise.resolve(), world.stopping.signal);
    world.stopping.abort();
    await expect(second).rejects.toThrow(/abort/i);
    finish();
    await first;
  });

  test('renews the lease as long as it lasts', async () => {
    const world = new LeaseWorld(0.06);
    await world.keeper().whileHolding(
      KEY,
      async (lease) => {
        const renewals = async () => (await world.types()).filter((type) => type === 'MergeLeaseRenewed').length;
        await until(async () => (await renewals()) >= 2, 'it was renewed twice');
        lease.assertHeld('orchestrator');
      },
      never(),
    );
    expect((await world.types()).at(-1)).toBe('MergeLeaseReleased');
  });

  test('is told when the lease is lost, and cannot go on', async () => {
    const world = new LeaseWorld(0.06);
    const work = world.keeper().whileHolding(
      KEY,
      async (_lease, signal) => {
        await overtake(world);
        await until(() => signal.aborted, 'the next renewal finds out');
        signal.throwIfAborted();
      },
      never(),
    );
    await expect(work).rejects.toThrow(MergeLeaseLost);
  });
});

describe('a held lease', () => {
  test('opens nothing in another repository', async () => {
    const world = new LeaseWorld();
    const work = world.keeper().whileHolding(KEY, async (lease) => lease.assertHeld('enduro-trails'), never());
    await expect(work).rejects.toThrow('of no use in enduro-trails');
  });

  test('that could not be renewed in time opens nothing any more', async () => {
    const world = new LeaseWorld();
    const work = world.keeper().whileHolding(
      KEY,
      async (lease) => {
        world.now += 300_000;
        lease.assertHeld('orchestrator');
      },
      never(),
    );
    await expect(work).rejects.toThrow('could not be renewed');
  });
});

describe('an outcome under the fence', () => {
  test('is recorded, also when the lease was renewed between looking and appending', async () => {
    const world = new LeaseWorld();
    await world.keeper().whileHolding(
      KEY,
      async (lease) => {
        await report(fencedBy(stale(lease), outcomeIn(world)), 'first');
        await report(fencedBy(lease, outcomeIn(world)), 'second');
      },
      never(),
    );
    expect(await world.types('settings')).toEqual(['SettingsChanged', 'SettingsChanged']);
  });

  test('of a holder that was overtaken is refused at the append, and nothing is recorded', async () => {
    const world = new LeaseWorld();
    const work = world.keeper().whileHolding(
      KEY,
      async (lease) => {
        await overtake(world);
        await report(fencedBy(lease, outcomeIn(world)), 'late');
      },
      never(),
    );
    await expect(work).rejects.toThrow(MergeLeaseLost);
    expect(await world.types('settings')).toEqual([]);
  });
});

/** As the holder saw it before its own renewal: the first look at the pins is one revision behind. */
function stale(lease: HeldLease): HeldLease {
  let looks = 0;
  return new Proxy(lease, {
    get(target, name) {
      if (name !== 'pins') return Reflect.get(target, name, target) as unknown;
      looks += 1;
      const [pin] = target.pins;
      return looks === 1 && pin ? [{ ...pin, expected: pin.expected - 1 }] : target.pins;
    },
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}
