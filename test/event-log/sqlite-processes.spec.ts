import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '../../src/kernel/event.js';
import type { EventLog } from '../../src/event-log/event-log.js';
import { openSqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log.js';
import { verifyChain } from '../../src/event-log/sqlite/verify/verify.js';
import { forkSource, killHard } from '../support/child-process.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { until } from '../support/until.js';
import { appendTo, nameOf, newEvent } from './contract/events.js';
import type { AppendOrder } from './other-process.js';

const FLOOD_APPEND_SIZE = 40;
const newFolder = temporaryFolders();
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(path: string): Promise<EventLog> {
  const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() }, pollMs: 10 });
  closers.push(() => log.close());
  return log;
}

async function otherProcess(mode: 'append' | 'flood', path: string): Promise<ChildProcess> {
  const child = forkSource(new URL('./other-process.ts', import.meta.url), mode, path);
  closers.push(() => killHard(child));
  await once(child, 'message');
  return child;
}

async function tellToAppend(child: ChildProcess, order: AppendOrder): Promise<unknown> {
  const answer = once(child, 'message');
  child.send(order);
  return (await answer)[0];
}

describe('two processes on one log', () => {
  test('they continue one order, and each is refused where the other was first', async () => {
    const path = join(await newFolder(), 'events.db');
    const log = await open(path);
    const other = await otherProcess('append', path);
    await appendTo(log, 'task-1', 'no-stream', newEvent('here'));
    const late = await tellToAppend(other, { stream: 'task-1', expected: 'no-stream', name: 'late' });
    const there = await tellToAppend(other, { stream: 'task-1', expected: 0, name: 'there' });
    expect([late, there]).toEqual([{ error: 'VersionConflict' }, { positions: [2] }]);
    await expect(appendTo(log, 'task-1', 0, newEvent('late here'))).rejects.toMatchObject({ actual: 1 });
    expect(await appendTo(log, 'task-2', 'no-stream', newEvent('here again'))).toEqual([3]);
    expect((await log.readAll()).map(nameOf)).toEqual(['here', 'there', 'here again']);
    expect(await verifyChain(path)).toMatchObject({ intact: true, head: { position: 3 } });
  });

  test('a repeated append is recognised although the other process wrote the first', async () => {
    const path = join(await newFolder(), 'events.db');
    const log = await open(path);
    const other = await otherProcess('append', path);
    await tellToAppend(other, { stream: 'task-1', expected: 'no-stream', name: 'a' });
    expect(await appendTo(log, 'task-1', 'no-stream', newEvent('a'))).toEqual([1]);
  });

  test('a follower sees what the other process appends', async () => {
    const path = join(await newFolder(), 'events.db');
    const log = await open(path);
    const other = await otherProcess('append', path);
    const stop = new AbortController();
    const seen: RecordedEvent[] = [];
    const following = (async (): Promise<void> => {
      for await (const page of log.follow({ after: 0, signal: stop.signal })) seen.push(...page.events);
    })();
    await tellToAppend(other, { stream: 'task-1', expected: 'no-stream', name: 'there' });
    await until(() => seen.length === 1, 'the event of the other process arrives');
    await appendTo(log, 'task-1', 0, newEvent('here'));
    await until(() => seen.length === 2, 'our own event arrives');
    stop.abort();
    await following;
    expect(seen.map(nameOf)).toEqual(['there', 'here']);
  });

  test('both may flood the log at once, and every append stays whole', async () => {
    const path = join(await newFolder(), 'events.db');
    const log = await open(path);
    await otherProcess('flood', path);
    for (let count = 0; count < 50; count += 1) await appendTo(log, `task-${count}`, 'no-stream', newEvent(`${count}`));
    await until(async () => (await log.readAll({ streamPrefix: 'flood-' })).length > 200, 'both have written');
    expect(await verifyChain(path)).toMatchObject({ intact: true });
  });
});

describe('a process that is killed while it writes', () => {
  test('leaves whole appends only, everything that it was told was written, and a log that goes on', async () => {
    const path = join(await newFolder(), 'events.db');
    const promised: string[] = [];
    for (const answers of [1, 7, 40, 90]) {
      const child = await otherProcess('flood', path);
      child.on('message', (message: { stream?: string }) => promised.push(message.stream ?? ''));
      const before = promised.length;
      await until(() => promised.length >= before + answers, `${answers} appends are answered`, 15_000);
      await killHard(child);
    }
    const log = await open(path);
    const sizes = await streamSizes(log);
    expect([...sizes.values()].every((size) => size === FLOOD_APPEND_SIZE)).toBe(true);
    expect(promised.filter((stream) => !sizes.has(stream))).toEqual([]);
    const [position] = await appendTo(log, 'task-1', 'no-stream', newEvent('after'));
    expect(position).toBe(sizes.size * FLOOD_APPEND_SIZE + 1);
    expect(await verifyChain(path)).toMatchObject({ intact: true, head: { position } });
  }, 60_000);
});

async function streamSizes(log: EventLog): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  let page = await log.readAll();
  while (page.length > 0) {
    for (const { stream } of page) sizes.set(stream, (sizes.get(stream) ?? 0) + 1);
    page = await log.readAll({ after: page.at(-1)?.position ?? 0 });
  }
  return sizes;
}
