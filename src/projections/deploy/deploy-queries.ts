import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ReadModels } from '../engine/read-models.js';
import type { DeployRow } from './deploys.js';

/** All deploys of these tasks, oldest first. */
export class DeploysOfTasks extends Query<readonly DeployRow[]> {
  constructor(readonly taskIds: readonly number[]) {
    super();
  }
}

@QueryHandler(DeploysOfTasks)
export class DeploysOfTasksHandler implements IQueryHandler<DeploysOfTasks> {
  constructor(private readonly models: ReadModels) {}

  execute({ taskIds }: DeploysOfTasks): Promise<readonly DeployRow[]> {
    const sql = 'SELECT * FROM deploys WHERE task_id IN (SELECT value FROM json_each(?)) ORDER BY id';
    return this.models.all(sql, [JSON.stringify(taskIds)]);
  }
}

export const DEPLOY_QUERY_HANDLERS = [DeploysOfTasksHandler];
