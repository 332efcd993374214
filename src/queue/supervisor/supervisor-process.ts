import { resolve } from 'node:path';
import { assert } from '../../kernel/assert.js';
import { identify } from './process-identity.js';
import { RunDirectory } from './run-directory.js';
import { SupervisedRun } from './supervised-run.js';

/**
 * The program that the orchestrator starts once per run: `node supervisor-process.js <run directory>`. Of several for one
 * run the first goes on and the others leave without a word.
 */
async function supervise(path: string): Promise<void> {
  const directory = new RunDirectory(path);
  const spec = await directory.spec();
  assert(spec !== null, `${path} holds the spec.json of a run`);
  const supervisor = identify(process.pid);
  assert(supervisor !== null, 'a process finds itself in /proc');
  const record = { runId: spec.runId, fence: spec.fence, supervisor, process: null };
  const isOurs = await directory.claim(record);
  await directory.forgetEnvironment();
  if (!isOurs) return;
  const run = new SupervisedRun(directory, spec, record);
  process.on('SIGTERM', () => run.stop());
  await run.untilEnded();
}

// A terminal that closes or an interrupt at it is meant for the orchestrator, not for the runs.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
const [, , path] = process.argv;
assert(path !== undefined, 'the run directory is the only argument');
await supervise(resolve(path));
process.exit(0);
