import { randomUUID } from 'node:crypto';
import { assert } from '../../kernel/assert.js';
import type { Clock } from '../../kernel/clock.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';
import { assertWellFormed } from '../arbitration.js';
import { EventTooLarge, LogUnavailable } from '../errors.js';
import { matches, PAGE_SIZE_MAX } from '../event-filter.js';
import type {
  AppendedStream,
  EventFilter,
  EventLog,
  Follow,
  FollowedPage,
  ReadAll,
  ReadStream,
  StreamCheck,
  StreamWrite,
} from '../event-log.js';
import type { EventPlaces } from '../beside/event-places.js';
import { InMemoryEventPlaces } from '../beside/event-places.js';
import { followPages } from '../follow-pages.js';
import type { Upcasts } from '../upcasts.js';
import { UPCASTS } from '../upcasts.js';
import { Appender, unavailable } from './appender.js';
import { parseAddress } from './connection/address.js';
import { Store } from './connection/client.js';
import { Doorbell } from './connection/doorbell.js';
import { patiently } from './connection/failures.js';
import { Flights } from './connection/flights.js';
import { Links } from './links.js';
import { nameOfLog } from './log-name.js';
import { Pages } from './pages.js';
import { Reader } from './reader.js';
import { Tail } from './tail.js';
import { Validity } from './validity.js';

export interface EventStoreOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly readOnly?: boolean;
  readonly eventBytesMax?: number;
  readonly upcasts?: Upcasts;
  readonly places?: EventPlaces;
  /** Several logs in one store: put before every stream's name. */
  readonly namespace?: string;
  readonly deadlineMs?: number;
  /** For how long appends and reads wait for a store that is away. Followers wait for ever. */
  readonly giveUpMs?: number;
  readonly pollMs?: number;
  readonly onTrouble?: (sentence: string) => void;
}

/** Below what a server takes in one append by default (1 MiB), with room for the envelope. */
const EVENT_BYTES_MAX = 1_000_000;
const GIVE_UP_MS = 20_000;
const POLL_MS = 1_000;

export async function openEventStoreLog(options: EventStoreOptions): Promise<EventStoreLog> {
  const { url, namespace = '', deadlineMs, giveUpMs = GIVE_UP_MS } = options;
  const address = parseAddress(url);
  const timing = deadlineMs === undefined ? {} : { deadlineMs, idleMs: deadlineMs };
  const store = new Store({ address, namespace, ...timing });
  const closing = new AbortController();
  try {
    const naming = (): Promise<string> => nameOfLog(store, options.readOnly === true ? null : randomUUID());
    const logId = await patiently(naming, { giveUpMs, signal: closing.signal });
    return new EventStoreLog(options, logId, { store, closing });
  } catch (error) {
    await store.close();
    throw unavailable(error);
  }
}

interface Opened {
  readonly store: Store;
  readonly closing: AbortController;
}

export class EventStoreLog implements EventLog {
  readonly shown: string;
  /** Positions are offsets in the store's own log; an event of ours with what the store adds is about so long. */
  readonly stride = 1_500;
  readonly #options: EventStoreOptions;
  readonly #store: Store;
  readonly #closing: AbortController;
  readonly #reader: Reader;
  readonly #appender: Appender;
  readonly #doorbell: Doorbell;
  readonly #tail: Tail;
  readonly #places: EventPlaces;
  readonly #flights = new Flights();

  constructor(
    options: EventStoreOptions,
    readonly logId: string,
    { store, closing }: Opened,
  ) {
    const { clock, upcasts = UPCASTS, giveUpMs = GIVE_UP_MS, pollMs = POLL_MS, onTrouble = ignore } = options;
    this.#options = options;
    this.#store = store;
    this.#closing = closing;
    this.shown = store.shown;
    this.#places = options.places ?? new InMemoryEventPlaces();
    const validity = new Validity(store);
    const pages = new Pages(store, validity);
    this.#reader = new Reader(pages, upcasts);
    this.#doorbell = new Doorbell({ store, closing: closing.signal, pollMs, onTrouble });
    this.#tail = new Tail({ pages, bell: this.#doorbell.bell, upcasts });
    const parts = { store, pages, validity, links: new Links(store), clock, giveUpMs, onTrouble };
    this.#appender = new Appender({ ...parts, closing: closing.signal });
  }

