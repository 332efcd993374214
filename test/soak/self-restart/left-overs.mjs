import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const AHEAD = 150;

/**
 * What a log that is no more would have left: ended runs under the numbers that the next deploys get, each with an exit code that
 * is not the coming one.
 */
export async function plantLeftOvers(service, exitCode) {
  const head = (await service.events()).at(-1).position;
  const numbers = Array.from({ length: AHEAD }, (_, index) => head + 1 + index);
  await Promise.all(numbers.map((number) => plant(join(service.folder, 'data', 'runs', `deploy-${number}`), exitCode)));
}

async function plant(directory, exitCode) {
  if (existsSync(directory)) return;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const nobody = { pid: 1, startTicks: 1, bootId: 'another boot' };
  // Nothing but the name of the attempt tells it from ours: it has just ended, under the same number.
  const number = Number(directory.split('-').at(-1));
  const record = { runId: `deploy-${randomUUID()}`, fence: number, supervisor: nobody, process: nobody };
  const endedAt = new Date().toISOString();
  const manner = { signal: null, stoppedBecause: null, stopRequest: null, survivors: [] };
  const exit = { runId: record.runId, fence: number, exitCode, ...manner, startedAt: endedAt, endedAt };
  await writeFile(join(directory, 'exit.json'), JSON.stringify(exit));
  await writeFile(join(directory, 'proc.json'), JSON.stringify(record));
  const line = { check: 'S1', block: 'S', kind: 'REAL', ok: true, detail: 'deploy of another log' };
  await writeFile(join(directory, 'stdout.ndjson'), `${JSON.stringify(line)}\n`);
}
