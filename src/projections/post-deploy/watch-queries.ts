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

/** The newest watch over this repository's production; null before the first deploy. */
export class NewestWatch extends Query<WatchRow | null> {
  constructor(readonly repo: string) {
    super();
  }
}

@QueryHandler(NewestWatch)
export class NewestWatchHandler implements IQueryHandler<NewestWatch> {
  constructor(private readonly models: ReadModels) {}

  execute({ repo }: NewestWatch): Promise<WatchRow | null> {
    return this.models.first('SELECT * FROM post_deploy_watches WHERE repo = ? ORDER BY id DESC LIMIT 1', [repo]);
  }
}

export const WATCH_QUERY_HANDLERS = [WatchesOfTasksHandler, NewestWatchHandler];
