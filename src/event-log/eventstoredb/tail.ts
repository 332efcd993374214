import type { Position, RecordedEvent } from '../../kernel/event.js';
import type { Bell } from '../bell.js';
import { matches } from '../event-filter.js';
import type { EventFilter, FollowedPage } from '../event-log.js';
import type { Upcasts } from '../upcasts.js';
import { upcast } from '../upcasts.js';
import type { Pages } from './pages.js';

export interface TailSource {
  readonly pages: Pages;
  readonly bell: Bell;
  readonly upcasts: Upcasts;
}

const KEPT_MAX = 1_000;
const FIRST_LOOK = 100;

/** The newest events, read once for all who follow close to the end; and where the end is. */
export class Tail {
  #events: readonly RecordedEvent[] = [];
  /** Everything of ours after this, up to the last look, is kept. */
  #from: Position = Number.POSITIVE_INFINITY;
  /** How far the store was looked at; there need not be anything of ours. */
  #lookedUntil: Position | null = null;
  #newest: Position = 0;
  #rings: number | undefined;
  #looking: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(private readonly source: TailSource) {}

  /** Position of the newest event, as it is after this was asked. */
  async head(): Promise<Position> {
    await this.#look();
    return this.#newest;
  }

  /** Null: that far back only the store itself knows. */
  async pageAfter(after: Position, filter: EventFilter): Promise<FollowedPage | null> {
    const { rings } = this.source.bell;
    if (this.#rings === undefined || this.#rings < rings) await this.#look();
    if (after < this.#from) return null;
    const events = this.#events.filter((event) => event.position > after && matches(filter, event));
    return { events, position: Math.max(after, this.#newest), caughtUp: true };
  }

  kept(id: string): RecordedEvent | undefined {
    return this.#events.find((event) => event.id === id);
  }

  /** Whoever asks while a look is under way shares the next one: the one under way may have begun too early. */
  #look(): Promise<void> {
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined;
      const look = this.#lookOnce();
      this.#looking = look.catch(() => undefined);
      return look;
    });
    return this.#next;
  }

  async #lookOnce(): Promise<void> {
    const { rings } = this.source.bell;
    if (this.#lookedUntil === null) await this.#startAtEnd();
    else await this.#goOn(this.#lookedUntil);
    this.#rings = rings;
  }

  async #startAtEnd(): Promise<void> {
    let page = await this.source.pages.backwards('end', FIRST_LOOK);
    // The first of a page that is read backwards is the last of the store.
    const end = page.firstPosition ?? 0;
    while (page.letters.length === 0 && !page.isLast && page.until !== null)
      page = await this.source.pages.backwards(page.until);
    this.#newest = page.letters[0]?.event.position ?? 0;
    this.#lookedUntil = end;
    this.#from = this.#newest;
  }

  async #goOn(after: Position): Promise<void> {
    for (let from = after; ;) {
      const page = await this.source.pages.forwards(from);
      this.#keep(page.letters.map(({ event }) => upcast(event, this.source.upcasts)));
      from = page.until ?? from;
      this.#lookedUntil = from;
      if (page.isLast) return;
    }
  }

  #keep(newer: readonly RecordedEvent[]): void {
    if (newer.length === 0) return;
    const all = [...this.#events, ...newer];
    const surplus = all.length > 2 * KEPT_MAX ? all.length - KEPT_MAX : 0;
    this.#from = all[surplus - 1]?.position ?? this.#from;
    this.#events = surplus > 0 ? all.slice(surplus) : all;
    this.#newest = all.at(-1)?.position ?? this.#newest;
  }
}
