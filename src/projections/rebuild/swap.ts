import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Connection } from '../engine/connection.js';

/** Somebody still reads the file that is to be replaced. */
export class ReadModelsInUse extends Error {
  constructor(path: string) {
    super(`The read models at ${path} are being read: end whoever reads them and run the command again`);
    this.name = 'ReadModelsInUse';
  }
}

/**
 * Puts a finished file in the place of the live one. The live one is first made whole without its write-ahead log, because a
 * log that is left behind would be taken for that of the new file; so after a kill at any moment one of the two stands there, whole.
 */
export async function swap(built: string, live: string): Promise<void> {
  await makeWhole(built);
  await durable(built);
  await makeWhole(live).catch((error: unknown) => passOverRubbish(error));
  for (const suffix of ['-wal', '-shm', '-journal']) await rm(`${live}${suffix}`, { force: true });
  await rename(built, live);
  await durable(dirname(live));
}

async function makeWhole(path: string): Promise<void> {
  const connection = await Connection.open(path, 'write');
  try {
    const [checkpoint] = await connection.all<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
    if (checkpoint?.busy === 1) throw new ReadModelsInUse(path);
    await connection.all('PRAGMA journal_mode = DELETE').catch((cause: unknown) => refuseBusy(cause, path));
  } finally {
    await connection.close();
  }
}

function refuseBusy(cause: unknown, path: string): never {
  if ((cause as { code?: string }).code === 'SQLITE_BUSY') throw new ReadModelsInUse(path);
  throw cause;
}

/** What is no database is not worth keeping whole. */
function passOverRubbish(error: unknown): void {
  const { code } = error as { code?: string };
  if (code !== 'SQLITE_NOTADB' && code !== 'SQLITE_CORRUPT') throw error;
}

async function durable(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
