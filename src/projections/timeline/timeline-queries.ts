import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EVENT_LOG, type EventLog } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { timelineOf, type TimelineEntry } from './timeline.js';

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

export const TIMELINE_QUERY_HANDLERS = [TimelineOfHandler];
