import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { openSqliteEventLog, type SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log.js';
import { rowChanges } from '../../src/forensics/rows/diff.js';
import { changedColumns, type Row } from '../../src/forensics/rows/row-steps.js';
import { keepMoments } from '../../src/projections/moments/moments.js';
import { underWayAsOf } from '../../src/projections/moments/under-way.js';
import { READ_MODELS } from '../../src/projections/read-models.js';
import { asOf } from '../projections/as-of.js';
import { Random } from '../support/simulation/random.js';
import { simulateLogFile } from '../support/simulation/simulate.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const EVENTS = 3_000;
const ROUNDS = 6;

const freshFolder = temporaryFolders();
let path = '';

beforeAll(async () => {
  path = join(await freshFolder(), 'events.db');
  await simulateLogFile(path, { events: EVENTS, seed: 3 });
});

type Rows = ReadonlyMap<string, Row>;

/** Every row of every table, by table and key. */
function rowsAt(log: SqliteEventLog, position: number): Promise<Rows> {
  return asOf(log, READ_MODELS, position, async (tables) => {
    const rows = new Map<string, Row>();
    for (const { table, key } of READ_MODELS)
      for (const row of await tables.all<Row>(`SELECT * FROM ${table}`)) rows.set(`${table} ${row[key]}`, row);
    return rows;
  });
}

test('what changed between two moments is the same as if both had been folded from the beginning', async () => {
  const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() }, readOnly: true });
  keepMoments(log, { kept: join(await freshFolder(), 'moments.db'), every: 250 });
  await underWayAsOf(log, { position: EVENTS }, () => Promise.resolve());
  const random = new Random(4);
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = random.whole(1, EVENTS - 1);
    const to = random.whole(from + 1, Math.min(EVENTS, from + 600));
    const [before, after] = [await rowsAt(log, from), await rowsAt(log, to)];
    const told = await rowChanges(log, READ_MODELS, { from, to });
    const named = new Map(told.map((change) => [`${change.table} ${change.key}`, change]));
    const differing = [...new Set([...before.keys(), ...after.keys()])].filter(
      (name) => changedColumns(before.get(name), after.get(name)).length > 0,
    );
    expect({ from, to, rows: [...named.keys()].sort() }).toEqual({ from, to, rows: differing.sort() });
    for (const [name, change] of named) {
      expect({ name, left: changedColumns(before.get(name), change.before) }).toEqual({ name, left: [] });
      expect({ name, left: changedColumns(after.get(name), change.after) }).toEqual({ name, left: [] });
    }
  }
  await log.close();
});
