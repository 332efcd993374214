import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { LogFormatUnsupported, LogUnavailable } from '../../src/event-log/errors.js';
import { Connection } from '../../src/event-log/sqlite/connection.js';
import type { SqliteEventLog, SqliteEventLogOptions } from '../../src/event-log/sqlite/sqlite-event-log.js';
import { openSqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { appendTo, manyEvents, nameOf, newEvent } from './contract/events.js';

const newFolder = temporaryFolders();
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function newPath(): Promise<string> {
  return join(await newFolder(), 'events.db');
}

async function open(path: string, options: Partial<SqliteEventLogOptions> = {}): Promise<SqliteEventLog> {
  const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() }, ...options });
  closers.push(() => log.close());
  return log;
}

/** Somebody with the file and a SQLite shell. */
async function shellOn(path: string): Promise<Connection> {
  const connection = await Connection.open(path, 'write');
  closers.push(() => connection.close());
  return connection;
}

describe('the file of the log', () => {
  test.each([
    ['changed', "UPDATE events SET data = '{}' WHERE position = 2", 'an event is never changed'],
    ['deleted', 'DELETE FROM events WHERE position = 3', 'an event is never deleted'],
    ['replaced', `INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 3`, 'takes the next position'],
    [
      'put behind a gap',
      'INSERT INTO events SELECT position + 5, hex(id), stream, 9, type, 1, data, metadata, correlation_id, recorded_at, hash FROM events WHERE position = 3',
      'takes the next position',
    ],
    [
      'put behind a gap of its stream',
      'INSERT INTO events SELECT 4, hex(id), stream, 9, type, 1, data, metadata, correlation_id, recorded_at, hash FROM events WHERE position = 3',
      'continues its stream without a gap',
    ],
  ])('an event cannot be %s by whoever opens it', async (_, sql, refusal) => {
    const path = await newPath();
    const log = await open(path);
    await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 3));
    const before = await log.readAll();
    await expect((await shellOn(path)).exec(sql)).rejects.toThrow(refusal);
    expect(await log.readAll()).toEqual(before);
  });

  test('a log keeps its name, its events and its order when it is opened again', async () => {
    const path = await newPath();
    const first = await open(path);
    await appendTo(first, 'task-1', 'no-stream', ...manyEvents('a', 3));
    await first.close();
    const second = await open(path);
    expect(second.logId).toBe(first.logId);
    expect(await appendTo(second, 'task-1', 2, newEvent('b'))).toEqual([4]);
  });

  test('two new logs have different names', async () => {
    const [one, other] = [await open(await newPath()), await open(await newPath())];
    expect(one.logId).not.toBe(other.logId);
  });

  test('several who open a new log at the same moment make one', async () => {
    const path = await newPath();
    const logs = await Promise.all([1, 2, 3, 4].map(() => open(path)));
    expect(new Set(logs.map((log) => log.logId)).size).toBe(1);
    await Promise.all(logs.map((log, index) => appendTo(log, `task-${index}`, 'no-stream', newEvent(`${index}`))));
    expect((await logs[0]?.readAll())?.map((event) => event.position)).toEqual([1, 2, 3, 4]);
  });

  test('what was accepted before closing is written', async () => {
    const path = await newPath();
    const log = await open(path);
    const accepted = manyEvents('a', 20).map((event, index) => appendTo(log, `task-${index}`, 'no-stream', event));
    await log.close();
    await Promise.all(accepted);
    expect(await (await open(path)).head()).toBe(20);
  });
});

describe('opening a log', () => {
  test('a log of another format is refused with one sentence', async () => {
    const path = await newPath();
    await (await open(path)).close();
    await (await shellOn(path)).exec('UPDATE head SET format_version = 7');
    const refusal = new LogFormatUnsupported(path, 7, 1);
    await expect(open(path)).rejects.toThrow(refusal);
    await expect(open(path, { readOnly: true })).rejects.toThrow(refusal);
    expect(refusal.message).toMatch(
      /^The event log .* has format 7, this version reads format 1: use the version that/,
    );
  });

  test('a SQLite file of something else is refused and left alone', async () => {
    const path = await newPath();
    await (await shellOn(path)).exec('CREATE TABLE recipes (name TEXT)');
    await expect(open(path)).rejects.toThrow(new LogUnavailable(`${path} is not an event log`));
    const tables = await (await shellOn(path)).all('SELECT name FROM sqlite_schema');
    expect(tables).toEqual([{ name: 'recipes' }]);
  });

  test('a file that is no database is refused', async () => {
    const path = await newPath();
    await writeFile(path, 'a shopping list, long enough to have a header of its own'.repeat(10));
    await expect(open(path)).rejects.toMatchObject({ name: 'LogUnavailable', message: `${path} is not a SQLite file` });
  });

  test('a log in a place where no folder can be made is refused', async () => {
    const path = await newPath();
    await writeFile(path, '');
    const refused = open(join(path, 'data', 'events.db'));
    await expect(refused).rejects.toMatchObject({
      name: 'LogUnavailable',
      message: expect.stringMatching(/^The folder of .* cannot be made/) as unknown,
    });
  });

  test('reading needs a log that is there', async () => {
    const path = await newPath();
    const missing = { name: 'LogUnavailable', message: `There is no event log at ${path}` };
    await expect(open(path, { readOnly: true })).rejects.toMatchObject(missing);
  });
});

