import type { Clock } from '../../kernel/clock.js';
import type { Revision } from '../../kernel/event.js';
import { toIso } from '../../kernel/time.js';
import { judge } from '../arbitration.js';
import { EventTooLarge, LogUnavailable, VersionConflict } from '../errors.js';
import type { AppendedStream, StreamCheck, StreamWrite } from '../event-log.js';
import type { ProposedEvent, Store } from './connection/client.js';
import { patiently, StoreFailure } from './connection/failures.js';
import type { Letter } from './envelope.js';
import { enclose, expectedOf, open, pinsOf, revisionOf } from './envelope.js';
import type { Links } from './links.js';
import type { Pages } from './pages.js';
import type { Pin } from './stream-chain.js';
import type { Validity } from './validity.js';

export interface AppenderParts {
  readonly store: Store;
  readonly pages: Pages;
  readonly validity: Validity;
  readonly links: Links;
  readonly clock: Clock;
  readonly closing: AbortSignal;
  /** For how long a store that is away is waited for. */
  readonly giveUpMs: number;
  readonly onTrouble: (sentence: string) => void;
}

/** Where an append that found another version than it expected stands. */
type Standing =
  | { readonly kind: 'only-void-events-between'; readonly after: Revision }
  | { readonly kind: 'repeated'; readonly letters: readonly Letter[] };

/**
 * One append: sent with ids of its own and an exact revision, so that a lost answer can be asked for again; and answered with what the store
 * then has, so that a repetition, ours or another process's, is answered with the original.
 */
export class Appender {
  constructor(private readonly parts: AppenderParts) {}

  async append(write: StreamWrite, checks: readonly StreamCheck[]): Promise<AppendedStream> {
    const pins = pinsOf(checks);
    refuseTwins(write);
    this.#refuseMoved(pins);
    const { closing: signal, giveUpMs, onTrouble } = this.parts;
    const onFailure = ({ message }: Error): void => onTrouble(`${message}; the append to ${write.stream} is repeated`);
    let after = revisionOf(write.expected);
    for (;;) {
      const standing = await patiently(() => this.#attempt(write, pins, after), { signal, giveUpMs, onFailure });
      if (standing.kind === 'repeated') return this.#answer(write, standing.letters, pins);
      after = standing.after;
    }
  }

  async #attempt(write: StreamWrite, pins: readonly Pin[], after: Revision): Promise<Standing> {
    const { links, store, clock } = this.parts;
    const link = await links.after(write.stream, after);
    if (link === null) return this.#standingOf(write);
    const proposed = enclose(write, pins, { after, link, at: toIso(clock.now()) });
    try {
      await store.append(write.stream, expectedOf(after), proposed);
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      if (error.kind === 'wrong-version') return this.#standingOf(write);
      if (error.kind === 'too-large') throw tooLarge(write, proposed, error);
      throw error;
    }
    return { kind: 'repeated', letters: await this.#lookBack(write, pins, { after, proposed }) };
  }

  /** At what is stored now and, side by side with it, at the pins: every append waits for both, and each is a call to the store. */
  async #lookBack(
    write: StreamWrite,
    pins: readonly Pin[],
    { after, proposed }: { readonly after: Revision; readonly proposed: readonly ProposedEvent[] },
  ): Promise<readonly Letter[]> {
    // One that fails is made again for the answer.
    const look = pins.length === 0 ? null : this.parts.validity.lookAfter(pins).catch(() => null);
    const letters = await this.#readBack(write, after, proposed);
    const last = letters.at(-1);
    if (last) (await look)?.(last.event.position);
    return letters;
  }

