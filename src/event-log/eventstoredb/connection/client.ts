import {
  BACKWARDS,
  END,
  EventStoreDBClient,
  excludeSystemEvents,
  FORWARDS,
  jsonEvent,
  NO_STREAM,
  START,
} from '@eventstore/db-client';
import { setTimeout as delay } from 'node:timers/promises';
import type { Position, Revision } from '../../../kernel/event.js';
import { LogUnavailable } from '../../errors.js';
import type { Expected } from '../../event-log.js';
import type { Address } from './address.js';
import { failureFrom, patiently, StoreFailure } from './failures.js';

/** An event as the store has it. */
export interface StoredEvent {
  readonly id: string;
  /** Null: of another namespace, or of the store's own. */
  readonly stream: string | null;
  readonly revision: Revision;
  readonly position: Position;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
}

export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: object;
  readonly metadata: object;
}

export interface StreamRange {
  /** Inclusive. */
  readonly from: Revision | 'end';
  readonly backwards?: boolean;
  readonly count: number;
}

export interface AllRange {
  /** Forwards inclusive, backwards exclusive. */
  readonly from: Position | 'start' | 'end';
  readonly backwards?: boolean;
  readonly count: number;
}

export interface StoreOptions {
  readonly address: Address;
  /** Put before every stream's name, so that several logs can live in one store. */
  readonly namespace?: string;
  readonly deadlineMs?: number;
  /** A read that gives nothing for so long is given up. */
  readonly idleMs?: number;
}

type Reading = ReturnType<EventStoreDBClient['readStream']> | ReturnType<EventStoreDBClient['readAll']>;
type Resolved = { readonly event?: ClientEvent; readonly commitPosition?: bigint };
interface ClientEvent {
  readonly id: string;
  readonly streamId: string;
  readonly revision: bigint;
  readonly type: string;
  readonly data: unknown;
  readonly metadata?: unknown;
  readonly position?: { readonly commit: bigint };
}

const DEADLINE_MS = 5_000;
const IDLE_MS = 5_000;
const READ_AGAIN_MS = 3_000;

/**
 * The only file that knows `@eventstore/db-client` 6.2.1, and works around what it does: appends without credentials of their own wait for ever
 * on a shared call; reads have no deadline; a subscription neither reconnects nor says how it ended.
 */
export class Store {
  readonly shown: string;
  readonly #client: EventStoreDBClient;
  readonly #options: StoreOptions;
  readonly #namespace: string;
  readonly #closing = new AbortController();

  constructor(options: StoreOptions) {
    const { address, namespace = '' } = options;
    this.#options = options;
    this.#namespace = namespace;
    this.shown = address.shown;
    try {
      this.#client = EventStoreDBClient.connectionString(address.connectionString);
    } catch (error) {
      throw new LogUnavailable(`ORCH_EVENTSTORE_URL is ${this.shown}: ${failureFrom(error, this.shown).message}`);
    }
  }

  /** The same ids at the same revision again are the same append. */
  async append(stream: string, expected: Expected, events: readonly ProposedEvent[]): Promise<void> {
    const { address, deadlineMs = DEADLINE_MS } = this.#options;
    const proposed = events.map((event) => jsonEvent(event as never));
    const expectedRevision: bigint | typeof NO_STREAM = expected === 'no-stream' ? NO_STREAM : BigInt(expected);
    const options = { expectedRevision, credentials: address.credentials, deadline: deadlineMs, requiresLeader: true };
    const append = this.#client.appendToStream(this.#namespace + stream, proposed, options);
    // The deadline is the server's to keep; a call that was ended without an answer would otherwise never settle.
    await this.#within(deadlineMs * 1.5, append);
  }

  /** An unknown stream is empty. */
  async readStream(stream: string, { from, backwards = false, count }: StreamRange): Promise<readonly StoredEvent[]> {
    const fromRevision: bigint | typeof END = from === 'end' ? END : BigInt(from);
    const options = { fromRevision, ...this.#readOptions(backwards, count) };
    return this.#again(() => this.#client.readStream(this.#namespace + stream, options));
  }

  async readAll({ from, backwards = false, count }: AllRange): Promise<readonly StoredEvent[]> {
    const options = { fromPosition: placeOf(from), ...this.#readOptions(backwards, count) };
    return this.#again(() => this.#client.readAll(options));
  }

  /** Rings on everything that happens; settles when the subscription is over, whatever ended it. */
  async subscribe(ring: () => void, signal: AbortSignal): Promise<void> {
    const { credentials } = this.#options.address;
    const filter = excludeSystemEvents({
      maxSearchWindow: 32,
      checkpointInterval: 1,
      checkpointReached: ring,
    });
    const subscription = this.#client.subscribeToAll({ fromPosition: END, filter, credentials, requiresLeader: false });
    const end = (): void => void subscription.destroy();
    signal.addEventListener('abort', end, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        subscription.on('confirmation', ring).on('data', ring).on('caughtUp', ring);
        subscription.on('error', reject).on('end', resolve).on('close', resolve);
        if (signal.aborted) end();
      });
    } catch (error) {
      throw failureFrom(error, this.shown);
    } finally {
      signal.removeEventListener('abort', end);
      subscription.on('error', ignore);
      subscription.unsubscribe().catch(ignore);
      end();
    }
  }

