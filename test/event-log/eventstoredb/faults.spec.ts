import { afterEach, describe, expect, test } from '@jest/globals';
import { EventTooLarge, LogUnavailable, VersionConflict } from '../../../src/event-log/errors.js';
import { parseAddress, withoutUser } from '../../../src/event-log/eventstoredb/connection/address.js';
import {
  openEventStoreLog,
  type EventStoreLog,
  type EventStoreOptions,
} from '../../../src/event-log/eventstoredb/eventstoredb-event-log.js';
import type { Faults } from '../../support/eventstore/faults.js';
import { ProtocolServer } from '../../support/eventstore/protocol-server.js';
import { until } from '../../support/until.js';
import { appendTo, manyEvents, nameOf, newEvent } from '../contract/events.js';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: Partial<EventStoreOptions> = {}) {
  const server = await ProtocolServer.start();
  closers.push(() => server.down());
  const open = async (more: Partial<EventStoreOptions> = {}): Promise<EventStoreLog> => {
    const clock = { now: () => Date.now() };
    const log = await openEventStoreLog({ url: server.url, clock, deadlineMs: 700, ...options, ...more });
    closers.push(() => log.close());
    return log;
  };
  return { server, log: await open(), open };
}

const LOST: readonly [string, Partial<Faults>][] = [
  ['swallowed', { swallowedAnswers: 1 }],
  ['ended without a word', { halfClosedAnswers: 1 }],
  ['torn off with the connection', { resetAnswers: 1 }],
  ['torn off twice, and then says nothing of the position', { resetAnswers: 2, idempotentWithoutPosition: true }],
];

test.each(LOST)('an append whose answer is %s is written once, and answered', async (_, faults) => {
  const { server, log } = await start();
  await appendTo(log, 'task-1', 'no-stream', newEvent('first'));
  Object.assign(server.faults, faults);
  const positions = await appendTo(log, 'task-1', 0, ...manyEvents('a', 2));
  const all = await log.readStream('task-1');
  expect(all.map(nameOf)).toEqual(['first', 'a-0', 'a-1']);
  expect(positions).toEqual(all.slice(1).map(({ position }) => position));
});

test('an append that takes longer than anybody waits is written once, and answered when the server is quicker', async () => {
  const { server, log } = await start();
  server.faults.delayMs = 900;
  const appending = appendTo(log, 'task-1', 'no-stream', newEvent('late'));
  await until(() => server.store.all.length === 2, 'it is written');
  server.faults.delayMs = 0;
  expect(await appending).toHaveLength(1);
  expect((await log.readStream('task-1')).map(nameOf)).toEqual(['late']);
});

test('an append is sent to the leader when another node was asked', async () => {
  const { server, log } = await start();
  server.faults.wrongLeader = 1;
  expect(await appendTo(log, 'task-1', 'no-stream', newEvent('a'))).toHaveLength(1);
});

test('while the server is away nothing is lost, and what was waiting goes on by itself when it is back', async () => {
  const { server, log } = await start();
  const stop = new AbortController();
  const seen: unknown[] = [];
  const following = (async () => {
    for await (const page of log.follow({ after: 0, signal: stop.signal })) seen.push(...page.events.map(nameOf));
  })();
  await appendTo(log, 'task-1', 'no-stream', newEvent('before'));
  await until(() => seen.length === 1, 'the follower is live');
  await server.down();
  const append = appendTo(log, 'task-1', 0, newEvent('meanwhile'));
  await server.up();
  await append;
  await until(() => seen.length === 2, 'the follower goes on', 15_000);
  expect(seen).toEqual(['before', 'meanwhile']);
  expect(log.reconnects).toBeGreaterThan(0);
  stop.abort();
  await following;
});

test('a subscription that ends without an error is made again', async () => {
  const { server, log } = await start({ pollMs: 60_000 });
  const stop = new AbortController();
  const seen: unknown[] = [];
  const following = (async () => {
    for await (const page of log.follow({ after: 0, signal: stop.signal })) seen.push(...page.events.map(nameOf));
  })();
  await until(() => server.subscriptions === 1, 'it is subscribed');
  server.endSubscriptions();
  await until(() => server.subscriptions === 1, 'it is subscribed again', 15_000);
  const { log: other } = { log: await openEventStoreLog({ url: server.url, clock: { now: () => Date.now() } }) };
  await appendTo(other, 'task-1', 'no-stream', newEvent('by another process'));
  await until(() => seen.length === 1, 'what another process wrote arrives', 15_000);
  await other.close();
  stop.abort();
  await following;
});

test('a read that is accepted and never answered is asked again', async () => {
  const { server, log } = await start();
  await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
  server.faults.silentReads = 1;
  expect((await log.readStream('task-1')).map(nameOf)).toEqual(['a']);
});

