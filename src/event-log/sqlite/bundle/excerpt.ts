import type { Position } from '../../../kernel/event.js';
import type { Connection } from '../connection.js';

/** What a log that was imported from a part of another one may be otherwise than a whole one. */
export interface Excerpt {
  /** From here on nothing is missing. */
  readonly wholeFrom: Position;
  /** Revisions have holes, where events without effect were. */
  readonly sparse: boolean;
  /** By position: the link before an event that follows a hole, and the digests of payloads whose texts were taken out. */
  readonly allowances: ReadonlyMap<Position, Allowance>;
}

export interface Allowance {
  readonly previous: string | null;
  readonly data_digest: string | null;
  readonly metadata_digest: string | null;
}

/** Null of a whole log: 1 would say the same. */
export async function readWholeFrom(connection: Connection): Promise<Position | null> {
  const [table] = await connection.all("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'excerpt'");
  if (!table) return null;
  const [excerpt] = await connection.all<{ whole_from: number }>('SELECT whole_from FROM excerpt');
  return excerpt?.whole_from ?? null;
}

export async function readExcerpt(connection: Connection): Promise<Excerpt | null> {
  const wholeFrom = await readWholeFrom(connection);
  if (wholeFrom === null) return null;
  const rows = await connection.all<Allowance & { position: number }>('SELECT * FROM excerpt_events');
  const [kept] = await connection.all<{ sparse: number | null }>(
    "SELECT manifest ->> '$.sparse' AS sparse FROM excerpt",
  );
  return { wholeFrom, sparse: kept?.sparse === 1, allowances: new Map(rows.map((row) => [row.position, row])) };
}
