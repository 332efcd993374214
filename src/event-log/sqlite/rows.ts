import type { EventMetadata, NewEvent, RecordedEvent } from '../../kernel/event.js';
import type { AppendRequest } from '../arbitration.js';
import { assertWellFormed } from '../arbitration.js';
import { EventTooLarge } from '../errors.js';
import { digestOf } from './hash-chain.js';

/** An event as the file gives it back. */
export interface EventRow {
  readonly position: number;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
  readonly recorded_at: string;
}

export const EVENT_COLUMNS = 'position, id, stream, revision, type, data, metadata, recorded_at';

export function recordedEvent(row: EventRow): RecordedEvent {
  return {
    position: row.position,
    id: row.id,
    stream: row.stream,
    revision: row.revision,
    type: row.type,
    data: JSON.parse(row.data) as object,
    metadata: JSON.parse(row.metadata) as EventMetadata,
    recordedAt: row.recorded_at,
  };
}

export interface EncodedEvent {
  readonly event: NewEvent;
  readonly data: string;
  readonly metadata: string;
  readonly dataDigest: string;
  readonly metadataDigest: string;
}

/** An append on its way to the writer, with everything done that needs no place in the log. */
export interface EncodedAppend extends AppendRequest {
  /** The events of all writes, in order. */
  readonly encoded: readonly EncodedEvent[];
  /** In characters, which is near enough for cutting batches. */
  readonly size: number;
}

export function encodeAppend(request: AppendRequest, eventBytesMax: number): EncodedAppend {
  assertWellFormed(request);
  const encoded: EncodedEvent[] = [];
  let size = 0;
  for (const { stream, events } of request.writes) {
    for (const event of events) {
      const one = encode(event);
      refuseAbove(eventBytesMax, stream, one);
      size += one.data.length + one.metadata.length;
      encoded.push(one);
    }
  }
  return { writes: request.writes, checks: request.checks, encoded, size };
}

/** Counts bytes only where they could be too many: no character takes more than three per unit of length. */
function refuseAbove(bytesMax: number, stream: string, { data, metadata }: EncodedEvent): void {
  if ((data.length + metadata.length) * 3 <= bytesMax) return;
  const bytes = Buffer.byteLength(data) + Buffer.byteLength(metadata);
  if (bytes > bytesMax) throw new EventTooLarge(stream, bytes, bytesMax);
}

function encode(event: NewEvent): EncodedEvent {
  const data = JSON.stringify(event.data);
  const metadata = JSON.stringify(event.metadata);
  return { event, data, metadata, dataDigest: digestOf(data), metadataDigest: digestOf(metadata) };
}

/** In the order of the table's columns; the hash in hexadecimal digits. */
export type InsertedRow = readonly [
  position: number,
  id: string,
  stream: string,
  revision: number,
  type: string,
  schemaVersion: number,
  data: string,
  metadata: string,
  correlationId: string,
  recordedAt: string,
  hash: string,
];

export const INSERT_ONE = 'INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, unhex(?))';

/** Takes a JSON list of rows. */
export const INSERT_MANY = `
  INSERT INTO events
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9, unhex(value ->> 10)
  FROM json_each(?)`;