  /** How often the subscription had to be made again. */
  get reconnects(): number {
    return this.#doorbell.reconnects;
  }

  async append(
    writes: readonly StreamWrite[],
    checks: readonly StreamCheck[] = [],
  ): Promise<readonly AppendedStream[]> {
    this.#assertOpen();
    if (this.#options.readOnly) throw new LogUnavailable(`${this.shown} is opened for reading only`);
    assertWellFormed({ writes, checks });
    const [write] = writes;
    assert(write && writes.length === 1, 'the event store writes one stream at once');
    this.#refuseTooLarge(write);
    const appended = await this.#unless(this.#flights.run(write.stream, () => this.#appender.append(write, checks)));
    this.#doorbell.bell.ring();
    return [appended];
  }

  async readStream(stream: string, options: ReadStream = {}): Promise<readonly RecordedEvent[]> {
    return this.#read(() => this.#reader.stream(stream, options));
  }

  async readAll(options: ReadAll = {}): Promise<readonly RecordedEvent[]> {
    return this.#read(() => this.#reader.all(options));
  }

  async readEvent(id: string): Promise<RecordedEvent | null> {
    return this.#tail.kept(id) ?? (await this.#read(() => this.#found(id)));
  }

  /** Waits for ever for a store that is away: what it will hold then comes in order, and nothing is missing. */
  follow({ after, signal, ...filter }: Follow): AsyncIterable<FollowedPage> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    const { onTrouble = ignore } = this.#options;
    const onFailure = ({ message }: Error): void => onTrouble(`${message}; the log is read again`);
    const patience = { giveUpMs: Infinity, signal: either, isWorthAnother: () => true, onFailure };
    const readPage = (from: Position): Promise<FollowedPage> =>
      patiently(() => this.#followedPage(from, filter), patience);
    const { bell } = this.#doorbell;
    return this.#doorbell.whileFollowing(followPages({ bell, readPage }, after, either));
  }

  async head(): Promise<Position> {
    return this.#read(() => this.#tail.head());
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#flights.landed();
    await this.#store.close();
  }

  async #followedPage(after: Position, filter: EventFilter): Promise<FollowedPage> {
    const near = await this.#tail.pageAfter(after, filter);
    if (near) return near;
    const { events, isLast } = await this.#reader.gather(after, PAGE_SIZE_MAX);
    const position = events.at(-1)?.position ?? after;
    return { events: events.filter((event) => matches(filter, event)), position, caughtUp: isLast };
  }

  /** The places are as old as the last time that one was missing. */
  async #found(id: string): Promise<RecordedEvent | null> {
    const known = await this.#places.find(id, this.logId);
    if (known) return this.#eventAt(known.stream, known.revision);
    for (let after = await this.#places.until(this.logId); ;) {
      const { events, isLast } = await this.#reader.gather(after, PAGE_SIZE_MAX);
      after = events.at(-1)?.position ?? after;
      await this.#places.add(events, after, this.logId);
      const found = events.find((event) => event.id === id);
      if (found || isLast) return found ?? null;
    }
  }

  async #eventAt(stream: string, revision: number): Promise<RecordedEvent | null> {
    const [event] = await this.#reader.stream(stream, { after: revision - 1, limit: 1 });
    return event ?? null;
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    this.#assertOpen();
    const { giveUpMs = GIVE_UP_MS } = this.#options;
    return this.#unless(patiently(read, { giveUpMs, signal: this.#closing.signal }));
  }

  async #unless<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw unavailable(error);
    }
  }

  #refuseTooLarge({ stream, events }: StreamWrite): void {
    const { eventBytesMax = EVENT_BYTES_MAX } = this.#options;
    for (const { data, metadata } of events) {
      const bytes = Buffer.byteLength(JSON.stringify(data)) + Buffer.byteLength(JSON.stringify(metadata));
      if (bytes > eventBytesMax) throw new EventTooLarge(stream, bytes, eventBytesMax);
    }
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new LogUnavailable(`The event store ${this.shown} is closed`);
  }
}

function ignore(): void {
  // Whoever opens a log for one reading is told by the error.
}
