import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DECIDERS } from '../../../src/commands/deciders.js';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import { verifyChain } from '../../../src/event-log/sqlite/verify/verify.js';
import { upcast, type Upcasts } from '../../../src/event-log/upcasts.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { foldPage, touchedKeys } from '../../../src/projections/engine/fold.js';
import { READ_MODELS } from '../../../src/projections/read-models.js';
import { describe as wordingOf } from '../../../src/projections/timeline/wording.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/events/', import.meta.url));
const EXAMPLES = readFileSync(join(FIXTURES, 'examples.ndjson'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as RecordedEvent);

const freshFolder = temporaryFolders();

function kindOf({ type, metadata }: RecordedEvent): string {
  return `${type} ${metadata.schemaVersion}`;
}

describe('the examples of every event ever written', () => {
  test('every type and version that is written now has one', () => {
    const written = DECIDERS.flatMap(({ events }) =>
      Object.entries(events as Record<string, number>).map(([type, version]) => `${type} ${version}`),
    );
    const kept = new Set(EXAMPLES.map(kindOf));
    expect(written.filter((kind) => !kept.has(kind))).toEqual([]);
    expect(kept.size).toBe(EXAMPLES.length);
  });

  test.each(EXAMPLES.map((event) => [kindOf(event), event] as const))('%s is still read and folded', (_, example) => {
    const event = upcast(example);
    const decider = DECIDERS.find(({ events }) => event.type in events);
    expect(decider).toBeDefined();
    expect(event.metadata.schemaVersion).toBe((decider?.events as Record<string, number>)[event.type]);
    expect(decider?.evolve(decider.initial, event)).toBeDefined();
    expect(wordingOf(event)).not.toBe('');
    for (const model of READ_MODELS.filter(({ listensTo }) => listensTo.includes(event.type))) {
      expect(touchedKeys(model, [event])).toBeDefined();
      expect(foldPage(model, [event], new Map())).toBeDefined();
    }
  });

  test('an old version climbs step by step to the newest one', () => {
    const upcasts: Upcasts = {
      TaskOpened: { 1: (data) => ({ ...data, track: null }), 2: (data) => ({ ...data, labels: [] }) },
    };
    const example = EXAMPLES.find(({ type }) => type === 'TaskOpened') as RecordedEvent;
    const event = upcast(example, upcasts);
    expect(event.metadata.schemaVersion).toBe(3);
    expect(event.data).toEqual({ ...example.data, track: null, labels: [] });
  });
});

test('a log that release 0.1.0 wrote opens, verifies and is read to its end', async () => {
  const path = join(await freshFolder(), 'events.db');
  await copyFile(join(FIXTURES, 'release-0.1.0.db'), path);
  const verification = await verifyChain(path);
  expect(verification).toMatchObject({ intact: true });
  const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() } });
  const events = await log.readAll();
  await log.close();
  expect(events.at(-1)?.position).toBe(verification.intact ? verification.head.position : 0);
  const keys = READ_MODELS.map(
    (model) =>
      foldPage(
        model,
        events.filter(({ type }) => model.listensTo.includes(type)),
        new Map(),
      ).size,
  );
  expect(keys.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(50);
});
