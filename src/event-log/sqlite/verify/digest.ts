import type { Position } from '../../../kernel/event.js';
import { readLogId, openReader } from '../log-file.js';
import { GENESIS_HASH, type ChainHead } from '../hash-chain.js';
import type { Connection } from '../connection.js';

/** The end of a log at some moment, to be kept where whoever writes to the file cannot write. */
export interface LogDigest {
  readonly logId: string;
  readonly position: Position;
  readonly hash: string;
}

const FORM = /^orchestrator-log:([0-9a-f]{32}):(\d{1,15}):([0-9a-f]{64})$/;

export function digestText({ logId, position, hash }: LogDigest): string {
  return `orchestrator-log:${logId}:${position}:${hash}`;
}

/** Null for what is no digest. */
export function digestFrom(text: string): LogDigest | null {
  const [, logId, position, hash] = FORM.exec(text.trim()) ?? [];
  return logId && position && hash ? { logId, position: Number(position), hash } : null;
}

export async function readDigest(path: string): Promise<LogDigest> {
  const connection = await openReader(path);
  try {
    return { logId: await readLogId(connection), ...(await readHead(connection)) };
  } finally {
    await connection.close();
  }
}

export async function readHead(connection: Connection): Promise<ChainHead> {
  const [head] = await connection.all<ChainHead>('SELECT position, lower(hex(hash)) AS hash FROM head');
  return head ?? { position: 0, hash: GENESIS_HASH };
}
