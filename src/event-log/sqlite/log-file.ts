import { access, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LogFormatUnsupported, LogUnavailable } from '../errors.js';
import { readWholeFrom } from './bundle/excerpt.js';
import type { ConnectionMode } from './connection.js';
import { Connection, inTransaction } from './connection.js';

const FORMAT_VERSION = 1;
const DURABLE_ATTEMPTS_MAX = 50;

/** The same relative place from `src/` and from `dist/`. */
const MIGRATION = new URL('../../../migrations/0001-event-log.sql', import.meta.url);

/**
 * Every commit reaches the disk. Event ids are random, so that neighbouring commits touch the same pages of their index:
 * a checkpoint every 16 MB instead of every 4 MB writes such a page once instead of several times.
 */
const DURABLE = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000';

/** A connection that writes to the log of this path; makes folder, file and tables where they are missing. */
export async function openWriter(path: string): Promise<Connection> {
  await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
    throw new LogUnavailable(`The folder of ${path} cannot be made: check who may write there`, { cause });
  });
  return openWith(path, 'write', async (connection) => {
    await inTransaction(connection, async () => {
      if (await isEmpty(connection)) await connection.exec(await readFile(MIGRATION, 'utf8'));
    });
    await readLogId(connection);
    if ((await readWholeFrom(connection)) !== null)
      throw new LogUnavailable(`${path} is an excerpt of a log: it is read, and never continued`);
    await makeDurable(connection);
  });
}

/** SQLite never waits for a change of the journal mode: while others open the same file it fails at once, and is asked again. */
async function makeDurable(connection: Connection): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connection.exec(DURABLE);
    } catch (error) {
      if (!isBusy(error) || attempt === DURABLE_ATTEMPTS_MAX) throw error;
      await delay(attempt * 10);
    }
  }
}

function isBusy(error: unknown): boolean {
  return ((error as Error).cause as { code?: string } | undefined)?.code === 'SQLITE_BUSY';
}

/** A connection that only reads; of a copy on a medium where nothing can be written, too. */
export async function openReader(path: string): Promise<Connection> {
  await access(path).catch((cause: unknown) => {
    throw new LogUnavailable(`There is no event log at ${path}`, { cause });
  });
  try {
    return await openWith(path, 'read', readLogId);
  } catch (error) {
    if (!(error instanceof LogUnavailable) || !(await isFrozen(path))) throw error;
    return openWith(path, 'frozen', readLogId);
  }
}

/** Names the log of this connection, and refuses what is not a log of the format that this version knows. */
export async function readLogId(connection: Connection): Promise<string> {
  const [head] = await connection.all<HeadRow>('SELECT log_id, format_version FROM head').catch(noTable);
  if (!head) throw new LogUnavailable(`${connection.path} is not an event log`);
  const { log_id: logId, format_version: found } = head;
  if (found !== FORMAT_VERSION) throw new LogFormatUnsupported(connection.path, found, FORMAT_VERSION);
  return logId;
}

interface HeadRow {
  readonly log_id: string;
  readonly format_version: number;
}

function noTable(error: unknown): readonly HeadRow[] {
  if (error instanceof LogUnavailable) throw error;
  return [];
}

async function openWith(
  path: string,
  mode: ConnectionMode,
  prepare: (connection: Connection) => Promise<unknown>,
): Promise<Connection> {
  const connection = await Connection.open(path, mode);
  try {
    await prepare(connection);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function isEmpty(connection: Connection): Promise<boolean> {
  return (await connection.all('SELECT 1 FROM sqlite_schema LIMIT 1')).length === 0;
}

/** Without a write-ahead log beside it everything is in the file itself. */
async function isFrozen(path: string): Promise<boolean> {
  return access(`${path}-wal`).then(
    () => false,
    () => true,
  );
}
