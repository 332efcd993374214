import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Heartbeat, Heartbeats, HostSign } from '../../beside/heartbeats.js';
import { Connection } from '../connection.js';
import { ConnectionPool } from '../connection-pool.js';

/** Nobody waits for the disk: after a power cut nobody is alive. */
const PREPARE = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  CREATE TABLE IF NOT EXISTS heartbeat (one INTEGER PRIMARY KEY CHECK (one = 1), beat TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS host (name TEXT PRIMARY KEY, sign TEXT NOT NULL)`;

const BEAT = 'INSERT OR REPLACE INTO heartbeat VALUES (1, ?)';
const LAST = 'SELECT beat FROM heartbeat';
const APPEAR = 'INSERT OR REPLACE INTO host VALUES (?, ?)';
const HOSTS = 'SELECT sign FROM host';

/** In a file beside the log's, so that whoever shares the log shares the heartbeats. */
export async function openSqliteHeartbeats(logPath: string): Promise<SqliteHeartbeats> {
  await mkdir(dirname(logPath), { recursive: true });
  const connection = await Connection.open(`${logPath}-lead`, 'write');
  await connection.exec(PREPARE);
  return new SqliteHeartbeats(new ConnectionPool([connection]));
}

export class SqliteHeartbeats implements Heartbeats {
  constructor(private readonly connections: ConnectionPool) {}

  async beat(heartbeat: Heartbeat): Promise<void> {
    await this.connections.use((connection) => connection.all(BEAT, JSON.stringify(heartbeat)));
  }

  async last(): Promise<Heartbeat | null> {
    const [row] = await this.connections.use((connection) => connection.all<{ beat: string }>(LAST));
    return row ? (JSON.parse(row.beat) as Heartbeat) : null;
  }

  async appear(sign: HostSign): Promise<void> {
    await this.connections.use((connection) => connection.all(APPEAR, sign.name, JSON.stringify(sign)));
  }

  async hosts(): Promise<readonly HostSign[]> {
    const rows = await this.connections.use((connection) => connection.all<{ sign: string }>(HOSTS));
    return rows.map(({ sign }) => JSON.parse(sign) as HostSign);
  }

  close(): Promise<void> {
    return this.connections.close();
  }
}
