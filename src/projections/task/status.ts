import type { EventLog } from '../../event-log/event-log.js';
import type { Position } from '../../kernel/event.js';
import type { ReadModels } from '../engine/read-models.js';
import type { JobRow } from '../job/jobs.js';
import { underWayAsOf } from '../moments/under-way.js';
import { NOT_TERMINAL } from './tasks.js';
import type { TaskRow } from './tasks.js';

/** A task in no terminal stage, with the keys of `GET /status`. */
export type TaskStatus = Pick<
  TaskRow,
  'id' | 'work_item_id' | 'repo' | 'stage' | 'title' | 'branch' | 'paused_at' | 'stage_entered_at'
> & { readonly active_job: Pick<JobRow, 'id' | 'agent' | 'status'> | null };

export interface Status {
  readonly tasks: readonly TaskStatus[];
}

export async function statusAt(log: EventLog, position: Position): Promise<Status> {
  return underWayAsOf(log, { position }, readStatus);
}

export async function readStatus(models: ReadModels): Promise<Status> {
  const tasks = await models.all<TaskRow>(`SELECT * FROM tasks WHERE ${NOT_TERMINAL} ORDER BY id`);
  const jobs = await models.all<JobRow>("SELECT * FROM jobs WHERE status IN ('queued', 'running') ORDER BY id");
  const active = new Map(jobs.map((job) => [job.task_id, job]).reverse() as [number | null, JobRow][]);
  return { tasks: tasks.map((task) => statusOf(task, active.get(task.id))) };
}

function statusOf(task: TaskRow, job: JobRow | undefined): TaskStatus {
  return {
    id: task.id,
    work_item_id: task.work_item_id,
    repo: task.repo,
    stage: task.stage,
    title: task.title,
    branch: task.branch,
    paused_at: task.paused_at,
    active_job: job ? { id: job.id, agent: job.agent, status: job.status } : null,
    stage_entered_at: task.stage_entered_at,
  };
}
