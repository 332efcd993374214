import { beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { openSqliteEventLog, type SqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { withoutSettings } from '../../support/built/built-orchestrator.js';
import { TaskStory } from '../../support/task-story.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';
import { CLI, orchestrator } from '../command-line.js';

const folders = temporaryFolders();

let folder: string;
let db: string;
let events: readonly RecordedEvent[];

function open(path: string): Promise<SqliteEventLog> {
  return openSqliteEventLog({ path, clock: { now: () => Date.now() } });
}

/** Two work items, so that a filter has something to leave out; the second is `ET-012`, which begins like the first. */
beforeAll(async () => {
  folder = await folders();
  db = join(folder, 'events.db');
  const log = await open(db);
  const first = new TaskStory(log, 'ET-001');
  await first.open();
  await first.work('analyst');
  await new TaskStory(log, 'ET-012').open();
  events = await log.readAll();
  await log.close();
});

async function positions(...args: readonly string[]): Promise<readonly number[]> {
  const { lines, exitCode } = await orchestrator(folder, ['log', 'tail', '--db', db, '--json', ...args]);
  expect(exitCode).toBe(0);
  return lines.map((line) => Number(JSON.parse(line).position));
}

function positionsWhere(isMeant: (event: RecordedEvent) => boolean): readonly number[] {
  return events.filter(isMeant).map(({ position }) => position);
}

describe('log tail', () => {
  test('prints every event as one line, in the order of the log', async () => {
    const { lines, exitCode } = await orchestrator(folder, ['log', 'tail', '--db', db]);
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(events.length);
    lines.forEach((line, index) => expect(line).toContain(` ${events[index]?.type}`));
    expect(lines[1]).toMatch(/^ +2 {2}\d{4}-.*Z {2}TaskOpened +system +Task 1 opened in enduro-trails .* task-1$/);
  });

  test("with --json prints the keys of GraphQL's Event, the position as a string", async () => {
    const { lines } = await orchestrator(folder, ['log', 'tail', '--db', db, '--json']);
    const [first, second] = events;
    expect(JSON.parse(lines[1] ?? '')).toEqual({
      ...second,
      position: '2',
      correlationId: 'ET-001',
      causationId: first?.id,
      actor: 'system',
    });
  });

  test('takes a work item in either spelling, and not one that begins alike', async () => {
    const meant = positionsWhere(({ metadata }) => metadata.$correlationId === 'ET-001');
    expect(await positions('--task', 'ET-001')).toEqual(meant);
    expect(await positions('--task', 'ET-1')).toEqual(meant);
    expect(await positions('--task', 'ET-2')).toEqual([]);
  });

  test('takes one stream, not all that begin with its name', async () => {
    const stream = 'task-1';
    expect(events.some((event) => event.stream !== stream && event.stream.startsWith(stream))).toBe(true);
    expect(await positions('--stream', stream)).toEqual(positionsWhere((event) => event.stream === stream));
  });

  test('takes several types', async () => {
    const types = ['JobQueued', 'JobClaimed'];
    expect(await positions('--type', ...types)).toEqual(positionsWhere(({ type }) => types.includes(type)));
  });

  test('since and until are positions or times, both included', async () => {
    expect(await positions('--since', '3', '--until', '5')).toEqual([3, 4, 5]);
    const at = events[4]?.recordedAt ?? '';
    expect(await positions('--since', at)).toEqual(positionsWhere(({ recordedAt }) => recordedAt >= at));
    expect(await positions('--until', at)).toEqual(positionsWhere(({ recordedAt }) => recordedAt <= at));
  });

  test('with --follow shows what another process appends, until it is interrupted', async () => {
    const path = join(await folders(), 'events.db');
    const log = await open(path);
    await new TaskStory(log, 'ET-001').open();
    const env = { ...withoutSettings(process.env), NODE_OPTIONS: '' };
    const following = execa(process.execPath, [CLI, 'log', 'tail', '--db', path, '--follow', '--json'], {
      ...{ env, extendEnv: false, reject: false },
    });
    let seen = '';
    following.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await until(() => seen.split('\n').length === 4, 'the three events of the past are shown', 10_000);
    await new TaskStory(log, 'ET-002').open();
    await until(() => seen.split('\n').length === 7, 'the three new events are shown', 10_000);
    following.kill('SIGINT');
    expect((await following).exitCode).toBe(0);
    await log.close();
  });

  test('changes no byte of the file that it reads, and makes none where there is none', async () => {
    const digest = async () =>
      createHash('sha256')
        .update(await readFile(db))
        .digest('hex');
    const before = await digest();
    await positions();
    await orchestrator(folder, ['timeline', 'ET-1', '--db', db]);
    await orchestrator(folder, ['log', 'verify', '--db', db]);
    expect(await digest()).toBe(before);
    const missing = join(folder, 'missing.db');
    const { exitCode, stderr } = await orchestrator(folder, ['log', 'tail', '--db', missing]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: `There is no event log at ${missing}` });
    expect(existsSync(missing)).toBe(false);
  });

  test('without --db reads the log of the configuration', async () => {
    const { lines } = await orchestrator(folder, ['log', 'tail'], { ORCH_EVENT_LOG_PATH: db });
    expect(lines).toHaveLength(events.length);
  });
});

/** As somebody would who has the file, and who therefore can also remove its triggers. */
async function forgeEventAt(path: string, position: number): Promise<void> {
  const database = new sqlite3.Database(path);
  const run = (sql: string) =>
    new Promise<{ name: string }[]>((resolve, reject) => {
      database.all<{ name: string }>(sql, (error, rows) => (error ? reject(error) : resolve(rows)));
    });
  for (const { name } of await run("SELECT name FROM sqlite_schema WHERE type = 'trigger'"))
    await run(`DROP TRIGGER "${name}"`);
  await run(`UPDATE events SET data = '{"forged":true}' WHERE position = ${position}`);
  await new Promise((resolve) => database.close(resolve));
}

describe('log verify', () => {
  test('says that an untouched log is intact', async () => {
    const { exitCode, stdout } = await orchestrator(folder, ['log', 'verify', '--db', db]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^The log is intact: ${events.length} events in \\d+ streams, head [0-9a-f]{64}\n`),
    );
  });

  test('names the first position that was tampered with, and ends with 1', async () => {
    const copy = join(await folders(), 'copy.db');
    await copyFile(db, copy);
    await forgeEventAt(copy, 4);
    const { exitCode, stderr } = await orchestrator(folder, ['log', 'verify', '--db', copy]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^The event log .*copy[.]db is broken at position 4: [^\n]+$/);
  });
});
