import { hash as hashOf } from 'node:crypto';
import type { Position, Revision } from '../../kernel/event.js';
import { LogUnavailable } from '../errors.js';
import type { LogDigest } from '../verify/digest.js';
import { OpenIntents, type OpenIntent } from '../verify/open-intents.js';
import { SeenIds } from '../verify/seen-ids.js';
import { unavailable } from './appender.js';
import { parseAddress } from './connection/address.js';
import { Store, type StoredEvent } from './connection/client.js';
import { patiently } from './connection/failures.js';
import { open, type Letter } from './envelope.js';
import { nameOfLog } from './log-name.js';
import { isOurOwn } from './pages.js';
import { GENESIS_LINK, linkAfter } from './stream-chain.js';
import { Validity } from './validity.js';

export interface BrokenEvent {
  readonly position: Position;
  /** Empty where a position and no event is meant. */
  readonly stream: string;
  readonly revision: Revision;
  readonly why: 'hash' | 'revision' | 'cause' | 'digest';
  readonly what: string;
}

export interface StreamsVerification {
  readonly intact: boolean;
  readonly logId: string;
  readonly events: number;
  readonly streams: number;
  /** Written, and without effect because a pinned stream had moved. */
  readonly voidEvents: number;
  readonly head: Position;
  /** Folded over the links of all events in the order of the log: what a digest of a shared store keeps. */
  readonly hash: string;
  /** What was asked for and is not answered: information, because at the end of a log something always is. */
  readonly openIntents: readonly OpenIntent[];
  /** The first ones, in the order of the log. */
  readonly broken: readonly BrokenEvent[];
}

export interface VerifyStreamsOptions {
  readonly url: string;
  readonly namespace?: string;
  readonly onProgress?: (position: Position) => void;
  /** An end of this log that was kept elsewhere. */
  readonly digest?: LogDigest;
}

const PAGE = 1_000;
const BROKEN_MAX = 20;
const PATIENCE_MS = 20_000;

/**
 * Walks the whole store and follows the chain of each stream, causes and what is left open. Holes between positions are the store's own; a removed
 * newest event of a stream shows only against a digest that was kept elsewhere.
 */
export async function verifyStreams(options: VerifyStreamsOptions): Promise<StreamsVerification> {
  const { url, namespace = '' } = options;
  const store = new Store({ address: parseAddress(url), namespace });
  try {
    const { signal } = new AbortController();
    const logId = await patiently(() => nameOfLog(store, null), { giveUpMs: PATIENCE_MS, signal });
    return await new Walk(store, { ...options, logId }).run();
  } catch (error) {
    throw unavailable(error);
  } finally {
    await store.close();
  }
}

interface Walking extends VerifyStreamsOptions {
  readonly logId: string;
}

class Walk {
  readonly #validity: Validity;
  readonly #ends = new Map<string, { readonly revision: Revision; readonly link: string }>();
  readonly #ids = new SeenIds();
  readonly #intents = new OpenIntents();
  readonly #broken: BrokenEvent[] = [];
  #events = 0;
  #voidEvents = 0;
  #head: Position = 0;
  #hash = GENESIS_LINK;
  #metDigest = false;

  constructor(
    private readonly store: Store,
    private readonly options: Walking,
  ) {
    this.#validity = new Validity(store);
  }

  async run(): Promise<StreamsVerification> {
    for (let page = await this.#page('start'); page.length > 0; page = await this.#pageAfter(page)) {
      for (const stored of page) await this.#step(stored);
      this.options.onProgress?.(this.#head);
    }
    if (this.#events === 0) throw new LogUnavailable(`The event store ${this.store.shown} holds no event log of ours`);
    this.#compareEnd();
    const [broken, openIntents] = [this.#broken, this.#intents.list()];
    const counted = { events: this.#events, streams: this.#ends.size, voidEvents: this.#voidEvents };
    const end = { head: this.#head, hash: this.#hash };
    return { intact: broken.length === 0, logId: this.options.logId, ...counted, ...end, openIntents, broken };
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
    this.#follow(letter);
    this.#events += 1;
    this.#head = letter.event.position;
    this.#hash = hashOf('sha256', JSON.stringify([this.#hash, this.#head, letter.link]));
    this.#compareDigest();
    if (letter.pins.length > 0 && (await this.#validity.brokenPinOf(letter)) !== null) this.#voidEvents += 1;
    else this.#count(letter);
  }

  #follow({ event, link, pins }: Letter): void {
    const { stream, revision } = event;
    const end = this.#ends.get(stream) ?? { revision: -1, link: GENESIS_LINK };
    if (revision !== end.revision + 1) this.#tell(event, 'revision', 'it does not continue its stream');
    else if (linkAfter(end.link, { ...event, pins }) !== link)
      this.#tell(event, 'hash', 'it, or the link of it, is not what was written');
    this.#ends.set(stream, { revision, link });
  }

  /** A void event is there for nobody, so that nothing follows from it either. */
  #count({ event }: Letter): void {
    const { id, position, type, recordedAt, data, metadata } = event;
    const { $causationId: cause } = metadata;
    if (cause !== null && !this.#ids.has(cause))
      this.#tell(event, 'cause', `its cause ${cause} is not in the log before it`);
    this.#ids.add(id);
    this.#intents.see({ position, id, type, recordedAt, cause }, JSON.stringify(data));
  }

  #compareDigest(): void {
    const { digest, logId } = this.options;
    if (digest?.position !== this.#head || digest.logId !== logId) return;
    this.#metDigest = true;
    if (digest.hash !== this.#hash) this.#tellOf(this.#head, 'the log was written anew since the digest was taken');
  }

  #compareEnd(): void {
    const { digest, logId } = this.options;
    if (!digest || this.#metDigest) return;
    const went = `when the digest was taken the log went on to ${digest.position}`;
    if (digest.logId !== logId) this.#tellOf(0, `the digest is of the log ${digest.logId}, and this is ${logId}`);
    else if (digest.position > this.#head) this.#tellOf(this.#head, `the log ends here, but ${went}`);
    else this.#tellOf(digest.position, 'the event with which the digest was taken is not there any more');
  }

  #tell({ position, stream, revision }: Letter['event'], why: BrokenEvent['why'], what: string): void {
    if (this.#broken.length < BROKEN_MAX) this.#broken.push({ position, stream, revision, why, what });
  }

  #tellOf(position: Position, what: string): void {
    this.#broken.push({ position, stream: '', revision: -1, why: 'digest', what });
  }
}
