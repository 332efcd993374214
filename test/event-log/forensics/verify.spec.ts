import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Connection } from '../../../src/event-log/sqlite/connection.js';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import { verifyChain } from '../../../src/event-log/sqlite/verify/verify.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { appendTo, manyEvents, newEvent } from '../contract/events.js';

const newFolder = temporaryFolders();
let path = '';

beforeEach(async () => {
  path = join(await newFolder(), 'events.db');
  const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() } });
  await appendTo(log, 'task-1', 'no-stream', ...manyEvents('a', 5));
  await appendTo(log, 'job-1', 'no-stream', ...manyEvents('b', 1_500));
  await appendTo(log, 'task-1', 4, newEvent('c'));
  await log.close();
});

/** What somebody does who owns the file and knows SQL. */
async function tamper(sql: string): Promise<void> {
  const connection = await Connection.open(path, 'write');
  const triggers = await connection.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
  for (const { name } of triggers) await connection.exec(`DROP TRIGGER ${name}`);
  await connection.exec(sql);
  await connection.close();
}

describe('verifying the log', () => {
  test('an untouched log is intact, and its end is named', async () => {
    const seen: number[] = [];
    const verification = await verifyChain(path, { onProgress: (position) => seen.push(position) });
    expect(verification).toEqual({
      intact: true,
      head: { position: 1_506, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      events: 1_506,
      streams: 2,
      openIntents: [],
    });
    expect(seen).toEqual([1_000, 1_506]);
  });

  test('an empty log is intact', async () => {
    const empty = join(await newFolder(), 'events.db');
    await (await openSqliteEventLog({ path: empty, clock: { now: () => Date.now() } })).close();
    expect(await verifyChain(empty)).toMatchObject({ intact: true, head: { position: 0 } });
  });

  test.each([
    ['changed data', `UPDATE events SET data = '{"name":"x"}' WHERE position = 700`, 700, 'hash'],
    [
      'changed metadata',
      `UPDATE events SET metadata = json_set(metadata, '$.actor', 'me') WHERE position = 3`,
      3,
      'hash',
    ],
    ['another time', `UPDATE events SET recorded_at = '2020-01-01T00:00:00.000Z' WHERE position = 1506`, 1_506, 'hash'],
    ['another type', `UPDATE events SET type = 'TaskCancelled' WHERE position = 1`, 1, 'hash'],
    ['another link', `UPDATE events SET hash = randomblob(32) WHERE position = 9`, 9, 'hash'],
    ['an event taken out', 'DELETE FROM events WHERE position = 42', 42, 'gap'],
    [
      'an event moved to another stream',
      `UPDATE events SET stream = 'job-2', revision = 0 WHERE position = 6`,
      6,
      'hash',
    ],
    ['an event moved within its stream', 'UPDATE events SET revision = 9 WHERE position = 1506', 1_506, 'revision'],
    ['an event filed elsewhere', `UPDATE events SET correlation_id = 'ORCH-002' WHERE position = 8`, 8, 'column'],
    ['the newest events taken out', 'DELETE FROM events WHERE position > 1500', 1_501, 'head'],
    ['everything taken out', 'DELETE FROM events', 1, 'head'],
    ['another head', 'UPDATE head SET hash = randomblob(32)', 1_506, 'head'],
    ['a head that was set back', 'UPDATE head SET position = 1505', 1_506, 'head'],
  ])('%s is found and named', async (_, sql, position, why) => {
    await tamper(sql);
    const verification = await verifyChain(path);
    expect(verification).toMatchObject({ intact: false, position, why });
    expect(verification).toHaveProperty(
      'sentence',
      expect.stringMatching(`^The event log .* is broken at position ${position}: `),
    );
  });
});
