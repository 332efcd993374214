import type { Position } from '../../kernel/event.js';
import type { Connection } from '../engine/connection.js';
import { COUNTED, OPEN_ROWS } from './open-rows.js';

/** Whatever can be asked for rows. */
type Tables = Pick<Connection, 'all'>;

type Row = Readonly<Record<string, unknown>>;

interface SettledRows {
  readonly of: string;
  readonly kind: string;
  readonly rows: number;
}

/** What was under way after a position, row by row, and how many settled rows there were besides. */
export interface Moment {
  readonly position: Position;
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  readonly settled: readonly SettledRows[];
}

/** Reads it from the tables as they are. */
export async function takeMoment(connection: Tables, tables: readonly string[], position: Position): Promise<Moment> {
  const kept: Record<string, readonly Row[]> = {};
  for (const table of tables)
    kept[table] = await connection.all<Row>(`SELECT * FROM ${table} WHERE ${OPEN_ROWS[table] ?? 'true'}`);
  return { position, tables: kept, settled: await settledRows(connection, tables) };
}

/** With those that the file itself was made without. All but the open ones: an index counts all of them at once. */
async function settledRows(connection: Tables, tables: readonly string[]): Promise<readonly SettledRows[]> {
  const counts = Object.entries(COUNTED)
    .filter(([table]) => tables.includes(table))
    .flatMap(([table, column]) => {
      const by = `SELECT '${table}' AS of, ${column} AS kind`;
      return [
        `${by}, count(*) AS rows FROM ${table} GROUP BY ${column}`,
        `${by}, -count(*) AS rows FROM ${table} WHERE ${OPEN_ROWS[table] ?? 'true'} GROUP BY ${column}`,
      ];
    });
  const all = ['SELECT of, kind, rows FROM settled_rows', ...counts].join(' UNION ALL ');
  return connection.all<SettledRows>(
    `SELECT of, kind, sum(rows) AS rows FROM (${all}) GROUP BY of, kind HAVING sum(rows) > 0`,
  );
}
