import { hash } from 'node:crypto';
import type { EventMetadata, Revision } from '../../kernel/event.js';

/** A stream that has to be where the writer saw it, at the moment at which the event is written; -1 = that does not exist. */
export interface Pin {
  readonly stream: string;
  readonly revision: Revision;
}

/** What a link covers besides the link before it in the same stream. */
export interface ChainedFields {
  readonly stream: string;
  readonly revision: Revision;
  readonly id: string;
  readonly type: string;
  readonly recordedAt: string;
  readonly data: object;
  readonly metadata: EventMetadata;
  readonly pins: readonly Pin[];
}

export const GENESIS_LINK = '0'.repeat(64);

/**
 * Nobody orders the writers of a shared store before the store does, so there is one chain per stream, kept in the metadata of its
 * events. Payloads are covered by their digests: what JSON gives back is written again as it was.
 */
export function linkAfter(previous: string, fields: ChainedFields): string {
  const { stream, revision, id, type, recordedAt, data, metadata, pins } = fields;
  const digests = [data, metadata, pins].map((value) => digestOf(JSON.stringify(value)));
  return digestOf(JSON.stringify([previous, stream, revision, id, type, recordedAt, ...digests]));
}

function digestOf(text: string): string {
  return hash('sha256', text);
}
