import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Position } from '../../../kernel/event.js';
import type { Checkpoints } from '../../checkpoints.js';
import { CheckpointOfAnotherLog } from '../../checkpoints.js';
import { Connection } from '../connection.js';
import { ConnectionPool } from '../connection-pool.js';

/** `NORMAL` does not wait for the disk: after a power cut the last checkpoints are older, never newer, than the work. */
const PREPARE = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS checkpoints (
    name TEXT PRIMARY KEY,
    log_id TEXT NOT NULL,
    position INTEGER NOT NULL
  ) WITHOUT ROWID`;

const LOAD = 'SELECT log_id, position FROM checkpoints WHERE name = ?';
const SAVE = `
  INSERT INTO checkpoints VALUES (?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET position = excluded.position WHERE log_id = excluded.log_id
  RETURNING position`;

interface SavedRow {
  readonly log_id: string;
  readonly position: Position;
}

export async function openSqliteCheckpoints(path: string): Promise<SqliteCheckpoints> {
  await mkdir(dirname(path), { recursive: true });
  const connection = await Connection.open(path, 'write');
  await connection.exec(PREPARE);
  return new SqliteCheckpoints(new ConnectionPool([connection]));
}

export class SqliteCheckpoints implements Checkpoints {
  constructor(private readonly connections: ConnectionPool) {}

  async load(name: string, logId: string): Promise<Position> {
    const saved = await this.#saved(name);
    if (saved && saved.log_id !== logId) throw new CheckpointOfAnotherLog(name, saved.log_id, logId);
    return saved?.position ?? 0;
  }

  async save(name: string, logId: string, position: Position): Promise<void> {
    const written = await this.connections.use((connection) => connection.all(SAVE, name, logId, position));
    if (written.length > 0) return;
    throw new CheckpointOfAnotherLog(name, (await this.#saved(name))?.log_id ?? 'unknown', logId);
  }

  async close(): Promise<void> {
    await this.connections.close();
  }

  async #saved(name: string): Promise<SavedRow | undefined> {
    const [row] = await this.connections.use((connection) => connection.all<SavedRow>(LOAD, name));
    return row;
  }
}
