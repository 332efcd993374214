import { DECIDERS } from '../commands/deciders.js';
import type { EventLog, Follow, FollowedPage } from '../event-log/event-log.js';
import type { RecordedEvent } from '../kernel/event.js';

/** Live it is passed over; whoever makes everything anew would make something else than was there. */
export class UnknownEvent extends Error {
  constructor({ position, type, metadata }: RecordedEvent, place: string, known: number | undefined) {
    const what = `a ${type} of version ${metadata.schemaVersion}`;
    const knows = known === undefined ? 'this release does not know' : `this release knows up to version ${known}`;
    super(
      `The event at position ${position} of ${place} is ${what}, which ${knows}: use the release that wrote it, or a newer one`,
    );
    this.name = 'UnknownEvent';
  }
}

const VERSIONS: ReadonlyMap<string, number> = new Map(
  DECIDERS.flatMap(({ events }) => Object.entries(events as Readonly<Record<string, number>>)),
);

/** The pages of a log as far as every event in them is known. */
export class KnownEvents implements Pick<EventLog, 'logId' | 'head' | 'follow'> {
  constructor(
    private readonly log: EventLog,
    private readonly place: string,
  ) {}

  get logId(): string {
    return this.log.logId;
  }

  head(): Promise<number> {
    return this.log.head();
  }

  async *follow(options: Follow): AsyncGenerator<FollowedPage, void, void> {
    for await (const page of this.log.follow(options)) {
      for (const event of page.events) this.refuseUnknown(event);
      yield page;
    }
  }

  private refuseUnknown(event: RecordedEvent): void {
    const known = VERSIONS.get(event.type);
    if (known === undefined || event.metadata.schemaVersion > known) throw new UnknownEvent(event, this.place, known);
  }
}
