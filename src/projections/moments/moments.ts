import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { EventLog } from '../../event-log/event-log.js';
import type { Position } from '../../kernel/event.js';
import { Connection } from '../engine/connection.js';
import type { Moment } from './moment.js';

const EVERY = 10_000;

const SCHEMA = `CREATE TABLE IF NOT EXISTS moments (
  log_id TEXT NOT NULL, fingerprint TEXT NOT NULL, position INTEGER NOT NULL, rows BLOB NOT NULL,
  PRIMARY KEY (log_id, fingerprint, position)
)`;

const PRUNE = 'DELETE FROM moments WHERE log_id = ? AND fingerprint <> ?';

/** Which log, folded by which rules. */
export interface Folded {
  readonly logId: string;
  readonly fingerprint: string;
}

export interface MomentFiles {
  /** Where new ones are kept; made when there is none. */
  readonly kept: string;
  /** Another one that may have some, too: it is only read. */
  readonly alsoRead?: string;
  /** Events between two moments: what a question about the past has to fold at most. */
  readonly every?: number;
  /** The kept file is looked after by whoever says so: moments of other rules are of no use to it any more. */
  readonly prunes?: boolean;
  /** Told while a question has to fold. */
  readonly onFolding?: (progress: FoldingProgress) => void;
}

export interface FoldingProgress {
  readonly from: Position;
  readonly position: Position;
  readonly head: Position;
  /** Folded so far. */
  readonly events: number;
}

/**
 * Moments on the way of a log, a few kilobytes each, so that a question about the past need not begin at the beginning.
 * Derived, and beside the log: whoever deletes them waits once, and a file that cannot be used is as good as none.
 */
export class Moments {
  private readonly distance: number;

  constructor(
    private readonly files: MomentFiles,
    { stride = 1 }: Pick<EventLog, 'stride'> = {},
  ) {
    this.distance = (files.every ?? EVERY) * stride;
  }

  /** Whether a moment is due between these positions. */
  isDue(before: Position, after: Position): boolean {
    return Math.floor(after / this.distance) > Math.floor(before / this.distance);
  }

  /** The last one at or before the position. */
  async nearest(folded: Folded, position: Position): Promise<Moment | null> {
    const { kept, alsoRead } = this.files;
    const found = await Promise.all(
      [kept, ...(alsoRead === undefined ? [] : [alsoRead])].map((path) => read(path, folded, position)),
    );
    return found.reduce((best, one) => ((one?.position ?? -1) > (best?.position ?? -1) ? one : best), null);
  }

  tell(progress: FoldingProgress): void {
    this.files.onFolding?.(progress);
  }

  async keep({ logId, fingerprint }: Folded, moment: Moment): Promise<void> {
    const rows = await promisify(gzip)(JSON.stringify(moment), { level: 1 });
    await mkdir(dirname(this.files.kept), { recursive: true, mode: 0o700 });
    await using(this.files.kept, 'write', async (connection) => {
      await connection.exec(SCHEMA);
      if (this.files.prunes) await connection.all(PRUNE, [logId, fingerprint]);
      const values = [logId, fingerprint, moment.position, rows.toString('hex')];
      await connection.all('INSERT OR REPLACE INTO moments VALUES (?, ?, ?, unhex(?))', values);
    });
  }
}

const ATTACHED = new WeakMap<EventLog, Moments>();

/** From now on questions about this log's past begin at a moment, and leave new ones behind. */
export function keepMoments(log: EventLog, files: MomentFiles): void {
  ATTACHED.set(log, new Moments(files, log));
}

export function momentsOf(log: EventLog): Moments | null {
  return ATTACHED.get(log) ?? null;
}

async function read(path: string, { logId, fingerprint }: Folded, position: Position): Promise<Moment | null> {
  const sql = `SELECT rows FROM moments WHERE log_id = ? AND fingerprint = ? AND position <= ? ORDER BY position DESC LIMIT 1`;
  try {
    const [found] = await using(path, 'read', (connection) =>
      connection.all<{ rows: Buffer }>(sql, [logId, fingerprint, position]),
    );
    return found ? (JSON.parse((await promisify(gunzip)(found.rows)).toString()) as Moment) : null;
  } catch {
    return null;
  }
}

async function using<T>(
  path: string,
  mode: 'read' | 'write',
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await Connection.open(path, mode);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
