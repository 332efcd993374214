import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InMemoryEventLog } from '../../dist/event-log/in-memory/in-memory-event-log.js';
import { openSqliteEventLog } from '../../dist/event-log/sqlite/sqlite-event-log.js';
import { Projector } from '../../dist/projections/engine/projector.js';
import { READ_MODELS } from '../../dist/projections/read-models.js';
import { median } from './events.mjs';
import { writeHistory } from './history.mjs';

const EVENTS = Number(process.env.BENCH_REPLAY_EVENTS ?? 100_000);
const ROUNDS = 3;
const AIM = 40_000;

/** A whole history into all read models, each time into an empty file; the history is as the pipeline would write it. */
export async function run(print) {
  print(
    `Replay of ${EVENTS} events into ${READ_MODELS.length} read models, rows and checkpoint in one transaction a page`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
  const logs = [
    ['from a log in memory', new InMemoryEventLog()],
    [
      'from the SQLite log',
      await openSqliteEventLog({ path: join(folder, 'events.db'), clock: { now: () => Date.now() } }),
    ],
  ];
  try {
    for (const [name, log] of logs) print(describe(name, await measure(log, folder)));
  } finally {
    for (const [, log] of logs) await log.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(log, folder) {
  const events = await writeHistory(log, EVENTS);
  const rates = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rates.push(await replay(log, join(folder, `read-models-${log.logId}-${round}.db`), events));
  return median(rates);
}

async function replay(log, path, events) {
  const projector = new Projector(log, { path, models: READ_MODELS });
  const start = performance.now();
  await projector.start();
  const reached = await projector.waitFor(await log.head(), 600_000);
  const seconds = (performance.now() - start) / 1_000;
  await projector.stop();
  if (!reached) throw new Error('The replay did not reach the end of the log');
  return events / seconds;
}

function describe(name, rate) {
  return `  ${name.padEnd(26)} ${rate.toFixed(0).padStart(7)} events/s (aim ${AIM}: ${rate >= AIM ? 'reached' : 'MISSED'})`;
}
