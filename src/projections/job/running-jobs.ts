import type { ReadModels } from '../engine/read-models.js';

/** A job that occupies a slot, and the event that claimed it. */
export interface RunningJob {
  readonly id: number;
  readonly agent: string;
  readonly work_item_id: string | null;
  readonly started_at: string;
  readonly position: number | null;
}

export function readRunningJobs(models: ReadModels): Promise<readonly RunningJob[]> {
  return models.all(`SELECT j.id, j.agent, j.work_item_id, j.started_at, c.position FROM jobs j
    LEFT JOIN task_causes c ON c.id = j.task_id || ':run' WHERE j.status = 'running' AND j.publishing_since IS NULL ORDER BY j.id`);
}
