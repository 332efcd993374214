import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import type { EventMetadata, NewEvent, Position, RecordedEvent } from '../../kernel/event.js';
import { toIso } from '../../kernel/time.js';
import type { AppendRequest, Place } from '../arbitration.js';
import { assertWellFormed, firstRevisionOf, judge } from '../arbitration.js';
import { Bell } from '../bell.js';
import { EventTooLarge, LogUnavailable } from '../errors.js';
import { matches, PAGE_SIZE_MAX, pageSize } from '../event-filter.js';
import type {
  AppendedStream,
  EventFilter,
  EventLog,
  Expected,
  Follow,
  FollowedPage,
  ReadAll,
  ReadStream,
  StreamCheck,
  StreamWrite,
} from '../event-log.js';
import { followPages } from '../follow-pages.js';
import type { Upcasts } from '../upcasts.js';
import { upcast, UPCASTS } from '../upcasts.js';

export interface InMemoryEventLogOptions {
  readonly clock?: Clock;
  readonly eventBytesMax?: number;
  readonly upcasts?: Upcasts;
}

interface IndexedPage {
  readonly afterIndex: number | undefined;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit?: number;
}

const EVENT_BYTES_MAX = 8 * 1024 * 1024;
const SYSTEM_CLOCK: Clock = { now: () => Date.now() };

/** A log that ends with its process; the same rules as every other one, because the same function judges. */
export class InMemoryEventLog implements EventLog {
  readonly logId: string = randomUUID();
  readonly #clock: Clock;
  readonly #eventBytesMax: number;
  readonly #upcasts: Upcasts;
  readonly #bell = new Bell();
  readonly #closing = new AbortController();
  readonly #events: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();
  readonly #places = new Map<string, Place>();

  constructor({
    clock = SYSTEM_CLOCK,
    eventBytesMax = EVENT_BYTES_MAX,
    upcasts = UPCASTS,
  }: InMemoryEventLogOptions = {}) {
    this.#clock = clock;
    this.#eventBytesMax = eventBytesMax;
    this.#upcasts = upcasts;
  }

  async append(
    writes: readonly StreamWrite[],
    checks: readonly StreamCheck[] = [],
  ): Promise<readonly AppendedStream[]> {
    this.#assertOpen();
    assertWellFormed({ writes, checks });
    const request = this.#asStored({ writes, checks });
    const verdict = judge(request, this);
    if (verdict.kind === 'refused') throw verdict.error;
    if (verdict.kind === 'repeated') return verdict.answer;
    const recordedAt = toIso(this.#clock.now());
    const answer = request.writes.map((write) => this.#write(write, recordedAt));
    this.#bell.ring();
    return answer;
  }

  headOf(stream: string): Expected {
    const events = this.#streams.get(stream);
    return events ? events.length - 1 : 'no-stream';
  }

  placeOf(eventId: string): Place | undefined {
    return this.#places.get(eventId);
  }

  async readStream(stream: string, options: ReadStream = {}): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    return this.#page(this.#streams.get(stream) ?? [], { ...options, afterIndex: options.after }, {});
  }

  async readAll(options: ReadAll = {}): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    const afterIndex = options.after === undefined ? undefined : options.after - 1;
    return this.#page(this.#events, { ...options, afterIndex }, options);
  }

  async readEvent(id: string): Promise<RecordedEvent | null> {
    this.#assertOpen();
    const place = this.#places.get(id);
    const event = place && this.#events[place.position - 1];
    return event ? upcast(event, this.#upcasts) : null;
  }

  follow({ after, signal, ...filter }: Follow): AsyncIterable<FollowedPage> {
    const readPage = async (from: Position): Promise<FollowedPage> => this.#followedPage(from, filter);
    return followPages({ bell: this.#bell, readPage }, after, AbortSignal.any([signal, this.#closing.signal]));
  }

  async head(): Promise<Position> {
    this.#assertOpen();
    return this.#events.length;
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new LogUnavailable('The event log in memory is closed');
  }

  /** What a file would give back: nothing that JSON does not carry, and nobody's to change afterwards. */
  #asStored({ writes, checks }: AppendRequest): AppendRequest {
    return {
      writes: writes.map((write) => ({ ...write, events: write.events.map(this.#frozen(write.stream)) })),
      checks,
    };
  }

  #frozen(stream: string): (event: NewEvent) => NewEvent {
    return ({ id, type, data, metadata }) => {
      const [dataJson, metadataJson] = [JSON.stringify(data), JSON.stringify(metadata)];
      const bytes = Buffer.byteLength(dataJson) + Buffer.byteLength(metadataJson);
      if (bytes > this.#eventBytesMax) throw new EventTooLarge(stream, bytes, this.#eventBytesMax);
      return {
        id,
        type,
        data: deepFreeze(JSON.parse(dataJson) as object),
        metadata: deepFreeze(JSON.parse(metadataJson) as EventMetadata),
      };
    };
  }

  #write(write: StreamWrite, recordedAt: string): AppendedStream {
    const { stream } = write;
    const first = firstRevisionOf(write);
    const events = this.#streams.get(stream) ?? [];
    this.#streams.set(stream, events);
    const positions = write.events.map((event, index) => {
      const recorded = { ...event, position: this.#events.length + 1, stream, revision: first + index, recordedAt };
      events.push(recorded);
      this.#events.push(recorded);
      this.#places.set(event.id, recorded);
      return recorded.position;
    });
    return { stream, revision: events.length - 1, positions };
  }

  #page(events: readonly RecordedEvent[], page: IndexedPage, filter: EventFilter): readonly RecordedEvent[] {
    const { afterIndex, direction = 'forwards', limit } = page;
    const step = direction === 'forwards' ? 1 : -1;
    const start = direction === 'forwards' ? -1 : events.length;
    const found: RecordedEvent[] = [];
    for (let index = clamp(afterIndex ?? start, events.length) + step; found.length < pageSize(limit); index += step) {
      const event = events[index];
      if (!event) break;
      if (matches(filter, event)) found.push(upcast(event, this.#upcasts));
    }
    return found;
  }

  #followedPage(after: Position, filter: EventFilter): FollowedPage {
    const events = this.#page(this.#events, { afterIndex: after - 1 }, filter);
    const head = this.#events.length;
    const last = events.at(-1)?.position ?? after;
    const caughtUp = events.length < PAGE_SIZE_MAX || last === head;
    return { events, position: caughtUp ? Math.max(after, head) : last, caughtUp };
  }
}

/** Keeps an index at most one step outside the list, so that the next step lands inside it or ends the page. */
function clamp(index: number, length: number): number {
  return Math.min(Math.max(index, -1), length);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
