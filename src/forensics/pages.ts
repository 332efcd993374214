import type { EventFilter, EventLog, EventParts } from '../event-log/event-log.js';
import type { Position, RecordedEvent } from '../kernel/event.js';

/** A part of the log: everything after one position, up to and including another. */
export interface Range {
  readonly after: Position;
  readonly until: Position;
}

export const WHOLE_LOG: Range = { after: 0, until: Number.MAX_SAFE_INTEGER };

/** The log page by page; the next page is read while the one before is being worked on. */
export async function* pagesOf(
  log: EventLog,
  { after, until }: Range,
  filter: EventFilter & EventParts = {},
): AsyncGenerator<readonly RecordedEvent[], void, void> {
  let upcoming = log.readAll({ ...filter, after });
  for (;;) {
    const page = await upcoming;
    const last = page.at(-1);
    if (!last) return;
    const isLast = last.position >= until;
    if (!isLast) {
      upcoming = log.readAll({ ...filter, after: last.position });
      // Whoever leaves early never asks for it.
      upcoming.catch(() => undefined);
    }
    yield isLast ? page.filter(({ position }) => position <= until) : page;
    if (isLast) return;
  }
}
