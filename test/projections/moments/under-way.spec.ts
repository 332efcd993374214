import { beforeAll, describe, expect, test } from '@jest/globals';
import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteEventLog, type SqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import { BackgroundStats } from '../../../src/kernel/background-stats.js';
import { asOf } from '../as-of.js';
import type { ReadModels } from '../../../src/projections/engine/read-models.js';
import { momentAt, timeAt } from '../../../src/projections/event/moment.js';
import { keepMoments } from '../../../src/projections/moments/moments.js';
import { underWayAsOf } from '../../../src/projections/moments/under-way.js';
import { queueSnapshot } from '../../../src/projections/queue/queue-snapshot.js';
import { READ_MODELS } from '../../../src/projections/read-models.js';
import { readStatus } from '../../../src/projections/task/status.js';
import { readWhy } from '../../../src/projections/why/why-at.js';
import { Random } from '../../support/simulation/random.js';
import { SIMULATED_POLICY, simulateLogFile } from '../../support/simulation/simulate.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const EVENTS = 2_500;
const EVERY = 400;

const freshFolder = temporaryFolders();
let folder = '';
let path = '';

beforeAll(async () => {
  folder = await freshFolder();
  path = join(folder, 'events.db');
  await simulateLogFile(path, { events: EVENTS, seed: 5 });
});

async function opened<T>(kept: string, work: (log: SqliteEventLog) => Promise<T>): Promise<T> {
  const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() }, readOnly: true });
  keepMoments(log, { kept, every: EVERY });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

const SETTINGS = { policy: SIMULATED_POLICY, pollIntervalS: 5, stats: new BackgroundStats() };

async function compareAt(log: SqliteEventLog, position: number): Promise<void> {
  const nowMs = await timeAt(log, position);
  const views = async (models: ReadModels) => ({
    queue: await queueSnapshot(models, SETTINGS, nowMs),
    status: await readStatus(models),
  });
  const quick = await underWayAsOf(log, { position }, views);
  expect({ position, ...quick }).toEqual({ position, ...(await asOf(log, READ_MODELS, position, views)) });
  const workItem = await workItemBefore(log, position);
  const why = (models: ReadModels) => readWhy(models, workItem, { ...SETTINGS, nowMs });
  const quickly = await underWayAsOf(log, { position, workItem }, why);
  expect({ position, why: quickly }).toEqual({ position, why: await asOf(log, READ_MODELS, position, why) });
}

async function workItemBefore(log: SqliteEventLog, position: number): Promise<string> {
  const [event] = await log.readAll({ types: ['TaskAdvanced'], after: position, direction: 'backwards', limit: 1 });
  return event?.metadata.$correlationId ?? '';
}

describe('a question about the past', () => {
  test('is answered from the last moment and the events since as from the beginning of the log', async () => {
    const random = new Random(11);
    await opened(join(folder, 'moments.db'), async (log) => {
      await underWayAsOf(log, { position: EVENTS }, () => Promise.resolve());
      for (const position of [EVERY, EVERY + 1, EVENTS]) await compareAt(log, position);
      for (let round = 0; round < 3; round += 1) await compareAt(log, random.whole(EVERY, EVENTS));
    });
  });

  test('of a work item that had ended by then is answered as well', async () => {
    await opened(join(folder, 'moments.db'), async (log) => {
      const [ended] = await log.readAll({ types: ['TaskRetired'], limit: 1 });
      const workItem = ended?.metadata.$correlationId ?? '';
      const moment = { policy: SIMULATED_POLICY, nowMs: await timeAt(log, EVENTS) };
      const why = await underWayAsOf(log, { position: EVENTS, workItem }, (models) =>
        readWhy(models, workItem, moment),
      );
      expect(why).toMatchObject({ work_item: workItem, waiting: false, reasons: [] });
    });
  });

  test('does without moments where their file is damaged, and where none can be kept', async () => {
    const damaged = join(folder, 'damaged.db');
    await writeFile(damaged, 'this is no database, and it is longer than a header of one would be'.repeat(20));
    await opened(damaged, (log) => compareAt(log, EVENTS));
    await opened(join(path, 'below-a-file', 'moments.db'), (log) => compareAt(log, EVENTS));
  });

  test('leaves moments behind that are thrown away without loss', async () => {
    const kept = join(folder, 'moments.db');
    await expect(access(kept)).resolves.toBeUndefined();
    await rm(kept);
    await opened(kept, (log) => compareAt(log, EVENTS));
  });

  test.each([
    ['999999', /^Position 999999 is beyond the end of the log, which is at \d+$/],
    ['0', /^There was nothing yet at '0': the log begins with position 1 at 2026-01-05T.*Z$/],
    ['2020-01-01T00:00:00Z', /^There was nothing yet at '2020-01-01T00:00:00Z': the log begins/],
    ['yesterday', /^'yesterday' is neither a position of the log nor an ISO time/],
  ])('at %s is answered with one sentence', async (moment, sentence) => {
    await opened(join(folder, 'moments.db'), async (log) => {
      await expect(momentAt(log, moment)).rejects.toThrow(sentence);
    });
  });
});
