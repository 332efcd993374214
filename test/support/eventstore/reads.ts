import type { ServerWritableStream } from '@grpc/grpc-js';
import { setTimeout as delay } from 'node:timers/promises';
import { invalidPosition, strikes, type Faults } from './faults.js';
import * as messages from './messages.js';
import type { StoredEvent, StoredEvents } from './stored-events.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';

type ReadReq = InstanceType<typeof streams.ReadReq>;
type Options = NonNullable<ReturnType<ReadReq['getOptions']>>;
export type ReadCall = ServerWritableStream<never, unknown>;

const BACKWARDS = streams.ReadReq.Options.ReadDirection.BACKWARDS;

interface Subscriber {
  readonly call: ReadCall;
  readonly matches: (event: StoredEvent) => boolean;
  next: number;
}

/** One-time reads and live subscriptions. */
export class Reads {
  readonly #subscribers = new Set<Subscriber>();

  constructor(
    private readonly store: StoredEvents,
    private readonly faults: Faults,
  ) {}

  get subscriptions(): number {
    return this.#subscribers.size;
  }

  async serve(call: ReadCall): Promise<void> {
    const options = (call.request as ReadReq).getOptions();
    if (!options) return void call.end();
    if (strikes(this.faults, 'silentReads')) return;
    if (this.faults.delayMs > 0) await delay(this.faults.delayMs);
    if (options.hasSubscription()) this.#subscribe(call, options);
    else if (options.hasStream()) this.#readStream(call, options);
    else this.#readAll(call, options);
  }

  appended(): void {
    for (const subscriber of this.#subscribers) this.#push(subscriber);
  }

  endSubscriptions(): void {
    for (const { call } of this.#subscribers) call.end();
    this.#subscribers.clear();
  }

  forget(): void {
    this.#subscribers.clear();
  }

  #readStream(call: ReadCall, options: Options): void {
    const place = options.getStream();
    const stream = messages.streamNameOf(place?.getStreamIdentifier());
    const events = this.store.stream(stream);
    if (!events) {
      call.write(messages.streamNotFound(stream));
      return void call.end();
    }
    const backwards = options.getReadDirection() === BACKWARDS;
    const start = place?.hasEnd() ? events.length - 1 : place?.hasRevision() ? Number(place.getRevision()) : 0;
    const count = Number(options.getCount());
    // Beyond its end a stream is read backwards from its end.
    const last = Math.min(start, events.length - 1);
    const page = backwards
      ? events.slice(Math.max(0, last + 1 - count), last + 1).reverse()
      : events.slice(start, start + count);
    this.#write(call, page);
  }

  #readAll(call: ReadCall, options: Options): void {
    const { all } = this.store;
    const backwards = options.getReadDirection() === BACKWARDS;
    const index = this.#indexOf(options);
    if (index === null) return void call.emit('error', invalidPosition());
    const count = Number(options.getCount());
    this.#write(
      call,
      backwards ? all.slice(Math.max(0, index - count), index).reverse() : all.slice(index, index + count),
    );
  }

  #subscribe(call: ReadCall, options: Options): void {
    const index = this.#indexOf(options);
    if (index === null) return void call.emit('error', invalidPosition());
    const isAfter = options.getAll()?.hasPosition() ?? false;
    const subscriber = { call, matches: filterOf(options), next: index + (isAfter ? 1 : 0) };
    this.#subscribers.add(subscriber);
    call.on('cancelled', () => this.#subscribers.delete(subscriber));
    call.on('close', () => this.#subscribers.delete(subscriber));
    call.write(messages.confirmation());
    this.#push(subscriber);
    call.write(messages.caughtUp());
  }

  /** What does not match is told as a checkpoint. */
  #push(subscriber: Subscriber): void {
    const { all } = this.store;
    let passedOver: StoredEvent | undefined;
    for (; subscriber.next < all.length; subscriber.next += 1) {
      const event = all[subscriber.next] as StoredEvent;
      passedOver = subscriber.matches(event) ? undefined : event;
      if (!passedOver) subscriber.call.write(messages.eventMessage(event));
    }
    if (passedOver) subscriber.call.write(messages.checkpoint(passedOver.position));
  }

  #indexOf(options: Options): number | null {
    const place = options.getAll();
    if (place?.hasEnd()) return this.store.all.length;
    if (!place?.hasPosition()) return 0;
    return this.store.indexAt(Number(place.getPosition()?.getCommitPosition()));
  }

  #write(call: ReadCall, events: readonly StoredEvent[]): void {
    for (const event of events) call.write(messages.eventMessage(event));
    call.end();
  }
}

function filterOf(options: Options): (event: StoredEvent) => boolean {
  const filter = options.getFilter();
  if (!filter) return () => true;
  const expression = filter.getEventType() ?? filter.getStreamIdentifier();
  const regex = new RegExp(expression?.getRegex() ?? '');
  const prefixes = expression?.getPrefixList() ?? [];
  return (event) => {
    const name = filter.hasEventType() ? event.type : event.stream;
    return prefixes.length > 0 ? prefixes.some((prefix) => name.startsWith(prefix)) : regex.test(name);
  };
}