test('a store that stays away is told of in a sentence, without user or password', async () => {
  const { server, log } = await start({ giveUpMs: 300 });
  await server.down();
  const refused = await appendTo(log, 'task-1', 'no-stream', newEvent('a')).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(LogUnavailable);
  expect((refused as Error).message).toMatch(
    /^The event store esdb:\/\/127\.0\.0\.1:\d+\?tls=false cannot be reached$/,
  );
});

test('a user that the store does not know is told of at once', async () => {
  const { server, open } = await start();
  server.faults.denied = true;
  await expect(open()).rejects.toThrow('refuses the user of ORCH_EVENTSTORE_URL');
});

test('an append that the server finds too large is refused with what it allows', async () => {
  const { server, log } = await start();
  server.faults.appendBytesMax = 5_000;
  const large = appendTo(log, 'task-1', 'no-stream', newEvent('large', { data: { text: 'x'.repeat(6_000) } }));
  await expect(large).rejects.toBeInstanceOf(EventTooLarge);
  await expect(large).rejects.toThrow('allowed are 5000');
});

test('positions of any size up to the last exact integer are read from any number between them', async () => {
  const server = await ProtocolServer.start({ holes: { first: 2 ** 52, step: 7_777_777 } });
  closers.push(() => server.down());
  const log = await openEventStoreLog({ url: server.url, clock: { now: () => Date.now() } });
  closers.push(() => log.close());
  const positions = await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 4));
  const between = (positions[1] ?? 0) + 1_234;
  expect((await log.readAll({ after: between })).map(nameOf)).toEqual(['a-2', 'a-3']);
  expect((await log.readAll({ after: between, direction: 'backwards' })).map(nameOf)).toEqual(['a-1', 'a-0']);
  expect(await log.head()).toBe(positions[3]);
});

test('a position that no number holds exactly is refused', async () => {
  const server = await ProtocolServer.start({ holes: { first: 2 ** 53 } });
  closers.push(() => server.down());
  const opening = openEventStoreLog({ url: server.url, clock: { now: () => Date.now() } }).then((log) => log.head());
  await expect(opening).rejects.toThrow('positions up to 2^53-1 can be used');
});

test('an event of another program in the same store is nobody of ours', async () => {
  const { server, log } = await start();
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const foreign = { id: newEvent('foreign').id, type: 'Foreign', contentType: 'application/json' };
  server.store.append('invoices-1', 'any', [{ ...foreign, data: json({ a: 1 }), metadata: new Uint8Array() }]);
  server.store.append('$stats', 'any', [{ ...foreign, type: '$stats', data: json({}), metadata: json({}) }]);
  expect(await log.readAll()).toEqual([]);
  expect(await log.head()).toBe(0);
  const [position] = await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
  expect(await log.head()).toBe(position);
});

test('the store keeps correlation and causation where its own tools look for them', async () => {
  const { server, log } = await start();
  await appendTo(log, 'task-1', 'no-stream', newEvent('a', { correlationId: 'ORCH-007' }));
  const stored = server.store.stream('task-1')?.[0];
  const metadata = JSON.parse(Buffer.from(stored?.metadata ?? []).toString()) as object;
  expect(metadata).toMatchObject({ $correlationId: 'ORCH-007', $causationId: null, log: { link: expect.any(String) } });
});

test('two processes that append to one stream are told apart by the server', async () => {
  const { log, open } = await start();
  const other = await open();
  await appendTo(log, 'job-1', 'no-stream', newEvent('a'));
  await expect(appendTo(other, 'job-1', 'no-stream', newEvent('b'))).rejects.toEqual(
    new VersionConflict('job-1', 'no-stream', 0),
  );
});

describe('the connection string', () => {
  test.each([
    ['esdb://admin:secret@a:2113', 'esdb://a:2113'],
    ['esdb+discover://admin:se:cr@et@a:2113,b:2113?tlsCAFile=/ca', 'esdb+discover://a:2113,b:2113?tlsCAFile=/ca'],
    ['admin:secret@a', 'a'],
  ])('is shown without user and password', (text, shown) => {
    expect(withoutUser(text)).toBe(shown);
  });

  test('with TLS it names a user', () => {
    expect(() => parseAddress('esdb://store:2113')).toThrow('with TLS it names a user');
  });

  test('may be written with the schemes of the successor', () => {
    const address = parseAddress('kurrentdb+discover://u:p%40ss@store:2113?tls=true');
    expect(address.connectionString).toBe('esdb+discover://u:p%40ss@store:2113?tls=true');
    expect(address.credentials).toEqual({ username: 'u', password: 'p@ss' });
  });
});
