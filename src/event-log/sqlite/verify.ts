import type { EventMetadata, Position } from '../../kernel/event.js';
import type { Connection } from './connection.js';
import type { ChainHead } from './hash-chain.js';
import { digestOf, GENESIS_HASH, linkAfter } from './hash-chain.js';
import { openReader } from './log-file.js';

export type Breakage =
  /** A position is missing. */
  | 'gap'
  /** An event does not continue its stream. */
  | 'revision'
  /** Something that the link covers is not what it was. */
  | 'hash'
  /** A column for selecting says something else than the metadata. */
  | 'column'
  /** The log ends before or after the head that was kept. */
  | 'head';

export type Verification =
  | { readonly intact: true; readonly head: ChainHead }
  | { readonly intact: false; readonly position: Position; readonly why: Breakage; readonly sentence: string };

export interface VerifyOptions {
  readonly onProgress?: (position: Position, head: Position) => void;
}

/** Walks the whole file as it is at this moment, beside a running service too, and stops at the first broken position. */
export async function verifyChain(path: string, { onProgress }: VerifyOptions = {}): Promise<Verification> {
  const connection = await openReader(path);
  try {
    // One read transaction, so that head and events are of the same moment.
    await connection.exec('BEGIN');
    return await walk(connection, await readHead(connection), onProgress);
  } finally {
    await connection.close();
  }
}

interface VerifiedRow {
  readonly position: number;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly schema_version: number;
  readonly data: string;
  readonly metadata: string;
  readonly correlation_id: string;
  readonly recorded_at: string;
  readonly hash: string;
}

const PAGE_SIZE = 1_000;
const SELECT_HEAD = 'SELECT position, lower(hex(hash)) AS hash FROM head';
const SELECT_PAGE = `
  SELECT position, id, stream, revision, type, schema_version, data, metadata, correlation_id, recorded_at,
    lower(hex(hash)) AS hash
  FROM events WHERE position > ? ORDER BY position LIMIT ${PAGE_SIZE}`;

async function readHead(connection: Connection): Promise<ChainHead> {
  const [head] = await connection.all<ChainHead>(SELECT_HEAD);
  return head ?? { position: 0, hash: GENESIS_HASH };
}

async function walk(
  connection: Connection,
  head: ChainHead,
  onProgress: VerifyOptions['onProgress'],
): Promise<Verification> {
  const walker = new Walker();
  for (;;) {
    const page = await connection.all<VerifiedRow>(SELECT_PAGE, walker.end.position);
    for (const row of page) {
      const broken = walker.step(row);
      if (broken) return broken;
    }
    onProgress?.(walker.end.position, head.position);
    if (page.length < PAGE_SIZE) return compareWithHead(walker.end, head);
  }
}

class Walker {
  end: ChainHead = { position: 0, hash: GENESIS_HASH };
  readonly #revisions = new Map<string, number>();

  step(row: VerifiedRow): Verification | undefined {
    const broken = this.#misplaced(row) ?? this.#altered(row);
    this.end = { position: row.position, hash: row.hash };
    this.#revisions.set(row.stream, row.revision);
    return broken;
  }

  #misplaced(row: VerifiedRow): Verification | undefined {
    const position = this.end.position + 1;
    if (row.position !== position) return broken(position, 'gap', `the next event is at position ${row.position}`);
    const revision = (this.#revisions.get(row.stream) ?? -1) + 1;
    if (row.revision === revision) return undefined;
    return broken(position, 'revision', `${row.stream} is at revision ${row.revision} instead of ${revision}`);
  }

  #altered(row: VerifiedRow): Verification | undefined {
    if (linkAfter(this.end.hash, coveredBy(row)) !== row.hash) {
      return broken(row.position, 'hash', 'the event, or the hash of it, is not what was written');
    }
    const { $correlationId, schemaVersion } = JSON.parse(row.metadata) as EventMetadata;
    if (row.correlation_id !== $correlationId) {
      return broken(row.position, 'column', `it is filed under the work item ${row.correlation_id}`);
    }
    if (row.schema_version === schemaVersion) return undefined;
    return broken(row.position, 'column', `it is filed under the schema version ${row.schema_version}`);
  }
}

function coveredBy(row: VerifiedRow): Parameters<typeof linkAfter>[1] {
  return {
    ...row,
    schemaVersion: row.schema_version,
    recordedAt: row.recorded_at,
    dataDigest: digestOf(row.data),
    metadataDigest: digestOf(row.metadata),
  };
}

function compareWithHead(end: ChainHead, head: ChainHead): Verification {
  if (end.position !== head.position) {
    const position = Math.min(end.position, head.position) + 1;
    return broken(position, 'head', `the log ends at ${end.position}, but was written up to ${head.position}`);
  }
  if (end.hash === head.hash) return { intact: true, head };
  return broken(head.position, 'head', 'the hash that was kept for the end of the log is another one');
}

function broken(position: Position, why: Breakage, what: string): Verification {
  return { intact: false, position, why, sentence: `The event log is broken at position ${position}: ${what}` };
}
