import type { EventMetadata, NewEvent, RecordedEvent } from '../../kernel/event.js';
import type { AppendRequest } from '../arbitration.js';
import { assertWellFormed } from '../arbitration.js';
import { EventTooLarge, EventUnreadable } from '../errors.js';
import { digestOf } from './hash-chain.js';

/** An event as the file gives it back: one text, because the driver takes longer over eight columns than a parser over one list. */
export interface EventRow {
  readonly event: string;
}

/** What was stored is JSON as it stands and is set into the list unread. */
const listOf = (metadata: string): string =>
  `'[' || position || ',' || json_quote(id) || ',' || json_quote(stream) || ',' || revision || ',' || json_quote(type) || ',' || data
    || ',' || ${metadata} || ',' || json_quote(recorded_at) || ']' AS event`;

export const EVENT = listOf('metadata');
export const EVENT_WITHOUT_COMMAND = listOf("iif(json_valid(metadata), json_remove(metadata, '$.command'), metadata)");

type EventCells = readonly [number, string, string, number, string, object, EventMetadata, string, ...unknown[]];

export function recordedEvent({ event }: EventRow, path: string): RecordedEvent {
  const [position, id, stream, revision, type, data, metadata, recordedAt] = cellsOf(event, path);
  return { position, id, stream, revision, type, data, metadata, recordedAt };
}

function cellsOf(event: string, path: string): EventCells {
  try {
    return JSON.parse(event) as EventCells;
  } catch (cause) {
    throw new EventUnreadable(path, Number.parseInt(event.slice(1)), { cause });
  }
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