  /** For streams of signs of life: what is older is for the next scavenge to remove. */
  async keepNewest(stream: string, count: number): Promise<void> {
    const { address, deadlineMs = DEADLINE_MS } = this.#options;
    const options = { credentials: address.credentials, deadline: deadlineMs };
    const setting = this.#client.setStreamMetadata(this.#namespace + stream, { maxCount: count }, options);
    await this.#within(deadlineMs * 1.5, setting);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client.dispose();
  }

  #readOptions(backwards: boolean, count: number) {
    const { credentials } = this.#options.address;
    return { direction: backwards ? BACKWARDS : FORWARDS, maxCount: count, credentials, requiresLeader: true } as const;
  }

  async #within<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
    const timer = new AbortController();
    const late = delay(timeoutMs, undefined, { signal: timer.signal }).then(() => this.#unanswered());
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      answer.catch(ignore);
      throw failureFrom(error, this.shown);
    } finally {
      timer.abort();
      late.catch(ignore);
    }
  }

  /** Each read by itself: whoever needs many of them would not get through bad weather if one failure began all of them again. */
  #again(begin: () => Reading): Promise<readonly StoredEvent[]> {
    return patiently(() => this.#collect(begin()), { giveUpMs: READ_AGAIN_MS, signal: this.#closing.signal });
  }

  /** Raced and not only ended: whatever becomes of the call inside the client, whoever reads is answered. */
  async #collect(reading: Reading): Promise<readonly StoredEvent[]> {
    const { idleMs = IDLE_MS } = this.#options;
    let giveUp: (failure: StoreFailure) => void = ignore;
    const silence = new Promise<never>((_, reject) => (giveUp = reject));
    const watchdog = setTimeout(() => giveUp(this.#failure()), idleMs);
    const events = this.#eventsOf(reading, () => watchdog.refresh());
    try {
      return await Promise.race([events, silence]);
    } catch (error) {
      if ((error as { type?: unknown }).type === 'stream-not-found') return [];
      letGo(reading);
      throw error instanceof LogUnavailable ? error : failureFrom(error, this.shown);
    } finally {
      clearTimeout(watchdog);
      events.catch(ignore);
    }
  }

  async #eventsOf(reading: Reading, onEvent: () => void): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = [];
    reading.on('error', ignore);
    for await (const resolved of reading as AsyncIterable<Resolved>) {
      onEvent();
      events.push(this.#storedEvent(resolved));
    }
    return events;
  }

  #storedEvent({ event, commitPosition }: Resolved): StoredEvent {
    if (!event) throw new StoreFailure('other', `The event store ${this.shown} answered without an event`);
    const { id, streamId, revision, type, data, metadata, position } = event;
    const isOurs = streamId.startsWith(this.#namespace) && !streamId.startsWith('$') && !type.startsWith('$');
    return {
      ...{ id, type, data, metadata, revision: Number(revision) },
      stream: isOurs ? streamId.slice(this.#namespace.length) : null,
      position: this.#safe(position?.commit ?? commitPosition),
    };
  }

  /** Every number that we make of a position has to be exact (ADR 1). */
  #safe(position: bigint | undefined): Position {
    if (position !== undefined && position <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(position);
    const found = position === undefined ? 'no position' : `the position ${position}`;
    throw new LogUnavailable(`The event store ${this.shown} gives ${found}: positions up to 2^53-1 can be used`);
  }

  #failure(): StoreFailure {
    return new StoreFailure('unanswered', `The event store ${this.shown} did not answer in time`);
  }

  #unanswered(): never {
    throw this.#failure();
  }
}

function placeOf(from: AllRange['from']): typeof START | typeof END | { commit: bigint; prepare: bigint } {
  if (from === 'start') return START;
  if (from === 'end') return END;
  return { commit: BigInt(from), prepare: BigInt(from) };
}

/** Not waited for: the client may not come to its end. */
function letGo(reading: Reading): void {
  reading.cancel().catch(ignore);
  reading.destroy();
}

function ignore(): void {
  // What ended it is known already.
}
