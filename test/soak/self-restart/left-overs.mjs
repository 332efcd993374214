import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const AHEAD = 150;
const LEFT_OVER = 'deploy-of-another-log';

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
  const nobody = { pid: 1, startTicks: 1, bootId: 'a boot of long ago' };
  const record = { runId: LEFT_OVER, fence: 1, supervisor: nobody, process: nobody };
  const endedAt = '2026-01-01T00:00:00.000Z';
  const manner = { signal: null, stoppedBecause: null, stopRequest: null, survivors: [] };
  const exit = { runId: record.runId, fence: 1, exitCode, ...manner, startedAt: endedAt, endedAt };
  await writeFile(join(directory, 'exit.json'), JSON.stringify(exit));
  await writeFile(join(directory, 'proc.json'), JSON.stringify(record));
  const line = { check: 'S1', block: 'S', kind: 'REAL', ok: true, detail: 'deploy of another log' };
  await writeFile(join(directory, 'stdout.ndjson'), `${JSON.stringify(line)}\n`);
}
