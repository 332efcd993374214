import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import { Connection } from '../../../src/event-log/sqlite/connection.js';
import { verifyChain } from '../../../src/event-log/sqlite/verify/verify.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { appendTo, newEvent } from '../contract/events.js';

const newFolder = temporaryFolders();
const clock = { now: () => Date.now() };

test('a backup that is made while the log is written is a whole log up to one moment, and goes on from there', async () => {
  const folder = await newFolder();
  const [path, copy] = [join(folder, 'events.db'), join(folder, 'copy.db')];
  const log = await openSqliteEventLog({ path, clock });
  let isBackedUp = false;
  let written = 0;
  const writing = (async () => {
    for (; !isBackedUp || written < 200; written += 1)
      await appendTo(log, `task-${written}`, 'no-stream', newEvent(`e-${written}`));
  })();
  while ((await log.head()) < 50) await new Promise((resolve) => setImmediate(resolve));
  const reader = await Connection.open(path, 'read');
  await reader.all('VACUUM INTO ?', copy);
  await reader.close();
  isBackedUp = true;
  await writing;
  await log.close();

  const verification = await verifyChain(copy);
  expect(verification.intact).toBe(true);
  const restored = await openSqliteEventLog({ path: copy, clock });
  const head = await restored.head();
  expect(head).toBeGreaterThanOrEqual(50);
  expect(restored.logId).toBe(log.logId);
  await appendTo(restored, 'after-the-restore', 'no-stream', newEvent('after'));
  expect(await restored.head()).toBe(head + 1);
  await restored.close();
  expect((await verifyChain(copy)).intact).toBe(true);
});
