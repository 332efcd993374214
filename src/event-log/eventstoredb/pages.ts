import type { Position, Revision } from '../../kernel/event.js';
import type { Store, StoredEvent } from './connection/client.js';
import { StoreFailure } from './connection/failures.js';
import type { Letter } from './envelope.js';
import { open } from './envelope.js';
import type { Validity } from './validity.js';

/** One page of the store: what of it counts, and how far it went. */
export interface Page {
  readonly letters: readonly Letter[];
  /** Of the last stored event looked at, ours or not; null for an empty page. */
  readonly until: Position | null;
  readonly untilRevision: Revision | null;
  readonly firstPosition: Position | null;
  readonly isLast: boolean;
}

/** A full page of the port, the event that it begins after, and one more, which tells that the page is not the last. */
const COUNT = 1_002;
const WAYPOINTS_MAX = 10_000;

/** Pages of the whole log and of its streams, without what does not count. */
export class Pages {
  /** Positions at which a record is known to begin, ascending. */
  readonly #waypoints: Position[] = [];

  constructor(
    private readonly store: Store,
    private readonly validity: Validity,
  ) {}

  async ofStream(stream: string, from: Revision | 'end', backwards = false): Promise<Page> {
    const stored = await this.store.readStream(stream, { from, backwards, count: COUNT });
    return this.#pageOf(stored, stored.length < COUNT);
  }

  /** Everything after the position; 0 = from the beginning. */
  async forwards(after: Position): Promise<Page> {
    const stored = await this.#readAfter(after);
    if (stored[0]) this.#remember(stored[0].position);
    const newer = stored.filter(({ position }) => position > after);
    return this.#pageOf(newer, stored.length < COUNT);
  }

  /** Everything before the position, the newest first. */
  async backwards(before: Position | 'end', count = COUNT): Promise<Page> {
    const stored = await this.#readBefore(before, count);
    return this.#pageOf(stored, stored.length < count);
  }

  async #pageOf(stored: readonly StoredEvent[], isLast: boolean): Promise<Page> {
    const letters = stored.map(open).filter((letter) => letter !== null && !isOurOwn(letter.event.stream));
    const valid = await this.validity.validIn(letters as readonly Letter[]);
    const [first, last] = [stored.at(0), stored.at(-1)];
    const until = { until: last?.position ?? null, untilRevision: last?.revision ?? null };
    return { letters: valid, ...until, firstPosition: first?.position ?? null, isLast };
  }

  async #readAfter(after: Position): Promise<readonly StoredEvent[]> {
    if (after === 0) return this.store.readAll({ from: 'start', count: COUNT });
    try {
      return await this.store.readAll({ from: after, count: COUNT });
    } catch (error) {
      if (!isBadPlace(error)) throw error;
    }
    const from = await this.#placeAfter(after);
    return from === null ? [] : this.store.readAll({ from, count: COUNT });
  }

  async #readBefore(before: Position | 'end', count: number): Promise<readonly StoredEvent[]> {
    try {
      return await this.store.readAll({ from: before, backwards: true, count });
    } catch (error) {
      if (before === 'end' || !isBadPlace(error)) throw error;
      const from = (await this.#placeAfter(before - 1)) ?? 'end';
      return this.store.readAll({ from, backwards: true, count });
    }
  }

  /** The store reads only from where a record begins; a person may name any number. */
  async #placeAfter(after: Position): Promise<Position | null> {
    for (let from: Position | 'start' = this.#waypointBefore(after); ;) {
      const stored = await this.store.readAll({ from, count: COUNT });
      const [first] = stored;
      if (first) this.#remember(first.position);
      const found = stored.find(({ position }) => position > after);
      if (found) return found.position;
      if (stored.length < COUNT) return null;
      from = stored.at(-1)?.position ?? 'start';
    }
  }

  #waypointBefore(position: Position): Position | 'start' {
    return this.#waypoints.findLast((waypoint) => waypoint <= position) ?? 'start';
  }

  #remember(position: Position): void {
    if (position <= (this.#waypoints.at(-1) ?? -1) || this.#waypoints.length >= WAYPOINTS_MAX) return;
    this.#waypoints.push(position);
  }
}

const OWN_PREFIX = 'orchestrator-';

/** Streams that the adapter keeps for itself: the log's name, signs of life. */
export function ownStream(name: string): string {
  return OWN_PREFIX + name;
}

export function isOurOwn(stream: string): boolean {
  return stream.startsWith(OWN_PREFIX);
}

function isBadPlace(error: unknown): boolean {
  return error instanceof StoreFailure && (error.kind === 'bad-place' || error.kind === 'other');
}
