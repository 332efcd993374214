import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventLog } from '../../dist/event-log/sqlite/sqlite-event-log.js';
import { StreamWriter, median } from './events.mjs';
import { RawSqlite } from './raw-sqlite.mjs';

/** Per slice: how many statements of the raw package, with how many events each, and how many writers ours has. */
const CASES = [
  { name: 'single appends', statements: 100, perStatement: 1, writers: 1, aim: 0.9 },
  { name: 'group commit, 16 writers', statements: 30, perStatement: 16, writers: 16, aim: 0.8 },
  { name: 'batches of 100', statements: 10, perStatement: 100, writers: 1, aim: 0.8 },
];
const ROUNDS = 60;
const WARM_UP_ROUNDS = 3;
const STREAMS = 200;

/**
 * Short slices of ours and of the raw package in turn, on files of their own that grow alike, so that whatever else the
 * machine does meets all of them. A ratio is the median over the rounds. Both sides start from the same event objects;
 * the raw package does no checks, keeps no chain and has no head to move.
 */
export async function run(print) {
  print('Appends, every one on the disk before its answer (WAL, synchronous=FULL); ours with checks and hash chain');
  for (const one of CASES) {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
    try {
      print(describe(one, await compare(one, folder)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function compare(one, folder) {
  const raw = await RawSqlite.open(join(folder, 'raw.db'));
  const tuned = await RawSqlite.open(join(folder, 'tuned.db'), 'PRAGMA wal_autocheckpoint = 4000');
  const log = await openSqliteEventLog({ path: join(folder, 'events.db'), clock: { now: () => Date.now() } });
  const [ours, ...others] = await ratesOf([ourSide(log, one), rawSide(raw, one), rawSide(tuned, one)]);
  for (const store of [raw, tuned, log]) await store.close();
  const ratios = others.map((rates) => median(ours.map((rate, round) => rate / rates[round])));
  return { ours: median(ours), raw: median(others[0]), ratio: ratios[0], ratioTuned: ratios[1] };
}

async function ratesOf(sides) {
  const rates = sides.map(() => []);
  for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round += 1) {
    for (let turn = 0; turn < sides.length; turn += 1) {
      const index = (round + turn) % sides.length;
      const rate = await sides[index]();
      if (round >= WARM_UP_ROUNDS) rates[index].push(rate);
    }
  }
  return rates;
}

function rawSide(raw, { statements, perStatement, writers }) {
  const streams = new StreamWriter(STREAMS);
  return async () => {
    const slice = times(statements, () => times(writers, () => streams.next(perStatement / writers)));
    return rateOf(statements * perStatement, async () => {
      for (const writes of slice) await raw.insert(raw.rowsOf(writes));
    });
  };
}

function ourSide(log, { statements, perStatement, writers }) {
  const streams = new StreamWriter(STREAMS);
  const write = async (appends) => {
    for (const { stream, expected, events } of appends) await log.append([{ stream, expected, events }]);
  };
  return async () => {
    const turns = times(statements, () => times(writers, () => streams.next(perStatement / writers)));
    const byWriter = times(writers, (writer) => turns.map((turn) => turn[writer]));
    return rateOf(statements * perStatement, () => Promise.all(byWriter.map(write)));
  };
}

function times(count, make) {
  return Array.from({ length: count }, (_, index) => make(index));
}

async function rateOf(events, work) {
  const start = performance.now();
  await work();
  return (events * 1_000) / (performance.now() - start);
}

function describe({ name, aim }, { ours, raw, ratio, ratioTuned }) {
  const figures = `${ours.toFixed(0).padStart(6)} events/s, raw sqlite3 ${raw.toFixed(0).padStart(6)}`;
  const verdict = `ratio ${ratio.toFixed(2)} (aim ${aim.toFixed(2)}: ${ratio >= aim ? 'reached' : 'MISSED'})`;
  return `  ${name.padEnd(26)} ${figures}, ${verdict}, beside raw with our checkpoint interval ${ratioTuned.toFixed(2)}`;
}
