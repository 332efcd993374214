import type { NewEvent, RecordedEvent } from '../../../src/kernel/event.js';
import { inTransaction, type Connection } from '../../../src/event-log/sqlite/connection.js';
import { Draft } from '../../../src/event-log/sqlite/draft.js';
import { GENESIS_HASH, type ChainHead } from '../../../src/event-log/sqlite/hash-chain.js';
import { openWriter } from '../../../src/event-log/sqlite/log-file.js';
import { streamQuery } from '../../../src/event-log/sqlite/queries.js';
import {
  encodeAppend,
  INSERT_MANY,
  recordedEvent,
  type EventRow,
  type InsertedRow,
} from '../../../src/event-log/sqlite/rows.js';
import type { Sink } from './simulated-log.js';

const ROWS_A_TRANSACTION = 4_000;
const EVENT_BYTES_MAX = 1024 * 1024;

/** A real log file, chained and indexed, written in large transactions while the next events are being decided. */
export class LogFile implements Sink {
  #head: ChainHead = { position: 0, hash: GENESIS_HASH };
  #rows: InsertedRow[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(private readonly connection: Connection) {}

  static async create(path: string): Promise<LogFile> {
    const connection = await openWriter(path);
    await connection.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -262144');
    return new LogFile(connection);
  }

  async write({ stream, revision, recordedAt, id, type, data, metadata }: RecordedEvent): Promise<void> {
    const event: NewEvent = { id, type, data, metadata };
    const expected = revision === 0 ? 'no-stream' : revision - 1;
    const draft = new Draft(this.#head, recordedAt);
    draft.take(encodeAppend({ writes: [{ stream, expected, events: [event] }], checks: [] }, EVENT_BYTES_MAX));
    this.#rows.push(...draft.rows);
    this.#head = draft.head;
    if (this.#rows.length >= ROWS_A_TRANSACTION) await this.#flush();
  }

  async readStream(stream: string, after: number, limit: number): Promise<readonly RecordedEvent[]> {
    await this.#flush();
    await this.#writing;
    const { sql, values } = streamQuery(stream, { after, limit });
    return (await this.connection.all<EventRow>(sql, ...values)).map((row) => recordedEvent(row, this.connection.path));
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#writing;
    await this.connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    await this.connection.close();
  }

  /** Waits for the rows before these, so that never more than two lots are in memory. */
  async #flush(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    await this.#writing;
    this.#writing = this.#insert(rows);
  }

  async #insert(rows: readonly InsertedRow[]): Promise<void> {
    if (rows.length === 0) return;
    await inTransaction(this.connection, () => this.connection.all(INSERT_MANY, JSON.stringify(rows)));
  }
}
