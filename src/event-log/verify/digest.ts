import type { Position } from '../../kernel/event.js';

/** The end of a log at some moment, to be kept where whoever writes to the log cannot write. */
export interface LogDigest {
  readonly logId: string;
  readonly position: Position;
  readonly hash: string;
}

const FORM = /^orchestrator-log:([0-9a-f-]{32,36}):(\d{1,16}):([0-9a-f]{64})$/;

export function digestText({ logId, position, hash }: LogDigest): string {
  return `orchestrator-log:${logId}:${position}:${hash}`;
}

/** Null for what is no digest. */
export function digestFrom(text: string): LogDigest | null {
  const [, logId, position, hash] = FORM.exec(text.trim()) ?? [];
  return logId && position && hash ? { logId, position: Number(position), hash } : null;
}