describe('reading only', () => {
  test('a reader sees what the service writes, and cannot write itself', async () => {
    const path = await newPath();
    const service = await open(path);
    const reader = await open(path, { readOnly: true });
    await appendTo(service, 'task-1', 'no-stream', newEvent('a'));
    expect((await reader.readAll()).map(nameOf)).toEqual(['a']);
    const append = appendTo(reader, 'task-1', 0, newEvent('b'));
    await expect(append).rejects.toThrow(new LogUnavailable(`${path} is opened for reading only`));
  });

  test('a copy of the files of a running service can be read', async () => {
    const path = await newPath();
    const service = await open(path);
    await appendTo(service, 'task-1', 'no-stream', ...manyEvents('a', 5));
    const copy = await newPath();
    for (const ending of ['', '-wal']) await copyFile(`${path}${ending}`, `${copy}${ending}`);
    expect(await (await open(copy, { readOnly: true })).readAll()).toHaveLength(5);
  });

  test('a copy can be read where not even a lock file can be made', async () => {
    const path = await newPath();
    const service = await open(path);
    await appendTo(service, 'task-1', 'no-stream', ...manyEvents('a', 5));
    await service.close();
    const copy = join(await newFolder(), 'is it 100% a "copy"? #1.db');
    await copyFile(path, copy);
    const frozen = await Connection.open(copy, 'frozen');
    closers.push(() => frozen.close());
    expect(await frozen.all('SELECT position FROM head')).toEqual([{ position: 5 }]);
  });
});

describe('under load and trouble', () => {
  test('a reader that takes its time does not hold up the writer', async () => {
    const path = await newPath();
    const log = await open(path);
    await appendTo(log, 'task-1', 'no-stream', newEvent('a'));
    const slow = await shellOn(path);
    await slow.exec('BEGIN');
    await slow.all('SELECT * FROM events');
    expect(await appendTo(log, 'task-1', 0, newEvent('b'))).toEqual([2]);
    expect(await slow.all('SELECT position FROM events')).toHaveLength(1);
    await slow.exec('COMMIT');
  });

  test('many reads at once do not hold up the writer', async () => {
    const log = await open(await newPath());
    await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 1_000));
    let reading = 40;
    const reads = Array.from({ length: reading }, async () => {
      await log.readAll();
      reading -= 1;
    });
    await appendTo(log, 'task-1', 999, newEvent('b'));
    expect(reading).toBeGreaterThan(0);
    await Promise.all(reads);
  });

  test('a follower does not wait for a poll to see what its own process appends', async () => {
    const log = await open(await newPath(), { pollMs: 3_600_000 });
    const names: unknown[] = [];
    for await (const page of log.follow({ after: 0, signal: AbortSignal.timeout(5_000) })) {
      names.push(...page.events.map(nameOf));
      if (names.length === 3) break;
      setTimeout(() => void appendTo(log, `task-${names.length}`, 'no-stream', newEvent(`${names.length}`)), 1);
    }
    expect(names).toEqual(['0', '1', '2']);
  });

  test('an append waits until another process gives the file free', async () => {
    const path = await newPath();
    const log = await open(path);
    const other = await shellOn(path);
    await other.exec('BEGIN IMMEDIATE');
    const waiting = appendTo(log, 'task-1', 'no-stream', newEvent('a'));
    await other.exec('COMMIT');
    expect(await waiting).toEqual([1]);
  });

  test('a file that cannot grow says what to do, and the log goes on once it can', async () => {
    const path = await newPath();
    await (await open(path)).close();
    const connection = await shellOn(path);
    await connection.exec('PRAGMA max_page_count = 1; CREATE TABLE ballast (bytes BLOB)').catch(() => undefined);
    const full = connection.exec('CREATE TABLE ballast (bytes BLOB)');
    await expect(full).rejects.toThrow(`${path} cannot grow, because the disk is full: free some space`);
    await expect(full).rejects.toBeInstanceOf(LogUnavailable);
    expect(await appendTo(await open(path), 'task-1', 'no-stream', newEvent('a'))).toEqual([1]);
  });
});