  async #readBack(write: StreamWrite, after: Revision, sent: readonly ProposedEvent[]): Promise<readonly Letter[]> {
    const { stream } = write;
    const stored = await this.parts.store.readStream(stream, { from: after + 1, count: sent.length });
    const letters = stored.map(open).filter((letter) => letter !== null);
    const isSame = stored.length === sent.length && stored.every(({ id }, index) => id === sent[index]?.id);
    // A node that has not caught up yet; asked again, it will have.
    if (!isSame) throw new StoreFailure('unanswered', `The event store does not show what was appended to ${stream}`);
    const last = letters.at(-1);
    if (last) this.parts.links.remember(stream, { revision: last.event.revision, link: last.link });
    return letters;
  }

  /** All events of an append are written in one piece, so its first one speaks for all. */
  async #answer({ stream }: StreamWrite, letters: readonly Letter[], pins: readonly Pin[]): Promise<AppendedStream> {
    const { validity, closing: signal, giveUpMs } = this.parts;
    const [first] = letters;
    const broken =
      first && pins.length > 0 ? await patiently(() => validity.brokenPinOf(first), { signal, giveUpMs }) : null;
    if (broken) throw await this.#conflictOf(broken);
    const positions = letters.map(({ event }) => event.position);
    return { stream, revision: letters.at(-1)?.event.revision ?? 0, positions };
  }

  /** Void events behind the expected one are nobody's: the stream is where it was expected. */
  async #standingOf(write: StreamWrite): Promise<Standing> {
    const { stream, events } = write;
    const expected = revisionOf(write.expected);
    const behind = await this.parts.pages.ofStream(stream, expected + 1);
    const isThere = expected < 0 || (await this.parts.links.after(stream, expected)) !== null;
    if (behind.letters.length === 0 && behind.isLast && isThere && behind.untilRevision !== null)
      return { kind: 'only-void-events-between', after: behind.untilRevision };
    const actual = await this.#headOf(stream);
    const logical = new Map(behind.letters.map(({ event }, index) => [event.id, { index, event }]));
    const verdict = judge(
      { writes: [write], checks: [] },
      {
        headOf: () => actual,
        placeOf: (id) => {
          const found = logical.get(id);
          return found && { stream, revision: expected + 1 + found.index, position: found.event.position };
        },
      },
    );
    if (verdict.kind === 'refused') throw verdict.error;
    if (verdict.kind === 'repeated') return { kind: 'repeated', letters: behind.letters.slice(0, events.length) };
    throw new StoreFailure('unanswered', `The event store has moved ${stream} while it was looked at`);
  }

  async #headOf(stream: string): Promise<StreamWrite['expected']> {
    for (let from: Revision | 'end' = 'end'; ;) {
      const page = await this.parts.pages.ofStream(stream, from, true);
      const [last] = page.letters;
      if (last) return last.event.revision;
      if (page.isLast || page.untilRevision === null || page.untilRevision === 0) return 'no-stream';
      from = page.untilRevision - 1;
    }
  }

  /** Nothing is written that cannot count. */
  #refuseMoved(pins: readonly Pin[]): void {
    const moved = pins.find((pin) => this.parts.validity.hasMoved(pin));
    if (moved) throw new VersionConflict(moved.stream, expectedOf(moved.revision), expectedOf(moved.revision + 1));
  }

  async #conflictOf({ stream, revision }: Pin): Promise<VersionConflict> {
    return new VersionConflict(stream, expectedOf(revision), await this.#headOf(stream));
  }
}

/** One id twice in one append; the store would take it. */
function refuseTwins(write: StreamWrite): void {
  const verdict = judge({ writes: [write], checks: [] }, { headOf: () => write.expected, placeOf: () => undefined });
  if (verdict.kind === 'refused') throw verdict.error;
}

function tooLarge({ stream }: StreamWrite, proposed: readonly ProposedEvent[], error: StoreFailure): EventTooLarge {
  const bytes = proposed.reduce(
    (sum, { data, metadata }) => sum + Buffer.byteLength(JSON.stringify(data) + JSON.stringify(metadata)),
    0,
  );
  return new EventTooLarge(stream, bytes, error.bytesMax ?? bytes - 1);
}

/** What is left over is for the operator. */
export function unavailable(error: unknown): unknown {
  return error instanceof StoreFailure ? new LogUnavailable(error.message, { cause: error }) : error;
}
