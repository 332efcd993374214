import sqlite3 from 'sqlite3';

const COLUMNS = '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';

/** The same table and the same indexes as the event log, without triggers, head and chain. */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, stream TEXT NOT NULL, revision INTEGER NOT NULL,
    type TEXT NOT NULL, schema_version INTEGER NOT NULL, data TEXT NOT NULL, metadata TEXT NOT NULL,
    correlation_id TEXT NOT NULL, recorded_at TEXT NOT NULL, hash BLOB NOT NULL, UNIQUE (stream, revision));
  CREATE INDEX events_by_type ON events (type);
  CREATE INDEX events_by_correlation ON events (correlation_id)`;

const HASH = Buffer.alloc(32, 7);

/** What the bare package does with the same events: one statement, committed by itself, for any number of rows. */
export class RawSqlite {
  #database;
  #position = 0;
  #statements = new Map();

  constructor(database) {
    this.#database = database;
  }

  /** With the package's own settings, or with further ones. */
  static async open(path, settings = '') {
    const database = await settled((done) => {
      const opened = new sqlite3.Database(path, (error) => done(error, opened));
    });
    await settled((done) => database.exec(`${SCHEMA}; ${settings}`, done));
    return new RawSqlite(database);
  }

  rowsOf(writes) {
    const at = new Date().toISOString();
    return writes.flatMap(({ stream, first, events }) =>
      events.flatMap(({ id, type, data, metadata }, index) => [
        (this.#position += 1),
        id,
        stream,
        first + index,
        type,
        metadata.schemaVersion,
        JSON.stringify(data),
        JSON.stringify(metadata),
        metadata.$correlationId,
        at,
        HASH,
      ]),
    );
  }

  insert(values) {
    const count = values.length / 11;
    if (!this.#statements.has(count)) {
      const sql = `INSERT INTO events VALUES ${Array(count).fill(COLUMNS).join(', ')}`;
      this.#statements.set(count, this.#database.prepare(sql));
    }
    return settled((done) => this.#statements.get(count).run(values, done));
  }

  async close() {
    for (const statement of this.#statements.values()) await settled((done) => statement.finalize(done));
    await settled((done) => this.#database.close(done));
  }
}

function settled(start) {
  return new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));
}
