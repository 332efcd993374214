import { beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyTables } from '../../src/forensics/rows/verify-tables.js';
import type { InMemoryEventLog } from '../../src/event-log/in-memory/in-memory-event-log.js';
import { Connection } from '../../src/projections/engine/connection.js';
import type { AnyReadModel } from '../../src/projections/engine/read-model.js';
import { READ_MODELS } from '../../src/projections/read-models.js';
import { besideOf, rebuild } from '../../src/projections/rebuild/rebuild.js';
import { swap } from '../../src/projections/rebuild/swap.js';
import { tasks } from '../../src/projections/task/tasks.js';
import { temporaryFolders } from '../support/temporary-folder.js';
import { incident, inMemory } from './recording/log-text.js';

const folders = temporaryFolders();
const NEVER = AbortSignal.any([]);

let log: InMemoryEventLog;
let live: string;
let head: number;

beforeEach(async () => {
  log = await inMemory(await incident('orch-116-holds-orch-123'));
  head = await log.head();
  live = join(await folders(), 'read-models.db');
});

function build(path: string, models: readonly AnyReadModel[] = READ_MODELS, until?: number) {
  return rebuild(log, { path, models, signal: NEVER, ...(until === undefined ? {} : { until }) });
}

async function change(path: string, sql: string): Promise<void> {
  const connection = await Connection.open(path, 'write');
  await connection.all(sql);
  await connection.close();
}

async function read<Row extends object>(path: string, sql: string): Promise<readonly Row[]> {
  const connection = await Connection.open(path, 'read');
  const rows = await connection.all<Row>(sql);
  await connection.close();
  return rows;
}

/** The tables as a service left them that did not hear when a task was sent on. */
const DEAF: readonly AnyReadModel[] = READ_MODELS.map((model) =>
  model === tasks
    ? { ...tasks, apply: (row, event, key) => (isToReview(event) ? row : tasks.apply(row, event, key)) }
    : model,
);

function isToReview({ type, data }: { readonly type: string; readonly data: object }): boolean {
  return type === 'TaskAdvanced' && 'to' in data && data.to === 'review';
}

describe('comparing the tables with a rebuild', () => {
  test('finds nothing where nothing is wrong, and says at which position it looked', async () => {
    await build(live, READ_MODELS, 100);
    const { position, tables, divergences } = await verifyTables(log, { path: live, models: READ_MODELS });
    expect({ position, divergences }).toEqual({ position: 100, divergences: [] });
    expect(tables.map(({ table }) => table)).toEqual(READ_MODELS.map(({ table }) => table));
    expect(tables.find(({ table }) => table === 'tasks')?.rows).toBe(2);
  });

  test('of a broken projection names table, row, column, both values and the first event at which they part', async () => {
    await build(live, DEAF, 110);
    const { divergences } = await verifyTables(log, { path: live, models: READ_MODELS });
    const stage = divergences.find(({ column }) => column === 'stage');
    expect(stage?.difference).toMatchObject({ table: 'tasks', kind: 'changed' });
    expect(stage?.difference.columns).toContainEqual({ column: 'stage', live: 'development', rebuilt: 'review' });
    expect(stage?.event).toMatchObject({ type: 'TaskAdvanced', data: { from: 'development', to: 'review' } });
    expect(stage?.agreedBefore).toBe(true);
  });

  test('of a value that never was so names the event that set it', async () => {
    await build(live);
    await change(live, "UPDATE tasks SET branch = 'main' WHERE work_item_id = 'ORCH-123'");
    const { divergences } = await verifyTables(log, { path: live, models: READ_MODELS });
    expect(divergences).toMatchObject([{ column: 'branch', agreedBefore: false, event: { type: 'TaskOpened' } }]);
  });

  test('names rows that are missing and rows that nothing ever made', async () => {
    await build(live);
    const [job] = await read<{ id: number }>(live, "SELECT id FROM jobs WHERE work_item_id = 'ORCH-123'");
    await change(live, `DELETE FROM jobs WHERE id = ${job?.id}`);
    await change(live, `UPDATE runs SET run_id = run_id || run_id WHERE job_id = ${job?.id}`);
    const { divergences } = await verifyTables(log, { path: live, models: READ_MODELS });
    const told = divergences.map(({ difference, event }) => `${difference.kind} ${difference.table} ${event?.type}`);
    expect(told.sort()).toEqual(['extra runs undefined', 'missing jobs JobQueued', 'missing runs JobClaimed']);
  });

  test('changes nothing of the live file', async () => {
    await build(live);
    const before = await read(live, 'SELECT * FROM tasks');
    await verifyTables(log, { path: live, models: READ_MODELS });
    expect(await read(live, 'SELECT * FROM tasks')).toEqual(before);
    expect(existsSync(besideOf(live))).toBe(false);
  });

  test('refuses tables of another log and of other rules in one sentence', async () => {
    await build(live);
    const other = await inMemory(await incident('zombie-deployer'));
    await expect(verifyTables(other, { path: live, models: READ_MODELS })).rejects.toThrow(/belong to another log/);
    const raised = READ_MODELS.map((model) => ({ ...model, version: model.version + 1 }));
    await expect(verifyTables(log, { path: live, models: raised })).rejects.toThrow(/rules of another version/);
  });
});

describe('a rebuild', () => {
  test('that is stopped goes on from there, and ends with the same rows', async () => {
    const stopping = new AbortController();
    const path = besideOf(live);
    const first = await rebuild(log, { path, models: READ_MODELS, signal: NEVER, until: 60 });
    expect(first).toEqual({ from: 0, position: 60, head: 60, events: 60, complete: true });
    stopping.abort();
    const stopped = await rebuild(log, { path, models: READ_MODELS, signal: stopping.signal });
    expect(stopped).toMatchObject({ position: 60, complete: false });
    const second = await build(path);
    expect(second).toEqual({ from: 60, position: head, head, events: head - 60, complete: true });
    await build(live);
    expect(await read(path, 'SELECT * FROM tasks')).toEqual(await read(live, 'SELECT * FROM tasks'));
  });

  test('of other rules begins again', async () => {
    await build(besideOf(live), READ_MODELS, 60);
    const raised = READ_MODELS.map((model) => ({ ...model, version: model.version + 1 }));
    expect(await build(besideOf(live), raised)).toMatchObject({ from: 0, position: head });
  });

  test('takes the place of the live file whole, whatever the live one was', async () => {
    for (const rubbish of [false, true]) {
      await build(live, READ_MODELS, 90);
      if (rubbish) await copyFile(new URL(import.meta.url).pathname, live);
      else await change(live, "UPDATE tasks SET title = 'stale'");
      await build(besideOf(live));
      await swap(besideOf(live), live);
      expect(existsSync(besideOf(live))).toBe(false);
      expect(existsSync(`${live}-wal`)).toBe(false);
      expect((await verifyTables(log, { path: live, models: READ_MODELS })).divergences).toEqual([]);
      expect(await read(live, 'SELECT position FROM checkpoint')).toEqual([{ position: head }]);
    }
  });

  test('does not take the place of a file that is being read', async () => {
    await build(live);
    await build(besideOf(live));
    await change(live, "UPDATE tasks SET title = 'still in the write-ahead log'");
    const reader = await Connection.open(live, 'read');
    await reader.exec('BEGIN');
    await reader.all('SELECT * FROM tasks');
    await expect(swap(besideOf(live), live)).rejects.toThrow(/are being read/);
    await reader.close();
    await swap(besideOf(live), live);
    expect(await read(live, "SELECT id FROM tasks WHERE title LIKE 'still%'")).toEqual([]);
  }, 30_000);
});
