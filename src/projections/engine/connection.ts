import sqlite3 from 'sqlite3';

type Parameter = string | number | null;

/**
 * One SQLite connection with promises. Everything goes through `all`: a statement that returns rows and is read with
 * `get` stays open and lets the next COMMIT fail. Never bind a BigInt: the driver stores NULL for it.
 */
export class Connection {
  private constructor(private readonly database: sqlite3.Database) {}

  static open(path: string, mode: 'read' | 'write'): Promise<Connection> {
    const flags = mode === 'write' ? sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE : sqlite3.OPEN_READONLY;
    return new Promise((resolve, reject) => {
      const database = new sqlite3.Database(path, flags, (error) => {
        if (error) return reject(error);
        database.configure('busyTimeout', 5_000);
        resolve(new Connection(database));
      });
    });
  }

  all<Row extends object>(sql: string, parameters: readonly Parameter[] = []): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.database.all<Row>(sql, parameters, (error, rows) => (error ? reject(error) : resolve(rows)));
    });
  }

  /** Several statements at once, without parameters. */
  exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.database.exec(sql, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.database.close((error) => (error ? reject(error) : resolve()));
    });
  }
}
