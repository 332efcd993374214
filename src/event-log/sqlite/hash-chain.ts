import { hash } from 'node:crypto';
import type { Position, Revision } from '../../kernel/event.js';

/** Where the chain ends: the newest position and its link, in hexadecimal digits. */
export interface ChainHead {
  readonly position: Position;
  readonly hash: string;
}

/** What a link covers besides the link before it: the fields that never change, and the digests of both payloads. */
export interface ChainedFields {
  readonly position: Position;
  readonly stream: string;
  readonly revision: Revision;
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly recordedAt: string;
  readonly dataDigest: string;
  readonly metadataDigest: string;
}

export const GENESIS_HASH = '0'.repeat(64);

export function digestOf(payload: string): string {
  return hash('sha256', payload);
}

/** SHA-256 of the JSON list of everything covered: a list, because names could contain any separator. */
export function linkAfter(previous: string, fields: ChainedFields): string {
  const { position, stream, revision, id, type, schemaVersion, recordedAt, dataDigest, metadataDigest } = fields;
  // prettier-ignore
  return digestOf(JSON.stringify([
    previous, position, stream, revision, id, type, schemaVersion, recordedAt, dataDigest, metadataDigest,
  ]));
}
