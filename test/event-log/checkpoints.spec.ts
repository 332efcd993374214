import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Checkpoints } from '../../src/event-log/checkpoints.js';
import { CheckpointOfAnotherLog } from '../../src/event-log/checkpoints.js';
import { InMemoryCheckpoints } from '../../src/event-log/in-memory/in-memory-checkpoints.js';
import { openSqliteCheckpoints } from '../../src/event-log/sqlite/side-tables/sqlite-checkpoints.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const newFolder = temporaryFolders();

describe.each<[string, () => Promise<Checkpoints>]>([
  ['checkpoints in memory', async () => new InMemoryCheckpoints()],
  [
    'checkpoints in a SQLite file',
    async () => openSqliteCheckpoints(join(await newFolder(), 'data', 'checkpoints.db')),
  ],
])('%s', (_, open) => {
  test('a follower that never saved starts at the beginning', async () => {
    expect(await (await open()).load('saga:pipeline', 'log-a')).toBe(0);
  });

  test('the last saved position is loaded, for each follower its own', async () => {
    const checkpoints = await open();
    await checkpoints.save('saga:pipeline', 'log-a', 4);
    await checkpoints.save('saga:reaper', 'log-a', 8);
    await checkpoints.save('saga:pipeline', 'log-a', 5_000_000_000);
    expect(await checkpoints.load('saga:pipeline', 'log-a')).toBe(5_000_000_000);
    expect(await checkpoints.load('saga:reaper', 'log-a')).toBe(8);
  });

  test('a checkpoint of another log is refused, and stays what it was', async () => {
    const checkpoints = await open();
    await checkpoints.save('saga:pipeline', 'log-a', 4);
    await expect(checkpoints.load('saga:pipeline', 'log-b')).rejects.toBeInstanceOf(CheckpointOfAnotherLog);
    await expect(checkpoints.save('saga:pipeline', 'log-b', 1)).rejects.toThrow(
      'The checkpoint of saga:pipeline belongs to the event log log-a, not to log-b',
    );
    expect(await checkpoints.load('saga:pipeline', 'log-a')).toBe(4);
  });
});

test('checkpoints are still there when their file is opened again', async () => {
  const path = join(await newFolder(), 'checkpoints.db');
  const first = await openSqliteCheckpoints(path);
  await Promise.all([1, 2, 3].map((position) => first.save(`follower-${position}`, 'log-a', position)));
  await first.close();
  const second = await openSqliteCheckpoints(path);
  expect(await second.load('follower-3', 'log-a')).toBe(3);
  await second.close();
});
