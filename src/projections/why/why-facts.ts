import type { BreakerRow } from '../breaker/breaker.js';
import type { BudgetRow } from '../budget/budgets.js';
import { toIso } from '../../kernel/time.js';
import type { DependencyRow } from '../admission/dependencies.js';
import type { FreezeRow } from '../admission/freezes.js';
import type { ReadModels } from '../engine/read-models.js';
import type { JobRow } from '../job/jobs.js';
import { readRunningJobs, type RunningJob } from '../job/running-jobs.js';
import type { MergeLeaseRow } from '../merge-lease/merge-leases.js';
import { NOT_TERMINAL } from '../task/tasks.js';
import type { TaskRow } from '../task/tasks.js';
import type { CauseKind, TaskCauseRow } from './task-causes.js';

/** Everything that the answer depends on, as rows of one moment. */
export interface WhyFacts {
  readonly nowMs: number;
  readonly task: TaskRow;
  readonly causes: ReadonlyMap<CauseKind, TaskCauseRow>;
  /** Queued or running. */
  readonly job: JobRow | null;
  /** Every job that occupies a slot. */
  readonly running: readonly RunningJob[];
  readonly freezes: readonly FreezeRow[];
  readonly breaker: BreakerRow | null;
  /** That are held, in all repositories. */
  readonly leases: readonly MergeLeaseRow[];
  /** Of today, and of the work item. */
  readonly budgets: readonly BudgetRow[];
  readonly dependencies: readonly DependencyRow[];
  /** Numbers of unfinished tasks by work item; a number is the position of the request that opened the task. */
  readonly taskIds: ReadonlyMap<string, number>;
}

/** The rows that explain these tasks, read once for all of them. */
export async function readWhyFacts(
  models: ReadModels,
  tasks: readonly TaskRow[],
  nowMs: number,
): Promise<readonly WhyFacts[]> {
  const ids = JSON.stringify(tasks.map(({ id }) => id));
  const ofTasks = 'task_id IN (SELECT value FROM json_each(?)) ORDER BY';
  const causes = await models.all<TaskCauseRow>(`SELECT * FROM task_causes WHERE ${ofTasks} position`, [ids]);
  const unfinished = `status IN ('queued', 'running') AND ${ofTasks} id`;
  const jobs = await models.all<JobRow>(`SELECT * FROM jobs WHERE ${unfinished}`, [ids]);
  const dependencies = await models.all<DependencyRow>(`SELECT * FROM dependencies WHERE ${ofTasks} position`, [ids]);
  const shared = await sharedFacts(models, nowMs);
  const purses = [toIso(nowMs).slice(0, 10), ...tasks.map((task) => task.work_item_id)];
  const inPurses = 'SELECT * FROM budgets WHERE purse IN (SELECT value FROM json_each(?))';
  const budgets = await models.all<BudgetRow>(inPurses, [JSON.stringify(purses)]);
  return tasks.map((task) => ({
    ...shared,
    task,
    dependencies,
    budgets: budgets.filter((row) => row.scope === 'day' || row.purse === task.work_item_id),
    causes: new Map(causes.filter((row) => row.task_id === task.id).map((row) => [row.kind, row])),
    job: jobs.find((row) => row.task_id === task.id) ?? null,
  }));
}

async function sharedFacts(models: ReadModels, nowMs: number) {
  const others = await models.all<Pick<TaskRow, 'id' | 'work_item_id'>>(
    `SELECT id, work_item_id FROM tasks WHERE ${NOT_TERMINAL}`,
  );
  return {
    nowMs,
    breaker: await models.first<BreakerRow>('SELECT * FROM breaker'),
    leases: await models.all<MergeLeaseRow>('SELECT * FROM merge_leases'),
    running: await readRunningJobs(models),
    freezes: await models.all<FreezeRow>('SELECT * FROM repo_freeze WHERE cleared_at IS NULL ORDER BY position'),
    taskIds: new Map(others.map((row) => [row.work_item_id, row.id])),
  };
}
