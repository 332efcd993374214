import type { Position } from '../../../kernel/event.js';
import type { Connection } from '../connection.js';

export interface Scope {
  readonly task?: string;
  readonly repo?: string;
  readonly since: Position;
  readonly until: Position;
}

export interface Window {
  readonly from: Position;
  readonly to: Position;
}

export interface BundleRow {
  readonly position: number;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly schema_version: number;
  readonly data: string;
  readonly metadata: string;
  readonly recorded_at: string;
  readonly hash: string;
  /** Null where the event before it is selected, too. */
  readonly previous: string | null;
}

/** What of a log goes into a bundle. Asked in this order: window, select, and rows as often as one likes. */
export interface Selection {
  /** From the first to the last event of the subject; null when it has none there. */
  windowOf(scope: Scope): Promise<Window | null>;
  /** How many events it has, and the link of the last one. */
  select(window: Window): Promise<Selected>;
  /** In order. */
  rows(): AsyncGenerator<readonly BundleRow[], void, void>;
}

export interface Selected {
  readonly events: number;
  readonly head: string;
}

const PAGE = 1_000;

/** Of a log in a file, by SQL, at one moment: the connection has to stay in its transaction. */
export function selectionOf(connection: Connection): Selection {
  return {
    windowOf: (scope) => windowOf(connection, scope),
    select: async (window) => ({
      events: await select(connection, window),
      head: await linkAt(connection, window.to),
    }),
    rows: () => selected(connection),
  };
}

async function windowOf(connection: Connection, { task, repo, since, until }: Scope): Promise<Window | null> {
  const [about, values] =
    task !== undefined
      ? (['correlation_id = ?', [task]] as const)
      : repo !== undefined
        ? (["data ->> '$.repo' = ?", [repo]] as const)
        : (['true', []] as const);
  const sql = `SELECT min(position) AS "from", max(position) AS "to" FROM events WHERE ${about} AND position BETWEEN ? AND ?`;
  const [found] = await connection.all<{ from: number | null; to: number | null }>(sql, ...values, since, until);
  return found?.from && found.to ? { from: found.from, to: found.to } : null;
}

/**
 * The window, and of what was before: the earlier events of its streams and of its work items, what caused those, and the
 * settings. The list is kept in a table of the connection.
 */
async function select(connection: Connection, { from, to }: Window): Promise<number> {
  await connection.exec(`
    CREATE TEMP TABLE wanted (position INTEGER PRIMARY KEY);
    CREATE TEMP TABLE about (position INTEGER PRIMARY KEY);
    INSERT INTO about SELECT position FROM events WHERE position BETWEEN ${from} AND ${to};
    INSERT OR IGNORE INTO about SELECT position FROM events WHERE position < ${from}
      AND correlation_id IN (SELECT DISTINCT correlation_id FROM events WHERE position BETWEEN ${from} AND ${to});
    INSERT INTO wanted SELECT position FROM about;
    INSERT OR IGNORE INTO wanted SELECT position FROM events WHERE position < ${from}
      AND (stream = 'settings' OR stream IN (SELECT DISTINCT stream FROM events WHERE position BETWEEN ${from} AND ${to}));
    WITH RECURSIVE causes(position) AS (
      SELECT position FROM about
      UNION
      SELECT c.position FROM causes JOIN events e ON e.position = causes.position
        JOIN events c ON c.id = e.metadata ->> '$."$causationId"'
    )
    INSERT OR IGNORE INTO wanted SELECT position FROM causes`);
  const [counted] = await connection.all<{ events: number }>('SELECT count(*) AS events FROM wanted');
  return counted?.events ?? 0;
}

/** The selected events, in order. */
async function* selected(connection: Connection): AsyncGenerator<readonly BundleRow[], void, void> {
  const sql = `SELECT e.position, e.id, e.stream, e.revision, e.type, e.schema_version, e.data, e.metadata, e.recorded_at,
      lower(hex(e.hash)) AS hash,
      CASE WHEN e.position > 1 AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.position = e.position - 1)
        THEN (SELECT lower(hex(p.hash)) FROM events p WHERE p.position = e.position - 1) END AS previous
    FROM wanted JOIN events e ON e.position = wanted.position WHERE e.position > ? ORDER BY e.position LIMIT ${PAGE}`;
  for (let after = 0; ;) {
    const rows = await connection.all<BundleRow>(sql, after);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.position;
  }
}

async function linkAt(connection: Connection, position: Position): Promise<string> {
  const sql = 'SELECT lower(hex(hash)) AS hash FROM events WHERE position = ?';
  const [last] = await connection.all<{ hash: string }>(sql, position);
  return last?.hash ?? '';
}
