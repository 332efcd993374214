import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InMemoryEventLog } from '../../src/event-log/in-memory/in-memory-event-log.js';
import { Connection } from '../../src/projections/engine/connection.js';
import { Projector } from '../../src/projections/engine/projector.js';
import { CheckpointMoved, ReadModelFile } from '../../src/projections/engine/read-model-file.js';
import type { AnyReadModel } from '../../src/projections/engine/read-model.js';
import { READ_MODELS } from '../../src/projections/read-models.js';
import { tasks } from '../../src/projections/task/tasks.js';
import { TaskStory } from '../support/task-story.js';

const TABLES = ['tasks', 'jobs', 'runs', 'deploys', 'open_effects', 'deliveries'];

let folder: string;
let path: string;
let log: InMemoryEventLog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-projections-'));
  path = join(folder, 'read-models.db');
  log = new InMemoryEventLog();
});

afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true, force: true });
});

async function dump(file = path): Promise<unknown> {
  const connection = await Connection.open(file, 'read');
  const rows = TABLES.map(async (table) => [table, await connection.all(`SELECT * FROM ${table} ORDER BY 1`)]);
  const all = Object.fromEntries(await Promise.all(rows)) as object;
  await connection.close();
  return all;
}

async function project(models: readonly AnyReadModel[] = READ_MODELS, file = path): Promise<void> {
  const projector = new Projector(log, { path: file, models });
  await projector.start();
  const reached = await projector.waitFor(await log.head(), 5_000);
  await projector.stop();
  expect(reached).toBe(true);
}

async function aTaskAtReview(workItem = 'ET-001'): Promise<TaskStory> {
  const story = new TaskStory(log, workItem);
  await story.open();
  await story.work('analyst');
  await story.advance('architecture');
  await story.work('architect', null);
  await story.advance('development');
  await story.work('developer');
  await story.advance('review');
  await story.claim(await story.queueJob('reviewer'));
  return story;
}

describe('the projector', () => {
  test('a rebuild from the whole log gives the same rows as following it live', async () => {
    const live = new Projector(log, { path, models: READ_MODELS });
    await live.start();
    for (const workItem of ['ET-001', 'ET-002', 'ET-003']) await aTaskAtReview(workItem);
    await live.waitFor(await log.head(), 5_000);
    await live.stop();
    const rebuilt = join(folder, 'rebuilt.db');
    await project(READ_MODELS, rebuilt);
    expect(await dump(rebuilt)).toEqual(await dump());
  });

  test('a start goes on from the checkpoint and does not read what is behind it', async () => {
    await aTaskAtReview();
    await project();
    const read: number[] = [];
    const follow = log.follow.bind(log);
    log.follow = (options) => {
      read.push(options.after);
      return follow(options);
    };
    await project();
    expect(read).toEqual([await log.head()]);
  });

  test('a deleted file is built again', async () => {
    await aTaskAtReview();
    await project();
    const before = await dump();
    await rm(path);
    await project();
    expect(await dump()).toEqual(before);
  });

  test('a file that is no database is replaced', async () => {
    await aTaskAtReview();
    await writeFile(path, 'this is not a database, but somebody put it here '.repeat(100));
    await project();
    expect(await dump()).toMatchObject({ tasks: [{ work_item_id: 'ET-001' }] });
  });

  test('the checkpoint of another log is refused and its rows are thrown away', async () => {
    await aTaskAtReview('ET-001');
    await project();
    log = new InMemoryEventLog();
    await aTaskAtReview('ET-777');
    await project();
    expect(await dump()).toMatchObject({ tasks: [{ work_item_id: 'ET-777' }] });
  });

  test('rows that were folded by older rules are built again', async () => {
    await aTaskAtReview();
    const older: AnyReadModel = {
      ...tasks,
      version: 0,
      apply: (row, event, key) => shouting(tasks.apply(row, event, key)),
    };
    await project(READ_MODELS.map((model) => (model.table === 'tasks' ? older : model)));
    expect(await dump()).toMatchObject({ tasks: [{ title: 'ADD A MAP' }] });
    await project();
    expect(await dump()).toMatchObject({ tasks: [{ title: 'Add a map' }] });
  });

  test('a reader that waits for its own write sees it, and is told when it took too long', async () => {
    const projector = new Projector(log, { path, models: READ_MODELS });
    await projector.start();
    const waiting = projector.waitFor(1, 5_000);
    await new TaskStory(log).open();
    expect(await waiting).toBe(true);
    expect(await projector.waitFor(1_000, 10)).toBe(false);
    await projector.stop();
  });

  test('a page that cannot be folded is named in the lag and tried again', async () => {
    let broken = true;
    const failing: AnyReadModel = {
      ...tasks,
      apply: (row, event, key) => {
        if (broken) throw new Error('the rule stumbled');
        return tasks.apply(row, event, key);
      },
    };
    const projector = new Projector(log, { path, models: [failing] });
    await projector.start();
    await new TaskStory(log).open();
    expect(await projector.waitFor(await log.head(), 50)).toBe(false);
    expect(await projector.lag()).toMatchObject({ caughtUp: false, failure: 'the rule stumbled' });
    broken = false;
    expect(await projector.waitFor(await log.head(), 5_000)).toBe(true);
    expect(await projector.lag()).toMatchObject({ caughtUp: true, failure: null });
    await projector.stop();
  });
});

describe('the file of the read models', () => {
  test('the same page twice changes nothing', async () => {
    await aTaskAtReview();
    const events = await log.readAll();
    const file = await ReadModelFile.open(path, log.logId, READ_MODELS);
    await file.apply(events, events.length);
    const once = await dump();
    await file.apply(events, events.length);
    expect(await dump()).toEqual(once);
    await file.close();
  });

  test('rows and checkpoint are written together or not at all', async () => {
    await aTaskAtReview();
    const events = await log.readAll();
    const file = await ReadModelFile.open(path, log.logId, READ_MODELS);
    await file.apply(events.slice(0, 5), 5);
    const before = await dump();
    const saboteur = await Connection.open(path, 'write');
    await saboteur.exec(`CREATE TRIGGER refuse BEFORE UPDATE ON checkpoint BEGIN SELECT raise(ABORT, 'no'); END`);
    await expect(file.apply(events.slice(5), events.length)).rejects.toThrow('no');
    expect(await dump()).toEqual(before);
    expect(file.position).toBe(5);
    await saboteur.exec('DROP TRIGGER refuse');
    await file.apply(events.slice(5), events.length);
    await Promise.all([saboteur.close(), file.close()]);
    const rebuilt = join(folder, 'rebuilt.db');
    await project(READ_MODELS, rebuilt);
    expect(await dump()).toEqual(await dump(rebuilt));
  });

  test('two processes on one file never fold an event twice', async () => {
    await aTaskAtReview();
    const events = await log.readAll();
    const ours = await ReadModelFile.open(path, log.logId, READ_MODELS);
    const theirs = await ReadModelFile.open(path, log.logId, READ_MODELS);
    await theirs.apply(events.slice(0, 8), 8);
    await expect(ours.apply(events.slice(0, 3), 3)).rejects.toThrow(CheckpointMoved);
    await ours.apply(events, events.length);
    await Promise.all([ours.close(), theirs.close()]);
    const rebuilt = join(folder, 'rebuilt.db');
    await project(READ_MODELS, rebuilt);
    expect(await dump()).toEqual(await dump(rebuilt));
  });
});

function shouting<Row extends { title: string } | undefined>(row: Row): Row {
  return row && { ...row, title: row.title.toUpperCase() };
}
