import { join } from 'node:path';
import { Board } from '../../../dist/queue/board.js';
import { Node, eventsOf, openLog } from './world.mjs';

const JOBS = 2_000;
const CLAIMERS = 4;
const ROUNDS = 5;
const AIM = 3_000;

export async function printThroughput(print, folder) {
  print(`Claims per second, each on the disk before its answer, ${CLAIMERS} concurrent claimers`);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure(join(folder, `${round}.db`), oneBoard));
  const asWorker = rounds.sort((one, other) => one.rate - other.rate)[Math.floor(ROUNDS / 2)];
  const verdict = asWorker.rate >= AIM ? 'reached' : 'MISSED';
  print(`${describe('one board, as the worker claims', asWorker)} (median of ${ROUNDS}, aim ${AIM}/s: ${verdict})`);
  print(describe('a board each, racing for every job', await measure(join(folder, 'own-boards.db'), ownBoards)));
}

async function measure(path, claimersOf) {
  const log = await openLog(path);
  const node = new Node(log);
  const jobs = Array.from({ length: JOBS }, (_, index) => index + 1);
  for (let first = 0; first < JOBS; first += 200)
    await Promise.all(jobs.slice(first, first + 200).map((id) => node.queue(id)));
  const claimers = claimersOf(await eventsOf(log, 'JobQueued'), { log, node });
  const start = performance.now();
  const refused = await Promise.all(claimers.map(({ board, by }, index) => claimAll(board, by, `host-${index}`)));
  const seconds = (performance.now() - start) / 1000;
  const claims = await eventsOf(log, 'JobClaimed');
  await log.close();
  return { rate: JOBS / seconds, claims, lost: refused.reduce((sum, one) => sum + one, 0) };
}

function oneBoard(queued, { node }) {
  const board = boardOf(queued);
  return Array.from({ length: CLAIMERS }, () => ({ board, by: node }));
}

/** As several services on one log: nobody knows of the others but from the log. */
function ownBoards(queued, { log }) {
  return Array.from({ length: CLAIMERS }, () => ({ board: boardOf(queued), by: new Node(log) }));
}

function boardOf(queued) {
  const board = new Board();
  for (const event of queued) board.apply(event);
  return board;
}

/** Answers how often somebody was first. */
async function claimAll(board, by, host) {
  let lost = 0;
  for (let job = board.take(Date.now()); job; job = board.take(Date.now())) {
    const answer = await by.claim(job.id, host);
    if (answer.events) for (const event of answer.events) board.apply(event);
    else {
      lost += 1;
      board.setAside(job);
    }
  }
  return lost;
}

function describe(name, { rate, claims, lost }) {
  const doubles = claims.length - new Set(claims.map(({ stream }) => stream)).size;
  const exact = claims.length === JOBS && doubles === 0 ? 'each job once' : `${doubles} DOUBLE of ${claims.length}`;
  return `  ${name.padEnd(36)} ${rate.toFixed(0).padStart(6)} claims/s, ${exact}, ${lost} came second`;
}
