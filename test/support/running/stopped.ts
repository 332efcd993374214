import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '../../../src/projections/engine/connection.js';

/** A process that is stopped in the middle of a commit keeps the lock of the file, and nobody else can write before it goes on. */
export async function stopBetweenCommits(process: ChildProcess, files: readonly string[]): Promise<void> {
  for (;;) {
    process.kill('SIGSTOP');
    const writable = await Promise.all(files.map(canBeWritten));
    if (!writable.includes(false)) return;
    process.kill('SIGCONT');
    await pause(5);
  }
}

async function canBeWritten(path: string): Promise<boolean> {
  const connection = await Connection.open(path, 'write');
  try {
    await connection.exec('PRAGMA busy_timeout = 250; BEGIN IMMEDIATE; ROLLBACK');
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
