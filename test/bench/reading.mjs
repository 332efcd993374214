import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventLog } from '../../dist/event-log/sqlite/sqlite-event-log.js';
import { verifyChain } from '../../dist/event-log/sqlite/verify/verify.js';
import { StreamWriter } from './events.mjs';

const EVENTS = 200_000;

/** How fast a log of 200 000 events is read, followed and verified. */
export async function run(print) {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
  const path = join(folder, 'events.db');
  const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() } });
  try {
    await fill(log);
    print(`Reading a log of ${EVENTS} events, in pages of 1 000`);
    print(`  read all                   ${await rateOf(() => readAll(log, {}))} events/s`);
    print(
      `  read all of two types      ${await rateOf(() => readAll(log, { types: ['JobQueued', 'JobStarted'] }))} events/s`,
    );
    print(`  follow until caught up     ${await rateOf(() => followAll(log))} events/s`);
    print(`  verify the chain           ${await rateOf(() => verify(path))} events/s`);
  } finally {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(log) {
  const streams = new StreamWriter(400);
  for (let written = 0; written < EVENTS; written += 500) {
    const { stream, expected, events } = streams.next(500);
    await log.append([{ stream, expected, events }]);
  }
}

async function readAll(log, filter) {
  let count = 0;
  let page = await log.readAll(filter);
  while (page.length > 0) {
    count += page.length;
    page = await log.readAll({ ...filter, after: page.at(-1).position });
  }
  return count;
}

async function followAll(log) {
  let count = 0;
  const signal = AbortSignal.any([]);
  for await (const page of log.follow({ after: 0, signal })) {
    count += page.events.length;
    if (page.caughtUp) return count;
  }
  return count;
}

async function verify(path) {
  const verification = await verifyChain(path);
  if (!verification.intact) throw new TypeError(verification.sentence);
  return verification.head.position;
}

async function rateOf(read) {
  const start = performance.now();
  const count = await read();
  return ((count * 1_000) / (performance.now() - start)).toFixed(0).padStart(7);
}
