import type { Position, RecordedEvent, Revision } from '../../kernel/event.js';
import { matches, pageSize } from '../event-filter.js';
import type { EventFilter, ReadAll, ReadStream } from '../event-log.js';
import type { Upcasts } from '../upcasts.js';
import { upcast } from '../upcasts.js';
import type { Page, Pages } from './pages.js';

/** What was found on the way, and whether the way has ended. */
export interface Gathered {
  readonly events: readonly RecordedEvent[];
  readonly isLast: boolean;
}

/** Reads as the port has it: pages that are full as long as there is more. */
export class Reader {
  constructor(
    private readonly pages: Pages,
    private readonly upcasts: Upcasts,
  ) {}

  async stream(stream: string, { after, direction, limit }: ReadStream): Promise<readonly RecordedEvent[]> {
    const size = pageSize(limit);
    const events: RecordedEvent[] = [];
    const backwards = direction === 'backwards';
    for (let from = startOf(after, backwards); from !== null && events.length < size;) {
      const page: Page = await this.pages.ofStream(stream, from, backwards);
      events.push(...this.#eventsOf(page));
      from = page.isLast || page.untilRevision === null ? null : startOf(page.untilRevision, backwards);
    }
    return events.slice(0, size);
  }

  async all(options: ReadAll): Promise<readonly RecordedEvent[]> {
    const { after, direction, limit } = options;
    const size = pageSize(limit);
    if (direction === 'backwards') return this.#backwards(after ?? 'end', size, options);
    const events: RecordedEvent[] = [];
    for (let from: Position = after ?? 0; events.length < size;) {
      const page: Page = await this.pages.forwards(from);
      events.push(...this.#eventsOf(page).filter((event) => matches(options, event)));
      if (page.isLast || page.until === null) break;
      from = page.until;
    }
    return events.slice(0, size);
  }

  /** At least so many events, or all that there are; whether they match is for others to ask. */
  async gather(after: Position, size: number): Promise<Gathered> {
    const events: RecordedEvent[] = [];
    for (let from = after; ;) {
      const page = await this.pages.forwards(from);
      events.push(...this.#eventsOf(page));
      if (page.isLast || page.until === null) return { events: events.slice(0, size), isLast: events.length <= size };
      if (events.length >= size) return { events: events.slice(0, size), isLast: false };
      from = page.until;
    }
  }

  async #backwards(before: Position | 'end', size: number, filter: EventFilter): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for (let from = before; events.length < size;) {
      const page: Page = await this.pages.backwards(from);
      events.push(...this.#eventsOf(page).filter((event) => matches(filter, event)));
      if (page.isLast || page.until === null) break;
      from = page.until;
    }
    return events.slice(0, size);
  }

  #eventsOf({ letters }: Page): readonly RecordedEvent[] {
    return letters.map(({ event }) => upcast(event, this.upcasts));
  }
}

/** Null: there is nothing before the first event. */
function startOf(after: Revision | undefined, backwards: boolean): Revision | 'end' | null {
  if (!backwards) return (after ?? -1) + 1;
  if (after === undefined) return 'end';
  return after === 0 ? null : after - 1;
}
