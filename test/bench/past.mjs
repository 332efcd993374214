import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { openSqliteEventLog } from '../../dist/event-log/sqlite/sqlite-event-log.js';
import { verifyChain } from '../../dist/event-log/sqlite/verify/verify.js';
import { longLog } from '../support/simulation/long-log.mjs';
import { median } from './events.mjs';

const EVENTS = Number(process.env.BENCH_PAST_EVENTS ?? 1_000_000);
const ROUNDS = 3;
const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const AIMS = { makingS: 300, rebuildPerS: 40_000, rebuildMb: 500, verifyPerS: 100_000 };
/** Tells at its end how much memory a process had. */
const TELLS_MEMORY = 'data:text/javascript,process.on("exit",()=>console.error(process.resourceUsage().maxRSS))';

/** The reading commands as an operator starts them, process and all, on a long log of the simulation. */
export async function run(print) {
  print(`Reading commands on a log of ${EVENTS} events, seconds from the start of the process to its end`);
  const path = await made(print);
  const subject = await subjectOf(path);
  await firstQuestion(path, print);
  for (const [aim, args] of questions(subject)) print(seconds(args.join(' '), await measure(path, args), aim));
  print(await rebuilt(path));
  print(await verified(path));
}

async function made(print) {
  const started = performance.now();
  const path = await longLog(EVENTS);
  const took = (performance.now() - started) / 1_000;
  print(took < 1 ? '  the log is that of an earlier run' : seconds('making the log', took, AIMS.makingS));
  return path;
}

/** Once, where the log came without its moments. */
async function firstQuestion(path, print) {
  await rm(join(dirname(path), 'moments.db'), { force: true });
  const { took } = await timeOf(path, ['status', '--at', String(EVENTS - 1)]);
  print(`  the first question of all folds the log once: ${took.toFixed(1)} s`);
}

function questions({ workItem, jobId, runId }) {
  const middle = String(Math.floor(EVENTS / 2) + 4_321);
  const later = String(Math.floor(EVENTS / 2) + 14_321);
  return [
    [1, ['log', 'tail', '--task', workItem]],
    [2, ['timeline', workItem]],
    [2, ['why', workItem]],
    [2, ['why', workItem, '--at', middle]],
    [2, ['queue', '--at', middle]],
    [2, ['status', '--at', middle]],
    [2, ['replay', 'at', middle]],
    [2, ['replay', 'at', middle, '--task', workItem]],
    [2, ['replay', 'diff', middle, later]],
    [2, ['replay', 'diff', middle, later, '--task', workItem]],
    [2, ['replay', 'step', workItem]],
    [2, ['replay', 'step', 'jobs', '--key', jobId]],
    [2, ['replay', 'blame', 'tasks', workItem, 'stage']],
    [2, ['replay', 'blame', 'agent_runs', runId, 'outcome']],
    [2, ['log', 'trace', workItem]],
    [2, ['log', 'show', '1000']],
  ];
}

/** A work item that was under way in the middle of the log, with one of its jobs. */
async function subjectOf(path) {
  const log = await openSqliteEventLog({ path, clock: { now: () => Date.now() }, readOnly: true });
  const [{ data, metadata }] = await log.readAll({ after: Math.floor(EVENTS / 2), types: ['JobClaimed'], limit: 1 });
  await log.close();
  return { workItem: metadata.$correlationId, jobId: String(data.jobId), runId: data.runId };
}

async function measure(path, args) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push((await timeOf(path, args)).took);
  return median(times);
}

async function timeOf(path, args) {
  const started = performance.now();
  const stdio = ['ignore', 'ignore', 'pipe'];
  const child = spawn(process.execPath, ['--import', TELLS_MEMORY, CLI, ...args, '--db', path], { stdio });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  if (code > 1) throw new Error(`${args.join(' ')} ended with ${code}: ${said}`);
  const lastLine = said.trimEnd().split('\n').at(-1);
  return { took: (performance.now() - started) / 1_000, megabytes: Number(lastLine) / 1_024 };
}

async function rebuilt(path) {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
  try {
    const args = ['replay', 'rebuild', '--prepare', '--read-models', join(folder, 'read-models.db')];
    const { took, megabytes } = await timeOf(path, args);
    const rate = EVENTS / took;
    const peak = `peak ${megabytes.toFixed(0)} MB (aim ${AIMS.rebuildMb}: ${verdict(megabytes <= AIMS.rebuildMb)})`;
    return `${perSecond('replay rebuild', rate, AIMS.rebuildPerS)}, ${peak}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function verified(path) {
  const started = performance.now();
  const verification = await verifyChain(path);
  if (!verification.intact) throw new Error(verification.sentence);
  return perSecond('log verify', (EVENTS * 1_000) / (performance.now() - started), AIMS.verifyPerS);
}

function seconds(what, took, aim) {
  return `  ${what.padEnd(44)} ${took.toFixed(2)} s (aim ${aim} s: ${verdict(took <= aim)})`;
}

function perSecond(what, rate, aim) {
  return `  ${what.padEnd(44)} ${rate.toFixed(0)} events/s (aim ${aim}: ${verdict(rate >= aim)})`;
}

function verdict(isReached) {
  return isReached ? 'reached' : 'MISSED';
}
