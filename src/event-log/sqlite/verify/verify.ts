import type { Position } from '../../../kernel/event.js';
import { readExcerpt } from '../bundle/excerpt.js';
import type { Connection } from '../connection.js';
import type { ChainHead } from '../hash-chain.js';
import { openReader, readLogId } from '../log-file.js';
import type { LogDigest } from '../../verify/digest.js';
import { readHead } from './kept-head.js';
import type { OpenIntent } from '../../verify/open-intents.js';
import { VERIFIED_COLUMNS, Walker, type Breakage, type Broken, type VerifiedRow } from './walker.js';

export type Verification =
  | {
      readonly intact: true;
      readonly head: ChainHead;
      readonly events: number;
      readonly streams: number;
      /** What was asked for and is not answered: information, because at the end of a log something always is. */
      readonly openIntents: readonly OpenIntent[];
    }
  | { readonly intact: false; readonly position: Position; readonly why: Breakage; readonly sentence: string };

export interface VerifyOptions {
  readonly onProgress?: (position: Position, head: Position) => void;
  /** An end of this log that was kept elsewhere: without one, nobody can tell that the newest events were cut off. */
  readonly digest?: LogDigest;
}

const PAGE_SIZE = 1_000;
const SELECT_PAGE = `SELECT ${VERIFIED_COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ${PAGE_SIZE}`;

/** Walks the whole file as it is at this moment, beside a running service too, and stops at the first broken position. */
export async function verifyChain(path: string, options: VerifyOptions = {}): Promise<Verification> {
  const connection = await openReader(path);
  try {
    // One read transaction, so that head and events are of the same moment.
    await connection.exec('BEGIN');
    const head = await readHead(connection);
    const foreign = await foreignDigest(connection, options);
    const walker = new Walker(await readExcerpt(connection));
    const broken = foreign ?? (await walk(connection, walker, { ...options, head }));
    if (broken) return describe(path, broken);
    const { events, streams } = walker;
    return { intact: true, head, events, streams, openIntents: walker.openIntents() };
  } finally {
    await connection.close();
  }
}

interface Walk extends VerifyOptions {
  readonly head: ChainHead;
}

/** The next page is read in SQLite's thread while this one is being hashed. */
async function walk(connection: Connection, walker: Walker, options: Walk): Promise<Broken | undefined> {
  let upcoming = connection.all<VerifiedRow>(SELECT_PAGE, 0);
  for (let read = 0; ;) {
    const page = await upcoming;
    read = lastPositionOf(page) ?? read;
    upcoming = page.length < PAGE_SIZE ? Promise.resolve([]) : connection.all<VerifiedRow>(SELECT_PAGE, read);
    const broken = stepThrough(walker, page, options);
    if (broken) {
      await upcoming;
      return broken;
    }
    options.onProgress?.(walker.end.position, options.head.position);
    if (page.length < PAGE_SIZE) return beyondTheDigest(walker.end, options) ?? besideTheHead(walker.end, options.head);
  }
}

function lastPositionOf(page: readonly VerifiedRow[]): Position | undefined {
  const last = page.at(-1);
  return last && (JSON.parse(last.place) as [number])[0];
}

function stepThrough(walker: Walker, page: readonly VerifiedRow[], { digest }: Walk): Broken | undefined {
  for (const row of page) {
    const broken = walker.step(row);
    if (broken) return broken;
    if (walker.end.position === digest?.position && walker.end.hash !== digest.hash) {
      return { position: digest.position, why: 'digest', what: 'the log was written anew since the digest was taken' };
    }
  }
  return undefined;
}

async function foreignDigest(connection: Connection, { digest }: VerifyOptions): Promise<Broken | undefined> {
  if (!digest) return undefined;
  const logId = await readLogId(connection);
  if (logId === digest.logId) return undefined;
  return { position: 0, why: 'digest', what: `the digest is of the log ${digest.logId}, and this is ${logId}` };
}

function beyondTheDigest({ position: end }: ChainHead, { digest }: Walk): Broken | undefined {
  if (!digest || end >= digest.position) return undefined;
  const what = `the log ends at ${end}, but went on to ${digest.position} when the digest was taken`;
  return { position: end + 1, why: 'digest', what };
}

function besideTheHead(end: ChainHead, head: ChainHead): Broken | undefined {
  if (end.position !== head.position) {
    const position = Math.min(end.position, head.position) + 1;
    const what = `the log ends at ${end.position}, but was written up to ${head.position}`;
    return { position, why: 'head', what };
  }
  if (end.hash === head.hash) return undefined;
  const what = 'the hash that was kept for the end of the log is another one';
  return { position: head.position, why: 'head', what };
}

function describe(path: string, { position, why, what }: Broken): Verification {
  return { intact: false, position, why, sentence: `The event log ${path} is broken at position ${position}: ${what}` };
}
