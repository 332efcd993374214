import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EVENT_LOG, type EventLog } from '../../event-log/event-log.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { limitsOf, type PageRequest } from '../engine/page.js';
import { positionAt, positionBefore } from './moment.js';

export interface EventFilter {
  readonly stream?: string | null;
  readonly type?: readonly string[] | null;
  readonly workItem?: string | null;
  /** A position or an ISO time, inclusive; likewise `until`. */
  readonly since?: string | null;
  readonly until?: string | null;
}

export interface EventPage {
  readonly rows: readonly RecordedEvent[];
  readonly hasNextPage: boolean;
}

export class ListEvents extends Query<EventPage> {
  constructor(readonly filter: EventFilter & PageRequest) {
    super();
  }
}

/** Reads everything that matches; asked for only when somebody wants to know. */
export class CountEvents extends Query<number> {
  constructor(readonly filter: EventFilter) {
    super();
  }
}

@QueryHandler(ListEvents)
export class ListEventsHandler implements IQueryHandler<ListEvents> {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog) {}

  async execute({ filter }: ListEvents): Promise<EventPage> {
    const { limit, after } = limitsOf(filter);
    const rows: RecordedEvent[] = [];
    for await (const event of matchingEvents(this.log, filter, { after, pageSize: limit + 1 })) {
      if (rows.length === limit) return { rows, hasNextPage: true };
      rows.push(event);
    }
    return { rows, hasNextPage: false };
  }
}

@QueryHandler(CountEvents)
export class CountEventsHandler implements IQueryHandler<CountEvents> {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog) {}

  async execute({ filter }: CountEvents): Promise<number> {
    let count = 0;
    for await (const _ of matchingEvents(this.log, filter, { after: 0, pageSize: 1_000 })) count += 1;
    return count;
  }
}

interface Reading {
  readonly after: number;
  readonly pageSize: number;
}

async function* matchingEvents(log: EventLog, filter: EventFilter, reading: Reading): AsyncGenerator<RecordedEvent> {
  const since = filter.since ? await positionBefore(log, filter.since) : 0;
  const until = filter.until ? await positionAt(log, filter.until) : Number.MAX_SAFE_INTEGER;
  const after = Math.max(since, reading.after);
  const events = filter.stream ? eventsOfStream(log, filter.stream) : eventsOfAll(log, filter, { ...reading, after });
  for await (const event of events) {
    if (event.position > until) return;
    if (event.position > after && isMeant(event, filter)) yield event;
  }
}

async function* eventsOfAll(log: EventLog, filter: EventFilter, reading: Reading): AsyncGenerator<RecordedEvent> {
  const narrowed = {
    ...(filter.type ? { types: filter.type } : {}),
    ...(filter.workItem ? { correlationId: canonicalWorkItem(filter.workItem) } : {}),
  };
  for (let { after } = reading; ;) {
    const page = await log.readAll({ ...narrowed, after, limit: reading.pageSize });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < reading.pageSize) return;
    after = last.position;
  }
}

async function* eventsOfStream(log: EventLog, stream: string): AsyncGenerator<RecordedEvent> {
  for (let after: number | undefined; ;) {
    const page = await log.readStream(stream, after === undefined ? {} : { after });
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.revision;
  }
}

function isMeant(event: RecordedEvent, { type, workItem }: EventFilter): boolean {
  if (type && !type.includes(event.type)) return false;
  return !workItem || event.metadata.$correlationId === canonicalWorkItem(workItem);
}

export const EVENT_QUERY_HANDLERS = [ListEventsHandler, CountEventsHandler];
