import type { EventMetadata, NewEvent, RecordedEvent, Revision } from '../../kernel/event.js';
import { deriveId } from '../../kernel/ids.js';
import type { Expected, StreamCheck, StreamWrite } from '../event-log.js';
import type { ProposedEvent, StoredEvent } from './connection/client.js';
import { linkAfter, type Pin } from './stream-chain.js';

/** What the log itself has to remember of an event, beside the writer's metadata. */
interface LogEntry {
  /** The writer's clock. */
  readonly at: string;
  readonly link: string;
  /** The event's own id where the store knows it by another one. */
  readonly id?: string;
  readonly pins?: readonly Pin[];
}

/** An event of ours, taken out of its envelope. */
export interface Letter {
  readonly event: RecordedEvent;
  readonly link: string;
  readonly pins: readonly Pin[];
}

const NO_PINS: readonly Pin[] = [];

export function pinsOf(checks: readonly StreamCheck[]): readonly Pin[] {
  return checks.map(({ stream, expected }) => ({ stream, revision: revisionOf(expected) }));
}

export function revisionOf(expected: Expected): Revision {
  return expected === 'no-stream' ? -1 : expected;
}

export function expectedOf(revision: Revision): Expected {
  return revision < 0 ? 'no-stream' : revision;
}

export interface Place {
  /** Revision of the event before, -1 for the first. */
  readonly after: Revision;
  readonly link: string;
  readonly at: string;
}

/** `$correlationId` and `$causationId` stand where the store's own tools look for them. */
export function enclose({ stream, events }: StreamWrite, pins: readonly Pin[], place: Place): readonly ProposedEvent[] {
  let { link } = place;
  return events.map(({ id, type, data, metadata }, index) => {
    const revision = place.after + 1 + index;
    const stored = storedId(id, pins);
    // As it will come back: without what JSON does not carry.
    const plain = { data: asJson(data), metadata: asJson(metadata) };
    link = linkAfter(link, { stream, revision, id, type, recordedAt: place.at, ...plain, pins });
    const entry: LogEntry = {
      ...{ at: place.at, link },
      ...(stored === id ? {} : { id }),
      ...(pins.length === 0 ? {} : { pins }),
    };
    return { id: stored, type, data: plain.data, metadata: { ...plain.metadata, log: entry } };
  });
}

/** Null for what others have written into the same store. */
export function open({ stream, data, metadata, ...stored }: StoredEvent): Letter | null {
  if (stream === null || !isObject(data) || !isObject(metadata)) return null;
  const { log, ...rest } = metadata as { readonly log?: LogEntry };
  if (typeof log?.link !== 'string') return null;
  const { id = stored.id, at, link, pins = NO_PINS } = log;
  const { revision, position, type } = stored;
  const event = { id, stream, revision, position, type, data, metadata: rest as EventMetadata, recordedAt: at };
  return { event, link, pins };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * An append whose pins did not hold stays in the store without effect; when the same events are written again under other pins, they are
 * another append, and the store must not take them for the first one.
 */
function storedId(id: string, pins: readonly Pin[]): string {
  if (pins.length === 0) return id;
  return deriveId('pinned', id, ...pins.map(({ stream, revision }) => `${stream}@${revision}`));
}

function asJson<T extends NewEvent['data'] | EventMetadata>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
