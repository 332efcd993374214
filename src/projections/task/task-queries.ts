import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { readPage, Where, type Page, type PageRequest } from '../engine/page.js';
import { ReadModels } from '../engine/read-models.js';
import { NOT_TERMINAL, type TaskRow } from './tasks.js';

/** The newest task of a work item, in either spelling. */
export class FindTask extends Query<TaskRow | null> {
  constructor(readonly workItem: string) {
    super();
  }
}

export interface TaskFilter extends PageRequest {
  readonly repo?: string | null;
  readonly stage?: readonly string[] | null;
  /** Active: in no terminal stage and not paused (AMB-01). */
  readonly active?: boolean | null;
}

export class ListTasks extends Query<Page<TaskRow>> {
  constructor(readonly filter: TaskFilter) {
    super();
  }
}

export class FindTasks extends Query<readonly TaskRow[]> {
  constructor(readonly ids: readonly number[]) {
    super();
  }
}

export interface TaskCost {
  readonly task_id: number;
  readonly cost_usd: number | null;
}

/** What the runs of these tasks have cost, as far as it is known. */
export class CostsOfTasks extends Query<readonly TaskCost[]> {
  constructor(readonly ids: readonly number[]) {
    super();
  }
}

/** The tasks that these wait for. */
export class PrerequisitesOfTasks extends Query<readonly (TaskRow & { readonly dependent_id: number })[]> {
  constructor(readonly ids: readonly number[]) {
    super();
  }
}

@QueryHandler(FindTask)
export class FindTaskHandler implements IQueryHandler<FindTask> {
  constructor(private readonly models: ReadModels) {}

  execute({ workItem }: FindTask): Promise<TaskRow | null> {
    const sql = 'SELECT * FROM tasks WHERE work_item_id = ? ORDER BY id DESC LIMIT 1';
    return this.models.first(sql, [canonicalWorkItem(workItem)]);
  }
}

@QueryHandler(ListTasks)
export class ListTasksHandler implements IQueryHandler<ListTasks> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter }: ListTasks): Promise<Page<TaskRow>> {
    const where = new Where().equals('repo', filter.repo).among('stage', filter.stage);
    const active = `(${NOT_TERMINAL} AND paused_at IS NULL)`;
    if (typeof filter.active === 'boolean') where.and(filter.active ? active : `NOT ${active}`);
    return readPage(this.models, 'tasks', where, filter);
  }
}

@QueryHandler(FindTasks)
export class FindTasksHandler implements IQueryHandler<FindTasks> {
  constructor(private readonly models: ReadModels) {}

  execute({ ids }: FindTasks): Promise<readonly TaskRow[]> {
    return this.models.all('SELECT * FROM tasks WHERE id IN (SELECT value FROM json_each(?))', [JSON.stringify(ids)]);
  }
}

@QueryHandler(CostsOfTasks)
export class CostsOfTasksHandler implements IQueryHandler<CostsOfTasks> {
  constructor(private readonly models: ReadModels) {}

  execute({ ids }: CostsOfTasks): Promise<readonly TaskCost[]> {
    const sql = `SELECT task_id, sum(cost_usd) AS cost_usd FROM agent_runs
      WHERE task_id IN (SELECT value FROM json_each(?)) GROUP BY task_id`;
    return this.models.all(sql, [JSON.stringify(ids)]);
  }
}

@QueryHandler(PrerequisitesOfTasks)
export class PrerequisitesOfTasksHandler implements IQueryHandler<PrerequisitesOfTasks> {
  constructor(private readonly models: ReadModels) {}

  execute({ ids }: PrerequisitesOfTasks): Promise<readonly (TaskRow & { readonly dependent_id: number })[]> {
    const sql = `SELECT d.task_id AS dependent_id, t.* FROM job_deps d JOIN tasks t ON t.id = d.depends_on_task_id
      WHERE d.task_id IN (SELECT value FROM json_each(?)) ORDER BY t.id`;
    return this.models.all(sql, [JSON.stringify(ids)]);
  }
}

export const TASK_QUERY_HANDLERS = [
  FindTaskHandler,
  ListTasksHandler,
  FindTasksHandler,
  CostsOfTasksHandler,
  PrerequisitesOfTasksHandler,
];
