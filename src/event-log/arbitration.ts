import { assert } from '../kernel/assert.js';
import type { NewEvent, Position, Revision } from '../kernel/event.js';
import { CorruptedIdempotency, VersionConflict } from './errors.js';
import type { AppendedStream, Expected, StreamCheck, StreamWrite } from './event-log.js';

export interface AppendRequest {
  readonly writes: readonly StreamWrite[];
  readonly checks: readonly StreamCheck[];
}

/** Where an event id already is. */
export interface Place {
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
}

/** What the log knows at the moment of an append. */
export interface LogView {
  headOf(stream: string): Expected;
  placeOf(eventId: string): Place | undefined;
}

export type Verdict =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'repeated'; readonly answer: readonly AppendedStream[] }
  | { readonly kind: 'refused'; readonly error: VersionConflict | CorruptedIdempotency };

const FRESH: Verdict = { kind: 'fresh' };

/** A fault of the caller, found before the append can wait beside others. */
export function assertWellFormed({ writes }: AppendRequest): void {
  assert(
    writes.length === 1 || new Set(writes.map(({ stream }) => stream)).size === writes.length,
    'an append names each stream once',
  );
  for (const { stream, events } of writes) {
    assert(stream !== '', 'a stream has a name');
    assert(events.length > 0, `an append to ${stream} has events`);
    for (const { id, metadata } of events) {
      assert(typeof metadata.$correlationId === 'string', `event ${id} has a correlation id`);
      assert(Number.isInteger(metadata.schemaVersion), `event ${id} has a schema version`);
    }
  }
}

/**
 * The one place that says what an append means, for every adapter that decides by itself. A repeated append is
 * recognised before anything else is looked at: its streams, and those it checked, may have moved on since.
 */
export function judge(request: AppendRequest, view: LogView): Verdict {
  const repeats = request.writes.map((write) => repeatsIn(write, view));
  const ids = request.writes.reduce((count, write) => count + write.events.length, 0);
  const found = repeats.reduce((count, places) => count + places.length, 0);
  if (ids > 0 && found === ids) return { kind: 'repeated', answer: request.writes.map(answerOf(repeats)) };
  const error = partialRepeat(request, repeats) ?? movedStream(request, view) ?? strayId(request, view);
  return error ? { kind: 'refused', error } : FRESH;
}

export function firstRevisionOf(write: StreamWrite): Revision {
  return write.expected === 'no-stream' ? 0 : write.expected + 1;
}

/** The places of those events that are already exactly where this write would put them. */
function repeatsIn(write: StreamWrite, view: LogView): readonly Place[] {
  const first = firstRevisionOf(write);
  return write.events.flatMap((event, index) => {
    const place = view.placeOf(event.id);
    return place?.stream === write.stream && place.revision === first + index ? [place] : [];
  });
}

function answerOf(repeats: readonly (readonly Place[])[]): (write: StreamWrite, index: number) => AppendedStream {
  return ({ stream, events, expected }, index) => ({
    stream,
    revision: firstRevisionOf({ stream, events, expected }) + events.length - 1,
    positions: (repeats[index] ?? []).map((place) => place.position),
  });
}

function partialRepeat(
  { writes }: AppendRequest,
  repeats: readonly (readonly Place[])[],
): CorruptedIdempotency | undefined {
  const index = repeats.findIndex((places) => places.length > 0);
  const write = writes[index];
  const place = repeats[index]?.[0];
  if (!write || !place) return undefined;
  const repeated = write.events[place.revision - firstRevisionOf(write)];
  return new CorruptedIdempotency(write.stream, repeated?.id ?? '');
}

function movedStream({ writes, checks }: AppendRequest, view: LogView): VersionConflict | undefined {
  for (const { stream, expected } of [...writes, ...checks]) {
    const actual = view.headOf(stream);
    if (actual !== expected) return new VersionConflict(stream, expected, actual);
  }
  return undefined;
}

/** An id that is elsewhere in the log, or twice in this append: the log holds every id once. */
function strayId({ writes }: AppendRequest, view: LogView): CorruptedIdempotency | undefined {
  const seen = new Set<string>();
  const isStray = ({ id }: NewEvent): boolean => view.placeOf(id) !== undefined || seen.size === seen.add(id).size;
  for (const { stream, events } of writes) {
    const stray = events.find(isStray);
    if (stray) return new CorruptedIdempotency(stream, stray.id);
  }
  return undefined;
}
