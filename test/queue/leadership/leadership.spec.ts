import { afterEach, expect, test } from '@jest/globals';
import type { CommandBus } from '@nestjs/cqrs';
import { Aggregates } from '../../../src/commands/aggregates.js';
import { Transact } from '../../../src/commands/transact.js';
import { leadershipDecider } from '../../../src/domain/leadership/decide.js';
import { FencedLog, LeadLost, Term } from '../../../src/event-log/beside/fenced-log.js';
import { InMemoryHeartbeats } from '../../../src/event-log/beside/heartbeats.js';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import { InMemorySnapshots } from '../../../src/event-log/snapshots.js';
import { BackgroundStats } from '../../../src/kernel/background-stats.js';
import type { Command } from '../../../src/kernel/command.js';
import { Leadership } from '../../../src/queue/leadership/leadership.js';
import { appendTo, nameOf, newEvent } from '../../event-log/contract/events.js';
import { DEFAULT_POLICY } from '../../support/policy.js';
import { until } from '../../support/until.js';

const LEASE_MS = 60;
const LONG_MS = 10 * LEASE_MS;
const running: Leadership[] = [];

afterEach(async () => {
  for (const leadership of running.splice(0)) await leadership.stop();
});

/** What several orchestrators share. */
function office() {
  const stored = new InMemoryEventLog();
  const heartbeats = new InMemoryHeartbeats();
  const clock = { now: () => Date.now() };
  const orchestrator = (holder: string) => {
    let sleptMs = 0;
    const term = new Term();
    const log = new FencedLog(stored, term);
    const transact = new Transact(log, new Aggregates(log, new InMemorySnapshots()), DEFAULT_POLICY);
    const commands = {
      execute: (command: Command) => transact.run(leadershipDecider, command),
    } as unknown as CommandBus;
    const monotonicMs = () => performance.now() + sleptMs;
    const stats = new BackgroundStats();
    const world = { log, heartbeats, term, commands, clock, stats };
    const leadership = new Leadership(world, { holder, host: 'here', leaseMs: LEASE_MS, monotonicMs });
    running.push(leadership);
    return { leadership, log, term, stats, sleep: (ms: number) => (sleptMs += ms) };
  };
  return { stored, heartbeats, orchestrator };
}

test('of several orchestrators one leads, and the others wait as long as it is heard of', async () => {
  const { orchestrator, heartbeats } = office();
  const [one, other] = [orchestrator('one'), orchestrator('other')];
  await one.leadership.take();
  const waiting = other.leadership.take();
  const counts = new Set<number>();
  await until(async () => counts.add((await heartbeats.last())?.count ?? 0).size > 8, 'it is heard of again and again');
  expect([one.leadership.leads, other.leadership.leads]).toEqual([true, false]);
  other.leadership.cease();
  await waiting;
});

test('each of them says who leads, since when, and for how long if nothing more is heard', async () => {
  const { orchestrator, stored } = office();
  const [one, other] = [orchestrator('one'), orchestrator('other')];
  expect([one.stats.lead, one.stats.leadHeldMs()]).toEqual([null, null]);
  await one.leadership.take();
  const waiting = other.leadership.take();
  await until(() => other.stats.lead !== null && other.stats.leadHeldMs() !== null, 'the stand-by has heard of it');
  const [taken] = await stored.readStream('leadership');
  const facts = { holder: 'one', host: 'here', term: 0, since: taken?.recordedAt };
  expect(one.stats.lead).toEqual({ ...facts, isOurs: true });
  expect(other.stats.lead).toEqual({ ...facts, isOurs: false });
  for (const { stats } of [one, other]) expect(stats.leadHeldMs()).toBeLessThanOrEqual(LEASE_MS);
  other.leadership.cease();
  await waiting;
});

test('whoever resigns is followed at once, by one that knows how far it had come', async () => {
  const { orchestrator } = office();
  const [one, other] = [orchestrator('one'), orchestrator('other')];
  one.leadership.report(() => 42);
  await one.leadership.take();
  await until(() => one.leadership.leads, 'it leads');
  const waiting = other.leadership.take();
  await one.leadership.stop();
  expect(await waiting).toBe(42);
  expect(other.term.held).toBe(2);
});

test('a leader that is silent for a lease is replaced, and what it still writes is written nowhere', async () => {
  const { orchestrator, stored } = office();
  const [one, other] = [orchestrator('one'), orchestrator('other')];
  await one.leadership.take();
  await appendTo(one.log, 'task-1', 'no-stream', newEvent('before'));
  // It dies without a word: no beat follows.
  await silence(one.leadership);
  await other.leadership.take();
  expect(other.term.held).toBe(1);
  await expect(appendTo(one.log, 'task-1', 0, newEvent('late'))).rejects.toBeInstanceOf(LeadLost);
  await appendTo(other.log, 'task-1', 0, newEvent('after'));
  expect((await stored.readStream('task-1')).map(nameOf)).toEqual(['before', 'after']);
});

test('a leader that slept through its lease looks before it acts, and acts again when nobody took over', async () => {
  const { orchestrator } = office();
  const one = orchestrator('one');
  await one.leadership.take();
  one.sleep(LONG_MS);
  await one.leadership.assertLeads();
  expect(one.leadership.leads).toBe(true);
});

test('a leader that slept and was replaced does nothing more, and says who leads', async () => {
  const { orchestrator } = office();
  const [one, other] = [orchestrator('one'), orchestrator('other')];
  await one.leadership.take();
  await silence(one.leadership);
  await other.leadership.take();
  one.sleep(LONG_MS);
  await expect(one.leadership.assertLeads()).rejects.toBeInstanceOf(LeadLost);
  expect(await one.leadership.lost).toMatch(/^other leads/);
});

test('an orchestrator that is started again before it was missed goes on in its term', async () => {
  const { orchestrator, stored } = office();
  const first = orchestrator('one');
  await first.leadership.take();
  await silence(first.leadership);
  const again = orchestrator('one');
  await again.leadership.take();
  expect(again.term.held).toBe(0);
  expect(await stored.readStream('leadership')).toHaveLength(1);
});

/** As a process that is killed: its beats end, and nobody resigns. */
async function silence(leadership: Leadership): Promise<void> {
  const dying = leadership as unknown as { stopping: AbortController; beating: Promise<void> };
  dying.stopping.abort();
  await dying.beating;
}
