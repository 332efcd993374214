import type { FollowedPage } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';

const EVENTS_MIN = 10_000;

/**
 * Far behind the end of the log pages are joined: a row that many pages change is then written once, and one that is born and gone
 * within a batch never. At the end nobody waits for more.
 */
export async function* inBatches(
  pages: AsyncIterable<FollowedPage>,
  eventsMin = EVENTS_MIN,
): AsyncGenerator<FollowedPage, void, void> {
  let events: RecordedEvent[] = [];
  for await (const page of pages) {
    events.push(...page.events);
    if (!page.caughtUp && events.length < eventsMin) continue;
    yield { ...page, events };
    events = [];
  }
}
