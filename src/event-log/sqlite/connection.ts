import sqlite3 from 'sqlite3';
import { LogUnavailable } from '../errors.js';

/** Never a `bigint`: the driver stores it as NULL without a word. */
export type SqlValue = string | number | Buffer | null;

/** `frozen` is a file that nobody writes, on a medium where not even the lock file can be made. */
export type ConnectionMode = 'write' | 'read' | 'frozen';

const BUSY_TIMEOUT_MS = 10_000;

const SENTENCES: Readonly<Record<string, string>> = {
  SQLITE_BUSY: `has been locked by another process for ${BUSY_TIMEOUT_MS / 1_000} s`,
  SQLITE_CANTOPEN: 'cannot be opened: check that it exists and that this user may read and write it and its folder',
  SQLITE_CORRUPT: 'is damaged: restore it from a backup',
  SQLITE_FULL: 'cannot grow, because the disk is full: free some space',
  SQLITE_IOERR: 'cannot be read or written: check the disk',
  SQLITE_NOTADB: 'is not a SQLite file',
  SQLITE_READONLY: 'cannot be written: check the permissions of the file and its folder',
};

/**
 * One connection, which is one transaction at most: two tasks on it at once would write into each other's. Whoever
 * holds it awaits each statement before the next.
 */
export class Connection {
  readonly #statements = new Map<string, Promise<sqlite3.Statement>>();
  readonly #ready = new Map<string, sqlite3.Statement>();

  private constructor(
    readonly path: string,
    private readonly database: sqlite3.Database,
  ) {
    database.configure('busyTimeout', BUSY_TIMEOUT_MS);
  }

  static open(path: string, mode: ConnectionMode): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const database: sqlite3.Database = new sqlite3.Database(nameOf(path, mode), flagsOf(mode), (error) => {
        if (error) reject(asUnavailable(error, path));
        else resolve(new Connection(path, database));
      });
    });
  }

  /** `all` also for what returns nothing: `get` would leave a statement open, and the next commit would fail. */
  all<Row>(sql: string, ...values: readonly SqlValue[]): Promise<readonly Row[]> {
    const ready = this.#ready.get(sql);
    if (ready) return this.#rowsOf<Row>(ready, values);
    return this.#prepared(sql).then((statement) => this.#rowsOf<Row>(statement, values));
  }

  exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.database.exec(sql, (error) => (error ? reject(asUnavailable(error, this.path)) : resolve()));
    });
  }

  async close(): Promise<void> {
    for (const statement of await Promise.allSettled(this.#statements.values())) {
      if (statement.status === 'fulfilled')
        await new Promise<void>((resolve) => statement.value.finalize(() => resolve()));
    }
    await new Promise<void>((resolve, reject) => {
      this.database.close((error) => (error ? reject(asUnavailable(error, this.path)) : resolve()));
    });
  }

  #rowsOf<Row>(statement: sqlite3.Statement, values: readonly SqlValue[]): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      statement.all<Row>(values, (error, rows) => (error ? reject(asUnavailable(error, this.path)) : resolve(rows)));
    });
  }

  #prepared(sql: string): Promise<sqlite3.Statement> {
    const known = this.#statements.get(sql);
    if (known) return known;
    const preparing = this.#prepare(sql);
    this.#statements.set(sql, preparing);
    preparing.then(
      (statement) => this.#ready.set(sql, statement),
      () => this.#statements.delete(sql),
    );
    return preparing;
  }

  #prepare(sql: string): Promise<sqlite3.Statement> {
    return new Promise((resolve, reject) => {
      const statement: sqlite3.Statement = this.database.prepare(sql, (error: Error | null) => {
        if (error) reject(asUnavailable(error, this.path));
        else resolve(statement);
      });
    });
  }
}

/** Whether a statement was refused by a constraint or a trigger of the schema. */
export function isConstraint(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_CONSTRAINT';
}

/** Runs the work in one transaction that holds the write lock from its beginning. */
export async function inTransaction<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  await connection.all('BEGIN IMMEDIATE');
  try {
    const result = await work();
    await connection.all('COMMIT');
    return result;
  } catch (error) {
    // A full disk, for one, rolls back by itself; then there is nothing left to roll back.
    await connection.all('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function nameOf(path: string, mode: ConnectionMode): string {
  return mode === 'frozen' ? `file:${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}?immutable=1` : path;
}

function flagsOf(mode: ConnectionMode): number {
  if (mode === 'write') return sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE;
  return mode === 'read' ? sqlite3.OPEN_READONLY : sqlite3.OPEN_READONLY | sqlite3.OPEN_URI;
}

/** What no caller can do anything about becomes one sentence; a refused constraint stays what it is. */
function asUnavailable(error: Error, path: string): Error {
  const sentence = SENTENCES[codeOf(error)];
  return sentence ? new LogUnavailable(`${path} ${sentence}`, { cause: error }) : error;
}

function codeOf(error: unknown): string {
  return (error as { code?: unknown }).code?.toString() ?? '';
}
