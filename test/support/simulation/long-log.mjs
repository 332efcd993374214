import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = new URL('../../../', import.meta.url);
const FOLDER = new URL('.tmp/logs/', ROOT);
const SIMULATION = new URL('test/support/simulation/', ROOT);

/**
 * The path of a log that the simulation made: once, and kept in `.tmp/logs` as long as neither the simulation nor the
 * deciders change. Whoever would write to it takes a copy.
 */
export async function longLog(events, print = () => undefined) {
  const name = `simulated-${events}-${await fingerprint()}.db`;
  const path = fileURLToPath(new URL(name, FOLDER));
  if (await exists(path)) return path;
  await mkdir(FOLDER, { recursive: true });
  const started = performance.now();
  const unfinished = `${path}.${process.pid}`;
  const loader = new URL('test/support/typescript.mjs', ROOT).href;
  const main = fileURLToPath(new URL('main.ts', SIMULATION));
  await promisify(execFile)(process.execPath, ['--import', loader, main, unfinished, String(events)]);
  await rename(unfinished, path);
  print(`  (a log of ${events} events was simulated in ${((performance.now() - started) / 1_000).toFixed(0)} s)`);
  return path;
}

async function fingerprint() {
  const hash = createHash('sha256');
  for (const folder of ['test/support/simulation/', 'src/domain/', 'src/sagas/']) {
    const files = await readdir(new URL(folder, ROOT), { recursive: true });
    for (const file of files.filter((name) => name.endsWith('.ts')).sort())
      hash.update(await readFile(new URL(folder + file, ROOT)));
  }
  return hash.digest('hex').slice(0, 12);
}

function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
