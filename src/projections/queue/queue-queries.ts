import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EVENT_LOG, type EventLog } from '../../event-log/event-log.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { ReadModels } from '../engine/read-models.js';
import { positionAt } from '../event/moment.js';
import { queueAt } from './queue-at.js';
import { queueSnapshot, type QueueSettings, type QueueSnapshot } from './queue-snapshot.js';

/** What `/queue` shows, now or as of a position or an ISO time, under the settings that were in force then. */
export class ReadQueue extends Query<QueueSnapshot> {
  constructor(
    readonly settings: QueueSettings,
    readonly at: string | null = null,
  ) {
    super();
  }
}

@QueryHandler(ReadQueue)
export class ReadQueueHandler implements IQueryHandler<ReadQueue> {
  constructor(
    private readonly models: ReadModels,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ settings, at }: ReadQueue): Promise<QueueSnapshot> {
    if (at === null) return queueSnapshot(this.models, settings, this.clock.now());
    return queueAt(this.log, await positionAt(this.log, at), settings);
  }
}

export const QUEUE_QUERY_HANDLERS = [ReadQueueHandler];
