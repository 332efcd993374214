import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EVENT_LOG, type EventLog } from '../../event-log/event-log.js';
import { ReadModels } from '../engine/read-models.js';
import { positionAt } from '../event/moment.js';
import { readStatus, statusAt, type Status } from './status.js';

/** Now, or as of a position or an ISO time. */
export class ReadStatus extends Query<Status> {
  constructor(readonly at: string | null = null) {
    super();
  }
}

@QueryHandler(ReadStatus)
export class ReadStatusHandler implements IQueryHandler<ReadStatus> {
  constructor(
    private readonly models: ReadModels,
    @Inject(EVENT_LOG) private readonly log: EventLog,
  ) {}

  async execute({ at }: ReadStatus): Promise<Status> {
    return at === null ? readStatus(this.models) : statusAt(this.log, await positionAt(this.log, at));
  }
}

export const STATUS_QUERY_HANDLERS = [ReadStatusHandler];
