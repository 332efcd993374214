import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { verifyChain } from '../../../src/event-log/sqlite/verify/verify.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { simulate, simulateLogFile } from '../../support/simulation/simulate.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const freshFolder = temporaryFolders();

test('a simulated history is a whole log: chained, continued stream by stream, and decided by every noun', async () => {
  const path = join(await freshFolder(), 'events.db');
  const events = await simulateLogFile(path, { events: 3_000 });
  expect(await verifyChain(path)).toMatchObject({ intact: true, head: { position: events } });
});

test('the same seed gives the same history, another seed another one', async () => {
  const [one, again, other] = [await typesOf(7), await typesOf(7), await typesOf(8)];
  expect(one).toEqual(again);
  expect(one).not.toEqual(other);
  expect(new Set(one.map((line) => line.split(' ')[1])).size).toBeGreaterThan(30);
});

async function typesOf(seed: number): Promise<readonly string[]> {
  const events: RecordedEvent[] = [];
  const readStream = (stream: string, after: number): Promise<readonly RecordedEvent[]> =>
    Promise.resolve(events.filter((event) => event.stream === stream && event.revision > after));
  const write = (event: RecordedEvent): Promise<void> => Promise.resolve(void events.push(event));
  await simulate({ write, readStream }, { events: 2_000, seed });
  return events.map(({ id, type, recordedAt }) => `${id} ${type} ${recordedAt}`);
}
