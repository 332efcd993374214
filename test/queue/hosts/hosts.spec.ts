import { describe, expect, test } from '@jest/globals';
import type { RunEvidence } from '../../../src/domain/job/judge.js';
import { InMemoryHeartbeats } from '../../../src/event-log/beside/heartbeats.js';
import { hostWithRoom } from '../../../src/queue/hosts/host-with-room.js';
import { Hosts } from '../../../src/queue/hosts/hosts.js';
import { Presence } from '../../../src/queue/hosts/presence.js';

const LEASE_MS = 6_000;
const ALIVE: RunEvidence = { process: 'alive', pid: 4711, exit: null };

/** A leader's ears, and other hosts that appear when a test says so; time passes when it says so. */
function listening() {
  const heartbeats = new InMemoryHeartbeats();
  let now = 0;
  const monotonicMs = () => now;
  const looks = { at: async (runId: string): Promise<RunEvidence> => ({ ...ALIVE, pid: Number(runId) }) };
  const hosts = new Hosts(heartbeats, looks, { self: { name: 'me', slots: 1 }, leaseMs: LEASE_MS, monotonicMs });
  let count = 0;
  const appears = (name: string, { slots = 2, runs = {}, session = 'one' } = {}) => {
    count += 1;
    return heartbeats.appear({ name, host: 'vm', slots, session, count, runs });
  };
  /** In steps, as the looks of a leader come. */
  const pass = async (ms: number) => {
    for (const end = now + ms; now < end; await hosts.look()) now += LEASE_MS / 4;
  };
  return { heartbeats, hosts, appears, pass, skip: (ms: number) => (now += ms) };
}

describe('A leader', () => {
  test('gives jobs to itself, and to a host once it was heard twice', async () => {
    const { hosts, appears, pass } = listening();
    await appears('other');
    await hosts.look();
    expect(hosts.reachable).toEqual([{ name: 'me', slots: 1 }]);
    await appears('other');
    await pass(LEASE_MS / 4);
    expect(hosts.reachable.map(({ name, slots }) => [name, slots])).toEqual([
      ['me', 1],
      ['other', 2],
    ]);
  });

  test('counts itself once, though its own signs are among those it hears', async () => {
    const { hosts, appears, pass } = listening();
    await appears('me');
    await hosts.look();
    await appears('me');
    await pass(LEASE_MS / 4);
    expect(hosts.reachable).toEqual([{ name: 'me', slots: 1 }]);
  });

  test('gives nothing to a host that is only remembered from before', async () => {
    const { hosts, appears, pass } = listening();
    await appears('gone');
    await pass(LEASE_MS * 3);
    expect(hosts.reachable.map(({ name }) => name)).toEqual(['me']);
    expect(hosts.isSilent('gone')).toBe(true);
  });

  test('takes a host for silent after a lease, and hears it again', async () => {
    const { hosts, appears, pass } = listening();
    await appears('other');
    await hosts.look();
    await appears('other');
    await pass(LEASE_MS / 2);
    expect(hosts.isSilent('other')).toBe(false);
    await pass(LEASE_MS);
    expect(hosts.isSilent('other')).toBe(true);
    await appears('other', { session: 'two' });
    await pass(LEASE_MS / 4);
    expect([hosts.isSilent('other'), hosts.reachable.length]).toEqual([false, 2]);
  });

  test('takes one that nobody ever heard of for silent only after a lease of listening', async () => {
    const { hosts, pass } = listening();
    expect(hosts.isSilent('unknown')).toBe(false);
    await hosts.look();
    expect(hosts.isSilent('unknown')).toBe(false);
    await pass(LEASE_MS);
    expect(hosts.isSilent('unknown')).toBe(true);
    expect(hosts.isSilent('me')).toBe(false);
  });

  test('that could not listen for a while blames nobody for it', async () => {
    const { hosts, appears, skip } = listening();
    await appears('other');
    await hosts.look();
    skip(LEASE_MS * 10);
    await hosts.look();
    expect([hosts.isSilent('other'), hosts.isSilent('unknown')]).toEqual([false, false]);
  });

  test('knows of a run what its host said last, and of its own what it sees', async () => {
    const { hosts, appears, pass } = listening();
    await appears('other', { runs: { r1: ALIVE } });
    await hosts.look();
    expect(await hosts.evidenceOf({ worker: 'other', runId: 'r1' })).toEqual(ALIVE);
    expect(await hosts.evidenceOf({ worker: 'other', runId: 'r2' })).toMatchObject({ process: 'unknown' });
    expect(await hosts.evidenceOf({ worker: 'me', runId: '7' })).toMatchObject({ pid: 7 });
    await pass(LEASE_MS * 2);
    expect(await hosts.evidenceOf({ worker: 'other', runId: 'r1' })).toMatchObject({
      ...{ process: 'out-of-reach', host: 'other' },
    });
  });
});

describe('A job goes', () => {
  const hosts = ['me', 'a', 'b'].map((name) => ({ name, slots: 2 }));
  const running = (counts: Readonly<Record<string, number>>) => (name: string) => counts[name] ?? 0;

  test('to the host with the most free slots, and to the leader’s own where they are equal', () => {
    expect(hostWithRoom(hosts, running({}))?.name).toBe('me');
    expect(hostWithRoom(hosts, running({ me: 1 }))?.name).toBe('a');
    expect(hostWithRoom(hosts, running({ me: 1, a: 2, b: 1 }))?.name).toBe('me');
  });

  test('nowhere while every slot is taken', () => {
    expect(hostWithRoom(hosts, running({ me: 2, a: 2, b: 3 }))).toBeNull();
  });
});

describe('A host', () => {
  function host() {
    const heartbeats = new InMemoryHeartbeats();
    let now = 0;
    const heard: number[] = [];
    const lag = async () => ({ head: 42, position: 40, caughtUp: false, failure: null });
    const waitFor = async (position: number) => heard.push(position) > 0;
    const looks = async () => ({ r1: ALIVE });
    const options = { name: 'me', host: 'vm', slots: 2, leaseMs: LEASE_MS, monotonicMs: () => now };
    const presence = new Presence({ heartbeats, projector: { lag, waitFor }, looks }, options);
    return { heartbeats, heard, presence, skip: (ms: number) => (now += ms) };
  }

  test('that was silent for a lease hears what has happened since before it does anything', async () => {
    const { presence, heartbeats, heard, skip } = host();
    await presence.assertHeard();
    expect(heard).toEqual([42]);
    await presence.assertHeard();
    expect(heard).toHaveLength(1);
    skip(LEASE_MS);
    await presence.assertHeard();
    expect(heard).toHaveLength(2);
    expect(await heartbeats.hosts()).toMatchObject([{ name: 'me', slots: 2, count: 2, runs: { r1: ALIVE } }]);
  });

  test('that stops takes no more jobs', async () => {
    const { presence, heartbeats } = host();
    await presence.assertHeard();
    await presence.stop();
    expect(await heartbeats.hosts()).toMatchObject([{ slots: 0 }]);
  });
});
