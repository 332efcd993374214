import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqliteEventLog } from '../../dist/event-log/sqlite/sqlite-event-log.js';
import { verifyChain } from '../../dist/event-log/sqlite/verify/verify.js';
import { median } from './events.mjs';
import { longLog } from '../support/simulation/long-log.mjs';

const EVENTS = Number(process.env.BENCH_PAST_EVENTS ?? 1_000_000);
const ROUNDS = 3;
const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The reading commands as an operator starts them, process and all, on a long log of the simulation. */
export async function run(print) {
  print(`Reading commands on a log of ${EVENTS} events, seconds from the start of the process to its end`);
  const path = await longLog(EVENTS, print);
  const { workItem, cache } = await subjectOf(path);
  await rm(cache, { force: true });
  print(
    `  the first question about the past folds the whole log once: ${(await timeOf(path, ['status', '--at', String(EVENTS - 1)])).toFixed(1)} s`,
  );
  for (const [aim, args] of questions(workItem)) print(describe(args, aim, await measure(path, args)));
  print(await verified(path));
}

function questions(workItem) {
  const middle = String(Math.floor(EVENTS / 2) + 4_321);
  return [
    [1, ['log', 'tail', '--task', workItem]],
    [2, ['timeline', workItem]],
    [2, ['why', workItem]],
    [2, ['why', workItem, '--at', middle]],
    [2, ['queue', '--at', middle]],
    [2, ['status', '--at', middle]],
    [2, ['replay', 'at', middle]],
    [2, ['replay', 'at', middle, '--task', workItem]],
    [2, ['log', 'trace', workItem]],
  ];
}

/** A work item that was under way in the middle of the log. */
async function subjectOf(path) {
  const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() }, readOnly: true });
  const [event] = await log.readAll({ after: Math.floor(EVENTS / 2), types: ['TaskAdvanced'], limit: 1 });
  await log.close();
  const cache = join(tmpdir(), `orchestrator-moments-${userInfo().uid}`, `${log.logId}.db`);
  return { workItem: event.metadata.$correlationId, cache };
}

async function measure(path, args) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await timeOf(path, args));
  return median(times);
}

async function timeOf(path, args) {
  const started = performance.now();
  const child = spawn(process.execPath, [CLI, ...args, '--db', path], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code > 1) throw new Error(`${args.join(' ')} ended with ${code}`);
  return (performance.now() - started) / 1_000;
}

async function verified(path) {
  const started = performance.now();
  const verification = await verifyChain(path);
  if (!verification.intact) throw new Error(verification.sentence);
  const rate = (EVENTS * 1_000) / (performance.now() - started);
  return `  ${'verify'.padEnd(42)} ${rate.toFixed(0)} events/s (aim 100000: ${rate >= 100_000 ? 'reached' : 'MISSED'})`;
}

function describe(args, aim, seconds) {
  const verdict = seconds <= aim ? 'reached' : 'MISSED';
  return `  ${args.join(' ').padEnd(42)} ${seconds.toFixed(2)} s (aim ${aim} s: ${verdict})`;
}
