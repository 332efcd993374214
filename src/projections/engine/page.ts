import type { ReadModels } from './read-models.js';

export const PAGE_SIZE_DEFAULT = 50;
export const PAGE_SIZE_MAX = 200;

/** What every list asks for: how many, and after which row. */
export interface PageRequest {
  readonly first?: number | null;
  /** The `cursor` of the last row of the page before. */
  readonly after?: string | null;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

export class PageRefused extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'PageRefused';
  }
}

type Value = string | number | null;

/** Conditions that are joined by AND; one that is not asked for is left out. */
export class Where {
  private readonly conditions: string[] = [];
  readonly values: Value[] = [];

  and(sql: string, ...values: Value[]): this {
    this.conditions.push(sql);
    this.values.push(...values);
    return this;
  }

  equals(column: string, value: Value | undefined): this {
    return value === undefined || value === null ? this : this.and(`${column} = ?`, value);
  }

  among(column: string, values: readonly Value[] | null | undefined): this {
    return values ? this.and(`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(values)) : this;
  }

  get sql(): string {
    return this.conditions.length > 0 ? this.conditions.join(' AND ') : 'true';
  }
}

/** A page of a table in the order of its ids, which are positions and so never change places. */
export async function readPage<Row extends object>(
  models: ReadModels,
  table: string,
  where: Where,
  request: PageRequest,
): Promise<Page<Row>> {
  const { limit, after } = limitsOf(request);
  const sql = `SELECT * FROM ${table} WHERE ${where.sql}`;
  const rows = await models.all<Row>(`${sql} AND id > ? ORDER BY id LIMIT ?`, [...where.values, after, limit + 1]);
  const count = `SELECT count(*) AS total FROM ${table} WHERE ${where.sql}`;
  const counted = await models.first<{ total: number }>(count, where.values);
  return { rows: rows.slice(0, limit), hasNextPage: rows.length > limit, totalCount: counted?.total ?? 0 };
}

export function limitsOf({ first, after }: PageRequest): { readonly limit: number; readonly after: number } {
  const limit = first ?? PAGE_SIZE_DEFAULT;
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_SIZE_MAX) {
    throw new PageRefused(`A page has from 1 to ${PAGE_SIZE_MAX} rows, asked for were ${limit}`);
  }
  if (after && !/^\d{1,15}$/.test(after)) {
    throw new PageRefused(`'${after}' is not a cursor: take the one of the last row of the page before`);
  }
  return { limit, after: after ? Number(after) : 0 };
}
