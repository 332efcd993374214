import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ReadModels } from '../engine/read-models.js';
import type { WatchRow } from './watches.js';

/** All watches over what these tasks brought to production, oldest first. */
export class WatchesOfTasks extends Query<readonly WatchRow[]> {
  constructor(readonly taskIds: readonly number[]) {
    super();
  }
}

@QueryHandler(WatchesOfTasks)
export class WatchesOfTasksHandler implements IQueryHandler<WatchesOfTasks> {
  constructor(private readonly models: ReadModels) {}

  execute({ taskIds }: WatchesOfTasks): Promise<readonly WatchRow[]> {
    const sql = 'SELECT * FROM post_deploy_watches WHERE task_id IN (SELECT value FROM json_each(?)) ORDER BY id';
    return this.models.all(sql, [JSON.stringify(taskIds)]);
  }
}

/** The newest watch of every repository. */
export class NewestWatches extends Query<readonly WatchRow[]> {}

@QueryHandler(NewestWatches)
export class NewestWatchesHandler implements IQueryHandler<NewestWatches> {
  constructor(private readonly models: ReadModels) {}

  execute(): Promise<readonly WatchRow[]> {
    const newest = 'SELECT max(id) FROM post_deploy_watches GROUP BY repo';
    return this.models.all(`SELECT * FROM post_deploy_watches WHERE id IN (${newest}) ORDER BY repo`);
  }
}

export const WATCH_QUERY_HANDLERS = [WatchesOfTasksHandler, NewestWatchesHandler];
