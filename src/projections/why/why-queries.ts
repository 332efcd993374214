import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EVENT_LOG, type EventLog } from '../../event-log/event-log.js';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { POLICY, type Policy } from '../../kernel/pipeline/policy.js';
import { ReadModels } from '../engine/read-models.js';
import { positionAt } from '../event/moment.js';
import type { TaskRow } from '../task/tasks.js';
import { readWhy, whyAt } from './why-at.js';
import { readWhyFacts } from './why-facts.js';
import { whyOf, type Why } from './why.js';

/** Why the newest task of a work item does not move, now or as of a position or an ISO time; null for an unknown one. */
export class ReadWhy extends Query<Why | null> {
  constructor(
    readonly workItem: string,
    readonly at: string | null = null,
  ) {
    super();
  }
}

/** The same for many tasks, in their order. */
export class WhyOfTasks extends Query<readonly Why[]> {
  constructor(readonly ids: readonly number[]) {
    super();
  }
}

@QueryHandler(ReadWhy)
export class ReadWhyHandler implements IQueryHandler<ReadWhy> {
  constructor(
    private readonly models: ReadModels,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(POLICY) private readonly policy: Policy,
  ) {}

  async execute({ workItem, at }: ReadWhy): Promise<Why | null> {
    if (at === null) return readWhy(this.models, workItem, { policy: this.policy, nowMs: this.clock.now() });
    return whyAt(this.log, workItem, await positionAt(this.log, at), this.policy);
  }
}

@QueryHandler(WhyOfTasks)
export class WhyOfTasksHandler implements IQueryHandler<WhyOfTasks> {
  constructor(
    private readonly models: ReadModels,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(POLICY) private readonly policy: Policy,
  ) {}

  async execute({ ids }: WhyOfTasks): Promise<readonly Why[]> {
    const sql = 'SELECT t.* FROM json_each(?) asked JOIN tasks t ON t.id = asked.value ORDER BY asked.key';
    const tasks = await this.models.all<TaskRow>(sql, [JSON.stringify(ids)]);
    const facts = await readWhyFacts(this.models, tasks, this.clock.now());
    return facts.map((fact) => whyOf(fact, this.policy));
  }
}

export const WHY_QUERY_HANDLERS = [ReadWhyHandler, WhyOfTasksHandler];
