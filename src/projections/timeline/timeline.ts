import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EVENT_LOG, type EventLog } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
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

/** The whole story of a work item, oldest first; empty for an unknown one. */
export class TimelineOf extends Query<readonly TimelineEntry[]> {
  constructor(readonly workItem: string) {
    super();
  }
}

@QueryHandler(TimelineOf)
export class TimelineOfHandler implements IQueryHandler<TimelineOf> {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog) {}

  async execute({ workItem }: TimelineOf): Promise<readonly TimelineEntry[]> {
    const correlationId = canonicalWorkItem(workItem);
    const events: RecordedEvent[] = [];
    for (let after = 0; ;) {
      const page = await this.log.readAll({ correlationId, after });
      const last = page.at(-1);
      if (!last) return timelineOf(events);
      events.push(...page);
      after = last.position;
    }
  }
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

export const TIMELINE_QUERY_HANDLERS = [TimelineOfHandler];
