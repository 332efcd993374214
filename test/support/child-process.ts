import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const TYPESCRIPT = new URL('./typescript.mjs', import.meta.url).href;

/** A real Node process that runs a TypeScript source of the tests and speaks over Node's message channel. */
export function forkSource(source: URL, ...args: readonly string[]): ChildProcess {
  return fork(fileURLToPath(source), args, { execArgv: ['--import', TYPESCRIPT] });
}

/** Ends it at once, as a power cut would, and waits until it is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
