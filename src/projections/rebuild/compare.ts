import { Connection } from '../engine/connection.js';
import type { Position } from '../../kernel/event.js';
import type { AnyReadModel, Key } from '../engine/read-model.js';
import { readSchema } from '../engine/schema.js';

/** What is in a cell, in both files. */
export interface ColumnDifference {
  readonly column: string;
  readonly live: unknown;
  readonly rebuilt: unknown;
}

export interface RowDifference {
  readonly table: string;
  readonly key: Key;
  readonly kind: 'missing' | 'extra' | 'changed';
  /** Of a changed row, what differs. */
  readonly columns: readonly ColumnDifference[];
}

export interface TableComparison {
  readonly table: string;
  readonly rows: number;
  readonly differing: number;
  /** The first of them. */
  readonly differences: readonly RowDifference[];
}

/** What the live file says of itself. */
export interface LiveCheckpoint {
  readonly logId: string;
  readonly position: Position;
  /** Whether it was folded into these tables by these rules. */
  readonly sameRules: boolean;
}

const DIFFERENCES_MAX = 100;

/** Both files, read in one transaction each, so that what is compared is of one moment even while a service writes. */
export class Comparing {
  private constructor(
    private readonly connection: Connection,
    private readonly models: readonly AnyReadModel[],
  ) {}

  static async open(
    files: { readonly live: string; readonly rebuilt: string },
    models: readonly AnyReadModel[],
  ): Promise<Comparing> {
    const connection = await Connection.open(files.live, 'read');
    try {
      await connection.all('ATTACH DATABASE ? AS rebuilt', [files.rebuilt]);
      await connection.exec('BEGIN');
      return new Comparing(connection, models);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async positions(): Promise<{ readonly live: Position; readonly rebuilt: Position }> {
    const [row] = await this.connection.all<{ live: number; rebuilt: number }>(
      'SELECT (SELECT position FROM main.checkpoint) AS live, (SELECT position FROM rebuilt.checkpoint) AS rebuilt',
    );
    return row ?? { live: 0, rebuilt: 0 };
  }

  async tables(): Promise<readonly TableComparison[]> {
    const comparisons: TableComparison[] = [];
    for (const model of this.models) comparisons.push(await this.table(model));
    return comparisons;
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private async table({ table, key }: AnyReadModel): Promise<TableComparison> {
    const rowsOnlyIn = (one: string, other: string): string =>
      `SELECT "${key}" AS key FROM (SELECT * FROM ${one}.${table} EXCEPT SELECT * FROM ${other}.${table})`;
    const differing = `${rowsOnlyIn('main', 'rebuilt')} UNION ${rowsOnlyIn('rebuilt', 'main')}`;
    const keys = await this.connection.all<{ key: Key }>(`SELECT key FROM (${differing}) ORDER BY key`);
    const [count] = await this.connection.all<{ rows: number }>(`SELECT count(*) AS rows FROM main.${table}`);
    const differences: RowDifference[] = [];
    for (const one of keys.slice(0, DIFFERENCES_MAX)) differences.push(await this.row({ table, key }, one.key));
    return { table, rows: count?.rows ?? 0, differing: keys.length, differences };
  }

  private async row({ table, key: column }: { table: string; key: string }, key: Key): Promise<RowDifference> {
    const rowIn = async (file: string): Promise<Row | undefined> =>
      (await this.connection.all<Row>(`SELECT * FROM ${file}.${table} WHERE "${column}" = ?`, [key]))[0];
    const [live, rebuilt] = [await rowIn('main'), await rowIn('rebuilt')];
    const kind = live && rebuilt ? 'changed' : live ? 'extra' : 'missing';
    return { table, key, kind, columns: live && rebuilt ? differingColumns(live, rebuilt) : [] };
  }
}

type Row = Readonly<Record<string, unknown>>;

function differingColumns(live: Row, rebuilt: Row): readonly ColumnDifference[] {
  return Object.keys(rebuilt)
    .filter((column) => live[column] !== rebuilt[column])
    .map((column) => ({ column, live: live[column], rebuilt: rebuilt[column] }));
}

export async function readLiveCheckpoint(path: string, models: readonly AnyReadModel[]): Promise<LiveCheckpoint> {
  const { fingerprint } = await readSchema(models);
  const connection = await Connection.open(path, 'read');
  try {
    const sql = 'SELECT log_id, position, fingerprint FROM checkpoint';
    const [row] = await connection.all<{ log_id: string; position: number; fingerprint: string }>(sql);
    return {
      logId: row?.log_id ?? '',
      position: row?.position ?? 0,
      sameRules: row?.fingerprint === fingerprint,
    };
  } finally {
    await connection.close();
  }
}
