import { expect, test } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import { Connection } from '../../../src/event-log/sqlite/connection.js';
import { verifyChain } from '../../../src/event-log/sqlite/verify/verify.js';
import { BuiltOrchestrator } from '../../support/built/built-orchestrator.js';
import { temporaryFolders } from '../../support/temporary-folder.js';
import { until } from '../../support/until.js';
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

test('a service starts on a backup that was made while another one ran, and goes on from there', async () => {
  const [first, second] = [await newFolder(), await newFolder()];
  const running = await BuiltOrchestrator.start({ folder: first });
  const restored = join(second, 'data', 'events.db');
  await mkdir(dirname(restored), { recursive: true });
  await until(async () => (await headOf(running)) > 0, 'the service has written');
  const reader = await Connection.open(running.eventLogPath, 'read');
  await reader.all('VACUUM INTO ?', restored);
  await reader.close();
  await running.stop('SIGKILL');
  const copied = await openSqliteEventLog({ path: restored, clock, readOnly: true });
  const head = await copied.head();
  await copied.close();

  const again = await BuiltOrchestrator.start({ folder: second });
  await until(async () => (await headOf(again)) > head, 'it has written behind the backup', 60_000);
  await again.stop();
  expect(await verifyChain(restored)).toMatchObject({ intact: true });
});

async function headOf({ url }: BuiltOrchestrator): Promise<number> {
  const answer = await fetch(`${url}/health`);
  return ((await answer.json()) as { readonly position: number }).position;
}
