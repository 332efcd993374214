import { afterEach, expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { EventLog } from '../../../src/event-log/event-log.js';
import { openEventStoreLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log.js';
import { openSqliteHeartbeats } from '../../../src/event-log/sqlite/side-tables/sqlite-heartbeats.js';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import { toIso } from '../../../src/kernel/time.js';
import { appendTo, manyEvents, newEvent } from '../../event-log/contract/events.js';
import { ProtocolServer } from '../../support/eventstore/protocol-server.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { orchestrator } from '../command-line.js';

const newFolder = temporaryFolders();
const closers: (() => Promise<void>)[] = [];
const LONG_AGO = Date.parse('2026-01-02T03:04:05.678Z');

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start() {
  const server = await ProtocolServer.start();
  closers.push(() => server.down());
  const folder = await newFolder();
  return { server, url: server.url, file: join(folder, 'events.db'), back: join(folder, 'back.db') };
}

/** A log whose orchestrator has left it. */
async function fill(path: string, { left = true } = {}): Promise<void> {
  const log = await openSqliteEventLog({ path, clock: { now: () => LONG_AGO } });
  await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 3));
  await appendTo(log, 'job-2', 'no-stream', newEvent('b', { type: 'JobQueued', data: { text: 'ü\u2028 "q"' } }));
  await appendTo(log, 'task-1', 2, newEvent('c'));
  const head = await log.head();
  const newest = left ? { type: 'LeadResigned' } : { type: 'LeadTaken', data: { holder: 'one' } };
  await appendTo(log, 'leadership', 'no-stream', newEvent('newest', newest));
  const heartbeats = await openSqliteHeartbeats(path);
  await heartbeats.beat({ holder: 'one', term: 0, count: 9, handled: head - 1 });
  await heartbeats.close();
  await log.close();
}

async function factsOf(log: EventLog): Promise<unknown[]> {
  const events = await log.readAll();
  await log.close();
  return events.map(({ position, metadata: { number, ...metadata }, ...facts }) => {
    return { ...facts, metadata, number: number ?? position };
  });
}

const commandLine = async (...args: string[]) => orchestrator(await newFolder(), args);
const openFile = (path: string) => openSqliteEventLog({ path, clock: { now: () => 0 }, readOnly: true });
const openUrl = (url: string) => openEventStoreLog({ url, clock: { now: () => 0 }, readOnly: true });

test('a log is copied to an event store and back, event by event, with ids, times, metadata and numbers', async () => {
  const { url, file, back } = await start();
  await fill(file);
  const there = await commandLine('log', 'copy', '--from', file, '--to', url);
  expect(there.stdout).toContain('6 events copied');
  const home = await commandLine('log', 'copy', '--from', url, '--to', back);
  expect(home.stdout).toContain('6 events copied');
  const original = await factsOf(await openFile(file));
  expect(original[0]).toMatchObject({ recordedAt: toIso(LONG_AGO), stream: 'task-1', revision: 0 });
  expect(await factsOf(await openUrl(url))).toEqual(original);
  expect(await factsOf(await openFile(back))).toEqual(original);
});

test('a copy that was interrupted goes on where it was', async () => {
  const { url, file } = await start();
  await fill(file);
  const begun = await openEventStoreLog({ url, clock: { now: () => LONG_AGO } });
  const numbered = manyEvents('a', 3).map((event, index) => {
    return { ...event, metadata: { ...event.metadata, number: index + 1 } };
  });
  await appendTo(begun, 'task-1', 'no-stream', ...numbered);
  await begun.close();
  const again = await commandLine('log', 'copy', '--from', file, '--to', url, '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ events: 6, found: 3, shiftedStreams: 0 });
  expect(await factsOf(await openUrl(url))).toEqual(await factsOf(await openFile(file)));
});

test('a log that somebody leads is not copied, and the refusal says what to do', async () => {
  const { url, file } = await start();
  await fill(file, { left: false });
  const refused = await commandLine('log', 'copy', '--from', file, '--to', url);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toBe(
    'one leads the source and has not left it: stop it with SIGTERM (after a crash start it first), and copy again',
  );
});

test('a target that holds another log is left as it is', async () => {
  const { url, file } = await start();
  await fill(file);
  const other = await openEventStoreLog({ url, clock: { now: () => 0 } });
  await appendTo(other, 'task-9', 'no-stream', newEvent('theirs'));
  await other.close();
  const refused = await commandLine('log', 'copy', '--from', file, '--to', url);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('The target holds another log');
});
