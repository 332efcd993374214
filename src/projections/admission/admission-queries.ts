import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { canonicalWorkItem } from '../../kernel/pipeline/work-item.js';
import { ReadModels } from '../engine/read-models.js';
import { edgesElsewhere, type Edge } from './edges.js';
import type { FreezeRow } from './freezes.js';

/** The causes for which this repository is frozen now, the newest first. */
export class FreezesOf extends Query<readonly FreezeRow[]> {
  constructor(readonly repo: string) {
    super();
  }
}

@QueryHandler(FreezesOf)
export class FreezesOfHandler implements IQueryHandler<FreezesOf> {
  constructor(private readonly models: ReadModels) {}

  execute({ repo }: FreezesOf): Promise<readonly FreezeRow[]> {
    const sql = 'SELECT * FROM repo_freeze WHERE repo = ? AND cleared_at IS NULL ORDER BY position DESC';
    return this.models.all(sql, [repo]);
  }
}

/** Who waits for whom in the other repositories; a task that has ended neither waits nor is waited for. */
export class EdgesElsewhere extends Query<readonly Edge[]> {
  constructor(readonly repo: string) {
    super();
  }
}

@QueryHandler(EdgesElsewhere)
export class EdgesElsewhereHandler implements IQueryHandler<EdgesElsewhere> {
  constructor(private readonly models: ReadModels) {}

  execute({ repo }: EdgesElsewhere): Promise<readonly Edge[]> {
    return edgesElsewhere(this.models, repo);
  }
}

/** What is known of a work item that somebody is to wait for; null when nothing is. */
export interface Prerequisite {
  readonly workItem: string;
  /** Its task is done or cancelled; without a task, its last observed status says so. */
  readonly ended: boolean;
}

export class FindPrerequisite extends Query<Prerequisite | null> {
  constructor(readonly workItem: string) {
    super();
  }
}

@QueryHandler(FindPrerequisite)
export class FindPrerequisiteHandler implements IQueryHandler<FindPrerequisite> {
  constructor(private readonly models: ReadModels) {}

  execute({ workItem }: FindPrerequisite): Promise<Prerequisite | null> {
    return prerequisite(this.models, canonicalWorkItem(workItem));
  }
}

export async function prerequisite(models: ReadModels, workItem: string): Promise<Prerequisite | null> {
  const sql = `SELECT stage IN ('done', 'cancelled') AS ended FROM tasks WHERE work_item_id = ? ORDER BY id DESC LIMIT 1`;
  const task = await models.first<{ ended: number }>(sql, [workItem]);
  if (task) return { workItem, ended: task.ended === 1 };
  const item = await models.first<{ status_key: string | null }>(
    'SELECT status_key FROM items WHERE work_item_id = ? LIMIT 1',
    [workItem],
  );
  return item && { workItem, ended: item.status_key === 'done' || item.status_key === 'cancelled' };
}

export const ADMISSION_QUERY_HANDLERS = [FreezesOfHandler, EdgesElsewhereHandler, FindPrerequisiteHandler];
