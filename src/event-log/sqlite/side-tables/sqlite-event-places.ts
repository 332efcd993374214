import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Position, RecordedEvent } from '../../../kernel/event.js';
import type { EventPlace, EventPlaces } from '../../beside/event-places.js';
import { Connection, inTransaction } from '../connection.js';
import { ConnectionPool } from '../connection-pool.js';

/** Losing places costs a walk over the log and nothing else, so nobody waits for the disk. */
const PREPARE = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  CREATE TABLE IF NOT EXISTS places (
    log_id TEXT NOT NULL,
    id TEXT NOT NULL,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (log_id, id)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS known (log_id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID`;

const FIND = 'SELECT stream, revision FROM places WHERE log_id = ? AND id = ?';
const UNTIL = 'SELECT until FROM known WHERE log_id = ?';
const ADD = `INSERT OR REPLACE INTO places SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)`;
const MOVE = 'INSERT OR REPLACE INTO known VALUES (?, ?)';

export async function openSqliteEventPlaces(path: string): Promise<SqliteEventPlaces> {
  await mkdir(dirname(path), { recursive: true });
  const connection = await Connection.open(path, 'write');
  await connection.exec(PREPARE);
  return new SqliteEventPlaces(new ConnectionPool([connection]));
}

export class SqliteEventPlaces implements EventPlaces {
  constructor(private readonly connections: ConnectionPool) {}

  async find(id: string, logId: string): Promise<EventPlace | null> {
    const [place] = await this.connections.use((connection) => connection.all<EventPlace>(FIND, logId, id));
    return place ?? null;
  }

  async until(logId: string): Promise<Position> {
    const [known] = await this.connections.use((connection) => connection.all<{ until: Position }>(UNTIL, logId));
    return known?.until ?? 0;
  }

  async add(events: readonly RecordedEvent[], until: Position, logId: string): Promise<void> {
    const rows = events.map(({ id, stream, revision }) => [id, stream, revision]);
    await this.connections.use((connection) =>
      inTransaction(connection, async () => {
        if (rows.length > 0) await connection.all(ADD, logId, JSON.stringify(rows));
        await connection.all(MOVE, logId, until);
      }),
    );
  }

  close(): Promise<void> {
    return this.connections.close();
  }
}
