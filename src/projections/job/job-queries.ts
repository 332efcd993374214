import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { readPage, Where, type Page, type PageRequest } from '../engine/page.js';
import { ReadModels } from '../engine/read-models.js';
import type { JobRow } from './jobs.js';
import type { RunRow } from './runs.js';

export interface JobFilter extends PageRequest {
  readonly status?: readonly string[] | null;
  readonly agent?: string | null;
  readonly workItem?: string | null;
}

export class ListJobs extends Query<Page<JobRow>> {
  constructor(readonly filter: JobFilter) {
    super();
  }
}

/** All jobs of these tasks, oldest first. */
export class JobsOfTasks extends Query<readonly JobRow[]> {
  constructor(readonly taskIds: readonly number[]) {
    super();
  }
}

/** A run with the facts of its job beside it: a row of `agent_runs`. */
export type AgentRunRow = Omit<RunRow, 'run_id'> & {
  readonly id: string;
  readonly task_id: number | null;
  readonly work_item_id: string | null;
  readonly repo: string;
  readonly agent: string;
  readonly stage: string;
};

export class FindRuns extends Query<readonly AgentRunRow[]> {
  constructor(readonly ids: readonly string[]) {
    super();
  }
}

/** All runs of these tasks, oldest first. */
export class RunsOfTasks extends Query<readonly AgentRunRow[]> {
  constructor(readonly taskIds: readonly number[]) {
    super();
  }
}

/** Whose process is running, or was when it was last heard of. */
export class RunsUnderWay extends Query<readonly AgentRunRow[]> {}

@QueryHandler(ListJobs)
export class ListJobsHandler implements IQueryHandler<ListJobs> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter }: ListJobs): Promise<Page<JobRow>> {
    const workItem = filter.workItem ? canonicalWorkItem(filter.workItem) : null;
    const where = new Where().among('status', filter.status).equals('agent', filter.agent);
    return readPage(this.models, 'jobs', where.equals('work_item_id', workItem), filter);
  }
}

@QueryHandler(JobsOfTasks)
export class JobsOfTasksHandler implements IQueryHandler<JobsOfTasks> {
  constructor(private readonly models: ReadModels) {}

  execute({ taskIds }: JobsOfTasks): Promise<readonly JobRow[]> {
    const sql = 'SELECT * FROM jobs WHERE task_id IN (SELECT value FROM json_each(?)) ORDER BY id';
    return this.models.all(sql, [JSON.stringify(taskIds)]);
  }
}

@QueryHandler(FindRuns)
export class FindRunsHandler implements IQueryHandler<FindRuns> {
  constructor(private readonly models: ReadModels) {}

  execute({ ids }: FindRuns): Promise<readonly AgentRunRow[]> {
    const sql = 'SELECT * FROM agent_runs WHERE id IN (SELECT value FROM json_each(?))';
    return this.models.all(sql, [JSON.stringify(ids)]);
  }
}

@QueryHandler(RunsOfTasks)
export class RunsOfTasksHandler implements IQueryHandler<RunsOfTasks> {
  constructor(private readonly models: ReadModels) {}

  execute({ taskIds }: RunsOfTasks): Promise<readonly AgentRunRow[]> {
    const sql = `SELECT * FROM agent_runs WHERE task_id IN (SELECT value FROM json_each(?))
      ORDER BY claimed_at, job_id, attempt`;
    return this.models.all(sql, [JSON.stringify(taskIds)]);
  }
}

@QueryHandler(RunsUnderWay)
export class RunsUnderWayHandler implements IQueryHandler<RunsUnderWay> {
  constructor(private readonly models: ReadModels) {}

  execute(): Promise<readonly AgentRunRow[]> {
    const running = "SELECT run_id FROM jobs WHERE status = 'running'";
    return this.models.all(`SELECT * FROM agent_runs WHERE id IN (${running}) AND finished_at IS NULL`);
  }
}

export const JOB_QUERY_HANDLERS = [
  ...[ListJobsHandler, JobsOfTasksHandler],
  ...[FindRunsHandler, RunsOfTasksHandler, RunsUnderWayHandler],
];
