import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';
import { describe } from './wording.js';

/** One step of a work item's story. */
export interface TimelineEntry {
  readonly eventId: string;
  readonly position: number;
  readonly at: string;
  readonly type: string;
  readonly stream: string;
  readonly actor: string;
  readonly causationId: string | null;
  readonly text: string;
  readonly sinceStartMs: number;
  readonly sincePreviousMs: number;
}

/** Pure, so that the command line tells the same story from a copy of the log. */
export function timelineOf(events: readonly RecordedEvent[]): readonly TimelineEntry[] {
  const start = events[0];
  return events.map((event, index) => ({
    eventId: event.id,
    position: event.position,
    at: event.recordedAt,
    type: event.type,
    stream: event.stream,
    actor: event.metadata.actor,
    causationId: event.metadata.$causationId,
    text: describe(event),
    sinceStartMs: elapsedMs(start ?? event, event),
    sincePreviousMs: elapsedMs(events[index - 1] ?? event, event),
  }));
}

function elapsedMs(from: RecordedEvent, to: RecordedEvent): number {
  return fromIso(to.recordedAt) - fromIso(from.recordedAt);
}
