import type { ReadModels } from '../engine/read-models.js';
import { NOT_TERMINAL } from '../task/tasks.js';

export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** Who waits for whom outside of this repository; a task that has ended neither waits nor is waited for. */
export function edgesElsewhere(models: ReadModels, repo: string): Promise<readonly Edge[]> {
  const sql = `SELECT t.work_item_id AS "from", d.depends_on AS "to" FROM dependencies d JOIN tasks t ON t.id = d.task_id
    WHERE t.repo <> ? AND t.${NOT_TERMINAL} AND NOT EXISTS
      (SELECT 1 FROM tasks other WHERE other.work_item_id = d.depends_on AND NOT other.${NOT_TERMINAL})`;
  return models.all(sql, [repo]);
}
