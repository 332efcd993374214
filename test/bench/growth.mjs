import { constants, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventLog } from '../../dist/event-log/sqlite/sqlite-event-log.js';
import { ReceiveDelivery } from '../../dist/domain/inbox/commands.js';
import { longLog } from '../support/simulation/long-log.mjs';
import { Node, context } from './claims/world.mjs';
import { StreamWriter, median } from './events.mjs';

const LENGTHS = [10_000, Number(process.env.BENCH_PAST_EVENTS ?? 1_000_000)];
const ROUNDS = 30;
const WARM_UP_ROUNDS = 3;
const PER_SLICE = 50;
const AIM = 0.8;

/** The same work at the end of a short log and of a long one, in turn, so that whatever else the machine does meets both. */
export async function run(print) {
  print(`What the age of the log costs: the same work at the end of ${LENGTHS.join(' and of ')} events, on the disk`);
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
  const logs = [];
  try {
    for (const length of LENGTHS) logs.push(await copyOf(await longLog(length, print), join(folder, `${length}.db`)));
    for (const [name, sideOf] of Object.entries(WORK)) print(describe(name, await compare(logs.map(sideOf))));
  } finally {
    for (const log of logs) await log.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyOf(path, copy) {
  await copyFile(path, copy, constants.COPYFILE_FICLONE);
  return openSqliteEventLog({ path: copy, clock: { now: () => Date.now() } });
}

/** Each makes the work of one slice: `PER_SLICE` events or more, every one on the disk before the next. */
const WORK = {
  'single appends': (log) => {
    const streams = new StreamWriter(PER_SLICE);
    return () => times(() => appendNext(log, streams));
  },
  'deliveries taken in': (log) => {
    const node = new Node(log);
    return () => times((number) => node.execute(delivery(number)));
  },
  'jobs queued and claimed': (log) => {
    const node = new Node(log);
    return () => times((number) => queueAndClaim(node, number));
  },
};

let made = 0;

async function times(act) {
  const start = performance.now();
  for (let round = 0; round < PER_SLICE; round += 1) {
    made += 1;
    await act(made);
  }
  return (PER_SLICE * 1_000) / (performance.now() - start);
}

function appendNext(log, streams) {
  const { stream, expected, events } = streams.next(1);
  return log.append([{ stream: `bench-${stream}`, expected, events }]);
}

function delivery(number) {
  const says = { kind: 'status', repo: 'shop', sha: 'c0ffee' };
  const data = {
    source: 'gitea',
    deliveryId: `bench-${number}`,
    digest: 'd'.repeat(64),
    event: 'push',
    says,
    body: {},
  };
  return new ReceiveDelivery(`inbox-gitea-bench-${number}`, data, context());
}

/** Numbers that no simulated job has. */
async function queueAndClaim(node, number) {
  const jobId = 1_000_000_000 + number;
  await node.queue(jobId);
  const answer = await node.claim(jobId, 'bench');
  if (!answer.events?.length) throw new Error(`Job ${jobId} was not claimed`);
}

/** The median over the rounds of the rate on the long log by that on the short one. */
async function compare(sides) {
  const rates = sides.map(() => []);
  for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round += 1) {
    for (let turn = 0; turn < sides.length; turn += 1) {
      const index = (round + turn) % sides.length;
      const rate = await sides[index]();
      if (round >= WARM_UP_ROUNDS) rates[index].push(rate);
    }
  }
  const [short, long] = rates;
  return { short: median(short), long: median(long), ratio: median(long.map((rate, round) => rate / short[round])) };
}

function describe(name, { short, long, ratio }) {
  const figures = `${short.toFixed(0).padStart(6)} and ${long.toFixed(0).padStart(6)} per second`;
  const verdict = `ratio ${ratio.toFixed(2)} (aim ${AIM.toFixed(2)}: ${ratio >= AIM ? 'reached' : 'MISSED'})`;
  return `  ${name.padEnd(26)} ${figures}, ${verdict}`;
}
