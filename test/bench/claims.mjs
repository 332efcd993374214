import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printDecisions } from './claims/decisions.mjs';
import { printStarts } from './claims/starts.mjs';
import { printThroughput } from './claims/throughput.mjs';

/** How fast jobs are claimed: the decision alone, with durable appends, and from being queued to being started. */
export async function run(print) {
  printDecisions(print);
  await inFolder((folder) => printThroughput(print, folder));
  await inFolder((folder) => printStarts(print, folder));
}

async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-bench-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
