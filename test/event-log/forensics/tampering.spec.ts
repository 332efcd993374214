import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Connection } from '../../../src/event-log/sqlite/connection.js';
import { readDigest } from '../../../src/event-log/sqlite/verify/kept-head.js';
import type { LogDigest } from '../../../src/event-log/verify/digest.js';
import { verifyChain } from '../../../src/event-log/sqlite/verify/verify.js';
import { Random } from '../../support/simulation/random.js';
import { simulateLogFile } from '../../support/simulation/simulate.js';
import { temporaryFolders } from '../../support/temporary-folder.js';

const EVENTS = 1_500;
const ROUNDS = 8;

const freshFolder = temporaryFolders();
let folder = '';
let original = '';
let digest: LogDigest;
let last = 0;

beforeAll(async () => {
  folder = await freshFolder();
  original = join(folder, 'events.db');
  last = await simulateLogFile(original, { events: EVENTS });
  digest = await readDigest(original);
});

interface Tampering {
  readonly sql: string;
  /** Where the log stops being what was written. */
  readonly position: number;
}

/** What somebody does who owns the file and knows SQL, at a place that chance picks. */
const KINDS: Readonly<Record<string, (random: Random) => Tampering>> = {
  change: (random) => {
    const position = random.whole(1, last);
    const change = random.pick([
      "data = json_set(data, '$.forged', 1)",
      "metadata = json_set(metadata, '$.actor', 'operator:somebody')",
      "type = 'TaskCancelled'",
      "stream = stream || '0'",
      'revision = revision + 7',
      "id = '00000000-0000-4000-8000-000000000000'",
      "recorded_at = '2020-01-01T00:00:00.000Z'",
      "correlation_id = correlation_id || 'X'",
      'schema_version = schema_version + 1',
      'hash = randomblob(32)',
    ]);
    return { sql: `UPDATE events SET ${change} WHERE position = ${position}`, position };
  },
  delete: (random) => {
    const position = random.whole(1, last - 1);
    return { sql: `DELETE FROM events WHERE position = ${position}`, position };
  },
  'delete and close the gap': (random) => {
    const position = random.whole(1, last - 1);
    return { sql: `DELETE FROM events WHERE position = ${position}; ${shift(position, -1)}`, position };
  },
  insert: (random) => {
    const position = random.whole(1, last);
    const values = `${position}, 'forged', 'task-1000000', 0, 'TaskCancelled', 1, '{}', '{}', 'ET-1', '2026', randomblob(32)`;
    return { sql: `${shift(position, 1)}; INSERT INTO events VALUES (${values})`, position };
  },
  swap: (random) => {
    const position = random.whole(1, last - 1);
    const to = (from: number, target: number): string =>
      `UPDATE events SET position = ${target} WHERE position = ${from}`;
    return { sql: [to(position, 0), to(position + 1, position), to(0, position + 1)].join('; '), position };
  },
  truncate: (random) => {
    const end = random.whole(0, last - 1);
    const head = `UPDATE head SET position = ${end}, hash = coalesce((SELECT hash FROM events WHERE position = ${end}), zeroblob(32))`;
    return { sql: `DELETE FROM events WHERE position > ${end}; ${head}`, position: end + 1 };
  },
};

/** In two steps, because the positions are unique. */
function shift(from: number, by: number): string {
  return `UPDATE events SET position = -position WHERE position >= ${from}; UPDATE events SET position = -position + ${by} WHERE position < 0`;
}

async function tampered(name: string, sql: string): Promise<string> {
  const path = join(folder, `${name}.db`);
  await copyFile(original, path);
  const connection = await Connection.open(path, 'write');
  const triggers = await connection.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
  for (const trigger of triggers) await connection.exec(`DROP TRIGGER ${trigger.name}`);
  await connection.exec(sql);
  await connection.close();
  return path;
}

describe.each(Object.keys(KINDS))('%s', (kind) => {
  test('is found wherever it is done, and the place is named', async () => {
    const random = new Random(7 + kind.length);
    for (let round = 0; round < ROUNDS; round += 1) {
      const { sql, position } = KINDS[kind]?.(random) ?? { sql: '', position: 0 };
      const path = await tampered(`${kind.replaceAll(' ', '-')}-${round}`, sql);
      const verification = await verifyChain(path, { digest });
      expect({ sql, verification }).toMatchObject({ sql, verification: { intact: false, position } });
      expect(verification).toHaveProperty('sentence', expect.stringContaining(path));
    }
  });
});

test('an end that was cut off carefully shows against a digest that was kept elsewhere, and only there', async () => {
  const { sql } = KINDS.truncate?.(new Random(3)) ?? { sql: '' };
  const path = await tampered('cut', sql);
  expect(await verifyChain(path)).toMatchObject({ intact: true });
  expect(await verifyChain(path, { digest })).toMatchObject({ intact: false, why: 'digest' });
});

test('a digest of another log is recognised as such', async () => {
  const other = { ...digest, logId: '0'.repeat(32) };
  expect(await verifyChain(original, { digest: other })).toMatchObject({ intact: false, why: 'digest' });
});

test('the untouched log continues its digest, and says what is not answered yet', async () => {
  const verification = await verifyChain(original, { digest });
  expect(verification).toMatchObject({ intact: true, head: { position: last } });
  const positions = (verification.intact ? verification.openIntents : []).map(({ position }) => position);
  expect(positions.length).toBeGreaterThan(0);
  expect(positions).toEqual([...positions].sort((one, other) => one - other));
});
