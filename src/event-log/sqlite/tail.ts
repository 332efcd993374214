import type { Position, RecordedEvent } from '../../kernel/event.js';
import type { Bell } from '../bell.js';
import { matches, PAGE_SIZE_MAX } from '../event-filter.js';
import type { EventFilter, FollowedPage } from '../event-log.js';

export interface TailSource {
  readonly bell: Bell;
  readonly head: () => Promise<Position>;
  /** One page of everything after the position. */
  readonly read: (after: Position) => Promise<readonly RecordedEvent[]>;
}

const KEPT_MAX = 1_000;

/**
 * The newest events, read once for all who follow close to the end: a dozen followers would otherwise read and parse each
 * event a dozen times. Positions are dense, so an event is found by counting.
 */
export class Tail {
  #events: readonly RecordedEvent[] = [];
  /** Everything after this, up to the last look, is kept. */
  #from: Position = Number.POSITIVE_INFINITY;
  #rings: number | undefined;
  #looking: Promise<void> | undefined;

  constructor(private readonly source: TailSource) {}

  /** Null: that far back only the file itself knows. */
  async pageAfter(after: Position, filter: EventFilter): Promise<FollowedPage | null> {
    while (this.#rings !== this.source.bell.rings) {
      this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
      await this.#looking;
    }
    if (after < this.#from) return null;
    const newer = this.#events.slice(after - this.#from);
    const position = Math.max(after, this.#from + this.#events.length);
    return { events: newer.filter((event) => matches(filter, event)), position, caughtUp: true };
  }

  /** What rings while it looks makes it look again. */
  async #look(): Promise<void> {
    const { rings } = this.source.bell;
    const newer = Number.isFinite(this.#from) ? await this.source.read(this.#from + this.#events.length) : null;
    if (newer === null || newer.length === PAGE_SIZE_MAX) await this.#startAtHead();
    else this.#keep(newer);
    this.#rings = rings;
  }

  async #startAtHead(): Promise<void> {
    this.#from = await this.source.head();
    this.#events = [];
  }

  #keep(newer: readonly RecordedEvent[]): void {
    const all = [...this.#events, ...newer];
    const surplus = all.length > 2 * KEPT_MAX ? all.length - KEPT_MAX : 0;
    this.#from += surplus;
    this.#events = surplus > 0 ? all.slice(surplus) : all;
  }
}
