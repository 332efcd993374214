import { assert } from '../../kernel/assert.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Connection } from './connection.js';
import { foldPage, touchedKeys, type Changes } from './fold.js';
import type { AnyReadModel, Key } from './read-model.js';

const CACHED_ROWS_MAX = 5_000;

type Row = Record<string, unknown>;

/** One read model's rows in the file: loads what a page touches, writes what it changed, one statement each. */
export class Table {
  private readonly listensTo: ReadonlySet<string>;
  private cache = new Map<Key, Row | undefined>();

  private readonly statements: Statements;

  private constructor(
    readonly model: AnyReadModel,
    private readonly connection: Connection,
    private readonly columns: readonly string[],
  ) {
    this.listensTo = new Set(model.listensTo);
    this.statements = statementsFor(model, columns);
  }

  static async of(model: AnyReadModel, connection: Connection): Promise<Table> {
    const columns = await connection.all<{ name: string }>('SELECT name FROM pragma_table_info(?)', [model.table]);
    assert(columns.length > 0, `read model ${model.table} has a table in the migrations`);
    const names = columns.map((column) => column.name);
    return new Table(model, connection, names);
  }

  async fold(events: readonly RecordedEvent[]): Promise<Changes<Row>> {
    const relevant = events.filter((event) => this.listensTo.has(event.type));
    if (relevant.length === 0) return new Map();
    return foldPage(this.model, relevant, await this.load(touchedKeys(this.model, relevant)));
  }

  async write(changes: Changes<Row>): Promise<void> {
    const kept = [...changes.values()].filter((row) => row !== undefined);
    const gone = [...changes].filter(([, row]) => row === undefined).map(([key]) => key);
    if (kept.length > 0)
      await this.connection.all(this.statements.upsert, [JSON.stringify(kept.map((row) => this.cells(row)))]);
    if (gone.length > 0) await this.connection.all(this.statements.remove, [JSON.stringify(gone)]);
  }

  /** Only after the commit: a row that was rolled back must not be remembered. */
  remember(changes: Changes<Row>): void {
    if (this.cache.size + changes.size > CACHED_ROWS_MAX) this.forget();
    for (const [key, row] of changes) this.cache.set(key, row);
  }

  forget(): void {
    this.cache = new Map();
  }

  /** A list and not an object, because SQLite finds the fifth cell faster than the one called `stage`. */
  private cells(row: Row): readonly unknown[] {
    return this.columns.map((column) => row[column]);
  }

  private async load(keys: ReadonlySet<Key>): Promise<Map<Key, Row>> {
    const rows = new Map<Key, Row>();
    const missing: Key[] = [];
    for (const key of keys) {
      const cached = this.cache.get(key);
      if (cached) rows.set(key, cached);
      else if (!this.cache.has(key)) missing.push(key);
    }
    if (missing.length === 0) return rows;
    for (const row of await this.connection.all<Row>(this.statements.load, [JSON.stringify(missing)])) {
      rows.set(row[this.model.key] as Key, row);
    }
    return rows;
  }
}

interface Statements {
  readonly load: string;
  readonly upsert: string;
  readonly remove: string;
}

function statementsFor({ table, key }: AnyReadModel, columns: readonly string[]): Statements {
  const values = columns.map((_, index) => `value ->> ${index}`).join(', ');
  const others = columns.filter((column) => column !== key).map((column) => `${column} = excluded.${column}`);
  return {
    load: `SELECT ${columns.join(', ')} FROM ${table} WHERE ${key} IN (SELECT value FROM json_each(?))`,
    // Without WHERE the parser would read ON CONFLICT as the constraint of a join.
    upsert: `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values} FROM json_each(?) WHERE true
      ON CONFLICT (${key}) DO UPDATE SET ${others.join(', ')}`,
    remove: `DELETE FROM ${table} WHERE ${key} IN (SELECT value FROM json_each(?))`,
  };
}
