import type { FollowedPage } from '../../event-log/event-log.js';
import type { Position, RecordedEvent } from '../../kernel/event.js';

const EVENTS_MIN = 10_000;

export interface BatchLimits {
  readonly eventsMin?: number;
  /** Nobody waits for what comes after. */
  readonly until?: Position;
}

/**
 * Far behind the end of the log pages are joined: a row that many pages change is then written once, and one that is born and gone
 * within a batch never. At the end nobody waits for more.
 */
export async function* inBatches(
  pages: AsyncIterable<FollowedPage>,
  { eventsMin = EVENTS_MIN, until = Infinity }: BatchLimits = {},
): AsyncGenerator<FollowedPage, void, void> {
  let events: RecordedEvent[] = [];
  for await (const page of pages) {
    events.push(...page.events);
    if (!page.caughtUp && events.length < eventsMin && page.position < until) continue;
    yield { ...page, events };
    events = [];
  }
}
