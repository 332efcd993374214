import type { Position, RecordedEvent, Revision } from '../../kernel/event.js';

export interface EventPlace {
  readonly stream: string;
  readonly revision: Revision;
}

/** Where each event id is, for stores that cannot find an event by its id. Derived from the log: may be deleted at any time. */
export interface EventPlaces {
  find(id: string, logId: string): Promise<EventPlace | null>;
  /** Every event up to here is known. */
  until(logId: string): Promise<Position>;
  add(events: readonly RecordedEvent[], until: Position, logId: string): Promise<void>;
}

export class InMemoryEventPlaces implements EventPlaces {
  readonly #places = new Map<string, EventPlace>();
  #until: Position = 0;

  async find(id: string): Promise<EventPlace | null> {
    return this.#places.get(id) ?? null;
  }

  async until(): Promise<Position> {
    return this.#until;
  }

  async add(events: readonly RecordedEvent[], until: Position): Promise<void> {
    for (const { id, stream, revision } of events) this.#places.set(id, { stream, revision });
    this.#until = until;
  }
}
