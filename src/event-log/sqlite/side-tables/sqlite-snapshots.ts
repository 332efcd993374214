import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Snapshots } from '../../snapshots.js';
import { Connection } from '../connection.js';
import { ConnectionPool } from '../connection-pool.js';

/** Losing a snapshot costs a longer read and nothing else, so nobody waits for the disk. */
const PREPARE = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  CREATE TABLE IF NOT EXISTS snapshots (
    stream TEXT PRIMARY KEY,
    log_id TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL
  ) WITHOUT ROWID`;

const LOAD = 'SELECT state FROM snapshots WHERE stream = ? AND log_id = ? AND version = ?';
const SAVE = 'INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)';

/** `version` names the service that folded: another one may fold otherwise, and folds anew. */
export async function openSqliteSnapshots(path: string, version: string): Promise<SqliteSnapshots> {
  await mkdir(dirname(path), { recursive: true });
  const connection = await Connection.open(path, 'write');
  await connection.exec(PREPARE);
  return new SqliteSnapshots(new ConnectionPool([connection]), version);
}

export class SqliteSnapshots implements Snapshots {
  constructor(
    private readonly connections: ConnectionPool,
    private readonly version: string,
  ) {}

  async load(stream: string, logId: string): Promise<unknown> {
    const [row] = await this.connections.use((connection) =>
      connection.all<{ state: string }>(LOAD, stream, logId, this.version),
    );
    return row ? (JSON.parse(row.state) as unknown) : null;
  }

  async save(stream: string, logId: string, snapshot: object): Promise<void> {
    await this.connections.use((connection) =>
      connection.all(SAVE, stream, logId, this.version, JSON.stringify(snapshot)),
    );
  }

  close(): Promise<void> {
    return this.connections.close();
  }
}
