import type { Position, Revision } from '../../kernel/event.js';
import { LogUnavailable } from '../errors.js';
import { unavailable } from './appender.js';
import { parseAddress } from './connection/address.js';
import { Store, type StoredEvent } from './connection/client.js';
import { patiently } from './connection/failures.js';
import { open } from './envelope.js';
import { isOurOwn } from './pages.js';
import { GENESIS_LINK, linkAfter } from './stream-chain.js';
import { Validity } from './validity.js';

export interface BrokenEvent {
  readonly position: Position;
  readonly stream: string;
  readonly revision: Revision;
  readonly why: 'hash' | 'revision';
}

export interface StreamsVerification {
  readonly intact: boolean;
  readonly events: number;
  readonly streams: number;
  /** Written, and without effect because a pinned stream had moved. */
  readonly voidEvents: number;
  readonly head: Position;
  /** The first ones, in the order of the log. */
  readonly broken: readonly BrokenEvent[];
}

export interface VerifyStreamsOptions {
  readonly url: string;
  readonly namespace?: string;
  readonly onProgress?: (position: Position) => void;
}

const PAGE = 1_000;
const BROKEN_MAX = 20;
const PATIENCE_MS = 20_000;

/**
 * Walks the whole store and follows the chain of each stream. Holes between positions are the store's own; a removed newest event of a stream
 * shows only against a head that was kept elsewhere.
 */
export async function verifyStreams(options: VerifyStreamsOptions): Promise<StreamsVerification> {
  const { url, namespace = '' } = options;
  const store = new Store({ address: parseAddress(url), namespace });
  try {
    return await new Walk(store, options).run();
  } catch (error) {
    throw unavailable(error);
  } finally {
    await store.close();
  }
}

class Walk {
  readonly #validity: Validity;
  readonly #ends = new Map<string, { readonly revision: Revision; readonly link: string }>();
  readonly #broken: BrokenEvent[] = [];
  #events = 0;
  #voidEvents = 0;
  #head: Position = 0;

  constructor(
    private readonly store: Store,
    private readonly options: VerifyStreamsOptions,
  ) {
    this.#validity = new Validity(store);
  }

  async run(): Promise<StreamsVerification> {
    for (let page = await this.#page('start'); page.length > 0; page = await this.#pageAfter(page)) {
      for (const stored of page) await this.#step(stored);
      this.options.onProgress?.(this.#head);
    }
    if (this.#events === 0) throw new LogUnavailable(`The event store ${this.store.shown} holds no event log of ours`);
    const [events, voidEvents, head, broken] = [this.#events, this.#voidEvents, this.#head, this.#broken];
    return { intact: broken.length === 0, events, streams: this.#ends.size, voidEvents, head, broken };
  }

  #page(from: Position | 'start'): Promise<readonly StoredEvent[]> {
    const { signal } = new AbortController();
    return patiently(() => this.store.readAll({ from, count: PAGE + 1 }), { giveUpMs: PATIENCE_MS, signal });
  }

  async #pageAfter(before: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const until = before.at(-1)?.position ?? 0;
    return (await this.#page(until)).filter(({ position }) => position > until);
  }

  async #step(stored: StoredEvent): Promise<void> {
    const letter = open(stored);
    if (!letter || isOurOwn(letter.event.stream)) return;
    const { event, link, pins } = letter;
    const { stream, revision, position } = event;
    const end = this.#ends.get(stream) ?? { revision: -1, link: GENESIS_LINK };
    if (revision !== end.revision + 1) this.#tell({ position, stream, revision, why: 'revision' });
    else if (linkAfter(end.link, { ...event, pins }) !== link) this.#tell({ position, stream, revision, why: 'hash' });
    this.#ends.set(stream, { revision, link });
    this.#events += 1;
    this.#head = position;
    if (pins.length > 0 && (await this.#validity.brokenPinOf(letter)) !== null) this.#voidEvents += 1;
  }

  #tell(broken: BrokenEvent): void {
    if (this.#broken.length < BROKEN_MAX) this.#broken.push(broken);
  }
}
