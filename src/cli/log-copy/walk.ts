import type { EventLog } from '../../event-log/event-log.js';
import { numberOf, type RecordedEvent } from '../../kernel/event.js';

/** Every event in order, a page at a time. */
export async function* eventsIn(log: EventLog): AsyncGenerator<RecordedEvent, void, void> {
  for (let after = 0; ;) {
    const page = await log.readAll({ after });
    const last = page.at(-1);
    if (!last) return;
    yield* page;
    after = last.position;
  }
}

/** What makes an event the same in two logs, its number with it; positions belong to one log, and so do revisions behind a void event. */
export function sameFacts(one: RecordedEvent, other: RecordedEvent): boolean {
  return JSON.stringify(factsOf(one)) === JSON.stringify(factsOf(other));
}

function factsOf(event: RecordedEvent) {
  const { id, stream, type, data, metadata, recordedAt } = event;
  const { number: _, ...facts } = metadata;
  return [id, stream, type, data, facts, recordedAt, numberOf(event)];
}
