import { Controller, Get, Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { CONFIG, type Config } from '../config/config.js';
import { BackgroundStats } from '../kernel/background-stats.js';
import { POLICY, type Policy } from '../kernel/pipeline/policy.js';
import { ReadQueue } from '../projections/queue/queue-queries.js';
import type { QueueSnapshot } from '../projections/queue/queue-snapshot.js';
import { ReadStatus } from '../projections/task/status-queries.js';
import type { Status } from '../projections/task/status.js';

/** Both as of now, or of a position or an ISO time. */
@Controller()
export class StatusController {
  constructor(
    private readonly queries: QueryBus,
    private readonly stats: BackgroundStats,
    @Inject(POLICY) private readonly policy: Policy,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('status')
  status(@Query('at') at?: string): Promise<Status> {
    return this.queries.execute(new ReadStatus(at ?? null));
  }

  @Get('queue')
  queue(@Query('at') at?: string): Promise<QueueSnapshot> {
    const settings = { policy: this.policy, pollIntervalS: this.config.queue.pollIntervalS, stats: this.stats };
    return this.queries.execute(new ReadQueue(settings, at ?? null));
  }
}
